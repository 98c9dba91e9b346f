"""What was found on a card, for text and for JSON."""

from dataclasses import dataclass, field
from typing import Any

from onecard.spec.text import Language, Text


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One piece of information: ``label`` tag or number of the record, ``value`` in words, ``octets`` as read.

    ``problem``: why the bytes say nothing by the rules.
    """

    label: str
    name: Text
    value: Text
    octets: bytes
    problem: Text | None = None


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file: its items, or why it was not read."""

    id: str
    name: Text
    items: tuple[ShownItem, ...] = ()
    why_not: Text | None = None


@dataclass(frozen=True, slots=True)
class ShownApplication:
    """An application that the card has, and its files. ``files`` without those that the card does not have."""

    id: str
    name: Text
    df_name: bytes
    files: tuple[ShownFile, ...] = ()


@dataclass(slots=True)
class ShownCard:
    """The card: how it was reached, what it says of itself, what it has, and what went otherwise than asked."""

    target: str
    atr: bytes
    profile: str = ""
    applications: list[ShownApplication] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def document(self, language: Language) -> dict[str, Any]:
        """As one JSON object; names and words in one language, bytes as upper-case hex."""
        return {
            "target": self.target,
            "atr": self.atr.hex().upper(),
            "profile": self.profile,
            "applications": [_application(found, language) for found in self.applications],
            "absent": list(self.absent),
            "notes": [note.in_(language) for note in self.notes],
        }


def _application(found: ShownApplication, language: Language) -> dict[str, Any]:
    return {
        "id": found.id,
        "name": found.name.in_(language),
        "df_name": found.df_name.hex().upper(),
        "files": [_file(file, language) for file in found.files],
    }


def _file(file: ShownFile, language: Language) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.name.in_(language),
        "read": file.why_not is None,
        "why": file.why_not.in_(language) if file.why_not is not None else None,
        "items": [_item(item, language) for item in file.items],
    }


def _item(item: ShownItem, language: Language) -> dict[str, Any]:
    return {
        "label": item.label,
        "name": item.name.in_(language),
        "value": item.value.in_(language),
        "hex": item.octets.hex().upper(),
        "problem": item.problem.in_(language) if item.problem is not None else None,
    }
