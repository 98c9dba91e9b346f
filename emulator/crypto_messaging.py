"""Secure messaging of the card: MAC, encipherment, and what the MAC of a command covers, by the rules of the data.

Source: 2011 draft, part 4 (8.2 MAC, 8.3 encipherment); see the data's basis. Session keys come from ``crypto_card``.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.crypto import chained, decrypt, encrypt, leftmost_word, marked, xor_words
from onecard.spec.card import Algorithm
from onecard.spec.card_messaging import EnciphermentRule, MacRule, Messaging

FILLS_WHOLE_BLOCKS = "always"
_FOLDS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"leftmost": leftmost_word, "xor-words": xor_words})


def mac(rule: MacRule, algorithm: Algorithm, session: bytes, data: bytes) -> bytes:
    """The MAC of ``data`` under ``session`` (one block): marker and 00 to whole blocks, CBC, the last block folded."""
    block = algorithm.block
    initial = bytes((rule.initial,)) * block
    last = chained(algorithm.code, session, initial, marked(data, rule.marker, block))
    return _FOLDS[rule.fold](last)[: rule.length]


def covered(rules: Messaging, header: bytes, data: bytes) -> bytes:
    """What the MAC of a command is computed over; ``header`` is CLA INS P1 P2, ``data`` without the MAC."""
    counted = len(data) + (rules.mac.length if rules.command.counts_mac else 0)
    return header + bytes((counted & 0xFF,)) + data if rules.command.header else data


def _padded(rule: EnciphermentRule, block: int, counted: bytes) -> bytes:
    if len(counted) % block == 0 and rule.fill != FILLS_WHOLE_BLOCKS:
        return counted
    return marked(counted, rule.marker, block)


def encipher(rule: EnciphermentRule, algorithm: Algorithm, session: bytes, plain: bytes) -> bytes:
    """``plain`` with its length in front, padded, in ECB."""
    counted = bytes((len(plain),)) + plain if rule.counted else plain
    return encrypt(algorithm.code, session, _padded(rule, algorithm.block, counted))


def decipher(rule: EnciphermentRule, algorithm: Algorithm, session: bytes, data: bytes) -> bytes | None:
    """The plain text of ``encipher``; None where length and padding do not fit, or ``data`` are no whole blocks."""
    block = algorithm.block
    if not data or len(data) % block:
        return None
    return plain_of(rule, block, decrypt(algorithm.code, session, data))


def plain_of(rule: EnciphermentRule, block: int, counted: bytes) -> bytes | None:
    """The plain text in deciphered whole blocks; None where length and padding do not fit."""
    if not rule.counted:
        plain = counted.rstrip(b"\x00").removesuffix(bytes((rule.marker,)))
        return plain if _padded(rule, block, plain) == counted else None
    whole = counted[: 1 + counted[0]]
    return whole[1:] if len(whole) == 1 + counted[0] and _padded(rule, block, whole) == counted else None
