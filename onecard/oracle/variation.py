"""Another value of an item, as good as the one that stands there: what cases write, and then put back.

The values are made from the item's own rules (code table, check, type), so that a card that looks at what it is given
has nothing to object.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType

from onecard.oracle.checks import fault
from onecard.oracle.items import decode, encode
from onecard.spec.card import CardSpec, Check, Item

Samples = Callable[[Check], Sequence[str]]

_BY_RULE: Mapping[str, Samples] = MappingProxyType(
    {
        "date": lambda rule: ("20981231", "20991231"),
        "moment": lambda rule: ("20981231235959", "20991231000000"),
        "month": lambda rule: ("209811", "209912"),
        "year": lambda rule: ("2098", "2099"),
        "region": lambda rule: ("110000", "340000"),
        "version": lambda rule: (rule.value, rule.value[:1] + ".01"),
        "weighted": lambda rule: tuple(_weighted(rule)),
        "structure": lambda rule: tuple(_structured(rule, digit) for digit in "12"),
    }
)


def _weighted(rule: Check) -> Iterator[str]:
    head, digits = "A" if rule.first_letter else "1", len(rule.weights) - 1
    for tail in ("0" * digits, "1" * digits):
        for character in dict.fromkeys(rule.characters):
            if fault(rule, head + tail + character) is None:
                yield head + tail + character


def _structured(rule: Check, digit: str) -> str:
    regions = {"1": "110000", "2": "340000"}
    return "".join(
        field.value.hex().upper()
        if field.value is not None
        else (regions[digit] if field.coding == "region" else digit * 2 * field.length)
        for field in rule.fields
    )


def _plain(item: Item) -> Sequence[str]:
    digits = 2 * item.length
    texts: Mapping[str, Sequence[str]] = {
        "gbk": ("测试", "样例") if item.length >= 4 else ("A", "B"),
        "ascii": ("0" * item.length, "1" * item.length),
        "bcd": ("0" * digits, "1" * digits),
        "binary": ("00" * item.length, "55" * item.length),
        "tlv": ("00" * item.length, "55" * item.length),
    }
    return texts[item.charset]


def samples(spec: CardSpec, item: Item) -> Sequence[str]:
    """Two texts or more that an item without inner ones may hold."""
    table, rule = spec.codes.get(item.codes or ""), spec.checks.get(item.check or "")
    if table is not None:
        codes = (*table.values, *[end for ends in table.ranges for end in ends])
        return tuple(dict.fromkeys(codes))
    if rule is not None and rule.kind in _BY_RULE:
        return _BY_RULE[rule.kind](rule)
    return _plain(item)


def another(spec: CardSpec, item: Item, octets: bytes) -> bytes:
    """A value of the item other than ``octets``, and as good: of a constructed item the first inner one differs.

    Raises NotEncodable or ValueTooLong where the data of the item contradict one another.
    """
    if not item.inner:
        return next(value for value in (encode(spec, item, text) for text in samples(spec, item)) if value != octets)
    first, *others = [samples(spec, inner) for inner in item.inner]
    contents = [each[0] for each in others]
    return next(value for value in (encode(spec, item, [text, *contents]) for text in first) if value != octets)


def another_record(spec: CardSpec, layout: Sequence[Item], record: bytes) -> bytes:
    """A record without tags other than ``record``, each field of it as good."""
    fields: list[bytes] = []
    offset = 0
    for field in layout:
        fields.append(another(spec, field, record[offset : offset + field.length]))
        offset += field.length
    made = b"".join(fields)
    # What was made must say something: an error here is one of the data, not of the card.
    for field, octets in zip(layout, fields, strict=True):
        decode(spec, field, octets)
    return made
