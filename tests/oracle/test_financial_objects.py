"""What a payment terminal expects of a bank application's data objects: by bytes written by hand."""

import pytest

from onecard.oracle.financial_objects import (
    APPLICATION_FCI,
    ENTRY,
    RULES,
    contradictory,
    entry_of,
    miscoded,
    misplaced,
    misplaced_in_record,
)

AID = bytes.fromhex("A000000333010101")


@pytest.mark.parametrize(
    ("tag", "right", "wrong"),
    [
        (0x50, "50424F43", ("", "00", "41" * 17, "80")),
        (0x57, "9999990000000000014D3001220F", ("9999990000000000014F", "99" * 20)),
        (0x5A, "9999990000000000014F", ("9999990000000000024F", "9999990000000000014F" + "FF")),
        (0x5F20, "202F", ("2F", "54000000", "41" * 27)),
        (0x5F24, "301231", ("301331", "3012", "333031")),
        (0x5F28, "0156", ("1560", "434E", "000156")),
        (0x5F2D, "7A68656E", ("7A69", "7A", "7A68656E66726465C6", "")),
        (0x5F2D, "5A48", ("5A49",)),
        (0x5F34, "01", ("0001", "0A")),
        (0x5F36, "02", ("20",)),
        (0x87, "00", ("10", "0101", "")),
        (0x87, "81", ("31",)),
        (0x9F08, "0030", ("30",)),
    ],
)
def test_coding(tag: int, right: str, wrong: tuple[str, ...]) -> None:
    assert RULES[tag](bytes.fromhex(right))
    for octets in wrong:
        assert not RULES[tag](bytes.fromhex(octets)), octets


def test_places() -> None:
    template = bytes.fromhex("5001428701019F120142DF010100")
    assert misplaced(template, APPLICATION_FCI) == []
    assert misplaced(bytes.fromhex("500142880101"), APPLICATION_FCI) == [0x88]
    assert misplaced(bytes.fromhex("5F2E027A68"), APPLICATION_FCI) == [0x5F2E]
    assert misplaced(bytes.fromhex("4F0142970101"), ENTRY) == [0x97]
    # Tags of the context class are the payment system's in a record.
    assert misplaced_in_record(bytes.fromhex("70095F3401018C009F0700")) == []
    assert misplaced_in_record(bytes.fromhex("70035B0100")) == [0x5B]


def test_objects_are_looked_at_within_templates() -> None:
    assert miscoded(bytes.fromhex("70085F3401015F360120")) == [0x5F36]


def test_one_value_in_all_records() -> None:
    first, other = bytes.fromhex("70045F340101"), bytes.fromhex("70045F340102")
    assert contradictory((first, first)) == []
    assert contradictory((first, other)) == [0x5F34]


def test_entry() -> None:
    wanted = bytes((0x4F, 8)) + AID + bytes.fromhex("500142")
    octets = bytes.fromhex("61034F0101") + bytes((0x61, len(wanted))) + wanted
    assert entry_of(octets, AID) == wanted
    assert entry_of(octets, b"\x02") == b""
