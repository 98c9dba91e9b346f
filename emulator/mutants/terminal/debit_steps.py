"""Mistakes with purchases in two steps by encryptor."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/debit-random-and-serial-exchanged",
    breaks="TERMINAL-DEBIT-STEPS-REQUEST",
    because=Text("随机数与交易序号颠倒", "random value and counter are exchanged"),
)
class DebitRandomAndSerialExchanged(TerminalBehaviour):
    """The encryptor cannot make the session key."""

    def debit_request(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "random": right["purchase-serial"], "purchase-serial": right["random"]}


@mutant(
    "terminal/debit-amounts-decimal",
    breaks="TERMINAL-DEBIT-STEPS-REQUEST",
    because=Text("第一步的金额以十进制给出", "the amounts of step 1 are decimal"),
)
class DebitAmountsDecimal(TerminalBehaviour):
    """678 stands for 2A6."""

    def debit_request(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "amounts": "".join(f"{int(right[name], 16):08d}" for name in ("self-paid", "pooled"))}


@mutant(
    "terminal/terminal-serial-not-taken",
    breaks="TERMINAL-DEBIT-STEPS",
    because=Text("未使用 pKey 的终端交易序号", "the terminal serial of pKey is not used"),
)
class TerminalSerialNotTaken(TerminalBehaviour):
    """The terminal counts by itself."""

    def purchase_sent(self, right: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {**right, "terminal-serial": bytes(4)}


@mutant(
    "terminal/mac2-and-tac-not-compared",
    breaks="TERMINAL-DEBIT-STEPS-MAC2",
    because=Text("未比较 MAC2 与 TAC", "MAC2 and TAC are not compared"),
)
class Mac2AndTacNotCompared(TerminalBehaviour):
    """A card that has not paid counts as paid."""

    def purchase_proved(self, mac2: bool, tac: bool) -> bool:
        return True


@mutant(
    "terminal/tac-not-compared",
    breaks="TERMINAL-DEBIT-STEPS-MAC2",
    because=Text("未比较 TAC", "the TAC is not compared"),
)
class TacNotCompared(TerminalBehaviour):
    """MAC2 alone is."""

    def purchase_proved(self, mac2: bool, tac: bool) -> bool:
        return mac2


@mutant(
    "terminal/debit-key-filled",
    breaks="TERMINAL-DEBIT-STEPS-INPUT",
    because=Text("不完整的 pKey 以零补足", "an incomplete pKey is filled with zeros"),
)
class DebitKeyFilled(TerminalBehaviour):
    """What is missing is not noticed."""

    def debit_key(self, text: str, right: Mapping[str, str] | None) -> Mapping[str, str] | None:
        names = ("terminal-serial", "time", "mac1", "mac2", "tac")
        fields = [*text.split("|"), *names][: len(names)]
        widths = (8, 14, 8, 8, 8)
        digits = ("".join(one for one in field if one in "0123456789ABCDEF") for field in fields)
        filled = (field.ljust(width, "0")[:width] for field, width in zip(digits, widths, strict=True))
        return right or dict(zip(names, filled, strict=True))


@mutant(
    "terminal/debit-session-stays",
    breaks="TERMINAL-DEBIT-STEPS-ORDER",
    because=Text("第二步结束后会话未清除", "step 2 does not end what step 1 began"),
)
class DebitSessionStays(TerminalBehaviour):
    """The same pKey is sent again."""

    def debit_session_ends(self) -> bool:
        return False
