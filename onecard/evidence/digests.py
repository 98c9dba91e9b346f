"""SM3 digests (GB/T 32905) as the evidence writes them: ``sm3:`` or ``hmac-sm3:`` and 64 lower-case hex digits."""

import re
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import constant_time, hashes, hmac

SM3_PREFIX: Final = "sm3:"
HMAC_SM3_PREFIX: Final = "hmac-sm3:"

_DIGEST: Final = re.compile(r"sm3:[0-9a-f]{64}")
_CHUNK: Final = 1 << 20


def sm3(data: bytes) -> bytes:
    """The 32-byte SM3 digest of ``data``."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize()


def hmac_sm3(key: bytes, data: bytes) -> bytes:
    """The 32-byte HMAC (RFC 2104) of ``data`` with SM3 under ``key``."""
    mac = hmac.HMAC(key, hashes.SM3())
    mac.update(data)
    return mac.finalize()


def sm3_name(data: bytes) -> str:
    """The digest of ``data`` written as ``sm3:<hex>``."""
    return SM3_PREFIX + sm3(data).hex()


class RunningSm3:
    """An SM3 digest of bytes that come in pieces."""

    def __init__(self) -> None:
        self._digest = hashes.Hash(hashes.SM3())

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._digest.update(data)

    def name(self) -> str:
        """``sm3:<hex>`` of all pieces; ends the digest."""
        return SM3_PREFIX + self._digest.finalize().hex()


def file_digest(path: Path) -> str:
    """The digest of a file's bytes written as ``sm3:<hex>``; read in pieces. Raises OSError."""
    digest = RunningSm3()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.name()


def is_digest(value: object) -> bool:
    """Whether ``value`` is a string of the form ``sm3:<64 lower-case hex digits>``."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def same(left: bytes, right: bytes) -> bool:
    """Whether two byte strings are equal, in time that does not depend on where they differ."""
    return constant_time.bytes_eq(left, right)
