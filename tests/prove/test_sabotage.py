"""A suite that no longer looks is found out: cases whose judge accepts everything make the proof fail."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from onecard.harness.plugin import CaseBody
from onecard.harness.subject import Subject as Tested
from onecard.harness.verdict import Check
from onecard.prove import work
from onecard.prove.matrix import Proof, combine
from onecard.prove.stage import Stage
from onecard.prove.subject import BEHAVIOUR, Subject, behaviour_subjects
from onecard.prove.trial import Fate, Table, Trial, kills
from onecard.prove.work import Task, Worker
from onecard.spec.load import Spec

SEED, DRAWN = 20_150_327, 20


@dataclass(frozen=True)
class Draw:
    """A case, with all its parameters, that alone kills a mutant."""

    case: str
    mutant: Subject


def function_of(case: str) -> str:
    return case.partition("[")[0]


@pytest.fixture(scope="module")
def draws(newest: Stage) -> tuple[Draw, ...]:
    found: dict[str, Draw] = {}
    mutants = [each for each in behaviour_subjects("card") if newest.profile in (each.profiles or (newest.profile,))]
    random.Random(SEED).shuffle(mutants)
    for mutant in mutants:
        if len(found) == DRAWN:
            break
        killers = tuple(dict.fromkeys(killing(newest, mutant)))
        # Where several cases catch a mistake, one of them may sleep.
        if len(killers) == 1:
            found.setdefault(killers[0], Draw(killers[0], mutant))
    return tuple(found.values())


def killing(stage: Stage, mutant: Subject) -> Iterator[str]:
    """The cases that kill a mutant, of those traced to what it breaks."""
    variant = mutant.variant(stage.context.target)
    if variant is not None:
        for case, outcome in Table(stage, variant).outcomes(stage.cases(mutant.requirements)):
            if kills(outcome, case, mutant.requirements):
                yield function_of(case.id)


def asleep(body: CaseBody, patch: Callable[[object, str, object], None]) -> CaseBody:
    """The case with a judge that accepts everything."""

    def run(tested: Tested) -> None:
        record = tested.record

        def accept(check: Check) -> None:
            record(replace(check, ok=True))

        patch(tested, "record", accept)
        body(tested)

    return run


def proof_of(stage: Stage, spec: Spec, mutant: Subject, monkeypatch: pytest.MonkeyPatch) -> Proof:
    monkeypatch.setattr(work, "stage", lambda *_order: stage)
    trial = Worker(spec, own={mutant.id: mutant}).do(Task(BEHAVIOUR, "card", stage.profile, mutant.id))
    assert isinstance(trial, Trial)
    return Proof("card", tuple(combine([mutant], [trial])), (), tuple(mutant.requirements), {}, 0, 1, 0, 1.0)


@pytest.mark.slow
def test_a_case_that_accepts_everything_is_named(
    newest: Stage, spec: Spec, draws: tuple[Draw, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(draws) == DRAWN
    for draw in draws:
        assert proof_of(newest, spec, draw.mutant, monkeypatch).exit_code == 0
        bodies = {
            case: asleep(body, monkeypatch.setattr) if function_of(case) == draw.case else body
            for case, body in newest.bodies.items()
        }
        proof = proof_of(replace(newest, bodies=bodies), spec, draw.mutant, monkeypatch)
        assert proof.exit_code == 1, draw.case
        assert [(found.id, found.fate) for found in proof.survivors] == [(draw.mutant.id, Fate.SURVIVED)]
        assert proof.unproven == tuple(draw.mutant.requirements)
