"""Judging rows by the specification: codings, lengths, check rules, code tables, what must be there, what is unique."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from onecard.oracle.errors import DecodeError, EncodeError
from onecard.oracle.identity import Sex, citizen_number_decode
from onecard.oracle.items import decode, encode, verify
from onecard.personalise.columns import OWN, PIN, REGION, SERIAL, Column, Columns
from onecard.personalise.source import Row
from onecard.spec.card import CardSpec, Check
from onecard.spec.text import Text

IDENTIFICATION, CARD_NUMBER, NUMBER = "SSSE/EF05/01", "SSSE/EF05/07", "SSSE/EF06/08"
NAME, NAME_EXTENSION = "SSSE/EF06/09", "SSSE/EF06/4E"
SEX, BIRTH = "SSSE/EF06/0A", "SSSE/EF06/0D"
DEFAULT_PIN = "123456"
SEQUENCE, NO_AUTHENTICATION = "01", "FFFFFFFF"
_UNIQUE = (NUMBER, CARD_NUMBER, IDENTIFICATION)
_REQUIRED_FILES = ("SSSE/EF05", "SSSE/EF06")
_REGION_DIGITS, _SERIAL_DIGITS = 6, 8
_SERIAL_AT = slice(16, 24)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field of a row; ``field`` is its key."""

    line: int
    field: str
    text: Text


@dataclass(frozen=True, slots=True)
class Holder:
    """A row without fault: ``texts`` by key, the derived ones among them; region, serial (hex) and PIN of the card."""

    line: int
    texts: Mapping[str, str]
    region: str
    serial: str
    pin: str


class Rules:
    """The rules of one profile, over the rows of one file: a number that an earlier row had is a fault of the later."""

    def __init__(self, spec: CardSpec, columns: Columns) -> None:
        self._spec = spec
        self._columns = columns
        self._seen: dict[tuple[str, str], int] = {}
        self._required = [
            column
            for column in columns.by_key.values()
            if column.file.id in _REQUIRED_FILES and not column.item.optional and column.key != NAME_EXTENSION
        ]

    def judge(self, row: Row) -> Holder | list[Problem]:
        """The holder of a row, or every fault of it."""
        texts = {key: value for key, value in row.values.items() if key not in OWN}
        problems = list(self._of_card(row))
        self._derive(row, texts)
        problems += [
            Problem(row.line, column.key, Text("缺少", "missing"))
            for column in self._required
            if column.key not in texts
        ]
        problems += [found for key, text in texts.items() if (found := self._of_item(row, key, text)) is not None]
        problems += self._repeated(row, texts)
        faulty = {problem.field for problem in problems}
        problems += [found for found in self._at_odds(row, texts) if found.field not in faulty]
        if problems:
            return problems
        code = texts[IDENTIFICATION]
        return Holder(
            line=row.line,
            texts=texts,
            region=row.values.get(REGION, code[:_REGION_DIGITS]),
            serial=row.values.get(SERIAL, code[_SERIAL_AT]).upper(),
            pin=row.values.get(PIN, DEFAULT_PIN),
        )

    # --- fields of the card itself ---

    def _of_card(self, row: Row) -> Iterator[Problem]:
        for key, fault in _OWN_FAULTS.items():
            value = row.values.get(key)
            told = fault(self._spec, value) if value is not None else None
            if told is not None:
                yield Problem(row.line, key, told)

    # --- items that follow from others ---

    def _derive(self, row: Row, texts: dict[str, str]) -> None:
        for column in self._required:
            rule = self._spec.checks.get(column.item.check or "")
            if column.key not in texts and rule is not None and rule.kind in _DERIVED:
                text = _DERIVED[rule.kind](rule, row.values)
                if text is not None:
                    texts[column.key] = text
        extension = self._columns.by_key.get(NAME_EXTENSION)
        if extension is not None and NAME in texts and NAME_EXTENSION not in texts:
            head, tail = _cut(texts[NAME], self._columns.by_key[NAME].item.length)
            texts.update({NAME: head, NAME_EXTENSION: tail} if tail else {})

    # --- items ---

    def _of_item(self, row: Row, key: str, text: str) -> Problem | None:
        item = self._columns.by_key[key].item
        try:
            octets = encode(self._spec, item, text.upper() if item.charset == "binary" else text)
            decoded = decode(self._spec, item, octets)
            verify(self._spec, decoded)
        except (EncodeError, DecodeError) as error:
            return Problem(row.line, key, _plain(error))
        if decoded.filled and len(decoded.text) < len(text):
            return Problem(row.line, key, Text(f"“{text}”含填充字符", f"{text!r} holds filler"))
        return None

    def _at_odds(self, row: Row, texts: Mapping[str, str]) -> Iterator[Problem]:
        """A citizen's number tells birth date and sex: where the fields say otherwise, two persons were mixed up."""
        if not self._spec.ics["card.citizen"]:
            return
        try:
            number = citizen_number_decode(texts.get(NUMBER, ""))
        except DecodeError:
            return
        birth, sex, told = texts.get(BIRTH), texts.get(SEX), number.birth_date
        if birth is not None and birth != f"{told:%Y%m%d}":
            yield Problem(row.line, BIRTH, Text(f"与号码中的 {told} 不符", f"the number says {told}"))
        if sex not in (None, number.sex.value, Sex.NOT_STATED.value):
            wanted = number.sex.value
            yield Problem(row.line, SEX, Text(f"与号码不符（应为 {wanted}）", f"the number says {wanted}"))

    def _repeated(self, row: Row, texts: Mapping[str, str]) -> Iterator[Problem]:
        for key in _UNIQUE:
            value = texts.get(key)
            if value is None:
                continue
            first = self._seen.setdefault((key, value), row.line)
            if first != row.line:
                yield Problem(
                    row.line, key, Text(f"{value} 与第 {first} 行重复", f"{value} stands in line {first} already")
                )


def _plain(error: EncodeError | DecodeError) -> Text:
    """The words of an error, without the offset in bytes that nobody sees in a data file."""
    if not isinstance(error, DecodeError):
        return error.text
    zh, en = f"偏移 {error.offset}：", f"offset {error.offset}: "
    return Text(error.text.zh.removeprefix(zh), error.text.en.removeprefix(en))


def shown_field(columns: Columns, key: str) -> Text:
    """A field for messages: its key and its name."""
    column: Column | None = columns.by_key.get(key)
    name = column.item.name if column is not None else OWN.get(key, Text("", ""))
    return Text(f"{key} {name.zh}", f"{key} {name.en}")


def _cut(text: str, length: int) -> tuple[str, str]:
    """``text`` cut where its GBK form exceeds ``length`` bytes, never inside a character."""
    used = 0
    for index, character in enumerate(text):
        used += len(character.encode("gbk", "replace"))
        if used > length:
            return text[:index], text[index:]
    return text, ""


def _structured(rule: Check, values: Mapping[str, str]) -> str | None:
    """A structured number from region and serial; None where the row gives neither."""
    region, serial = values.get(REGION), values.get(SERIAL)
    known = {"REGION": region, "BODY-REGION": region, "SERIAL": serial, "SEQUENCE": SEQUENCE}
    parts: list[str] = []
    for field in sorted(rule.fields, key=lambda field: field.offset):
        part = (
            field.value.hex() if field.value is not None else known.get(field.id.rpartition("/")[2], NO_AUTHENTICATION)
        )
        if part is None or len(part) != 2 * field.length:
            return None
        parts.append(part)
    return "".join(parts).upper()


_DERIVED: Mapping[str, Callable[[Check, Mapping[str, str]], str | None]] = {
    "version": lambda rule, _values: rule.value,
    "structure": _structured,
}


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _region_fault(_spec: CardSpec, value: str) -> Text | None:
    return None if _digits(value) and len(value) == _REGION_DIGITS else Text("应为六位数字", "six digits are required")


def _serial_fault(_spec: CardSpec, value: str) -> Text | None:
    right = len(value) == _SERIAL_DIGITS and all(character in "0123456789ABCDEFabcdef" for character in value)
    return None if right else Text("应为八位十六进制数字", "eight hexadecimal digits are required")


def _pin_fault(spec: CardSpec, value: str) -> Text | None:
    least, most = spec.pin.min_digits, 2 * spec.pin.max_bytes
    right = _digits(value) and least <= len(value) <= most
    return None if right else Text(f"应为 {least} 至 {most} 位数字", f"{least} to {most} digits are required")


_OWN_FAULTS: Mapping[str, Callable[[CardSpec, str], Text | None]] = {
    REGION: _region_fault,
    SERIAL: _serial_fault,
    PIN: _pin_fault,
}


def all_problems(judged: Iterable[Holder | list[Problem]]) -> list[Problem]:
    """The faults among what was judged."""
    return [problem for each in judged if isinstance(each, list) for problem in each]
