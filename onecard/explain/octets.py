"""Hex strings in which sealed bytes stand as ``__``."""

from collections.abc import Iterable
from typing import Final

MASK: Final = "__"
"""Stands for one sealed byte."""

Octets = tuple[int | None, ...]
"""Bytes of which some are unknown (None)."""

_DIGITS: Final = frozenset("0123456789ABCDEFabcdef")


def octets(value: bytes | str) -> Octets:
    """The bytes of ``value``; in a string (spaces allowed) every pair that is not two hex digits is unknown."""
    if isinstance(value, bytes):
        return tuple(value)
    try:
        return tuple(bytes.fromhex(value))
    except ValueError:
        text = "".join(value.split())
    pairs = (text[at : at + 2] for at in range(0, len(text), 2))
    return tuple(int(pair, 16) if len(pair) == 2 and _DIGITS.issuperset(pair) else None for pair in pairs)


def known(data: Iterable[int | None]) -> bytes | None:
    """The bytes if all of them are known."""
    found = [octet for octet in data if octet is not None]
    everything = list(data)
    return bytes(found) if len(found) == len(everything) else None


def number(data: Iterable[int | None]) -> int | None:
    """The bytes as a big-endian number; None when one is unknown or there are none."""
    raw = known(tuple(data))
    return int.from_bytes(raw, "big") if raw else None


def hexed(data: Iterable[int | None], separator: str = "") -> str:
    """Upper-case hex, unknown bytes as ``__``."""
    return separator.join(MASK if octet is None else f"{octet:02X}" for octet in data)


def spaced(value: bytes | str) -> str:
    """``00 B2 08 00 14``: for people to read."""
    return hexed(octets(value), " ")
