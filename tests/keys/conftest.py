"""Key sets of a seed, and the command line in an empty folder."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from onecard.emulate.keyset import made_sets, write_sets
from onecard.planning.keyset import KeySet, merged
from onecard.spec.hierarchy import KeyHierarchy, installed_hierarchy
from onecard.spec.load import Spec, load_spec
from tests.cli.running import Line

SEED, REGION = "keys", "341300"
PASSWORD = "a synthetic password"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture(scope="session")
def hierarchy() -> KeyHierarchy:
    return installed_hierarchy()


@pytest.fixture(scope="session")
def sets(hierarchy: KeyHierarchy) -> Mapping[str, KeySet]:
    return made_sets(hierarchy, SEED, region=REGION)


@pytest.fixture(scope="session")
def whole(sets: Mapping[str, KeySet]) -> KeySet:
    """The keys of all levels."""
    return merged(sets.values())


@pytest.fixture
def line(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONECARD_KEY_PASSWORD", PASSWORD)
    return Line(capsys)


@pytest.fixture
def folder(sets: Mapping[str, KeySet], tmp_path: Path) -> Path:
    """A folder with the four files of ``keys set``."""
    write_sets(sets, tmp_path / "set")
    return tmp_path / "set"
