"""Records of the transaction log: each value coded as the layout of the file says."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from emulator.card.purse.numbers import number
from emulator.codec import item_value
from onecard.spec.card import Item, Padding

BINARY = "b"
# How a transaction has its values: amounts and serials are binary numbers, all others digits or characters.
_CODINGS: Mapping[str, str] = MappingProxyType({"type": "an", "terminal": "cn", "time": "cn"})
_TEXTS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {"an": lambda value: value.decode("latin-1"), "cn": bytes.hex, BINARY: lambda value: str(number(value))}
)


def log_record(names: Sequence[str], values: Sequence[bytes], layout: Sequence[Item], padding: Padding) -> bytes:
    """The record of a transaction: ``values`` by ``names``, one for each field of the ``layout``."""
    if len(layout) < len(values):
        return b"".join(values)
    fields = zip(names, values, layout, strict=False)
    return b"".join([_field(_CODINGS.get(name, BINARY), value, item, padding) for name, value, item in fields])


def _field(coding: str, value: bytes, item: Item, padding: Padding) -> bytes:
    # Digits of BCD are the same bytes in a binary field.
    if item.type in (coding, BINARY):
        return value
    return item_value(item, _TEXTS[coding](value), padding)
