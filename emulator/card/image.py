"""What a card keeps without supply: its files, keys, PIN and counters."""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class RecordFile:
    """Records of an EF, each a whole TLV. ``capacity``: bytes that all of them may take."""

    records: list[bytes]
    capacity: int
    identifiers: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.identifiers = [record[0] for record in self.records]

    @classmethod
    def full(cls, records: Iterable[bytes]) -> "RecordFile":
        """A file exactly as large as its records."""
        kept = list(records)
        return cls(kept, sum(map(len, kept)))

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
class CardImage:
    """The persistent part of one card.

    ``historical``: the historical bytes that diversified the keys. ``files`` by file id; ``keys`` by key name and
    version. ``key_tries`` by key name: the versions of a key share its counter. ``pin``: as VERIFY sends it, or None.
    """

    historical: bytes
    files: dict[str, RecordFile]
    keys: dict[str, dict[int, bytes]]
    key_limit: int
    key_tries: dict[str, int]
    pin: bytes | None
    pin_limit: int
    pin_tries: int
