"""Runs the command line: in this process for speed, in one of its own where that is the point."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from onecard.cli.main import main

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str

    def refused(self, *said: str) -> None:
        """Exit 2, one clear message on stderr that says all of ``said``, nothing on stdout."""
        assert self.code == 2, self
        assert self.out == ""
        assert "Traceback" not in self.err
        for words in said:
            assert words in self.err, (words, self.err)
        assert self.err.startswith(("onecard: ", "Usage: ")), self.err
        if self.err.startswith("onecard: "):
            assert len(self.err.splitlines()) == 1, self.err


class Line:
    """The command line in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str | Path, lang: str | None = "en") -> Ran:
        given = [str(argument) for argument in arguments]
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([*given, "--lang", lang] if lang else given)
        printed = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Ran(ended.value.code, printed.out, printed.err)


def environment(root: Path = ROOT, **more: str) -> dict[str, str]:
    """The environment of a user who has the product at ``root``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "ONECARD_"))}
    return {**kept, "PYTHONPATH": str(root), "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1", **more}


def process(folder: Path, *arguments: str | Path, stdin: bytes = b"", root: Path = ROOT, **more: str) -> Ran:
    """``python -m onecard`` in ``folder``, as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "onecard", *map(str, arguments)],
        cwd=folder, env=environment(root, **more), input=stdin, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))
