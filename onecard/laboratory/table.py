"""CSV from a laboratory in the form of the YAML sheet, so that both are checked by the same rules.

Lines ``# laboratory: …``, ``# sample: …`` and ``# ratio: …`` stand before the table; a row is one value, and rows of
the same quantity are its values.
"""

import csv
import io

from onecard.spec.document import Path_, RawDocument
from onecard.spec.errors import SpecError

COLUMNS = ("id", "value", "unit", "uncertainty", "k", "instrument", "calibrated", "due", "date", "sample", "note")
REQUIRED = ("id", "value", "unit", "uncertainty", "instrument", "calibrated", "due", "date")
_OF_INSTRUMENT = ("calibrated", "due")
_OF_ROW = ("unit", "uncertainty", "k", "instrument", "date", "sample", "note")
_HEAD = ("laboratory", "sample", "ratio")


class _Table:
    """The document that grows row by row, with the line of each of its values."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: dict[str, object] = {"format": 1, "kind": "laboratory-sheet"}
        self.lines: dict[Path_, int] = {(): 1}
        self._instruments: dict[str, dict[str, str]] = {}
        self._rows: dict[str, dict[str, object]] = {}
        self._values: dict[str, list[str]] = {}

    def head(self, line: int, text: str) -> None:
        """A line before the table."""
        key, _, value = text.removeprefix("#").partition(":")
        if key.strip() in _HEAD:
            self.data[key.strip()] = value.strip()
            self.lines[(key.strip(),)] = line

    def row(self, line: int, cells: dict[str, str]) -> None:
        """A value; raises SpecError where it contradicts an earlier row."""
        self._instrument(line, cells)
        name = cells["id"]
        found = {key: cells[key] for key in _OF_ROW if cells.get(key)}
        if name not in self._rows:
            self._rows[name] = {"id": name, "values": self._values.setdefault(name, []), **found}
            self._mark(line, ("measurements", len(self._rows) - 1), self._rows[name])
        for key, value in found.items():
            if self._rows[name].get(key) != value:
                raise self._error(
                    line, key, f"{name} 的 {key} 与前面的行不同", f"{key} of {name} differs from its row above"
                )
        place = ("measurements", list(self._rows).index(name), "values")
        self.lines[(*place, len(self._values[name]))] = line
        self._values[name].append(cells["value"])

    def _instrument(self, line: int, cells: dict[str, str]) -> None:
        name = cells["instrument"]
        found = {"id": name, "name": name, **{key: cells[key] for key in _OF_INSTRUMENT}}
        if name not in self._instruments:
            self._instruments[name] = found
            self._mark(line, ("instruments", len(self._instruments) - 1), found)
        if self._instruments[name] != found:
            raise self._error(
                line,
                "instrument",
                f"{name} 的校准日期与前面的行不同",
                f"the calibration of {name} differs from a row above",
            )

    def _mark(self, line: int, place: Path_, keys: object) -> None:
        self.lines[place[:1]] = self.lines.get(place[:1], line)
        self.lines[place] = line
        for key in keys if isinstance(keys, dict) else ():
            self.lines[(*place, key)] = line

    def _error(self, line: int, field: str, zh: str, en: str) -> SpecError:
        return SpecError(zh=zh, en=en, file=self.file, line=line, where=field)

    def document(self) -> RawDocument:
        """What was read."""
        self.data["instruments"] = list(self._instruments.values())
        self.data["measurements"] = list(self._rows.values())
        return RawDocument(self.file, self.data, self.lines)


def parse_table(text: str, file: str) -> RawDocument:
    """The document of a CSV text; raises SpecError naming line and column."""
    table = _Table(file)
    columns: list[str] | None = None
    reader = csv.reader(io.StringIO(text))
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if cells[0].lstrip().startswith("#"):
                table.head(line, ",".join(cells).strip())
            elif columns is None:
                columns = _columns([cell.strip() for cell in cells], file, line)
            else:
                table.row(line, _cells(columns, cells, file, line))
    except csv.Error as error:
        raise SpecError(
            zh=f"CSV 格式错误：{error}", en=f"broken CSV: {error}", file=file, line=reader.line_num
        ) from None
    return table.document()


def _columns(names: list[str], file: str, line: int) -> list[str]:
    unknown = [name for name in names if name not in COLUMNS]
    missing = [name for name in REQUIRED if name not in names]
    if unknown or missing or len(set(names)) != len(names):
        told = ", ".join(COLUMNS)
        raise SpecError(
            zh=f"表头应为 {told}（未知：{', '.join(unknown) or '无'}；缺少：{', '.join(missing) or '无'}）",
            en=f"the columns are {told} (unknown: {', '.join(unknown) or 'none'}; "
            f"missing: {', '.join(missing) or 'none'})",
            file=file,
            line=line,
        )
    return names


def _cells(columns: list[str], cells: list[str], file: str, line: int) -> dict[str, str]:
    if len(cells) > len(columns):
        raise SpecError(
            zh=f"此行有 {len(cells)} 列，表头有 {len(columns)} 列",
            en=f"the row has {len(cells)} cells, the table {len(columns)} columns",
            file=file,
            line=line,
        )
    found = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
    empty = [name for name in REQUIRED if not found.get(name)]
    if empty:
        raise SpecError(zh=f"{empty[0]} 为空", en=f"{empty[0]} is empty", file=file, line=line, where=empty[0])
    return found
