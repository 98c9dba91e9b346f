"""The card's derivations: diversified keys, session keys, authentication data. Every rule comes from the data.

Source: 2011 draft, part 4 (8.4 session keys, 9.3 authentication) and part 9 (diversification); see the data's basis.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.crypto import complement, encrypt, xor_halves
from onecard.spec.card import CardSpec, Diversification, Factor

FACTOR = 8
"""Bytes of a diversification factor."""


def _of_region(rule: Factor, region: str, historical: bytes) -> bytes:
    return _taken(rule, region.encode("ascii"))


def _of_historical(rule: Factor, region: str, historical: bytes) -> bytes:
    return _taken(rule, historical)


def _taken(rule: Factor, source: bytes) -> bytes:
    # What the source does not give is 00.
    return source[rule.start : rule.start + rule.length].ljust(rule.length, b"\x00")


_SOURCES: Mapping[str, Callable[[Factor, str, bytes], bytes]] = MappingProxyType(
    {"region": _of_region, "historical": _of_historical}
)
_SECOND_HALVES: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"complement": complement})
_FOLDS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "xor-halves": xor_halves,
        "left-half": lambda block: block[: len(block) // 2],
    }
)


def factors(rule: Diversification, region: str, historical: bytes) -> tuple[bytes, ...]:
    """The factors from the national root downwards; ``region``: six digits, ``historical``: the ATR's 13 bytes."""
    return tuple(
        (_SOURCES[factor.source](factor, region, historical) + factor.suffix).ljust(FACTOR, b"\x00")
        for factor in rule.levels
    )


def child_key(spec: CardSpec, parent: bytes, factor: bytes) -> bytes:
    """One step of diversification: a 16-byte child of a 16-byte ``parent``.

    With 8-byte blocks each half is one block, with 16-byte blocks both halves are one block; ECB gives both.
    """
    second = _SECOND_HALVES[spec.diversification.second_half](factor)
    return encrypt(spec.algorithm.code, parent, factor + second)[: spec.algorithm.key_length]


def diversify(spec: CardSpec, root: bytes, levels: int, region: str, historical: bytes) -> bytes:
    """The card's key below ``root``: the lowest ``levels`` steps (3 from a national root, 1 from a city's)."""
    key = root
    steps = factors(spec.diversification, region, historical)
    for factor in steps[max(0, len(steps) - levels) :]:
        key = child_key(spec, key, factor)
    return key


def session_key(spec: CardSpec, key: bytes, random: bytes) -> bytes:
    """The session key (one block) made of ``random``, padded on the right; of a longer one the first block counts."""
    block = spec.algorithm.block
    padded = random.ljust(block, bytes([spec.session_key.random_pad]))[:block]
    return encrypt(spec.algorithm.code, key, padded)


def authentication_data(spec: CardSpec, session: bytes, original: bytes) -> bytes:
    """The authentication data over ``original`` (8 bytes); a 16-byte block is folded to 8 bytes."""
    rule, block = spec.authentication_data, spec.algorithm.block
    enciphered = encrypt(spec.algorithm.code, session, original.ljust(block, bytes([rule.pad])))
    folded = _FOLDS[rule.fold](enciphered) if len(enciphered) > FACTOR else enciphered
    return folded[: rule.length]
