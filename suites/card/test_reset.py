"""Answer to reset: convention, interface bytes, historical bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import xor

from onecard.oracle.codec import bcd_decode
from onecard.spec.card import HistoricalField
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 10
KINDS = ("cold", "warm")
TB1_PRESENT = 0x2
IDENTIFICATION = "CHECK/IDENTIFICATION-CODE"


@dataclass(frozen=True, slots=True)
class AnswerToReset:
    """Parts of an ATR by ISO/IEC 7816-3; a byte that is announced and missing is -1. ``rest``: TCK, or nothing."""

    announced: int
    interface: Mapping[str, int]
    historical: bytes
    rest: bytes


def parts_of(atr: bytes) -> AnswerToReset:
    """Take an ATR apart."""
    octets = iter(atr[1:])
    announced = next(octets, 0)
    interface: dict[str, int] = {}
    level, indicator = 1, announced >> 4
    while indicator:
        names = [f"T{letter}{level}" for bit, letter in enumerate("ABCD") if indicator >> bit & 1]
        interface.update((name, next(octets, -1)) for name in names)
        # A missing TDi (-1) ends the chain.
        indicator = max(interface.get(f"TD{level}", 0), 0) >> 4
        level += 1
    behind = bytes(octets)
    count = announced & 0x0F
    return AnswerToReset(announced, interface, behind[:count], behind[count:])


def answer(card: CardUnderTest, kind: str) -> bytes:
    """The ATR of a cold or warm reset."""
    return card.power_on() if kind == "cold" else card.reset()


@verifies("CARD-ATR-CONVENTION")
@for_each("kind", KINDS)
def test_convention(card: CardUnderTest, kind: str) -> None:
    """The first character of the answer to reset is 3B: direct convention."""
    first = answer(card, kind)[:1]
    expected = bytes((card.spec.atr.initial_character,))
    check(card, first == expected, what="TS", expected=expected.hex().upper(), received=first.hex().upper())


def named(found: Mapping[str, int]) -> str:
    """Interface bytes by their names; -1 where there is none."""
    return ", ".join(f"{name} {value:02X}" if value >= 0 else f"no {name}" for name, value in found.items())


@verifies("CARD-ATR-INTERFACE")
@for_each("kind", KINDS)
def test_interface_bytes(card: CardUnderTest, kind: str) -> None:
    """The format in T0 is an allowed one, TB1 is 00, and TD1 and TD2 are 80 and 1F where there are any."""
    rules, atr = card.spec.atr, answer(card, kind)
    parts = parts_of(atr)
    form = parts.announced >> 4
    allowed = (*rules.plain_formats, *rules.indicated_formats)
    shown = ", ".join(f"{value:X}x" for value in allowed)
    check(card, form in allowed, what="format in T0", expected=shown, received=f"{form:X}x")
    wanted = {"TB1": rules.tb1} if form & TB1_PRESENT else {}
    if form in rules.indicated_formats:
        wanted |= {"TD1": rules.td1, "TD2": rules.td2}
    found = {name: parts.interface.get(name, -1) for name in wanted}
    check(
        card,
        found == wanted,
        what="interface bytes",
        expected=named(wanted),
        received=f"{named(found)} in {atr.hex().upper()}",
    )


@verifies("CARD-ATR-INTERFACE")
@for_each("kind", KINDS)
def test_check_character(card: CardUnderTest, kind: str) -> None:
    """TCK follows the historical bytes exactly where TD1 is present, and makes the exclusive-or from T0 on zero."""
    atr = answer(card, kind)
    parts = parts_of(atr)
    wanted = 1 if parts.announced >> 4 in card.spec.atr.indicated_formats else 0
    found = len(parts.rest)
    check(card, found == wanted, what="bytes behind the historical ones", expected=str(wanted), received=str(found))
    if wanted:
        total = reduce(xor, atr[1:])
        check(card, total == 0, what="exclusive-or from T0 to TCK", expected="00", received=f"{total:02X}")


@verifies("CARD-ATR-HISTORICAL")
@for_each("kind", KINDS)
def test_historical_bytes(card: CardUnderTest, kind: str) -> None:
    """T0 announces 13 historical bytes, and 13 are there, with nothing but TCK behind them."""
    parts, wanted = parts_of(answer(card, kind)), card.spec.atr.historical_length
    found = (parts.announced & 0x0F, len(parts.historical) + max(0, len(parts.rest) - 1))
    received = f"{found[0]} announced, {found[1]} there"
    check(card, found == (wanted, wanted), what="historical bytes", expected=str(wanted), received=received)


@verifies("CARD-ATR-HISTORICAL")
@for_each(
    "part",
    lambda spec: [part for part in spec.atr.historical if part.coding == "bcd"],
    ids=lambda part: str(part.id).rpartition("/")[2],
)
def test_historical_digits(card: CardUnderTest, part: HistoricalField) -> None:
    """The part of the historical bytes that names the issuing region is BCD without filler."""
    octets = parts_of(card.power_on()).historical[part.offset : part.offset + part.length]
    try:
        digits = bcd_decode(octets)
    except ValueError as error:
        digits = str(error)
    ok = len(digits) == 2 * part.length and digits.isdigit()
    check(
        card, ok, what=part.name.en, expected=f"{2 * part.length} digits", received=f"{octets.hex().upper()} {digits}"
    )


def dated(historical: bytes) -> bool:
    """Whether T3 and T4 may be a year and a month: then the card divides its historical bytes in the other way."""
    year, month = historical[2:4].hex()[:2], historical[2:4].hex()[2:]
    return year.isdigit() and month.isdigit() and 1 <= int(month) <= 12


@verifies("CARD-ATR-HISTORICAL")
@for_each(
    "part",
    lambda spec: [part for part in spec.atr.historical if part.coding == "bcd"],
    ids=lambda part: str(part.id).rpartition("/")[2],
)
def test_region(card: CardUnderTest, part: HistoricalField) -> None:
    """T8 and T9 are the first four digits of the region in the identification code, where T3 and T4 are no date."""
    historical = parts_of(card.power_on()).historical
    file = card.spec.file("SSSE/EF05")
    card.open_for_reading(file.id)
    code = card.read_item(file.id, next(item.tag for item in file.items if item.check == IDENTIFICATION))
    expect(code, "CARD-EF05-IDENTIFICATION").ok()
    found, wanted = historical[part.offset : part.offset + part.length], code.data[2 : 2 + part.length]
    ok = found == wanted or dated(historical)
    check(card, ok, what=part.name.en, expected=wanted.hex().upper(), received=found.hex().upper())


@verifies("CARD-ATR-STABLE")
@for_each("kinds", (("cold", "warm"), ("cold", "cold"), ("warm", "warm")), ids="-".join)
def test_historical_bytes_stay(card: CardUnderTest, kinds: tuple[str, str]) -> None:
    """Two resets of the same or of different kinds give the same historical bytes."""
    first, second = (parts_of(answer(card, kind)).historical for kind in kinds)
    what = f"historical bytes of a {kinds[1]} reset after a {kinds[0]} one"
    check(card, first == second, what=what, expected=first.hex().upper(), received=second.hex().upper())
