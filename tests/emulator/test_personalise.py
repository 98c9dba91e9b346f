"""The image of a card follows the data leaf by leaf."""

from dataclasses import replace
from typing import Any

import pytest

from emulator.card.image import CyclicFile, RecordFile
from emulator.card.personalise import card_image, records_of
from emulator.persons import person
from onecard.harness import files
from onecard.oracle.items import decode_record, verify
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
    spec = card_specs["card-3.0"]
    keys = card_image(spec, SOMEONE, "onecard").keys
    assert set(keys) == set(spec.keys)
    values = [keys[name][version] for name in ("IRK", "RKSSSE", "UKSSSE", "UK1DF01") for version in spec.key_versions]
    assert len(set(values)) == 12


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0-anhui"])
@pytest.mark.parametrize("holder", range(0, 40, 3))
def test_every_item_reads_and_is_right(profile: str, holder: int, card_specs: dict[str, CardSpec]) -> None:
    """What the reference personalises, the suite's decoder (another implementation) finds right, item by item."""
    spec = card_specs[profile]
    image = card_image(spec, person("onecard", holder), "onecard")
    for file in spec.files.values():
        content = image.files[file.id]
        if files.area_of(file) and isinstance(content, (RecordFile, CyclicFile)):
            for record in content.records:
                for decoded in decode_record(spec, file, record):
                    verify(spec, decoded)


def test_item_60_stands_in_one_file(card_specs: dict[str, CardSpec]) -> None:
    image = card_image(card_specs["card-2.0"], SOMEONE, "onecard")
    assert 0x60 in image.linear("DF02/EF06").identifiers
    assert 0x60 not in image.linear("DF03/EF05").identifiers


def test_transparent_files_have_their_size(card_specs: dict[str, CardSpec]) -> None:
    image = card_image(card_specs["card-3.0"], SOMEONE, "onecard")
    sizes = {name: len(image.binary(name).data) for name in ("SSSE/EF07", "SSSE/EF08", "DF01/EF16")}
    assert sizes == {"SSSE/EF07": 0x300, "SSSE/EF08": 0x1000, "DF01/EF16": 0x128}
    assert image.binary("SSSE/EF08").data.startswith(b"BM")


def test_altered_items_of_the_areas_make_a_card_all_the_same(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    changes: list[dict[str, Any]] = [
        {"type": "an", "charset": "ascii"}, {"type": "b", "charset": "binary"}, {"length": 1}, {"length": 120},
        {"tag": 0xFE}, {"codes": None}, {"codes": "CODES/SEX"}, {"check": "CHECK/GB11643"}, {"check": "CHECK/REGION"},
    ]  # fmt: skip
    for change in changes:
        altered = {
            name: replace(
                file,
                items=tuple(replace(item, **change) for item in file.items),
                layout=tuple(replace(field, **change) for field in file.layout),
            )
            for name, file in spec.files.items()
        }
        assert card_image(replace(spec, files={**altered}), SOMEONE, "onecard").files


def test_limit_must_be_a_number(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    with pytest.raises(TypeError, match="pin_try_limit"):
        card_image(replace(spec, ics={**spec.ics, "card.pin_try_limit": "3"}), SOMEONE, "onecard")
