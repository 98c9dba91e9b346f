"""Codings and number rules: round trips and refusals over generated input."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.oracle import codec, identity, tlv
from onecard.oracle.errors import DecodeError, EncodeError, OracleError

DIGITS = st.text("0123456789", max_size=20)
GBK_CHARACTERS = st.characters(min_codepoint=0x20, max_codepoint=0xFFFF, exclude_characters="\x7f").filter(
    lambda character: character.encode("gbk", "ignore") != b""
)


@given(DIGITS, st.integers(0, 4))
def test_bcd_round_trip(digits: str, spare: int) -> None:
    coded = codec.bcd_encode(digits, (len(digits) + 1) // 2 + spare)
    assert codec.bcd_decode(coded) == digits


@given(st.binary(max_size=8))
def test_bcd_decodes_only_its_own_coding(coded: bytes) -> None:
    try:
        digits = codec.bcd_decode(coded)
    except DecodeError as error:
        refused_at = error.offset
    else:
        assert codec.bcd_encode(digits, len(coded)) == coded
        return
    assert 0 <= refused_at < len(coded)


@given(st.text(GBK_CHARACTERS, max_size=12), st.integers(0, 4))
def test_gbk_round_trip(text: str, spare: int) -> None:
    length = len(text.encode("gbk")) + spare
    coded = codec.an_encode(text, length, codec.Charset.GBK)
    assert len(coded) == length
    assert codec.an_decode(coded, codec.Charset.GBK) == text


@given(st.text(GBK_CHARACTERS, min_size=1, max_size=40))
def test_name_in_two_items(text: str) -> None:
    octets = text.encode("gbk")[:50]
    try:
        whole = octets.decode("gbk")
    except UnicodeDecodeError:
        whole = octets[:-1].decode("gbk")
        octets = octets[:-1]
    assert codec.name_decode(octets[:30].ljust(30, b"\x00"), octets[30:].ljust(20, b"\xff")) == whole


def test_text_that_does_not_fit_is_refused() -> None:
    with pytest.raises(codec.ValueTooLong):
        codec.an_encode("社会保障", 7, codec.Charset.GBK)
    with pytest.raises(codec.NotEncodable):
        codec.an_encode("张三", 8, codec.Charset.ASCII)
    with pytest.raises(codec.NotEncodable):
        codec.an_encode("A\nB", 8, codec.Charset.GBK)


@given(st.dates(min_value=dt.date(1900, 1, 1)))
def test_date_round_trip(date: dt.date) -> None:
    assert codec.date_decode(codec.date_encode(date)) == date


@pytest.mark.parametrize("coded", ["20260229", "20261301", "20260100", "00000101", "FFFFFFFF", "202601FF", "2026010A"])
def test_no_date(coded: str) -> None:
    with pytest.raises(DecodeError):
        codec.date_decode(bytes.fromhex(coded))


@given(st.lists(st.tuples(st.integers(0x01, 0xFE), st.binary(max_size=254)), max_size=5))
def test_simple_tlv_round_trip(items: list[tuple[int, bytes]]) -> None:
    coded = b"".join(tlv.simple_tlv_encode(tag, value) for tag, value in items)
    decoded = tlv.simple_tlv_decode(coded)
    assert [(item.tag, item.value) for item in decoded] == items
    assert all(coded[item.offset] == item.tag for item in decoded)


@pytest.mark.parametrize(("tag", "length"), [(0x00, 1), (0xFF, 1), (0x40, 255)])
def test_simple_tlv_cannot_express(tag: int, length: int) -> None:
    with pytest.raises(EncodeError):
        tlv.simple_tlv_encode(tag, bytes(length))


@given(st.binary(max_size=40))
def test_decoders_fail_in_their_own_way_only(octets: bytes) -> None:
    for decode in (tlv.simple_tlv_decode, tlv.fci_decode, identity.identification_code_decode, codec.date_decode):
        try:
            decode(octets)
        except OracleError as error:
            explained = error.text
        else:
            continue
        assert explained.zh
        assert explained.en


@given(
    st.binary(min_size=1, max_size=16),
    st.one_of(st.none(), st.integers(1, 30)),
    st.one_of(st.none(), st.integers(0, 255)),
)
def test_fci_round_trip(name: bytes, directory: int | None, algorithm: int | None) -> None:
    inner = b"" if directory is None else bytes([0x88, 1, directory])
    inner += b"" if algorithm is None else bytes([0x9F, 0x0C, 3, 0x86, 1, algorithm])
    body = bytes([0x84, len(name)]) + name + (bytes([0xA5, len(inner)]) + inner if inner else b"")
    fci = tlv.fci_decode(bytes([0x6F, len(body)]) + body)
    assert (fci.name, fci.directory_sfi, fci.algorithm, fci.unknown) == (name, directory, algorithm, ())


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 16), st.sampled_from("0123456789"))
def test_citizen_check_sees_any_single_change(body: str, place: int, other: str) -> None:
    changed = body[:place] + other + body[place + 1 :]
    assert (identity.citizen_check(changed) == identity.citizen_check(body)) is (changed == body)


@given(st.from_regex(r"[A-Z][0-9A-Z]{7}", fullmatch=True))
def test_card_number_round_trip(body: str) -> None:
    assert identity.card_number_decode(body + identity.card_number_check(body)) == body


@given(st.sampled_from(sorted(identity.PROVINCES)), st.text("0123456789", min_size=4, max_size=4))
def test_region_round_trip(province: str, rest: str) -> None:
    assert identity.region_decode(identity.region_encode(province + rest), 0) == province + rest


def test_provinces() -> None:
    assert len(identity.PROVINCES) == 34


def test_errors_name_the_place() -> None:
    with pytest.raises(identity.WrongRegisteredIdentifier) as caught:
        identity.identification_code_decode(bytes.fromhex("110100d1560000060000000112345678"))
    assert caught.value.offset == 3
    assert "D156000005" in caught.value.text.zh
    with pytest.raises(codec.NotBcd) as not_bcd:
        identity.initialising_body_decode(bytes.fromhex("9156000002110000110c0002"))
    assert not_bcd.value.offset == 9
