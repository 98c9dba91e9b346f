"""READ RECORD and UPDATE RECORD with literal bytes."""

import pytest

from emulator.card.image import CardImage
from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE, Bench
from tests.emulator.conftest import BenchMaker

IDENTIFICATION = "0110340100D15600000500000001FFFFFFFF"


def _records(image: CardImage, file: str) -> list[str]:
    return [record.hex().upper() for record in image.linear(file).records]


@pytest.mark.parametrize(
    ("command", "data"),
    [
        ("00B2010012", IDENTIFICATION),
        ("00B2010412", IDENTIFICATION),
        ("00B2012C12", IDENTIFICATION),
        ("00B2012812", IDENTIFICATION),
        ("00B2030006", "0304332E3030"),
        ("00B2030106", "0304332E3030"),
    ],
)
def test_patterns_seen_on_cards(command: str, data: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_SSSE, SELECT_EF05, command) == data + "9000"


def test_lengths_of_the_usual_reads(bench: BenchMaker) -> None:
    """Fact sheet 6.2: the exact Le of EF05 and EF06."""
    table = bench()
    table.authenticate("RKSSSE")
    for select, reads in (
        (SELECT_EF05, "00B2010012 00B2030006 00B2050006 00B2060006 00B207000B 00B2010540"),
        (SELECT_EF06, "00B2080014 00B2090020 00B24E0016 00B201055B"),
    ):
        table.send(select)
        for read in reads.split():
            assert table.send(read)[-4:] == "9000"


@pytest.mark.parametrize("le", ["", "00", "11", "13", "FF"])
def test_wrong_le_names_the_true_length(le: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_EF05, "00B20100" + le) == "6C12"


def test_range_modes(bench: BenchMaker) -> None:
    table = bench()
    table.send(SELECT_EF05)
    records = _records(table.card.image, "SSSE/EF05")
    assert table.send("00B2010540") == "".join(records) + "9000"
    assert table.send("00B2010640") == "".join(reversed(records)) + "9000"
    assert table.send("00B2060511") == records[5] + records[6] + "9000"
    assert table.send("00B2060611") == records[6] + records[5] + "9000"
    assert table.send("00B2080500") == "6A83"


def _with_duplicates(bench: BenchMaker) -> Bench:
    table = bench()
    content = table.card.image.linear("SSSE/EF05")
    content.capacity += 12
    for record in (b"\x02\x01a", b"\x05\x01x", b"\x02\x01b", b"\x02\x01c"):
        content.write(len(content.records), record)
    table.send(SELECT_EF05)
    return table


def test_next_and_previous_walk_through_the_records(bench: BenchMaker) -> None:
    table = _with_duplicates(bench)
    assert [table.send("00B2020203")[4:-4] for _ in range(5)] == ["33", "61", "62", "63", ""]
    assert [table.send("00B2020303")[4:-4] for _ in range(4)] == ["62", "61", "33", ""]


def test_previous_without_a_pointer_is_the_last(bench: BenchMaker) -> None:
    assert _with_duplicates(bench).send("00B2020303") == "0201639000"


def test_first_and_last_set_the_pointer(bench: BenchMaker) -> None:
    table = _with_duplicates(bench)
    assert table.send("00B2020103", "00B2020303") == "0201629000"
    assert table.send("00B2020003", "00B2020203") == "0201619000"


def test_the_pointer_is_common_to_all_identifiers(bench: BenchMaker) -> None:
    assert _with_duplicates(bench).send("00B2050103", "00B2020203") == "0201629000"


@pytest.mark.parametrize("between", ["00B2010412", "00B2020200", "00B2090203", "00B2030007"])
def test_what_leaves_the_pointer(between: str, bench: BenchMaker) -> None:
    """Reading by number, a wrong Le and a record not found do not move it."""
    assert _with_duplicates(bench).send("00B2020003", between, "00B2020203") == "0201619000"


@pytest.mark.parametrize("between", [SELECT_EF05, SELECT_SSSE + "," + SELECT_EF05, "00B2013400,00B2022C03"])
def test_what_resets_the_pointer(between: str, bench: BenchMaker) -> None:
    table = _with_duplicates(bench)
    assert table.send("00B2020103", *between.split(","), "00B2022A03") == "0201339000"


def test_sfi_of_the_current_file_keeps_the_pointer(bench: BenchMaker) -> None:
    assert _with_duplicates(bench).send("00B2020003", "00B2022A03") == "0201619000"


def test_sfi_makes_the_file_current(bench: BenchMaker) -> None:
    table = bench()
    assert table.send("00B2022C03") == "0201339000"
    assert table.send("00B2020403") == "0201339000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00B2080412", "6A83"),
        ("00B2000412", "6A83"),
        ("00B2FF0412", "6A83"),
        ("00B2080012", "6A83"),
        ("00B2000012", "6A83"),
        ("00B2FF0012", "6A83"),
        ("00B2010712", "6A86"),
        ("00B2012F12", "6A86"),
        ("00B2010C12", "6A82"),
        ("00B201FC12", "6A82"),
        ("00B201040100", "6700"),
        ("00B201FF12", "6A86"),
    ],
)
def test_read_refusals(command: str, answer: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_EF05, command) == answer


def test_no_current_file(bench: BenchMaker) -> None:
    assert bench().send("00B2010412") == "6986"
    assert bench().send(SELECT_EF05, SELECT_SSSE, "00B2010412") == "6986"
    assert bench().send("00DC010403020133") == "6986"


def test_holder_file_of_a_third_generation_card(bench: BenchMaker) -> None:
    table = bench()
    reads = ["00B2080014", "00B2010414", "00B2083014", "00B201055B", "00B2080000", "00B27F0000"]
    assert {table.send(SELECT_EF06, read) for read in reads} == {"6982"}
    assert table.authenticate("UKSSSE") == "9000"
    assert table.send("00B2080014") == "6982"
    assert table.authenticate("RKSSSE") == "9000"
    assert table.send("00B2080014")[:4] == "0812"


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0"])
def test_holder_file_of_earlier_cards_is_free(profile: str, bench: BenchMaker) -> None:
    assert bench(profile).send(SELECT_EF06, "00B2080014")[-4:] == "9000"
    assert bench(profile).send("00B24E3016")[-4:] == {"card-1.0": "6A83", "card-2.0": "9000"}[profile]


NEW_VERSION = "0304332E3939"


@pytest.mark.parametrize("command", ["00DC030406", "00DC030006", "00DC030106", "00DC032806", "00DC032C06"])
def test_update_and_read_back(command: str, bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("UKSSSE")
    assert table.send(SELECT_EF05, command + NEW_VERSION) == "9000"
    assert table.send("00B2030006") == NEW_VERSION + "9000"
    table.card.power_on()
    assert table.send(SELECT_EF05, "00B2030406") == NEW_VERSION + "9000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00DC030405" + "0304332E39", "6A85"),
        ("00DC030407" + NEW_VERSION + "00", "6A85"),
        ("00DC030401" + "03", "6A85"),
        ("00DC030006" + "0404332E3939", "6A85"),
        ("00DC0304", "6700"),
        ("00DC030400", "6700"),
        ("00DC030406" + "0304", "6700"),
        ("00DC030506" + NEW_VERSION, "6A86"),
        ("00DC030706" + NEW_VERSION, "6A86"),
        ("00DC030C06" + NEW_VERSION, "6A82"),
        ("00DC080406" + NEW_VERSION, "6A84"),
        ("00DC7E0006" + "7E04332E3939", "6A84"),
        ("00DC030407" + "0305332E393939", "6A84"),
        ("00DC000406" + NEW_VERSION, "6A83"),
        ("00DCFF0406" + NEW_VERSION, "6A83"),
        ("00DC7E0206" + "7E04332E3939", "6A83"),
    ],
)
def test_update_refusals_change_nothing(command: str, answer: str, bench: BenchMaker) -> None:
    table = bench()
    before = _records(table.card.image, "SSSE/EF05")
    table.authenticate("UKSSSE")
    assert table.send(SELECT_EF05, command) == answer
    assert _records(table.card.image, "SSSE/EF05") == before


def test_update_without_its_key(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    before = _records(table.card.image, "SSSE/EF05")
    assert table.send(SELECT_EF05, "00DC030406" + NEW_VERSION) == "6982"
    assert table.send("00DC030405" + "0304332E39") == "6982"
    assert table.send("00DC7E0406" + NEW_VERSION) == "6982"
    assert _records(table.card.image, "SSSE/EF05") == before


def test_shorter_record_leaves_room_to_append(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("UKSSSE")
    assert table.send(SELECT_EF05, "00DC0304030301FF") == "9000"
    assert table.send("00DC080403" + "7E0101") == "9000"
    assert table.send("00B27E0003") == "7E01019000"
    assert table.send("00DC7F0003" + "7F0101") == "6A84"


def test_rights_do_not_reach_into_another_application(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("UKSSSE")
    assert table.send(SELECT_DF01, SELECT_SSSE, SELECT_EF05, "00DC030406" + NEW_VERSION) == "6982"
