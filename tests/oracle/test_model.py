"""The model's predictions with literal bytes, and what it learns from answers."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.oracle import session
from onecard.oracle.blocks import Algorithm
from onecard.oracle.model import CardModel, Draw, View
from onecard.oracle.model.apdu import parse
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec

SPECS: Mapping[str, CardSpec] = {
    name: load_spec().card_of_profile(name) for name in ("card-1.0", "card-2.0", "card-3.0")
}
SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SELECT_DF01 = "00A4040006D15600000500"
FCI_30 = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"
FCI_10 = "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388010B"
KEYS = {
    (key, version): bytes([number] * 16)
    for number, key in enumerate(("IRK", "UKSSSE", "RKSSSE"))
    for version in (1, 2, 3)
}
PIN = bytes.fromhex("123456")


def model(profile: str, view: View = View.RAW_T0) -> CardModel:
    made = CardModel(SPECS[profile], keys=KEYS, pin=PIN, view=view)
    made.reset()
    return made


def play(card: CardModel, *exchanges: tuple[str, str]) -> None:
    """Commands with answers that the model must accept."""
    for command, response in exchanges:
        prediction = card.predict(bytes.fromhex(command))
        assert not prediction.left_open, command
        assert card.observe(bytes.fromhex(command), bytes.fromhex(response)), (command, prediction.describe().en)


def refuses(card: CardModel, command: str, *responses: str) -> None:
    """Answers that the model must not accept; the state stays as it is."""
    prediction = card.predict(bytes.fromhex(command))
    for response in responses:
        assert not prediction.accepts(bytes.fromhex(response)), response


def ssse(profile: str) -> CardModel:
    card = model(profile)
    fci = {"card-1.0": FCI_10, "card-3.0": FCI_30}[profile]
    length = f"{len(fci) // 2:02X}"
    play(card, (SELECT_SSSE, "61" + length), ("00C00000" + length, fci + "9000"))
    return card


def authentication(card: CardModel, key: str, challenge: str) -> str:
    process = session.session_key(card.card.rules, KEYS[key, 1], bytes.fromhex(challenge))
    original = bytes(range(1, 9))
    return (session.authentication_data(card.card.rules, process, original) + original).hex()


def test_fci_is_judged_and_learned() -> None:
    card = model("card-3.0")
    play(card, (SELECT_SSSE, "611E"))
    refuses(card, "00C000001E", FCI_10 + "9000", FCI_30[:-2] + "019000", "6F00", "6985")
    play(card, ("00C0000000", "6C1E"), ("00C000001E", FCI_30 + "9000"))
    refuses(card, SELECT_SSSE, "611D", "9000", "6A82")
    play(card, (SELECT_SSSE, "611E"))


def test_without_the_reader_showing_t0() -> None:
    card = model("card-3.0", View.APDU)
    play(card, (SELECT_SSSE + "00", FCI_30 + "9000"), ("00A4020002EF05", "9000"))
    refuses(card, SELECT_SSSE + "00", "611E", "9000")


def test_records_by_every_mode() -> None:
    card = ssse("card-1.0")
    play(card, ("00A4020002EF06", "9000"))
    refuses(card, "00B2010414", "9000", "6A83", "6982", "09" + "12" + "31" * 18 + "9000")
    number = "0812" + "31" * 18
    play(card, ("00B2010400", "6C14"), ("00B2010414", number + "9000"), ("00B2080014", number + "9000"))
    refuses(card, "00B2080014", "0812" + "32" * 18 + "9000")
    play(
        card, ("00B20A0003", "0A0131" + "9000"), ("00B20A0203", "6A83"), ("00B2070410", "6A83"), ("00B27E0010", "6A83")
    )
    play(card, ("00B20A0003", "0A01319000"), ("00B20C0200", "6C05"))
    play(card, ("00B2050500", "6C0B"), ("00B2050600", "6C0B"))
    refuses(card, "00B205050B", "0D06" + "19900101" + "0C03" + "110100" + "9000")
    play(card, ("00B205050B", "0C03110100" + "0D0419900101" + "9000"))
    play(card, ("00B205060B", "0D0419900101" + "0C03110100" + "9000"))
    play(card, ("00B2010710", "6A86"), ("00B2010C10", "6A82"), ("00B2FF0410", "6A83"))
    refuses(card, "00B2FF0410", "9100" * 8 + "9000")


def test_holder_file_of_third_generation_needs_its_key() -> None:
    card = ssse("card-3.0")
    play(card, ("00A4020002EF06", "9000"))
    refuses(card, "00B2080014", "0812" + "31" * 18 + "9000")
    play(card, ("00B2080014", "6982"), ("0084000008", "11223344556677889000"))
    right = authentication(card, "RKSSSE", "1122334455667788")
    refuses(card, "0082000A10" + right, "63C2", "6984", "6982")
    play(card, ("0082000A10" + right, "9000"), ("00B2080014", "0812" + "31" * 18 + "9000"))
    refuses(card, "00DC080014" + "0812" + "31" * 18, "9000")
    play(card, ("0082000A10" + right, "6984"))
    play(card, (SELECT_DF01, "6108"))
    refuses(card, "00C0000008", "6F088406D156000005009000", "6F088406D156000005"[:16] + "9000")


def test_another_application_takes_the_rights_away() -> None:
    card = ssse("card-3.0")
    play(card, ("0084000004", "112233449000"), ("0082000A10" + authentication(card, "RKSSSE", "11223344"), "9000"))
    play(
        card, ("0084000008", "11223344556677889000"), (SELECT_DF01, "610A"), ("00C000000A", "6F088406D156000005009000")
    )
    play(card, (SELECT_SSSE, "611E"), ("00B2083014", "6982"))
    refuses(card, "00B2083014", "0812" + "31" * 18 + "9000")
    refuses(card, "0082000A10" + authentication(card, "RKSSSE", "1122334455667788"), "9000")


def test_wrong_data_count_and_right_data_restore() -> None:
    card = ssse("card-3.0")
    play(card, ("0084000008", "11223344556677889000"))
    wrong = "00" * 8 + "01" * 8
    refuses(card, "0082000410" + wrong, "9000", "6982")
    play(card, ("0082000410" + wrong, "63C2"), ("0084000008", "01020304050607089000"))
    refuses(card, "0082000410" + wrong, "63C2", "63C3")
    play(card, ("0082000410" + wrong, "63C1"), ("0084000008", "11223344556677889000"))
    play(card, ("0082000410" + authentication(card, "UKSSSE", "1122334455667788"), "9000"))
    assert card.state.key_tries["UKSSSE"] == 3


@pytest.mark.parametrize(("profile", "answer"), [("card-1.0", "3des"), ("card-3.0", "sm4")])
def test_internal_authentication_is_computed(profile: str, answer: str) -> None:
    card = ssse(profile)
    rules = session.DRAFT_RULES[Algorithm(answer)]
    process = session.session_key(rules, KEYS["IRK", 1], bytes(8))
    right = session.authentication_data(rules, process, bytes(8)).hex()
    play(card, ("0088000010" + "00" * 16, "6108"))
    refuses(card, "00C0000008", "00" * 8 + "9000")
    play(card, ("00C0000008", right + "9000"), ("00C0000008", "6F00"))
    play(
        card,
        ("0088000011" + "00" * 16 + "04", "6A88"),
        ("008800000F" + "00" * 15, "6700"),
        ("0088010010" + "00" * 16, "6A86"),
    )


def test_pin() -> None:
    card = ssse("card-3.0")
    play(card, ("0020000000", "63C2"))
    refuses(card, "0020000000", "63C3", "9000")
    refuses(card, "0020000003123456", "63C1", "6983")
    play(card, ("0020000003123456", "9000"), ("0020000000", "63C3"), ("0020000100", "6A86"))
    refuses(card, "0020000003123457", "9000", "63C3")
    play(card, ("00200000", "63C3"), ("002000000112", "6700"))


def test_what_the_rules_do_not_have() -> None:
    card = ssse("card-3.0")
    play(card, ("E0B2000000", "6E00"), ("000C000000", "6D00"), ("0084000005", "6700"), ("0084010008", "6A86"))
    play(card, ("0082001E10" + "00" * 16, "6A88"), ("0082001E10" + "00" * 16, "6984"))
    refuses(card, "E0B2000000", "9000", "6D00")
    play(card, ("00A4000002" + "7FEE", "6A82"))
    assert card.predict(bytes.fromhex("00B2010410")).left_open
    assert card.predict(bytes.fromhex("80CA9F7F00")).left_open
    assert card.predict(bytes.fromhex("00A4040006D1560000057F")).left_open


def test_an_answer_against_the_rules_is_told_and_the_model_goes_on() -> None:
    card = ssse("card-3.0")
    assert not card.observe(bytes.fromhex("00B2083014"), bytes.fromhex("0812" + "31" * 18 + "9000"))
    assert card.predict(bytes.fromhex("00B2083014")).left_open
    assert not card.observe(bytes.fromhex("0084000008"), b"")
    play(card, (SELECT_SSSE, "611E"), ("00B2083014", "6982"))


def test_reset_forgets_keys_and_challenge() -> None:
    card = ssse("card-3.0")
    play(card, ("0084000008", "11223344556677889000"))
    right = authentication(card, "UKSSSE", "1122334455667788")
    card.reset()
    play(card, (SELECT_SSSE, "611E"))
    refuses(card, "0082000410" + right, "9000", "63C2")
    play(card, ("0082000410" + right, "6984"))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("00A40000", (0, b"", False, True)),
        ("00B2010410", (16, b"", False, True)),
        ("00A4000002EF05", (2, b"\xef\x05", False, True)),
        ("00A4000002EF0500", (2, b"\xef\x05", True, True)),
        ("00A4000003EF05", (3, b"\xef\x05", False, False)),
        ("00A4000001EF0500", (1, b"\xef", False, False)),
    ],
)
def test_parse(command: str, expected: tuple[int, bytes, bool, bool]) -> None:
    apdu = parse(bytes.fromhex(command))
    assert (apdu.p3, apdu.data, apdu.has_le, apdu.whole) == expected


def test_too_short_for_a_command() -> None:
    with pytest.raises(ValueError, match="four bytes"):
        parse(b"\x00\xa4\x00")


@given(st.sampled_from(sorted(SPECS)), st.lists(st.tuples(st.binary(min_size=4, max_size=24), st.binary(max_size=24))))
def test_any_exchange_is_taken(profile: str, exchanges: list[tuple[bytes, bytes]]) -> None:
    card = model(profile)
    for command, response in exchanges:
        accepted = card.predict(command).accepts(response)
        assert card.observe(command, response) is accepted


def test_draws_are_even_and_repeat() -> None:
    first, again = Draw.from_seed(b"seed"), Draw.from_seed(b"seed")
    drawn = [first.below(7) for _ in range(700)]
    assert drawn == [again.below(7) for _ in range(700)]
    assert all(60 < drawn.count(number) < 140 for number in range(7))
    with pytest.raises(EOFError):
        Draw(b"\x01").octets(2)
