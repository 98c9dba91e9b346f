"""One certified run for the tests that look at what it left behind."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onecard.spec.load import Spec, load_spec
from tests.support.command import onecard

PROFILES = {
    "card": "card-1.0",
    "psam": "psam-3des",
    "hsm": "hsm-default",
    "terminal": "terminal-scene",
    "ecard": "ecard-default",
    "platform": "platform-default",
    "partner": "partner-default",
}


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
    """The embedded references of every kind in one run, certified with a test key; every profile: .ci/run."""
    root = tmp_path_factory.mktemp("certified")
    made = onecard("keys", "new", "--dir", "keys", cwd=root)
    assert made.returncode == 0, made.stderr
    targets = [word for kind, profile in PROFILES.items() for word in ("--target", f"{kind}=reference:{profile}")]
    run = onecard("certify", *targets, "--json", "--out", "out", "--keys", "keys", cwd=root)
    assert run.stdout, run.stderr
    return Certified(root / "out", root / "keys", json.loads(run.stdout), run.stdout, run.stderr, run.returncode)


@pytest.fixture(scope="session")
def spec() -> Spec:
    """The product's specification."""
    return load_spec()
