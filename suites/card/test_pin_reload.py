"""PIN CHANGE/UNBLOCK with a new PIN: enciphered, under PUK and STK. PIN and counters are left as found."""

from onecard.oracle import session as computation
from onecard.oracle.blocks import ecb_encrypt
from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Inconclusive, IssuerDesk, expect, for_each, verifies

ORDER = 157
COMMAND = "PIN-CHANGE-UNBLOCK"
UNBLOCK = "unblock"


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of PIN CHANGE/UNBLOCK."""
    return card.spec.command(COMMAND).statuses[condition].text


def limit(card: CardUnderTest) -> int:
    """The declared try limit of the PIN."""
    return int(card.ics["card.pin_try_limit"])


def desk_of(card: CardUnderTest) -> IssuerDesk:
    """The card in SSSE with all tries of its PIN; the PIN is put back at the end."""
    desk = IssuerDesk(card)
    card.select_environment()
    card.present_pin()
    desk.keep_pin()
    return desk


def puk_in_order(card: CardUnderTest, desk: IssuerDesk) -> None:
    """Give PUK the tries back that a wrong MAC may have taken; it has enough of them."""
    if int(card.ics["card.key_try_limit"]) <= 2:
        raise Inconclusive(zh="PUK 次数太少，不宜试错", en="PUK has too few tries for a wrong MAC")

    def restore() -> None:
        card.select_environment()
        card.authenticate_external(desk.key_for(UNBLOCK))

    card.at_end("restore the tries of PUK", restore)


def pin_is(card: CardUnderTest, pin: bytes) -> None:
    """The card takes ``pin``, with all tries after it."""
    expect(card.send(card.apdu.verify(pin))).ok()
    expect(card.send(card.apdu.verify(b""))).tries_left(limit(card))


def new_pins(spec: CardSpec) -> list[str]:
    """PINs of 4 digits up to as many as one block takes, an odd count among them, and one that ends like the filler."""
    return ["1357", "24680", "13578000", "1234567890", "9876543210987", "98765432109876"]


@verifies("CARD-ENCIPHER-BLOCKS")
@for_each("digits", new_pins, ids=lambda digits: f"{len(digits)}-digits")
def test_every_size(card: CardUnderTest, digits: str) -> None:
    """A PIN of any number of digits that one block takes is loaded enciphered, and is then the PIN."""
    desk = desk_of(card)
    new = computation.pin_block(digits)
    expect(desk.reload(desk.open(UNBLOCK), new)).ok().length(0)
    expect(card.send(card.apdu.verify(new))).ok()


@verifies("CARD-PIN-RELOAD")
@for_each("kind", ("at-once", "cold"))
def test_reload(card: CardUnderTest, kind: str) -> None:
    """A PIN loaded by the issuer is the PIN, with all tries, also after the supply was off; the old one is wrong."""
    desk = desk_of(card)
    old, new = desk.pin, desk.another_pin()
    expect(desk.reload(desk.open(UNBLOCK), new)).ok().length(0)
    if kind == "cold":
        card.power_on()
        card.select_environment()
    expect(card.send(card.apdu.verify(b""))).tries_left(limit(card))
    expect(card.send(card.apdu.verify(old))).tries_left(limit(card) - 1)
    expect(card.send(card.apdu.verify(new))).ok()


@verifies("CARD-PIN-RELOAD")
def test_reload_gives_tries_back(card: CardUnderTest) -> None:
    """After a lost try a reload gives all tries back."""
    desk = desk_of(card)
    expect(desk.mistype(), "CARD-PIN-WRONG").tries_left(limit(card) - 1)
    expect(desk.reload(desk.open(UNBLOCK), desk.another_pin()), "CARD-PIN-RELOAD").ok()
    expect(card.send(card.apdu.verify(b"")), "CARD-PIN-RELOAD").tries_left(limit(card))


@verifies("CARD-PIN-RELOAD-EMPTY")
def test_reload_nothing(card: CardUnderTest) -> None:
    """A PIN of length zero removes the PIN: the query answers 9000; a PIN is set again from there."""
    desk = desk_of(card)
    old = desk.pin
    query = card.spec.command("VERIFY").query
    expect(desk.reload(desk.open(UNBLOCK), b"")).ok()
    if query is not None:
        expect(card.send(card.apdu.verify(b""))).sw(query.none.text)
    expect(desk.reload(desk.open(UNBLOCK), old), "CARD-PIN-RELOAD").ok()
    pin_is(card, old)


@verifies("CARD-PIN-RELOAD-REFUSED")
@for_each("way", ("mac", "right", "short", "not-digits", "padding", "plain"))
def test_reload_refused(card: CardUnderTest, way: str) -> None:
    """A reload with a wrong MAC, without PUK, of a bad PIN or of data not enciphered by the rule changes nothing."""
    desk = desk_of(card)
    puk_in_order(card, desk)
    old, new = desk.pin, desk.another_pin()
    parameters = (0, card.spec.command(COMMAND).number("reload"))
    session = desk.session(desk.challenge()) if way == "right" else desk.open(UNBLOCK)
    block = bytes((len(new),)) + new
    if way in ("mac", "right"):
        answer = desk.reload(session, new, spoil=way == "mac")
        expect(answer).refused_with(status(card, "mac" if way == "mac" else "security"))
    elif way in ("short", "not-digits"):
        expect(desk.reload(session, bytes.fromhex("12" if way == "short" else "12345A"))).refused()
    else:
        filled = block.ljust(card.rules.block, b"\x00")
        data = ecb_encrypt(card.rules.algorithm, session, filled) if way == "padding" else filled
        answer = card.send(desk.secured(COMMAND, parameters, session, data))
        if answer.is_ok:
            desk.pin = new
        expect(answer).refused()
    pin_is(card, old)
