"""What a PSAM forgets when its supply goes, and what it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """The current environment (its id), whether its application is selected, and the current file (id or None)."""

    environment: str
    application: bool = False
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """A delivered session key: the usage byte of its root, and how many computations it still serves."""

    key: bytes
    usage: int
    uses: int


@dataclass(frozen=True, slots=True)
class PsamImage:
    """The persistent part: ``historical`` bytes of the ATR, ``files`` by id, root ``keys`` by the name on the card."""

    historical: bytes
    files: Mapping[str, bytes]
    keys: Mapping[str, bytes]
