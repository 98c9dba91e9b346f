"""What a card keeps without supply: its files, keys, PIN and counters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.card.certificate.image import CertificateImage
from emulator.card.purse.image import PurseImage
from emulator.card.transport.image import TransportImage


@dataclass(slots=True)
class RecordFile:
    """Records of an EF, each a whole TLV. ``capacity``: bytes that all of them may take."""

    records: list[bytes]
    capacity: int
    identifiers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.identifiers = [record[0] for record in self.records]

    @classmethod
    def full(cls, records: Iterable[bytes], spare: int = 0) -> "RecordFile":
        """A file exactly as large as its records, or by ``spare`` bytes larger."""
        kept = list(records)
        return cls(kept, sum(map(len, kept)) + spare)

    def used(self) -> int:
        """Bytes taken."""
        return sum(map(len, self.records))

    def write(self, index: int, record: bytes) -> None:
        """Replace the record at ``index`` (from 0), or append when ``index`` is one beyond the last."""
        if index == len(self.records):
            self.records.append(record)
            self.identifiers.append(record[0])
        else:
            self.records[index] = record
            self.identifiers[index] = record[0]

    def value(self, identifier: int) -> bytes:
        """Value of the first record with ``identifier``, without tag and length; raises KeyError."""
        for record in self.records:
            if record[0] == identifier:
                return record[2:]
        raise KeyError(f"no record {identifier:02X}")


@dataclass(slots=True)
class CyclicFile:
    """Records of one length, newest first; at most ``capacity`` of them."""

    records: list[bytes]
    length: int
    capacity: int


@dataclass(slots=True)
class BinaryFile:
    """A transparent file."""

    data: bytearray


FileImage = RecordFile | CyclicFile | BinaryFile


@dataclass(slots=True)
class CardImage:
    """The persistent part of one card.

    ``historical``: the historical bytes that diversified the keys. ``files`` by file id; ``keys`` by key name and
    version. ``key_tries`` by key name: the versions of a key share its counter. ``pin``: as VERIFY sends it, or None.
    ``purses`` by id. ``journal``: writes not yet known to be carried out; ``journal_whole``: all of them stand in it.
    ``certificate`` and ``transport``: what these applications keep beside their files. ``blocked``: the applications
    that are blocked for ever; ``card_blocked``: the whole card is.
    """

    historical: bytes
    files: dict[str, FileImage]
    keys: Mapping[str, dict[int, bytes]]
    key_limit: int
    key_tries: dict[str, int]
    pin: bytes | None
    pin_limit: int
    pin_tries: int
    purses: dict[str, PurseImage] = field(default_factory=dict)
    journal: list[Any] = field(default_factory=list)
    journal_whole: bool = False
    certificate: CertificateImage | None = None
    transport: TransportImage | None = None
    blocked: tuple[str, ...] = ()
    card_blocked: bool = False

    def linear(self, file: str) -> RecordFile:
        """The content of a linear file; raises TypeError for a file of another structure."""
        found = self.files[file]
        if not isinstance(found, RecordFile):
            raise TypeError(f"{file} is no linear file")
        return found

    def cyclic(self, file: str) -> CyclicFile:
        """The content of a cyclic file; raises TypeError for a file of another structure."""
        found = self.files[file]
        if not isinstance(found, CyclicFile):
            raise TypeError(f"{file} is no cyclic file")
        return found

    def binary(self, file: str) -> BinaryFile:
        """The content of a transparent file; raises TypeError for a file of another structure."""
        found = self.files[file]
        if not isinstance(found, BinaryFile):
            raise TypeError(f"{file} is no transparent file")
        return found
