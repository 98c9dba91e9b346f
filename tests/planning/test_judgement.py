"""From cases to requirements to the verdict of a run: what passes, and that nothing else does."""

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.harness.case import Case
from onecard.harness.judgement import Campaign, Judgement, judge, together
from onecard.harness.verdict import Check, Outcome, Verdict
from onecard.planning.plan import Plan, Scope
from onecard.spec.expr import parse
from onecard.spec.model import Basis, BasisClass, Keyword, Requirement
from onecard.spec.text import Text

PASS, FAIL, ERROR = Outcome(Verdict.PASS), Outcome(Verdict.FAIL), Outcome(Verdict.ERROR)
INCONCLUSIVE, NOT_RUN = Outcome(Verdict.INCONCLUSIVE), Outcome(Verdict.NOT_RUN)


def requirement(name: str, cls: BasisClass = BasisClass.NOTICE, keyword: Keyword = Keyword.SHALL) -> Requirement:
    return Requirement(
        id=name, part="p", document="d", clause=None, statement=Text("述", "s"), keyword=keyword, actor="card",
        basis=Basis(cls, document="d"), applies=parse("true"), applies_source="true", about=("x",), needs=frozenset(),
        excluded=None, excluded_note=None, official_items=(), hints=(), place="f:1",
    )  # fmt: skip


def case(name: str, *requirements: str, destroys: str | None = None) -> Case:
    return Case(name, name, requirements, destroys)


def plan(
    requirements: tuple[Requirement, ...], *cases: Case, claims: tuple[str, ...] = (), outside: tuple[Case, ...] = ()
) -> Plan:
    return Plan(
        kind="card", profile="card-3.0", scope=Scope.FULL, cases=cases, out_of_scope=outside, not_applicable={},
        applicable=requirements, inapplicable={}, excluded={}, claims=frozenset(claims),
    )  # fmt: skip


def failing(named: str | None) -> Outcome:
    return Outcome(Verdict.FAIL, Text("因", "why"), Check(1, named, "what", "9000", "6A82", ok=False))


def verdicts(judgement: Judgement) -> dict[str, str]:
    return {entry.requirement.id: str(entry.verdict) for entry in judgement.requirements}


A, B = requirement("A"), requirement("B")
SHOULD = requirement("S", keyword=Keyword.SHOULD)
OWN = requirement("P", BasisClass.PROFILE)
ONE, TWO, BOTH = case("one", "A"), case("two", "B"), case("both", "A", "B")


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ({"one": PASS, "two": PASS}, Campaign.PASS),
        ({}, Campaign.INCOMPLETE),
        ({"one": PASS}, Campaign.INCOMPLETE),
        ({"one": PASS, "two": NOT_RUN}, Campaign.INCOMPLETE),
        ({"one": PASS, "two": INCONCLUSIVE}, Campaign.INCOMPLETE),
        ({"one": PASS, "two": ERROR}, Campaign.INCOMPLETE),
        ({"one": INCONCLUSIVE, "two": INCONCLUSIVE}, Campaign.INCOMPLETE),
        ({"one": PASS, "two": FAIL}, Campaign.FAIL),
        ({"one": ERROR, "two": FAIL}, Campaign.FAIL),
        ({"two": FAIL}, Campaign.FAIL),
        ({"one": PASS, "two": PASS, "stranger": FAIL}, Campaign.PASS),
    ],
)
def test_verdict_of_a_run(outcomes: Mapping[str, Outcome], verdict: Campaign) -> None:
    assert judge(plan((A, B), ONE, TWO), outcomes).verdict is verdict


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        (PASS, PASS, "pass"),
        (PASS, FAIL, "fail"),
        (ERROR, FAIL, "fail"),
        (PASS, ERROR, "error"),
        (PASS, NOT_RUN, "not-run"),
        (INCONCLUSIVE, NOT_RUN, "not-run"),
        (PASS, INCONCLUSIVE, "inconclusive"),
    ],
)
def test_a_requirement_is_as_good_as_its_worst_case(first: Outcome, second: Outcome, verdict: str) -> None:
    cases = (case("x", "A"), case("y", "A"))
    for outcomes in ({"x": first, "y": second}, {"x": second, "y": first}):
        assert verdicts(judge(plan((A,), *cases), outcomes)) == {"A": verdict}


def test_a_requirement_without_a_case_is_not_run() -> None:
    judgement = judge(plan((A, B), ONE), {"one": PASS})
    assert verdicts(judgement) == {"A": "pass", "B": "not-run"}
    assert judgement.verdict is Campaign.INCOMPLETE


@pytest.mark.parametrize(
    ("claims", "outcome", "verdict"),
    [
        ((), FAIL, Campaign.PASS),
        (("card-2.0",), FAIL, Campaign.PASS),
        (("card-3.0",), FAIL, Campaign.FAIL),
        (("card-3.0",), INCONCLUSIVE, Campaign.INCOMPLETE),
        ((), INCONCLUSIVE, Campaign.PASS),
        ((), ERROR, Campaign.PASS),
        ((), NOT_RUN, Campaign.INCOMPLETE),
    ],
)
def test_the_projects_own_choices_decide_only_when_claimed(
    claims: tuple[str, ...], outcome: Outcome, verdict: Campaign
) -> None:
    judgement = judge(plan((A, OWN), ONE, case("own", "P"), claims=claims), {"one": PASS, "own": outcome})
    assert judgement.verdict is verdict
    (own,) = [entry for entry in judgement.requirements if entry.requirement.id == "P"]
    assert own.decides is (claims == ("card-3.0",))
    assert own.verdict is outcome.verdict


def test_a_recommendation_does_not_decide() -> None:
    judgement = judge(plan((A, SHOULD), ONE, case("s", "S")), {"one": PASS, "s": FAIL})
    assert judgement.verdict is Campaign.PASS
    assert verdicts(judgement) == {"A": "pass", "S": "fail"}


def test_what_decides_nothing_passes_nothing() -> None:
    assert judge(plan((SHOULD,), case("s", "S")), {"s": PASS}).verdict is Campaign.INCOMPLETE
    assert judge(plan((OWN,), case("p", "P")), {"p": PASS}).verdict is Campaign.INCOMPLETE
    assert judge(plan(()), {}).verdict is Campaign.INCOMPLETE
    assert judge(plan((), ONE), {"one": PASS}).verdict is Campaign.INCOMPLETE


def test_a_failure_speaks_for_the_requirement_that_it_names() -> None:
    judgement = judge(plan((A, B), BOTH), {"both": failing("B")})
    assert verdicts(judgement) == {"A": "inconclusive", "B": "fail"}
    assert judgement.verdict is Campaign.FAIL


def test_a_failure_of_another_requirement_leaves_one_undecided() -> None:
    """The named requirement does not decide: the other one was not shown to hold, so the run does not pass."""
    judgement = judge(plan((A, SHOULD), case("both", "A", "S")), {"both": failing("S")})
    assert verdicts(judgement) == {"A": "inconclusive", "S": "fail"}
    assert judgement.verdict is Campaign.INCOMPLETE


def test_a_failure_of_nothing_named_never_passes() -> None:
    assert judge(plan((A,), ONE), {"one": failing(None)}).verdict is Campaign.INCOMPLETE
    assert judge(plan((A,), ONE), {"one": failing("STRANGER")}).verdict is Campaign.INCOMPLETE


def test_what_only_destructive_cases_show_is_out_of_scope() -> None:
    outside = case("d", "B", destroys="all")
    judgement = judge(plan((A, B), ONE, outside=(outside,)), {"one": PASS})
    assert verdicts(judgement) == {"A": "pass"}
    assert judgement.verdict is Campaign.PASS


def test_executed_means_passed_or_failed() -> None:
    judgement = judge(plan((A, B), ONE, TWO), {"one": FAIL, "two": INCONCLUSIVE})
    assert {entry.requirement.id: entry.executed for entry in judgement.requirements} == {"A": True, "B": False}


def test_counts_have_the_names_of_the_contract() -> None:
    made = replace(plan((A, B), ONE, TWO, BOTH), not_applicable={"n": "x"})
    body = judge(made, {"one": PASS, "two": failing("B")}).body()
    assert body["cases"] == {"pass": 1, "fail": 1, "inconclusive": 0, "error": 0, "not_applicable": 1, "not_run": 1}
    assert body["verdict"] == "fail"
    assert body["requirements"][0] == {"id": "A", "verdict": "not-run", "cases": ["one", "both"], "decides": True}


OUTCOMES = st.sampled_from(
    [PASS, FAIL, ERROR, INCONCLUSIVE, NOT_RUN, failing("A"), failing("B"), failing("S"), failing(None)]
)
CASES = [ONE, TWO, BOTH, case("s", "S"), case("p", "P", "A")]


@given(
    st.lists(st.sampled_from(CASES), unique_by=lambda each: each.id),
    st.dictionaries(st.sampled_from([c.id for c in CASES]), OUTCOMES),
)
def test_pass_is_never_given_away(cases: list[Case], outcomes: dict[str, Outcome]) -> None:
    judgement = judge(plan((A, B, SHOULD, OWN), *cases), outcomes)
    planned = [outcomes.get(each.id, NOT_RUN) for each in cases]
    if judgement.verdict is Campaign.PASS:
        assert Verdict.NOT_RUN not in [outcome.verdict for outcome in planned]
        for name in ("A", "B"):
            shown = [outcomes[each.id].verdict for each in cases if name in each.requirements]
            assert shown
            assert set(shown) == {Verdict.PASS}
    if judgement.verdict is Campaign.FAIL:
        assert any(outcome.verdict is Verdict.FAIL for outcome in planned)


@pytest.mark.parametrize(
    ("given_", "verdict"),
    [
        ([], Campaign.INCOMPLETE),
        ([Campaign.PASS], Campaign.PASS),
        ([Campaign.PASS, Campaign.INCOMPLETE], Campaign.INCOMPLETE),
        ([Campaign.INCOMPLETE, Campaign.FAIL, Campaign.PASS], Campaign.FAIL),
    ],
)
def test_several_runs_together(given_: list[Campaign], verdict: Campaign) -> None:
    assert together(given_) is verdict


def test_exit_codes() -> None:
    assert {str(verdict): verdict.exit_code for verdict in Campaign} == {"pass": 0, "fail": 1, "incomplete": 3}
