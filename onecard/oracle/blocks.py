"""The block ciphers of the card, one raw block at a time: no padding, no prefix, no mode of a library.

Sources: SM4 GB/T 32907-2016; 3DES and DES as the draft of 2011 uses them (part 4, security), with two-key 3DES (16-byte
keys, K1-K2-K1) and single DES (8-byte keys).
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache
from typing import Final, TypeAlias

from Cryptodome.Cipher import DES, DES3
from gmssl.sm4 import SM4_DECRYPT, SM4_ENCRYPT, CryptSM4

from onecard.oracle.errors import ComputationError


class Algorithm(StrEnum):
    """A cipher family of the card. 3DES works on 8-byte blocks, SM4 on 16-byte blocks."""

    TDES = "3des"
    SM4 = "sm4"


BLOCK_SIZE: Final = {Algorithm.TDES: 8, Algorithm.SM4: 16}
"""Bytes of one block."""

KEY_SIZES: Final = {Algorithm.TDES: (8, 16), Algorithm.SM4: (16,)}
"""Bytes of a key. An 8-byte key of the 3DES family is a single-length DES key."""


class WrongKeyLength(ComputationError):
    """The key is not of a length that the algorithm takes."""


class WrongBlockLength(ComputationError):
    """The input is not one block, or not a multiple of blocks."""


Cipher: TypeAlias = Callable[[bytes, bytes], bytes]


def _without_parity(key: bytes) -> bytes:
    return bytes(octet & 0xFE for octet in key)


def _des_key_halves_equal(key: bytes) -> bool:
    return _without_parity(key[:8]) == _without_parity(key[8:])


def _tdes_encrypt(key: bytes, block: bytes) -> bytes:
    # K1 = K2 makes E-D-E collapse into single DES; the library refuses such a key, the card's rules do not.
    if len(key) == 8 or _des_key_halves_equal(key):
        return DES.new(key[:8], DES.MODE_ECB).encrypt(block)
    return DES3.new(key, DES3.MODE_ECB).encrypt(block)


def _tdes_decrypt(key: bytes, block: bytes) -> bytes:
    if len(key) == 8 or _des_key_halves_equal(key):
        return DES.new(key[:8], DES.MODE_ECB).decrypt(block)
    return DES3.new(key, DES3.MODE_ECB).decrypt(block)


@lru_cache(maxsize=16384)
def _sm4(direction: int, key: bytes, block: bytes) -> bytes:
    # The library takes a quarter of a millisecond a block, and cases derive the same keys over and over.
    # one_round is the bare 32-round block function; crypt_ecb would add padding.
    cipher = CryptSM4()
    cipher.set_key(key, direction)
    return bytes(cipher.one_round(cipher.sk, block))


def _sm4_encrypt(key: bytes, block: bytes) -> bytes:
    return _sm4(SM4_ENCRYPT, key, block)


def _sm4_decrypt(key: bytes, block: bytes) -> bytes:
    return _sm4(SM4_DECRYPT, key, block)


_ENCRYPT: Final[dict[Algorithm, Cipher]] = {Algorithm.TDES: _tdes_encrypt, Algorithm.SM4: _sm4_encrypt}
_DECRYPT: Final[dict[Algorithm, Cipher]] = {Algorithm.TDES: _tdes_decrypt, Algorithm.SM4: _sm4_decrypt}


def check_key(algorithm: Algorithm, key: bytes) -> None:
    """Raise WrongKeyLength unless ``key`` has a length of KEY_SIZES."""
    if len(key) not in KEY_SIZES[algorithm]:
        sizes = " or ".join(map(str, KEY_SIZES[algorithm]))
        raise WrongKeyLength(
            zh=f"{algorithm.value} 密钥长度应为 {sizes.replace(' or ', ' 或 ')} 字节，实为 {len(key)} 字节",
            en=f"a {algorithm.value} key is {sizes} bytes long, this one has {len(key)}",
        )


def _check_block(algorithm: Algorithm, block: bytes) -> None:
    size = BLOCK_SIZE[algorithm]
    if len(block) != size:
        raise WrongBlockLength(
            zh=f"{algorithm.value} 分组为 {size} 字节，实为 {len(block)} 字节",
            en=f"a {algorithm.value} block has {size} bytes, this one has {len(block)}",
        )


def encrypt_block(algorithm: Algorithm, key: bytes, block: bytes) -> bytes:
    """One block enciphered. Raises WrongKeyLength, WrongBlockLength."""
    check_key(algorithm, key)
    _check_block(algorithm, block)
    return _ENCRYPT[algorithm](key, block)


def decrypt_block(algorithm: Algorithm, key: bytes, block: bytes) -> bytes:
    """One block deciphered. Raises WrongKeyLength, WrongBlockLength."""
    check_key(algorithm, key)
    _check_block(algorithm, block)
    return _DECRYPT[algorithm](key, block)


def split_blocks(algorithm: Algorithm, data: bytes) -> list[bytes]:
    """``data`` cut into blocks; raises WrongBlockLength when the last one would not be whole."""
    size = BLOCK_SIZE[algorithm]
    if len(data) % size:
        raise WrongBlockLength(
            zh=f"数据长度 {len(data)} 不是 {size} 字节分组的整数倍",
            en=f"{len(data)} bytes are not a multiple of the {size}-byte block",
        )
    return [data[start : start + size] for start in range(0, len(data), size)]


def ecb_encrypt(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """Whole blocks enciphered one by one. Raises WrongKeyLength, WrongBlockLength."""
    return b"".join(encrypt_block(algorithm, key, block) for block in split_blocks(algorithm, data))


def ecb_decrypt(algorithm: Algorithm, key: bytes, data: bytes) -> bytes:
    """Whole blocks deciphered one by one. Raises WrongKeyLength, WrongBlockLength."""
    return b"".join(decrypt_block(algorithm, key, block) for block in split_blocks(algorithm, data))


def xor(left: bytes, right: bytes) -> bytes:
    """Bytewise exclusive or of two strings of one length."""
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


def cbc_last_block(algorithm: Algorithm, key: bytes, initial: bytes, data: bytes) -> bytes:
    """The last ciphertext block of CBC over whole blocks, with ``initial`` (one block) as the initial value.

    Raises WrongKeyLength, and WrongBlockLength for an ``initial`` or ``data`` that is not of whole blocks.
    """
    _check_block(algorithm, initial)
    chained = initial
    for block in split_blocks(algorithm, data):
        chained = encrypt_block(algorithm, key, xor(chained, block))
    return chained


def pad_80(algorithm: Algorithm, data: bytes) -> bytes:
    """``data`` followed by 80 and as many 00 (perhaps none) as fill the block: always one byte at least."""
    return pad_marked(algorithm, data, 0x80)


def pad_marked(algorithm: Algorithm, data: bytes, marker: int) -> bytes:
    """As pad_80, with another byte in the place of 80."""
    size = BLOCK_SIZE[algorithm]
    marked = data + bytes((marker,))
    return marked + bytes(-len(marked) % size)
