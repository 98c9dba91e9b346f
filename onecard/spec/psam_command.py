"""The commands of the PSAM as data: header, tables of P1, lengths, status words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from onecard.spec.build import status_of
from onecard.spec.card import Status
from onecard.spec.errors import SpecError
from onecard.spec.interface import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PsamMethod:
    """A value of P1 of SELECT: ``by`` fid or name, ``lengths`` the allowed Lc."""

    p1: int
    by: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CipherMode:
    """A value of P1 of CIPHER DATA: ``does`` encipher or mac.

    ``begins``: its part may be the first of a computation, which for a MAC has the initial value in front;
    ``continues``: it may follow a part; ``ends``: it is the last.
    """

    p1: int
    does: str
    begins: bool
    continues: bool
    ends: bool


@dataclass(frozen=True, slots=True)
class PsamCommand:
    """A command: header, ISO case, status words by condition, its own tables, and ``length``: the one Lc it takes;
    ``p1``: the one P1, where modes give none; ``other_mac``: the other word for a wrong MAC; ``where``: transport for a
    command of that application.
    """

    id: str
    cla: int
    ins: int
    case: int
    statuses: Mapping[str, Status]
    methods: tuple[PsamMethod, ...] = ()
    modes: tuple[CipherMode, ...] = ()
    length: int | None = None
    p1: int = 0
    other_mac: Status | None = None
    where: str = ""

    def method(self, by: str) -> PsamMethod:
        """The SELECT method by ``fid`` or ``name``; raises SpecError."""
        return one_of([method for method in self.methods if method.by == by], f"{self.id} by {by}")

    def mode(self, does: str, *, first: bool = True, last: bool = True) -> CipherMode:
        """The mode of CIPHER DATA that does ``encipher`` or ``mac`` over this part of the data; raises SpecError."""
        found = [
            mode
            for mode in self.modes
            if (mode.does, mode.ends) == (does, last) and (mode.begins if first else mode.continues)
        ]
        return one_of(found, f"{self.id} {does}")


def one_of(found: Sequence[T], what: str) -> T:
    """The one that was found; raises SpecError where there are none or several."""
    if len(found) != 1:
        raise SpecError(
            zh=f"PSAM 数据中 {what} 应恰有一项，实有 {len(found)} 项",
            en=f"the data of the PSAM hold {len(found)} of {what}, there must be one",
        )
    return found[0]


def _lengths(value: Mapping[str, int] | Sequence[int]) -> tuple[int, ...]:
    return tuple(range(value["min"], value["max"] + 1)) if isinstance(value, Mapping) else tuple(value)


def _mode(node: Node) -> CipherMode:
    return CipherMode(*(node[key] for key in ("p1", "does", "begins", "continues", "ends")))


def command_of(node: Node) -> PsamCommand:
    """The typed view of a command; raises KeyError, TypeError or ValueError where its data are incomplete."""
    return PsamCommand(
        id=node["id"],
        cla=node["cla"],
        ins=node["ins"],
        case=node["case"],
        statuses={name: status_of(word) for name, word in node["statuses"].items()},
        methods=tuple(PsamMethod(way["p1"], way["by"], _lengths(way["lengths"])) for way in node.get("methods", ())),
        modes=tuple(_mode(mode) for mode in node.get("modes", ())),
        length=node.get("length"),
        p1=node.get("p1", 0),
        other_mac=status_of(node["other-mac-status"]) if "other-mac-status" in node else None,
        where=node.get("where", ""),
    )
