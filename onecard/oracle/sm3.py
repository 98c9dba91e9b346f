"""SM3, GB/T 32905-2016."""

from gmssl.sm3 import sm3_hash


def sm3(message: bytes) -> bytes:
    """The 32-byte digest of ``message``."""
    # gmssl takes a list of integers, appends its padding to that very list, and answers in hexadecimal.
    return bytes.fromhex(str(sm3_hash(list(message))))
