"""One run over every kind of target: one bundle, one certificate, replayed where no emulator can be imported."""

import copy
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onecard.evidence.bundle import read
from onecard.evidence.lines import Event
from onecard.evidence.sealing import NullSealer
from onecard.harness.kinds import KINDS
from onecard.harness.replay import replay
from onecard.spec.load import load_spec
from tests.harness.bundles import forge
from tests.harness.conftest import Certified
from tests.support.command import environment

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("certified")]

LEAST_CASES = 12

WITHOUT_EMULATOR = """
import sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "emulator" or name.startswith("onecard.reference"):
            raise ImportError(f"{name} is made unimportable")

sys.meta_path.insert(0, Absent())
from onecard.cli.main import main
main(sys.argv[1:])
"""


def test_every_kind_passes_in_one_run(certified: Certified) -> None:
    summary = certified.summary
    # A reference card has no body that a laboratory could measure.
    assert (summary["verdict"], summary["scope"]) == ("pass", "full+without-laboratory")
    assert summary["certificate"]
    counted = Counter[str]()
    for run in summary["runs"]:
        assert run["verdict"] == "pass"
        assert run["cases"]["pass"] == sum(run["cases"].values()) - run["cases"]["not_applicable"]
        out_of_scope = run["requirements"]["applicable"] - run["requirements"]["executed"]
        assert (out_of_scope > 0) == (run["kind"] == "card")
        counted[run["kind"]] += run["cases"]["pass"]
    assert set(counted) == set(KINDS)
    assert min(counted.values()) >= LEAST_CASES


def test_the_evidence_holds_apdus_calls_and_http_in_both_directions(certified: Certified) -> None:
    kinds = Counter(
        event.body["do"] if event.kind == "exchange" else event.kind for event in read(certified.bundle).events
    )
    assert min(kinds[name] for name in ("apdu", "call", "http", "receive", "instrument")) > 0


def test_replay_needs_no_emulator(certified: Certified) -> None:
    told = subprocess.run(
        [sys.executable, "-c", WITHOUT_EMULATOR, "replay", str(certified.bundle), "--json"],
        capture_output=True,
        text=True,
        env=environment(),
        cwd=certified.folder,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert [run["verdict"] for run in answer["runs"]] == ["pass"] * len(certified.summary["runs"])


def test_altered_answers_of_every_kind_are_found(certified: Certified, tmp_path: Path) -> None:
    """What a forger changes in the last answered exchange of each case diverges, or is listed as not judged."""
    bundle = read(certified.bundle)
    last = {
        (event.case, event.body["do"]): event
        for event in bundle.events
        if event.kind == "exchange" and event.case != "setup" and event.body["do"] in _ALTERATIONS
    }
    altered = {event.n: _altered(event) for event in last.values()}
    assert {event.body["do"] for event in altered.values()} == set(_ALTERATIONS)
    forged = forge(bundle, tmp_path / "run.bundle", events=altered)
    result = replay(load_spec(), forged, NullSealer())
    touched = {str(event.case) for event in altered.values()}
    named = {divergence.case for divergence in result.divergences}
    listed = {unjudged.case for unjudged in result.unjudged}
    assert touched <= named | listed
    assert len(touched & named) > len(touched) // 2


def _altered(event: Event) -> Event:
    changed = _ALTERATIONS[event.body["do"]](copy.deepcopy(event.body["r"]))
    return replace(event, body={**event.body, "r": changed})


def _other_reply(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "status": 418, "body": '{"code":"altered"}'}


def _other_result(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "return": answer["return"] - 1}


def _other_message(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "trace": [*answer["trace"], {"ask": {"http": {}}, "answer": {}}]}


def _other_octets(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer, "received": f"{answer['received']}00"}


_ALTERATIONS: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "http": _other_reply,
    "call": _other_result,
    "receive": _other_message,
    "frame": _other_octets,
}
