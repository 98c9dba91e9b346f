"""What a former proof found is used while nothing has changed, and only then."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from onecard.harness.kinds import KINDS
from onecard.prove import digest, results
from onecard.prove.classes import BEHAVIOUR_CLASS, CLASSES, class_of
from onecard.prove.digest import Digests
from onecard.prove.results import Results
from onecard.prove.run import Order, prove
from onecard.prove.specification import specification_subjects
from onecard.prove.stage import Stage
from onecard.prove.subject import BEHAVIOUR, behaviour_subjects
from onecard.prove.trial import Fate, Trial, try_mutant
from onecard.prove.work import Result, Task, Workers
from onecard.spec.load import Spec

PROFILE = "psam-sm4"
MUTANTS = ("psam/challenge-constant", "psam/offset-ignored", "spec/PSAM/ATR.initial-character/plus-one")
SUBJECT = next(each for each in behaviour_subjects("psam") if each.id == MUTANTS[0])
TASK = Task(BEHAVIOUR, "psam", PROFILE, SUBJECT.id)
TRIAL = Trial(SUBJECT.id, PROFILE, Fate.KILLED, ("psam/a/test",), cases=3)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; nobody edits the product while these tests run."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(digest, "_shared", lambda: "this suite")
    return tmp_path / "onecard" / "proof-psam.jsonl"


def order(spec: Spec, **changes: Any) -> Order:
    return replace(Order(spec, "psam", mutants=MUTANTS, profiles=(PROFILE,), results=Results("psam")), **changes)


def test_nothing_is_tried_twice(spec: Spec) -> None:
    first = prove(order(spec))
    again = prove(order(spec))
    assert (first.tried, first.known, again.tried, again.known) == (3, 0, 0, 3)
    assert again.mutants == first.mutants
    anew = prove(order(spec, results=Results("psam", fresh=True)))
    assert (anew.tried, anew.mutants) == (3, first.mutants)


def test_an_interrupted_proof_goes_on(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "EVERY", 0.0)
    seen: list[Result] = []

    def interrupting(result: Result) -> None:
        seen.append(result)
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prove(order(spec, progress=interrupting))
    assert prove(order(spec)).known == 2


def kept(task: Task = TASK, trial: Result = TRIAL) -> Results:
    found = Results("psam")
    found.remember(task, SUBJECT, trial)
    found.close()
    return Results("psam")


def test_what_is_written_is_read_again(cache: Path) -> None:
    assert kept().known(TASK, SUBJECT) == TRIAL
    assert kept().hints == {(SUBJECT.id, PROFILE): "psam/a/test"}
    for _ in range(4):
        kept()
    assert len(cache.read_text(encoding="utf-8").split()) < 12


def test_another_definition_suite_or_task_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = kept()
    assert found.known(replace(TASK, full=True), SUBJECT) is None
    assert found.known(replace(TASK, profile="psam-3des"), SUBJECT) is None
    monkeypatch.setattr(digest, "_shared", lambda: "another suite")
    assert Results("psam").known(TASK, SUBJECT) is None
    assert Results("psam").hints


def test_a_recorded_killer_that_did_not_kill_is_tried() -> None:
    found = kept()
    assert found.known(replace(TASK, first=("psam/a/test",)), SUBJECT) == TRIAL
    assert found.known(replace(TASK, first=("psam/another/test",)), SUBJECT) is None
    survived = replace(TRIAL, fate=Fate.SURVIVED, killers=())
    assert kept(trial=survived).known(replace(TASK, first=("psam/another/test",)), SUBJECT) == survived


def test_nothing_is_kept_of_code_that_was_edited_meanwhile(monkeypatch: pytest.MonkeyPatch, cache: Path) -> None:
    found = Results("psam")
    monkeypatch.setattr(Digests, "still_hold", lambda _self: False)
    found.remember(TASK, SUBJECT, TRIAL)
    found.close()
    assert not cache.exists()


@pytest.mark.parametrize(
    "text", [b"\xff\xfe", b"{", b"[]\n", b'{"task":"x"}\n', b'{"task":"x","digest":"","first":[],"result":{}}']
)
def test_a_corrupt_cache_is_ignored(cache: Path, text: bytes) -> None:
    kept()
    whole = cache.read_bytes()
    cache.write_bytes(text)
    assert not Results("psam").hints
    cache.write_bytes(whole + text)
    Results("psam")


def test_a_cache_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "onecard").write_text("a file where the folder should be")
    assert kept().known(TASK, SUBJECT) is None


def test_each_mutant_has_a_digest_of_its_own(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    found = Digests("psam")
    subjects = (*behaviour_subjects("psam"), *specification_subjects(spec, "psam"))
    assert len({found.of(subject) for subject in subjects}) == len(subjects)
    assert Digests("psam").of(SUBJECT) == found.of(SUBJECT)


def test_every_datum_has_a_class(spec: Spec) -> None:
    for kind in KINDS:
        found = {class_of(subject.leaf) for subject in specification_subjects(spec, kind) if hasattr(subject, "leaf")}
        assert found <= CLASSES.keys() - {BEHAVIOUR_CLASS}


def first_killed(newest: Stage) -> Iterator[Trial]:
    subject = next(each for each in behaviour_subjects("card") if each.id == "card/challenge-survives-use")
    variant = subject.variant(newest.context.target)
    assert variant is not None
    for first in ((), ("card/no/such",), ("card/atr/test",)):
        yield try_mutant(newest, subject.id, subject.requirements, variant, full=False, first=first)
    every = try_mutant(newest, subject.id, subject.requirements, variant, full=True)
    yield try_mutant(newest, subject.id, subject.requirements, variant, full=False, first=every.killers[-1:])


def test_known_killers_run_first_and_change_no_fate(newest: Stage) -> None:
    plain, *unhelpful, helped = first_killed(newest)
    assert unhelpful == [plain, plain]
    assert (helped.fate, helped.cases) == (plain.fate, plain.cases)
    assert helped.killers != plain.killers


def test_hints_become_the_first_cases(spec: Spec) -> None:
    with Workers(1) as workers:
        killer = prove(order(spec, workers=workers)).mutants[0].killers[0]
        hinted = prove(order(spec, hints={(MUTANTS[0], PROFILE): killer}, results=None))
    assert hinted.mutants[0].killers == (killer,)
