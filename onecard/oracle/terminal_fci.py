"""The FCI of SSSE as a right card may answer it, and as no card should."""

from collections.abc import Mapping
from typing import Final

from onecard.oracle.tlv import (
    ALGORITHM_IDENTIFIER,
    DF_NAME,
    FCI_TEMPLATE,
    ISSUER_DATA,
    PROPRIETARY_TEMPLATE,
)
from onecard.spec.card import CardSpec

BROKEN: Final = (
    "empty",
    "tag-alone",
    "name-alone",
    "cut-in-name",
    "cut-behind-name",
    "template-too-long",
    "issuer-data-too-long",
    "issuer-data-cut",
    "algorithm-without-value",
    "unknown-algorithm",
)
"""What may be wrong with an FCI; ``broken_fci`` makes it."""


def fci_without_directory(card: CardSpec) -> bytes:
    """6F { 84 name, A5 { 9F0C { 86 algorithm } } }: without 88, which is optional, and with 9F0C as the card has it."""
    return _fci(card, _issuer_data(card) if card.ics["card.algorithm_identifier"] else b"")


def broken_fci(card: CardSpec, which: str) -> bytes:
    """One of BROKEN, of a card that gives its algorithm."""
    name = _object(DF_NAME, card.applications["SSSE"].aid)
    right = _fci(card, _issuer_data(card))
    place = right.index(_tag(ISSUER_DATA)) + len(_tag(ISSUER_DATA))
    made: Mapping[str, bytes] = {
        "empty": b"",
        "tag-alone": _tag(FCI_TEMPLATE),
        "name-alone": _object(FCI_TEMPLATE, name),
        "cut-in-name": right[: len(name)],
        "cut-behind-name": right[: 2 + len(name)],
        "template-too-long": right[:1] + b"\x7f" + right[2:],
        "issuer-data-too-long": right[:place] + b"\x7f" + right[place + 1 :],
        "issuer-data-cut": right[:place],
        "algorithm-without-value": _fci(card, _object(ISSUER_DATA, _object(ALGORITHM_IDENTIFIER, b""))),
        "unknown-algorithm": _fci(card, _object(ISSUER_DATA, _object(ALGORITHM_IDENTIFIER, b"\x7f"))),
    }
    return made[which]


def _fci(card: CardSpec, proprietary: bytes) -> bytes:
    inside = _object(DF_NAME, card.applications["SSSE"].aid) + _object(PROPRIETARY_TEMPLATE, proprietary)
    return _object(FCI_TEMPLATE, inside)


def _issuer_data(card: CardSpec) -> bytes:
    return _object(ISSUER_DATA, _object(ALGORITHM_IDENTIFIER, bytes((card.algorithm.identifier,))))


def _tag(tag: int) -> bytes:
    return tag.to_bytes((tag.bit_length() + 7) // 8, "big")


def _object(tag: int, value: bytes) -> bytes:
    return _tag(tag) + bytes((len(value),)) + value
