"""One broken card against the cases of a suite."""

import random
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from emulator.card.variant import VariantSpec
from emulator.variant import Variant
from onecard.evidence.sealing import NullSealer
from onecard.harness.bench import TargetBench, setup
from onecard.harness.case import Case
from onecard.harness.engine import Engine
from onecard.harness.interrupt import Gate
from onecard.harness.opening import target_of
from onecard.harness.verdict import Outcome, Verdict
from onecard.harness.wire import LiveWire, MemoryLog, Wire
from onecard.prove.corpus import Session, recorded
from onecard.prove.laboratory import synthetic_sheet
from onecard.prove.stage import Stage
from onecard.prove.watched import Watch, watched
from onecard.targets.base import Target

AnyVariant = VariantSpec | Variant
SEED = 0x6F6E6563
"""Seed of the cards' own random values in a proof: the same proof twice gives the same result."""


class Fate(StrEnum):
    """What became of a mutant on one profile."""

    KILLED = "killed"
    SURVIVED = "survived"
    CANNOT_RUN = "cannot-run"
    """It could not be built, or raised an exception and was not killed by a case: listed, not counted."""
    EQUIVALENT = "equivalent"
    """No case notices it, a reason is written why none can, and no answer differs from the right reference's."""
    SAME = "same"
    """On this profile the changed datum changes nothing of the card's data."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Result of one mutant on one profile. ``killers``: traced cases that failed; ``collateral``: other failing cases.

    ``cases``: how many cases traced to the broken requirement were there to kill it. ``note``: why it cannot run.
    """

    mutant: str
    profile: str
    fate: Fate
    killers: tuple[str, ...] = ()
    collateral: tuple[str, ...] = ()
    cases: int = 0
    note: str = ""


def kills(outcome: Outcome, case: Case, requirements: frozenset[str]) -> bool:
    """Whether a case kills: traced to a broken requirement, it ends in fail, and the failed check names that one."""
    if outcome.verdict is not Verdict.FAIL or outcome.failed is None:
        return False
    return outcome.failed.requirement in requirements.intersection(case.requirements)


class Table:
    """Runs cases of a stage on one variant of the reference; one instance serves one variant.

    ``corpus`` takes what each sample is asked and answers.
    """

    def __init__(self, stage: Stage, variant: Callable[[], AnyVariant], corpus: list[Session] | None = None) -> None:
        self._stage = stage
        self._variant = variant
        self._corpus = corpus
        self.watch = Watch()

    def open(self) -> Target:
        """A fresh sample, not yet connected; the same random values in every one."""
        variant = self._variant()
        if variant.random is secrets.token_bytes:
            variant = replace(variant, random=random.Random(SEED).randbytes)
        target = target_of(f"reference:{self._stage.profile}", self._stage.ics, self._stage.ixit, variant)
        target = watched(target, self.watch)
        if self._corpus is None:
            return target
        self._corpus.append(Session())
        return recorded(target, self._corpus[-1])

    def outcomes(self, cases: tuple[Case, ...]) -> Iterator[tuple[Case, Outcome]]:
        """Run ``cases`` in order, each to its verdict, as ``certify`` would."""
        gate, context = Gate(), self._stage.context

        laboratory = synthetic_sheet(context.target, self._variant())

        def wire_for(target: Target) -> Wire:
            return LiveWire(target, MemoryLog(), NullSealer(), frozenset(), gate, laboratory)

        target = self.open()
        target.connect()
        bench = TargetBench(target, wire_for, self.open)
        engine = Engine(context, bench, gate)
        try:
            setup(context, bench)
            for case in cases:
                yield case, engine.run(case, self._stage.bodies[case.id])
        finally:
            bench.close()


def try_mutant(
    stage: Stage,
    identifier: str,
    requirements: frozenset[str],
    variant: Callable[[], AnyVariant],
    *,
    full: bool,
    first: tuple[str, ...] = (),
) -> Trial:
    """Run a mutant: only the cases traced to ``requirements`` until one kills it, or with ``full`` all cases.

    ``first``: cases that are likely to kill it. Where none of them does, they have said nothing: the mutant is tried
    from the beginning, in the order of the plan.
    """
    traced = stage.cases(requirements)
    likely = () if full else tuple(case for case in traced if case.id in first)
    quick = _tried(stage, identifier, requirements, variant, likely, full=False) if likely else None
    if quick is not None and quick.fate is Fate.KILLED:
        return replace(quick, cases=len(traced))
    cases = stage.cases() if full else traced
    return replace(_tried(stage, identifier, requirements, variant, cases, full=full), cases=len(traced))


def _tried(
    stage: Stage,
    identifier: str,
    requirements: frozenset[str],
    variant: Callable[[], AnyVariant],
    cases: tuple[Case, ...],
    *,
    full: bool,
) -> Trial:
    table = Table(stage, variant)
    killers: list[str] = []
    collateral: list[str] = []
    try:
        for case, outcome in table.outcomes(cases):
            if kills(outcome, case, requirements):
                killers.append(case.id)
                if not full:
                    break
            elif outcome.verdict is Verdict.FAIL:
                collateral.append(case.id)
    except Exception as error:
        # Between the cases the emulator alone is at work (building the card, resetting it).
        if not table.watch.faults and table.watch.exchanges:
            raise
        table.watch.faults.append(f"{type(error).__name__}: {error}")
    faults = table.watch.faults
    fate = Fate.KILLED if killers else Fate.CANNOT_RUN if faults else Fate.SURVIVED
    note = faults[0] if fate is Fate.CANNOT_RUN else ""
    return Trial(identifier, stage.profile, fate, tuple(killers), tuple(collateral), note=note)
