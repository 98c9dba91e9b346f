"""The suite on the reference: it passes, on another declaration too, and tells a planted fault."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from emulator.mutants.platform.activation import BankRefusalNotUndone
from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.stage import Stage, stage, stage_for
from onecard.prove.trial import Table
from onecard.reference import platform as reference
from onecard.spec.card import CardSpec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.spec.platform import platform_spec

OTHER: Mapping[str, bool | int | str] = {
    "platform.state_codes": "a",
    "platform.temporary_loss_days": 15,
    "platform.loss_release": False,
}


@pytest.fixture(scope="module")
def staged(spec: Spec) -> Stage:
    return stage(spec, "platform", "platform-default")


def test_every_requirement_has_cases(spec: Spec, staged: Stage) -> None:
    named = {name for case in staged.cases() for name in case.requirements}
    assert named == {name for name, found in spec.requirements.items() if found.actor == "platform"}


def test_other_declaration_passes(spec: Spec, card_data: CardSpec, monkeypatch: pytest.MonkeyPatch) -> None:
    other = spec.resolve("platform", OTHER, "platform-default")
    assert isinstance(other, InterfaceSpec)
    # A vendor's declaration would list cards in the states of its own code set.
    monkeypatch.setattr(reference, "_data", lambda _profile: (other, platform_spec(other), card_data))
    ics = replace(ics_of_profile(spec, "platform-default"), items=OTHER)
    made = stage_for(spec, ics, reference_ixit("platform", "platform-default"))
    outcomes = list(Table(made, Variant).outcomes(made.cases()))
    assert {case.id: outcome for case, outcome in outcomes if outcome.verdict is not Verdict.PASS} == {}
    assert len(outcomes) > 150


def test_planted_fault_is_told(staged: Stage) -> None:
    """A platform that leaves social security enabled after the bank refused."""
    cases = tuple(case for case in staged.cases() if case.id.endswith("test_party_refuses[bank]"))
    table = Table(staged, lambda: Variant(behaviour=BankRefusalNotUndone()))
    outcome = next(outcome for _, outcome in table.outcomes(cases))
    assert outcome.verdict is Verdict.FAIL
    assert outcome.failed is not None
    assert outcome.failed.requirement == "PLATFORM-ACTIVATION-COMPENSATED"
    assert "state = 'compensated'" in outcome.failed.expected
    assert '"state":"failed"' in outcome.failed.received


def test_without_control_nothing_fails(spec: Spec) -> None:
    """Cases that find their cards changed by earlier ones are inconclusive: a conforming platform never fails."""
    whole = reference_ixit("platform", "platform-default")
    bare = replace(whole, parameters={name: given for name, given in whole.parameters.items() if name != "control"})
    made = stage_for(spec, ics_of_profile(spec, "platform-default"), bare)
    verdicts = [outcome.verdict for _, outcome in Table(made, Variant).outcomes(made.cases())]
    assert set(verdicts) == {Verdict.PASS, Verdict.INCONCLUSIVE}
    assert verdicts.count(Verdict.PASS) > len(verdicts) / 2
