"""Rules beside the files of a card: local extensions, tags with two meanings, readings of which none fails a card."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from onecard.spec.build import text_of
from onecard.spec.card import CardSpec, Item
from onecard.spec.text import Text

_CHARSETS: Mapping[str, str] = {"an": "gbk", "cn": "bcd", "b": "binary"}


@dataclass(frozen=True, slots=True)
class Extension:
    """Least file identifiers of extension applications and files; ``closed``: applications whose files of the rules
    take no further items.
    """

    first_application: int
    first_file: int
    closed: frozenset[str]


@dataclass(frozen=True, slots=True)
class TagConflict:
    """A tag of ``file`` that has another meaning on 1.0 cards (``old``) than later (``new``).

    A new value is filled with ``filler`` bytes to the old length. ``judged_by``: the tag whose value tells for this
    one, where both are equally long.
    """

    id: str
    file: str
    tag: int
    filler: int
    judged_by: int | None
    old: Item
    new: Item

    def is_new(self, value: bytes) -> bool:
        """Whether a value under a tag that tells for itself has the new meaning: it ends in filler, or is longer than
        an old one.
        """
        filled = len(value) == self.old.length and value[self.new.length :] and value.endswith(bytes((self.filler,)))
        longer = len(value) == self.new.length > self.old.length
        return bool(filled) or longer

    def new_value(self, value: bytes) -> bytes:
        """The bytes that count of a value with the new meaning."""
        return value[: self.new.length]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one of the sources says about a datum (``topic``); ``value`` as the data write it."""

    id: str
    name: Text
    topic: str
    value: object


def extension_of(spec: CardSpec) -> Extension | None:
    """The rules of local extensions; None where the data have none."""
    node = next(iter(spec.table("extension-rules").values()), None)
    if node is None:
        return None
    return Extension(
        first_application=cast(int, node["first-application"]),
        first_file=cast(int, node["first-file"]),
        closed=frozenset(cast("list[str]", node["closed"])),
    )


def conflicts_of(spec: CardSpec) -> tuple[TagConflict, ...]:
    """Every tag with two meanings."""
    return tuple(_conflict(name, cast("Mapping[str, Any]", node)) for name, node in spec.table("tag-conflicts").items())


def conflict_of(spec: CardSpec, file: str, item: Item) -> TagConflict | None:
    """The other meaning of the tag of ``item``, where the item itself is the old one; None for every other item."""
    for name, node in spec.table("tag-conflicts").items():
        if node["file"] == file and node["tag"] == item.tag:
            found = _conflict(name, cast("Mapping[str, Any]", node))
            return found if (found.old.type, found.old.length) == (item.type, item.length) else None
    return None


def _conflict(name: str, node: Mapping[str, Any]) -> TagConflict:
    def side(which: str) -> Item:
        found = node[which]
        return Item(
            id=f"{name}/{which}",
            tag=node["tag"],
            name=text_of(found["name"]),
            type=found["type"],
            charset=_CHARSETS[found["type"]],
            length=found["length"],
            check=found.get("check"),
            codes=found.get("codes"),
            personal=True,
        )

    return TagConflict(
        id=name,
        file=node["file"],
        tag=node["tag"],
        filler=node["filler"],
        judged_by=node.get("judged-by"),
        old=side("old"),
        new=side("new"),
    )


def readings_of(spec: CardSpec, topic: str | None = None) -> tuple[Reading, ...]:
    """The readings of every datum, or of one (the id of an item, a code table, a key …)."""
    return tuple(
        Reading(each["id"], text_of(each["name"]), str(node["topic"]), each["value"])
        for node in spec.table("readings").values()
        if topic in (None, node["topic"])
        for each in cast("list[Mapping[str, Any]]", node["readings"])
    )


def forms_of(spec: CardSpec, item: Item) -> tuple[Item, ...]:
    """An item in each form that a source gives it, its own first."""
    forms = [item]
    for reading in readings_of(spec, item.id):
        if isinstance(reading.value, Mapping):
            kind = str(reading.value["type"])
            form = replace(item, type=kind, charset=_CHARSETS[kind], length=int(str(reading.value["length"])))
            if (form.type, form.length) != (item.type, item.length):
                forms.append(form)
    return tuple(forms)


def ranges_of(spec: CardSpec, table: str) -> tuple[tuple[str, str], ...]:
    """Ranges of codes that one of the readings of a code table has; empty for a table without readings."""
    found: list[tuple[str, str]] = []
    for reading in readings_of(spec, table):
        if isinstance(reading.value, list):
            found += [(str(low), str(high)) for low, high in reading.value]
    return tuple(found)
