"""Mistakes of SELECT and of the file control information."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import Position, SecurityState
from emulator.mutants.model import data_mutant, mutant
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.expr import Value
from onecard.spec.text import Text

_ALGORITHM_SHOWN = ("card-2.0", "card-3.0")


@mutant(
    "card/name-in-utf8",
    breaks="CARD-SELECT-NAME",
    because=Text("环境名以 UTF-8 而非 GBK 写入", "the environment's name was personalised in UTF-8 instead of GBK"),
)
class NameInUtf8(CardBehaviour):
    """The name known to the card is the label in UTF-8."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        return asked == name.decode("gbk", errors="replace").encode()


@mutant(
    "card/select-without-fci",
    breaks="CARD-SELECT-NAME",
    because=Text("SELECT 成功仅返回 9000", "a successful SELECT answers 9000 alone"),
)
class SelectWithoutFci(CardBehaviour):
    """No application has an FCI."""

    def fci(self, application: str, right: bytes) -> bytes:
        return b""


@mutant(
    "card/select-empty-refused",
    breaks="CARD-SELECT-MF",
    because=Text("要求 SELECT 必有数据域", "SELECT is required to have data"),
)
class SelectEmptyRefused(CardBehaviour):
    """SELECT with empty data answers 6700."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right and not (command == "SELECT" and length == 0)


@mutant(
    "card/fci-without-proprietary-template",
    breaks="CARD-FCI-SSSE",
    because=Text("FCI 未写入专有模板", "the proprietary template was not personalised"),
)
class FciWithoutProprietaryTemplate(CardBehaviour):
    """A5 is missing."""

    def fci_objects(self, application: str, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return right[:1]


@mutant(
    "card/fci-length-wrong",
    breaks="CARD-FCI-SSSE",
    because=Text("修改 FCI 内容后未更新模板长度", "the template's length was not updated when its content changed"),
)
class FciLengthWrong(CardBehaviour):
    """The length of 6F is one too large."""

    def fci(self, application: str, right: bytes) -> bytes:
        return right[:1] + bytes((right[1] + 1,)) + right[2:]


@mutant(
    "card/fci-other-algorithm",
    breaks="CARD-FCI-ALGORITHM",
    because=Text("算法标识沿用另一代卡的模板", "the identifier is that of the template for another generation"),
    profiles=_ALGORITHM_SHOWN,
)
class FciOtherAlgorithm(CardBehaviour):
    """3DES is shown as SM4 and the other way round."""

    def algorithm_identifier(self, right: int) -> int:
        return 0x04 - right


def _declaring(spec: CardSpec, **changes: Value) -> CardSpec:
    ics: Mapping[str, Value] = {**spec.ics, **{f"card.{name}": value for name, value in changes.items()}}
    return replace(spec, ics=ics)


@data_mutant(
    "card/fci-without-algorithm",
    breaks="CARD-FCI-ALGORITHM",
    because=Text("9F0C 中未写入算法标识", "the algorithm identifier was left out of 9F0C"),
    profiles=_ALGORITHM_SHOWN,
)
def fci_without_algorithm(spec: CardSpec) -> CardSpec:
    """The FCI has no 9F0C."""
    return _declaring(spec, algorithm_identifier=False)


@data_mutant(
    "card/fci-without-directory",
    breaks="CARD-FCI-DIRECTORY",
    because=Text("声明有目录文件，FCI 未给出其 SFI", "a directory file is declared and the FCI does not name it"),
)
def fci_without_directory(spec: CardSpec) -> CardSpec:
    """The FCI has no 88."""
    return _declaring(spec, directory_sfi=0)


@data_mutant(
    "card/fci-other-directory",
    breaks="CARD-FCI-DIRECTORY",
    because=Text("目录文件 SFI 与声明不一致", "the SFI of the directory file is not the declared one"),
)
def fci_other_directory(spec: CardSpec) -> CardSpec:
    """88 names SFI 1."""
    return _declaring(spec, directory_sfi=1)


@mutant(
    "card/adf-without-fci",
    breaks="CARD-FCI-ADF",
    because=Text("只为环境准备了 FCI", "an FCI was prepared for the environment only"),
)
class AdfWithoutFci(CardBehaviour):
    """The environment has an FCI, an ADF answers 9000 alone."""

    def fci(self, application: str, right: bytes) -> bytes:
        return right if application == "SSSE" else b""


@mutant(
    "card/adf-fci-without-template",
    breaks="CARD-FCI-ADF",
    because=Text("ADF 的 FCI 缺少外层 6F", "the FCI of an ADF lacks its outer 6F"),
)
class AdfFciWithoutTemplate(CardBehaviour):
    """An ADF answers 84 alone."""

    def fci(self, application: str, right: bytes) -> bytes:
        return right if application == "SSSE" else right[2:]


@mutant(
    "card/selected-file-not-current",
    breaks="CARD-SELECT-EF",
    because=Text("SELECT EF 仅检查存在性", "SELECT of an EF only looks whether it exists"),
)
class SelectedFileNotCurrent(CardBehaviour):
    """Selecting an EF leaves the current file as it was."""

    def position_after_select(self, before: Position, selected: Position) -> Position:
        return before if selected.file is not None else selected


@mutant(
    "card/select-ef-p1-00-refused",
    breaks="CARD-SELECT-EF-P1-00",
    because=Text("P1=00 只用于 DF", "P1 = 00 is kept for DFs"),
)
class SelectEfP100Refused(CardBehaviour):
    """SELECT with P1 = 00 finds no EF."""

    def finds_file_generally(self, declared: bool) -> bool:
        return False


@mutant(
    "card/partial-name-accepted",
    breaks="CARD-SELECT-NOT-FOUND",
    because=Text("只比较收到的字节数", "as many bytes as came are compared"),
)
class PartialNameAccepted(CardBehaviour):
    """The beginning of a name selects, though partial names are not declared."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        return name.startswith(asked)


@mutant(
    "card/longer-name-accepted",
    breaks="CARD-SELECT-NOT-FOUND",
    because=Text("只比较卡内名称的长度", "as many bytes as the stored name has are compared"),
)
class LongerNameAccepted(CardBehaviour):
    """A name followed by further bytes selects."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        return asked[: len(name)] == name


@mutant(
    "card/file-of-other-application-found",
    breaks="CARD-SELECT-EF",
    because=Text("按文件标识在全卡查找 EF", "an EF is looked up by its identifier in the whole card"),
)
class FileOfOtherApplicationFound(CardBehaviour):
    """An EF of the environment is found from an application in it."""

    def file_in_reach(self, file: FileSpec | None, anywhere: FileSpec | None) -> FileSpec | None:
        return anywhere


@mutant(
    "card/next-starts-again",
    breaks="CARD-SELECT-NEXT",
    because=Text("未实现“下一个”，按“第一个”处理", "'next' is not implemented and taken for 'first'"),
)
class NextStartsAgain(CardBehaviour):
    """ "Next occurrence" gives the same application for ever."""

    def occurrences_left(self, matches: Sequence[str], current: str) -> Sequence[str]:
        return matches


@mutant(
    "card/select-p2-ignored",
    breaks="CARD-SELECT-PARAMETERS",
    because=Text("SELECT 不检查 P2", "SELECT does not look at P2"),
)
class SelectP2Ignored(CardBehaviour):
    """Any P2 selects the first occurrence."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == "SELECT"


@mutant(
    "card/select-length-ignored",
    breaks="CARD-SELECT-LENGTH",
    because=Text("由查找结果决定应答，不检查 Lc", "the search decides and Lc is not looked at"),
)
class SelectLengthIgnored(CardBehaviour):
    """A wrong Lc ends in a search."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command == "SELECT"


@mutant(
    "card/failed-select-loses-file",
    breaks="CARD-SELECT-FAILED-KEEPS",
    because=Text("查找前已清除当前文件", "the current file is cleared before the search"),
)
class FailedSelectLosesFile(CardBehaviour):
    """After a SELECT that found nothing no EF is current."""

    def position_after_failed_select(self, before: Position) -> Position:
        return Position(before.application)


@mutant(
    "card/failed-select-loses-rights",
    breaks="CARD-SELECT-FAILED-KEEPS",
    because=Text("查找前已清除安全状态", "the security state is cleared before the search"),
)
class FailedSelectLosesRights(CardBehaviour):
    """After a SELECT that found nothing no key is authenticated."""

    def security_after_failed_select(self, before: SecurityState) -> SecurityState:
        return before.without_keys()
