"""Mistakes with the three steps by encryptor that reload or unblock a PIN."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text

PROOF = 32


@mutant(
    "terminal/unblock-factors-exchanged",
    breaks="TERMINAL-PIN-STEPS-REQUEST",
    because=Text("过程因子与原始信息次序颠倒", "process factor and original data are exchanged"),
)
class UnblockFactorsExchanged(TerminalBehaviour):
    """The card's last challenge stands where the original data belong."""

    def pin_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "factor": right["original"], "original": right["factor"]}


@mutant(
    "terminal/reload-header-of-eight-bytes",
    breaks="TERMINAL-PIN-STEPS-MESSAGE",
    because=Text("命令头固定为 842400010C", "the header is 842400010C whatever the algorithm"),
)
class ReloadHeaderOfEightBytes(TerminalBehaviour):
    """Lc does not follow the algorithm."""

    def pin_message_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "header": right["header"].replace("8424000114", "842400010C")}


@mutant(
    "terminal/reload-pin-not-given",
    breaks="TERMINAL-PIN-STEPS-MESSAGE",
    because=Text("第二步结果中没有新密码", "the new PIN is missing in the result of step 2"),
)
class ReloadPinNotGiven(TerminalBehaviour):
    """The encryptor has nothing to encipher."""

    def pin_message_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "pin": ""}


@mutant(
    "terminal/whole-command-only",
    breaks="TERMINAL-PIN-STEPS-RELOAD",
    because=Text("只接受完整命令", "the whole command alone is taken"),
)
class WholeCommandOnly(TerminalBehaviour):
    """Data without header are refused."""

    def pin_message(self, text: str, header: bytes, right: bytes | None) -> bytes | None:
        return right if text.upper().startswith(header.hex().upper()) else None


@mutant(
    "terminal/header-always-added",
    breaks="TERMINAL-PIN-STEPS-UNBLOCK",
    because=Text("总是在 pKey 前加命令头", "the header is put before every pKey"),
)
class HeaderAlwaysAdded(TerminalBehaviour):
    """The command goes with two headers."""

    def pin_message(self, text: str, header: bytes, right: bytes | None) -> bytes | None:
        return right if right is None or len(text) < 2 * len(right) else header + right


@mutant(
    "terminal/step-answers-ignored",
    breaks="TERMINAL-PIN-STEPS-REFUSED",
    because=Text("未检查卡片的应答", "the card's answers are not looked at"),
)
class StepAnswersIgnored(TerminalBehaviour):
    """Refused steps succeed."""

    def looks_at_step_answer(self, sw: int) -> bool:
        return False


@mutant(
    "terminal/proof-filled-with-zeros",
    breaks="TERMINAL-PIN-STEPS-INPUT",
    because=Text("不完整的 pKey 补零后发送", "an incomplete pKey is filled with zeros"),
)
class ProofFilledWithZeros(TerminalBehaviour):
    """Whatever is short goes to the card."""

    def unblock_proof(self, text: str, right: str | None) -> str | None:
        digits = "".join(one for one in text if one in "0123456789ABCDEF")
        return right or digits.ljust(PROOF, "0")[:PROOF]


@mutant(
    "terminal/steps-in-any-order",
    breaks="TERMINAL-PIN-STEPS-ORDER",
    because=Text("不检查上一步是哪个函数", "which step came before is not looked at"),
)
class StepsInAnyOrder(TerminalBehaviour):
    """Any step that kept the card will do."""

    def step_may_follow(self, waiting: str | None, right: bool) -> bool:
        return waiting is not None


@mutant(
    "terminal/steps-of-another-card",
    breaks="TERMINAL-PIN-STEPS-CARD-INFO",
    because=Text("第一步不比较 pCardInfo", "step 1 does not compare pCardInfo"),
)
class StepsOfAnotherCard(TerminalBehaviour):
    """Whatever card lies there is served."""

    def belongs_to_card(self, function: str, right: bool) -> bool:
        return True
