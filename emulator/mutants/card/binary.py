"""Mistakes of READ BINARY and UPDATE BINARY."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import BinaryFile, FileImage, RecordFile
from emulator.card.state import Position, SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import FileSpec, Structure
from onecard.spec.text import Text

_WITH_TRANSPARENT_FILES = ("card-2.0", "card-3.0", "card-3.0-anhui")


@mutant(
    "card/binary-offset-ignored",
    breaks="CARD-READ-BINARY-OFFSET",
    because=Text("总是从文件开头读取", "reading always begins at the file's first byte"),
)
class BinaryOffsetIgnored(CardBehaviour):
    """Bytes are given from the beginning of the file."""

    def binary_read(self, command: str, data: bytes, offset: int, right: bytes) -> bytes:
        return data[: len(right)]


@mutant(
    "card/binary-offset-one-byte",
    breaks="CARD-READ-BINARY-OFFSET",
    because=Text("偏移只取 P2", "the offset is taken from P2 alone"),
)
class BinaryOffsetOneByte(CardBehaviour):
    """The high byte of the offset is lost."""

    def binary_offset(self, p1: int, p2: int, right: int) -> int:
        return p2


@mutant(
    "card/binary-le-00-nothing",
    breaks="CARD-READ-BINARY-OFFSET",
    because=Text("Le 为 00 按 0 字节处理", "Le 00 is taken for no bytes"),
)
class BinaryLeZeroNothing(CardBehaviour):
    """Le 00 reads nothing."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right and not (command == "READ-BINARY" and expected == 0)


@mutant(
    "card/binary-last-byte-lost",
    breaks="CARD-READ-BINARY-OFFSET",
    because=Text("循环上界少一", "the loop ends one too early"),
)
class BinaryLastByteLost(CardBehaviour):
    """Every reading lacks its last byte."""

    def binary_read(self, command: str, data: bytes, offset: int, right: bytes) -> bytes:
        return right[:-1]


@mutant(
    "card/binary-filled-beyond-end",
    breaks="CARD-READ-BINARY-LENGTH",
    because=Text("文件末尾之后补零返回", "what lies behind the end is given as zeros"),
)
class BinaryFilledBeyondEnd(CardBehaviour):
    """An Le beyond the end gives fewer bytes with 9000 instead of 6Cxx."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right or command == "READ-BINARY"


@mutant(
    "card/binary-rest-misreported",
    breaks="CARD-READ-BINARY-LENGTH",
    because=Text("6Cxx 中的长度多一", "the length in 6Cxx is one too large"),
)
class BinaryRestMisreported(CardBehaviour):
    """6Cxx names one byte too many."""

    def reported_length(self, command: str, expected: int, actual: int) -> int:
        return actual + 1 if command == "READ-BINARY" else actual


@mutant(
    "card/binary-offset-at-end-accepted",
    breaks="CARD-READ-BINARY-BEYOND",
    because=Text("偏移检查用了“大于”", "the offset is compared by 'greater than'"),
)
class BinaryOffsetAtEndAccepted(CardBehaviour):
    """The offset just behind the last byte is taken for one inside."""

    def offset_inside(self, offset: int, size: int) -> bool:
        return offset <= size


@mutant(
    "card/binary-sfi-offset-ignored",
    breaks="CARD-READ-BINARY-SFI",
    because=Text("以 SFI 寻址时忽略 P2", "P2 is ignored where an SFI is given"),
)
class BinarySfiOffsetIgnored(CardBehaviour):
    """Reading by SFI begins at the file's first byte."""

    def binary_offset(self, p1: int, p2: int, right: int) -> int:
        return 0 if p1 & 0x80 else right


@mutant(
    "card/binary-sfi-not-current",
    breaks="CARD-READ-BINARY-SFI",
    because=Text("以 SFI 寻址未更新当前文件", "addressing by SFI leaves the current file as it was"),
    profiles=_WITH_TRANSPARENT_FILES,
)
class BinarySfiNotCurrent(CardBehaviour):
    """The file that an SFI named is not current afterwards."""

    def position_after_sfi(self, before: Position, addressed: Position) -> Position:
        return before


@mutant(
    "card/binary-p1-unchecked",
    breaks="CARD-READ-BINARY-PARAMETERS",
    because=Text("不检查 P1 的第 7、6 位", "bits 7 and 6 of P1 are not looked at"),
)
class BinaryP1Unchecked(CardBehaviour):
    """Any P1 with its high bit set names an SFI."""

    def binary_parameters(self, p1: int, right: bool) -> bool:
        return True


@mutant(
    "card/binary-free-reading",
    breaks="CARD-READ-BINARY-REFUSED",
    because=Text("透明文件未检查读权限", "the access rule of transparent files is not checked"),
    profiles=_WITH_TRANSPARENT_FILES,
)
class BinaryFreeReading(CardBehaviour):
    """Every transparent file reads freely."""

    def may_read(self, file: FileSpec, state: SecurityState) -> bool:
        return file.structure == Structure.TRANSPARENT or super().may_read(file, state)


@mutant(
    "card/records-as-bytes",
    breaks="CARD-STRUCTURE",
    because=Text("二进制命令不检查文件结构", "binary commands do not look at the file's structure"),
)
class RecordsAsBytes(CardBehaviour):
    """The records of a linear file read as bytes."""

    def octets_of(self, content: FileImage | None) -> bytearray | None:
        return bytearray(b"".join(content.records)) if isinstance(content, RecordFile) else super().octets_of(content)


@mutant(
    "card/bytes-as-record",
    breaks="CARD-STRUCTURE",
    because=Text("透明文件被当作单条记录", "a transparent file is taken for one record"),
    profiles=_WITH_TRANSPARENT_FILES,
)
class BytesAsRecord(CardBehaviour):
    """READ RECORD gives a transparent file as its only record."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> list[bytes] | None:
        if isinstance(content, BinaryFile):
            return [bytes(content.data)]
        found = super().records_of(file, content)
        return None if found is None else list(found)


@mutant(
    "card/binary-not-written",
    breaks="CARD-UPDATE-BINARY",
    because=Text("写入缓存但未提交", "the write stays in a cache"),
)
class BinaryNotWritten(CardBehaviour):
    """9000 is answered and the bytes are the old ones."""

    def octets_stored(self, old: bytes, new: bytes) -> bytes:
        return old


@mutant(
    "card/binary-only-clears-bits",
    breaks="CARD-UPDATE-BINARY",
    because=Text("写入前未擦除存储页", "the page is not erased before it is written"),
)
class BinaryOnlyClearsBits(CardBehaviour):
    """What is written is the old and the new content combined by AND."""

    def octets_stored(self, old: bytes, new: bytes) -> bytes:
        return bytes(before & after for before, after in zip(old, new, strict=True))


@mutant(
    "card/binary-page-boundary",
    breaks="CARD-UPDATE-BINARY",
    because=Text("跨页写入只写了第一页", "a write across a page boundary writes the first page alone"),
)
class BinaryPageBoundary(CardBehaviour):
    """Bytes from the second half of the data on stay the old ones."""

    def octets_stored(self, old: bytes, new: bytes) -> bytes:
        half = (len(new) + 1) // 2
        return new[:half] + old[half:]


@mutant(
    "card/binary-update-open",
    breaks="CARD-UPDATE-BINARY-REFUSED",
    because=Text("更新只检查读权限", "an update checks the rule of reading"),
    profiles=_WITH_TRANSPARENT_FILES,
)
class BinaryUpdateOpen(CardBehaviour):
    """Who may read a transparent file may write it."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return (
            self.may_read(file, state) if file.structure == Structure.TRANSPARENT else super().may_update(file, state)
        )


@mutant(
    "card/binary-written-though-refused",
    breaks="CARD-UPDATE-BINARY-REFUSED",
    because=Text("先写入后检查权限", "the bytes are written before the access rule is checked"),
)
class BinaryWrittenThoughRefused(CardBehaviour):
    """6982 is answered and the bytes have changed."""

    def octets_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        return new if condition == "security" else old


@mutant(
    "card/binary-file-grows",
    breaks="CARD-UPDATE-BINARY-BEYOND",
    because=Text("写入时自动扩展文件", "writing behind the end makes the file longer"),
)
class BinaryFileGrows(CardBehaviour):
    """Data beyond the end are accepted."""

    def binary_fits(self, offset: int, count: int, size: int) -> bool:
        return True


@mutant(
    "card/binary-part-written-at-end",
    breaks="CARD-UPDATE-BINARY-BEYOND",
    because=Text("写满后才发现空间不足", "the end of the file is noticed when it is reached"),
)
class BinaryPartWrittenAtEnd(CardBehaviour):
    """Data beyond the end are refused after what fits was written."""

    def octets_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        return new if condition == "beyond" else old


@mutant(
    "card/binary-update-offset-unchecked",
    breaks="CARD-UPDATE-BINARY-BEYOND",
    because=Text("写入不检查偏移", "an update does not look at the offset"),
)
class BinaryUpdateOffsetUnchecked(CardBehaviour):
    """An update behind the end is accepted."""

    def offset_inside(self, offset: int, size: int) -> bool:
        return True

    def binary_fits(self, offset: int, count: int, size: int) -> bool:
        return True


@mutant(
    "card/binary-update-empty-accepted",
    breaks="CARD-UPDATE-BINARY-OTHERS",
    because=Text("Lc 为 00 时不做任何事并返回成功", "Lc 00 writes nothing and succeeds"),
)
class BinaryUpdateEmptyAccepted(CardBehaviour):
    """UPDATE BINARY with Lc 00 is not refused for its length."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command == "UPDATE-BINARY"
