"""Reading a data file: CSV with a header row, or JSON lines; each row with its line."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from onecard.personalise.columns import Columns
from onecard.spec.errors import SpecError

JSON_LINES = (".jsonl", ".ndjson", ".json")
COMMENT = "#"
"""A field of remarks, as ``--skip-bad`` writes it: it says nothing of the card."""


@dataclass(frozen=True, slots=True)
class Row:
    """A holder: ``values`` by key, empty ones left out; ``given``: the row as it stands in the file."""

    line: int
    values: Mapping[str, str]
    given: Mapping[str, str]


def read_rows(path: Path, columns: Columns) -> list[Row]:
    """Every row of a data file (``.jsonl``: JSON lines, else CSV). Raises SpecError naming file, line and field for a
    file that cannot be read as a table, and for fields that no card of the profile has.
    """
    text = _text(path)
    pairs = _json_lines(text, path) if path.suffix.lower() in JSON_LINES else _table(text, path)
    rows = list(_keyed(pairs, columns, path))
    if not rows:
        raise SpecError(zh="没有任何持卡人", en="there is no holder in it", file=str(path))
    return rows


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
        line = error.object[: error.start].count(b"\n") + 1
        raise SpecError(
            zh="不是 UTF-8 文本（请另存为 UTF-8）", en="not UTF-8 text (save it as UTF-8)", file=str(path), line=line
        ) from None


def _table(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    header: list[str] = []
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise SpecError(
                    zh=f"此行有 {len(cells)} 列，表头有 {len(header)} 列",
                    en=f"the row has {len(cells)} cells, the header {len(header)}",
                    file=str(path),
                    line=begins,
                )
            yield begins, _unique(zip(header, cells, strict=True), path, begins)
    except csv.Error as error:
        raise SpecError(
            zh=f"CSV 格式错误：{error}", en=f"broken CSV: {error}", file=str(path), line=reader.line_num
        ) from None


def _json_lines(text: str, path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    for line, content in enumerate(text.split("\n"), start=1):
        if not content.strip():
            continue
        try:
            pairs = json.loads(content, object_pairs_hook=tuple, parse_int=str, parse_float=str)
        except (ValueError, RecursionError) as error:
            raise SpecError(zh=f"不是 JSON：{error}", en=f"no JSON: {error}", file=str(path), line=line) from None
        if not isinstance(pairs, tuple) or any(not _is_pair(pair) for pair in pairs):
            raise SpecError(
                zh="每行应为一个 JSON 对象，值为文本",
                en="each line is a JSON object of texts",
                file=str(path),
                line=line,
            )
        yield line, _unique(pairs, path, line)


def _is_pair(pair: object) -> bool:
    return isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[1], str)


def _unique(pairs: Iterable[tuple[str, str]], path: Path, line: int) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise SpecError(
                zh=f"字段 {name} 重复", en=f"the field {name} stands twice", file=str(path), line=line, where=name
            )
        found[name] = value
    return found


def _keyed(pairs: Iterable[tuple[int, Mapping[str, str]]], columns: Columns, path: Path) -> Iterator[Row]:
    keys: dict[str, str] = {}
    for line, given in pairs:
        for name in given:
            if name not in keys and name != COMMENT:
                keys[name] = _key(name, columns, path, line)
        values = {keys[name]: value.strip() for name, value in given.items() if value.strip() and name != COMMENT}
        yield Row(line, values, given)


def _key(name: str, columns: Columns, path: Path, line: int) -> str:
    key = columns.key_of(name)
    if key is None:
        raise SpecError(
            zh=f"没有字段“{name}”：请写数据项编号（如 SSSE/EF06/09）或其名称（如 姓名）",
            en=f"there is no field {name!r}: write an item's id (as SSSE/EF06/09) or its name (as name)",
            file=str(path),
            line=line,
            where=name,
        )
    return key
