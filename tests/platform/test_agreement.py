"""Two implementations of every rule: the emulator's and the oracle's agree, over every combination of small domains."""

from itertools import product

import pytest

from emulator.platform import activation, admission
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.messages import Call, Institution
from emulator.platform.parties import Failure, Parties
from onecard.oracle.platform import UNKNOWN, Attempt, BrokenLog, after, course, masked, refusals, refused_by, steps_of
from onecard.spec.platform import PlatformSpec

MODES = {"ok": None, "failed": "refuse", "lost": "lose"}


def emulated(data: PlatformSpec, attempt: Attempt) -> str | None:
    institution = Institution("X", "key", attempt.role, attempt.suspended)
    call = Call(
        institution, attempt.operation, attempt.channel, "0", attempt.item, attempt.scene, "s", "f", attempt.event
    )
    facts = admission.Facts(call, attempt.state, attempt.in_flow, fresh=True)
    refusal = admission.first_refusal(data, facts, PlatformBehaviour())
    return refusal.control if refusal is not None else None


def test_controls(data: PlatformSpec) -> None:
    scenes = sorted({scene for known in data.channels.values() for scene in known})
    operations = [("authenticateHolder", None), ("queryCard", None), ("applyCardEvent", "cancel")]
    found = set()
    for role, channel, state, item, scene, (operation, event), suspended, in_flow in product(
        data.roles, (*data.channels, UNKNOWN), ("normal", "lost", None), (*data.items, UNKNOWN), (*scenes[:3], UNKNOWN),
        operations, (False, True), (False, True),
    ):  # fmt: skip
        attempt = Attempt(role, operation, channel, state, item, scene, event, suspended, in_flow)
        expected = refusals(data, attempt)
        assert emulated(data, attempt) == (expected[0] if expected else None), attempt
        found.add(expected[0] if expected else None)
    assert found == {refusal.control for refusal in data.controls} | {None}


@pytest.mark.parametrize("pair", [("channel", "card"), ("institution", "flow"), ("card", "scene")])
def test_attempts_that_two_controls_refuse(data: PlatformSpec, pair: tuple[str, str]) -> None:
    base = Attempt("hrss-hall", "authenticateHolder", "1", "normal", "holder-authentication", "service-hall")
    assert refusals(data, base) == ()
    attempts = list(refused_by(data, base, *pair))
    assert attempts
    assert {refusals(data, attempt) for attempt in attempts} == {pair}


def test_courses(data: PlatformSpec) -> None:
    """Every course with each of three parties ending in each way, and the first two undoings too."""
    for results in product(MODES, MODES, MODES, MODES, MODES):
        agree(data, results)


def agree(data: PlatformSpec, results: tuple[str, ...]) -> None:
    planned = dict(
        zip(
            [("hrss", "activate"), ("bank", "activate"), ("transport", "activate"), ("bank", "undo"), ("hrss", "undo")],
            results,
            strict=True,
        )
    )
    parties = Parties(("hrss", "bank", "transport"))
    for (party, action), result in planned.items():
        mode = MODES[result]
        if mode is not None:
            parties.plan(party, Failure(action, mode, 1))
    taken = list(activation.steps(data, data.saga_start, "id", "card", parties, PlatformBehaviour()))
    expected = course(
        data,
        data.saga_start,
        "not-enabled",
        frozenset(),
        lambda party, action, n: planned.get((party, action), "ok") if n == 0 else "ok",
    )
    entries = tuple((entry.before, entry.party, entry.action, entry.result, entry.after) for entry, _ in taken)
    assert entries == expected.steps
    assert {party for party, view in parties.view().items() if view["active"]} == expected.active
    events = [event for _, event in taken if event is not None]
    state = "not-enabled"
    for event in events:
        state = data.transitions[state, event].to
    assert state == expected.card


@pytest.mark.parametrize("plain", ["王", "王伟", "阿卜杜热合曼", "340100199001010011"])
@pytest.mark.parametrize("field", ["name", "number"])
def test_masks(data: PlatformSpec, field: str, plain: str) -> None:
    assert PlatformBehaviour().masked(field, plain, data.masks[field]) == masked(data, field, plain)


def test_masks_written_out(data: PlatformSpec) -> None:
    assert masked(data, "name", "王小明") == "王**"
    assert masked(data, "number", "340100199001010011") == "3" + "*" * 16 + "1"


def test_state_table(data: PlatformSpec) -> None:
    assert after(data, "normal", "report-loss") == "lost"
    assert after(data, "lost", "report-loss") is None


ENTRY = {"n": 1, "from": "a", "party": "hrss", "action": "activate", "result": "ok", "to": "b"}


def test_logs() -> None:
    whole = [ENTRY, {**ENTRY, "n": 2, "from": "b", "to": "c"}]
    assert steps_of(whole) == (("a", "hrss", "activate", "ok", "b"), ("b", "hrss", "activate", "ok", "c"))
    with pytest.raises(BrokenLog, match="has the number 1"):
        steps_of([ENTRY, {**ENTRY, "from": "b"}])
    with pytest.raises(BrokenLog, match="begins in x"):
        steps_of([ENTRY, {**ENTRY, "n": 2, "from": "x"}])
