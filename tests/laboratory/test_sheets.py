"""Sheets of a laboratory: what is read, what is refused, and the decision rule."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.laboratory.reading import read_sheet
from onecard.laboratory.sheet import Sheet
from onecard.laboratory.template import sheet_template
from onecard.oracle.laboratory import Decision, Measured, decide
from onecard.prove.laboratory import synthetic_sheet
from onecard.spec.card_measurements import Limits, Quantity, quantities_of
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text

EXAMPLE = Path(__file__).parents[2] / "examples" / "laboratory" / "sheet.yaml"
PROFILES = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
TABLE = """\
# laboratory: Lab
# sample: S1
# ratio: 0.5
id,value,unit,uncertainty,k,instrument,calibrated,due,date
PHYSICAL/WARPAGE,1.2,mm,0.05,2,M1,2026-01-01,2026-12-31,2026-05-05
PHYSICAL/WARPAGE,1.30,mm,0.05,2,M1,2026-01-01,2026-12-31,2026-05-05
"""
SHEET = """\
format: 1
kind: laboratory-sheet
laboratory: Lab
sample: S1
ratio: "0.5"
instruments:
  - {id: M1, name: M1, calibrated: "2026-01-01", due: "2026-12-31"}
measurements:
  - {id: PHYSICAL/WARPAGE, values: ["1.2", "1.30"], unit: mm, uncertainty: "0.05", instrument: M1, date: "2026-05-05"}
"""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return load_spec()


def _read(folder: Path, text: str, spec: Spec, name: str = "sheet.yaml") -> Sheet:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_sheet(path, spec)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_example_conforms_on_every_profile(profile: str, spec: Spec) -> None:
    sheet = read_sheet(EXAMPLE, spec)
    for quantity in quantities_of(spec.card_of_profile(profile)).values():
        row = sheet.rows[quantity.id]
        assert decide(quantity, Measured(row.values, row.uncertainty, row.k, sheet.ratio)) is Decision.CONFORM


def test_the_sheet_of_proofs_holds_every_quantity(spec: Spec) -> None:
    card = spec.card_of_profile("card-3.0")
    sheet = synthetic_sheet(card)
    assert sheet is not None
    assert sheet.rows.keys() == quantities_of(card).keys()


def test_each_quantity_names_a_requirement_that_speaks_of_it(spec: Spec) -> None:
    for quantity in quantities_of(spec.card_of_profile("card-3.0")).values():
        assert "laboratory" in spec.requirement(quantity.requirement).needs, quantity.id


def test_csv_and_yaml_say_the_same(tmp_path: Path, spec: Spec) -> None:
    table, sheet = _read(tmp_path, TABLE, spec, "sheet.csv"), _read(tmp_path, SHEET, spec)
    assert table.answer("PHYSICAL/WARPAGE") == sheet.answer("PHYSICAL/WARPAGE")
    assert (table.laboratory, table.sample, table.ratio) == (sheet.laboratory, sheet.sample, sheet.ratio)
    assert sheet.answer("PHYSICAL/BURR") == {"values": []}


@pytest.mark.parametrize(
    ("old", "new", "line", "where"),
    [
        ("unit: mm", "unit: cm", 9, "measurements[0].unit"),
        ("PHYSICAL/WARPAGE", "PHYSICAL/WARP", 9, "measurements[0].id"),
        ('"1.30"', '"1,30"', 9, "measurements[0].values[1]"),
        ("instrument: M1", "instrument: M2", 9, "measurements[0].instrument"),
        ('date: "2026-05-05"', 'date: "2027-05-05"', 9, "measurements[0].date"),
        ('date: "2026-05-05"', 'date: "2026-02-30"', 9, "measurements[0].date"),
        ('due: "2026-12-31"', 'due: "2025-12-31"', 7, "instruments[0].due"),
        ("unit: mm", "unit: mm, k: 0", 9, "measurements[0].k"),
        ('uncertainty: "0.05", ', "", 9, "measurements[0]"),
    ],
)
def test_an_error_of_a_sheet_is_named(old: str, new: str, line: int, where: str, tmp_path: Path, spec: Spec) -> None:
    with pytest.raises(SpecError) as error:
        _read(tmp_path, SHEET.replace(old, new), spec)
    assert (error.value.line, error.value.where) == (line, where)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            ",mm,0.05,2,M1,2026-01-01,2026-12-31,2026-05-05\nPHYSICAL",
            ",mm,,2,M1,2026-01-01,2026-12-31,2026-05-05\nPHYSICAL",
            5,
        ),
        ("1.30,mm", "1.30,cm", 6),
        ("unit,", "units,", 4),
        ("1.2,mm", "1.2,1,mm", 5),
        ("1.30", "x", 6),
        ("WARPAGE,1.2,", "WARP,1.2,", 5),
    ],
)
def test_an_error_of_a_table_is_named(old: str, new: str, line: int, tmp_path: Path, spec: Spec) -> None:
    with pytest.raises(SpecError) as error:
        _read(tmp_path, TABLE.replace(old, new, 1), spec, "sheet.csv")
    assert error.value.line == line


def test_the_template_is_a_sheet_once_filled_in(tmp_path: Path, spec: Spec) -> None:
    text = sheet_template(quantities_of(spec.card_of_profile("card-3.0")).values())
    with pytest.raises(SpecError):
        _read(tmp_path, text, spec)
    filled = _read(tmp_path, text.replace('["?"]', "[1]").replace('uncertainty: "?"', "uncertainty: 0"), spec)
    assert filled.rows.keys() == quantities_of(spec.card_of_profile("card-3.0")).keys()


def _quantity(*readings: Limits) -> Quantity:
    return Quantity("Q", Text("量", "quantity"), "mm", readings, "R")


def _decided(value: str, *readings: Limits, uncertainty: str = "0.1", k: str = "2", ratio: str = "1") -> Decision:
    return decide(_quantity(*readings), Measured((Decimal(value),), Decimal(uncertainty), Decimal(k), Decimal(ratio)))


UP_TO_FIVE = Limits(high=Decimal(5))


def test_guard_bands() -> None:
    assert _decided("4.9", UP_TO_FIVE) is Decision.CONFORM
    assert _decided("4.91", UP_TO_FIVE) is Decision.UNDECIDED
    assert _decided("5.1", UP_TO_FIVE) is Decision.UNDECIDED
    assert _decided("5.11", UP_TO_FIVE) is Decision.NOT_CONFORM
    assert _decided("5", UP_TO_FIVE, ratio="0") is Decision.CONFORM
    assert _decided("5", Limits(high=Decimal(5), high_open=True), ratio="0") is Decision.NOT_CONFORM
    assert _decided("4.9", UP_TO_FIVE, uncertainty="0.15", k="3") is Decision.CONFORM
    assert _decided("3", UP_TO_FIVE, Limits(Decimal("2.95"), Decimal("3.05"))) is Decision.CONFORM


def test_values_fit_one_reading_together() -> None:
    left, right = Limits(Decimal(1), Decimal(2)), Limits(Decimal(8), Decimal(9))
    both = Measured((Decimal("1.5"), Decimal("8.5")), Decimal(0))
    assert decide(_quantity(left, right), both) is Decision.NOT_CONFORM
    assert decide(_quantity(left, right), Measured((), Decimal(0))) is Decision.UNDECIDED


_NUMBERS = st.decimals(min_value=-100, max_value=100, places=2)


@given(low=_NUMBERS, width=st.decimals(0, 50, places=2), value=_NUMBERS, uncertainty=st.decimals(0, 20, places=2))
def test_nothing_conforms_outside_its_limits(
    low: Decimal, width: Decimal, value: Decimal, uncertainty: Decimal
) -> None:
    limits = Limits(low, low + width)
    decision = decide(_quantity(limits), Measured((value,), uncertainty))
    inside = low <= value <= low + width
    assert decision is not Decision.CONFORM or inside
    assert decision is not Decision.NOT_CONFORM or not inside
