"""The transport application and the contactless side of the reference card, where the suite does not look."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.card.behaviour import CardBehaviour
from emulator.card.contactless import Field
from emulator.card.factory import reference_card
from emulator.card.financial.personalise import with_luhn
from emulator.card.purse import crypto as card_side
from emulator.card.transport.crypto import diversified, maintenance_mac
from onecard.oracle import transport as other_side
from onecard.oracle.financial import WrongAccount, WrongLocator, account_number, luhn_holds, object_list, options_of
from onecard.oracle.transport import WrongElements, elements
from onecard.spec.card import CardSpec
from onecard.spec.card_contactless import contactless_of, in_the_field
from onecard.spec.card_firewall import cells, environments
from onecard.spec.card_transport import MaintenanceMac, Transport, TransportFactor, transport_of
from onecard.spec.load import load_spec

ANHUI = "card-3.0-anhui"
SELECT = bytes.fromhex("00A4040008A000000632010105")


@pytest.fixture(scope="module")
def transport() -> Transport:

    found = transport_of(load_spec().card_of_profile(ANHUI))
    assert found is not None
    return found


# A worked load of a public teaching page: its type byte is 01, though the rule says 02 (facts: check value).
LOAD_KEY = bytes.fromhex("11223344556677888877665544332211")
LOAD = {
    "random": bytes.fromhex("11223344"),
    "sequence": bytes(2),
    "balance": bytes(4),
    "amount": bytes.fromhex("00001000"),
    "type": b"\x01",
    "terminal": bytes.fromhex("001122334455"),
    "date": bytes.fromhex("20111221"),
    "time": bytes.fromhex("214822"),
}
SESSION, MAC1, MAC2 = (bytes.fromhex(text) for text in ("9B1D924E05595603", "2988AE5A", "3A845BF0"))


def test_check_value_in_the_card(transport: Transport) -> None:
    load = transport.transaction("TRANSPORT-LOAD")
    algorithm = transport.purse.algorithm
    session = card_side.session_key(algorithm, LOAD_KEY, card_side.assemble(load.session, LOAD))
    assert session == SESSION
    assert card_side.mac4(algorithm, session, card_side.assemble(load.mac1, LOAD)) == MAC1
    assert card_side.mac4(algorithm, session, card_side.assemble(load.mac2, LOAD)) == MAC2


def test_check_value_in_the_oracle(transport: Transport) -> None:
    load = transport.transaction("TRANSPORT-LOAD")
    session = other_side.session_key(load, LOAD_KEY, LOAD)
    assert (session, other_side.mac1(load, session, LOAD), other_side.mac2(load, session, LOAD)) == (
        SESSION,
        MAC1,
        MAC2,
    )


octets = st.binary(min_size=16, max_size=16)


@given(key=octets, challenge=st.binary(min_size=4, max_size=4), data=st.binary(max_size=40), last=st.booleans())
def test_maintenance_mac_agrees(key: bytes, challenge: bytes, data: bytes, last: bool) -> None:
    rule = MaintenanceMac("K", 4, bytes(4), 4, "3des" if last else "des")
    made = maintenance_mac(key, challenge + bytes(4), data, rule.last_block)[:4]
    assert made == other_side.maintenance_mac(rule, key, challenge, data)


@given(root=octets, content=st.binary(min_size=30, max_size=30))
def test_diversification_agrees(root: bytes, content: bytes) -> None:
    rules = (TransportFactor("F", 0, 4, b"\xff" * 4), TransportFactor("F", 12, 8, b""))
    factors = [content[0:4] + b"\xff" * 4, content[12:20]]
    assert diversified("3des", root, factors) == other_side.card_key(root, rules, {"F": content})


def test_elements_of_wrong_length() -> None:
    with pytest.raises(WrongElements):
        elements(("balance", "sequence"), bytes(7))


def test_keys_differ_from_roots_and_between_cards() -> None:
    first, second = (reference_card(ANHUI, holder=holder).image for holder in (0, 1))
    assert first.transport is not None
    assert second.transport is not None
    for name, key in first.transport.keys.items():
        assert key != first.keys[name][1]
        assert key != second.transport.keys[name]


@given(st.text("0123456789", min_size=11, max_size=18))
def test_check_digit_agrees(body: str) -> None:
    digits = with_luhn(body)
    assert luhn_holds(digits)
    assert account_number(bytes.fromhex(digits + "F" * (len(digits) % 2))) == digits
    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    with pytest.raises(WrongAccount):
        account_number(bytes.fromhex(wrong + "F" * (len(wrong) % 2)))


def test_object_list() -> None:
    assert object_list(bytes.fromhex("9F7A019F02065F2A02")) == [(0x9F7A, 1), (0x9F02, 6), (0x5F2A, 2)]
    for cut in ("9F", "9F7A", "9F7A019F02"):
        with pytest.raises(WrongLocator):
            object_list(bytes.fromhex(cut))


def test_options() -> None:
    assert options_of(bytes.fromhex("8006180008010200")).records == ((1, 1), (1, 2))
    for wrong in ("80021800", "8006180009010100", "8006180008020100", "7006180008010100"):
        with pytest.raises(WrongLocator):
            options_of(bytes.fromhex(wrong))


# --- the field ---


def test_field_fetches_what_t0_announces() -> None:
    answers = {"00A40000": "6103", "00C0000003": "AABBCC9000", "00B0000000": "6C02", "00B0000002": "11229000"}
    card = reference_card(ANHUI)
    field = Field(card.spec, lambda apdu: bytes.fromhex(answers[apdu.hex().upper()]), CardBehaviour())
    assert field.process(bytes.fromhex("00A40000")) == bytes.fromhex("AABBCC9000")
    assert field.process(bytes.fromhex("00B0000000")) == bytes.fromhex("11229000")


def test_field_is_bounded() -> None:
    card = reference_card(ANHUI)
    field = Field(card.spec, lambda apdu: bytes.fromhex("6101"), CardBehaviour())
    assert field.process(bytes.fromhex("00A40000")) is not None


def test_reset_ends_the_field() -> None:
    card = reference_card(ANHUI)
    assert card.power_on_contactless()
    assert (card.process(SELECT + b"\x00") or b"").endswith(bytes.fromhex("9000"))
    assert card.reset()[:1] == b"\x3b"
    assert card.process(SELECT) == bytes.fromhex("6133")


def test_card_without_antenna() -> None:
    card = reference_card("card-1.0")
    assert card.power_on_contactless() == b""
    assert card.process(SELECT) is None


def test_writes_in_the_field_are_the_card_s() -> None:
    card = reference_card(ANHUI)
    card.power_on_contactless()
    card.process(bytes.fromhex("0084000004"))
    assert not card.take_changed()
    assert card.image.transport is not None


def test_field_closes_updates() -> None:
    spec: CardSpec = reference_card(ANHUI).spec
    rules = contactless_of(spec)
    assert rules is not None
    inside = in_the_field(spec, rules)
    assert inside.files["SSSE/EF05"].update.access == "never"
    assert inside.files["SSSE/EF05"].read == spec.files["SSSE/EF05"].read
    opened = in_the_field(spec, replace(rules, updates=True))
    assert opened.files["SSSE/EF05"].update == spec.files["SSSE/EF05"].update


# --- the matrix ---


def test_matrix() -> None:
    spec = reference_card(ANHUI).spec
    found = cells(spec)
    assert {cell.environment for cell in found} == set(environments(spec))
    assert len({cell.name for cell in found}) == len(found)
    assert not cells(reference_card("card-1.0").spec)
