"""Codings and computations of the certificate application: objects in commands, proofs, changes.

SM4 in single blocks and in CBC, SM3; all values big-endian. Source: two published personalisation programs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import SM4

from emulator.crypto import encrypt, sm3, xor

BLOCK = 16
MAC = 4
ALGORITHM = "sm4"
PADDING = b"\x80"
# Lengths of two bytes follow 82 (BER); one byte stands for itself.
LONG = 0x82


@dataclass(frozen=True, slots=True)
class DataObject:
    """An object of command data."""

    tag: int
    value: bytes


def objects(data: bytes) -> tuple[DataObject, ...] | None:
    """The objects in ``data``: tag, length (one byte, or 82 and two), value; None where they do not fill it exactly."""
    found: list[DataObject] = []
    at = 0
    while at < len(data):
        long = data[at + 1 : at + 2] == bytes((LONG,))
        start = at + (4 if long else 2)
        end = start + int.from_bytes(data[at + 2 : at + 4] if long else data[at + 1 : at + 2], "big")
        if start > len(data) or end > len(data):
            return None
        found.append(DataObject(data[at], data[start:end]))
        at = end
    return tuple(found)


def values(data: bytes, tags: Sequence[int]) -> tuple[bytes, ...] | None:
    """The values of exactly these objects in this order; None for anything else."""
    found = objects(data)
    if found is None or [each.tag for each in found] != list(tags):
        return None
    return tuple(each.value for each in found)


def proof(key: bytes, challenge: bytes) -> bytes:
    """What proves a PIN or key: the challenge, filled with 00 to a block, enciphered."""
    return encrypt(ALGORITHM, key, challenge.ljust(BLOCK, b"\x00")[:BLOCK])


def pin_digest(pin: bytes) -> bytes:
    """SM3 of a PIN in BCD; its first 16 bytes are the key."""
    return sm3(pin)


def padded(data: bytes) -> bytes:
    """``data``, 80, and 00 to a whole block."""
    marked = data + PADDING
    return marked + bytes(-len(marked) % BLOCK)


def mac(key: bytes, challenge: bytes, data: bytes) -> bytes:
    """The 4-byte MAC of ``data``: CBC from the challenge (filled with 00) on, the last block folded."""
    context = Cipher(SM4(key), modes.CBC(challenge.ljust(BLOCK, b"\x00")[:BLOCK])).encryptor()
    last = context.update(padded(data))[-BLOCK:]
    return xor(xor(last[:4], last[4:8]), xor(last[8:12], last[12:]))


def decrypt(key: bytes, data: bytes) -> bytes:
    """Whole blocks deciphered one by one."""
    return Cipher(SM4(key), modes.ECB()).decryptor().update(data)


def unpadded(data: bytes) -> bytes | None:
    """What stands before the padding 80 00 …; None where there is none."""
    body = data.rstrip(b"\x00")
    return body[:-1] if body.endswith(PADDING) else None
