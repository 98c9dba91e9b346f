"""``onecard certify`` on the embedded references, as a user runs it."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from onecard.spec.expr import evaluate
from onecard.spec.load import load_spec
from tests.harness.conftest import PROFILES, Certified
from tests.support.command import onecard

pytestmark = pytest.mark.xdist_group("certified")

CASES = {"pass", "fail", "inconclusive", "error", "not_applicable", "not_run"}
REQUIREMENTS = {"applicable", "executed", "by_basis", "excluded"}
RUN = {"verdict", "profile", "target", "scope", "cases", "requirements", "bundle", "certificate", "seconds"}
TOP = {"verdict", "scope", "bundle", "certificate", "seconds", "runs"}


def test_the_references_pass(certified: Certified) -> None:
    summary, cards = certified.summary, certified.runs("card")
    # A reference card has no body that a laboratory could measure.
    told = certified.code, summary["verdict"], summary["scope"]
    assert told == (0, "pass", "full+without-laboratory"), _troubles(summary)
    assert {run["kind"]: run["profile"] for run in summary["runs"]} == PROFILES
    assert all(run["verdict"] == "pass" for run in cards), _troubles(summary)
    assert sum(run["cases"]["pass"] + run["cases"]["fail"] for run in cards) >= 150
    for run in cards:
        assert {name: run["cases"][name] for name in CASES - {"pass", "not_applicable"}} == {
            "fail": 0, "inconclusive": 0, "error": 0, "not_run": 0,
        }  # fmt: skip


def test_every_testable_requirement_is_executed(certified: Certified) -> None:
    spec = load_spec()
    for run in certified.runs("card"):
        profile = spec.profile(run["profile"])
        environment = {**profile.ics, "ixit.root_keys": True}
        own = [r for r in spec.requirements.values() if r.actor == "card" and evaluate(r.applies, environment)]
        testable = [r for r in own if r.excluded is None]
        # Without a laboratory sheet what needs one lies outside the scope.
        measured = [r for r in testable if "laboratory" in r.needs]
        counted = run["requirements"]
        assert counted["applicable"] == counted["executed"] + len(measured) == len(testable)
        assert counted["excluded"] == len(own) - len(testable)
        ran = [r for r in testable if r not in measured]
        basis = {str(name): sum(str(r.basis.cls) == name for r in ran) for name in {r.basis.cls for r in ran}}
        assert counted["by_basis"] == basis


def test_shape_for_several_profiles(certified: Certified) -> None:
    summary = certified.summary
    assert summary.keys() >= TOP
    assert isinstance(summary["seconds"], int | float)
    for run in summary["runs"]:
        _has_the_shape_of_a_run(run)
        assert run["target"] == f"reference:{run['profile']}"
        assert (run["bundle"], run["certificate"]) == (summary["bundle"], summary["certificate"])


def test_stdout_is_the_summary_alone(certified: Certified) -> None:
    assert certified.stdout.count("\n") == 1
    assert certified.stderr == ""


def test_one_profile_is_flat_and_has_no_certificate_without_a_key(tmp_path: Path) -> None:
    run = onecard("certify", "card", "--profile", "card-1.0", "--json", "--out", "out", cwd=tmp_path)
    summary = json.loads(run.stdout)
    assert (run.returncode, summary["verdict"]) == (0, "pass"), _troubles(summary)
    assert "runs" not in summary
    _has_the_shape_of_a_run(summary)
    assert (summary["profile"], summary["certificate"]) == ("card-1.0", None)
    assert (tmp_path / summary["bundle"]).samefile(tmp_path / "out" / "run.bundle")
    assert not (tmp_path / "out" / "certificate.json").exists()


@pytest.mark.openssl
def test_certificate_is_verified_by_openssl(certified: Certified) -> None:
    assert certified.summary["certificate"] is not None, certified.stderr
    assert (certified.folder.parent / certified.summary["certificate"]).samefile(certified.folder / "certificate.json")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    # The command of the design, word for word.
    command = (
        "openssl dgst -sm3 -verify pub.pem -sigopt distid:1234567812345678 -signature certificate.sig certificate.json"
    )
    told = subprocess.run(
        command.split(), cwd=certified.folder, capture_output=True, text=True, check=False, timeout=60
    )  # fmt: skip
    assert (told.returncode, told.stdout.strip()) == (0, "Verified OK"), told.stderr


def test_verify_without_and_with_a_ca(certified: Certified, tmp_path: Path) -> None:
    def told(*words: str) -> tuple[int, str]:
        run = onecard("verify", *words, "--lang", "en", cwd=certified.folder)
        return run.returncode, run.stdout

    code, text = told("certificate.json")
    assert code == 0
    assert "integrity holds, issuer not trusted" in text
    assert "TEST" in text
    code, text = told("certificate.json", "--ca", str(certified.keys / "ca.pem"))
    assert code == 0
    assert "not trusted" not in text
    code, text = told("run.bundle")
    assert code == 0
    assert "intact" in text
    assert onecard("keys", "new", "--dir", "other", cwd=tmp_path).returncode == 0
    code, text = told("certificate.json", "--ca", str(tmp_path / "other" / "ca.pem"))
    assert code == 1, text


def _has_the_shape_of_a_run(run: dict[str, Any]) -> None:
    assert run.keys() >= RUN
    assert run["verdict"] in {"pass", "fail", "incomplete"}
    assert run["cases"].keys() == CASES
    assert run["requirements"].keys() >= REQUIREMENTS
    assert all(isinstance(count, int) for count in run["cases"].values())
    assert isinstance(run["seconds"], int | float)


def _troubles(summary: dict[str, Any]) -> object:
    runs = summary.get("runs", [summary])
    return [(run["profile"], run["cases"], run["requirements"]["undecided"], run["stopped"]) for run in runs]
