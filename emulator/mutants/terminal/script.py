"""Mistakes with single steps of a reading: refusals, 61xx and 6Cxx, answers that are cut or altered."""

from collections.abc import Mapping, Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/wrong-le-is-an-error",
    breaks="TERMINAL-T0",
    because=Text("6Cxx 被当作错误", "6Cxx is taken for an error"),
)
class WrongLeIsAnError(TerminalBehaviour):
    """The command is not sent again."""

    def repeats_with_le(self) -> bool:
        return False


@mutant(
    "terminal/first-piece-only",
    breaks="TERMINAL-T0",
    because=Text("只取第一段应答数据", "of data in pieces the first alone is taken"),
)
class FirstPieceOnly(TerminalBehaviour):
    """What waits behind data is not fetched."""

    def fetches(self, had: int) -> bool:
        return had == 0


@mutant(
    "terminal/any-answer-to-reset",
    breaks="TERMINAL-ATR",
    because=Text("未检查复位应答", "the answer to reset is not looked at"),
)
class AnyAnswerToReset(TerminalBehaviour):
    """Whatever lies in the slot is sent commands."""

    def takes_atr(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/unreadable-fci-trusted",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text(
        "FCI 不能解析时当作旧卡，不作认证",
        "a card whose FCI cannot be read counts as an old one",
    ),
)
class UnreadableFciTrusted(TerminalBehaviour):
    """Of a card whose FCI has no algorithm and no end nothing is asked but its data."""

    unreadable = False

    def identifier(self, fci: bytes, right: int | None) -> int | None:
        self.unreadable = len(fci) < 2 or fci[1] != len(fci) - 2
        return right

    def validity_order(self, right: Sequence[str]) -> Sequence[str]:
        return () if self.unreadable else right


@mutant(
    "terminal/refused-selection-not-noticed",
    breaks="TERMINAL-STEP-REFUSED",
    because=Text("未检查选择文件的应答", "the answer to the selection of a file is not looked at"),
)
class RefusedSelectionNotNoticed(TerminalBehaviour):
    """Records of another file are read."""

    def refusal_ends(self, slot: str, ins: int, sw: int) -> bool:
        return slot == "psam" or ins != 0xA4


@mutant(
    "terminal/refused-challenge-not-noticed",
    breaks="TERMINAL-STEP-REFUSED",
    because=Text("未检查取随机数的应答", "the answer to GET CHALLENGE is not looked at"),
)
class RefusedChallengeNotNoticed(TerminalBehaviour):
    """The key is proved over nothing."""

    def refusal_ends(self, slot: str, ins: int, sw: int) -> bool:
        return slot == "psam" or ins != 0x84


@mutant(
    "terminal/refused-cipher-not-noticed",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text("未检查 PSAM 卡运算的应答", "the PSAM's refusal to compute is not looked at"),
)
class RefusedCipherNotNoticed(TerminalBehaviour):
    """The terminal goes on with no data, and breaks."""

    def refusal_ends(self, slot: str, ins: int, sw: int) -> bool:
        return slot != "psam" or ins != 0xFA

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return not expected or expected == given


@mutant(
    "terminal/pulled-card-is-told-as-far",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text("拔卡后给出已读的数据", "after the card was pulled what had been read is told"),
)
class PulledCardIsToldAsFar(TerminalBehaviour):
    """The string has empty fields."""

    def result_after_removal(self, known: Mapping[int, bytes]) -> bool:
        return bool(known)


@mutant(
    "terminal/cut-records-taken",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text("被截断的记录被采用", "records that are cut are taken"),
)
class CutRecordsTaken(TerminalBehaviour):
    """A length that does not agree is not noticed."""

    def record_value(self, tag: int, record: bytes, whole: bool) -> bytes | None:
        return record[2:]


@mutant(
    "terminal/items-of-the-first-card",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text("换卡后仍给出前一张卡的数据", "after an exchange data of the first card are told"),
)
class ItemsOfTheFirstCard(TerminalBehaviour):
    """What was read once is kept."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, ...], str] = {}

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        return self._kept.setdefault(tags, right)


@mutant(
    "terminal/half-of-the-proof-compared",
    breaks="TERMINAL-STEP-BROKEN",
    because=Text("内部鉴别数据只比较后半", "of the authentication data the second half alone is compared"),
)
class HalfOfTheProofCompared(TerminalBehaviour):
    """A wrong bit in the first half is not noticed."""

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return expected[4:] == given[4:]


@mutant(
    "terminal/authentication-sent-again",
    breaks="TERMINAL-KEY-ONCE",
    because=Text("外部认证失败后重发一次", "a refused external authentication is sent again"),
)
class AuthenticationSentAgain(TerminalBehaviour):
    """A second try of the key is lost."""

    def authentications(self, sw: int) -> int:
        return 1


@mutant(
    "terminal/blocked-key-tried-again",
    breaks="TERMINAL-KEY-ONCE",
    because=Text("6982 之后重发外部认证", "after 6982 the external authentication is sent again"),
)
class BlockedKeyTriedAgain(TerminalBehaviour):
    """The word is taken for a fault of the line."""

    def authentications(self, sw: int) -> int:
        return 2 if sw == 0x6982 else 0
