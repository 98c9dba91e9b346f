"""CHANGE PIN: old PIN, FF, new PIN. Every case leaves the card with the PIN that it had."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Ends, IssuerDesk, destructive, expect, for_each, verifies

ORDER = 152
COMMAND = "CHANGE-PIN"


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of CHANGE PIN."""
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


def pin_is(card: CardUnderTest, pin: bytes) -> None:
    """The card takes ``pin``."""
    expect(card.send(card.apdu.verify(pin))).ok()


def tries_are(card: CardUnderTest, count: int) -> None:
    """The query says so many tries."""
    expect(card.send(card.apdu.verify(b""))).tries_left(count)


@verifies("CARD-CHANGE-PIN", "CARD-CHANGE-PIN-COUNTER")
def test_change(card: CardUnderTest) -> None:
    """The change answers 9000; then the new PIN is right, the old one wrong, and the change back works too."""
    desk = desk_of(card)
    old, new = desk.pin, desk.another_pin()
    expect(desk.change(old, new)).ok().length(0)
    expect(card.send(card.apdu.verify(old))).tries_left(limit(card) - 1)
    pin_is(card, new)
    expect(desk.change(new, old), "CARD-CHANGE-PIN").ok()
    expect(card.send(card.apdu.verify(b"")), "CARD-CHANGE-PIN-COUNTER").tries_left(limit(card))
    pin_is(card, old)


@verifies("CARD-CHANGE-PIN")
def test_change_survives_reset(card: CardUnderTest) -> None:
    """A new PIN is still the PIN after the supply was off."""
    desk = desk_of(card)
    new = desk.another_pin()
    expect(desk.change(desk.pin, new)).ok()
    card.power_on()
    card.select_environment()
    pin_is(card, new)


@verifies("CARD-CHANGE-PIN")
@for_each("digits", (4, 5, 8, 15, 16), ids=lambda digits: f"{digits}-digits")
def test_every_size(card: CardUnderTest, digits: int) -> None:
    """PINs of 4 to 16 digits, an odd count filled with F, are set and verified."""
    desk = desk_of(card)
    text = "9876543210987654"[:digits]
    new = bytes.fromhex(text + "F" * (digits % 2))
    expect(desk.change(desk.pin, new)).ok()
    pin_is(card, new)


@verifies("CARD-CHANGE-PIN-WRONG")
@for_each("way", ("other", "prefix", "empty"))
def test_wrong_old(card: CardUnderTest, way: str) -> None:
    """A wrong old PIN does not open: 63Cx and one try less where it is a PIN; the PIN stays the old one."""
    desk = desk_of(card)
    pin, new = desk.pin, desk.another_pin()
    given = {"other": desk.wrong_pin(), "prefix": pin[:-1], "empty": b""}[way]
    answer = desk.change(given, new)
    if way == "empty":
        # What a card answers to an empty old PIN where one is set is left open; it does not take it.
        expect(answer).refused()
    else:
        expect(answer).tries_left(limit(card) - 1)
        tries_are(card, limit(card) - 1)
    pin_is(card, pin)


@verifies("CARD-CHANGE-PIN-COUNTER")
def test_change_restores_tries(card: CardUnderTest) -> None:
    """After a lost try a right CHANGE PIN gives all tries back."""
    desk = desk_of(card)
    expect(desk.mistype(), "CARD-PIN-WRONG").tries_left(limit(card) - 1)
    expect(desk.change(desk.pin, desk.another_pin())).ok()
    tries_are(card, limit(card))


@verifies("CARD-CHANGE-PIN-SHORT")
@for_each("new", ("12", "123F", "12345A"), ids=lambda new: new)
def test_bad_new_pin(card: CardUnderTest, new: str) -> None:
    """A new PIN of fewer than four digits, or that is not of digits, is refused; the PIN stays the old one."""
    desk = desk_of(card)
    old = desk.pin
    expect(desk.change(old, bytes.fromhex(new))).refused()
    pin_is(card, old)
    tries_are(card, limit(card))


@verifies("CARD-CHANGE-PIN-LONG")
@for_each("digits", (17, 18), ids=lambda digits: f"{digits}-digits")
def test_long_new_pin(card: CardUnderTest, digits: int) -> None:
    """A new PIN of nine bytes is refused, although the command may be that long; the PIN stays the old one."""
    desk = desk_of(card)
    old = desk.pin
    new = bytes.fromhex("987654321098765432"[:digits] + "F" * (digits % 2))
    expect(desk.change(old, new)).refused()
    pin_is(card, old)
    tries_are(card, limit(card))


@verifies("CARD-CHANGE-PIN-FORM")
def test_without_separator(card: CardUnderTest) -> None:
    """Old and new PIN without FF between them are refused; the PIN stays the old one."""
    desk = desk_of(card)
    old = desk.pin
    command = desk.change_command(old, desk.another_pin())
    separator = 5 + len(old)
    spoilt = command[:4] + bytes((command[4] - 1,)) + command[5:separator] + command[separator + 1 :]
    answer = card.send(spoilt)
    expect(answer).refused()
    pin_is(card, old)


def wrong_lengths(spec: CardSpec) -> list[int]:
    """Lengths that CHANGE PIN does not have."""
    allowed = spec.command(COMMAND).lengths
    return [min(allowed) - 1, max(allowed) + 1, 0x20]


@verifies("CARD-CHANGE-PIN-LENGTH")
@for_each("length", wrong_lengths, ids=lambda length: f"Lc-{length:02X}")
def test_wrong_length(card: CardUnderTest, length: int) -> None:
    """CHANGE PIN with another Lc answers 6700, even where it begins right, and takes no try."""
    desk = desk_of(card)
    old = desk.pin
    data = (old + b"\xff" + desk.another_pin()).ljust(length, b"\x12")[:length]
    command = card.apdu.header(COMMAND, 0x01, 0x00) + bytes((length,)) + data
    expect(card.send(command)).refused_with(status(card, "length"))
    tries_are(card, limit(card))
    pin_is(card, old)


@verifies("CARD-CHANGE-PIN-LENGTH")
def test_shortest_and_longest(card: CardUnderTest) -> None:
    """The least and the greatest Lc are allowed: one PIN of 16 digits for another, and one of 4 digits removed."""
    desk = desk_of(card)
    longest = [bytes.fromhex(digits) for digits in ("9876543210987654", "1357913579135791")]
    short = bytes.fromhex("9753")
    expect(desk.change(desk.pin, longest[0]), "CARD-CHANGE-PIN").ok()
    expect(desk.change(*longest), "CARD-CHANGE-PIN-LENGTH").ok()
    expect(desk.change(longest[1], short), "CARD-CHANGE-PIN").ok()
    expect(desk.change(short, b""), "CARD-CHANGE-PIN-LENGTH").ok()


@verifies("CARD-CHANGE-PIN-PARAMETERS")
@for_each("parameters", ((0x00, 0x00), (0x02, 0x00), (0x01, 0x01)), ids=lambda pair: f"{pair[0]:02X}{pair[1]:02X}")
def test_wrong_parameters(card: CardUnderTest, parameters: tuple[int, int]) -> None:
    """A right CHANGE PIN with other P1 and P2 answers 6A86 and leaves the PIN."""
    desk = desk_of(card)
    old = desk.pin
    command = desk.change_command(old, desk.another_pin())
    answer = card.send(command[:2] + bytes(parameters) + command[4:])
    if answer.is_ok:
        desk.pin = desk.another_pin()
    expect(answer).refused_with(status(card, "parameters"))
    pin_is(card, old)


@verifies("CARD-CHANGE-PIN-EMPTY")
def test_remove_and_set(card: CardUnderTest) -> None:
    """An empty new PIN removes the PIN: the query answers 9000; an empty old one sets it again, with all tries."""
    desk = desk_of(card)
    old = desk.pin
    query = card.spec.command("VERIFY").query
    expect(desk.change(old, b"")).ok()
    if query is not None:
        expect(card.send(card.apdu.verify(b""))).sw(query.none.text)
    expect(desk.change(b"", old)).ok()
    tries_are(card, limit(card))
    pin_is(card, old)


@verifies("CARD-VERIFY-NOT-SET")
def test_nothing_to_compare_with(card: CardUnderTest) -> None:
    """With the PIN removed VERIFY of the PIN that was, and of another, answers 6984."""
    desk = desk_of(card)
    old = desk.pin
    expect(desk.change(old, b""), "CARD-CHANGE-PIN-EMPTY").ok()
    not_set = card.spec.command("VERIFY").statuses["not-set"].text
    for pin in (old, desk.another_pin()):
        expect(card.send(card.apdu.verify(pin)), "CARD-VERIFY-NOT-SET").refused_with(not_set)


@verifies("CARD-PIN-SHARED")
@for_each("application", lambda spec: [name for name in ("DF01", "DF03") if name in spec.applications])
def test_one_pin(card: CardUnderTest, application: str) -> None:
    """A PIN changed in SSSE is the PIN in an application, and a try lost there is lost in SSSE."""
    desk = desk_of(card)
    new = desk.another_pin()
    expect(desk.change(desk.pin, new), "CARD-CHANGE-PIN").ok()
    card.select_application(application)
    expect(card.send(card.apdu.verify(new)), "CARD-PIN-SHARED").ok()
    expect(card.send(card.apdu.verify(desk.wrong_pin()))).tries_left(limit(card) - 1)
    card.select_environment()
    tries_are(card, limit(card) - 1)
    pin_is(card, new)


@verifies("CARD-CHANGE-PIN-BLOCKED")
@destructive("PIN", Ends.SECRET)
def test_blocked(card: CardUnderTest) -> None:
    """With no tries left CHANGE PIN answers 6983, with a wrong and with the right old PIN, and VERIFY stays blocked."""
    desk = IssuerDesk(card)
    card.select_environment()
    card.present_pin()
    for left in reversed(range(limit(card))):
        expect(card.send(desk.change_command(desk.wrong_pin(), desk.another_pin()))).tries_left(left)
    for old in (desk.wrong_pin(), desk.pin):
        expect(card.send(desk.change_command(old, desk.another_pin()))).refused_with(status(card, "blocked"))
    for pin in (desk.pin, desk.another_pin()):
        expect(card.send(card.apdu.verify(pin))).refused()
