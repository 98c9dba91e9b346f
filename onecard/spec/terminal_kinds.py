"""Kinds of terminals that read the one-card in their own field of use, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ShownField:
    """A field of a kind's result.

    ``shows``: level, scenario, text or hex (items of SSSE by ``tags``), part (``part``: a field of a transparent file),
    object (``object_tag``: a data object of the bank's records), balance.
    """

    id: str
    name: Text
    shows: str
    tags: tuple[int, ...]
    part: str
    object_tag: int


@dataclass(frozen=True, slots=True)
class TerminalKind:
    """A kind of terminal.

    ``level``: of application (1 visual, 2 card read, 3 scan). ``slots`` in the order of search. ``directories``: by
    slot, the environment that leads to the application, none where it is selected by name. ``environment``: application
    of the card's data that is read. ``files`` are read there, ``may_read`` by another right way of reading.
    ``authentication``: internal, external. ``separator`` ends each of ``fields``.
    """

    id: str
    name: Text
    level: int
    scenario: str
    slots: tuple[str, ...]
    directories: Mapping[str, str]
    environment: str
    files: tuple[str, ...]
    may_read: tuple[str, ...]
    authentication: tuple[str, ...]
    separator: str
    fields: tuple[ShownField, ...]

    def shows(self, what: str) -> bool:
        """Whether a field of the result shows ``what``."""
        return any(field.shows == what for field in self.fields)


def terminal_kinds(interface: InterfaceSpec) -> Mapping[str, TerminalKind]:
    """The kinds that a terminal is, by the end of their id, which is that of their function.

    Raises KeyError, TypeError, ValueError where the data lack something.
    """
    found = interface.tables.get("adaptations", {})
    return {identifier.rpartition("/")[2]: _kind(identifier, node) for identifier, node in found.items()}


def _kind(identifier: str, node: Node) -> TerminalKind:
    slots = tuple(node["slots"])
    return TerminalKind(
        id=identifier,
        name=_text(node["name"]),
        level=int(node["level"]),
        scenario=str(node["scenario"]),
        slots=slots,
        directories=dict(zip(slots, node.get("directories", ()), strict=False)),
        environment=str(node["environment"]),
        files=tuple(node["files"]),
        may_read=tuple(node.get("may-read", ())),
        authentication=tuple(node["authentication"]),
        separator=str(node["separator"]),
        fields=tuple(_field(field) for field in node["fields"]),
    )


def _field(node: Node) -> ShownField:
    return ShownField(
        id=str(node["id"]),
        name=_text(node["name"]),
        shows=str(node["shows"]),
        tags=tuple(node.get("tags", ())),
        part=str(node.get("part", "")),
        object_tag=int(node.get("object", 0)),
    )


def _text(node: Mapping[str, str]) -> Text:
    return Text(zh=node["zh"], en=node["en"])
