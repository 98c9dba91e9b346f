"""The file in which the tester keeps a bundle's sealing key."""

import binascii
import os
from pathlib import Path

from onecard.errors import UserError
from onecard.evidence.files import write_secret
from onecard.evidence.sealing import KEY_LENGTH


def new_key() -> bytes:
    """A fresh key for one bundle (32 bytes of the operating system's randomness)."""
    return os.urandom(KEY_LENGTH)


def write_key(path: Path, key: bytes) -> None:
    """Write ``key`` as one line of hex, 0600; an existing file is never written over. Raises UserError."""
    write_secret(path, key.hex().encode("ascii") + b"\n")


def read_key(path: Path) -> bytes:
    """The key in a file that ``write_key`` made. Raises UserError naming the file."""
    try:
        text = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            zh=f"无法读取密封密钥文件 {path}：{reason}", en=f"cannot read the key file {path}: {reason}"
        ) from error
    try:
        key = binascii.unhexlify(text.strip())
    except ValueError:
        key = b""
    if len(key) != KEY_LENGTH:
        raise UserError(
            zh=f"{path} 不是密封密钥文件：应为一行 {2 * KEY_LENGTH} 个十六进制数字",
            en=f"{path} is not a key file: it should hold one line of {2 * KEY_LENGTH} hex digits",
        )
    return key
