"""Anti-tear: the supply is cut before each persistent write of a command; the card comes back as before or as after.

Every write is met in turn: the cut moves on until the command ends before it. Recovery takes no command of the
terminal: what is read next is already one or the other.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from onecard.oracle.purse import Books, after_load, after_purchase, log_records
from onecard.spec.card_purse import LOAD, PURCHASE
from onecard.testing import (
    CardUnderTest,
    Inconclusive,
    IssuerDesk,
    PurseHost,
    Response,
    Text,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 900
MOST = 200
"""Writes of one command; a card that needs more is not followed further."""
LEAST_TRIES = 2
PIECE = 64
"""Bytes of a transparent file that are written at once."""
TORN = "the balance; a card that does not protect its writes may be spoilt altogether"
AMOUNTS = {"amount": 100, "account": 7, "self-paid": 11, "pooled": 13}


def torn(card: CardUnderTest, attempt: Callable[[int], Response | None]) -> None:
    """Cut before every write in turn; ``attempt`` prepares, sends, judges what a cut left, and gives the answer."""
    for step in range(1, MOST + 1):
        response = attempt(step)
        if response is None:
            continue
        expect(response).ok()
        points = step - 1
        card.note(Text(f"断电点 {points} 个，均已执行", f"{points} tear points, all of them executed"))
        check(card, points > 0, what="tear points", expected="at least one", received=str(points))
        return
    check(card, False, what="tear points", expected=f"at most {MOST}", received="more")


def either(card: CardUnderTest, found: object, old: object, new: object, step: int) -> None:
    """What a cut left is what was before or what was to be."""
    ok = found in (old, new)
    check(card, ok, what=f"cut before write {step}", expected=f"{old} or {new}", received=str(found))


def ready(card: CardUnderTest) -> PurseHost:
    """The card with its supply back, and the purse ready for transactions."""
    card.power_on()
    host = PurseHost(card)
    host.ready()
    return host


class Left(NamedTuple):
    """What a cut left of a transaction: the books but for the log, the log's state, and whether there is a proof."""

    books: Books
    log: str
    proof: bool

    def __str__(self) -> str:
        """In words."""
        return f"{self.books}, log {self.log}, {'proof' if self.proof else 'no proof'}"


def without_log(books: Books) -> Books:
    """Amounts, year and counters."""
    return replace(books, newest=None)


@verifies("CARD-TEAR-LOAD")
@destructive(TORN)
def test_load(card: CardUnderTest) -> None:
    """CREDIT FOR LOAD: balance, counter, log and proof together are those before the load or those after it."""
    tear_transaction(card, LOAD, years=0)


@verifies("CARD-TEAR-PURCHASE")
@destructive(TORN)
@for_each("years", (0, 1), ids=lambda years: "new-year" if years else "same-year")
def test_purchase(card: CardUnderTest, years: int) -> None:
    """DEBIT FOR PURCHASE: balance, sums, year, counter, log and proof together are those before or those after it."""
    tear_transaction(card, PURCHASE, years=years)


def tear_transaction(card: CardUnderTest, transaction: str, years: int) -> None:
    """A load or a purchase, cut at every write."""
    ready(card).fund(MOST * AMOUNTS["account"])

    def attempt(step: int) -> Response | None:
        host = ready(card)
        before = host.books()
        date = host.first_day(before, years)
        time = host.time(date)
        begun = host.begin(transaction, AMOUNTS)
        response = card.transmit_and_cut(host.completion(begun, time), step)
        if response is not None and response.sw >> 8 == card.t0.more_data:
            response = card.send(card.get_response(response.sw & 0xFF))
        again = ready(card)
        proof = card.send(
            again.command("GET-TRANSACTION-PROOF", begun.fields["serial"], p2=again.purse.types[transaction])
        )
        after = again.books()
        paid = (AMOUNTS["account"], AMOUNTS["self-paid"], AMOUNTS["pooled"])
        done = (
            after_load(before, AMOUNTS["amount"])
            if transaction == LOAD
            else after_purchase(before, *paid, date, year_length=host.purse.year_length)
        )
        fields = {**begun.fields, "time": time}
        if transaction == LOAD:
            fields |= {"self-paid": bytes(4), "pooled": bytes(4)}
        records = log_records(host.purse, fields)
        # Without a PIN the log is not read.
        read = bool(card.ics["card.pin"])
        log = "old" if after.newest == before.newest else "new" if after.newest in records else "spoilt"
        old = Left(without_log(before), "old", proof=False)
        new = Left(without_log(done), "new" if read else "old", proof=True)
        either(card, Left(without_log(after), log, proof.is_ok), old, new, step)
        return response

    torn(card, attempt)


@verifies("CARD-TEAR-UPDATE")
@destructive("a record of EF05, on a card that does not protect its writes")
def test_update_record(card: CardUnderTest) -> None:
    """UPDATE RECORD: the record is the old one or the new one, and the other records are as they were."""
    file = card.spec.file("SSSE/EF05")
    number = len(file.record_order) - 1
    values = (bytes.fromhex("20981231"), bytes.fromhex("20991130"))

    def records() -> list[bytes]:
        card.power_on()
        card.open_file(file.id)
        return [card.send(card.apdu.read_record(place + 1, 4)).data for place in range(len(file.record_order))]

    def shown(found: list[bytes]) -> str:
        return " ".join(map(bytes.hex, found))

    found = records()
    original = found[number - 1]

    def restore() -> None:
        card.open_file(file.id, "update")
        expect(card.send(card.apdu.update_record(number, 4, original)), "CARD-UPDATE-RECORD").ok()

    card.at_end("restore the record", restore)

    def attempt(step: int) -> Response | None:
        before = records()
        value = next(each for each in values if each != before[number - 1][2:])
        changed = before[number - 1][:2] + value
        card.open_file(file.id, "update")
        response = card.transmit_and_cut(card.apdu.update_record(number, 4, changed), step)
        after = [*before[: number - 1], changed, *before[number:]]
        either(card, shown(records()), shown(before), shown(after), step)
        return response

    torn(card, attempt)


@verifies("CARD-TEAR-BINARY")
@destructive("the photo, on a card that does not protect its writes")
def test_update_binary(card: CardUnderTest) -> None:
    """UPDATE BINARY: the bytes are all old or all new, and those behind them are as they were."""
    file = card.spec.file("SSSE/EF08")

    def content() -> bytes:
        card.power_on()
        card.open_file(file.id, "update")
        return card.send(card.apdu.read_binary(0, PIECE + 1)).data

    original = content()[:PIECE]

    def restore() -> None:
        card.open_file(file.id, "update")
        expect(card.send(card.apdu.update_binary(0, original)), "CARD-TEAR-BINARY").ok()

    card.at_end("restore the photo", restore)

    def attempt(step: int) -> Response | None:
        before = content()
        changed = bytes(octet ^ 0xFF for octet in before[:PIECE])
        response = card.transmit_and_cut(card.apdu.update_binary(0, changed), step)
        either(card, content().hex(), before.hex(), (changed + before[PIECE:]).hex(), step)
        return response

    torn(card, attempt)


@verifies("CARD-TEAR-PIN")
@destructive("the PIN, on a card that does not protect its writes")
def test_change_pin(card: CardUnderTest) -> None:
    """CHANGE PIN: the PIN is the old one or the new one, and is found with a try to spare."""
    desk = IssuerDesk(card)
    card.select_environment()
    card.present_pin()
    desk.keep_pin()
    original, other = desk.pin, desk.another_pin()

    def takes(pin: bytes) -> bool:
        return card.send(card.apdu.verify(pin)).is_ok

    def attempt(step: int) -> Response | None:
        card.power_on()
        card.select_environment()
        old = desk.pin
        new = other if old == original else original
        response = card.transmit_and_cut(desk.change_command(old, new), step)
        card.power_on()
        card.select_environment()
        taken = {name: pin for name, pin in (("old", old), ("new", new)) if takes(pin)}
        found = " and ".join(taken) or "neither"
        desk.pin = taken.get("old", taken.get("new", old))
        if taken:
            # The wrong one of the two took a try.
            takes(desk.pin)
        either(card, found, "old", "new", step)
        return response

    torn(card, attempt)


@verifies("CARD-TEAR-STARTING-DAY")
@destructive("the starting day, on a card that does not protect its writes")
def test_starting_day(card: CardUnderTest) -> None:
    """UPDATE STARTING DAY: the day is the old one or the new one."""
    host = ready(card)
    original = host.starting_day()

    def restore() -> None:
        host.ready()
        card.authenticate_external("DSK")
        expect(card.send(host.command("UPDATE-STARTING-DAY", original)), "CARD-PURSE-STARTING-DAY").ok()

    card.at_end("restore the starting day", restore)

    def attempt(step: int) -> Response | None:
        before = ready(card).starting_day()
        day = bytes.fromhex("0702" if before == bytes.fromhex("1130") else "1130")
        card.authenticate_external("DSK")
        response = card.transmit_and_cut(host.command("UPDATE-STARTING-DAY", day), step)
        either(card, ready(card).starting_day().hex(), before.hex(), day.hex(), step)
        return response

    torn(card, attempt)


@verifies("CARD-TEAR-TRIES")
@destructive("the PIN, on a card that does not protect its writes")
def test_try_is_taken_first(card: CardUnderTest) -> None:
    """VERIFY with the right PIN: at one cut the try is taken already, and at none there is one too many."""
    limit = int(card.ics["card.pin_try_limit"])
    if limit <= LEAST_TRIES:
        raise Inconclusive(zh="密码次数太少，不宜断电", en="the PIN has too few tries to cut the supply")
    card.enter_environment()
    card.present_pin()
    left: set[int | None] = set()

    def attempt(step: int) -> Response | None:
        card.power_on()
        card.enter_environment()
        response = card.transmit_and_cut(card.apdu.verify(card.pin_bytes), step)
        card.power_on()
        card.enter_environment()
        left.add(card.pin_tries())
        card.present_pin()
        return response

    torn(card, attempt)
    right = left == {limit, limit - 1}
    received = ", ".join(sorted(map(str, left)))
    check(card, right, what="tries after the cuts", expected=f"{limit - 1}, {limit}", received=received)
