"""The algorithm identifier in a card's FCI."""

from collections.abc import Sequence

from onecard.spec.card import Fci

MULTI_BYTE = 0x1F


def algorithm_identifier(fci: bytes, tags: Fci) -> int | None:
    """The byte in ``86`` inside issuer data ``9F0C``; None where the FCI has none or cannot be read."""
    path: Sequence[int | None] = (tags.template, tags.proprietary_tag, tags.issuer_tag, tags.algorithm_tag)
    value = fci
    for tag in path:
        found = _value(value, tag)
        if found is None:
            return None
        value = found
    return value[0] if value else None


def _value(data: bytes, wanted: int | None) -> bytes | None:
    while len(data) >= 2:
        tag_bytes = 2 if data[0] & MULTI_BYTE == MULTI_BYTE else 1
        tag, rest = int.from_bytes(data[:tag_bytes], "big"), data[tag_bytes:]
        if not rest:
            return None
        header = 2 if rest[0] == 0x81 else 1
        if len(rest) < header:
            return None
        length = rest[header - 1]
        if tag == wanted:
            return rest[header : header + length]
        data = rest[header + length :]
    return None
