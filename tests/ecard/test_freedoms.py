"""A service that takes a freedom which it does not declare fails (those that declare it pass: onecard prove)."""

from dataclasses import replace

from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.stage import stage_for
from onecard.prove.trial import Table
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec

PROFILE = "ecard-default"
OTHER: dict[str, Value] = {"ecard.card_state_codes": "a", "ecard.use_while_temporarily_lost": False}


def failing(spec: Spec, declared: dict[str, Value], real: dict[str, Value]) -> set[str]:
    """Requirements that fail (or cases without a verdict, by name) on a service of ``real`` data."""
    own = ics_of_profile(spec, PROFILE)
    staged = stage_for(spec, replace(own, items={**own.items, **declared}), reference_ixit("ecard", PROFILE))
    data = spec.resolve("ecard", {**own.items, **real}, PROFILE)
    assert isinstance(data, InterfaceSpec)
    table = Table(staged, lambda: Variant(spec=data))
    found = set()
    for case, outcome in table.outcomes(staged.cases()):
        if outcome.verdict is Verdict.FAIL and outcome.failed is not None:
            found.add(str(outcome.failed.requirement))
        elif outcome.verdict not in (Verdict.PASS, Verdict.INCONCLUSIVE):
            found.add(f"{case.id}: {outcome.verdict}")
    return found


def test_another_choice_than_declared_fails(spec: Spec) -> None:
    assert {"ECARD-REPORT", "ECARD-SUSPEND-TEMPORARY"} <= failing(spec, {}, OTHER)
