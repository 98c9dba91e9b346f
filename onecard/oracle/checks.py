"""Rules of content by their kind in the data, over the text of an item: what is wrong with it, or nothing.

Sources: GB 11643-1999, GB/T 2260-2007, GB/T 7408 and 人社信息函〔2012〕37号, as the data cite them.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from onecard.oracle.identity import PROVINCES
from onecard.spec.card import Check, CheckField, CodeTable
from onecard.spec.text import Text

Fault = Callable[[Check, str], Text | None]
FIRST_YEAR = "1583"
"""The first whole year of the Gregorian calendar: GB/T 7408 leaves those before it to agreement."""
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def in_table(table: CodeTable, code: str, also: Sequence[tuple[str, str]] = ()) -> bool:
    """Whether a code is in its table, or in ``also``, what other sources add; ranges are of decimal digits, both ends
    included.
    """
    if code in table.values:
        return True
    digits = code.isascii() and code.isdigit()
    return digits and any(len(code) == len(low) and low <= code <= high for low, high in (*table.ranges, *also))


def fault(rule: Check, text: str) -> Text | None:
    """What breaks ``rule`` in the text of an item (characters, digits, or hex of a structured one); None when nothing
    does, or when the kind of rule is unknown here.
    """
    judge = _FAULTS.get(rule.kind)
    return judge(rule, text) if judge is not None else None


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _weighted(rule: Check, text: str) -> Text | None:
    if len(text) != rule.length:
        return Text(f"应为 {rule.length} 个字符", f"{rule.length} characters are required")
    body = text[: len(rule.weights)]
    usable = "0123456789" + (_CAPITALS if rule.letters else "")
    if any(character not in usable for character in body) or (rule.first_letter and body[0] not in _CAPITALS):
        return Text("有不允许的字符", "a character that may not stand there")
    total = sum(int(character, 36) * weight for character, weight in zip(body, rule.weights, strict=True))
    expected = rule.characters[total % rule.modulus]
    if text[len(rule.weights) :] != expected:
        return Text(f"校验码应为 {expected}", f"the check character is {expected}")
    return None


def _date(rule: Check, text: str) -> Text | None:
    try:
        dt.date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return Text("不是日历日期 CCYYMMDD", "no calendar date CCYYMMDD")
    return None if len(text) == 8 and _is_digits(text) else Text("不是八位数字", "not eight digits")


def _moment(rule: Check, text: str) -> Text | None:
    digits = len(text) == 14 and _is_digits(text)
    if not digits or _date(rule, text[:8]) is not None or text[8:10] > "23" or max(text[10:12], text[12:]) > "59":
        return Text("不是日期时间 CCYYMMDDhhmmss", "no date and time CCYYMMDDhhmmss")
    return None


def _month(rule: Check, text: str) -> Text | None:
    right = len(text) == 6 and _is_digits(text) and "01" <= text[4:] <= "12" and text[:4] != "0000"
    return None if right else Text("不是年月 CCYYMM", "no month CCYYMM")


def _year(rule: Check, text: str) -> Text | None:
    if len(text) != 4 or not _is_digits(text):
        return Text("不是年份 CCYY", "no year CCYY")
    if text < FIRST_YEAR:
        return Text(f"{FIRST_YEAR} 以前的年份须另行约定", f"years before {FIRST_YEAR} need an agreement")
    return None


def _digits(rule: Check, text: str) -> Text | None:
    if not _is_digits(text):
        return Text("不全是数字", "not all of it digits")
    return (
        None if rule.length in (0, len(text)) else Text(f"应为 {rule.length} 位", f"{rule.length} digits are required")
    )


def _region(rule: Check, text: str) -> Text | None:
    if len(text) != 6 or not _is_digits(text):
        return Text("不是六位数字", "not six digits")
    if text[:2] not in PROVINCES:
        return Text(f"GB/T 2260 中没有省级代码 {text[:2]}", f"GB/T 2260 has no province-level code {text[:2]}")
    return None


def _version(rule: Check, text: str) -> Text | None:
    # Some cards hold other forms behind it: terminals compare the first digit (field).
    right = text[:1] == rule.value[:1]
    return None if right else Text(f"应以 {rule.value[:1]} 开头", f"it begins with {rule.value[:1]}")


def _structure(rule: Check, text: str) -> Text | None:
    for field in rule.fields:
        part = text[2 * field.offset : 2 * (field.offset + field.length)]
        if not _CODINGS[field.coding](field, part):
            return Text(f"{field.id} 不能是 {part}", f"{field.id} may not be {part}")
    return None


_CODINGS: Mapping[str, Callable[[CheckField, str], bool]] = MappingProxyType(
    {
        "region": lambda field, part: len(part) == 6 and _is_digits(part) and part[:2] in PROVINCES,
        "fixed": lambda field, part: field.value is not None and part == field.value.hex().upper(),
        "bcd": lambda field, part: _is_digits(part),
        "filled": lambda field, part: bool(part.strip("F")),
        "any": lambda field, part: True,
    }
)

_FAULTS: Mapping[str, Fault] = MappingProxyType(
    {
        "weighted": _weighted,
        "structure": _structure,
        "version": _version,
        "date": _date,
        "moment": _moment,
        "month": _month,
        "year": _year,
        "digits": _digits,
        "region": _region,
    }
)
