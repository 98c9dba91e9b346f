"""The answer to reset, built from its rules."""

from collections.abc import Mapping
from functools import reduce
from operator import xor

from onecard.spec.card import Atr

_TA, _TB, _TC, _TD = 0x1, 0x2, 0x4, 0x8
# F = 372 and D = 1, as without TA1; no extra guard time.
_TA1, _TC1 = 0x11, 0x00
# Class A and B, clock stop not supported (ISO/IEC 7816-3, first TA for T=15).
_CLASS_A_B = 0x03
INDICATED = "indicated"


def historical_bytes(rules: Atr, own: bytes, contents: Mapping[str, bytes]) -> bytes:
    """The historical bytes: ``own`` ones, and in their places the parts that follow a rule, right aligned, by the last
    part of their ids.
    """
    out = bytearray(own.ljust(rules.historical_length, b"\x00"))
    for field in rules.historical:
        value = contents.get(field.id.rpartition("/")[2], b"")
        out[field.offset : field.offset + field.length] = value[: field.length].rjust(field.length, b"\x00")
    return bytes(out[: rules.historical_length])


def answer_to_reset(rules: Atr, historical: bytes) -> bytes:
    """TS, T0, interface bytes of the reference's format, historical bytes, and TCK where T=15 is indicated."""
    indicated = rules.reference == INDICATED
    form = (rules.indicated_formats if indicated else rules.plain_formats)[0]
    first = [(form & 0x0F) << 4 | len(historical) & 0x0F]
    first += [byte for bit, byte in ((_TA, _TA1), (_TB, rules.tb1), (_TC, _TC1)) if form & bit]
    if form & _TD:
        first.append(rules.td1)
        if rules.td1 >> 4 & _TD:
            first.append(rules.td2)
            if rules.td2 >> 4 & _TA:
                first.append(_CLASS_A_B)
    body = bytes(first) + historical
    check = bytes([reduce(xor, body)]) if form & _TD else b""
    return bytes([rules.initial_character]) + body + check
