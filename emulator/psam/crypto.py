"""The PSAM's computations; every rule comes from the data. Source: 2011 draft, part 9."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from emulator.crypto import chained, complement, encrypt, leftmost_word, xor, xor_words
from onecard.spec.psam import PsamAlgorithm, PsamDiversification

_SECOND_HALVES: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {"complement": complement, "repeat": lambda factor: factor}
)
_ORDERS: Mapping[str, Callable[[Sequence[bytes]], Sequence[bytes]]] = MappingProxyType(
    {"lowest-first": lambda factors: tuple(reversed(factors)), "highest-first": tuple}
)
_MAC_FOLDS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType({"leftmost": leftmost_word, "words": xor_words})


def in_order(rule: PsamDiversification, factors: Sequence[bytes]) -> Sequence[bytes]:
    """The factors of a command in order of application, highest level first."""
    return _ORDERS[rule.order](factors)


def diversify(algorithm: PsamAlgorithm, rule: PsamDiversification, root: bytes, factors: Sequence[bytes]) -> bytes:
    """The 16-byte key below ``root`` after ``factors`` in order of application."""
    key = root
    for factor in factors:
        key = encrypt(algorithm.code, key, factor + _SECOND_HALVES[rule.second_half](factor))[: len(root)]
    return key


def session_key(algorithm: PsamAlgorithm, key: bytes, factor: bytes) -> bytes:
    """The session key, one block, of a session ``factor`` of one block."""
    return encrypt(algorithm.code, key, factor)


def cbc(algorithm: PsamAlgorithm, key: bytes, data: bytes) -> bytes:
    """The last block in CBC mode of ``data`` in whole blocks, the first of which is the initial value."""
    return chained(algorithm.code, key, data[: algorithm.block], data[algorithm.block :])


def fold(algorithm: PsamAlgorithm, last: bytes) -> bytes:
    """The 4-byte MAC that the last block gives."""
    return _MAC_FOLDS[algorithm.mac_fold](last)


def mac(algorithm: PsamAlgorithm, key: bytes, data: bytes) -> bytes:
    """The 4-byte MAC in CBC mode of ``data`` in whole blocks, the first of which is the initial value."""
    return fold(algorithm, cbc(algorithm, key, data))


def loading_block(algorithm: PsamAlgorithm, key: bytes, data: bytes) -> bytes:
    """The last block of the MAC of key loading under a full ``key``; ``data`` in whole blocks, the first the initial
    value. With 8-byte blocks the last one alone is enciphered by the whole key, those before it by its left half.
    """
    block = algorithm.block
    chaining = key[:block] if block < len(key) else key
    before = cbc(algorithm, chaining, data[:-block])
    return encrypt(algorithm.code, key, xor(before, data[-block:]))
