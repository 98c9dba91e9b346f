"""Equivalent is what no answer tells from the right reference; the same card is no mutant at all."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant
from onecard.harness.kinds import KINDS
from onecard.prove import work
from onecard.prove.corpus import Ask, Session, sequences
from onecard.prove.equivalence import Right, equivalents, reason_of
from onecard.prove.same import Twins
from onecard.prove.specification import specification_subjects
from onecard.prove.stage import Stage
from onecard.prove.subject import BEHAVIOUR, BehaviourSubject
from onecard.prove.trial import Fate, Trial
from onecard.prove.work import Task, Worker
from onecard.spec.card import CardSpec
from onecard.spec.load import Spec
from onecard.spec.text import Text

PROFILE = "card-3.0"


class Unnoticed(CardBehaviour):
    """Nothing is overridden."""


class SpareChallenge(CardBehaviour):
    """The challenge stays after use."""

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state


@pytest.fixture(scope="module")
def right(newest: Stage) -> Right:
    return Right(newest)


def made(behaviour: type[CardBehaviour]) -> Callable[[], VariantSpec]:
    return lambda: VariantSpec(behaviour=behaviour())


def test_nothing_differs_where_nothing_was_changed(right: Right) -> None:
    assert right.difference(made(Unnoticed)) is None


def test_the_first_differing_answer_is_told(right: Right) -> None:
    assert "not 6984" in (right.difference(made(SpareChallenge)) or "")


@pytest.mark.parametrize(("behaviour", "fate"), [(Unnoticed, Fate.EQUIVALENT), (SpareChallenge, Fate.SURVIVED)])
def test_a_reason_alone_is_not_enough(
    spec: Spec, monkeypatch: pytest.MonkeyPatch, behaviour: type[CardBehaviour], fate: Fate
) -> None:
    # A requirement that has nothing to do with challenges: its cases notice neither card.
    mutant = Mutant("card/own", "CARD-FCI", Text("试", "tried"), lambda _true: made(behaviour)())
    task = Task(BEHAVIOUR, "card", PROFILE, mutant.id)
    worker = Worker(spec, own={mutant.id: BehaviourSubject(mutant)})
    trial = worker.do(task)
    assert isinstance(trial, Trial)
    assert trial.fate is Fate.SURVIVED
    monkeypatch.setattr(work, "reason_of", lambda name: Text("如此", "so it is") if name == mutant.id else None)
    trial = worker.do(task)
    assert isinstance(trial, Trial)
    assert trial.fate is fate
    assert trial.note.startswith("said to be equivalent, but differs") is (fate is Fate.SURVIVED)


def test_sequences_are_drawn_alike_each_time() -> None:
    session = Session(
        [Ask("power_on"), *(Ask("transmit", (bytes((0, 0xA4, 0, at, 0)),)) for at in range(9))], [b""] * 10
    )
    drawn = list(sequences([session], 50, 1))
    assert drawn == list(sequences([session], 50, 1))
    assert drawn != list(sequences([session], 50, 2))
    assert len(drawn) == 50
    assert all(sequence[0].do == "power_on" for sequence in drawn)
    assert {ask for sequence in drawn for ask in sequence} - set(session.asks), "some bytes are altered"
    assert list(sequences([], 50, 1)) == []


def test_every_reason_is_for_mutants_that_there_are(spec: Spec) -> None:
    ids = {subject.id for kind in KINDS for subject in specification_subjects(spec, kind)}
    named = [pattern for each in equivalents() for pattern in each.mutants]
    assert [pattern for pattern in named if "*" not in pattern and pattern not in ids] == []
    assert len(named) == len(set(named))
    assert reason_of("spec/NO-SUCH/mutant") is None


def altered(true: CardSpec, file: str, tag: int, **changes: object) -> Callable[[], VariantSpec]:
    found = true.file(file)
    items = tuple(replace(item, **cast(Any, changes)) if item.tag == tag else item for item in found.items)
    return lambda: VariantSpec(card_spec=replace(true, files={**true.files, file: replace(found, items=items)}))


def test_what_changes_no_byte_on_any_card_is_no_mutant(newest: Stage) -> None:
    true = newest.context.card
    twins = Twins(true)
    assert not list(twins.shown(altered(true, "SSSE/EF05", 0x05, name=Text("日", "day"))))
    assert list(twins.shown(altered(true, "SSSE/EF06", 0x08, length=17)))
    assert list(twins.shown(lambda: VariantSpec(card_spec=replace(true, default_key_version=9))))
    assert len(list(twins.shown(made(Unnoticed)))) == 1


def test_a_change_is_tried_on_a_holder_whose_card_shows_it(newest: Stage) -> None:
    true = newest.context.card
    # The name extension holds something only for long names.
    found = [variant() for variant in Twins(true).shown(altered(true, "SSSE/EF06", 0x4E, charset="ascii"))]
    holders = [each.holder for each in found if isinstance(each, VariantSpec)]
    assert holders
    assert 0 not in holders
    assert holders == sorted(set(holders)), "each holder once, in turn"
