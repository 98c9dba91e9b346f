"""Terminals of the scenario layer: what the judge accepts and refuses, and data objects as the emulator finds them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.card.factory import reference_card
from emulator.terminal.hostile_kinds import EDITS
from emulator.terminal.installation import card_data
from emulator.terminal.objects import data_object
from onecard.oracle.errors import OracleError
from onecard.oracle.financial import object_of
from onecard.oracle.terminal_kinds import KindSeen, compare_kind, kind_seen, told_texts
from onecard.planning.declaration import ics_of_profile
from onecard.reference.terminal import instrument, open_target
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.targets.base import Message, TargetOptions
from tests.terminal.bench import installed

PROFILE, WIDEST = "terminal-scene", "card-3.0-anhui"
GATE, POS, PHONE, IDENTITY = "ADAPT-GATE", "ADAPT-POS", "ADAPT-PHONE", "ADAPT-IDENTITY"
CARD = installed().card_of_profile(WIDEST)
TRANSPORT = "00A4040008A000000632010105"
DEBIT = "00A4040008A000000333010101"
SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"


@dataclass(frozen=True)
class Said:
    ask: Message
    answer: Message


@lru_cache(maxsize=1)
def _spec() -> TerminalSpec:
    found = installed().resolve_profile(PROFILE)
    assert isinstance(found, InterfaceSpec)
    return terminal_spec(found)


def _sent(kind: str, commands: Sequence[str], slot: str = "contactless") -> KindSeen:
    """What the judge makes of commands to the reference card, answered by it."""
    chip = reference_card(WIDEST)
    trace = [Said({"ask": "power-on", "slot": slot}, {"atr": chip.power_on().hex()})]
    for command in commands:
        sent, answer = bytes.fromhex(command), chip.process(bytes.fromhex(command))
        assert answer is not None
        trace.append(Said({"transmit": {"slot": slot, "apdu": sent.hex()}}, {"response": answer.hex()}))
        while answer[-2] == 0x61:
            sent, answer = bytes((0, 0xC0, 0, 0, answer[-1])), chip.process(bytes((0, 0xC0, 0, 0, answer[-1])))
            assert answer is not None
            trace.append(Said({"transmit": {"slot": slot, "apdu": sent.hex()}}, {"response": answer.hex()}))
    return kind_seen(_spec(), CARD, _spec().kinds[kind], trace)


def _reference(call: str, settings: Message) -> Message:
    target = open_target("", TargetOptions(profile=PROFILE, instrument=instrument({})))
    target.exchange({"do": "instrument", "settings": settings})
    return target.exchange({"do": "call", "call": call, "args": {}})


OUTSIDE = {
    "gate enters SSSE": (GATE, [SSSE, TRANSPORT], ["SELECT SSSE"]),
    "gate reads a file of SSSE after power-on": (GATE, ["00B2012812"], ["SSSE/EF05"]),
    "gate reads the holder's file": (GATE, [TRANSPORT, "00B0960037"], ["TRANSPORT/EF16"]),
    "gate reads the log": (GATE, [TRANSPORT, "00B201C417"], ["TRANSPORT/EF18"]),
    "pos enters transport": (POS, [TRANSPORT], ["SELECT TRANSPORT"]),
    "pos uses the contact directory in the field": (POS, ["00A404000E315041592E5359532E4444463031"], ["SELECT PSE"]),
    "phone selects the holder's file": (PHONE, [SSSE, "00A4020002EF06"], ["SSSE/EF06"]),
    "phone selects an application": (PHONE, [SSSE, "00A4000002DF01"], ["SSSE FID DF01"]),
    "phone enters the bank": (PHONE, [SSSE, DEBIT], ["SELECT PBOC"]),
}
INSIDE = {
    "gate by file identifier": (GATE, [TRANSPORT, "00A40000020015", "00B000001E", "00B0970010"]),
    "gate tries the cash application": (GATE, ["00A4040008A000000632010106", TRANSPORT]),
    "pos by name and options": (POS, [DEBIT, "80A800000B8309000000000000010156", "00B2010C00"]),
    "phone by short identifier": (PHONE, [SSSE, "00B2012812"]),
    "phone at the master file": (PHONE, ["00A40000023F00", SSSE, "00A4020002EF05", "00B2070413"]),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_lies_outside_of_a_use_is_seen(name: str) -> None:
    kind, commands, expected = OUTSIDE[name]
    assert [found for found in _sent(kind, commands).outside if found in expected] == expected


@pytest.mark.parametrize("name", INSIDE)
def test_other_right_ways_lie_inside(name: str) -> None:
    seen = _sent(*INSIDE[name])
    assert (seen.outside, seen.commands) == ([], [])


def test_commands_that_no_reading_needs_are_told() -> None:
    # VERIFY, a purchase, a challenge and an authentication at the gate.
    sent = [TRANSPORT, "0020000003123456", "805001020B0100000001990000000001", "0084000008", "805C000204"]
    assert _sent(GATE, sent).commands == ["00200000", "80500102", "00840000"]
    assert _sent(POS, [DEBIT, "805C000204"]).commands == ["805C0002"]


def test_content_of_a_file_is_put_together_from_its_parts() -> None:
    seen = _sent(GATE, [TRANSPORT, "00B0950A14", "00B095000A", "00B097003C", "805C000204"])
    whole = _sent(GATE, [TRANSPORT, "00B095001E"])
    assert seen.binary["TRANSPORT/EF15"] == whole.binary["TRANSPORT/EF15"]
    assert len(whole.binary["TRANSPORT/EF15"]) == 30


def test_the_serial_of_the_fci_counts_as_read() -> None:
    # 9F0C of the transport application holds what file 15 holds.
    seen = _sent(GATE, [TRANSPORT, "00B097003C", "805C000204"])
    right = _reference("adaptReadGate", {"card": WIDEST, "slots": ["contactless"]})
    assert all(one.ok for one in compare_kind(CARD, _spec().kinds[GATE], seen, right["out"]))


def test_an_overdrawn_amount_is_no_balance() -> None:
    seen = _sent(GATE, [TRANSPORT, "00B095001E", "00B097003C", "805C010204"])
    assert seen.balance is None
    assert _sent(GATE, [TRANSPORT, "805C030204"]).balance == (10_000).to_bytes(4, "big")


@pytest.mark.parametrize(
    "change", [lambda out: out[:-1], lambda out: out + "x|", lambda out: out.replace("2|", "3|", 1)]
)
def test_an_altered_result_is_seen(change: Callable[[str], str]) -> None:
    reply = _reference("adaptReadPhone", {"card": WIDEST, "slots": ["contactless"]})
    kind = _spec().kinds[PHONE]
    seen = kind_seen(_spec(), CARD, kind, [Said(one["ask"], one["answer"]) for one in reply["trace"]])
    assert all(one.ok for one in compare_kind(CARD, kind, seen, reply["out"]))
    assert not all(one.ok for one in compare_kind(CARD, kind, seen, change(reply["out"])))
    assert "card number" in told_texts(CARD, kind, seen, reply["out"])
    assert told_texts(CARD, kind, seen, "2|身份认证|") == ()


def test_a_result_without_reading_is_not_borne_out() -> None:
    kind, seen = _spec().kinds[POS], _sent(POS, [DEBIT])
    compared = list(compare_kind(CARD, kind, seen, "2|交易支付|9999990000000000014|"))
    assert [one.what for one in compared if not one.ok] == ["account number"]


def test_an_expired_social_security_card_is_refused_by_the_identity_reader() -> None:
    reply = _reference("adaptReadIdentity", {"card": "card-3.0", "hostile": "expired"})
    assert reply["return"] == -1


def test_a_kind_that_is_not_declared_has_no_function() -> None:
    target = open_target("", TargetOptions(profile="terminal-default", instrument=instrument({})))
    target.exchange({"do": "instrument", "settings": {}})
    assert target.exchange({"do": "call", "call": "adaptReadPos", "args": {}})["return"] == -13
    default = installed().resolve_profile("terminal-default")
    assert isinstance(default, InterfaceSpec)
    assert terminal_spec(default).kinds == {}


def test_every_item_of_a_terminal_is_declared() -> None:
    assert set(ics_of_profile(installed(), PROFILE).items) == set(ics_of_profile(installed(), "terminal-default").items)


@pytest.mark.parametrize("lacking", ["level", "slots", "environment", "fields"])
def test_data_that_lack_something_are_refused(lacking: str) -> None:
    found = installed().resolve_profile(PROFILE)
    assert isinstance(found, InterfaceSpec)
    kinds = {
        name: {key: value for key, value in node.items() if key != lacking}
        for name, node in found.table("adaptations").items()
    }
    with pytest.raises(SpecError):
        terminal_spec(replace(found, tables={**found.tables, "adaptations": kinds}))


@pytest.mark.parametrize("name", EDITS)
def test_cards_without_transport_cannot_be_spoilt(name: str) -> None:
    chip = reference_card("card-2.0", spec=card_data("card-2.0"))
    with pytest.raises((TypeError, KeyError)):
        EDITS[name](chip.image)


def _object(tag: bytes, value: bytes) -> bytes:
    length = bytes((len(value),)) if len(value) < 0x80 else bytes((0x81, len(value)))
    return tag + length + value


PRIMITIVE = st.sampled_from([b"\x5a", b"\x57", b"\x5f\x24", b"\x9f\x0c", b"\x84"])
TEMPLATE = st.sampled_from([b"\x6f", b"\x70", b"\xa5", b"\xbf\x0c"])
LEAVES = st.builds(_object, PRIMITIVE, st.binary(max_size=40))
OBJECTS = st.recursive(
    LEAVES, lambda inner: st.builds(_object, TEMPLATE, st.lists(inner, max_size=3).map(b"".join)), max_leaves=6
).filter(lambda octets: len(octets) < 200)


@given(st.lists(OBJECTS, max_size=3).map(b"".join), st.sampled_from([0x5A, 0x57, 0x5F24, 0x9F0C, 0x84, 0x50]))
def test_both_sides_find_the_same_object(octets: bytes, wanted: int) -> None:
    assert data_object(octets, wanted) == object_of(octets, wanted)


@given(st.binary(max_size=60), st.sampled_from([0x5A, 0x61, 0x4F]))
def test_what_is_no_tlv_ends_the_search(octets: bytes, wanted: int) -> None:
    found = data_object(octets, wanted)
    try:
        right = object_of(octets, wanted)
    except OracleError:
        return
    assert found == right
