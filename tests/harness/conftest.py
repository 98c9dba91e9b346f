"""One certified run for the tests that look at what it left behind."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onecard.spec.load import Spec, load_spec
from tests.support.command import onecard


@dataclass(frozen=True)
class Certified:
    """A finished run: its folder, what it printed, and the folder of the keys that signed its certificate."""

    folder: Path
    keys: Path
    summary: dict[str, Any]
    stdout: str
    stderr: str
    code: int

    @property
    def bundle(self) -> Path:
        return self.folder / "run.bundle"

    def runs(self, kind: str) -> list[dict[str, Any]]:
        """The runs of one kind, as the summary tells them."""
        return [run for run in self.summary["runs"] if run["kind"] == kind]


@pytest.fixture(scope="session")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    """The embedded references of every kind and profile in one run, certified with a test key."""
    root = tmp_path_factory.mktemp("certified")
    made = onecard("keys", "new", "--dir", "keys", cwd=root)
    assert made.returncode == 0, made.stderr
    run = onecard("certify", "--json", "--out", "out", "--keys", "keys", cwd=root)
    assert run.stdout, run.stderr
    return Certified(root / "out", root / "keys", json.loads(run.stdout), run.stdout, run.stderr, run.returncode)


@pytest.fixture(scope="session")
def spec() -> Spec:
    """The product's specification."""
    return load_spec()
