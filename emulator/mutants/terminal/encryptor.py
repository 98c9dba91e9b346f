"""Mistakes in the two steps with the encryptor."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text

PART = 32


@mutant(
    "terminal/request-factors-exchanged",
    breaks="TERMINAL-HSM-REQUEST",
    because=Text("把过程因子与原始信息的次序弄反", "process factor and original data are exchanged"),
)
class RequestFactorsExchanged(TerminalBehaviour):
    """Original data stand where the process factor belongs."""

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        exchanged = {f"{which}-factor": right[f"{which}-original"] for which in ("internal", "external")}
        exchanged |= {f"{which}-original": right[f"{which}-factor"] for which in ("internal", "external")}
        return {**right, **exchanged}


@mutant(
    "terminal/request-algorithm-one-digit",
    breaks="TERMINAL-HSM-REQUEST",
    because=Text("算法标识按 %d 输出", "the algorithm identifier is written by %d"),
)
class RequestAlgorithmOneDigit(TerminalBehaviour):
    """The algorithm is 3, not 03."""

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "algorithm": right["algorithm"].lstrip("0")}


@mutant(
    "terminal/encryptor-answer-refused",
    breaks="TERMINAL-HSM-READ",
    because=Text("要求二代卡的 pKey 也带外部部分", "an external part is demanded of every pKey"),
)
class EncryptorAnswerRefused(TerminalBehaviour):
    """pKey must have two parts whatever the card."""

    def key_input(self, text: str, right: tuple[str, str] | None) -> tuple[str, str] | None:
        return right if right is not None and right[1] else None


@mutant(
    "terminal/encryptor-card-not-compared",
    breaks="TERMINAL-HSM-INTERNAL",
    because=Text("认为加密机已验证卡片，未作比较", "the encryptor is thought to have checked the card already"),
)
class EncryptorCardNotCompared(TerminalBehaviour):
    """With the encryptor every card counts as genuine."""

    def card_is_genuine_by_encryptor(self, expected: bytes, given: bytes) -> bool:
        return True


@mutant(
    "terminal/encryptor-compares-four-bytes",
    breaks="TERMINAL-HSM-INTERNAL",
    because=Text("比较十六进制串时误用字节长度", "the length in bytes is used on the hexadecimal string"),
)
class EncryptorComparesFourBytes(TerminalBehaviour):
    """Half of the authentication data are compared."""

    def card_is_genuine_by_encryptor(self, expected: bytes, given: bytes) -> bool:
        return expected[:4] == given[:4]


@mutant(
    "terminal/external-answer-ignored",
    breaks="TERMINAL-HSM-EXTERNAL",
    because=Text("未检查外部鉴别的应答", "the answer to the external authentication is not looked at"),
)
class ExternalAnswerIgnored(TerminalBehaviour):
    """A failed external authentication shows by the next command only."""

    def looks_at_external_answer(self) -> bool:
        return False


@mutant(
    "terminal/key-input-padded",
    breaks="TERMINAL-HSM-INPUT",
    because=Text("不检查长度，在固定缓冲区中补零", "lengths are not looked at: a fixed buffer is filled with zeros"),
)
class KeyInputPadded(TerminalBehaviour):
    """What is missing in pKey is zero."""

    def key_input(self, text: str, right: tuple[str, str] | None) -> tuple[str, str] | None:
        if right is not None:
            return right
        parts = [*text.split("|"), "", ""]
        digits = ("".join(c if c in "0123456789ABCDEF" else "0" for c in part[:PART]) for part in parts[:2])
        internal, external = (part.ljust(PART, "0") for part in digits)
        return internal, external


@mutant(
    "terminal/session-survives",
    breaks="TERMINAL-HSM-ORDER",
    because=Text("第二步结束后未清除会话", "the session is not cleared after step 2"),
)
class SessionSurvives(TerminalBehaviour):
    """One step 1 serves any number of step 2."""

    def session_ends(self) -> bool:
        return False


@mutant(
    "terminal/stuck-after-failure",
    breaks="TERMINAL-FALLBACK",
    because=Text("PSAM 方式失败后未释放读卡器", "the reader is not released after the PSAM's way failed"),
)
class StuckAfterFailure(TerminalBehaviour):
    """After a failure by PSAM the encryptor's way does not begin."""

    def serves_after_failure(self) -> bool:
        return False
