"""SELECT with literal bytes."""

import pytest

from tests.emulator.bench import SELECT_DF01, SELECT_EF05, SELECT_EF06, SELECT_SSSE
from tests.emulator.conftest import BenchMaker

FCI = {
    "card-1.0": "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388010B",
    "card-2.0": "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988010B9F0C03860101",
    "card-3.0": "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103",
}


@pytest.mark.parametrize("profile", FCI)
@pytest.mark.parametrize("tail", ["", "00"])
@pytest.mark.parametrize("command", [SELECT_SSSE, "00A40000023F00"])
def test_fci_of_the_environment(profile: str, tail: str, command: str, bench: BenchMaker) -> None:
    table = bench(profile)
    length = len(FCI[profile]) // 2
    assert table.send(command + tail) == f"61{length:02X}"
    assert table.send(f"00C00000{length:02X}") == FCI[profile] + "9000"


@pytest.mark.parametrize("command", ["00A40000", "00A4000000", "00A400000000"])
def test_empty_data_selects_the_mf(command: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_DF01, command) == "611E"


@pytest.mark.parametrize("command", [SELECT_DF01, "00A4040006D15600000500"])
def test_fci_of_an_application(command: str, bench: BenchMaker) -> None:
    table = bench()
    assert table.send(SELECT_SSSE, command) == "610A"
    assert table.send("00C000000A") == "6F088406D156000005009000"


def test_application_selects_itself_and_its_environment_again(bench: BenchMaker) -> None:
    assert bench().send(SELECT_DF01, SELECT_DF01) == "610A"
    assert bench().send(SELECT_DF01, "00A40000023F00") == "611E"


@pytest.mark.parametrize("p1", ["00", "02"])
def test_file_answers_the_status_alone(p1: str, bench: BenchMaker) -> None:
    assert bench().send(f"00A4{p1}0002EF05") == "9000"


def test_file_by_p1_00_only_where_declared(bench: BenchMaker) -> None:
    table = bench(select_ef_by_p1_00=False)
    assert table.send("00A4000002EF05") == "6A82"
    assert table.send(SELECT_EF05) == "9000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00A4020002EF0F", "6A82"),
        ("00A4020002DF01", "6A82"),
        ("00A4000002DF0F", "6A82"),
        ("00A4040005A000000001", "6A82"),
        ("00A40400067378312E7368", "6A82"),
        ("00A4040206D1560000057F", "6A82"),
        ("00A4010002DF01", "6A86"),
        ("00A4000102DF01", "6A86"),
        ("00A4000202DF01", "6A86"),
        ("00A4020003EF0500", "6700"),
        ("00A4020000", "6700"),
        ("00A40000013F", "6700"),
        ("00A404000473783131", "6700"),
        ("00A4040011" + "73" * 17, "6700"),
        ("00A4020002EF", "6700"),
        ("00A4020002EF05000000", "6700"),
    ],
)
def test_refusals(command: str, answer: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_SSSE, command) == answer


def test_next_occurrence_is_exhausted_by_the_only_match(bench: BenchMaker) -> None:
    again = SELECT_SSSE.replace("00A40400", "00A40402")
    assert bench().send(SELECT_DF01, again) == "611E"
    assert bench().send(SELECT_DF01, again, again) == "6A82"


def test_partial_name_where_declared(bench: BenchMaker) -> None:
    assert bench(partial_name_selection=True).send("00A40400067378312E7368") == "611E"


def test_failed_select_keeps_place_and_rights(bench: BenchMaker) -> None:
    table = bench()
    table.authenticate("RKSSSE")
    assert table.send(SELECT_EF06, "00A4020002EF0F", "00A4040005A000000001", "00B20A0003")[:6] == "0A0131"


def test_files_of_the_environment_are_out_of_reach_in_an_application(bench: BenchMaker) -> None:
    assert bench().send(SELECT_DF01, SELECT_EF05, "00B2010412") == "6982"
    assert bench().send(SELECT_DF01, "00B2012C12") == "6982"


def test_environment_under_a_master_file(bench: BenchMaker) -> None:
    table = bench(ssse_is_mf=False)
    assert table.send("00A40000023F00") == "9000"
    assert table.send(SELECT_EF05) == "6A82"
    assert table.send(SELECT_SSSE, SELECT_EF05) == "9000"
    assert table.send("00A40000") == "9000"
    assert table.send(SELECT_EF05) == "6A82"
    assert table.send("008800001000" + "00" * 15) == "6D00"


def test_after_reset_the_environment_is_current_without_a_file(bench: BenchMaker) -> None:
    table = bench()
    table.send(SELECT_EF05)
    table.card.reset()
    assert table.send("00B2010412") == "6986"
    assert table.send(SELECT_EF05, "00B2020003") == "0201339000"


def test_the_proprietary_template_stands_without_its_optional_objects(bench: BenchMaker) -> None:
    table = bench(directory_sfi=0, algorithm_identifier=False)
    assert table.send(SELECT_SSSE) == "6115"
    assert table.send("00C0000015") == "6F13840F7378312E73682EC9E7BBE1B1A3D5CFA5009000"
