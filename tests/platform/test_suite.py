"""The suite on the reference: every requirement has cases, a planted fault is told, and no control harms no one."""

from dataclasses import replace

import pytest

from emulator.mutants.platform.activation import BankRefusalNotUndone
from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.stage import Stage, stage, stage_for
from onecard.prove.trial import Table
from onecard.spec.load import Spec


@pytest.fixture(scope="module")
def staged(spec: Spec) -> Stage:
    return stage(spec, "platform", "platform-default")


def test_every_requirement_has_cases(spec: Spec, staged: Stage) -> None:
    named = {name for case in staged.cases() for name in case.requirements}
    assert named == {name for name, found in spec.requirements.items() if found.actor == "platform"}


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
