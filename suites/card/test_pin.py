"""VERIFY: query, comparison and counter of the PIN."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, PreambleFailed, Response, expect, for_each, verifies

ORDER = 150


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of VERIFY."""
    return card.spec.command("VERIFY").statuses[condition].text


def pin_limit(card: CardUnderTest) -> int:
    """The declared try limit of the PIN."""
    return int(card.ics["card.pin_try_limit"])


def right_pin(card: CardUnderTest) -> Response:
    """Present the PIN of the IXIT; a card that refuses it is not asked with it again."""
    response = card.send(card.apdu.verify(card.pin_bytes))
    card.noted("PIN", response)
    return response


def all_tries(card: CardUnderTest) -> None:
    """The right PIN first, so that the counter stands at its maximum."""
    card.select_environment()
    expect(right_pin(card), "CARD-PIN-VERIFY").ok()


def tries_are(card: CardUnderTest, count: int) -> None:
    """The query says so many tries."""
    expect(card.send(card.apdu.verify(b""))).tries_left(count)


@verifies("CARD-PIN-QUERY")
def test_query(card: CardUnderTest) -> None:
    """VERIFY without data answers 63Cx where a PIN is set, 9000 where none is; asking again gives the same."""
    query = card.spec.command("VERIFY").query
    if query is None:
        raise PreambleFailed(zh="规范数据没有查询规则", en="the data hold no rule of the query")
    expected = query.set if card.ics["card.pin"] else query.none
    card.select_environment()
    first = card.send(card.apdu.verify(b""))
    expect(first).sw(expected.text).length(0)
    for _ in range(int(card.ics["card.pin_try_limit"]) + 1):
        expect(card.send(card.apdu.verify(b""))).sw(f"{first.sw:04X}")


@verifies("CARD-PIN-WRONG", "CARD-PIN-QUERY")
def test_query_gives_no_try_back(card: CardUnderTest) -> None:
    """After a wrong PIN asking, and asking again, leaves one try less; only the right PIN gives it back."""
    all_tries(card)
    wrong = bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:]
    expect(card.wrong_pin(wrong)).tries_left(pin_limit(card) - 1)
    for _ in range(3):
        expect(card.send(card.apdu.verify(b"")), "CARD-PIN-QUERY").tries_left(pin_limit(card) - 1)


@verifies("CARD-PIN-QUERY")
@for_each("place", ("reset", "environment", "application", "file"))
def test_query_anywhere(card: CardUnderTest, place: str) -> None:
    """The query answers the same wherever the card stands in SSSE, and after another reset."""
    card.select_environment()
    first = card.send(card.apdu.verify(b"")).sw
    if place == "reset":
        card.power_on()
        card.enter_environment()
    else:
        card.select_environment()
    if place == "application":
        card.select_application("DF01")
        card.select_environment()
    if place == "file":
        card.select_file("SSSE/EF05")
    expect(card.send(card.apdu.verify(b""))).sw(f"{first:04X}")


@verifies("CARD-PIN-LIMIT")
def test_limit(card: CardUnderTest) -> None:
    """With all tries left the query says the declared limit."""
    card.enter_environment()
    if card.pin_tries() != pin_limit(card):
        # Someone may have mistyped it before: the right PIN gives all tries back.
        all_tries(card)
    tries_are(card, pin_limit(card))


@verifies("CARD-PIN-VERIFY", "CARD-PIN-WRONG")
@for_each("place", ("reset", "environment", "file"))
def test_right(card: CardUnderTest, place: str) -> None:
    """The right PIN answers 9000 and no data, once and again, and leaves all tries."""
    if place == "reset":
        card.enter_environment()
    else:
        card.select_environment()
    if place == "file":
        card.select_file("SSSE/EF05")
    for _ in range(2):
        expect(right_pin(card)).ok().length(0)
    card.reset()
    card.enter_environment()
    expect(card.send(card.apdu.verify(b"")), "CARD-PIN-WRONG").tries_left(pin_limit(card))


@verifies("CARD-PIN-WRONG")
def test_wrong(card: CardUnderTest) -> None:
    """A wrong PIN answers 63Cx with one try less, the query agrees, and the right PIN gives all tries back."""
    all_tries(card)
    wrong = bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:]
    expect(card.wrong_pin(wrong)).tries_left(pin_limit(card) - 1)
    tries_are(card, pin_limit(card) - 1)
    all_tries(card)
    card.reset()
    card.enter_environment()
    tries_are(card, pin_limit(card))


@verifies("CARD-PIN-WRONG")
@for_each("kind", ("cold", "warm"))
def test_lost_try_survives_reset(card: CardUnderTest, kind: str) -> None:
    """A reset gives no try back."""
    all_tries(card)
    expect(card.wrong_pin(bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:])).tries_left(pin_limit(card) - 1)
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    card.enter_environment()
    tries_are(card, pin_limit(card) - 1)


@verifies("CARD-PIN-WRONG")
def test_each_wrong_pin_counts(card: CardUnderTest) -> None:
    """The right PIN after a wrong one gives all tries back each time: the counter neither sticks nor creeps."""
    wrong = bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:]
    for _ in range(3):
        all_tries(card)
        expect(card.wrong_pin(wrong)).tries_left(pin_limit(card) - 1)


# What differs from the right PIN. None: the PIN has no such neighbour of allowed length.
DIFFERENCES = ("prefix", "extended-00", "extended-FF", "extended-digits", "first-digit", "last-digit", "filled")


def neighbour(kind: str, pin: bytes, longest: int, shortest: int) -> bytes | None:
    """A PIN that is nearly the right one."""
    other = {
        "prefix": pin[:-1],
        "extended-00": pin + b"\x00",
        "extended-FF": pin + b"\xff",
        "extended-digits": pin + pin[:1],
        "first-digit": bytes((pin[0] ^ 0x10,)) + pin[1:],
        "last-digit": pin[:-1] + bytes((pin[-1] ^ 0x01,)),
        "filled": pin[:-1] + bytes((pin[-1] | 0x0F,)),
    }[kind]
    return other if shortest <= len(other) <= longest and other != pin else None


@verifies("CARD-PIN-WHOLE")
@for_each("kind", DIFFERENCES)
def test_whole(card: CardUnderTest, kind: str) -> None:
    """A PIN that differs at one place, is cut, filled or extended is wrong: 63Cx, and one try less."""
    pin, rule = card.pin_bytes, card.spec.pin
    all_tries(card)
    shortest = min(card.spec.command("VERIFY").lengths)
    wrong = neighbour(kind, pin, rule.max_bytes, shortest) or bytes((pin[0] ^ 0x01,)) + pin[1:]
    expect(card.wrong_pin(wrong)).tries_left(pin_limit(card) - 1)


@verifies("CARD-PIN-LENGTH")
@for_each("at", ("shortest", "longest"))
def test_allowed_length(card: CardUnderTest, at: str) -> None:
    """A wrong PIN of the shortest or longest length is judged as a PIN: 63Cx, not 6700."""
    lengths = card.spec.command("VERIFY").lengths
    length = min(lengths) if at == "shortest" else max(lengths)
    all_tries(card)
    pin = bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:]
    expect(card.wrong_pin(pin.ljust(length, b"\x12")[:length])).refused_with(status(card, "failed"))


def wrong_lengths(spec: CardSpec) -> list[int]:
    """Lengths that VERIFY does not have."""
    allowed = spec.command("VERIFY").lengths
    return [length for length in (1, max(allowed) + 1, 2 * max(allowed), 0x20) if length not in allowed]


@verifies("CARD-PIN-LENGTH")
@for_each("length", wrong_lengths, ids=lambda length: f"Lc-{length:02X}")
def test_wrong_length(card: CardUnderTest, length: int) -> None:
    """VERIFY with an Lc outside 02 to 08 answers 6700, even where it begins with the PIN, and takes no try."""
    pin = card.pin_bytes
    all_tries(card)
    expect(card.wrong_pin(pin.ljust(length, b"\xff")[:length])).refused_with(status(card, "length"))
    tries_are(card, pin_limit(card))
