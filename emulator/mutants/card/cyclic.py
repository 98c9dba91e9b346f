"""Mistakes of cyclic files, fixed-length records, repeated identifiers and appending."""

from collections.abc import Sequence

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CyclicFile, FileImage
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import Access, FileSpec, Mode, Structure
from onecard.spec.text import Text


@mutant(
    "card/cyclic-record-cut",
    breaks="CARD-CYCLIC-READ",
    because=Text("循环文件的记录长度少算一字节", "the record length of cyclic files is one byte short"),
)
class CyclicRecordCut(CardBehaviour):
    """Records of cyclic files lack their last byte."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> Sequence[bytes] | None:
        found = super().records_of(file, content)
        return [record[:-1] for record in found] if found and isinstance(content, CyclicFile) else found


@mutant(
    "card/cyclic-empty-places-read",
    breaks="CARD-CYCLIC-READ",
    because=Text("未写入的位置也按记录读出", "places that were never written read as records"),
)
class CyclicEmptyPlacesRead(CardBehaviour):
    """Behind the last record there are empty ones without end."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> Sequence[bytes] | None:
        if not isinstance(content, CyclicFile):
            return super().records_of(file, content)
        return [*content.records, *[b"\xff" * content.length] * (0xFF - len(content.records))]


@mutant(
    "card/cyclic-oldest-first",
    breaks="CARD-CYCLIC-APPEND",
    because=Text("记录按写入次序编号", "records are numbered in the order in which they were written"),
)
class CyclicOldestFirst(CardBehaviour):
    """Record 1 is the oldest one."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> Sequence[bytes] | None:
        found = super().records_of(file, content)
        return found[::-1] if found and isinstance(content, CyclicFile) else found


@mutant(
    "card/cyclic-overwrites-newest",
    breaks="CARD-CYCLIC-APPEND",
    because=Text("追加时未移动写指针", "the write pointer is not moved on before appending"),
)
class CyclicOverwritesNewest(CardBehaviour):
    """A new record takes the place of the newest."""

    def cyclic_appended(self, records: Sequence[bytes], new: bytes, capacity: int) -> tuple[bytes, ...]:
        return (new, *records[1:])


@mutant(
    "card/cyclic-grows",
    breaks="CARD-CYCLIC-APPEND",
    because=Text("写满后继续分配空间", "a full file goes on taking space"),
)
class CyclicGrows(CardBehaviour):
    """The oldest record never falls out."""

    def cyclic_appended(self, records: Sequence[bytes], new: bytes, capacity: int) -> tuple[bytes, ...]:
        return (new, *records)


@mutant(
    "card/cyclic-stops-when-full",
    breaks="CARD-CYCLIC-APPEND",
    because=Text(
        "循环文件按线性文件处理，写满后不再写入", "a cyclic file is taken for a linear one and ends when full"
    ),
)
class CyclicStopsWhenFull(CardBehaviour):
    """A full file keeps its records and answers 9000."""

    def cyclic_appended(self, records: Sequence[bytes], new: bytes, capacity: int) -> tuple[bytes, ...]:
        return tuple(records) if len(records) >= capacity else (new, *records)


@mutant(
    "card/cyclic-one-record-less",
    breaks="CARD-CYCLIC-APPEND",
    because=Text("为写入新记录预留一个空位", "one place is kept free for the next record"),
)
class CyclicOneRecordLess(CardBehaviour):
    """A full file holds one record fewer than the rules ask for."""

    def cyclic_appended(self, records: Sequence[bytes], new: bytes, capacity: int) -> tuple[bytes, ...]:
        return (new, *records)[: capacity - 1]


@mutant(
    "card/cyclic-append-refused",
    breaks="CARD-CYCLIC-APPEND",
    because=Text("未实现循环文件的追加", "appending to a cyclic file was not implemented"),
)
class CyclicAppendRefused(CardBehaviour):
    """No way of appending is known."""

    def appends_cyclic(self, way: str, ways: Sequence[str]) -> bool:
        return False


@mutant(
    "card/cyclic-any-length",
    breaks="CARD-CYCLIC-LENGTH",
    because=Text("不检查循环记录的长度", "the length of a cyclic record is not looked at"),
)
class CyclicAnyLength(CardBehaviour):
    """A record of any length is appended."""

    def record_length_agrees(self, given: int, length: int) -> bool:
        return True


@mutant(
    "card/cyclic-shorter-accepted",
    breaks="CARD-CYCLIC-LENGTH",
    because=Text("只拒绝过长的记录", "only a record that is too long is refused"),
)
class CyclicShorterAccepted(CardBehaviour):
    """A shorter record is appended."""

    def record_length_agrees(self, given: int, length: int) -> bool:
        return given <= length


@mutant(
    "card/cyclic-append-open",
    breaks="CARD-CYCLIC-REFUSED",
    because=Text("追加日志不检查权限", "appending to a log checks no right"),
)
class CyclicAppendOpen(CardBehaviour):
    """Whoever selects a cyclic file may append to it, unless nobody may."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        free = file.structure == Structure.CYCLIC and file.update.access is not Access.NEVER
        return free or super().may_update(file, state)


@mutant(
    "card/cyclic-appended-though-refused",
    breaks="CARD-CYCLIC-REFUSED",
    because=Text("先移动指针后检查权限", "the pointer is moved before the right is checked"),
)
class CyclicAppendedThoughRefused(CardBehaviour):
    """6982 is answered and the record was appended."""

    def cyclic_after_refusal(self, old: Sequence[bytes], new: Sequence[bytes]) -> tuple[bytes, ...]:
        return tuple(new)


@mutant(
    "card/fixed-padding-stripped",
    breaks="CARD-FIXED-READ",
    because=Text("读定长记录时去掉了末尾填充", "the padding at the end of a fixed-length record is not given"),
)
class FixedPaddingStripped(CardBehaviour):
    """The last byte of a fixed-length record is taken for padding."""

    def record_read(self, file: FileSpec, right: bytes) -> bytes:
        return right[:-1] if file.structure == Structure.LINEAR_FIXED else right


@mutant(
    "card/fixed-update-lost",
    breaks="CARD-FIXED-UPDATE",
    because=Text("写定长记录时保留了旧的末字节", "the last byte of a fixed-length record stays the old one"),
)
class FixedUpdateLost(CardBehaviour):
    """The last byte of an updated record stays the old one."""

    def record_stored(self, old: bytes | None, new: bytes) -> bytes:
        return new if old is None else new[:-1] + old[-1:]


@mutant(
    "card/fixed-any-length",
    breaks="CARD-FIXED-UPDATE",
    because=Text("定长文件按变长文件实现", "files of fixed-length records were made as variable ones"),
)
class FixedAnyLength(CardBehaviour):
    """A record of another length is taken."""

    def record_length_agrees(self, given: int, length: int) -> bool:
        return True

    def has_room(self, used: int, capacity: int) -> bool:
        return True


@mutant(
    "card/repeated-next-gives-first",
    breaks="CARD-REPEATED-IDENTIFIER",
    because=Text("同一标识只登记一条记录", "one record is registered for each identifier"),
)
class RepeatedNextGivesFirst(CardBehaviour):
    """Every search by identifier gives the first record that has it."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        if mode.by == "identifier" and p1 in identifiers:
            return identifiers.index(p1)
        return super().locate_record(identifiers, mode, p1, pointer)


@mutant(
    "card/last-stops-at-first",
    breaks="CARD-REPEATED-IDENTIFIER",
    because=Text("“最后一条”从头查找，遇到即止", "'last' searches from the beginning and stops at once"),
)
class LastStopsAtFirst(CardBehaviour):
    """ "Last" gives the first record with the identifier."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        if mode.takes == "last" and p1 in identifiers:
            return identifiers.index(p1)
        return super().locate_record(identifiers, mode, p1, pointer)


@mutant(
    "card/append-overwrites-last",
    breaks="CARD-APPEND",
    because=Text("追加位置少算一条", "the place of an appended record is one too low"),
)
class AppendOverwritesLast(CardBehaviour):
    """An appended record takes the place of the last one."""

    def appended_at(self, records: int) -> int:
        return max(records - 1, 0)


@mutant(
    "card/append-without-limit",
    breaks="CARD-APPEND",
    because=Text("追加不检查文件空间", "appending does not look at the file's size"),
)
class AppendWithoutLimit(CardBehaviour):
    """There is always room."""

    def has_room(self, used: int, capacity: int) -> bool:
        return True


@mutant(
    "card/update-empty-accepted",
    breaks="CARD-UPDATE-OTHERS",
    because=Text("Lc 为 00 时落入 TLV 检查", "Lc 00 goes on to the check of the TLV"),
)
class UpdateEmptyAccepted(CardBehaviour):
    """UPDATE RECORD with Lc 00 is not refused for its length."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command == "UPDATE-RECORD"


@mutant(
    "card/update-next-takes-first",
    breaks="CARD-UPDATE-OTHERS",
    because=Text("更新不区分“下一条”与“第一条”", "an update takes 'next' and 'previous' for 'first'"),
)
class UpdateNextTakesFirst(CardBehaviour):
    """UPDATE RECORD in modes 2 and 3 writes the first record with the identifier."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        if mode.id.startswith("UPDATE-RECORD/") and mode.by == "identifier" and p1 in identifiers:
            return identifiers.index(p1)
        return super().locate_record(identifiers, mode, p1, pointer)


@mutant(
    "card/applications-read-freely",
    breaks="CARD-READ-REFUSED",
    because=Text("读权限只在 SSSE 下生效", "rules of reading are enforced in SSSE only"),
)
class ApplicationsReadFreely(CardBehaviour):
    """Files of the applications read without any right."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return file.application != "SSSE" or super().may_read(file, state)
