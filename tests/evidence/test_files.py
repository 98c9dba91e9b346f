import os
import stat
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.evidence.files import write_secret, write_whole


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_whole(path, b"old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        for write in (write_whole, lambda path, data: write_secret(path, data, overwrite=True)):
            with pytest.raises(UserError, match="No space left"):
                write(path, b"new")
        with pytest.raises(UserError, match="No space left"):
            write_secret(tmp_path / "secret", b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_secret_is_for_its_owner_whatever_was_there(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o666)
    write_secret(path, b"new", overwrite=True)
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    for write in (write_whole, write_secret):
        with pytest.raises(UserError, match="absent"):
            write(tmp_path / "absent" / "file", b"")
