"""What a PSAM forgets when its supply goes, and what it keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Position:
    """The current environment (its id), whether its application or the transport application is selected, and the
    current file (id or None).
    """

    environment: str
    application: bool = False
    file: str | None = None
    transport: bool = False


@dataclass(frozen=True, slots=True)
class Chain:
    """A computation of which parts were done: what it ``does``, and what the next part begins with (empty: nothing)."""

    does: str
    state: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    """A delivered session key: the usage byte of its root, how many computations it still serves, and the one begun."""

    key: bytes = field(repr=False)
    usage: int
    uses: int
    chain: Chain | None = None


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase that was initialised: the MAC2 that completes it."""

    mac2: bytes


@dataclass(frozen=True, slots=True)
class LoadedKey:
    """A root key as it lies in a key file: usage byte, id, algorithm byte, value."""

    usage: int
    number: int
    code: int
    value: bytes = field(repr=False)


@dataclass(slots=True)
class TransportStore:
    """What the transport application keeps: roots for MACs by usage and version, roots of the purchase key by version,
    and the last terminal sequence.
    """

    keys: Mapping[tuple[int, int], bytes] = field(default_factory=dict, repr=False)
    purchase: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class PsamImage:
    """The persistent part: ``historical`` bytes of the ATR, ``files`` by id, root ``keys`` by the name on the card.

    ``own``: the PSAM's own keys by name, with ``tries`` left of ``limit``. ``loaded``: keys that were loaded, by
    environment, usage and id; they stand before those of ``keys``. ``room``: how many keys a key file takes.
    ``purchase``: roots of the purchase key by version.
    """

    historical: bytes
    files: dict[str, bytes]
    keys: Mapping[str, bytes] = field(repr=False)
    own: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    tries: dict[str, int] = field(default_factory=dict)
    limit: int = 3
    loaded: dict[tuple[str, int, int], LoadedKey] = field(default_factory=dict)
    room: int = 24
    purchase: Mapping[int, bytes] = field(default_factory=dict, repr=False)
    transport: TransportStore = field(default_factory=TransportStore)
