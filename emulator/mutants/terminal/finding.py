"""Mistakes in finding the card and in telling what is wrong with it."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.terminal import CardAlgorithm, Generation
from onecard.spec.text import Text


@mutant(
    "terminal/search-falls-back-to-nothing",
    breaks="TERMINAL-SEARCH",
    because=Text("自动寻卡只查找第一个接口", "the search ends at the first interface"),
)
class SearchesOneInterface(TerminalBehaviour):
    """iType 3 and 4 look at their first interface only."""

    def slots(self, wanted: int, searches: Mapping[int, tuple[str, ...]]) -> tuple[str, ...] | None:
        found = searches.get(wanted)
        return found[:1] if found else found


@mutant(
    "terminal/contactless-takes-contact",
    breaks="TERMINAL-SEARCH",
    because=Text("未接非接触模块时直接改用接触接口", "without a contactless module the contact slot is used"),
)
class ContactlessTakesContact(TerminalBehaviour):
    """iType 2 finds a card on the contact interface."""

    def slots(self, wanted: int, searches: Mapping[int, tuple[str, ...]]) -> tuple[str, ...] | None:
        found = searches.get(wanted)
        return (*found, "card") if found else found


@mutant(
    "terminal/unknown-search-is-contact",
    breaks="TERMINAL-SEARCH-INVALID",
    because=Text("switch 的 default 分支与 1 相同", "the default branch is that of 1"),
)
class UnknownSearchIsContact(TerminalBehaviour):
    """Any iType without meaning is taken for 1."""

    def slots(self, wanted: int, searches: Mapping[int, tuple[str, ...]]) -> tuple[str, ...] | None:
        return searches.get(wanted, searches[1])


@mutant(
    "terminal/no-reader-is-no-card",
    breaks="TERMINAL-READER",
    because=Text("把 PC/SC 的各种错误都映射为无卡", "every error of PC/SC is mapped to a missing card"),
)
class NoReaderIsNoCard(TerminalBehaviour):
    """Without a reader -2 is returned."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -2 if outcome == "READER" else right


@mutant(
    "terminal/no-card-is-reader-error",
    breaks="TERMINAL-NO-CARD",
    because=Text("把 PC/SC 的无卡错误映射为读卡器错误", "PC/SC's missing card is mapped to a reader error"),
)
class NoCardIsReaderError(TerminalBehaviour):
    """Without a card -12 is returned."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -12 if outcome == "NO-CARD" else right


@mutant(
    "terminal/pulled-card-still-read",
    breaks="TERMINAL-REMOVED",
    because=Text("通信错误被忽略，以缓冲区内容返回", "a transmission error is ignored and the buffer returned"),
)
class PulledCardStillRead(TerminalBehaviour):
    """What was read before the card was pulled is the result."""

    def result_after_removal(self, known: Mapping[int, bytes]) -> bool:
        return True


@mutant(
    "terminal/pulled-card-is-illegal",
    breaks="TERMINAL-REMOVED",
    because=Text("任何中断都按非法卡处理", "whatever interrupts the reading counts as an illegal card"),
)
class PulledCardIsIllegal(TerminalBehaviour):
    """A pulled card gives -21."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -21 if outcome == "REMOVED" else right


@mutant(
    "terminal/status-word-positive",
    breaks="TERMINAL-STATUS-CODE",
    because=Text("返回状态字本身", "the status word itself is returned"),
)
class StatusWordPositive(TerminalBehaviour):
    """The code of a status word has no minus."""

    def status_code(self, sw: int, right: int) -> int:
        return sw


@mutant(
    "terminal/status-word-flattened",
    breaks="TERMINAL-STATUS-CODE",
    because=Text("所有卡片错误统一返回 −1", "-1 stands for every error of the card"),
)
class StatusWordFlattened(TerminalBehaviour):
    """Every refusal of the card is -1."""

    def status_code(self, sw: int, right: int) -> int:
        return -1


@mutant(
    "terminal/goes-on-without-environment",
    breaks="TERMINAL-NO-ENVIRONMENT",
    because=Text("未检查选择 SSSE 的应答", "the answer to the selection of SSSE is not looked at"),
)
class GoesOnWithoutEnvironment(TerminalBehaviour):
    """A card that does not know SSSE is read all the same."""

    def continues_without_environment(self) -> bool:
        return True


@mutant(
    "terminal/code-of-its-own",
    breaks="TERMINAL-CODE-KNOWN",
    because=Text("厂商自定义了返回码", "the vendor has codes of its own"),
)
class CodeOfItsOwn(TerminalBehaviour):
    """A wrong identification code is told by a code that no table has."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -99 if outcome in ("IDENTIFICATION", "REMOVED") else right


@mutant(
    "terminal/identification-unchecked",
    breaks="TERMINAL-IDENTIFICATION",
    because=Text("直接使用识别码，未检查格式", "the identification code is used without a look at its format"),
)
class IdentificationUnchecked(TerminalBehaviour):
    """Any sixteen bytes are an identification code."""

    def accepts_identification(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/record-length-ignored",
    breaks="TERMINAL-RECORD-FORMAT",
    because=Text("按固定偏移截取记录内容", "values are cut out of records at fixed offsets"),
)
class RecordLengthIgnored(TerminalBehaviour):
    """Tag and length of a record are skipped, not looked at."""

    def record_value(self, tag: int, record: bytes, whole: bool) -> bytes | None:
        return record[2:]


@mutant(
    "terminal/no-identifier-means-sm4",
    breaks="TERMINAL-ALGORITHM",
    because=Text("只按新卡开发，缺省算法写成 SM4", "made for new cards: the default is SM4"),
)
class NoIdentifierMeansSm4(TerminalBehaviour):
    """A card without an algorithm identifier is taken for an SM4 card."""

    def algorithm(self, identifier: int | None, right: CardAlgorithm | None) -> CardAlgorithm | None:
        if identifier is not None or right is None:
            return right
        return CardAlgorithm(right.id, 0x03, 16, right.environment.replace(b"sx1", b"sx3"))


@mutant(
    "terminal/algorithm-at-fixed-place",
    breaks="TERMINAL-FCI",
    because=Text("算法标识按固定偏移截取", "the identifier is taken from a fixed place of the FCI"),
)
class AlgorithmAtFixedPlace(TerminalBehaviour):
    """The identifier is the thirtieth byte, as on every card that was at hand."""

    def identifier(self, fci: bytes, right: int | None) -> int | None:
        return fci[29] if len(fci) > 29 else None


@mutant(
    "terminal/expired-card-read",
    breaks="TERMINAL-VALIDITY",
    because=Text("有效期只显示、不比较", "the end of validity is shown, not compared"),
)
class ExpiredCardRead(TerminalBehaviour):
    """Validity never ends."""

    def expired(self, today: str, until: str) -> bool:
        return False


@mutant(
    "terminal/validity-in-basic-data-alone",
    breaks="TERMINAL-VALIDITY-ITEMS",
    because=Text("只有 iReadCardBas 检查有效期", "validity is checked by iReadCardBas alone"),
)
class ValidityInBasicDataAlone(TerminalBehaviour):
    """Items of an expired card are read and written."""

    def checks_validity_in(self, function: str) -> bool:
        return function == "iReadCardBas"


@mutant(
    "terminal/validity-not-in-second-steps",
    breaks="TERMINAL-VALIDITY-ITEMS",
    because=Text("加密机方式第二步未检查有效期", "by encryptor validity is not checked"),
)
class ValidityNotInSecondSteps(TerminalBehaviour):
    """Basic data of an expired card are told by encryptor."""

    def checks_validity_in(self, function: str) -> bool:
        return not function.endswith("_HSM_Step2")


@mutant(
    "terminal/expired-card-pays",
    breaks="TERMINAL-VALIDITY-PIN",
    because=Text("消费前未检查有效期", "validity is not checked before a purchase"),
)
class ExpiredCardPays(TerminalBehaviour):
    """Purchases look at the balance alone."""

    def checks_validity_in(self, function: str) -> bool:
        return not function.startswith("iDoDebit")


@mutant(
    "terminal/expired-card-is-given-pin",
    breaks="TERMINAL-VALIDITY-PIN",
    because=Text("密码功能未检查有效期", "validity is not checked by the functions with a PIN"),
)
class ExpiredCardIsGivenPin(TerminalBehaviour):
    """The PIN of an expired card is verified, changed and reset."""

    def checks_validity_in(self, function: str) -> bool:
        return "PIN" not in function


@mutant(
    "terminal/validity-by-month",
    breaks="TERMINAL-VALIDITY",
    because=Text("有效期按 CCYYMM 比较，如同银行卡", "validity is compared by month, as with bank cards"),
)
class ValidityByMonth(TerminalBehaviour):
    """A card whose validity has ended is read until its last month is over."""

    def expired(self, today: str, until: str) -> bool:
        return today[:6] > until[:6]


@mutant(
    "terminal/last-month-refused",
    breaks="TERMINAL-READ-BASIC",
    because=Text("有效期按年月比较，当月即视为到期", "months are compared, and the last one counts as over"),
)
class LastMonthRefused(TerminalBehaviour):
    """A card is refused from the first day of the month in which its validity ends."""

    def expired(self, today: str, until: str) -> bool:
        return today[:6] >= until[:6]


@mutant(
    "terminal/unknown-version-read",
    breaks="TERMINAL-VALIDITY",
    because=Text("版本未知时按二代卡处理", "an unknown version is taken for the second generation"),
)
class UnknownVersionRead(TerminalBehaviour):
    """A version that nobody knows is read as one of the second generation."""

    def generation(self, version: str, right: Generation | None) -> Generation | None:
        return right or Generation("TERMINAL/GENERATION/2", "2", None)
