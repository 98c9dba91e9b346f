"""Mistakes in the strings that are returned."""

from collections.abc import Mapping, Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text

NAME_TAGS = (0x09, 0x4E)
NAME, NUMBER = 0x09, 0x08


@mutant(
    "terminal/filler-returned",
    breaks="TERMINAL-READ-BASIC",
    because=Text("姓名未去除填充", "the filler of the name is not taken away"),
)
class FillerReturned(TerminalBehaviour):
    """Texts come with the filler of the card."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        return b"".join(parts).decode("gbk", errors="replace") if tags == NAME_TAGS else right


@mutant(
    "terminal/whole-atr-returned",
    breaks="TERMINAL-READ-BASIC",
    because=Text("把整个 ATR 当作卡复位信息", "the whole answer to reset is taken for the historical bytes"),
)
class WholeAtrReturned(TerminalBehaviour):
    """Interface bytes stand before the historical bytes."""

    def basic_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "historical": "3B6D0000" + right["historical"]}


@mutant(
    "terminal/name-cut",
    breaks="TERMINAL-HOLDER-NAME",
    because=Text("未读姓名扩展", "the extension of the name is not read"),
)
class NameCut(TerminalBehaviour):
    """Only the first item of a name is returned."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        if len(parts) < len(NAME_TAGS) or tags != NAME_TAGS:
            return right
        return parts[0].rstrip(b"\x00\xff").decode("gbk", errors="replace")


@mutant(
    "terminal/latin-name-cut",
    breaks="TERMINAL-HOLDER-NAME",
    because=Text("姓名缓冲区只有二十字节", "the buffer of a name has twenty bytes"),
)
class LatinNameCut(TerminalBehaviour):
    """Chinese names fit; those of foreigners lose their end."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        return right[:20] if tags == NAME_TAGS else right


@mutant(
    "terminal/filler-ff-kept",
    breaks="TERMINAL-HOLDER-NAME",
    because=Text("只去除 00 填充", "of the fillers 00 alone is removed"),
)
class FillerFfKept(TerminalBehaviour):
    """FF behind a name is decoded with it."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        whole = b"".join(part.rstrip(b"\x00") for part in parts)
        return whole.decode("gbk", errors="replace") if tags == NAME_TAGS else right


@mutant(
    "terminal/four-bytes-as-two",
    breaks="TERMINAL-NAME-FOUR-BYTES",
    because=Text("按 GBK 逐两字节解码", "decoded as GBK, two bytes at a time"),
)
class FourBytesAsTwo(TerminalBehaviour):
    """A character of four bytes becomes signs and digits."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        whole = b"".join(part.rstrip(b"\x00\xff") for part in parts)
        return whole.decode("gbk", errors="replace") if tags == NAME_TAGS else right


@mutant(
    "terminal/four-bytes-left-out",
    breaks="TERMINAL-NAME-FOUR-BYTES",
    because=Text("字库中没有的字被略去", "a character that the font lacks is left out"),
)
class FourBytesLeftOut(TerminalBehaviour):
    """What GBK cannot say is not in the name."""

    def item_text(self, tags: tuple[int, ...], parts: Sequence[bytes], right: str) -> str:
        return right.encode("gbk", errors="ignore").decode("gbk") if tags == NAME_TAGS else right


@mutant(
    "terminal/partial-result-on-failure",
    breaks="TERMINAL-ERROR-TEXT",
    because=Text("边读边写 pOutInfo，失败时未清空", "pOutInfo is written while reading and not cleared on failure"),
)
class PartialResultOnFailure(TerminalBehaviour):
    """The items read so far stand in the output of a call that failed."""

    def failure_text(self, right: str, known: Mapping[int, bytes]) -> str:
        texts = (
            known[tag].rstrip(b"\x00\xff").decode("gbk", errors="replace") for tag in known if tag in (NUMBER, NAME)
        )
        return "|".join((*texts, right))


@mutant(
    "terminal/number-always-zero",
    breaks="TERMINAL-NUMBER",
    because=Text("未读 PSAM 卡的 0016 文件", "the PSAM's file 0016 is not read"),
)
class NumberAlwaysZero(TerminalBehaviour):
    """The terminal number is always that of no PSAM."""

    def terminal_number(self, right: str, absent: str) -> str:
        return absent


@mutant(
    "terminal/number-empty-without-psam",
    breaks="TERMINAL-NUMBER-ABSENT",
    because=Text("没有 PSAM 卡时该字段留空", "without a PSAM the field stays empty"),
)
class NumberEmpty(TerminalBehaviour):
    """Without a PSAM the terminal number is empty."""

    def basic_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "terminal-number": right["terminal-number"].strip("0") and right["terminal-number"]}
