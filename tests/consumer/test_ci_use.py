"""Another component uses us in its CI: what its pipeline sees of a commit that keeps the contract or breaks it."""

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.support.command import SCRIPT, environment

SCRIPT_OF_CI = Path(__file__).parents[2] / "examples" / "ci-consumer" / "ci.sh"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the example's CI step is a POSIX shell script")


def _pipeline(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    changes = {"PYTHON": sys.executable, "ONECARD": str(SCRIPT), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(SCRIPT_OF_CI), "out", *words], cwd=folder, env=environment(**changes), capture_output=True,
        encoding="utf-8", timeout=60, check=False,
    )  # fmt: skip


def _junit(folder: Path) -> tuple[int, dict[str, str]]:
    """Number of cases, and the failed ones with what JUnit says of them."""
    cases = list(ET.parse(folder / "out" / "run" / "junit.xml").getroot().iter("testcase"))
    failed = {case.get("name", ""): failure.text or "" for case in cases for failure in case.iter("failure")}
    return len(cases), failed


def test_a_component_that_keeps_the_contract(tmp_path: Path) -> None:
    run = _pipeline(tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    count, failed = _junit(tmp_path)
    assert count >= 12
    assert failed == {}


def test_a_commit_that_breaks_it(tmp_path: Path) -> None:
    run = _pipeline(tmp_path, "--fault", "factor")
    assert run.returncode == 1, run.stdout + run.stderr
    for told in ("FAIL  HSM-SERVICE-01-EXTERNAL", "sent", "expected", "received", "likely"):
        assert told in run.stdout
    _, failed = _junit(tmp_path)
    assert any("HSM-SERVICE-01-EXTERNAL" in text for text in failed.values()), failed
