"""The command line, a vendor's files, and the specification."""

from pathlib import Path

import pytest

from onecard.spec.load import Spec, load_spec
from tests.cli.running import Line


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    """The command line in an empty folder, without the user's keys."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ONECARD_KEYS", raising=False)
    return Line(capsys)


@pytest.fixture
def vendor(line: Line, tmp_path: Path) -> Path:
    """A folder with the ICS and IXIT that ``plan --init`` writes for a 3.0 card."""
    folder = tmp_path / "vendor"
    assert line("plan", "card", "--init", "--profile", "card-3.0", "--out", folder).code == 0
    return folder


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()
