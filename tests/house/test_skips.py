"""tests/conftest.py: what may skip on a desk must run in CI."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).parents[1] / "conftest.py"
MARKS = "[pytest]\nmarkers =\n    pcsc: reader\n    openssl: cli\n    browser: page\n"
PER_TEST = """
import pytest

@pytest.mark.pcsc
def test_marked():
    pytest.skip("no reader")

def test_unmarked():
    pytest.skip("other reason")

@pytest.mark.openssl
@pytest.mark.xfail(reason="known", strict=True)
def test_expected_failure():
    raise AssertionError

@pytest.mark.browser
@pytest.mark.skipif(True, reason="no browser")
def test_condition():
    pass
"""
WHOLE_MODULE = """
import pytest

pytest.importorskip("a_module_that_nobody_has")

def test_vanishes():
    pass
"""


def outcomes(folder: Path, source: str, *, ci: bool) -> dict[str, int]:
    (folder / "conftest.py").write_text(CONFTEST.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "pytest.ini").write_text(MARKS, encoding="utf-8")
    (folder / "test_sample.py").write_text(source, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PYTEST_"))}
    if ci:
        environment["CI"] = "true"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    summary = run.stdout.strip().splitlines()[-1]
    found = {word.removesuffix("s"): int(n) for n, word in re.findall(r"(\d+) (\w+)", summary.split(" in ")[0])}
    assert found, run.stdout
    return found


def test_on_a_desk_absent_components_skip(tmp_path: Path) -> None:
    assert outcomes(tmp_path, PER_TEST, ci=False) == {"skipped": 3, "xfailed": 1}


def test_in_ci_a_skipped_real_component_test_fails(tmp_path: Path) -> None:
    assert outcomes(tmp_path, PER_TEST, ci=True) == {"failed": 1, "error": 1, "skipped": 1, "xfailed": 1}


@pytest.mark.parametrize(("ci", "expected"), [(False, {"skipped": 1}), (True, {"error": 1})])
def test_a_module_that_skips_itself_is_an_error_in_ci_only(tmp_path: Path, ci: bool, expected: dict[str, int]) -> None:
    assert outcomes(tmp_path, WHOLE_MODULE, ci=ci) == expected
