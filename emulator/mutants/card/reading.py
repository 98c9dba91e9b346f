"""Mistakes of READ RECORD."""

from collections.abc import Sequence

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import Position, SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import FileSpec, Mode
from onecard.spec.text import Text

_OPEN_HOLDER_FILE = ("card-1.0", "card-2.0")
_GUARDED_HOLDER_FILE = ("card-3.0",)
_HOLDER_FILE = "SSSE/EF06"


@mutant(
    "card/numbers-from-zero",
    breaks="CARD-READ-NUMBER",
    because=Text("记录号按数组下标从 0 计", "record numbers are array indices, from 0"),
)
class NumbersFromZero(CardBehaviour):
    """Record 1 is the second one."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        return found + 1 if found is not None and mode.by == "number" else found


@mutant(
    "card/last-byte-lost",
    breaks="CARD-READ-NUMBER",
    because=Text("按值长加一计算返回长度", "the length given is that of the value and one"),
)
class LastByteLost(CardBehaviour):
    """Every read lacks its last byte."""

    def record_read(self, file: FileSpec, right: bytes) -> bytes:
        return right[:-1]


@mutant(
    "card/value-without-header",
    breaks="CARD-READ-NUMBER",
    because=Text("只返回值，不含标签与长度", "the value is given without tag and length"),
)
class ValueWithoutHeader(CardBehaviour):
    """A record comes without its TLV header."""

    def record_read(self, file: FileSpec, right: bytes) -> bytes:
        return right[2:]


@mutant(
    "card/identifier-taken-for-number",
    breaks="CARD-READ-IDENTIFIER",
    because=Text("只实现了按记录号读取", "only reading by number was implemented"),
)
class IdentifierTakenForNumber(CardBehaviour):
    """Modes 0 to 3 read the record with that number."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        return p1 - 1 if 1 <= p1 <= len(identifiers) else None


@mutant(
    "card/search-skips-first-record",
    breaks="CARD-READ-IDENTIFIER",
    because=Text("查找从第二条记录开始", "the search begins at the second record"),
)
class SearchSkipsFirstRecord(CardBehaviour):
    """A search by identifier never finds the first record."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        return None if found == 0 and mode.by == "identifier" else found


@mutant(
    "card/next-finds-current",
    breaks="CARD-READ-IDENTIFIER",
    because=Text("“下一条”从当前记录而非其后开始", "'next' begins at the current record instead of behind it"),
)
class NextFindsCurrent(CardBehaviour):
    """ "Next" and "previous" find the current record again."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        if mode.takes in ("next", "previous") and pointer is not None and identifiers[pointer] == p1:
            return pointer
        return super().locate_record(identifiers, mode, p1, pointer)


@mutant(
    "card/first-counts-from-here",
    breaks="CARD-READ-IDENTIFIER",
    because=Text("“第一条”从当前记录之后查找", "'first' searches behind the current record"),
)
class FirstCountsFromHere(CardBehaviour):
    """Mode 0 finds nothing before the current record."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        if mode.takes == "first" and found is not None and pointer is not None and found < pointer:
            return None
        return found


@mutant(
    "card/mode-6-upwards",
    breaks="CARD-READ-RANGE",
    because=Text("方式 6 按升序返回", "mode 6 gives the records in ascending order"),
)
class ModeSixUpwards(CardBehaviour):
    """The records of mode 6 come in the order of mode 5."""

    def range_order(self, mode: Mode, indices: Sequence[int]) -> Sequence[int]:
        return sorted(indices)


@mutant(
    "card/range-without-last",
    breaks="CARD-READ-RANGE",
    because=Text("循环上界少一", "the loop ends one too early"),
)
class RangeWithoutLast(CardBehaviour):
    """Modes 5 and 6 leave out the last record of the file."""

    def range_order(self, mode: Mode, indices: Sequence[int]) -> Sequence[int]:
        return [index for index in indices if index != max(indices)] or indices


@mutant(
    "card/number-beyond-end-gives-last",
    breaks="CARD-READ-NOT-FOUND",
    because=Text("记录号越界时取最后一条", "a number beyond the end is cut to the last record"),
)
class NumberBeyondEndGivesLast(CardBehaviour):
    """A record number that is too large reads the last record."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        return len(identifiers) - 1 if found is None and mode.takes == "one" else found


@mutant(
    "card/number-zero-gives-first",
    breaks="CARD-READ-NOT-FOUND",
    because=Text("记录号 00 当作第一条", "record number 00 is taken for the first"),
)
class NumberZeroGivesFirst(CardBehaviour):
    """Record number 00 reads the first record."""

    def reserved(self, number: int) -> bool:
        return number == 0xFF

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        return super().locate_record(identifiers, mode, p1 or 1 if mode.by == "number" else p1, pointer)


@mutant(
    "card/number-ff-gives-last",
    breaks="CARD-READ-RESERVED",
    because=Text("记录号 FF 被实现为“最后一条”", "record number FF is implemented as 'the last one'"),
)
class NumberFfGivesLast(CardBehaviour):
    """Record number FF reads the last record."""

    def reserved(self, number: int) -> bool:
        return number == 0

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        number = len(identifiers) if p1 == 0xFF and mode.by == "number" else p1
        return super().locate_record(identifiers, mode, number, pointer)


@mutant(
    "card/undefined-read-mode-taken",
    breaks="CARD-READ-PARAMETERS",
    because=Text("分支缺省即按记录号读取", "the default branch reads by number"),
)
class UndefinedReadModeTaken(CardBehaviour):
    """Mode 7 reads by number."""

    def undefined_mode(self, mode: int, modes: Sequence[Mode]) -> Mode | None:
        return next((found for found in modes if found.takes == "one"), None)


@mutant(
    "card/sfi-not-made-current",
    breaks="CARD-READ-SFI",
    because=Text("按 SFI 读取未更新当前文件", "reading by SFI does not update the current file"),
)
class SfiNotMadeCurrent(CardBehaviour):
    """A file addressed by its SFI is current for this command only."""

    def position_after_sfi(self, before: Position, addressed: Position) -> Position:
        return before


@mutant(
    "card/first-file-current-after-selecting",
    breaks="CARD-READ-NO-CURRENT",
    because=Text(
        "选择应用后默认第一个 EF 为当前", "the first EF is current by default after the environment was selected"
    ),
)
class FirstFileCurrentAfterSelecting(CardBehaviour):
    """The issuer file is current after the environment was selected."""

    def position_after_select(self, before: Position, selected: Position) -> Position:
        if selected.application == "SSSE" and selected.file is None:
            return Position("SSSE", "SSSE/EF05")
        return selected


@mutant(
    "card/file-stays-current-through-reset",
    breaks="CARD-READ-NO-CURRENT",
    because=Text("复位未清除当前文件", "the current file is not cleared by a reset"),
)
class FileStaysCurrentThroughReset(CardBehaviour):
    """After a reset the file that was read last is current."""

    def position_after_reset(self, before: Position, initial: Position) -> Position:
        return before


@mutant(
    "card/identifier-finds-neighbour",
    breaks="CARD-READ-REPEAT",
    because=Text("标识索引表与记录次序错位", "the index of identifiers is one off against the records"),
)
class IdentifierFindsNeighbour(CardBehaviour):
    """Reading by identifier gives the record behind the one that has it."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        return (found + 1) % len(identifiers) if found is not None and mode.by == "identifier" else found


@mutant(
    "card/issuer-file-guarded",
    breaks="CARD-EF05-READ",
    because=Text("所有文件统一设为需读密钥", "one access rule, the read key's, was given to all files"),
)
class IssuerFileGuarded(CardBehaviour):
    """The issuer file reads only after some key was authenticated."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_read(file, state) and bool(state.keys)


@mutant(
    "card/holder-file-open",
    breaks="CARD-EF06-READ",
    because=Text("沿用一、二代卡的读权限“自由”", "the access rule of 1.0 and 2.0 cards, free, was kept"),
    profiles=_GUARDED_HOLDER_FILE,
)
class HolderFileOpen(CardBehaviour):
    """The holder file reads without authentication."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return True


@mutant(
    "card/holder-file-open-after-pin",
    breaks="CARD-EF06-READ",
    because=Text("读权限误设为“密码或密钥”", "the rule was set to 'PIN or key'"),
    profiles=_GUARDED_HOLDER_FILE,
)
class HolderFileOpenAfterPin(CardBehaviour):
    """The PIN opens the holder file."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_read(file, state) or state.pin


@mutant(
    "card/holder-record-leaks-on-refusal",
    breaks="CARD-EF06-READ",
    because=Text("拒绝前数据已进入发送缓冲区", "the data were in the send buffer before the refusal"),
    profiles=_GUARDED_HOLDER_FILE,
)
class HolderRecordLeaksOnRefusal(CardBehaviour):
    """6982 comes together with bytes of the record."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return b"\x08\x12" + right if command[1:2] == b"\xb2" and right == b"\x69\x82" else right


@mutant(
    "card/holder-file-shut",
    breaks="CARD-EF06-READ-KEY",
    because=Text("读权限误设为更新密钥", "the read rule was given the update key"),
    profiles=_GUARDED_HOLDER_FILE,
)
class HolderFileShut(CardBehaviour):
    """RKSSSE does not open the holder file, UKSSSE does."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return "UKSSSE" in state.keys if file.id == _HOLDER_FILE else super().may_read(file, state)


@mutant(
    "card/holder-file-guarded",
    breaks="CARD-EF06-READ-FREE",
    because=Text("沿用三代卡的读权限", "the access rule of 3.0 cards was used"),
    profiles=_OPEN_HOLDER_FILE,
)
class HolderFileGuarded(CardBehaviour):
    """The holder file of an older card asks for a key."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return file.id != _HOLDER_FILE or bool(state.keys)


@mutant(
    "card/record-padding-stripped",
    breaks="CARD-EF06-RECORDS",
    because=Text("读出时剥去数据项末尾的填充", "the filler at the end of items is stripped when they are read"),
)
class RecordPaddingStripped(CardBehaviour):
    """Items of the holder file come without their filler, shorter than they are."""

    def record_read(self, file: FileSpec, right: bytes) -> bytes:
        if file.id != _HOLDER_FILE:
            return right
        value = right[2:].rstrip(b"\x00")
        return bytes((right[0], len(value))) + value
