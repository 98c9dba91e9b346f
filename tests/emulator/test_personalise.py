"""The image of a card follows the data leaf by leaf."""

from dataclasses import replace
from typing import Any

import pytest

from emulator.card.personalise import card_image, records_of
from emulator.persons import person
from onecard.spec.card import CardSpec, FileSpec

SOMEONE = person("onecard", 0)


@pytest.mark.parametrize(
    ("profile", "order"),
    [("card-1.0", "08 09 0A 0B 0C 0D"), ("card-2.0", "08 09 4E 0A 0B 0C 0D"), ("card-3.0", "08 09 4E 0A 0B 0C 0D")],
)
def test_record_order_of_the_generations(profile: str, order: str, card_specs: dict[str, CardSpec]) -> None:
    holder = card_image(card_specs[profile], SOMEONE, "onecard").linear("SSSE/EF06")
    assert bytes(holder.identifiers) == bytes.fromhex(order)


def test_sizes_of_the_files(card_specs: dict[str, CardSpec]) -> None:
    """EF05 has 40 (hex) bytes, EF06 of 2.0 5B (fact sheet 2.2)."""
    image = card_image(card_specs["card-2.0"], SOMEONE, "onecard")
    assert (image.linear("SSSE/EF05").used(), image.linear("SSSE/EF06").used()) == (0x40, 0x5B)


@pytest.mark.parametrize(("profile", "version"), [("card-1.0", b"1.00"), ("card-2.0", b"2.00"), ("card-3.0", b"3.00")])
def test_version_item(profile: str, version: bytes, card_specs: dict[str, CardSpec]) -> None:
    assert card_image(card_specs[profile], SOMEONE, "onecard").linear("SSSE/EF05").value(0x03) == version


def _with_item(file: FileSpec, tag_now: int, **changes: Any) -> FileSpec:
    items = tuple(replace(item, **changes) if item.tag == tag_now else item for item in file.items)
    return replace(file, items=items)


def test_altered_tag_stands_in_its_old_place(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    records = records_of(_with_item(spec.file("SSSE/EF06"), 0x0A, tag=0x1A), SOMEONE, spec)
    assert [record[0] for record in records] == [0x08, 0x09, 0x4E, 0x1A, 0x0B, 0x0C, 0x0D]


def test_altered_length_type_check_and_codes_show(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    holder = spec.file("SSSE/EF06")
    right = records_of(holder, SOMEONE, spec)
    changes: list[tuple[int, dict[str, Any]]] = [
        (0x08, {"length": 17}), (0x0D, {"type": "an", "charset": "ascii"}), (0x09, {"charset": "ascii"}),
        (0x08, {"check": None}), (0x0A, {"codes": "CODES/CARD-CLASS"}), (0x08, {"charset": "bcd"}),
        (0x0C, {"check": "CHECK/DATE"}), (0x0D, {"check": "CHECK/REGION"}),
    ]  # fmt: skip
    for tag, change in changes:
        assert records_of(_with_item(holder, tag, **change), SOMEONE, spec) != right


def test_without_a_pin_the_image_has_none(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    without = replace(spec, ics={**spec.ics, "card.pin": False})
    assert card_image(without, SOMEONE, "onecard").pin is None
    assert card_image(spec, SOMEONE, "onecard").pin == bytes.fromhex("123456")


def test_keys_exist_in_every_version_and_differ(card_specs: dict[str, CardSpec]) -> None:
    keys = card_image(card_specs["card-3.0"], SOMEONE, "onecard").keys
    assert sorted(keys) == ["IRK", "RKSSSE", "UKSSSE"]
    values = [value for versions in keys.values() for value in versions.values()]
    assert len(values) == 9
    assert len(set(values)) == 9


def test_limit_must_be_a_number(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    with pytest.raises(TypeError, match="pin_try_limit"):
        card_image(replace(spec, ics={**spec.ics, "card.pin_try_limit": "3"}), SOMEONE, "onecard")
