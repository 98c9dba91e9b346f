"""Block ciphers and hash of the card family, on the library ``cryptography``.

Keys of 3DES have 16 bytes (two-key, K1 K2 K1) or 8 (single DES, as three equal keys); keys of SM4 have 16.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher, CipherContext, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.hashes import SM3, Hash

_ECB = modes.ECB()


def _triple_des(key: bytes) -> CipherContext:
    # The library takes 24 bytes: two-key 3DES is K1 K2 K1, single DES K K K.
    tripled = {8: key * 3, 16: key + key[:8]}.get(len(key), key)
    return Cipher(TripleDES(tripled), _ECB).encryptor()


def _sm4(key: bytes) -> CipherContext:
    return Cipher(SM4(key), _ECB).encryptor()


def _triple_des_back(key: bytes) -> CipherContext:
    tripled = {8: key * 3, 16: key + key[:8]}.get(len(key), key)
    return Cipher(TripleDES(tripled), _ECB).decryptor()


def _sm4_back(key: bytes) -> CipherContext:
    return Cipher(SM4(key), _ECB).decryptor()


CIPHERS: Mapping[str, tuple[Callable[[bytes], CipherContext], int]] = MappingProxyType(
    {"3des": (_triple_des, 8), "sm4": (_sm4, 16)}
)
"""By the code of the algorithm in the data: the cipher and its block in bytes."""

_DECIPHERS: Mapping[str, Callable[[bytes], CipherContext]] = MappingProxyType(
    {"3des": _triple_des_back, "sm4": _sm4_back}
)


def encrypt(algorithm: str, key: bytes, data: bytes) -> bytes:
    """``data`` enciphered block by block (ECB); a last block that is not whole is filled with 00.

    Raises ValueError for a key length that the algorithm does not have, KeyError for an unknown algorithm.
    """
    # Contexts are not kept: most keys are session keys, used once, and cards in two readers run in two threads.
    context, block = CIPHERS[algorithm]
    return context(key).update(data + bytes(-len(data) % block))


def decrypt(algorithm: str, key: bytes, data: bytes) -> bytes:
    """``data`` (whole blocks) deciphered block by block (ECB).

    Raises ValueError for a key length that the algorithm does not have, KeyError for an unknown algorithm.
    """
    return _DECIPHERS[algorithm](key).update(data)


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest."""
    digest = Hash(SM3())
    digest.update(data)
    return digest.finalize()


def xor(left: bytes, right: bytes) -> bytes:
    """Bytewise exclusive or of equally long strings."""
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def complement(data: bytes) -> bytes:
    """Every bit inverted."""
    return xor(data, b"\xff" * len(data))


WORD = 4
"""Bytes of a MAC."""


def chained(algorithm: str, key: bytes, initial: bytes, data: bytes) -> bytes:
    """The last block in CBC mode of ``data`` (whole blocks) from an ``initial`` value of one block."""
    block = len(initial)
    for start in range(0, len(data), block):
        initial = encrypt(algorithm, key, xor(initial, data[start : start + block]))
    return initial


def marked(data: bytes, marker: int, block: int) -> bytes:
    """``data``, the marker, and 00 to whole blocks."""
    return data + bytes((marker,)) + bytes(-(len(data) + 1) % block)


def leftmost_word(data: bytes) -> bytes:
    """The first four bytes."""
    return data[:WORD]


def xor_words(data: bytes) -> bytes:
    """The words of four bytes, exclusive-ored."""
    folded = data[:WORD]
    for start in range(WORD, len(data), WORD):
        folded = xor(folded, data[start : start + WORD])
    return folded


def xor_halves(data: bytes) -> bytes:
    """Both halves, exclusive-ored."""
    half = len(data) // 2
    return xor(data[:half], data[half:])
