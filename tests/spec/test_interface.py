"""Data of the kinds other than the card, resolved for a declaration: ``when``, conditional values, what is missing."""

from collections.abc import Mapping, Sequence

import pytest

from onecard.spec.errors import SpecError
from onecard.spec.expr import UndeclaredItem
from onecard.spec.interface import InterfaceSpec, interface_of
from onecard.spec.load import Spec

ROWS: Mapping[str, Sequence[Mapping[str, object]]] = {
    "services": [
        {"id": "X/ONE", "codes": [1, 2]},
        {"id": "X/TWO", "when": "x.two", "codes": [3]},
        {
            "id": "X/THREE",
            "steps": [{"name": "a"}, {"name": "b", "when": "x.two"}],
            "window": [{"when": "x.two", "value": {"last": 2}}, {"when": "not x.two", "value": {"last": 1}}],
        },
    ],
}


def resolved(two: bool) -> InterfaceSpec:
    return interface_of("x", "x-default", {"x.two": two}, ROWS)


def test_when_keeps_or_leaves_out() -> None:
    assert list(resolved(True).table("services")) == ["X/ONE", "X/TWO", "X/THREE"]
    assert list(resolved(False).table("services")) == ["X/ONE", "X/THREE"]
    assert resolved(True).datum("services", "X/TWO") == {"id": "X/TWO", "codes": [3]}
    assert resolved(True).datum("services", "X/THREE")["steps"] == [{"name": "a"}, {"name": "b"}]
    assert resolved(False).datum("services", "X/THREE")["steps"] == [{"name": "a"}]


@pytest.mark.parametrize(("two", "last"), [(True, 2), (False, 1)])
def test_conditional_value_is_chosen(two: bool, last: int) -> None:
    assert resolved(two).datum("services", "X/THREE")["window"] == {"last": last}


@pytest.mark.parametrize(("conditions", "held"), [(("x.two", "x.two"), 2), (("not x.two", "not x.two"), 0)])
def test_choice_without_exactly_one_value_is_named(conditions: tuple[str, str], held: int) -> None:
    row: Mapping[str, object] = {"id": "X/ONE", "window": [{"when": condition, "value": 1} for condition in conditions]}
    with pytest.raises(SpecError, match=rf"X/ONE\.window: {held} values apply, there must be exactly one"):
        interface_of("x", "x-default", {"x.two": True}, {"services": [row]})


def test_undeclared_item_is_no_no() -> None:
    with pytest.raises(UndeclaredItem, match=r"x\.two"):
        interface_of("x", "x-default", {}, ROWS)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SpecError, match="the data of x lack the section states"):
        resolved(True).table("states")
    with pytest.raises(SpecError, match="the data of x have no X/TWO in services"):
        resolved(False).datum("services", "X/TWO")


def test_equal_when_the_data_are(spec: Spec) -> None:
    assert resolved(True) == resolved(True) != resolved(False)
    for kind in spec.interfaces:
        for profile in (found for found in spec.profiles.values() if found.target == kind):
            first = spec.resolve_profile(profile.id)
            assert isinstance(first, InterfaceSpec)
            assert first == spec.resolve(kind, profile.ics, profile.id)
            assert set(first.tables) == set(spec.interfaces[kind])


def test_kind_without_data(spec: Spec) -> None:
    with pytest.raises(SpecError, match="the specification has no data of kettle"):
        spec.resolve("kettle", {}, "kettle-default")
