"""Files that are written whole or not at all, and files that hold secrets."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

from onecard.errors import UserError

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)
SECRET_MODE: Final = 0o600
SHARED_MODE: Final = 0o644


class FileExists(UserError):
    """A file that must not be written over is there already (exit code 2)."""


def make_folder(path: Path) -> None:
    """Make a folder, with those above it, unless it is there. Raises UserError where that cannot be (exit code 2)."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            zh=f"无法创建目录 {path}：{reason}；请换一个目录",
            en=f"cannot make the folder {path}: {reason}; choose another",
        ) from None


def write_secret(path: Path, data: bytes, *, overwrite: bool = False) -> None:
    """Write a secret, readable by its owner only from the first moment; never through a symbolic link.

    Raises FileExists unless ``overwrite``, UserError if the file cannot be written.
    """
    if overwrite:
        _replace(path, data, SECRET_MODE)
        return
    try:
        _create(path, data, SECRET_MODE)
    except FileExistsError:
        raise FileExists(
            zh=f"{path} 已存在，不会覆盖", en=f"{path} exists and is not overwritten: choose another folder"
        ) from None
    except OSError as error:
        raise _cannot_write(path, error) from error


def write_whole(path: Path, data: bytes) -> None:
    """Write ``data`` to ``path``, replacing what was there; no reader ever sees half a file. Raises UserError."""
    _replace(path, data, SHARED_MODE)


def _replace(path: Path, data: bytes, mode: int) -> None:
    beside = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        _create(beside, data, mode)
        os.replace(beside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise _cannot_write(path, error) from error


def _create(path: Path, data: bytes, mode: int) -> None:
    # O_EXCL refuses a symbolic link too, so the bytes go nowhere but here.
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | _BINARY, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise


def _cannot_write(path: Path, error: OSError) -> UserError:
    reason = error.strerror or str(error)
    return UserError(zh=f"无法写入 {path}：{reason}", en=f"cannot write {path}: {reason}")
