"""Mistakes with the PIN: how it is verified and changed."""

from collections.abc import Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text

EIGHT = 8


@mutant(
    "terminal/pin-filled-to-eight-bytes",
    breaks="TERMINAL-VERIFY-PIN",
    because=Text("密码以 FF 补到 8 字节", "the PIN is filled with FF to eight bytes, as other cards want it"),
)
class PinFilled(TerminalBehaviour):
    """Every PIN has eight bytes."""

    def pin_octets(self, digits: str, right: bytes) -> bytes:
        return right.ljust(EIGHT, b"\xff")


@mutant(
    "terminal/odd-pin-filled-with-zero",
    breaks="TERMINAL-VERIFY-PIN",
    because=Text("奇数位密码以 0 补足", "a PIN with an odd count is filled with 0"),
)
class OddPinFilledWithZero(TerminalBehaviour):
    """13579 goes as 135790."""

    def pin_octets(self, digits: str, right: bytes) -> bytes:
        return right if right[-1] & 0x0F != 0x0F else right[:-1] + bytes((right[-1] & 0xF0,))


@mutant(
    "terminal/pin-as-text",
    breaks="TERMINAL-VERIFY-PIN",
    because=Text("密码以 ASCII 发送", "the PIN is sent as ASCII"),
)
class PinAsText(TerminalBehaviour):
    """One byte a digit."""

    def pin_octets(self, digits: str, right: bytes) -> bytes:
        return digits.encode("ascii")


@mutant(
    "terminal/pin-answer-ignored",
    breaks="TERMINAL-PIN-WRONG",
    because=Text("未检查 VERIFY 的状态字", "the status word of VERIFY is not looked at"),
)
class PinAnswerIgnored(TerminalBehaviour):
    """Any PIN is right."""

    def looks_at_pin_answer(self, sw: int) -> bool:
        return False


@mutant(
    "terminal/tries-left-ignored",
    breaks="TERMINAL-PIN-WRONG",
    because=Text("只判断 6983，63Cx 视为成功", "6983 alone is taken for a refusal"),
)
class TriesLeftIgnored(TerminalBehaviour):
    """63Cx is no refusal."""

    def looks_at_pin_answer(self, sw: int) -> bool:
        return sw & 0xFFF0 != 0x63C0


@mutant(
    "terminal/tries-not-told",
    breaks="TERMINAL-PIN-WRONG",
    because=Text("错误信息中没有剩余次数", "the error text does not tell the tries left"),
)
class TriesNotTold(TerminalBehaviour):
    """A wrong PIN is told without the tries left."""

    def tries_text(self, left: int, right: str) -> str:
        return ""


@mutant(
    "terminal/tries-after-the-next",
    breaks="TERMINAL-PIN-WRONG",
    because=Text("剩余次数多减了一次", "one is taken off the tries that the card tells"),
)
class TriesAfterTheNext(TerminalBehaviour):
    """The tries left are one fewer, or fifteen of none."""

    def tries_text(self, left: int, right: str) -> str:
        return f"，剩余 {(left - 1) & 0x0F} 次"


@mutant(
    "terminal/pin-tried-again",
    breaks="TERMINAL-PIN-ONCE",
    because=Text("通信层对失败的命令重发", "the layer below repeats a command that failed"),
)
class PinTriedAgain(TerminalBehaviour):
    """A refused PIN is sent once more."""

    def further_tries(self, pin: bytes) -> Sequence[bytes]:
        return (pin,)


@mutant(
    "terminal/pin-tried-in-another-coding",
    breaks="TERMINAL-PIN-ONCE",
    because=Text("失败后换一种补足方式再试", "after a refusal another filling is tried"),
)
class PinTriedInAnotherCoding(TerminalBehaviour):
    """A refused PIN is tried filled to eight bytes."""

    def further_tries(self, pin: bytes) -> Sequence[bytes]:
        return (pin.ljust(EIGHT, b"\xff"),)


@mutant(
    "terminal/locked-told-as-wrong",
    breaks="TERMINAL-PIN-LOCKED",
    because=Text("6983 与 63Cx 归为同一错误", "6983 and 63Cx are one error"),
)
class LockedToldAsWrong(TerminalBehaviour):
    """A locked PIN is told as a wrong one."""

    def pin_refusal(self, sw: int, right: str) -> str | None:
        return "PIN-WRONG"


@mutant(
    "terminal/no-pin-is-verified",
    breaks="TERMINAL-PIN-NONE",
    because=Text("以 Lc 00 查询得 9000 即视为已校验", "the 9000 of a query is taken for a verified PIN"),
)
class NoPinIsVerified(TerminalBehaviour):
    """A card without a PIN is verified by anything."""

    def verifies_with_query(self) -> bool:
        return True


@mutant(
    "terminal/pin-before-authentication",
    breaks="TERMINAL-PIN-AUTH",
    because=Text("校验密码前不认证卡片", "the card is not authenticated before the PIN is verified"),
)
class PinBeforeAuthentication(TerminalBehaviour):
    """Whatever card lies there gets the PIN."""

    def authenticates_before_pin(self) -> bool:
        return False


@mutant(
    "terminal/change-not-sent",
    breaks="TERMINAL-CHANGE-PIN",
    because=Text("返回成功而未发送修改命令", "success is returned and nothing was sent"),
)
class ChangeNotSent(TerminalBehaviour):
    """The card keeps its PIN."""

    def sends_change(self) -> bool:
        return False


@mutant(
    "terminal/change-in-the-other-order",
    breaks="TERMINAL-CHANGE-PIN",
    because=Text("新旧密码次序颠倒", "the new PIN stands before the old one"),
)
class ChangeInTheOtherOrder(TerminalBehaviour):
    """New PIN, FF, old PIN."""

    def change_data(self, old: bytes, new: bytes, right: bytes) -> bytes:
        return right[len(old) + 1 :] + right[len(old) : len(old) + 1] + old


@mutant(
    "terminal/change-without-separator",
    breaks="TERMINAL-CHANGE-PIN",
    because=Text("旧密码与新密码之间没有 FF", "no FF stands between the PINs"),
)
class ChangeWithoutSeparator(TerminalBehaviour):
    """Old and new PIN follow one another."""

    def change_data(self, old: bytes, new: bytes, right: bytes) -> bytes:
        return old + new


@mutant(
    "terminal/some-refusals-of-pin-alone",
    breaks="TERMINAL-PIN-REFUSED",
    because=Text("只识别 63Cx 与 6983，其余状态字当作成功", "63Cx and 6983 alone count as refusals"),
)
class SomeRefusalsAlone(TerminalBehaviour):
    """A PIN that the card refused for another reason is told as right."""

    def looks_at_pin_answer(self, sw: int) -> bool:
        return sw & 0xFFF0 == 0x63C0 or sw == 0x6983
