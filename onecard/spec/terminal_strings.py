"""Strings of the terminal's interface as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a string.

    ``source``: where it comes from; ``text`` and ``hex`` are items of the card, whose ``tags`` follow one another.
    ``length`` in characters, None where it is free.
    """

    id: str
    name: Text
    source: str
    tags: tuple[int, ...]
    length: int | None


@dataclass(frozen=True, slots=True)
class StringFormat:
    """A string of the interface: fields in order, each ended by ``separator``."""

    id: str
    separator: str
    fields: tuple[Field, ...]


def _field(node: Mapping[str, Any]) -> Field:
    tags = tuple(node.get("tags", ()))
    return Field(
        str(node["id"]),
        Text(zh=node["name"]["zh"], en=node["name"]["en"]),
        str(node["source"]),
        tags,
        node.get("length"),
    )


def string_format(interface: InterfaceSpec, identifier: str) -> StringFormat:
    """The string with this id; raises KeyError, TypeError, ValueError where the data lack something."""
    node = interface.datum("strings", identifier)
    return StringFormat(identifier, str(node["separator"]), tuple(_field(field) for field in node["fields"]))
