"""GET RESPONSE, unknown commands and malformed ones."""

import pytest

from tests.emulator.bench import SELECT_EF05, SELECT_SSSE
from tests.emulator.conftest import BenchMaker

FCI = "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103"


@pytest.mark.parametrize("le", ["", "00", "1F", "FF"])
def test_too_long_names_the_length_and_loses_nothing(le: str, bench: BenchMaker) -> None:
    table = bench()
    assert table.send(SELECT_SSSE, "00C00000" + le) == "6C1E"
    assert table.send("00C000001E") == FCI + "9000"


def test_part_by_part(bench: BenchMaker) -> None:
    table = bench()
    assert table.send(SELECT_SSSE, "00C0000010") == FCI[:32] + "610E"
    assert table.send("00C000000E") == FCI[32:] + "9000"
    assert table.send("00C0000001") == "6F00"


def test_nothing_waiting(bench: BenchMaker) -> None:
    assert bench().send("00C0000008") == "6F00"
    assert bench().send(SELECT_SSSE, "00C000001E", "00C000001E") == "6F00"


@pytest.mark.parametrize("between", ["0084000008", SELECT_EF05, "80B2000000", "0012000000", "00A4", "00840000FF"])
def test_any_other_command_drops_what_waits(between: str, bench: BenchMaker) -> None:
    assert bench().send(SELECT_SSSE, between, "00C000001E") == "6F00"


def test_reset_drops_what_waits(bench: BenchMaker) -> None:
    table = bench()
    table.send(SELECT_SSSE)
    table.card.reset()
    assert table.send("00C000001E") == "6F00"


@pytest.mark.parametrize("command", ["00C001001E", "00C000011E"])
def test_parameters(command: str, bench: BenchMaker) -> None:
    table = bench()
    assert table.send(SELECT_SSSE, command) == "6A86"
    assert table.send("00C000001E") == FCI + "9000"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("80B2010412", "6E00"),
        ("FFB2010412", "6E00"),
        ("FF12000000", "6E00"),
        ("04DC010400", "6E00"),
        ("0012000000", "6D00"),
        ("00E2000000", "6D00"),
        ("", "6700"),
        ("00", "6700"),
        ("FF", "6700"),
        ("00A400", "6700"),
    ],
)
def test_unknown_and_malformed(command: str, answer: str, bench: BenchMaker) -> None:
    assert bench().send(command) == answer
