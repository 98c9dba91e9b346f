"""Each kind certified in a process of its own, as ``onecard emulate`` starts it, over its real transport."""

import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from onecard.evidence.bundle import verify_bundle
from onecard.harness.campaign import Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import read_ics, read_ixit
from tests.harness.running import spec
from tests.support.command import onecard
from tests.support.emulated import emulated

PATIENCE = 60.0
"""Longest wait for one answer, in seconds: a busy machine is not what is tested here."""

CONTROLLED = ("--port", "0", "--test-control")


def _certify(folder: Path, kind: str) -> str:
    """Certify what declared itself in ``folder``; returns its target."""
    ics = read_ics(spec(), folder / "declared" / "ics.yaml", None)
    ixit = read_ixit(folder / "declared" / "ixit.yaml", kind)
    assert ixit.target is not None
    request = RunRequest(ics, replace(ixit, timeout=PATIENCE), ixit.target)
    result = run_campaign(Order(spec(), (request,), folder / "out", secrets.token_bytes(16)))
    outcomes = result.runs[0].outcomes
    not_passed = {name: found for name, found in outcomes.items() if found.verdict is not Verdict.PASS}
    assert result.verdict is Campaign.PASS, not_passed
    assert len(outcomes) >= 12
    assert verify_bundle(result.bundle).exit_code == 0
    return ixit.target


@pytest.mark.parametrize(("kind", "words", "scheme"), [
    ("psam", ("--tcp", "0", "--profile", "psam-3des"), "tcp:"),
    ("hsm", CONTROLLED, "http:"),
    ("ecard", CONTROLLED, "http:"),
    ("platform", CONTROLLED, "http:"),
    ("partner", CONTROLLED, "http:"),
])  # fmt: skip
def test_a_separate_process_passes(tmp_path: Path, kind: str, words: tuple[str, ...], scheme: str) -> None:
    with emulated(tmp_path, kind, *words):
        assert _certify(tmp_path, kind).startswith(scheme)


def test_a_terminal_program_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The declaration names the target: the reference terminal as a program on its standard streams.

    All it offers is certified in the reference's own process; here reading by PSAM shows the way.
    """
    assert onecard("emulate", "terminal", "--declare", "declared", cwd=tmp_path).returncode == 0
    ics = tmp_path / "declared" / "ics.yaml"
    declared = yaml.safe_load(ics.read_text(encoding="utf-8"))
    declared["items"] |= {name: name == "terminal.sam" for name in declared["items"]}
    ics.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    monkeypatch.setenv("PATH", os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])))
    assert _certify(tmp_path, "terminal").startswith("command:onecard emulate terminal")
