import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.evidence import NullSealer, Sealer, SealError, mask_exchange, regions_to_seal, restore_exchange
from onecard.evidence.policy import Regions
from onecard.harness.campaign import clear_tags
from onecard.spec.load import load_spec

CLEAR = frozenset({0x03, 0x05})
# The FCI of a 3.0 card (card.md, 1.4: TRACE).
FCI = bytes.fromhex("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103")
OK = bytes.fromhex("9000")
READ, SELECT, GET_RESPONSE = bytes.fromhex("00B2080014"), bytes.fromhex("00A404000F"), bytes.fromhex("00C000001E")
NUMBER = bytes.fromhex("0812") + b"340101199001011234"
VERSION = bytes.fromhex("0304") + b"3.00"


def of_response(command: bytes, data: bytes, previous: bytes | None = None) -> Regions:
    return regions_to_seal(command, data + OK, CLEAR, previous)[1]


def test_the_fci_stays_clear() -> None:
    assert of_response(SELECT, FCI) == ()
    assert of_response(GET_RESPONSE, FCI, SELECT) == ()
    assert of_response(GET_RESPONSE, FCI) == ()


@pytest.mark.parametrize(
    "data", [FCI[:-1], FCI + b"\0", b"\x6f\x00", b"\x6f\x04\x84\x02\x00\x00", b"\x6f\x81\x00", b"\x70" + FCI[1:]]
)
def test_what_only_resembles_an_fci_is_sealed(data: bytes) -> None:
    assert of_response(SELECT, data) == ((0, len(data)),)


def test_the_card_number_in_the_fci_of_a_transport_card_is_sealed() -> None:
    name, issuer = bytes.fromhex("8408A000000632010105"), b"\x9f\x0c\x1e" + bytes(10) + bytes.fromhex("0310489912") * 4
    proprietary = bytes.fromhex("9F080102") + issuer
    fci = name + bytes((0xA5, len(proprietary))) + proprietary
    data = bytes((0x6F, len(fci))) + fci
    assert of_response(SELECT, data) == ((0, len(data)),)
    assert of_response(GET_RESPONSE, data, SELECT) == ((0, len(data)),)


def test_items_are_sealed_by_tag() -> None:
    assert of_response(READ, NUMBER) == ((2, 20),)
    assert of_response(READ, VERSION) == ()
    assert of_response(READ, VERSION + NUMBER + VERSION) == ((8, 26),)
    assert of_response(GET_RESPONSE, NUMBER, READ) == ((2, 20),)
    assert of_response(GET_RESPONSE, NUMBER) == ((2, 20),)
    assert of_response(READ, bytes.fromhex("0800")) == ()


@pytest.mark.parametrize("data", [NUMBER[:-1], NUMBER + b"\0", b"\x08", b"340101199001011234"])
def test_data_that_does_not_parse_is_sealed_whole(data: bytes) -> None:
    assert of_response(READ, data) == ((0, len(data)),)


def test_challenges_and_authentication_values_stay_clear() -> None:
    challenge, internal = bytes.fromhex("0084000008"), bytes.fromhex("0088000010") + bytes(16)
    assert of_response(challenge, bytes(8)) == ()
    assert of_response(challenge, bytes(17)) == ((0, 17),)
    assert of_response(internal, bytes(8)) == ()
    assert of_response(internal, bytes(9)) == ((0, 9),)
    assert of_response(GET_RESPONSE, b"\xff" * 8, internal) == ()
    assert of_response(GET_RESPONSE, b"\xff" * 8, READ) == ((0, 8),)
    assert of_response(GET_RESPONSE, b"\xff" * 8) == ((0, 8),)


def test_a_reset_and_status_words_stay_clear() -> None:
    assert regions_to_seal(b"", bytes.fromhex("3B00"), CLEAR) == ((), ())
    assert regions_to_seal(READ, bytes.fromhex("6982"), CLEAR) == ((), ())
    assert regions_to_seal(READ, b"\x69", CLEAR) == ((), ((0, 1),))


@pytest.mark.parametrize(
    "command",
    ["0020000003123456", "805E010007123456FF123456", "8424000004AABBCCDD", "8424000114" + "AB" * 20, "04200000021234"],
)
def test_pins_and_keys_are_sealed(command: str) -> None:
    sent = bytes.fromhex(command)
    assert regions_to_seal(sent, OK, CLEAR)[0] == ((5, len(sent)),)


def test_the_query_of_the_tries_has_nothing_to_seal() -> None:
    assert regions_to_seal(bytes.fromhex("0020000000"), bytes.fromhex("63C3"), CLEAR) == ((), ())


def test_what_is_written_follows_the_rule_of_what_is_read() -> None:
    update = bytes.fromhex("00DC080414") + NUMBER
    assert regions_to_seal(update, OK, CLEAR)[0] == ((7, 25),)
    assert regions_to_seal(bytes.fromhex("00DC030406") + VERSION, OK, CLEAR)[0] == ()
    photo = bytes.fromhex("00D6000004FFD8FFE0")
    assert regions_to_seal(photo, OK, CLEAR)[0] == ((5, 9),)


def test_a_file_of_bytes_has_no_tags() -> None:
    assert of_response(bytes.fromhex("00B0000006"), VERSION) == ((0, 6),)
    assert regions_to_seal(bytes.fromhex("00D6000006") + VERSION, OK, CLEAR)[0] == ((5, 11),)


def test_only_what_is_marked_as_telling_of_nobody_is_clear() -> None:
    # EF05 of SSSE but for the card number; nothing of the holder's work, health or family (information areas).
    assert clear_tags(load_spec()) == {0x01, 0x02, 0x03, 0x04, 0x05, 0x06}


def test_other_commands_stay_clear_and_their_answers_do_not() -> None:
    get_data = bytes.fromhex("00CA000000")
    assert regions_to_seal(get_data, NUMBER + OK, CLEAR) == ((), ((0, 20),))
    external = bytes.fromhex("0082000A10") + bytes(16)
    assert regions_to_seal(external, OK, CLEAR) == ((), ())


@settings(deadline=None)
@given(st.binary(max_size=40), st.binary(max_size=40), st.none() | st.binary(max_size=6))
def test_any_bytes_are_masked_and_restored(command: bytes, response: bytes, previous: bytes | None) -> None:
    for sealing in (Sealer(bytes(32)), NullSealer()):
        body = mask_exchange(sealing, command, response, CLEAR, previous)
        assert restore_exchange(sealing, body) == (command, response)


def test_an_exchange_without_an_answer_is_restored() -> None:
    assert restore_exchange(NullSealer(), {"c": "00B2080014", "error": "silent"}) == (READ, b"")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"c": 1},
        {"c": "00", "r": None},
        {"c": "00", "sealed": {}},
        {"c": "__", "sealed": [{"at": [0, 1]}]},
        {"c": "__", "sealed": [{"in": "x"}]},
        {"c": "__", "sealed": ["c"]},
    ],
)
def test_an_exchange_of_another_form_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(SealError):
        restore_exchange(Sealer(bytes(32)), body)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=30))
def test_a_value_of_a_person_never_shows(value: bytes) -> None:
    for tag in (0x08, 0x09, 0x4E):
        record = bytes([tag, len(value)]) + value
        body = mask_exchange(Sealer(bytes(32)), READ, record + OK, CLEAR)
        assert body["r"] == f"{tag:02X}{len(value):02X}" + "__" * len(value) + "9000"
