"""Strings of the terminal, compared field by field with what the card answered in the transcript."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from onecard.oracle.codec import Charset, an_decode, an_strip
from onecard.oracle.terminal_trace import MissingItem, Observed
from onecard.spec.terminal import TerminalSpec
from onecard.spec.terminal_strings import Field, StringFormat


@dataclass(frozen=True, slots=True)
class Comparison:
    """One field of a string: what the transcript bears out, and what stands there."""

    what: str
    expected: str
    received: str

    @property
    def ok(self) -> bool:
        """Whether they are the same."""
        return self.expected == self.received


def fields_of(form: StringFormat, text: str) -> list[str]:
    """The fields of a string, without the empty rest behind the last separator."""
    parts = text.split(form.separator)
    return parts[:-1] if parts and not parts[-1] else parts


def of_field(compared: Sequence[Comparison], name: str) -> tuple[Comparison, ...]:
    """The comparison of one field by its name; all of them, which do not agree, where the string has no such field."""
    return tuple(one for one in compared if one.what == name) or tuple(compared)


def compare_basic(
    spec: TerminalSpec, seen: Observed, out: str, *, number: str, device: str | None
) -> tuple[Comparison, ...]:
    """The basic data against the card's own answers. ``device``: None leaves the device number unjudged."""
    try:
        return _basic(spec, seen, out, number, device)
    except MissingItem as missing:
        return (_unread(missing),)


def _unread(missing: MissingItem) -> Comparison:
    # A string that nothing read from the card bears out.
    return Comparison("reading of the card", "the items that the result tells", missing.text.en)


def _basic(spec: TerminalSpec, seen: Observed, out: str, number: str, device: str | None) -> tuple[Comparison, ...]:
    values = {"region": seen.region, "historical": seen.historical.hex().upper(), "terminal-number": number}
    if device is not None:
        values["device-number"] = device
    return tuple(_compared(spec.basic, seen, out, values))


def compare_request(spec: TerminalSpec, seen: Observed, out: str) -> tuple[Comparison, ...]:
    """The request to the encryptor against the card's own answers; a further field behind the last is free.

    Factors: of the internal authentication those that the card was sent, of the external one the card's last two
    challenges, the last being the process factor; both empty for cards whose holder file reads freely.
    """
    try:
        return _request(spec, seen, out)
    except MissingItem as missing:
        return (_unread(missing),)


def _request(spec: TerminalSpec, seen: Observed, out: str) -> tuple[Comparison, ...]:
    algorithm = spec.algorithm(seen.identifier)
    values = {
        "region": seen.region,
        "historical": seen.historical.hex().upper(),
        "algorithm": "" if algorithm is None else f"{algorithm.identifier:02X}",
    }
    if seen.internal:
        proved = seen.internal[-1]
        values |= {"internal-factor": proved.random.hex().upper(), "internal-original": proved.original.hex().upper()}
    external = needs_external(spec, seen)
    last = [challenge.hex().upper() for challenge in seen.challenges[-2:]] if external else []
    last = last or ["" if not external else "(no challenge was taken)"]
    values |= {"external-original": last[0], "external-factor": last[-1]}
    return tuple(_compared(spec.request, seen, out, values, free=1))


def _compared(
    form: StringFormat, seen: Observed, out: str, values: Mapping[str, str], free: int = 0
) -> Iterator[Comparison]:
    # ``free``: so many fields behind the last are nobody's business.
    given = fields_of(form, out)
    count = len(form.fields)
    if not count <= len(given) <= count + free:
        expected = f"{count} to {count + free}" if free else str(count)
        yield Comparison("number of fields", expected, str(len(given)))
        return
    for field, received in zip(form.fields, given, strict=False):
        if field.source in _ITEMS:
            yield Comparison(field.name.en, expected_text(field, seen), received)
        elif field.source in values:
            expected = values[field.source]
            # Hexadecimal letters may be written either way: the sources do not say.
            same = expected.upper() == received.upper()
            yield Comparison(field.name.en, expected, expected if same else received)


def expected_text(field: Field, seen: Observed) -> str:
    """The text of a field that items of the card make, or in parentheses what was never read."""
    try:
        return _ITEMS[field.source](field, seen)
    except MissingItem as missing:
        return f"({missing.text.en})"


VERSION: Final = 0x03
_CHARSET: Final = Charset.GB18030  # the superset of GBK: a character of four bytes is none of GBK's
FIRST_GENERATION: Final = b"1"
PERSONAL: Final = frozenset(("TERMINAL/BASIC/NUMBER", "TERMINAL/BASIC/HOLDER"))
"""Fields that tell who the holder is."""


def _text(field: Field, seen: Observed) -> str:
    first, *rest = field.tags
    if rest and _goes_on(seen, first):
        values = [seen.item(tag) for tag in field.tags]
    else:
        values = [seen.item(first)] + [seen.items.get(tag, b"") for tag in rest]
    return an_decode(b"".join(an_strip(value) for value in values), _CHARSET)


def _goes_on(seen: Observed, tag: int) -> bool:
    # An item that is full, but for half a character, goes on in its extension; first-generation cards have none.
    value = seen.item(tag)
    return len(an_strip(value)) >= len(value) - 1 and not seen.item(VERSION).startswith(FIRST_GENERATION)


def _hex(field: Field, seen: Observed) -> str:
    return b"".join(seen.item(tag) for tag in field.tags).hex().upper()


_ITEMS: Final[Mapping[str, Callable[[Field, Observed], str]]] = {"text": _text, "hex": _hex}


def needs_external(spec: TerminalSpec, seen: Observed) -> bool:
    """Whether the holder file of the card that was read opens after an external authentication only."""
    version = an_strip(seen.item(VERSION)).decode("ascii", errors="replace")
    return any(g.authenticate for g in spec.generations if version[:1] == g.version)


def personal_texts(spec: TerminalSpec, seen: Observed) -> Iterator[tuple[str, str]]:
    """Name and text of every field of the basic data that comes from the holder's items, as far as they were read."""
    for field in spec.basic.fields:
        if field.source == "text" and field.id in PERSONAL and any(tag in seen.items for tag in field.tags):
            parts = b"".join(an_strip(seen.items.get(tag, b"")) for tag in field.tags)
            yield field.name.en, parts.decode(_CHARSET.value, errors="replace")
