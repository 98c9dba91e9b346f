"""The typed view of the data, and what is broken in it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.spec.platform import PlatformSpec, platform_spec

ANY_OTHER: Mapping[str, bool | int | str] = {
    "platform.state_codes": "a",
    "platform.temporary_loss_days": 15,
    "platform.loss_release": False,
}


def test_codes_of_both_sets(spec: Spec, data: PlatformSpec) -> None:
    other = platform_spec_of(spec, ANY_OTHER)
    assert (data.states["temporarily-lost"], other.states["temporarily-lost"]) == ("4", "B")
    assert (data.states["not-enabled"], other.states["not-enabled"]) == ("0", "A")
    assert "numbered" in other.states
    assert "numbered" not in data.states
    assert data.states["locked"] == other.states["cancelled-after-loss"] == "3"


def test_declared_freedoms(spec: Spec, data: PlatformSpec) -> None:
    other = platform_spec_of(spec, ANY_OTHER)
    assert ("lost", "release-loss") in data.transitions
    assert ("lost", "release-loss") not in other.transitions
    assert other.timers["temporarily-lost"].days == 15
    assert (data.transitions["lost", "cancel"].to, other.transitions["lost", "cancel"].to) == (
        "cancelled",
        "cancelled-after-loss",
    )


def platform_spec_of(spec: Spec, ics: Mapping[str, bool | int | str]) -> PlatformSpec:
    resolved = spec.resolve("platform", ics, "platform-default")
    assert isinstance(resolved, InterfaceSpec)
    return platform_spec(resolved)


def test_order_of_the_controls(data: PlatformSpec) -> None:
    order = [refusal.control for refusal in data.controls]
    assert order == ["institution", "channel", "card", "item", "scene", "flow"]


def test_names_that_lead_nowhere(data: PlatformSpec) -> None:
    with pytest.raises(SpecError, match="no control nothing"):
        data.control("nothing")
    with pytest.raises(SpecError, match="no error nothing"):
        data.error("nothing")


def changed(resolved: InterfaceSpec, section: str, identifier: str, **values: Any) -> InterfaceSpec:
    node = {**resolved.datum(section, identifier), **values}
    return replace(resolved, tables={**resolved.tables, section: {**resolved.table(section), identifier: node}})


BROKEN: list[tuple[Callable[[InterfaceSpec], InterfaceSpec], str]] = [
    (lambda true: changed(true, "activation", "ACTIVATION/BANK", initial=True), "2 first states"),
    (lambda true: changed(true, "activation", "ACTIVATION/BANK", **{"on-ok": "nowhere"}), "nowhere"),
    (lambda true: changed(true, "activation", "ACTIVATION/COMPLETED", party="bank"), "lacks what follows"),
    (lambda true: changed(true, "transitions", "TRANSITION/LOCK", to="nowhere"), "unknown state nowhere"),
    (lambda true: changed(true, "transitions", "TRANSITION/UNLOCK", event="lock", **{"from": ["normal"]}), "twice"),
    (lambda true: changed(true, "channels", "CHANNEL/ONLINE", channel="1"), "stands twice"),
    (lambda true: changed(true, "admission", "ADMISSION", order=["weather"]), "weather, which is not there"),
    (lambda true: changed(true, "timers", "TIMER/TEMPORARY-LOSS", **{"days-item": "platform.none"}), "platform.none"),
]


@pytest.mark.parametrize(("change", "told"), BROKEN, ids=[told for _, told in BROKEN])
def test_broken_data(resolved: InterfaceSpec, change: Callable[[InterfaceSpec], InterfaceSpec], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        platform_spec(change(resolved))
