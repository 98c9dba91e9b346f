"""Mistakes at the keypad, and with what is told of it."""

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/cancelled-pin-is-sent",
    breaks="TERMINAL-PIN-CANCELLED",
    because=Text("取消时把缓冲区中的旧内容当作密码", "what an earlier entry left in the buffer is taken for the PIN"),
)
class CancelledPinIsSent(TerminalBehaviour):
    """A cancelled entry stands for digits."""

    def pin_in_place_of_none(self, reason: str) -> str | None:
        return "0000" if reason == "cancelled" else None


@mutant(
    "terminal/late-pin-is-sent",
    breaks="TERMINAL-PIN-CANCELLED",
    because=Text("超时后以全零密码继续", "when time is over zeros are taken for the PIN"),
)
class LatePinIsSent(TerminalBehaviour):
    """An entry whose time is over stands for digits."""

    def pin_in_place_of_none(self, reason: str) -> str | None:
        return "0000" if reason == "timeout" else None


@mutant(
    "terminal/timeout-told-as-cancelled",
    breaks="TERMINAL-PIN-CANCELLED",
    because=Text("超时与取消未区分", "a timeout is not told apart from a cancelled entry"),
)
class TimeoutToldAsCancelled(TerminalBehaviour):
    """-31 for both."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -31 if outcome == "PIN-TIMEOUT" else right


@mutant(
    "terminal/pin-length-unchecked",
    breaks="TERMINAL-PIN-LENGTH",
    because=Text("未检查密码位数", "the number of digits is not looked at"),
)
class PinLengthUnchecked(TerminalBehaviour):
    """PINs of any length go to the card."""

    def pin_length_fits(self, digits: str, right: bool) -> bool:
        return True


@mutant(
    "terminal/six-digits-only",
    breaks="TERMINAL-PIN-LENGTH",
    because=Text("只接受 6 位密码", "PINs of six digits alone are taken"),
)
class SixDigitsOnly(TerminalBehaviour):
    """Other lengths are refused."""

    def pin_length_fits(self, digits: str, right: bool) -> bool:
        return len(digits) == 6


@mutant(
    "terminal/pin-with-other-keys",
    breaks="TERMINAL-PIN-DIGITS",
    because=Text("* 与 # 取低四位编码", "the low nibble of * and # is sent"),
)
class PinWithOtherKeys(TerminalBehaviour):
    """Any key is a digit."""

    def pin_is_digits(self, digits: str, right: bool) -> bool:
        return True

    def pin_octets(self, digits: str, right: bytes) -> bytes:
        if digits.isdecimal():
            return right
        nibbles = [ord(key) & 0x0F for key in digits] + [0x0F] * (len(digits) % 2)
        return bytes(high << 4 | low for high, low in zip(nibbles[::2], nibbles[1::2], strict=True))


@mutant(
    "terminal/pin-told",
    breaks="TERMINAL-PIN-SECRET",
    because=Text("调试信息写入 pOutInfo", "a line for debugging is left in pOutInfo"),
)
class PinTold(TerminalBehaviour):
    """The caller learns the PIN."""

    def pin_result(self, pin: str) -> str:
        return f"PIN={pin}"


@mutant(
    "terminal/entries-not-compared",
    breaks="TERMINAL-PIN-TWICE",
    because=Text("未比较两次输入", "the two entries are not compared"),
)
class EntriesNotCompared(TerminalBehaviour):
    """The first entry counts."""

    def entries_agree(self, first: str, second: str) -> bool:
        return True


@mutant(
    "terminal/entries-compared-in-part",
    breaks="TERMINAL-PIN-TWICE",
    because=Text("按第一次输入的长度比较", "as many digits are compared as the first entry has"),
)
class EntriesComparedInPart(TerminalBehaviour):
    """More digits the second time pass."""

    def entries_agree(self, first: str, second: str) -> bool:
        return second.startswith(first)


@mutant(
    "terminal/reload-asks-once",
    breaks="TERMINAL-RELOAD-TWICE",
    because=Text("重置密码只输入一次", "a reload asks for the new PIN once"),
)
class ReloadAsksOnce(TerminalBehaviour):
    """Nobody knows a PIN that was mistyped."""

    def asks_again(self, function: str) -> bool:
        return function != "RELOAD-PIN"


@mutant(
    "terminal/initial-pin-set",
    breaks="TERMINAL-PIN-TO-INITIAL",
    because=Text("新密码未与初始密码比较", "the new PIN is not compared with the initial one"),
)
class InitialPinSet(TerminalBehaviour):
    """A card may be changed to the initial PIN."""

    def may_become(self, new: str, initial: str) -> bool:
        return True


@mutant(
    "terminal/initial-pin-refused",
    breaks="TERMINAL-PIN-FROM-INITIAL",
    because=Text("初始密码一概不能使用", "the initial PIN serves for nothing"),
)
class InitialPinRefused(TerminalBehaviour):
    """A card with the initial PIN keeps it."""

    def refuses_initial(self, pin: str, initial: str) -> bool:
        return pin == initial
