"""Specification mutants: generation, resolution, and a few fates that must never change."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.prove.changes import changes
from onecard.prove.specification import AT_MOST, specification_subjects
from onecard.prove.stage import Stage
from onecard.prove.subject import Subject
from onecard.prove.trial import Fate
from onecard.prove.work import Task, Worker
from onecard.spec.load import Spec
from onecard.spec.model import Basis, BasisClass, Leaf
from onecard.spec.text import Text


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
        ("spec/ALGORITHM/SM4.key-length/is-8", "card-3.0", Fate.CANNOT_RUN),
    ],
)
def test_fates(worker: Worker, identifier: str, profile: str, fate: Fate) -> None:
    result = worker.do(Task("specification", "card", profile, identifier))
    assert result == result
    assert getattr(result, "fate", None) is fate


def operators(path: str, value: object, section: str = "") -> dict[str, object]:
    """The changes of one leaf by the names of their operators."""
    return dict(changes(Leaf(path=path, value=value, basis=Basis(BasisClass.DRAFT), place="x:1", section=section)))


def test_a_further_key_is_no_mistake() -> None:
    assert operators("UK5DF02.when", "card.df05", "keys") == {"always-false": "false"}
    assert operators("DF05.when", "card.df05", "applications").keys() == {"always-true", "always-false"}


def test_a_refusal_without_a_word_of_any_source_is_broken_by_acceptance_only() -> None:
    unsaid = Basis(BasisClass.PROFILE, reason=Text("无来源", "no source"))
    leaf = Leaf(path="C.statuses.template", value="6A80", basis=unsaid, place="x:1", section="commands")
    assert dict(changes(leaf)) == {"status-9000": "9000"}


def test_a_choice_is_exchanged_for_what_is_not_allowed() -> None:
    allowed = [0x6, 0x2, 0x7, 0x3]
    made = operators("ATR.plain-formats", allowed)
    assert made
    assert all(isinstance(new, list) and new[0] not in allowed and new[1:] == allowed[1:] for new in made.values())


def test_a_reading_is_exchanged_for_one_that_no_source_has() -> None:
    made = operators("TRANSPORT-BALANCE/P1-00.readings", ["without-overdraft", "with-overdraft"])
    assert made == {"is-overdrawn": ["overdrawn"]}


def test_places_are_exchanged_not_counted_on() -> None:
    assert operators("TRANSPORT-FACTOR/ISSUER.level", 1) == {"before-all": 0, "behind-all": 0x7F}


def test_an_order_of_versions_shows_where_there_are_fewer(worker: Worker) -> None:
    changed = "spec/KEY-VERSIONS.versions/first-two-exchanged"
    all_of_them = worker.do(Task("specification", "card", "card-2.0", changed))
    one_of_them = worker.do(Task("specification", "card", "card-1.0", changed))
    assert [getattr(found, "fate", None) for found in (all_of_them, one_of_them)] == [Fate.SAME, Fate.KILLED]


def test_data_that_cannot_be_resolved_cannot_run(worker: Worker, newest: Stage) -> None:
    result = worker.do(Task("specification", "card", newest.profile, "spec/SSSE/EF06.read.0.when/always-true"))
    assert getattr(result, "fate", None) is Fate.CANNOT_RUN
