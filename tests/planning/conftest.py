"""The real specification, and files of a vendor."""

from collections.abc import Callable
from pathlib import Path

import pytest

from onecard.planning.declaration import Ics, Ixit, ics_of_profile, ics_template, reference_ixit
from onecard.spec.load import Spec, load_spec

Write = Callable[[str, str], Path]


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of the vendor; returns its path."""

    def to(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return to


@pytest.fixture(scope="session")
def template(spec: Spec) -> str:
    return ics_template(spec, "card-3.0")


@pytest.fixture(scope="session")
def ics(spec: Spec) -> Ics:
    return ics_of_profile(spec, "card-3.0")


@pytest.fixture(scope="session")
def ixit() -> Ixit:
    return reference_ixit("card", "card-3.0")
