"""Keys and MAC of the transport application's maintenance; sessions, MAC1, MAC2 and TAC are those of any purse.

Source: programs that read and write transport cards; see the basis of the data. Big-endian, as it stands in commands.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from emulator.crypto import complement, encrypt, xor

BLOCK, KEY = 8, 16


def diversified(algorithm: str, root: bytes, factors: Sequence[bytes]) -> bytes:
    """The 16-byte key below ``root`` (16 bytes) after ``factors`` (8 bytes each), highest level first."""
    key = root
    for factor in factors:
        key = encrypt(algorithm, key, factor + complement(factor))[:KEY]
    return key


_LAST: Mapping[str, Callable[[bytes, bytes], bytes]] = MappingProxyType(
    {
        "des": lambda key, block: encrypt("3des", key[:BLOCK], block),
        "3des": lambda key, block: encrypt("3des", key, block),
    }
)


def maintenance_mac(key: bytes, initial: bytes, data: bytes, last_block: str) -> bytes:
    """8 bytes: CBC of ``data`` padded with 80 00 … from ``initial``, single DES under the left half of the 16-byte
    ``key``, the last block by ``last_block`` (des, or 3des under the whole key).
    """
    padded = data + b"\x80"
    padded += bytes(-len(padded) % BLOCK)
    chained = initial
    for start in range(0, len(padded) - BLOCK, BLOCK):
        chained = encrypt("3des", key[:BLOCK], xor(chained, padded[start : start + BLOCK]))
    return _LAST[last_block](key, xor(chained, padded[-BLOCK:]))
