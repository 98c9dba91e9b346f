"""What shows a changed datum: the terminal that gives a changed code, the laboratory that looks at a changed face."""

from collections.abc import Mapping

import pytest

from emulator.card.variant import VariantSpec
from onecard.prove.codes import never_given, shown_by
from onecard.prove.laboratory import synthetic_sheet
from onecard.prove.specification import specification_subjects
from onecard.prove.trial import Fate
from onecard.prove.work import Task, Worker
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.spec.overlay import with_values


def test_codes_that_no_outcome_has_make_no_mutant(spec: Spec) -> None:
    unused = never_given(spec, "terminal")
    assert "TERMINAL/CODE/LIBRARY" in unused
    assert not unused & {"TERMINAL/CODE/OK", "TERMINAL/CODE/NO-CARD", "TERMINAL/CODE/READER-CONNECTION"}
    named = {subject.id.partition(".")[0].removeprefix("spec/") for subject in specification_subjects(spec, "terminal")}
    assert not unused & named
    assert never_given(spec, "card") == frozenset()


def test_a_changed_code_is_given_where_it_may_be(spec: Spec) -> None:
    declared = spec.resolve_profile("terminal-default")
    assert isinstance(declared, InterfaceSpec)
    behaviour = shown_by(declared, "TERMINAL/CODE/MUTE")
    assert behaviour is not None
    assert (behaviour.outcome_code("REMOVED", -2), behaviour.outcome_code("NO-CARD", -2)) == (-4, -2)
    assert shown_by(declared, "TERMINAL/STATUS-RULE") is None


@pytest.mark.parametrize("code", ["MUTE", "INTERNAL-DIFFERS", "CHECKSUM", "READER-CONNECTION"])
def test_a_changed_alternative_is_killed(spec: Spec, code: str) -> None:
    task = Task("specification", "terminal", "terminal-default", f"spec/TERMINAL/CODE/{code}.code/negated")
    assert getattr(Worker(spec).do(task), "fate", None) is Fate.KILLED


@pytest.mark.parametrize(
    ("profile", "datum", "seen"),
    [
        ("card-3.0-anhui", {"STYLE/FRONT-ONECARD": "false"}, {"VISUAL/ONECARD": "1"}),
        ("card-3.0", {"STYLE/FRONT-STRIPE": "false"}, {"VISUAL/STRIPE": "1", "VISUAL/AREAS": "0"}),
        ("card-3.0", {"STYLE/BACK-PARTNERS": "false"}, {"VISUAL/AREAS": "1"}),
        ("card-3.0", {"PRINTED/SEX": "true", "PRINTED/NATION": "true"}, {"VISUAL/PRINTED": "2"}),
        ("card-2.0", {"PRINTED/VALID": "false"}, {"VISUAL/PRINTED": "1"}),
    ],
)
def test_the_laboratory_counts_what_differs(
    spec: Spec, profile: str, datum: Mapping[str, str], seen: Mapping[str, str]
) -> None:
    true, altered = spec.card_of_profile(profile), spec
    for identifier, when in datum.items():
        altered = with_values(altered, identifier, {"when": when})
    sheet = synthetic_sheet(true, VariantSpec(card_spec=altered.card(true.ics, profile)))
    assert sheet is not None
    assert {name: str(sheet.rows[name].values[0]) for name in seen} == dict(seen)
    right = synthetic_sheet(true)
    assert right is not None
    assert {right.rows[name].values[0] for name in seen} == {0}
