"""The starting day of the payment year: who may change it, and that it is kept."""

from onecard.testing import CardUnderTest, PurseHost, expect, for_each, verifies

ORDER = 450
KEY = "DSK"
DAYS = (bytes.fromhex("0701"), bytes.fromhex("1231"))


def ready(card: CardUnderTest) -> PurseHost:
    """The purse's application, with the PIN verified."""
    host = PurseHost(card)
    host.ready()
    return host


def update(host: PurseHost, day: bytes) -> bytes:
    """The UPDATE STARTING DAY command."""
    return host.command("UPDATE-STARTING-DAY", day)


def authenticate(card: CardUnderTest) -> None:
    """The right to update, which belongs to the requirement."""
    response = card.send(card.external_authentication(KEY, card.get_challenge(8)))
    card.noted(KEY, response)
    expect(response, "CARD-PURSE-STARTING-DAY").ok()


def restored_at_end(host: PurseHost) -> bytes:
    """The day as it is, to be put back at the end where it is another."""
    found = host.card.send(reading(host))
    expect(found, "CARD-PURSE-STARTING-DAY").ok().length(2)
    before = found.data

    def restore() -> None:
        host.ready()
        if host.starting_day() != before:
            host.card.authenticate_external(KEY)
            expect(host.card.send(update(host, before)), "CARD-PURSE-STARTING-DAY").ok()

    host.card.at_end("restore the starting day", restore)
    return before


def security(card: CardUnderTest) -> str:
    """Security status not satisfied."""
    return card.spec.command("UPDATE-STARTING-DAY").statuses["security"].text


def reading(host: PurseHost) -> bytes:
    """The GET STARTING DAY command."""
    return host.command("GET-STARTING-DAY", le=2)


@verifies("CARD-PURSE-STARTING-DAY")
@for_each("day", DAYS, ids=bytes.hex)
@for_each("kind", ("at-once", "after-reset"))
def test_update(card: CardUnderTest, day: bytes, kind: str) -> None:
    """After DSK the starting day is written, and read back, also after the supply went."""
    host = ready(card)
    restored_at_end(host)
    authenticate(card)
    expect(card.send(update(host, day))).ok().length(0)
    if kind == "after-reset":
        card.power_on()
        host.ready()
    expect(card.send(reading(host))).ok().data(day, "the day as written")


@verifies("CARD-PURSE-STARTING-DAY")
def test_literal(card: CardUnderTest) -> None:
    """B056010002 answers mmdd in BCD; B056000002 mmdd writes it."""
    host = ready(card)
    before = restored_at_end(host)
    expect(card.send(bytes.fromhex("B056010002"))).ok().data(before, "mmdd")
    authenticate(card)
    expect(card.send(bytes.fromhex("B0560000020930"))).ok()
    expect(card.send(bytes.fromhex("B056010002"))).ok().data(bytes.fromhex("0930"), "mmdd")


@verifies("CARD-PURSE-STARTING-DAY-REFUSED")
@for_each("proved", ("nothing", "pin", "other-key", "lost-by-selection", "lost-by-reset"))
def test_refused(card: CardUnderTest, proved: str) -> None:
    """Without DSK, with the PIN or another key alone, and once the right was lost, the day is not written (6982)."""
    host = PurseHost(card)
    area = host.spec_of("UPDATE-STARTING-DAY").where[0]
    card.select_world(area)
    before = restored_at_end(host)
    if proved == "pin":
        card.present_pin()
    elif proved != "nothing":
        card.authenticate_external("UK1DF04" if proved == "other-key" else KEY)
    if proved == "lost-by-selection":
        card.select_world(area)
    elif proved == "lost-by-reset":
        card.reset()
        card.select_world(area)
    day = next(each for each in DAYS if each != before)
    expect(card.transmit(update(host, day))).refused_with(security(card))
    expect(card.send(reading(host)), "CARD-PURSE-STARTING-DAY").ok().data(before, "the day as it was")


@verifies("CARD-PURSE-STARTING-DAY-REFUSED")
def test_refused_after_failed_authentication(card: CardUnderTest) -> None:
    """A wrong authentication of DSK opens nothing: 6982, and the day is as it was."""
    host = ready(card)
    before = restored_at_end(host)
    command = card.external_authentication(KEY, card.get_challenge(8), spoil=True)
    response = card.wrong_external_authentication(KEY, command)
    expect(response, "CARD-EXTERNAL-AUTH-WRONG").refused()
    day = next(each for each in DAYS if each != before)
    expect(card.transmit(update(host, day))).refused_with(security(card))
    expect(card.send(reading(host)), "CARD-PURSE-STARTING-DAY").ok().data(before, "the day as it was")
