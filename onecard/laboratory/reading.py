"""Reading a sheet: YAML or CSV, checked by schema and by what no schema expresses; errors name file, line and field."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from onecard.evidence.digests import sm3_name
from onecard.laboratory.sheet import Instrument, Row, Sheet
from onecard.laboratory.table import parse_table
from onecard.spec.build import nodes
from onecard.spec.card_measurements import FACE_UNIT
from onecard.spec.document import Path_, RawDocument, parse_document
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, check_schema

KIND = "laboratory-sheet"


def read_sheet(path: Path, spec: Spec) -> Sheet:
    """Read a sheet (``.csv``: a table, else YAML) whose quantities ``spec`` knows.

    Raises SpecError naming file, line and field for the first thing that is wrong.
    """
    text = _text(path)
    document = parse_table(text, str(path)) if path.suffix.lower() == ".csv" else parse_document(text, str(path))
    check_schema(document, KIND)
    return sheet_of(document, units_of(spec), sm3_name(text.replace("\r\n", "\n").encode("utf-8")))


def units_of(spec: Spec) -> Mapping[str, str]:
    """The unit of every quantity of the specification, whatever card it applies to."""
    listed = {str(datum.node["id"]): str(datum.node["unit"]) for datum in spec.data["measurements"]}
    faces = (
        dimension
        for datum in spec.data["style"]
        for dimension in nodes(datum.node["dimensions"])
        if "drawn" not in dimension
    )
    return {**{str(dimension["id"]): FACE_UNIT for dimension in faces}, **listed}


def sheet_of(document: RawDocument, units: Mapping[str, str], digest: str) -> Sheet:
    """The sheet of a document that its schema accepts; raises SpecError."""
    data = cast(dict[str, Any], document.data)
    instruments = _instruments(document, data["instruments"])
    rows: dict[str, Row] = {}
    for index, node in enumerate(data["measurements"]):
        row = _row(document, ("measurements", index), {"sample": data["sample"], **node}, instruments, units)
        if row.id in rows:
            raise document.error(
                ("measurements", index, "id"),
                zh=f"{row.id} 出现两次",
                en=f"{row.id} stands twice: give all values in one row",
            )
        rows[row.id] = row
    return Sheet(data["laboratory"], data["sample"], Decimal(str(data.get("ratio", 1))), rows, digest)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise SpecError(zh="文件不存在", en="there is no such file", file=str(path)) from None
    except OSError as error:
        raise SpecError(
            zh=f"无法读取：{error.strerror}", en=f"cannot be read: {error.strerror}", file=str(path)
        ) from None
    except UnicodeDecodeError as error:
        raise SpecError(
            zh=f"不是 UTF-8 文本（字节 {error.start}）", en=f"not UTF-8 text (byte {error.start})", file=str(path)
        ) from None


def _instruments(document: RawDocument, given: list[dict[str, str]]) -> dict[str, Instrument]:
    found: dict[str, Instrument] = {}
    for index, node in enumerate(given):
        instrument = Instrument(**node)
        place: Path_ = ("instruments", index)
        if instrument.id in found:
            raise document.error(
                (*place, "id"), zh=f"仪器 {instrument.id} 出现两次", en=f"the instrument {instrument.id} stands twice"
            )
        begins, ends = (_day(document, (*place, key), node[key]) for key in ("calibrated", "due"))
        if ends < begins:
            raise document.error(
                (*place, "due"), zh="校准到期日早于校准日", en="the calibration is due before it was made"
            )
        found[instrument.id] = instrument
    return found


def _row(
    document: RawDocument,
    place: Path_,
    node: Mapping[str, Any],
    instruments: Mapping[str, Instrument],
    units: Mapping[str, str],
) -> Row:
    name, unit = node["id"], units.get(node["id"])
    if unit is None:
        raise document.error((*place, "id"), zh=f"没有名为 {name} 的测量项", en=f"there is no quantity {name}")
    if node["unit"] != unit:
        raise document.error(
            (*place, "unit"),
            zh=f"{name} 的单位应为 {unit}，不是 {node['unit']}",
            en=f"{name} is measured in {unit}, not in {node['unit']}",
        )
    if node["instrument"] not in instruments:
        raise document.error(
            (*place, "instrument"),
            zh=f"没有仪器 {node['instrument']}",
            en=f"there is no instrument {node['instrument']}",
        )
    instrument = instruments[node["instrument"]]
    measured = _day(document, (*place, "date"), node["date"])
    if not date.fromisoformat(instrument.calibrated) <= measured <= date.fromisoformat(instrument.due):
        raise document.error(
            (*place, "date"),
            zh=f"{node['date']} 不在仪器 {instrument.id} 的校准有效期内（{instrument.calibrated} 至 {instrument.due}）",
            en=f"on {node['date']} the calibration of {instrument.id} did not hold "
            f"({instrument.calibrated} to {instrument.due})",
        )
    k = Decimal(str(node.get("k", 2)))
    if not k:
        raise document.error((*place, "k"), zh="覆盖因子 k 不能为 0", en="the coverage factor k cannot be 0")
    return Row(
        id=name,
        values=tuple(Decimal(str(value)) for value in node["values"]),
        unit=unit,
        uncertainty=Decimal(str(node["uncertainty"])),
        k=k,
        instrument=instrument,
        date=node["date"],
        sample=node["sample"],
        note=node.get("note", ""),
    )


def _day(document: RawDocument, place: Path_, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise document.error(place, zh=f"没有 {text} 这一天", en=f"there is no day {text}") from None
