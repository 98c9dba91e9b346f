"""The tester's card by a script: rules are read or refused by name, and answers keep to T=0."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.card.factory import reference_card
from emulator.terminal.instrument import TerminalInstrument
from emulator.terminal.script import ACTIONS, Exchanged, Pulled, ScriptedChip, rules_of

SELECT = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
RECORD = bytes.fromhex("00B2010012")
VALUES = st.one_of(st.none(), st.booleans(), st.integers(-2, 300), st.text(alphabet="0123456789ABCDEFxz", max_size=6))


def _chip(*rules: dict[str, Any]) -> ScriptedChip:
    card = reference_card("card-2.0")
    made = ScriptedChip(card, rules_of([{"slot": "card", **rule} for rule in rules]))
    made.power_on()
    return made


def _read(chip: ScriptedChip) -> bytes | None:
    """The identification code's record, 61xx and 6Cxx followed, status at the end."""
    for command in (SELECT, bytes.fromhex("00A4020002EF05")):
        _whole(chip, command)
    return _whole(chip, RECORD)


def _whole(chip: ScriptedChip, command: bytes) -> bytes | None:
    answer = chip.process(command)
    if answer is None:
        return None
    if answer[-2] == 0x6C:
        answer = chip.process(command[:4] + answer[-1:]) or b""
    while answer[-2] == 0x61:
        answer = answer[:-2] + (chip.process(bytes((0, 0xC0, 0, 0, answer[-1]))) or b"")
    return answer


RIGHT = _read(_chip())


def test_without_a_rule_the_card_answers() -> None:
    assert RIGHT is not None
    assert RIGHT[:2] + RIGHT[-2:] == bytes.fromhex("01109000")


@pytest.mark.parametrize("rule", [{"pieces": 3}, {"pieces": 1}, {"wrong-le": True}, {"delay": 1}], ids=str)
def test_the_same_data_in_another_way(rule: dict[str, Any]) -> None:
    assert _read(_chip(rule)) == RIGHT
    assert _read(_chip({"ins": "B2", **rule})) == RIGHT


@pytest.mark.parametrize(
    ("rule", "answer"),
    [
        ({"sw": "6982"}, lambda right: bytes.fromhex("6982")),
        ({"silent": True}, lambda right: None),
        ({"cut": 4}, lambda right: right[:4] + right[-2:]),
        ({"append": "00FF"}, lambda right: right[:-2] + b"\x00\xff" + right[-2:]),
        ({"data": "0102"}, lambda right: bytes.fromhex("01029000")),
        ({"flip": 0}, lambda right: b"\x00" + right[1:]),
        ({"flip": 999}, lambda right: right[:-3] + bytes((right[-3] ^ 1,)) + right[-2:]),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_an_action_on_one_command(rule: dict[str, Any], answer: Any) -> None:
    assert _read(_chip({"ins": "B2", **rule})) == answer(RIGHT)
    assert _read(_chip({"ins": "B2", "nth": 2, **rule})) == RIGHT


def test_an_altered_answer_to_a_command_with_data_comes_by_61() -> None:
    chip = _chip({"number": 1, "data": "6F00"})
    assert chip.process(SELECT) == b"\x61\x02"
    assert chip.process(bytes.fromhex("00C0000002")) == bytes.fromhex("6F009000")


def test_a_pulled_card_and_another_answer_to_reset() -> None:
    chip = _chip({"number": 2, "pulled": True}, {"atr": "3B00"})
    assert chip.power_on() == b"\x3b\x00"
    assert chip.process(SELECT) is not None
    with pytest.raises(Pulled):
        chip.process(RECORD)


def test_an_exchanged_card_has_to_be_powered_again() -> None:
    bench = TerminalInstrument()
    bench.configure({"card": "card-2.0", "script": [{"slot": "card", "number": 2, "exchange": 1}]})
    power, select = {"ask": "power-on", "slot": "card"}, {"transmit": {"slot": "card", "apdu": SELECT.hex()}}
    first = bench.answer(power)["atr"]
    assert bench.answer(select)["response"].startswith("61")
    assert bench.answer(select) == {"error": "removed"}
    assert bench.answer(select) == {"error": "unpowered"}
    assert bench.answer(power)["atr"] != first
    assert bench.answer(select)["response"].startswith("61")


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ({}, "one action of"),
        ({"sw": "6982", "silent": True}, "one action of"),
        ({"sw": "69"}, "no status word"),
        ({"sw": "6982", "what": 1}, "what"),
        ({"silent": False}, "true"),
        ({"delay": 60_000}, "milliseconds"),
        ({"sw": "6982", "number": 0}, "no number from 1"),
        ({"sw": "6982", "ins": "XY"}, "rule 2"),
    ],
    ids=str,
)
def test_a_rule_that_is_none_is_named(rule: dict[str, Any], told: str) -> None:
    script = [{"slot": "card", "silent": True}, {"slot": "card", **rule}]
    with pytest.raises(ValueError, match="rule 2 of the script") as refused:
        TerminalInstrument().configure({"script": script})
    assert told in str(refused.value)


def test_a_slot_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="slot is one of card, contactless, psam"):
        rules_of([{"slot": "keypad", "silent": True}])


@given(st.lists(st.dictionaries(st.sampled_from(["slot", "number", "ins", "nth", *ACTIONS]), VALUES), max_size=3))
def test_any_script_is_taken_or_refused(given_: list[dict[str, Any]]) -> None:
    script = [{**one, "slot": "card"} for one in given_]
    try:
        rules = rules_of(script)
    except ValueError:
        return
    if any(rule.action == "delay" for rule in rules):
        return
    chip = ScriptedChip(reference_card("card-2.0"), rules)
    chip.power_on()
    try:
        answer = _read(chip)
    except (Pulled, Exchanged):
        return
    assert answer is None or len(answer) >= 2
