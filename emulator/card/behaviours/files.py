"""Commands on transparent, cyclic and fixed-length files."""

from collections.abc import Sequence

from emulator.card.image import BinaryFile, CyclicFile, FileImage, RecordFile
from onecard.spec.card import FileSpec


class BinaryBehaviour:
    """READ BINARY and UPDATE BINARY."""

    def octets_of(self, content: FileImage | None) -> bytearray | None:
        """What a binary command works on; None for a file of another structure."""
        return content.data if isinstance(content, BinaryFile) else None

    def binary_parameters(self, p1: int, right: bool) -> bool:
        """Whether P1 of a binary command is one of the two forms."""
        return right

    def binary_offset(self, p1: int, p2: int, right: int) -> int:
        """Where reading or writing begins."""
        return right

    def offset_inside(self, offset: int, size: int) -> bool:
        """Whether a file of ``size`` bytes has a byte at ``offset``."""
        return offset < size

    def binary_read(self, command: str, data: bytes, offset: int, right: bytes) -> bytes:
        """What is given of ``data`` from ``offset``: the bytes that Le asks for."""
        return right

    def binary_fits(self, offset: int, count: int, size: int) -> bool:
        """Whether ``count`` bytes may be written from ``offset`` of a file of ``size`` bytes."""
        return offset + count <= size

    def octets_stored(self, old: bytes, new: bytes) -> bytes:
        """What an update leaves where ``old`` stood."""
        return new

    def octets_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        """What a refused update (condition security or beyond) leaves where ``new`` should have gone."""
        return old


class RecordStructureBehaviour:
    """Records of fixed length and cyclic files."""

    def records_of(self, file: FileSpec, content: FileImage | None) -> Sequence[bytes] | None:
        """What reading by record works on, as it is numbered; None for a file without records."""
        return content.records if isinstance(content, (RecordFile, CyclicFile)) else None

    def appends_cyclic(self, way: str, ways: Sequence[str]) -> bool:
        """Whether an update addressed ``way`` (P1 and mode) appends to a cyclic file; ``ways``: those of sources."""
        return way in ways

    def cyclic_appended(self, records: Sequence[bytes], new: bytes, capacity: int) -> tuple[bytes, ...]:
        """The records, newest first, after ``new`` was appended: beyond the capacity the oldest falls out."""
        return (new, *records)[:capacity]

    def cyclic_after_refusal(self, old: Sequence[bytes], new: Sequence[bytes]) -> tuple[bytes, ...]:
        """What an update that the access rule refuses leaves of a cyclic file."""
        return tuple(old)

    def record_length_agrees(self, given: int, length: int) -> bool:
        """Whether an update of ``given`` bytes suits a file whose records all have ``length`` bytes."""
        return given == length

    def appended_at(self, records: int) -> int:
        """Index at which a record is appended to a linear file that has so many."""
        return records
