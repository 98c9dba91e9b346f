"""The plan: what runs, in which order, and what is left out, each with its reason."""

from dataclasses import replace

import pytest

from onecard.errors import UserError
from onecard.harness.case import Case, Ends
from onecard.planning.declaration import Ics, Ixit, no_ixit
from onecard.planning.plan import Plan, Scope, make_plan, scope_of
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec
from onecard.spec.model import Basis, BasisClass, Keyword
from onecard.spec.text import Text
from tests.spec.trees import broken


def case(name: str, *requirements: str, destroys: str | None = None) -> Case:
    return Case(id=f"card/made/{name}", title=name, requirements=requirements, destroys=destroys)


INS = case("ins", "CARD-INS")
CLA = case("cla", "CARD-CLA", "CARD-INS")
READ = case("read", "CARD-EF06-READ")
FREE = case("free", "CARD-EF06-READ-FREE")
BLOCK = case("block", "CARD-PIN-BLOCKED", "CARD-INS", destroys="the PIN")


def plan_of(spec: Spec, ics: Ics, ixit: Ixit, *cases: Case, scope: Scope = Scope.FULL, destroy: bool = True) -> Plan:
    return make_plan(spec, ics, ixit, cases, scope, destroy=destroy)


def ids(cases: tuple[Case, ...]) -> list[str]:
    return [each.id.rpartition("/")[2] for each in cases]


def test_destructive_cases_go_last_and_others_keep_their_order(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    another = case("another", "CARD-CLA", destroys="a key")
    plan = plan_of(spec, ics, ixit, BLOCK, READ, another, INS, CLA)
    assert ids(plan.cases) == ["read", "ins", "cla", "block", "another"]
    assert plan.out_of_scope == ()
    assert plan.sample_cards == 2


def test_of_destructive_cases_those_that_end_most_go_last(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    # One sample serves them all: what needs a PIN is done before the PIN is blocked, and the card ends last.
    made = {each: replace(case(each.name, "CARD-INS", destroys="it"), ends=each) for each in Ends}
    given = (made[Ends.CARD], made[Ends.SECRET], made[Ends.NOTHING], made[Ends.APPLICATION], INS)
    assert ids(plan_of(spec, ics, ixit, *given).cases) == ["ins", "NOTHING", "SECRET", "APPLICATION", "CARD"]


def test_without_leave_to_destroy_the_scope_says_so(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    for plan in (
        plan_of(spec, ics, ixit, BLOCK, INS, destroy=False),
        plan_of(spec, ics, ixit, BLOCK, INS, scope=Scope.NON_DESTRUCTIVE),
    ):
        assert plan.scope == Scope.NON_DESTRUCTIVE
        assert (ids(plan.cases), ids(plan.out_of_scope)) == (["ins"], ["block"])
        assert plan.sample_cards == 1
        assert not plan.in_scope("CARD-PIN-BLOCKED")
        assert plan.in_scope("CARD-INS")
        # A requirement that no case at all verifies stays in scope: it ends as not run, never overlooked.
        assert plan.in_scope("CARD-CLA")


@pytest.mark.parametrize("scope", [Scope.FULL, Scope.WITHOUT_LABORATORY])
def test_where_nothing_is_left_out_the_scope_is_full(spec: Spec, ics: Ics, ixit: Ixit, scope: Scope) -> None:
    assert plan_of(spec, ics, ixit, INS, scope=scope).scope == Scope.FULL


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("full", (Scope.FULL, True, frozenset())),
        ("non-destructive+without-tear", (Scope.NON_DESTRUCTIVE, False, frozenset({"tear"}))),
        ("without-laboratory", (Scope.FULL, True, frozenset({"laboratory"}))),
    ],
)
def test_a_recorded_scope_is_read_again(words: str, expected: object) -> None:
    assert scope_of(words) == expected


def test_what_does_not_apply_is_named_with_its_expression(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    plan = plan_of(spec, ics, ixit, FREE, READ)
    assert ids(plan.cases) == ["read"]
    assert plan.not_applicable == {FREE.id: 'card.generation < "3.0"'}
    assert plan.inapplicable["CARD-EF06-READ-FREE"] == 'card.generation < "3.0"'
    assert "CARD-EF06-READ-FREE" not in {requirement.id for requirement in plan.applicable}


def test_a_case_is_about_its_first_requirement(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    rides = case("rides", "CARD-INS", "CARD-EF06-READ-FREE")
    led = case("led", "CARD-EF06-READ-FREE", "CARD-INS")
    plan = plan_of(spec, ics, ixit, rides, led)
    assert ids(plan.cases) == ["rides"]
    assert list(plan.not_applicable) == [led.id]


def test_excluded_requirements_carry_their_reason(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    plan = plan_of(spec, ics, ixit, INS)
    assert plan.excluded["CARD-EF05-AUTHCODE"] == "text-not-public"
    assert plan.excluded["CARD-PURSE-COUNTER"] == "not-observable"
    # SSF33 is excluded only for a card that has it.
    assert "CARD-SSF33" not in plan.excluded
    assert plan.inapplicable["CARD-SSF33"] == 'card.algorithm == "ssf33"'


def test_every_requirement_of_the_actor_has_one_fate(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    plan = plan_of(spec, ics, ixit, INS)
    fates = [{r.id for r in plan.applicable}, set(plan.inapplicable), set(plan.excluded)]
    assert set().union(*fates) == {r.id for r in spec.requirements.values() if r.actor == "card"}
    assert sum(map(len, fates)) == len(set().union(*fates))


def test_what_the_tester_has_decides_too(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    derived = case("derived", "CARD-DIVERSIFICATION")
    assert ids(plan_of(spec, ics, ixit, derived).cases) == ["derived"]
    without = plan_of(spec, ics, no_ixit(), derived, INS)
    assert without.not_applicable == {derived.id: "ixit.root_keys"}


def test_empty_plan_is_an_error(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    for cases, destroy in (((), True), ((FREE,), True), ((BLOCK,), False)):
        with pytest.raises(UserError, match=r"the plan is empty: no case applies to card-3\.0") as caught:
            plan_of(spec, ics, ixit, *cases, destroy=destroy)
        assert caught.value.exit_code == 2


def test_unknown_requirement_names_case_and_id(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    wrong = case("wrong", "CARD-INS", "CARD-NOPE")
    with pytest.raises(UserError, match="the case card/made/wrong names the unknown requirement CARD-NOPE") as caught:
        plan_of(spec, ics, ixit, INS, wrong)
    assert "card/made/wrong" in caught.value.text.zh
    assert "CARD-NOPE" in caught.value.text.zh


def test_undeclared_item_is_an_error_and_never_false(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    items = {name: value for name, value in ics.items.items() if name != "card.pin"}
    with pytest.raises(SpecError, match=r"card\.pin, which is not declared"):
        plan_of(spec, replace(ics, items=items), ixit, INS)


def test_bad_expression_of_a_requirement_stops_the_plan(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    other = broken(spec, "ldt32/part3-files.yaml", "applies: card.algorithm_identifier", "applies: card.nope")
    with pytest.raises(SpecError, match=r"card\.nope, which is not declared"):
        plan_of(other, ics, ixit, INS)


def test_body_lists_everything(spec: Spec, ics: Ics, ixit: Ixit) -> None:
    body = plan_of(spec, ics, ixit, BLOCK, FREE, INS, destroy=False).body()
    assert body["cases"] == [INS.id]
    assert body["out_of_scope"] == [BLOCK.id]
    assert body["not_applicable"] == [{"case": FREE.id, "expression": 'card.generation < "3.0"'}]
    assert {"requirement": "CARD-EF05-AUTHCODE", "reason": "text-not-public"} in list(
        body["excluded"] if isinstance(body["excluded"], list) else ()
    )


@pytest.mark.parametrize(
    ("cls", "programs", "keyword", "claimed", "decides"),
    [
        (BasisClass.PUBLISHED, None, Keyword.SHALL, False, True),
        (BasisClass.NOTICE, None, Keyword.SHALL, False, True),
        (BasisClass.DRAFT, None, Keyword.SHALL, False, True),
        (BasisClass.FIELD, 1, Keyword.SHALL, False, False),
        (BasisClass.FIELD, 2, Keyword.SHALL, False, True),
        (BasisClass.PROFILE, None, Keyword.SHALL, False, False),
        (BasisClass.PROFILE, None, Keyword.SHALL, True, True),
        (BasisClass.FIELD, 1, Keyword.SHALL, True, True),
        (BasisClass.PUBLISHED, None, Keyword.SHOULD, True, False),
        (BasisClass.PUBLISHED, None, Keyword.MAY, True, False),
    ],
)
def test_what_decides_the_verdict(
    spec: Spec,
    ics: Ics,
    ixit: Ixit,
    cls: BasisClass,
    programs: int | None,
    keyword: Keyword,
    claimed: bool,
    decides: bool,
) -> None:
    basis = Basis(cls, programs=programs, reason=Text("因", "because"))
    requirement = replace(spec.requirement("CARD-INS"), basis=basis, keyword=keyword)
    claims = frozenset(("card-3.0",)) if claimed else frozenset(("card-2.0",))
    plan = plan_of(spec, replace(ics, claims=claims), ixit, INS)
    assert plan.mandatory(requirement) is decides
