"""The PSAM's computations; every rule comes from the data. Source: 2011 draft, part 9."""

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from types import MappingProxyType

from emulator.crypto import complement, encrypt, xor
from onecard.spec.psam import PsamAlgorithm, PsamDiversification

_WORD = 4
_SECOND_HALVES: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {"complement": complement, "repeat": lambda factor: factor}
)
_ORDERS: Mapping[str, Callable[[Sequence[bytes]], Sequence[bytes]]] = MappingProxyType(
    {"lowest-first": lambda factors: tuple(reversed(factors)), "highest-first": tuple}
)
_MAC_FOLDS: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "leftmost": lambda block: block[:_WORD],
        "words": lambda block: reduce(xor, [block[at : at + _WORD] for at in range(0, len(block), _WORD)]),
    }
)


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


def mac(algorithm: PsamAlgorithm, key: bytes, data: bytes) -> bytes:
    """The 4-byte MAC in CBC mode of ``data`` in whole blocks, the first of which is the initial value."""
    blocks = [data[at : at + algorithm.block] for at in range(0, len(data), algorithm.block)]
    last = reduce(lambda chained, block: encrypt(algorithm.code, key, xor(chained, block)), blocks[1:], blocks[0])
    return _MAC_FOLDS[algorithm.mac_fold](last)
