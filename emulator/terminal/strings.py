"""Strings of the interface: fields in the order of the data, each ended by the separator."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.terminal_strings import Field, StringFormat

FILLERS = b"\x00\xff"


def _text(octets: bytes) -> str:
    # GB18030 is the superset of GBK: a character of four bytes is not taken for others.
    return octets.decode("gb18030", errors="replace")


_CODINGS: Mapping[str, Callable[[Sequence[bytes]], str]] = MappingProxyType(
    {
        "text": lambda parts: _text(b"".join(part.rstrip(FILLERS) for part in parts)),
        "hex": lambda parts: b"".join(parts).hex().upper(),
    }
)


def coded(text: bool, value: bytes) -> str:
    """A single value as text without its filler, or hexadecimal."""
    return _CODINGS["text" if text else "hex"]([value])


def written(
    form: StringFormat, items: Mapping[int, bytes], values: Mapping[str, str], behaviour: TerminalBehaviour
) -> str:
    """The string of a form: fields from the card's ``items`` by tag, or from ``values`` by source."""

    def field(one: Field) -> str:
        if one.source not in _CODINGS:
            return values[one.source]
        parts = [items[tag] for tag in one.tags if tag in items]
        return behaviour.item_text(one.tags, parts, _CODINGS[one.source](parts))

    return "".join(field(one) + form.separator for one in form.fields)


def taken_apart(form: StringFormat, text: str) -> dict[str, str] | None:
    """Hexadecimal fields by source; trailing fields may be missing. None where number, length or characters differ."""
    *fields, rest = text.split(form.separator)
    if rest or not 1 <= len(fields) <= len(form.fields):
        return None
    padded = fields + [""] * (len(form.fields) - len(fields))
    good = (not value or _fits(one, value) for one, value in zip(form.fields, padded, strict=True))
    return {one.source: value for one, value in zip(form.fields, padded, strict=True)} if all(good) else None


def _fits(field: Field, value: str) -> bool:
    return len(value) == field.length and all(character in "0123456789ABCDEFabcdef" for character in value)
