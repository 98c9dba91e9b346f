"""Conforming variants: the freedoms that a target may take when its ICS declares them. Every case must pass."""

from dataclasses import dataclass, replace
from functools import partial

from emulator.card.behaviour import CardBehaviour
from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.freedoms import card, card_content, devices, services
from onecard.prove.freedoms.model import Freedom
from onecard.prove.stage import stage_for
from onecard.prove.trial import Table
from onecard.spec.card import CardSpec
from onecard.spec.load import Spec, TargetSpec

VARIANTS: tuple[Freedom, ...] = (*card.FREEDOMS, *card_content.FREEDOMS, *devices.FREEDOMS, *services.FREEDOMS)


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
        return VariantSpec(behaviour=behaviour, card_spec=data, edit=edit, holder=freedom.holder)
    return Variant(behaviour=behaviour, spec=data, declared=data)


def try_variant(spec: Spec, kind: str, profile: str, freedom: Freedom) -> VariantResult:
    """Run every case on a conforming variant of the reference, with the ICS and IXIT that declare it."""
    own = ics_of_profile(spec, profile)
    ics = replace(own, items={**own.items, **freedom.declared})
    data = spec.resolve(kind, ics.items, profile)
    staged = stage_for(spec, ics, freedom.ixit(spec, data, reference_ixit(kind, profile)))
    table = Table(staged, lambda: reference_of(freedom, data))
    alarms = [
        f"{case.id}: {outcome.verdict}"
        for case, outcome in table.outcomes(staged.cases())
        if outcome.verdict is not Verdict.PASS
    ]
    return VariantResult(freedom.id, profile, tuple(alarms))
