"""Mistakes of iWriteCard."""

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import Addressed, TerminalBehaviour
from emulator.terminal.writing_behaviour import Values
from onecard.spec.text import Text

NAME, ISSUED, BORN = 0x09, 0x05, 0x0D


@mutant(
    "terminal/write-fills-with-spaces",
    breaks="TERMINAL-WRITE-CARD",
    because=Text("文本右补空格", "texts are filled with spaces"),
)
class FillsWithSpaces(TerminalBehaviour):
    """A short name ends in spaces."""

    def value_to_write(self, tag: int, text: str, right: bytes | None, length: int) -> bytes | None:
        return right if right is None else right.rstrip(b"\x00").ljust(length)


@mutant(
    "terminal/write-in-utf-8",
    breaks="TERMINAL-WRITE-CARD",
    because=Text("姓名以 UTF-8 写入", "names are written in UTF-8"),
)
class WritesUtf8(TerminalBehaviour):
    """Three bytes a Chinese character."""

    def value_to_write(self, tag: int, text: str, right: bytes | None, length: int) -> bytes | None:
        return right if right is None or tag != NAME else text.encode()[:length].ljust(length, b"\x00")


@mutant(
    "terminal/write-dates-as-text",
    breaks="TERMINAL-WRITE-CARD",
    because=Text("日期以 ASCII 写入并截断", "dates are written as ASCII and cut"),
)
class DatesAsText(TerminalBehaviour):
    """A digit a byte."""

    def value_to_write(self, tag: int, text: str, right: bytes | None, length: int) -> bytes | None:
        return right if right is None or tag not in (ISSUED, BORN) else text.encode()[:length]


@mutant(
    "terminal/write-first-file-only",
    breaks="TERMINAL-WRITE-DATA",
    because=Text("只写第一个文件", "the first file alone is written"),
)
class FirstFileOnly(TerminalBehaviour):
    """Values of further files are dropped, and 0 is returned."""

    def write_data(self, text: str, right: Values | None) -> Values | None:
        return right if right is None else right[:1]


@mutant(
    "terminal/write-without-key",
    breaks="TERMINAL-WRITE-CARD",
    because=Text("写入前未证明 UKSSSE", "UKSSSE is not proved before writing"),
)
class WritesWithoutKey(TerminalBehaviour):
    """The card refuses."""

    def opens_for_writing(self, key: str) -> str | None:
        return None


@mutant(
    "terminal/write-answer-ignored",
    breaks="TERMINAL-WRITE-KEY",
    because=Text("未取得密钥仍写入，不看应答", "without the key writing goes on, and answers are not looked at"),
)
class WriteAnswerIgnored(TerminalBehaviour):
    """A refused writing is told as success."""

    def opens_for_writing(self, key: str) -> str | None:
        return None

    def looks_at_update_answer(self) -> bool:
        return False


@mutant(
    "terminal/refused-item-not-noticed",
    breaks="TERMINAL-WRITE-REFUSED",
    because=Text("写记录的应答未检查", "the answer to the writing of a record is not looked at"),
)
class RefusedItemNotNoticed(TerminalBehaviour):
    """What the card refused is told as written."""

    def looks_at_update_answer(self) -> bool:
        return False


@mutant(
    "terminal/write-marks",
    breaks="TERMINAL-WRITE-ONLY",
    because=Text("写卡时改写发卡日期", "the date of issue is written over as well"),
)
class Marks(TerminalBehaviour):
    """A record that nobody asked for is written."""

    def marks_writing(self) -> int | None:
        return ISSUED


@mutant(
    "terminal/write-forged-card",
    breaks="TERMINAL-WRITE-AUTH",
    because=Text("写卡前未认证卡片", "the card is not authenticated before it is written"),
)
class WritesForgedCard(TerminalBehaviour):
    """A forged card gets the holder's data."""

    def authenticates_before_writing(self) -> bool:
        return False


@mutant(
    "terminal/write-any-card",
    breaks="TERMINAL-WRITE-CARD-INFO",
    because=Text("写卡时未比较 pCardInfo", "pCardInfo is not compared before writing"),
)
class WritesAnyCard(TerminalBehaviour):
    """Another holder's card is written."""

    def write_info_fits(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/write-by-halves",
    breaks="TERMINAL-WRITE-DATA",
    because=Text("逐项检查并写入", "items are checked and written one by one"),
)
class WritesByHalves(TerminalBehaviour):
    """What stands before a wrong value is written."""

    def codes_all_before_writing(self) -> bool:
        return False


@mutant(
    "terminal/write-cuts",
    breaks="TERMINAL-WRITE-DATA",
    because=Text("过长的值被截断", "a value that is too long is cut"),
)
class Cuts(TerminalBehaviour):
    """Success is told of half a value."""

    def value_to_write(self, tag: int, text: str, right: bytes | None, length: int) -> bytes | None:
        if right is not None or tag in (ISSUED, 0x06):
            return right
        return text.encode("gbk", errors="replace")[:length].ljust(length, b"\x00")


@mutant(
    "terminal/write-data-unchecked",
    breaks="TERMINAL-WRITE-DATA",
    because=Text("不核对值的个数与结构", "number and structure of the values are not looked at"),
)
class DataUnchecked(TerminalBehaviour):
    """What does not go with the address is served as far as it goes."""

    def write_data(self, text: str, right: Values | None) -> Values | None:
        return [part.split("|")[1:-1] for part in text.split("$")] if right is None else right


@mutant(
    "terminal/write-key-as-read-key",
    breaks="TERMINAL-WRITE-KEY",
    because=Text("缺少更新密钥返回 −2203", "a missing update key gives -2203"),
)
class WriteKeyAsReadKey(TerminalBehaviour):
    """The caller is told that the read key is missing."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -2203 if outcome == "SAM-UKSSSE" else right


@mutant(
    "terminal/write-province-only",
    breaks="TERMINAL-WRITE-KEY",
    because=Text("只用用法 48", "usage 48 alone is used"),
)
class ProvinceOnly(TerminalBehaviour):
    """A PSAM of a city does not serve."""

    def tries_next_usage(self, sw: int, right: bool) -> bool:
        return False


@mutant(
    "terminal/write-adds-end-mark",
    breaks="TERMINAL-WRITE-DATA",
    because=Text("地址缺少结束符时自行补上", "the end mark that an address lacks is added"),
)
class AddsEndMark(TerminalBehaviour):
    """An address that was cut on the way is served."""

    def address(self, text: str, right: Addressed | None) -> Addressed | None:
        name, *tags = text.removesuffix("|").split("|")
        if right is not None or text.endswith("$") or not all(len(tag) == 2 and tag.isdecimal() for tag in tags):
            return right
        return [(name, tuple(int(tag, 16) for tag in tags))]
