"""Codings of the card's data: BCD, GBK, simple TLV and BER-TLV."""

from collections.abc import Callable, Mapping
from string import hexdigits
from types import MappingProxyType

from onecard.spec.card import Item, Padding


def bcd(digits: str, pad_nibble: int = 0xF) -> bytes:
    """Digits (or hexadecimal characters) two a byte, high nibble first; an odd count is filled with ``pad_nibble``.

    Raises ValueError for other characters.
    """
    return bytes.fromhex(digits + f"{pad_nibble:X}" * (len(digits) % 2))


def bcd_digits(data: bytes, pad_nibble: int = 0xF) -> str:
    """The nibbles of ``data`` as upper-case characters, without one padding nibble at the end."""
    return data.hex().upper().removesuffix(f"{pad_nibble:X}")


def split_gbk(text: str, length: int) -> tuple[str, str]:
    """``text`` cut where its GBK coding would exceed ``length`` bytes, never inside a character."""
    used = 0
    for index, character in enumerate(text):
        used += len(character.encode("gbk"))
        if used > length:
            return text[:index], text[index:]
    return text, ""


def simple_tlv(tag: int, value: bytes) -> bytes:
    """Tag (1 byte), length (1 byte), value."""
    return bytes((tag, len(value))) + value


def ber_tlv(tag: int, value: bytes) -> bytes:
    """A BER-TLV object of up to 255 bytes; ``tag`` is written in as many bytes as it needs."""
    tag_octets = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    length = bytes((len(value),)) if len(value) < 0x80 else bytes((0x81, len(value)))
    return tag_octets + length + value


def _text_in(encoding: str) -> Callable[[str, int], bytes]:
    return lambda text, pad_nibble: text.encode(encoding, errors="replace")


def _nibbles(text: str, pad_nibble: int) -> bytes:
    # Altered data may call a text "bcd": a card personalised so holds what digits there are.
    return bcd("".join(character for character in text if character in hexdigits), pad_nibble)


def _octets(text: str, pad_nibble: int) -> bytes:
    # Altered data may call a text "binary": it then stands as the system keeps it.
    plain = text.isascii() and all(character in hexdigits for character in text)
    return _nibbles(text, pad_nibble) if plain else text.encode("utf-16-be")


_CHARSETS: Mapping[str, Callable[[str, int], bytes]] = MappingProxyType(
    {"ascii": _text_in("ascii"), "gbk": _text_in("gbk"), "bcd": _nibbles, "binary": _octets, "tlv": _nibbles}
)
_DIGITS: Mapping[str, frozenset[str]] = MappingProxyType(
    {"bcd": frozenset("0123456789"), "binary": frozenset("0123456789ABCDEFabcdef")}
)
_FILLS: Mapping[str, Callable[[Padding], int]] = MappingProxyType(
    {
        "an": lambda padding: padding.an,
        "cn": lambda padding: padding.cn * 0x11,
        "b": lambda padding: 0x00,
        "B-TLV": lambda padding: 0x00,
    }
)


def exact_value(item: Item, text: str, padding: Padding) -> bytes | None:
    """As ``item_value`` for a text that fits; None for characters that the item has not, and for a text too long."""
    digits = _DIGITS.get(item.charset)
    if digits is not None:
        fits = digits.issuperset(text) and len(text) <= 2 * item.length
    else:
        try:
            fits = len(text.encode(item.charset)) <= item.length and all(ord(one) >= 0x20 for one in text)
        except UnicodeEncodeError:
            return None
    return item_value(item, text, padding) if fits else None


def item_value(item: Item, text: str, padding: Padding) -> bytes:
    """The value of a data item: ``text`` in its charset, left aligned, cut or filled to its length.

    ``text`` of cn and b items is digits or hexadecimal. V2.0 notice: an items are filled with 00, cn items with F.
    """
    coded = _CHARSETS[item.charset](text, padding.cn)
    return coded[: item.length].ljust(item.length, bytes([_FILLS[item.type](padding)]))
