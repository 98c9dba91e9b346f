"""``onecard plan``: what certify would run, and the templates."""

import json
import os
import stat
from pathlib import Path

import pytest

from onecard.harness.kinds import KINDS
from onecard.spec.load import Spec
from tests.cli.running import Line


def test_json_of_every_profile(line: Line, spec: Spec) -> None:
    ran = line("plan", "--json")
    assert (ran.code, ran.err) == (0, "")
    runs = json.loads(ran.out)["runs"]
    assert {run["profile"] for run in runs} == spec.profiles.keys()
    assert list(dict.fromkeys(run["kind"] for run in runs)) == list(KINDS)
    for run in runs:
        kind = run["kind"]
        assert kind == spec.profile(run["profile"]).target
        assert run.keys() == {
            "kind", "profile", "target", "scope", "sample_cards", "seconds", "cases", "out_of_scope", "not_applicable",
            "inapplicable", "excluded",
        }  # fmt: skip
        scope = "without-laboratory" if kind == "card" else "full"
        assert (run["target"], run["scope"]) == (f"reference:{run['profile']}", scope)
        assert len(run["cases"]) == len(set(run["cases"])) > 50
        assert all(case.startswith(f"{kind}/") for case in run["cases"])
        assert all(case.startswith("card/laboratory/") for case in run["out_of_scope"])
        assert run["sample_cards"] == (2 if kind in ("card", "psam") else 1)
        assert run["seconds"] >= 1
        assert {entry["requirement"] for entry in run["excluded"] + run["inapplicable"]} <= spec.requirements.keys()
        assert all(entry["expression"] for entry in run["not_applicable"] + run["inapplicable"])
    assert not Path("onecard-results").exists()


def test_planning_twice_gives_the_same_order(line: Line) -> None:
    assert line("plan", "card", "--profile", "card-3.0").out == line("plan", "--profile", "card-3.0").out != ""


def test_profile_or_ics_names_the_kind(line: Line, vendor: Path) -> None:
    runs = json.loads(line("plan", "--profile", "hsm-default", "--json").out)["runs"]
    assert [(run["kind"], run["profile"]) for run in runs] == [("hsm", "hsm-default")]
    ran = line("plan", "--target", "tcp:127.0.0.1:1", "--ics", vendor / "ics.yaml", "--json")
    assert [(run["kind"], run["target"]) for run in json.loads(ran.out)["runs"]] == [("card", "tcp:127.0.0.1:1")]
    for given in (("psam",), ("card", "psam"), ("psam", "--init")):
        line("plan", *given, "--profile", "card-3.0").refused("the profile card-3.0 is for card, not for psam")


@pytest.mark.parametrize(("lang", "said"), [("en", "sample card(s), about"), ("zh", "样卡")])
def test_in_words(line: Line, lang: str, said: str) -> None:
    ran = line("plan", "card", "--profile", "card-3.0", lang=lang)
    first, *cases = ran.out.splitlines()
    assert said in first
    assert first.startswith("card-3.0")
    body = json.loads(line("plan", "card", "--profile", "card-3.0", "--json").out)["runs"][0]
    assert [told.split()[0] for told in cases] == body["cases"]


def test_without_destruction(line: Line) -> None:
    full, spared = (
        json.loads(line("plan", "card", "--profile", "card-3.0", "--json", "--scope", scope).out)["runs"][0]
        for scope in ("full", "non-destructive")
    )
    assert spared["scope"] == "non-destructive+without-laboratory"
    assert spared["sample_cards"] == 1
    destroying = [case for case in spared["out_of_scope"] if case not in full["out_of_scope"]]
    assert destroying
    assert sorted(full["cases"]) == sorted(spared["cases"] + destroying), "what destroys comes in the order of its ends"
    assert set(destroying).isdisjoint(full["cases"][: len(spared["cases"])]), "and after all that does not"


def test_a_device_is_planned_without_being_there(line: Line, vendor: Path) -> None:
    ran = line("plan", "card", "--target", "tcp:127.0.0.1:1", "--ics", vendor / "ics.yaml", "--json")
    run = json.loads(ran.out)["runs"][0]
    lacking = "without-contactless+without-laboratory+without-tear"
    assert (ran.code, run["target"], run["scope"]) == (0, "tcp:127.0.0.1:1", f"non-destructive+{lacking}")
    assert {"requirement": "CARD-DIVERSIFICATION", "expression": "ixit.root_keys"} in run["inapplicable"]


def test_destruction_of_a_device_needs_its_name(line: Line, vendor: Path) -> None:
    device = ("plan", "card", "--target", "tcp:127.0.0.1:1", "--ics", str(vendor / "ics.yaml"), "--json")
    spared, allowed = (json.loads(line(*device, *more).out)["runs"][0] for more in ((), ("--destroy", "00" * 16)))
    lacking = "without-contactless+without-laboratory+without-tear"
    assert (spared["scope"], allowed["scope"]) == (f"non-destructive+{lacking}", lacking)
    assert len(allowed["cases"]) > len(spared["cases"])


def test_target_of_the_ixit(line: Line, vendor: Path) -> None:
    ran = line("plan", "card", "--ics", vendor / "ics.yaml", "--ixit", vendor / "ixit.yaml", "--json")
    assert json.loads(ran.out)["runs"][0]["target"] == "pcsc:0"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_templates(line: Line, tmp_path: Path, lang: str) -> None:
    ran = line("plan", "card", "--init", "--profile", "card-2.0", "--out", "new/folder", lang=lang)
    assert (ran.code, ran.err) == (0, "")
    folder = tmp_path / "new" / "folder"
    assert {path.name for path in folder.iterdir()} == {"ics.yaml", "ixit.yaml", "laboratory.yaml"}
    assert "onecard certify card --ics" in ran.out
    if os.name == "posix":
        assert stat.S_IMODE((folder / "ixit.yaml").stat().st_mode) == 0o600
    assert line("plan", "card", "--ics", folder / "ics.yaml", "--ixit", folder / "ixit.yaml").code == 0
