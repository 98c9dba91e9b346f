"""Synthetic persons: reproducible, plausible, and varied enough to exercise the data items."""

from emulator.card.personalise import card_image
from emulator.persons import person
from emulator.persons_data import ANHUI_REGIONS
from onecard.spec.card import CardSpec

PERSONS = [person("test", index) for index in range(64)]


def test_same_seed_same_person() -> None:
    assert [person("test", index) for index in range(64)] == PERSONS
    assert person("other", 0) != PERSONS[0]


def test_names_are_gbk_and_fit_name_and_extension() -> None:
    lengths = [len(someone.name.encode("gbk")) for someone in PERSONS]
    assert max(lengths) > 30  # needs the extension 4E
    assert all(0 < length <= 50 for length in lengths)
    assert any(not _in_gb2312(someone.name) for someone in PERSONS)


def _in_gb2312(text: str) -> bool:
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def test_numbers_agree_with_birth_and_sex() -> None:
    for someone in PERSONS:
        assert someone.number_body[:6] == someone.birthplace
        assert someone.number_body[6:14] == f"{someone.birth:%Y%m%d}"
        assert (int(someone.number_body[14:]) % 2 == 1) == (someone.sex == "male")
        # Whole-city codes: no number of a person in being starts so.
        assert someone.number_body[4:6] == "00"


def test_regions_of_anhui_and_others() -> None:
    assert PERSONS[0].region == "340100"
    regions = {someone.region for someone in PERSONS}
    assert {"340100", "340200", "340300", "341700"} <= regions
    assert regions - set(ANHUI_REGIONS)


def test_dates_are_in_order() -> None:
    for someone in PERSONS:
        assert someone.birth <= someone.issued < someone.valid_until


def test_every_class_of_card_occurs() -> None:
    assert {person("test", index).age_class for index in range(200)} == {"pre-school", "student", "adult", "elderly"}


def test_long_name_lies_in_two_records(card_specs: dict[str, CardSpec]) -> None:
    someone = PERSONS[3]
    holder = card_image(card_specs["card-3.0"], someone, "test").linear("SSSE/EF06")
    assert (holder.value(0x09) + holder.value(0x4E)).replace(b"\x00", b"").decode("gbk") == someone.name
    assert len(holder.value(0x4E).rstrip(b"\x00")) > 0


def test_first_generation_card_cuts_a_long_name_at_a_character(card_specs: dict[str, CardSpec]) -> None:
    holder = card_image(card_specs["card-1.0"], PERSONS[3], "test").linear("SSSE/EF06")
    assert PERSONS[3].name.startswith(holder.value(0x09).rstrip(b"\x00").decode("gbk"))
    assert 0x4E not in holder.identifiers
