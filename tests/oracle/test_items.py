"""Items of files: what their bytes say, and back."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.harness.files import area_files
from onecard.oracle.checks import fault, in_table
from onecard.oracle.codec import ControlCharacter, NotBcd
from onecard.oracle.errors import DecodeError
from onecard.oracle.items import (
    BrokenCheck,
    SpacesAsFiller,
    UnknownCode,
    WrongInnerItem,
    WrongItemLength,
    decode,
    encode,
    is_empty,
    verify,
)
from onecard.oracle.rewritten import conflicts_in, reader, rewrite
from onecard.oracle.variation import another, samples
from onecard.spec.card import Item
from onecard.spec.load import load_spec
from onecard.spec.text import Text

SPEC = load_spec().card_of_profile("card-3.0")
GBK_TEXT = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x9FFF, exclude_characters="\x7f").filter(
        lambda character: character.encode("gbk", "ignore") != b""
    ),
    max_size=9,
).filter(lambda text: not text.endswith(" ") and len(text.encode("gbk")) <= 20)


def item(
    kind: str,
    length: int,
    charset: str,
    *,
    tag: int = 0x40,
    codes: str | None = None,
    check: str | None = None,
    inner: tuple[Item, ...] = (),
) -> Item:
    """An item of a test."""
    return Item("X", tag, Text("项", "item"), kind, charset, length, check, codes, False, inner=inner)


CODE = item("an", 1, "ascii", tag=0x57, codes="CODES/SEX")
DAY = item("cn", 4, "bcd", tag=0x58, check="CHECK/DATE")
SCHOOL = item("an", 20, "gbk", tag=0x59)
DEGREE = item("B-TLV", 31, "tlv", inner=(CODE, DAY, SCHOOL))


def every_item(items: tuple[Item, ...] | list[Item]) -> Iterator[Item]:
    """Items and what they hold."""
    for each in items:
        yield each
        yield from every_item(each.inner)


@given(GBK_TEXT, st.dates(), st.sampled_from("129"))
def test_constructed_item_round_trip(school: str, day: object, code: str) -> None:
    content = [code, str(day).replace("-", ""), school]
    octets = encode(SPEC, DEGREE, content)
    decoded = decode(SPEC, DEGREE, octets)
    assert [leaf.text for leaf in decoded.leaves()] == content
    verify(SPEC, decoded)
    assert decoded.inner[0].meaning == SPEC.codes["CODES/SEX"].values[code]


@given(st.binary(max_size=40))
def test_any_bytes_are_decoded_or_refused(octets: bytes) -> None:
    for each in (DEGREE, CODE, DAY, SCHOOL):
        try:
            decoded = decode(SPEC, each, octets)
        except DecodeError as error:
            refused_at = error.offset
        else:
            assert decoded.octets == octets
            assert not (decoded.filled and is_empty(octets))
            continue
        assert 0 <= refused_at <= max(len(octets), each.length)


def test_what_breaks_the_coding_is_named() -> None:
    with pytest.raises(WrongItemLength):
        decode(SPEC, CODE, b"11")
    with pytest.raises(SpacesAsFiller):
        decode(SPEC, SCHOOL, b"abc".ljust(20))
    with pytest.raises(ControlCharacter):
        decode(SPEC, SCHOOL, b"abc\x00d".ljust(20, b"\x00"))
    with pytest.raises(NotBcd):
        decode(SPEC, DAY, bytes.fromhex("2020AB01"))
    right = encode(SPEC, DEGREE, ["1", "20200101", "大学"])
    with pytest.raises(WrongInnerItem):
        decode(SPEC, DEGREE, right[3:9] + right[:3] + right[9:])


def test_content_is_looked_at_where_there_is_some() -> None:
    verify(SPEC, decode(SPEC, CODE, b"\x00"))
    verify(SPEC, decode(SPEC, DEGREE, b"\xff" * 31))
    with pytest.raises(UnknownCode):
        verify(SPEC, decode(SPEC, CODE, b"0"))
    with pytest.raises(BrokenCheck):
        verify(SPEC, decode(SPEC, DAY, bytes.fromhex("20200230")))


def test_filler_of_both_kinds_is_stripped() -> None:
    octets = "大学".encode("gbk")
    assert {decode(SPEC, SCHOOL, octets.ljust(20, fill)).text for fill in (b"\x00", b"\xff")} == {"大学"}


def test_words_for_people() -> None:
    decoded = decode(SPEC, DEGREE, encode(SPEC, DEGREE, ["1", "20200101", "大学"]))
    assert decoded.shown("zh") == "项: 男 (1); 项: 20200101; 项: 大学"
    assert decode(SPEC, DEGREE, bytes(31)).shown("en") == ""


def test_every_item_of_the_card_has_another_value_as_good() -> None:
    for profile in ("card-1.0", "card-3.0-anhui"):
        spec = load_spec().card_of_profile(profile)
        for file in [*area_files(spec), spec.file("SSSE/EF05"), spec.file("SSSE/EF06")]:
            for each in every_item([*file.items, *file.layout]):
                first = another(spec, each, b"")
                second = another(spec, each, first)
                assert first != second, each.id
                for value in (first, second):
                    verify(spec, decode(spec, each, value))


def test_samples_of_a_table_are_its_codes() -> None:
    table = SPEC.codes["CODES/NATION"]
    nation = item("cn", 1, "bcd", codes="CODES/NATION")
    assert all(in_table(table, code) for code in samples(SPEC, nation))
    assert not in_table(table, "57")
    assert not in_table(table, "5A")


@pytest.mark.parametrize(("year", "right"), [("1583", True), ("2024", True), ("1582", False), ("0096", False)])
def test_years_are_those_of_the_calendar(year: str, right: bool) -> None:
    assert (fault(SPEC.checks["CHECK/YEAR"], year) is None) == right


def test_unknown_kind_of_rule_says_nothing() -> None:
    rule = SPEC.checks["CHECK/DATE"]
    assert fault(rule, "20200101") is None
    assert fault(rule, "2020010") is not None


def test_rewritten_card_has_new_meanings() -> None:
    spec = load_spec().card_of_profile("card-1.0")
    file = spec.file("DF01/EF0A")
    conflicts = conflicts_in(spec, file)
    old = [bytes.fromhex(record) for record in ("370400001000", "380400120000", "390420101231")]
    assert [each.item.id for record in old for each in reader(spec, file, old)(record)] == [
        "DF01/EF0A/37-1",
        "DF01/EF0A/38-1",
        "DF01/EF0A/39-1",
    ]
    new = [old[0], b"\x38\x04" + rewrite(conflicts[0x38], b"05"), old[2]]
    assert new[1].hex() == "38043035eeee"
    decoded = [each for record in new for each in reader(spec, file, new)(record)]
    # 39 is as long as before: 38 tells for it.
    assert [each.item.name.en for each in decoded] == [
        "contribution base",
        "political status",
        "date of joining the party",
    ]
    assert decoded[1].text == "05"
    assert conflicts_in(SPEC, SPEC.file("DF01/EF0A")) == {}


@pytest.mark.parametrize(
    ("digits", "right"),
    [
        ("20260228235959", True),
        ("20260229000000", False),  # no such day
        ("20260228240000", False),
        ("20260228006000", False),
        ("20260228000060", False),
        ("202602280000", False),
        ("2026022800000A", False),
    ],
)
def test_date_and_time(digits: str, right: bool) -> None:
    assert (fault(SPEC.checks["CHECK/DATE-TIME"], digits) is None) == right
