"""The PSAM's part in a medical purchase as data: its key, the level file, the data of the commands, computations."""

from collections.abc import Mapping
from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec, Node


@dataclass(frozen=True, slots=True)
class PurchaseKey:
    """The medical purchase key: ``key`` is its name on the user card, ``levels`` the diversification levels below it,
    ``versions`` those that the PSAM holds.
    """

    id: str
    key: str
    levels: int
    versions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LevelField:
    """A part of the level file: so many bytes from ``offset``."""

    id: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """How a PSAM takes part in purchases. ``key``: None for a PSAM that does none.

    ``level_file``: id of the file of the key's level, ``level_fields`` its parts. ``identifiers``: algorithm
    identifiers by its code. ``fields``: name and length of each datum of the initialisation before the factors.
    ``inputs``: by session, mac1, mac2. ``step``, ``limit``: how the terminal sequence counts, and its greatest value.
    """

    key: PurchaseKey | None
    level_file: str
    level_fields: tuple[LevelField, ...]
    identifiers: Mapping[str, int]
    fields: tuple[tuple[str, int], ...]
    inputs: Mapping[str, tuple[str, ...]]
    step: int
    limit: int

    @property
    def head(self) -> int:
        """Bytes of the initialisation's data before the factors."""
        return sum(length for _, length in self.fields)


def purchase_of(interface: InterfaceSpec) -> Purchase:
    """The typed view; raises SpecError, KeyError, TypeError or ValueError where the data are incomplete."""
    level = interface.datum("level-data", "PSAM/LEVEL-DATA")
    sequence = interface.datum("purchase-sequences", "PSAM/SEQUENCE")
    computations = interface.table("purchase-computations").values()
    algorithms = interface.table("purchase-algorithms").values()
    return Purchase(
        key=next((_key(node) for node in interface.table("purchase-keys").values()), None),
        level_file=level["file"],
        level_fields=tuple(LevelField(each["id"], each["offset"], each["length"]) for each in level["fields"]),
        identifiers={node["algorithm"]: node["identifier"] for node in algorithms},
        fields=tuple(
            (each["field"], each["length"]) for each in interface.datum("purchase-data", "PSAM/PURCHASE-DATA")["fields"]
        ),
        inputs={node["gives"]: tuple(node["inputs"]) for node in computations},
        step=sequence["step"],
        limit=sequence["limit"],
    )


def _key(node: Node) -> PurchaseKey:
    return PurchaseKey(node["id"], node["key"], node["levels"], tuple(node["held-versions"]))
