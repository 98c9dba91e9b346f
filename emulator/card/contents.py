"""Contents of data items that no table names one by one: by code table, check rule, character set and length.

Whatever the data say gets some content: data may be altered, and a card is made of them all the same.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from emulator import records_data
from emulator.persons import Person
from onecard.spec.card import CardSpec, CodeTable, Item

Written = Callable[[Person, Item, int], str]
"""A content made of the person, the item and the number of the record (from 0)."""

ADDRESS = 80
DAYS, EPOCH = 2000, date(2010, 1, 1)
# One card in so many tells the nationality of a citizen.
CITIZENS = 8


def some_content(person: Person, item: Item, spec: CardSpec, number: int) -> str:
    """Synthetic text, or digits of cn and b items: in the item's code table, right by its rule, not empty."""
    own = WRITTEN.get(item.id)
    if own is not None:
        return own(person, item, number)
    table = spec.codes.get(item.codes or "")
    if table is not None:
        return code(table, person.index + item.tag + number)
    rule = spec.checks.get(item.check or "")
    ruled = _RULED.get(rule.kind) if rule is not None else None
    if ruled is not None:
        return ruled(person, item, number)
    return _PLAIN.get(item.charset, _characters)(person, item, number)


def code(table: CodeTable, turn: int) -> str:
    """A code of the table: each in turn, those of its ranges behind its values; empty for a table without codes."""
    values = len(table.values)
    if values + len(table.ranges) == 0:
        return ""
    place = turn % (values + len(table.ranges))
    if place < values:
        return list(table.values)[place]
    low, high = table.ranges[place - values]
    return _between(low, high, turn) if low.isdigit() and high.isdigit() else low


def _between(low: str, high: str, turn: int) -> str:
    return str(int(low) + turn % max(1, int(high) - int(low) + 1)).zfill(len(low))


def _day(person: Person, item: Item, number: int) -> str:
    # From 2010 on, each item another day, so that what mixes them up shows.
    return f"{EPOCH + timedelta(days=(person.index * 97 + item.tag * 31 + number * 211) % DAYS):%Y%m%d}"


_RULED: Mapping[str, Written] = MappingProxyType(
    {
        "date": _day,
        "moment": lambda person, item, number: f"{_day(person, item, number)}1030{number % 60:02d}",
        "month": lambda person, item, number: _day(person, item, number)[:6],
        "year": lambda person, item, number: _day(person, item, number)[:4],
        "region": lambda person, item, number: person.region,
    }
)


def _of(pool: Sequence[str]) -> Written:
    return lambda person, item, number: pool[(person.index + item.tag + number) % len(pool)]


def _gbk(person: Person, item: Item, number: int) -> str:
    pool = records_data.PLACES if item.length == ADDRESS else records_data.ORGANISATIONS
    return _of(pool)(person, item, number)


def _characters(person: Person, item: Item, number: int) -> str:
    return str((item.tag * 7919 + person.index * 31 + number + 1) % 10 ** min(item.length, 12)).zfill(item.length)


def _digits(person: Person, item: Item, number: int) -> str:
    return _characters(person, item, number).zfill(2 * item.length)


def _octets(person: Person, item: Item, number: int) -> str:
    # No digits of BCD, so that what should have been digits shows.
    return f"{0xAA + (person.index + number) % 5:0{2 * item.length}X}"


_PLAIN: Mapping[str, Written] = MappingProxyType({"gbk": _gbk, "ascii": _characters, "bcd": _digits, "binary": _octets})


def _telephone(person: Person, item: Item, number: int) -> str:
    return records_data.telephone(person.index * 10 + item.tag % 10)


def _nationality(person: Person, item: Item, number: int) -> str:
    # Foreigners only: a citizen's may be empty, and where it is not its coding shows.
    return "CHN" if person.index % CITIZENS == CITIZENS - 1 else ""


WRITTEN: Mapping[str, Written] = MappingProxyType(
    {
        "DF01/EF06/28": _telephone,
        "DF01/EF06/2D": _telephone,
        "DF01/EF06/2C": _of(records_data.CONTACTS),
        "DF01/EF0A/37": _nationality,
        "DF03/EF06/4A/15": _of(records_data.DEVICES),
        "DF05/EF05/A2": _of(records_data.BLOOD),
        "DF04/EF08/TERMINAL": lambda person, item, number: f"{person.region}000001",
    }
)
"""By the id of the item in the data."""

ABSENT = frozenset(("DF03/EF05/60",))
"""Items that stand in one of two files only: the reference card has this one in the other."""
