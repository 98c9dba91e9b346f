"""Every decision of the behaviour is really asked, and its answer really taken."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from emulator.card.behaviour import (
    AuthenticationBehaviour,
    CardBehaviour,
    PinBehaviour,
    RecordBehaviour,
    ResetBehaviour,
    SelectionBehaviour,
    TransmissionBehaviour,
)
from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE, Bench
from tests.emulator.conftest import BenchMaker

# What every card command rests on; the decisions of files, purses and the like are asked in tests of their own.
CORE = (
    ResetBehaviour,
    TransmissionBehaviour,
    SelectionBehaviour,
    RecordBehaviour,
    AuthenticationBehaviour,
    PinBehaviour,
)
DECISIONS = sorted(name for core in CORE for name, _ in inspect.getmembers(core, inspect.isfunction) if name[0] != "_")
SELECT_NEXT = SELECT_SSSE.replace("00A40400", "00A40402")


class Listening(CardBehaviour):
    """Notes which decisions were asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "asked":
            self.asked.add(name)
        return super().__getattribute__(name)


def _tour(table: Bench) -> list[str]:
    """A session that passes every decision."""
    answers = [
        table.send(SELECT_DF01, SELECT_NEXT, "00C0000008"),
        table.send("00C0000099"),
        table.send("00C0000016"),
        table.send("00A40000023F00"),
        table.send(SELECT_NEXT),
        table.send("00A4000002EF05"),
        table.send("00A4020002EF0F"),
        table.send("00B2010540"),
        table.send("00B2010700"),
        table.send("00B2FF0400"),
        table.send("00B2010012"),
        table.send("00B2020203"),
        table.send("80B2010412"),
        table.send("00B201041200"),
        table.send("0084000007"),
        table.send("0020000000"),
        table.send("0020000003999999"),
        table.send("0020000003123456"),
        table.send("0088000010" + "00" * 16),
        table.send("00C0000008"),
        table.wrong("RKSSSE"),
        table.authenticate("UKSSSE"),
        table.send("00DC022C03020139"),
        table.send("00DC022803020234"),
        table.send("00DC022803030133"),
        table.authenticate("RKSSSE"),
        table.send(SELECT_EF06, "00B2080014"),
        table.send("00B2012C12"),
        table.send(SELECT_DF01),
        table.send(SELECT_SSSE, SELECT_EF05, "00DC022C03020138"),
    ]
    answers.append(table.card.reset().hex())
    answers.append(table.card.power_on().hex())
    return answers


def test_there_are_many_decisions() -> None:
    assert len(DECISIONS) >= 40


def test_every_decision_is_asked(bench: BenchMaker) -> None:
    listening = Listening()
    _tour(bench(behaviour=listening))
    assert set(DECISIONS) <= listening.asked


def _returning(name: str, value: object) -> CardBehaviour:
    return _changing(name, lambda *given: value)


def _changing(name: str, change: Callable[..., object]) -> CardBehaviour:
    altered = CardBehaviour()
    setattr(altered, name, change)
    return altered


# One wrong answer for each decision, and what the tour shows of it.
WRONG: dict[str, CardBehaviour] = {
    "historical": _returning("historical", bytes(13)),
    "atr": _returning("atr", b"\x3b\x00"),
    "warm_atr": _returning("warm_atr", b"\x3b\x00"),
    "status": _returning("status", 0x6F00),
    "accepts_class": _returning("accepts_class", True),
    "mend": _changing("mend", lambda command, apdu: apdu[:5]),
    "accepts_length": _returning("accepts_length", True),
    "accepts_parameters": _returning("accepts_parameters", False),
    "announces": _returning("announces", False),
    "announced_length": _returning("announced_length", 1),
    "waiting_after_wrong_length": _returning("waiting_after_wrong_length", b""),
    "rest_after_part": _returning("rest_after_part", b""),
    "accepts_expected_length": _returning("accepts_expected_length", False),
    "reported_length": _returning("reported_length", 1),
    "name_matches": _returning("name_matches", False),
    "finds_file_generally": _returning("finds_file_generally", False),
    "file_in_reach": _changing("file_in_reach", lambda file, anywhere: None),
    "fci": _returning("fci", b"\x6f\x00"),
    "fci_objects": _changing("fci_objects", lambda application, right: right[::-1]),
    "algorithm_identifier": _returning("algorithm_identifier", 2),
    "undefined_mode": _changing("undefined_mode", lambda mode, modes: modes[4]),
    "accepts_sfi": _returning("accepts_sfi", False),
    "may_read": _returning("may_read", False),
    "may_update": _returning("may_update", False),
    "reserved": _returning("reserved", True),
    "locate_record": _returning("locate_record", 0),
    "range_order": _changing("range_order", lambda mode, indices: indices[::-1]),
    "record_read": _changing("record_read", lambda file, right: right[:-1]),
    "tlv_agrees": _returning("tlv_agrees", True),
    "identifier_agrees": _returning("identifier_agrees", True),
    "has_room": _returning("has_room", False),
    "challenge_to_use": _returning("challenge_to_use", None),
    "key_found": _returning("key_found", None),
    "key_version": _returning("key_version", 9),
    "key_of_version": _returning("key_of_version", None),
    "accept_authentication": _returning("accept_authentication", True),
    "blocked": _returning("blocked", True),
    "tries_before_comparison": _changing("tries_before_comparison", lambda name, tries: tries),
    "tries_after_failure": _changing("tries_after_failure", lambda name, tries: 3),
    "tries_reported": _returning("tries_reported", 0),
    "pin_matches": _returning("pin_matches", True),
    "pin_long_enough": _returning("pin_long_enough", False),
    "tries_after_query": _changing("tries_after_query", lambda tries: tries - 1),
    "rights_after_select": _changing("rights_after_select", lambda state: state),
    "position_after_failed_select": _changing("position_after_failed_select", lambda before: type(before)("DF01")),
}


def _without_chance(answers: list[str]) -> list[str]:
    # The key of the session key is chance: only the length of what it gives is compared.
    return [f"{len(answer)}" if index == 19 else answer for index, answer in enumerate(answers)]


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_decision_shows(name: str, bench: BenchMaker) -> None:
    right = _without_chance(_tour(bench()))
    assert _without_chance(_tour(bench(behaviour=WRONG[name]))) != right


def test_silence(bench: BenchMaker) -> None:
    assert bench(behaviour=_returning("answer", None)).send(SELECT_SSSE) == "silence"
