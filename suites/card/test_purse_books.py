"""The books of the medical account: balances, sums of the payment year, and the log."""

from onecard.oracle.purse import after_purchase, log_records
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import LOAD, PURCHASE, Balance, purse_of
from onecard.testing import CardUnderTest, PurseHost, check, destructive, expect, for_each, verifies

ORDER = 415
SPENT = "the balance, for ever by what was paid"


def balances(spec: CardSpec) -> tuple[Balance, ...]:
    """What GET BALANCE gives."""
    return purse_of(spec).balances


def status(card: CardUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return card.spec.command(command).statuses[condition].text


def ready(card: CardUnderTest) -> PurseHost:
    """The purse, ready for transactions."""
    host = PurseHost(card)
    host.ready()
    return host


def amounts(self_paid: int, pooled: int) -> dict[str, int]:
    """A purchase that takes nothing from the account."""
    return {"self-paid": self_paid, "pooled": pooled}


@verifies("CARD-PURSE-BALANCE")
@for_each("balance", balances, ids=lambda balance: f"P2-{balance.p2:02X}")
def test_balance(card: CardUnderTest, balance: Balance) -> None:
    """GET BALANCE answers what P2 asks for, in its length; the same again the second time."""
    host = ready(card)
    first = host.balance(balance.p2)
    expect(first).ok().length(sum(host.purse.lengths[name] for name in balance.answer))
    expect(host.balance(balance.p2)).ok().data(first.data, "the same")


@verifies("CARD-PURSE-BALANCE")
def test_literal_balances(card: CardUnderTest) -> None:
    """B026000104, B026000206 and B026000306; both sums name the same payment year."""
    ready(card)
    for command, length in (("B026000104", 4), ("B026000206", 6), ("B026000306", 6)):
        expect(card.send(bytes.fromhex(command))).ok().length(length)


@verifies("CARD-PURSE-BALANCE-PIN")
@for_each("balance", balances, ids=lambda balance: f"P2-{balance.p2:02X}")
def test_balance_without_pin(card: CardUnderTest, balance: Balance) -> None:
    """Without the PIN no balance is told (6982); after it, it is; after a reset it is not again."""
    host = PurseHost(card)
    area = host.spec_of("GET-BALANCE").where[0]
    card.select_world(area)
    expect(host.balance(balance.p2)).refused_with(status(card, "GET-BALANCE", "security"))
    card.present_pin()
    expect(host.balance(balance.p2)).ok()
    card.reset()
    card.select_world(area)
    expect(host.balance(balance.p2)).refused_with(status(card, "GET-BALANCE", "security"))


# Days from the start of the payment year, as (years on, days back).
DAYS = {"first-day": (0, 0), "last-day": (1, 1), "new-year": (1, 0), "years-later": (3, 0)}


def start_on(card: CardUnderTest, host: PurseHost, day: bytes) -> None:
    """Another starting day, put back at the end."""
    before = host.starting_day()

    def restore() -> None:
        host.ready()
        card.authenticate_external("DSK")
        expect(card.send(host.command("UPDATE-STARTING-DAY", before)), "CARD-PURSE-STARTING-DAY").ok()

    card.at_end("restore the starting day", restore)
    card.authenticate_external("DSK")
    expect(card.send(host.command("UPDATE-STARTING-DAY", day)), "CARD-PURSE-STARTING-DAY").ok()


@verifies("CARD-PURSE-YEAR")
@destructive(SPENT)
@for_each("day", tuple(DAYS))
@for_each("start", ("as-found", "0102"))
def test_year(card: CardUnderTest, day: str, start: str) -> None:
    """Own and pooled amounts add up until the last day of the payment year; its next first day begins a new one.

    A year that starts on 2 January ends with a difference of 9999, the greatest that there is.
    """
    host = ready(card)
    if start != "as-found":
        start_on(card, host, bytes.fromhex(start))
    books = host.books()
    # A purchase of today's year first, so that there is a year and something in its sums.
    expect(host.complete(host.begin(PURCHASE, amounts(11, 22)), host.time(host.first_day(books)))).ok()
    before = host.books()
    years, back = DAYS[day]
    date = host.first_day(before, years)
    date = host.day_before(date) if back else date
    expect(host.complete(host.begin(PURCHASE, amounts(5, 7)), host.time(date))).ok()
    after = host.books()
    wanted = after_purchase(before, 0, 5, 7, date, year_length=host.purse.year_length)
    same = (after.self_paid_sum, after.pooled_sum, after.pay_year) == (
        *(wanted.self_paid_sum, wanted.pooled_sum, wanted.pay_year),
    )
    check(card, same, what=f"sums on {date}", expected=str(wanted), received=str(after))


@verifies("CARD-PURSE-LOG")
@destructive(SPENT)
@for_each("transaction", (LOAD, PURCHASE))
@for_each("already", (0, 2), ids=lambda count: f"after-{count}-more")
def test_log(card: CardUnderTest, transaction: str, already: int) -> None:
    """The transaction stands in the newest record; the records before it have moved on by one."""
    host = ready(card)
    host.fund(10)
    time = host.time(host.first_day(host.books()))
    terms = {"amount": 9, "account": 8, "self-paid": 7, "pooled": 6}
    for _ in range(already):
        expect(host.complete(host.begin(PURCHASE, {"pooled": 1}), time), "CARD-PURSE-DEBIT").ok()
    last = host.newest()
    begun = host.begin(transaction, terms)
    expect(host.complete(begun, time)).ok()
    fields = {**begun.fields, "time": time}
    if transaction == LOAD:
        fields |= {"self-paid": bytes(4), "pooled": bytes(4)}
    found, wanted = host.newest() or b"", log_records(host.purse, fields)
    expected = " or ".join(sorted(each.hex() for each in wanted))
    check(card, found in wanted, what="newest record", expected=expected, received=found.hex())
    if last is not None:
        expect(card.send(card.apdu.read_record(2, 4))).ok().data(last, "the record before")


@verifies("CARD-PURSE-LOG-DEPTH")
@destructive(SPENT)
def test_log_depth(card: CardUnderTest) -> None:
    """As many purchases as the log must hold at least: all of them stand in it, the newest first, behind each other."""
    host = ready(card)
    count = card.spec.file(host.purse.log).record_count
    time = host.time(host.first_day(host.books()))
    newest: list[bytes | None] = []
    for amount in range(1, count + 1):
        begun = host.begin(PURCHASE, {"self-paid": amount})
        expect(host.complete(begun, time), "CARD-PURSE-DEBIT").ok()
        if amount in (1, count):
            newest.append(host.newest())
    for number, record in ((1, newest[1]), (count, newest[0])):
        expect(card.send(card.apdu.read_record(number, 4))).ok().data(record or b"", f"record {number}")
