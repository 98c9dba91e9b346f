"""The answer to reset, built from its rules."""

from functools import reduce
from operator import xor

from onecard.spec.card import Atr, HistoricalField

_TA, _TB, _TC, _TD = 0x1, 0x2, 0x4, 0x8
# Class A and B, clock stop not supported (ISO/IEC 7816-3, first TA for T=15).
_CLASS_A_B = 0x03


def historical_bytes(rules: Atr, contents: dict[str, bytes]) -> bytes:
    """The historical bytes from the content of their fields (by the last part of the field's id), left aligned."""
    out = bytearray(rules.historical_length)
    for field in rules.historical:
        value = contents.get(field.id.rpartition("/")[2], b"")
        out[field.offset : field.offset + field.length] = _fitted(field, value)
    return bytes(out[: rules.historical_length])


def _fitted(field: HistoricalField, value: bytes) -> bytes:
    return value[: field.length].ljust(field.length, b"\x00")


def answer_to_reset(rules: Atr, historical: bytes) -> bytes:
    """TS, T0, interface bytes of the reference format, historical bytes, and TCK where T=15 is indicated."""
    first = [rules.reference_format << 4 | len(historical) & 0x0F]
    given = iter(rules.reference_interface_bytes)
    for bit, fixed in ((_TA, None), (_TB, rules.tb1), (_TC, None)):
        if rules.reference_format & bit:
            byte = next(given, 0)
            first.append(byte if fixed is None else fixed)
    indicated = bool(rules.reference_format & _TD)
    if indicated:
        first.append(rules.td1)
        if rules.td1 >> 4 & _TD:
            first.append(rules.td2)
            if rules.td2 >> 4 & _TA:
                first.append(next(given, _CLASS_A_B))
    body = bytes(first) + historical
    check = bytes([reduce(xor, body)]) if indicated else b""
    return bytes([rules.initial_character]) + body + check
