"""A run with a laboratory's sheet: its values are part of the evidence, and a replay needs no sheet."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from onecard.evidence import keyfile
from onecard.evidence.bundle import read
from onecard.evidence.messages import mask_message, restore_message
from onecard.evidence.sealing import NullSealer, Sealer
from onecard.harness.campaign import CampaignResult, Order, run_campaign
from onecard.harness.case import Case
from onecard.harness.conductor import collect
from onecard.harness.replay import replay
from onecard.laboratory.reading import read_sheet
from onecard.planning.plan import Scope, make_plan
from onecard.spec.load import TargetSpec
from tests.harness.running import request, spec

EXAMPLE = Path(__file__).parents[2] / "examples" / "laboratory" / "sheet.yaml"
FAMILY = "card/laboratory/"


def _measured_only(target: TargetSpec, kind: str) -> Sequence[Case]:
    return [case for case in collect(target, kind) if case.id.startswith(FAMILY)]


@pytest.fixture(scope="module", autouse=True)
def measured_cases_only() -> Iterator[None]:
    """A campaign of the laboratory's cases: the others take their time elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        for module in ("campaign", "replay"):
            patch.setattr(f"onecard.harness.{module}.collect", _measured_only)
        yield


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> CampaignResult:
    """The reference card with the values of the example."""
    measured = replace(request("card-1.0"), laboratory=read_sheet(EXAMPLE, spec()))
    return run_campaign(Order(spec(), [measured], tmp_path_factory.mktemp("run"), secrets.token_bytes(16)))


def test_every_measured_case_passes(run: CampaignResult) -> None:
    outcomes = {name: found.verdict for name, found in run.runs[0].outcomes.items() if name.startswith(FAMILY)}
    assert len(outcomes) > 60
    assert set(outcomes.values()) == {"pass"}
    assert "laboratory" not in run.runs[0].prepared.plan.scope


def test_the_evidence_names_the_sheet_and_a_replay_needs_none(run: CampaignResult) -> None:
    bundle = read(run.bundle)
    digest = read_sheet(EXAMPLE, spec()).digest
    assert [each["laboratory"] for each in bundle.header["runs"]] == [digest]
    result = replay(spec(), bundle, NullSealer())
    assert (result.exit_code, result.divergences) == (0, [])
    told = {name: found.verdict for name, found in result.runs[0].outcomes.items() if name.startswith(FAMILY)}
    assert set(told.values()) == {"pass"}


@pytest.mark.parametrize("scope", [Scope.FULL, Scope.WITHOUT_LABORATORY])
def test_without_a_sheet_it_is_out_of_scope(scope: Scope) -> None:
    """And with one, where the scope leaves it aside."""
    declared = request("card-1.0")
    cases = collect(spec().card_of_profile("card-1.0"), "card")
    lacking = declared.lacking if scope is Scope.FULL else frozenset[str]()
    plan = make_plan(spec(), declared.ics, declared.ixit, cases, scope, destroy=True, lacking=lacking)
    assert plan.scope == "without-laboratory"
    assert {case.id for case in plan.out_of_scope} == {case.id for case in cases if case.id.startswith(FAMILY)}


def test_measured_values_are_not_sealed_and_others_are() -> None:
    sealer = Sealer(keyfile.new_key())
    body = mask_message(sealer, {"do": "measurement", "quantity": "Q"}, {"values": ["1"]})
    assert "sealed" not in body
    assert restore_message(NullSealer(), body) == ({"do": "measurement", "quantity": "Q"}, {"values": ["1"]})
    assert "sealed" in mask_message(sealer, {"do": "call", "call": "x", "args": {}}, {"return": 0})
