"""The PSAM's own keys, its key files, and the loading of keys, as data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec, Node

USAGE, NUMBER, RESERVED, ALGORITHM = "usage", "number", "reserved", "algorithm"
CREATE, CHANGE = "create", "change"


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of the PSAM itself: ``key`` names it, ``number`` is its id, ``place`` environment or application: where it
    is proved.
    """

    id: str
    key: str
    number: int
    place: str


@dataclass(frozen=True, slots=True)
class KeyRange:
    """Ids from ``low`` to ``high``, both included."""

    id: str
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file of root keys, updated under the own key ``own``; a key lies in it whose id is in one of the ranges."""

    id: str
    fid: int
    own: str
    ranges: tuple[KeyRange, ...]

    def has(self, number: int) -> bool:
        """Whether keys of this id lie in the file."""
        return any(span.low <= number <= span.high for span in self.ranges)

    def numbers(self) -> Iterator[int]:
        """The ids of the file, in order."""
        return (number for span in self.ranges for number in range(span.low, span.high + 1))


@dataclass(frozen=True, slots=True)
class KeyAlgorithm:
    """What the algorithm byte of a key says: code of its algorithm (of the environment it is in), length of the key."""

    id: str
    code: int
    algorithm: str
    key_length: int


@dataclass(frozen=True, slots=True)
class KeyForm:
    """The plain data of CREATE KEY or CHANGE KEY: name and length of each field before the key's value."""

    id: str
    p1: int
    does: str
    fields: tuple[tuple[str, int], ...]

    @property
    def head(self) -> int:
        """Bytes before the value."""
        return sum(length for _, length in self.fields)


@dataclass(frozen=True, slots=True)
class Loading:
    """How keys are loaded. ``challenge``: bytes of the challenge; ``mac_length``; ``marker``: first byte of a filling.

    ``types``: types of the usage byte that a key may have.
    """

    own: Mapping[str, OwnKey]
    files: tuple[KeyFile, ...]
    algorithms: tuple[KeyAlgorithm, ...]
    forms: tuple[KeyForm, ...]
    types: frozenset[int]
    challenge: int
    mac_length: int
    marker: int

    def lengths(self, algorithm: str) -> frozenset[int]:
        """Lengths of keys in an environment of this algorithm."""
        return frozenset(found.key_length for found in self.algorithms if found.algorithm == algorithm)

    def form(self, does: str) -> KeyForm:
        """The form that does ``create`` or ``change``; raises StopIteration where the data have none."""
        return next(form for form in self.forms if form.does == does)


def loading_of(interface: InterfaceSpec) -> Loading:
    """The typed view; raises SpecError, KeyError, TypeError or ValueError where the data are incomplete."""
    own = [_own(node) for node in interface.table("own-keys").values()]
    messaging = interface.datum("loading-messaging", "PSAM/LOADING")
    return Loading(
        own={key.key: key for key in own},
        files=tuple(_file(node) for node in interface.table("key-files").values()),
        algorithms=tuple(_algorithm(node) for node in interface.table("key-algorithms").values()),
        forms=tuple(_form(node) for node in interface.table("key-forms").values()),
        types=frozenset(node["type"] for node in interface.table("key-types").values()),
        challenge=messaging["challenge"],
        mac_length=messaging["mac-length"],
        marker=messaging["marker"],
    )


def _own(node: Node) -> OwnKey:
    return OwnKey(*(node[key] for key in ("id", "key", "number", "place")))


def _file(node: Node) -> KeyFile:
    ranges = tuple(KeyRange(span["id"], span["low"], span["high"]) for span in node["ranges"])
    return KeyFile(node["id"], node["fid"], node["own"], ranges)


def _algorithm(node: Node) -> KeyAlgorithm:
    return KeyAlgorithm(*(node[key] for key in ("id", "code", "algorithm", "key-length")))


def _form(node: Node) -> KeyForm:
    fields = tuple((field["field"], field["length"]) for field in node["fields"])
    return KeyForm(node["id"], node["p1"], node["does"], fields)
