"""Purchases: what pPayInfo says, and that the judge sees an altered answer of the tester's own card or PSAM."""

import copy
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.keys import DEFAULT_SEED, root_key
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.payment import payment, yuan
from onecard.oracle.terminal import keys_of
from onecard.oracle.terminal_debit import Purchases, debit_faults, purchases_of
from onecard.oracle.terminal_trace import observe
from onecard.reference.terminal import instrument, open_target
from onecard.spec.terminal import terminal_spec
from onecard.targets.base import Message, TargetOptions
from tests.terminal.test_judge import Said

SPEC = terminal_spec(interface_data("terminal-default"))
RULES = SPEC.debit
CARD = card_data("card-3.0")
MOST = 0xFFFFFFFF
TIME = "20251118185001"
AMOUNTS = st.integers(0, MOST)
PIN = "135790"


@given(own=AMOUNTS, pooled=AMOUNTS)
def test_amounts_come_back(own: int, pooled: int) -> None:
    text = "".join(f"{part}|" for part in (yuan(RULES, own), yuan(RULES, pooled), TIME))
    found = payment(RULES, text, MOST, TerminalBehaviour())
    assert found is not None
    assert (found.amounts["self-paid"], found.amounts["pooled"], found.time.hex()) == (own, pooled, TIME)


@given(fen=AMOUNTS)
def test_yuan_is_exact(fen: int) -> None:
    assert Decimal(yuan(RULES, fen)) * 100 == fen


@given(st.text(alphabet="0123456789.|-+eE ０測", max_size=40))
def test_any_text_is_taken_or_refused(text: str) -> None:
    found = payment(RULES, text, MOST, TerminalBehaviour())
    if found is not None:
        own, pooled, time, rest = text.split("|")
        read = [found.amounts[name] for name in ("self-paid", "pooled")]
        assert [int(Decimal(part) * 100) for part in (own, pooled)] == read
        assert (found.time.hex(), rest) == (time, "")


@pytest.mark.parametrize("amount", ["", ".5", "5.", "1,5", "1e3", " 1", "0x1", "１", "42949672.96"])
def test_what_is_no_amount(amount: str) -> None:
    assert payment(RULES, f"{amount}|0|{TIME}|", MOST, TerminalBehaviour()) is None


@lru_cache(maxsize=1)
def _recorded() -> Message:
    target = open_target("", TargetOptions(instrument=instrument({})))
    settings = {"card": "card-3.0", "pin": PIN, "keypad": {"enter": [PIN]}}
    target.exchange({"do": "instrument", "settings": settings})
    out = target.exchange({"do": "call", "call": "iReadCardBas", "args": {"iType": 1}})["out"].split("|")
    info = {"iType": 1, "pCardInfo": f"{out[3]}|{out[2]}|", "pPayInfo": f"6.78|0.2|{TIME}|"}
    answer = target.exchange({"do": "call", "call": "iDoDebit", "args": info})
    assert answer["return"] == 0
    return answer


def _faults(trace: list[dict[str, Any]]) -> tuple[Purchases, list[str]]:
    seen = observe(SPEC, CARD, [Said(one["ask"], one["answer"]) for one in trace])
    roots = {name: root_key(DEFAULT_SEED, name, 1) for name in ("IRK", "RKSSSE", "DPK", "DTK")}
    found = purchases_of(SPEC, CARD, seen)
    keys = keys_of(CARD, seen, roots)
    return found, [one.en for one in debit_faults(SPEC, CARD, keys, found, roots["DPK"], hostile=False)]


def test_a_true_transcript_has_no_fault() -> None:
    found, faults = _faults(_recorded()["trace"])
    assert faults == []
    (paid,) = found.made
    assert [paid.fields[name].hex() for name in ("account", "self-paid", "pooled", "time")] == [
        "00000000",
        "000002a6",
        "00000014",
        TIME,
    ]


@pytest.mark.parametrize(
    ("command", "place", "fault"),
    [
        ("B02C", 0, "wrong MAC2 or TAC"),
        ("B02C", 8, "wrong MAC2 or TAC"),
        ("8070", 8, "computed a wrong MAC1"),
    ],
)
def test_an_altered_answer_is_a_fault(command: str, place: int, fault: str) -> None:
    trace = copy.deepcopy(_recorded()["trace"])
    at = next(i for i, one in enumerate(trace) if one["ask"].get("transmit", {}).get("apdu", "").startswith(command))
    answer = trace[at + 1]["answer"]
    old = answer["response"]
    answer["response"] = old[:place] + f"{int(old[place], 16) ^ 1:X}" + old[place + 1 :]
    assert any(fault in one for one in _faults(trace)[1])


def test_a_refusal_of_the_right_mac2_is_a_fault() -> None:
    trace = copy.deepcopy(_recorded()["trace"])
    trace[-1]["answer"]["response"] = "9302"
    assert any("decided wrongly on MAC2" in one for one in _faults(trace)[1])


def test_a_refusal_of_the_right_mac1_is_a_fault() -> None:
    trace = copy.deepcopy(_recorded()["trace"])
    apdus = [one["ask"].get("transmit", {}).get("apdu", "") for one in trace]
    at = next(i for i, apdu in enumerate(apdus) if apdu.startswith("B02C"))
    trace[at]["answer"]["response"] = "9302"
    assert any("decided wrongly on MAC1" in one for one in _faults(trace[: at + 1])[1])
