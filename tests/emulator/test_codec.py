from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.codec import bcd, bcd_digits, ber_tlv, item_value, simple_tlv, split_gbk
from onecard.spec.card import CardSpec

GBK_TEXT = st.text(st.characters(codec="gbk", exclude_categories=["Cc"]), max_size=40)


@given(st.text("0123456789", max_size=30))
def test_bcd_round_trip(digits: str) -> None:
    assert bcd_digits(bcd(digits)) == digits
    assert len(bcd(digits)) == (len(digits) + 1) // 2


def test_odd_bcd_is_filled_in_the_low_nibble() -> None:
    assert bcd("12345") == bytes.fromhex("12345F")
    assert bcd("12345", 0xE) == bytes.fromhex("12345E")


@given(GBK_TEXT, st.integers(0, 60))
def test_split_never_cuts_a_character(text: str, length: int) -> None:
    head, tail = split_gbk(text, length)
    assert head + tail == text
    assert len(head.encode("gbk")) <= length
    assert not tail or len((head + tail[0]).encode("gbk")) > length


def test_tlv_literals() -> None:
    assert simple_tlv(0x0A, b"1") == bytes.fromhex("0A0131")
    assert ber_tlv(0x9F0C, ber_tlv(0x86, b"\x03")) == bytes.fromhex("9F0C03860103")
    assert ber_tlv(0x6F, bytes(0x80))[:3] == bytes.fromhex("6F8180")


@pytest.mark.parametrize(
    ("tag", "text", "value"),
    [
        (0x08, "11010519491231002X", b"11010519491231002X"),
        (0x09, "张三", "张三".encode("gbk") + bytes(26)),
        (0x0B, "01", b"\x01"),
        (0x0C, "340100", bytes.fromhex("340100")),
        (0x0D, "19491231", bytes.fromhex("19491231")),
    ],
)
def test_items_of_the_holder_file(tag: int, text: str, value: bytes, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    assert item_value(spec.file("SSSE/EF06").item(tag), text, spec.padding) == value


def test_cn_items_are_filled_with_the_nibble(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    item = replace(spec.file("SSSE/EF06").item(0x0D), length=6)
    assert item_value(item, "19491231", spec.padding) == bytes.fromhex("19491231FFFF")
    assert item_value(item, "19491231", replace(spec.padding, cn=0)) == bytes.fromhex("194912310000")
