"""Mistakes with file addresses and with what is given of them."""

from collections.abc import Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import Addressed, TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/absent-items-left-out",
    breaks="TERMINAL-READ-CARD-ABSENT",
    because=Text("读不到的项被略去，其后各值前移", "items that the file has not are left out: those behind move up"),
)
class AbsentItemsLeftOut(TerminalBehaviour):
    """Only what the file has is told."""

    def items_to_read(self, wanted: tuple[int, ...], held: frozenset[int]) -> tuple[int, ...]:
        return tuple(tag for tag in wanted if tag in held)


@mutant(
    "terminal/card-info-ignored",
    breaks="TERMINAL-CARD-INFO",
    because=Text("未比较 pCardInfo", "pCardInfo is not looked at"),
)
class CardInfoIgnored(TerminalBehaviour):
    """Whatever card lies there is read."""

    def card_info_fits(self, identification: bool, number: bool) -> bool:
        return True


@mutant(
    "terminal/card-number-ignored",
    breaks="TERMINAL-CARD-INFO",
    because=Text("只比较识别码", "the identification code alone is compared"),
)
class CardNumberIgnored(TerminalBehaviour):
    """Another card number passes."""

    def card_info_fits(self, identification: bool, number: bool) -> bool:
        return identification


@mutant(
    "terminal/identification-ignored",
    breaks="TERMINAL-CARD-INFO",
    because=Text("只比较卡号", "the card number alone is compared"),
)
class IdentificationIgnored(TerminalBehaviour):
    """Another identification code passes."""

    def card_info_fits(self, identification: bool, number: bool) -> bool:
        return number


@mutant(
    "terminal/address-unchecked",
    breaks="TERMINAL-FILE-ADDRESS",
    because=Text("地址按 strtok 拆分", "the address is split by strtok"),
)
class AddressUnchecked(TerminalBehaviour):
    """What is malformed is served as an address of nothing."""

    def address(self, text: str, right: Addressed | None) -> Addressed | None:
        return () if right is None else right


@mutant(
    "terminal/files-reversed",
    breaks="TERMINAL-READ-CARD",
    because=Text("文件压栈后逆序读取", "files are read from a stack"),
)
class FilesReversed(TerminalBehaviour):
    """The last file comes first."""

    def address(self, text: str, right: Addressed | None) -> Addressed | None:
        return None if right is None else right[::-1]


@mutant(
    "terminal/items-sorted",
    breaks="TERMINAL-READ-CARD",
    because=Text("按标签次序读取", "items are read in the order of their tags"),
)
class ItemsSorted(TerminalBehaviour):
    """The order of the address is lost."""

    def file_items(self, right: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
        return sorted(right)


@mutant("terminal/tags-in-values", breaks="TERMINAL-READ-CARD", because=Text("值前带标签", "values carry their tags"))
class TagsInValues(TerminalBehaviour):
    """The tag stands before each value."""

    def file_items(self, right: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
        return [(tag, f"{tag:02X}{text}") for tag, text in right]


@mutant(
    "terminal/first-item-only",
    breaks="TERMINAL-READ-CARD",
    because=Text("每个文件只读一项", "one item of each file is read"),
)
class FirstItemOnly(TerminalBehaviour):
    """Items behind the first are missing."""

    def file_items(self, right: Sequence[tuple[int, str]]) -> Sequence[tuple[int, str]]:
        return right[:1]


@mutant(
    "terminal/last-mark-missing",
    breaks="TERMINAL-READ-CARD",
    because=Text("末尾未加文件结束符", "the last file is not ended"),
)
class LastMarkMissing(TerminalBehaviour):
    """The mark behind the last file is missing."""

    def file_text(self, right: str) -> str:
        return right[:-1]


@mutant(
    "terminal/names-missing",
    breaks="TERMINAL-READ-CARD",
    because=Text("结果中没有文件名", "the result does not name its files"),
)
class NamesMissing(TerminalBehaviour):
    """Values alone."""

    def file_text(self, right: str) -> str:
        return "".join(file.partition("|")[2] + "$" for file in right.split("$")[:-1])


@mutant(
    "terminal/address-unopened",
    breaks="TERMINAL-READ-CARD",
    because=Text("按地址读取前未外部认证", "no external authentication before items are read by address"),
)
class AddressUnopened(TerminalBehaviour):
    """RKSSSE is not proved."""

    def opens_file(self, key: str | None) -> str | None:
        return None


@mutant(
    "terminal/forged-card-by-address",
    breaks="TERMINAL-READ-CARD-AUTH",
    because=Text("仅 iReadCardBas 比较内部鉴别数据", "iReadCardBas alone compares the authentication data"),
)
class ForgedCardByAddress(TerminalBehaviour):
    """iReadCard takes every card for genuine."""

    def authenticates_before_files(self) -> bool:
        return False


@mutant(
    "terminal/reading-marked",
    breaks="TERMINAL-READ-ONLY",
    because=Text("读卡后写入读取标记", "a mark is written after reading"),
)
class ReadingMarked(TerminalBehaviour):
    """The card is written."""

    def marks_reading(self) -> bool:
        return True
