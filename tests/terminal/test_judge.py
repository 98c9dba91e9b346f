"""The oracle's judgement from the transcript: altered transcripts and results are seen."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest

from emulator.keys import DEFAULT_SEED, root_key
from onecard.oracle.terminal import own_faults
from onecard.oracle.terminal_strings import compare_basic
from onecard.oracle.terminal_trace import MissingItem, Observed, observe
from onecard.reference.terminal import instrument, open_target
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.targets.base import Message, TargetOptions
from tests.terminal.bench import PROFILE, installed

ROOTS = {name: root_key(DEFAULT_SEED, name, 1) for name in ("IRK", "RKSSSE")}
CARD = installed().card_of_profile("card-3.0")


@dataclass(frozen=True)
class Said:
    ask: Message
    answer: Message


def _spec() -> TerminalSpec:
    found = installed().resolve_profile(PROFILE)
    assert isinstance(found, InterfaceSpec)
    return terminal_spec(found)


@lru_cache(maxsize=1)
def _recorded() -> Message:
    target = open_target("", TargetOptions(profile=PROFILE, instrument=instrument({})))
    target.exchange({"do": "instrument", "settings": {"card": "card-3.0"}})
    return target.exchange({"do": "call", "call": "iReadCardBas", "args": {"iType": 1}})


def _observed(change: Callable[[list[dict[str, Any]]], None] = lambda _trace: None) -> Observed:
    trace = copy.deepcopy(_recorded()["trace"])
    change(trace)
    return observe(_spec(), CARD, [Said(one["ask"], one["answer"]) for one in trace])


def _answer_to(trace: list[dict[str, Any]], command: str, slot: str = "card") -> dict[str, Any]:
    sent = (i for i, one in enumerate(trace) if one["ask"].get("transmit", {}).get("apdu", "").startswith(command))
    at = next(i for i in sent if trace[i]["ask"]["transmit"]["slot"] == slot)
    while trace[at]["answer"]["response"].startswith("61"):
        at += 1
    answer: dict[str, Any] = trace[at]["answer"]
    return answer


def test_a_true_transcript_has_no_fault() -> None:
    seen = _observed()
    assert own_faults(_spec(), CARD, seen, ROOTS) == []
    number = seen.terminal_number or ""
    compared = compare_basic(_spec(), seen, _recorded()["out"], number=number, device=None)
    assert len(compared) == 10
    assert all(one.ok for one in compared)


@pytest.mark.parametrize(
    ("command", "slot", "fault"),
    [("0088", "card", "authentication data"), ("80FA", "psam", "PSAM computed")],
)
def test_an_altered_value_of_our_own_side_is_a_fault(command: str, slot: str, fault: str) -> None:
    def change(trace: list[dict[str, Any]]) -> None:
        answer = _answer_to(trace, command, slot)
        answer["response"] = f"{int(answer['response'][0], 16) ^ 1:X}" + answer["response"][1:]

    assert fault in own_faults(_spec(), CARD, _observed(change), ROOTS)[0].en


def test_a_card_that_refuses_right_data_is_a_fault() -> None:
    def change(trace: list[dict[str, Any]]) -> None:
        _answer_to(trace, "0082")["response"] = "63C2"

    assert "external authentication" in own_faults(_spec(), CARD, _observed(change), ROOTS)[0].en


@pytest.mark.parametrize("place", range(10))
def test_each_field_counts(place: int) -> None:
    seen, out = _observed(), _recorded()["out"].split("|")
    out[place] = out[place][:-1] + ("0" if out[place][-1:] != "0" else "1")
    compared = compare_basic(_spec(), seen, "|".join(out), number=seen.terminal_number or "", device=None)
    assert [one.ok for one in compared].index(False) == place


def test_a_missing_field_is_told() -> None:
    compared = compare_basic(_spec(), _observed(), "340100|", number="", device=None)
    assert [(one.what, one.expected, one.received) for one in compared] == [("number of fields", "11", "1")]


def test_an_item_that_was_never_read_bears_nothing_out() -> None:
    def change(trace: list[dict[str, Any]]) -> None:
        trace[:] = [one for one in trace if not one["ask"].get("transmit", {}).get("apdu", "").startswith("00B207")]

    seen = _observed(change)
    with pytest.raises(MissingItem):
        seen.item(0x07)
    compared = compare_basic(_spec(), seen, _recorded()["out"], number=seen.terminal_number or "", device=None)
    assert [one.what for one in compared if not one.ok] == ["card number"]


def test_records_may_be_read_all_at_once() -> None:
    def change(trace: list[dict[str, Any]]) -> None:
        reads = [one for one in trace if one["ask"].get("transmit", {}).get("apdu", "").startswith("00B20")]
        issuer = reads[:7]
        joined = "".join(one["answer"]["response"][:-4] for one in issuer) + "9000"
        trace[trace.index(issuer[0])] = {
            "ask": {"transmit": {"slot": "card", "apdu": "00B2010540"}},
            "answer": {"response": joined},
        }
        for one in issuer[1:]:
            trace.remove(one)

    seen = _observed(change)
    compared = compare_basic(_spec(), seen, _recorded()["out"], number=seen.terminal_number or "", device=None)
    assert all(one.ok for one in compared)
