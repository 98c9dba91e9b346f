"""PINs on the reference terminal: entries, coding, secured messages, and that nobody is told."""

import logging
import shlex
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.keys import DEFAULT_SEED, root_key
from emulator.terminal.access import NoPin
from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.instrument import DEFAULT_CARD, TerminalInstrument
from emulator.terminal.terminal import ReferenceTerminal
from onecard.emulate.keypad import keypad_of
from onecard.emulate.slots import EmbeddedSlots
from onecard.errors import UserError
from onecard.harness.verdict import Verdict
from onecard.oracle.session import pin_block
from onecard.oracle.terminal import Keys, keys_of
from onecard.oracle.terminal_files import card_info_of
from onecard.oracle.terminal_pin import opened, pin_at_the_end, pin_commands, pin_faults
from onecard.oracle.terminal_trace import Observed, observe
from onecard.reference.terminal import instrument, open_target
from onecard.spec.terminal import terminal_spec
from onecard.targets.base import Message, TargetOptions
from tests.terminal.bench import PROFILE, installed, outcomes, program

CARDS = ("card-1.0", "card-2.0", "card-3.0")
PINS = st.text("0123456789", min_size=4, max_size=16)
OLD, NEW = "135790", "24680"


@dataclass(frozen=True)
class Said:
    ask: Message
    answer: Message


@lru_cache(maxsize=1)
def _target() -> Any:
    return open_target("", TargetOptions(profile=PROFILE, instrument=instrument({})))


def _call(name: str, **arguments: object) -> Message:
    answer: Message = _target().exchange({"do": "call", "call": name, "args": {"iType": 1, **arguments}})
    return answer


def _lay_out(card: str, pin: str | None, **keypad: list[str]) -> None:
    _target().exchange({"do": "instrument", "settings": {"card": card, "pin": pin, "keypad": keypad}})


def _observed(card: str, *answers: Message) -> tuple[Observed, Keys]:
    data = installed().card_of_profile(card)
    said = [Said(one["ask"], one["answer"]) for answer in answers for one in answer["trace"]]
    seen = observe(terminal_spec(interface_data(PROFILE)), data, said)
    roots = {name: root_key(DEFAULT_SEED, name, 1) for name in ("IRK", "RKSSSE", "PUK", "STK")}
    return seen, keys_of(data, seen, roots)


def _info(card: str) -> str:
    seen, _ = _observed(card, _call("iReadCardBas"))
    return "".join(f"{part}|" for part in card_info_of(seen))


@pytest.mark.parametrize("card", CARDS)
@settings(max_examples=12, deadline=None)
@given(pin=PINS)
def test_any_pin_is_verified(card: str, pin: str) -> None:
    _lay_out(card, pin, enter=[pin])
    answer = _call("iVerifyPIN")
    assert answer["return"] == 0
    seen, keys = _observed(card, answer)
    assert [one.data for one in pin_commands(installed().card_of_profile(card), seen, keys)] == [pin_block(pin)]


@pytest.mark.parametrize("card", CARDS)
@settings(max_examples=10, deadline=None)
@given(pin=st.text("0123456789", min_size=4, max_size=14))
def test_a_reload_is_what_the_other_implementation_opens(card: str, pin: str) -> None:
    _lay_out(card, OLD, new=[pin], again=[pin])
    info = _info(card)
    answer = _call("iReloadPIN", pCardInfo=info)
    assert answer["return"] == 0
    data = installed().card_of_profile(card)
    seen, keys = _observed(card, answer)
    commands = pin_commands(data, seen, keys)
    (message,) = commands
    assert message.unblock
    found = opened(keys, message)
    assert (found.right_mac, found.pin) == (True, pin_block(pin))
    assert pin_at_the_end(data, keys, commands, OLD) == pin_block(pin)


def test_a_pin_that_fills_more_than_a_block_cannot_be_reloaded() -> None:
    pin = "1357902468135790"
    _lay_out("card-2.0", OLD, new=[pin], again=[pin])
    assert _call("iReloadPIN", pCardInfo=_info("card-2.0"))["return"] == -33
    _lay_out("card-3.0", OLD, new=[pin], again=[pin])
    assert _call("iReloadPIN", pCardInfo=_info("card-3.0"))["return"] == 0


@pytest.mark.parametrize("entered", [OLD, "975310"])
def test_no_pin_is_told_anywhere(entered: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    slots = EmbeddedSlots(TerminalInstrument(), keypad=Fixed(entered))
    terminal = ReferenceTerminal(
        terminal_spec(interface_data(PROFILE)), card_data(DEFAULT_CARD), slots, device_number="D"
    )
    code, out = terminal.call("iVerifyPIN", {"iType": 1})
    assert code == -51
    assert "剩余 2 次" in out
    state = " ".join(f"{value!r} {vars(value) if hasattr(value, '__dict__') else ''}" for value in _parts(terminal))
    for place in (out, caplog.text, state):
        assert entered not in place


class Fixed:
    """A keypad on which the same is pressed always."""

    def __init__(self, pin: str) -> None:
        self._pin = pin

    def pin(self, prompt: str) -> str:
        return self._pin


def _parts(terminal: ReferenceTerminal) -> list[object]:
    return [terminal, *(value for name, value in vars(terminal).items() if name != "_access")]


def test_a_terminal_without_keypad_says_so() -> None:
    slots = EmbeddedSlots(TerminalInstrument())
    terminal = ReferenceTerminal(
        terminal_spec(interface_data(PROFILE)), card_data(DEFAULT_CARD), slots, device_number="D"
    )
    assert terminal.call("iVerifyPIN", {"iType": 1})[0] == -13
    with pytest.raises(NoPin, match="absent"):
        slots.pin("enter")


def test_the_tester_enters_what_its_settings_say() -> None:
    tester = TerminalInstrument()
    tester.configure({"keypad": {"enter": ["1357", "timeout"], "new": ["12*4"]}})
    asked = [tester.answer({"ask": "pin", "prompt": prompt}) for prompt in ("enter", "new", "enter", "enter", "again")]
    assert asked == [
        {"pin": "1357"},
        {"pin": "12*4"},
        {"error": "timeout"},
        {"error": "cancelled"},
        {"error": "cancelled"},
    ]


@pytest.mark.parametrize(
    ("pin", "word", "fault"), [("975310", "9000", "took a wrong"), (OLD, "63C2", "refused the right")]
)
def test_a_card_of_ours_that_answers_wrongly_is_seen(pin: str, word: str, fault: str) -> None:
    _lay_out("card-3.0", OLD, enter=[pin])
    answer = _call("iVerifyPIN")
    for one in answer["trace"]:
        if one["ask"].get("transmit", {}).get("apdu", "").startswith("0020"):
            one["answer"] = {"response": word}
    data = installed().card_of_profile("card-3.0")
    seen, keys = _observed("card-3.0", answer)
    (found,) = pin_faults(data, keys, pin_commands(data, seen, keys), OLD)
    assert fault in found.en


def test_a_message_that_was_altered_has_a_wrong_mac() -> None:
    _lay_out("card-3.0", OLD)
    answer = _call("iUnblockPIN", pCardInfo=_info("card-3.0"))
    assert answer["return"] == 0
    (sent,) = (
        one["ask"]["transmit"]
        for one in answer["trace"]
        if one["ask"].get("transmit", {}).get("apdu", "")[:4] == "8424"
    )
    sent["apdu"] = sent["apdu"][:-1] + f"{int(sent['apdu'][-1], 16) ^ 1:X}"
    data = installed().card_of_profile("card-3.0")
    seen, keys = _observed("card-3.0", answer)
    (message,) = pin_commands(data, seen, keys)
    assert not opened(keys, message).right_mac


def test_pins_over_the_command_protocol() -> None:
    command = shlex.join([sys.executable, "-m", "onecard", "emulate", "terminal"])
    wanted = ("pin/test_right_pin[card-3.0", "pin_entry/test_no_entry", "pin_messages/test_reloaded_pin[card-2.0")
    ended = outcomes(lambda: program(command), lambda case: any(part in case for part in wanted))
    assert len(ended) >= 12
    assert {case: found.why for case, found in ended.items() if found.verdict is not Verdict.PASS} == {}


def test_a_keypad_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "keypad"
    file.write_text("enter 1357\n\nenter cancelled\nnew 12*4\nenter 2468\n", encoding="ascii")
    keypad = keypad_of(file)
    assert (keypad.pin("enter"), keypad.pin("new"), keypad.pin("new")) == ("1357", "12*4", "12*4")
    with pytest.raises(NoPin, match="cancelled"):
        keypad.pin("enter")
    assert [keypad.pin("enter") for _ in range(3)] == ["2468"] * 3
    with pytest.raises(NoPin, match="absent"):
        keypad.pin("again")


@pytest.mark.parametrize("line", ["1357", "enter", "enter 13a7", "old 1357", "enter 1357 2468", "enter １３５７"])
def test_a_line_that_is_no_entry_is_named_and_not_told(tmp_path: Path, line: str) -> None:
    file = tmp_path / "keypad"
    file.write_text(f"enter 2468\n{line}\n", encoding="utf-8")
    with pytest.raises(UserError) as told:
        keypad_of(file)
    assert "keypad" in told.value.text.en
    assert "1357" not in told.value.text.en
    with pytest.raises(UserError, match="cannot be read"):
        keypad_of(tmp_path / "nowhere")
