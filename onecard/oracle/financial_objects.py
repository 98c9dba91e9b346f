"""How the data objects of a bank application are coded, and which of them a place may hold.

By the data dictionary of EMV, which JR/T 0025 takes over. Tags of two bytes in the classes for contexts and for private
use (9F.., DF.. and the like) are open to payment systems and issuers, and are not looked at.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from onecard.oracle.errors import DecodeError
from onecard.oracle.financial import account_number, data_objects, expiry, object_of, track2_account
from onecard.oracle.tlv import ber_tlv_decode

APPLICATION_CLASS: Final = 0x40
CLASSES: Final = 0xC0
RESERVED_PRIORITY: Final = 0x70
AID: Final = 0x4F
TEMPLATE: Final = 0x61
# ISO 639-1 by first letter, with the codes withdrawn since.
_LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "a": "abefkmnrsvyz",
        "b": "aeghimnors",
        "c": "aehorsuvy",
        "d": "aevz",
        "e": "elnostu",
        "f": "afijory",
        "g": "adlnuv",
        "h": "aeiortuyz",
        "i": "adegiknostuw",
        "j": "aiv",
        "k": "agijklmnorsuvwy",
        "l": "abginotuv",
        "m": "ghiklnorsty",
        "n": "abdeglnorvy",
        "o": "cjmrs",
        "p": "ailst",
        "q": "u",
        "r": "mnouw",
        "s": "acdeghiklmnoqrstuvw",
        "t": "aeghiklnorstwy",
        "u": "gkrz",
        "v": "eio",
        "w": "ao",
        "x": "h",
        "y": "io",
        "z": "ahu",
    }
)
Rule = Callable[[bytes], bool]


def languages(octets: bytes) -> bool:
    """Whether 5F2D holds one to four languages of ISO 639-1, two letters each (small ones, or capitals)."""
    text = octets.decode("latin-1").lower()
    return 2 <= len(text) <= 8 and len(text) % 2 == 0 and all(map(_is_language, text[::2], text[1::2]))


def _is_language(first: str, second: str) -> bool:
    return second in _LANGUAGES.get(first, "")


def text(least: int, most: int) -> Rule:
    """``least`` to ``most`` printable characters of ASCII."""
    return lambda octets: least <= len(octets) <= most and octets.isascii() and octets.decode("ascii").isprintable()


def digits(count: int) -> Rule:
    """``count`` digits in BCD, right aligned."""

    def rule(octets: bytes) -> bool:
        shown = octets.hex()
        return len(octets) == (count + 1) // 2 and shown.isdigit() and shown.startswith("0" * (count % 2))

    return rule


def priority(octets: bytes) -> bool:
    """Whether 87 is one byte without reserved bits; 0 in its low half is no priority."""
    return len(octets) == 1 and not octets[0] & RESERVED_PRIORITY


def _by(decode: Callable[[bytes], object], most: int) -> Rule:
    def rule(octets: bytes) -> bool:
        try:
            decode(octets)
        except DecodeError:
            return False
        return len(octets) <= most

    return rule


RULES: Final[Mapping[int, Rule]] = MappingProxyType(
    {
        0x42: digits(6),
        0x50: text(1, 16),
        0x57: _by(track2_account, 19),
        0x5A: _by(account_number, 10),
        0x5F20: text(2, 26),
        0x5F24: _by(expiry, 3),
        0x5F25: _by(expiry, 3),
        0x5F28: digits(3),
        0x5F2A: digits(3),
        0x5F2D: languages,
        0x5F30: digits(3),
        0x5F34: digits(2),
        0x5F36: digits(1),
        0x5F50: text(1, 255),
        0x5F53: lambda octets: len(octets) <= 34,
        0x5F54: lambda octets: len(octets) in (8, 11),
        0x5F55: text(2, 2),
        0x5F56: text(3, 3),
        0x5F57: digits(2),
        0x87: priority,
        0x9F07: lambda octets: len(octets) == 2,
        0x9F08: lambda octets: len(octets) == 2,
    }
)
"""How a value is coded, by tag."""

DIRECTORY_FCI: Final = frozenset((0x88, 0x5F2D))
APPLICATION_FCI: Final = frozenset((0x50, 0x87, 0x5F2D))
ENTRY: Final = frozenset((0x4F, 0x50, 0x51, 0x52, 0x53, 0x73, 0x87, 0x9D, 0x5F50))
"""Tags of one byte, and of the application class, that the proprietary template of a directory's and of an
application's FCI, and an application template 61, may hold.
"""
RECORD: Final = frozenset(tag for tag in RULES if tag not in (0x87, 0x9F07, 0x9F08)) | {0x4F, 0x61, 0x70, 0x73}
"""Tags of the application class that records hold."""


def _class_of(tag: int) -> int:
    while tag > 0xFF:
        tag >>= 8
    return tag & CLASSES


def is_shared(tag: int) -> bool:
    """Whether a tag is of the application class, whose meanings ISO/IEC 7816-6 gives out."""
    return _class_of(tag) == APPLICATION_CLASS


def misplaced(template: bytes, place: frozenset[int]) -> list[int]:
    """Tags of one byte or of the application class in ``template`` itself that do not belong to ``place``."""
    found = [each.tag for each in ber_tlv_decode(template, 0, len(template))]
    return [tag for tag in found if tag not in place and (tag <= 0xFF or is_shared(tag))]


def misplaced_in_record(record: bytes) -> list[int]:
    """Tags of the application class, at any depth of a record, that no record holds."""
    return [each.tag for each in data_objects(record) if is_shared(each.tag) and each.tag not in RECORD]


def miscoded(octets: bytes) -> list[int]:
    """Tags of the data objects within ``octets``, at any depth, that are not coded by their rule."""
    return [each.tag for each in data_objects(octets) if not RULES.get(each.tag, _any)(each.value)]


def templates(octets: bytes) -> list[bytes]:
    """The application templates 61 within ``octets``."""
    return [each.value for each in data_objects(octets) if each.tag == TEMPLATE]


def entry_of(octets: bytes, aid: bytes) -> bytes:
    """The application template of this AID; empty without one."""
    return next((entry for entry in templates(octets) if object_of(entry, AID) == aid), b"")


def _any(octets: bytes) -> bool:
    return True


def contradictory(records: Iterable[bytes]) -> list[int]:
    """Tags of the application class with more than one value in ``records``, templates aside."""
    values: dict[int, set[bytes]] = {}
    for record in records:
        for each in data_objects(record):
            if is_shared(each.tag) and each.tag in RULES:
                values.setdefault(each.tag, set()).add(each.value)
    return sorted(tag for tag, found in values.items() if len(found) > 1)
