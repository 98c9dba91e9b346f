"""Conforming variants: the freedoms that a target may take when its ICS declares them. Every case must pass."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial

from emulator.card.behaviour import CardBehaviour
from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from emulator.variant import Variant
from onecard.harness.case import Case
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.field import FieldTable
from onecard.prove.freedoms import (
    card,
    card_content,
    card_financial,
    card_forms,
    card_readings,
    card_transport,
    devices,
    services,
    terminal,
    terminal_kinds,
)
from onecard.prove.freedoms.model import Freedom
from onecard.prove.stage import Stage, stage_for
from onecard.prove.trial import Table
from onecard.spec.card import CardSpec
from onecard.spec.load import Spec, TargetSpec

BASELINE = "baseline"
"""The id of the unchanged reference among the results."""

VARIANTS: tuple[Freedom, ...] = (
    *card.FREEDOMS,
    *card_forms.FREEDOMS,
    *card_content.FREEDOMS,
    *card_financial.FREEDOMS,
    *card_transport.FREEDOMS,
    *card_readings.FREEDOMS,
    *devices.FREEDOMS,
    *terminal.FREEDOMS,
    *terminal_kinds.FREEDOMS,
    *services.FREEDOMS,
)


@dataclass(frozen=True)
class VariantResult:
    """A variant on one profile: which cases did not pass, with their verdict."""

    variant: str
    profile: str
    alarms: tuple[str, ...]


def variants_of(kind: str, profile: str) -> tuple[str, ...]:
    """Ids of the freedoms of a kind on one profile."""
    own = (each for each in VARIANTS if each.kind == kind)
    return tuple(each.id for each in own if not each.profiles or profile in each.profiles)


def reference_of(freedom: Freedom, data: TargetSpec) -> AnyVariant:
    """The altered reference that takes a freedom; ``data``: resolved by the ICS that declares it."""
    behaviour = freedom.behaviour() if freedom.behaviour is not None else None
    if isinstance(data, CardSpec):
        assert behaviour is None or isinstance(behaviour, CardBehaviour)
        edit = None if freedom.edit is None else partial(freedom.edit, data)
        body = None if freedom.body is None else partial(freedom.body, data)
        own = data if freedom.data is None else freedom.data(data)
        return VariantSpec(behaviour=behaviour, card_spec=own, edit=edit, body=body, holder=freedom.holder)
    return Variant(behaviour=behaviour, spec=data, declared=data)


def try_variant(spec: Spec, kind: str, profile: str, freedom: Freedom) -> VariantResult:
    """Run every case on a conforming variant of the reference, with the ICS and IXIT that declare it."""
    own = ics_of_profile(spec, profile)
    ics = replace(own, items={**own.items, **freedom.declared})
    data = spec.resolve(kind, ics.items, profile)
    staged = stage_for(spec, ics, freedom.ixit(spec, data, reference_ixit(kind, profile)))
    table = (FieldTable if freedom.in_field else Table)(staged, lambda: reference_of(freedom, data))
    alarms = [
        f"{case.id}: {outcome.verdict}"
        for case, outcome in table.outcomes(_cases(staged, freedom.in_field))
        if outcome.verdict is not Verdict.PASS
    ]
    return VariantResult(freedom.id, profile, tuple(alarms))


def try_baseline(staged: Stage) -> VariantResult:
    """Run every case on the unchanged reference."""
    table = Table(staged, VariantSpec if staged.context.kind == "card" else Variant)
    outcomes = table.outcomes(staged.cases())
    alarms = [f"{case.id}: {outcome.verdict}" for case, outcome in outcomes if outcome.verdict is not Verdict.PASS]
    return VariantResult(BASELINE, staged.profile, tuple(alarms))


def _cases(staged: Stage, patterns: tuple[str, ...]) -> tuple[Case, ...]:
    def taken(case: Case) -> bool:
        return all(any(fnmatchcase(each, pattern) for pattern in patterns) for each in case.requirements)

    return staged.cases() if not patterns else tuple(case for case in staged.cases() if taken(case))
