"""Transparent, cyclic and fixed-length files, and the directory, with literal bytes."""

import inspect
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.card.behaviour import CardBehaviour
from emulator.card.behaviours.files import BinaryBehaviour, RecordStructureBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.image import BinaryFile, CyclicFile, RecordFile
from emulator.card.personalise import card_image
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.spec.build import access_of
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.load import load_spec
from onecard.spec.text import Text
from tests.emulator.bench import SELECT_EF05, SELECT_SSSE, Bench
from tests.emulator.conftest import BenchMaker

SIZE = 0x210
CONTENT = bytes((at ^ at >> 8) & 0xFF for at in range(SIZE))
RECORD = "11" * 4


def _file(
    sfi: int, structure: str, update: str = "free", *, size: int = 0, record_count: int = 0, record_length: int = 0
) -> FileSpec:
    return FileSpec(
        id=f"SSSE/T{sfi:02X}",
        name=Text("试验", "test"),
        application="SSSE",
        fid=0xEF00 | sfi,
        sfi=sfi,
        structure=structure,
        read=access_of("free"),
        update=access_of(update),
        record_order=(),
        items=(),
        record_count=record_count,
        record_length=record_length,
        size=size,
    )


FILES = {
    file.id: file
    for file in (
        _file(0x10, "transparent", size=SIZE),
        _file(0x11, "cyclic", record_count=3, record_length=4),
        _file(0x12, "linear-fixed", record_count=2, record_length=4),
        _file(0x13, "linear-variable"),
        _file(0x14, "transparent", "never", size=2),
        _file(0x15, "cyclic", "never", record_count=3, record_length=4),
    )
}


def table(behaviour: CardBehaviour | None = None) -> Bench:
    """A card with one file of each structure, all of them free."""
    spec: CardSpec = load_spec().card_of_profile("card-3.0")
    image = card_image(spec, person(DEFAULT_SEED, 0), DEFAULT_SEED)
    image.files["SSSE/T10"] = BinaryFile(bytearray(CONTENT))
    image.files["SSSE/T11"] = CyclicFile([], 4, 3)
    image.files["SSSE/T12"] = RecordFile.full([bytes.fromhex("79020102"), bytes.fromhex("79020304")])
    image.files["SSSE/T13"] = RecordFile.full([bytes.fromhex("40020102"), bytes.fromhex("40020304")], 4)
    image.files["SSSE/T14"] = BinaryFile(bytearray(2))
    image.files["SSSE/T15"] = CyclicFile([], 4, 3)
    card = ReferenceCard(replace(spec, files={**spec.files, **FILES}), image, behaviour)
    card.power_on()
    made = Bench(card)
    made.send(SELECT_SSSE)
    return made


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (("00B0900004",), "00010203"),
        (("00B0900004", "00B000FE04"), "FEFF0100"),
        (("00B09000FF", "00B0020010"), "0203000106070405" + "0A0B08090E0F0C0D"),
        (("00B0900004", "00B0020E00"), "0C0D"),
    ],
)
def test_bytes_are_read(commands: tuple[str, ...], answer: str) -> None:
    assert table().send(*commands) == answer + "9000"


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (("00B0000001",), "6986"),
        (("00B0B00001",), "6A86"),
        (("00B0810001",), "6A82"),
        (("00B0850001",), "6981"),
        (("00B0900001", "00B0021000"), "6B00"),
        (("00B0900001", "00B0020F02"), "6C01"),
        (("00B0900001", "00B2010400"), "6981"),
        (("00D6900000",), "6700"),
        (("00D69400010A",), "6982"),
        (("00B0900001", "00D602100100"), "6B00"),
        (("00B0900001", "00D6020F020000"), "6700"),
        (("00D6970001FF",), "6A82"),
        (("00DC018C030102FF",), "6700"),
        (("00DC01040479020506",), "6986"),
    ],
)
def test_refusals(commands: tuple[str, ...], answer: str) -> None:
    assert table().send(*commands) == answer


def test_bytes_are_written_whole_or_not_at_all() -> None:
    made = table()
    assert made.send("00D690FC04AABBCCDD") == "9000"
    assert made.send("00D6020F020000") == "6700"
    assert made.send("00B000FA08") == "FAFBAABBCCDD0100" + "9000"
    assert bytes(made.card.image.binary("SSSE/T10").data[-2:]) == CONTENT[-2:]


def test_256_bytes_are_read_with_le_00() -> None:
    assert table().send("00B0900000") == CONTENT[:256].hex().upper() + "9000"


def test_a_cyclic_file_keeps_the_newest() -> None:
    made = table()
    assert made.send("00B2018C04") == "6A83"
    for number in range(1, 5):
        assert made.send(f"00DC008B040000000{number}") == "9000"
    assert made.send("00B2018C04", "00B2010404") == "000000049000"
    assert made.send("00B201050C") == "000000040000000300000002" + "9000"
    assert made.send("00B2040404") == "6A83"
    assert made.send("00DC010404" + RECORD, "00B2020404") == "000000049000"
    assert made.send("00DC020404" + "22" * 4, "00B201050C") == RECORD + "22222222" + "00000003" + "9000"


@given(st.lists(st.binary(min_size=4, max_size=4), max_size=8))
def test_a_cyclic_file_is_a_queue(records: list[bytes]) -> None:
    made = table()
    for record in records:
        assert made.send("00DC008B04" + record.hex()) == "9000"
    held = records[::-1][:3]
    assert made.card.image.cyclic("SSSE/T11").records == held


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00DC02940479020506", "9000"),
        ("00DC029403790105", "6700"),
        ("00DC0294057903050607", "6700"),
        ("00DC03940479020506", "6A84"),
    ],
)
def test_fixed_records_keep_their_length(command: str, answer: str) -> None:
    assert table().send(command) == answer


def test_repeated_identifiers_are_walked_and_a_new_one_is_appended() -> None:
    made = table()
    assert made.send("00B2409804") == "400201029000"
    assert made.send("00B2400204") == "400203049000"
    assert made.send("00B2400204") == "6A83"
    assert made.send("00B2400304") == "400201029000"
    assert made.send("00DC41000441020506") == "9000"
    assert made.send("00B2030404") == "410205069000"
    assert made.send("00DC42000442020506") == "6A84"


class Listening(CardBehaviour):
    """Notes which decisions were asked."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("_") and name != "asked":
            self.asked.add(name)
        return super().__getattribute__(name)


def test_every_decision_is_asked() -> None:
    listening = Listening()
    made = table(listening)
    made.send("00B0900004", "00D6900001AA", "00D6021002AABB", "00D6020F02AABB", "00D69400010A")
    made.send("00DC008B0400000001", "00DC00AB0400000001", "00DC02940479020506", "00DC41980441020506", "00B2010400")
    for kind in (BinaryBehaviour, RecordStructureBehaviour):
        asked = {name for name, _ in inspect.getmembers(kind, inspect.isfunction)}
        assert asked <= listening.asked


def test_the_directory_lists_the_applications(bench: BenchMaker) -> None:
    for profile, sfi in (("card-3.0", 0xF4), ("card-1.0", 0x5C)):
        answer = bench(profile).send(f"00B201{sfi:02X}1A")
        assert answer == "61184F06D15600000500500EB9ABB9B2D3A6D3C3D0C5CFA2C7F8" + "9000"


def test_a_card_without_directory_has_no_such_file(bench: BenchMaker) -> None:
    made = bench(directory_sfi=0)
    assert "SSSE/DIR" not in made.card.image.files
    assert made.send("00B201F400") == "6A82"


def test_the_directory_gives_way_to_a_file_with_its_short_identifier(bench: BenchMaker) -> None:
    made = bench(directory_sfi=5)
    assert made.send("00B2022C03") == "0201339000"


@pytest.mark.parametrize("cla", ["01", "02", "03", "10"])
def test_channels_and_chains_are_refused(cla: str, bench: BenchMaker) -> None:
    made = bench()
    made.send(SELECT_EF05)
    assert made.send(f"{cla}B2010412") == "6E00"
    assert made.send("00B2010400") == "6C12"


EXTENDED = ("00B2010400000012", "00840000000008", "00A4040000000F" + SELECT_SSSE[10:])


@pytest.mark.parametrize("command", EXTENDED)
def test_extended_lengths_are_refused(command: str, bench: BenchMaker) -> None:
    assert bench().send(command) == "6700"


def test_partial_names_walk_over_the_applications(bench: BenchMaker) -> None:
    made = bench(partial_name_selection=True)
    found = []
    answer = made.send("00A4040005D156000005")
    while answer.startswith("61"):
        found.append(made.send("00C00000" + answer[2:])[4:-4])
        answer = made.send("00A4040205D156000005")
    assert answer == "6A82"
    names = [each.aid.hex().upper() for each in made.card.spec.applications.values()]
    assert [each[4:] for each in found] == [name for name in names if name.startswith("D156000005")]
