"""Specification mutants: generation, resolution, and a few fates that must never change."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.prove.specification import AT_MOST, changes, specification_subjects
from onecard.prove.stage import Stage
from onecard.prove.subject import Subject
from onecard.prove.trial import Fate
from onecard.prove.work import Task, Worker
from onecard.spec.load import Spec
from onecard.spec.model import Basis, BasisClass, Leaf


@pytest.fixture(scope="module")
def subjects(spec: Spec) -> dict[str, Subject]:
    return {subject.id: subject for subject in specification_subjects(spec, "card")}


@pytest.fixture(scope="module")
def worker(spec: Spec) -> Worker:
    return Worker(spec)


def test_ids_are_unique_and_few_per_leaf(spec: Spec) -> None:
    found = [subject.id for subject in specification_subjects(spec, "card")]
    assert len(found) == len(set(found))
    assert max(Counter(name.rpartition("/")[0] for name in found).values()) <= AT_MOST


def test_generation_is_stable(spec: Spec, subjects: dict[str, Subject]) -> None:
    assert [subject.id for subject in specification_subjects(spec, "card")] == list(subjects)


VALUES = st.one_of(
    st.booleans(),
    st.integers(0, 0xFFFF),
    st.lists(st.integers(0, 255), max_size=5, unique=True),
    st.binary(max_size=8).map(lambda octets: octets.hex().upper()),
    st.sampled_from(["6A82", "63Cx", "free", "key UKSSSE", "true", "gbk", "first", "0X987654321"]),
)
PATHS = st.sampled_from(
    [
        "A.statuses.x",
        "GENERAL.ok",
        "F.read",
        "F.update.1.value",
        "F.aid",
        "F.when",
        "M.takes",
        "C.characters",
        "L.length",
    ]
)


@given(VALUES, PATHS)
def test_a_change_changes(value: object, path: str) -> None:
    leaf = Leaf(path=path, value=value, basis=Basis(BasisClass.DRAFT), place="x:1")
    made = list(changes(leaf))
    assert all(new != value for _, new in made)
    assert len({operator for operator, _ in made}) == len(made)


@pytest.mark.parametrize(
    ("identifier", "profile", "fate"),
    [
        ("spec/SSSE/EF06.read.1.value/rule-free", "card-3.0", Fate.KILLED),
        ("spec/SSSE/EF06.read.1.value/rule-free", "card-1.0", Fate.SAME),
        ("spec/SSSE/EF06.read.0.value/rule-never", "card-1.0", Fate.KILLED),
        ("spec/SSSE/EF05.sfi/plus-one", "card-3.0", Fate.KILLED),
        ("spec/SELECT.statuses.not-found/status-9000", "card-2.0", Fate.KILLED),
        ("spec/UKSSSE.key-id/plus-one", "card-2.0", Fate.KILLED),
        ("spec/ALGORITHM/SM4.block/plus-one", "card-3.0", Fate.CANNOT_RUN),
    ],
)
def test_fates(worker: Worker, identifier: str, profile: str, fate: Fate) -> None:
    result = worker.do(Task("specification", "card", profile, identifier))
    assert result == result
    assert getattr(result, "fate", None) is fate


def test_data_that_cannot_be_resolved_cannot_run(worker: Worker, newest: Stage) -> None:
    result = worker.do(Task("specification", "card", newest.profile, "spec/SSSE/EF06.read.0.when/always-true"))
    assert getattr(result, "fate", None) is Fate.CANNOT_RUN
