"""The certificate application: its two PINs, their tries, and what they open."""

from collections.abc import Callable

from onecard.oracle import certificate as oracle
from onecard.oracle.sm3 import sm3
from onecard.testing import CardUnderTest, Certificate, Ends, Response, destructive, expect, for_each, verifies

ORDER = 710
USER, ADMIN = "CERT-USER", "CERT-ADMIN"
PINS = (USER, ADMIN)


def opened(card: CardUnderTest) -> Certificate:
    """The application, selected."""
    application = Certificate(card)
    application.select()
    return application


def other_pin(pin: str) -> str:
    """The one that is not meant."""
    return ADMIN if pin == USER else USER


def signature(application: Certificate) -> Response:
    """What needs the user PIN: a signature."""
    return application.card.send(application.sign(application.card.random.bytes(32)))


def same_byte(application: Certificate) -> Response:
    """What needs the administrator PIN: the first byte of a certificate written again."""
    card, file = application.card, application.data.pair("signature").certificate
    card.select_file(file)
    first = application.read_piece(0, 1).data
    return card.send(card.apdu.update_binary(0, first))


GUARDED = {USER: signature, ADMIN: same_byte}


@verifies("CARD-CERT-PIN")
@for_each("pin", PINS)
def test_right(card: CardUnderTest, pin: str) -> None:
    """The right proof answers 9000 and no data, once and again, and opens what the PIN opens."""
    application = opened(card)
    for _ in range(2):
        expect(application.prove(pin)).ok().length(0)
    expect(GUARDED[pin](application)).ok()


@verifies("CARD-CERT-PIN")
@for_each("pin", PINS)
def test_literally(card: CardUnderTest, pin: str) -> None:
    """0020 01 81 (user) or 0020 01 00 (administrator) and 16 bytes, as the published programs send them."""
    application = opened(card)
    header = {USER: "0020018110", ADMIN: "0020010010"}[pin]
    proof = oracle.proof(application.pin_key(pin), application.challenge())
    response = card.send(bytes.fromhex(header) + proof)
    card.noted(pin, response)
    expect(response).ok()


@verifies("CARD-CERT-PIN-WRONG")
@for_each("pin", PINS)
def test_wrong(card: CardUnderTest, pin: str) -> None:
    """A wrong proof answers 63Cx with one try less and opens nothing; the right one gives all tries back."""
    application = opened(card)
    application.wrong(pin)
    for _ in range(2):
        expect(application.prove(pin, card.random.bytes(16))).tries_left(application.limit(pin) - 1)
        expect(GUARDED[pin](application)).refused()
        expect(application.prove(pin)).ok()


@verifies("CARD-CERT-PIN-WRONG")
@for_each("pin", PINS)
def test_lost_try_survives_reset(card: CardUnderTest, pin: str) -> None:
    """A reset gives no try back: the second wrong proof, after it, has two less."""
    application = opened(card)
    if application.limit(pin) <= 3:
        expect(application.prove(pin)).ok()
        return
    application.wrong(pin)
    expect(application.prove(pin, card.random.bytes(16))).tries_left(application.limit(pin) - 1)
    card.power_on()
    application.select()
    expect(application.prove(pin, card.random.bytes(16))).tries_left(application.limit(pin) - 2)


def _ascii(digits: str) -> bytes:
    return sm3(digits.encode("ascii"))[:16]


def _last_half(digits: str) -> bytes:
    return sm3(bytes.fromhex(digits))[16:]


def _plain(digits: str) -> bytes:
    return bytes.fromhex(digits).ljust(16, b"\x00")


NEIGHBOURS: dict[str, Callable[[str], bytes]] = {"ascii": _ascii, "last-half": _last_half, "plain": _plain}
"""Keys that are nearly the right one: of the digits in ASCII, the other half of the digest, the digits themselves."""


@verifies("CARD-CERT-PIN-WRONG")
@for_each("key", tuple(NEIGHBOURS))
@for_each("pin", PINS)
def test_wrong_key(card: CardUnderTest, pin: str, key: str) -> None:
    """A proof under a key that is nearly the right one is wrong."""
    application = opened(card)
    application.wrong(pin)
    expect(application.prove(pin, NEIGHBOURS[key](application.digits(pin)))).tries_left(application.limit(pin) - 1)


@verifies("CARD-CERT-PIN-WRONG")
@for_each("spoiled", (0, 8, 15))
def test_one_bit(card: CardUnderTest, spoiled: int) -> None:
    """One bit of the proof altered, at its beginning, middle or end: wrong."""
    application = opened(card)
    application.wrong(USER)
    proof = bytearray(oracle.proof(application.pin_key(USER), application.challenge()))
    proof[spoiled] ^= 0x01
    expect(card.send(application.verify(USER, bytes(proof)))).tries_left(application.limit(USER) - 1)


@verifies("CARD-CERT-PIN-CHALLENGE")
@for_each("pin", PINS)
def test_challenge_needed(card: CardUnderTest, pin: str) -> None:
    """Without a challenge a proof answers 6984."""
    application = opened(card)
    application.wrong(pin)
    refused = application.status("CERT-VERIFY", "no-challenge")
    expect(card.send(application.verify(pin, bytes(16)))).refused_with(refused)


@verifies("CARD-CERT-PIN-CHALLENGE")
@for_each("pin", PINS)
def test_challenge_once(card: CardUnderTest, pin: str) -> None:
    """A proof sent again answers 6984, and over another challenge it is wrong."""
    application = opened(card)
    application.wrong(pin)
    command = application.verify(pin, oracle.proof(application.pin_key(pin), application.challenge()))
    expect(card.send(command)).ok()
    expect(card.send(command)).refused_with(application.status("CERT-VERIFY", "no-challenge"))
    application.challenge()
    expect(card.send(command)).tries_left(application.limit(pin) - 1)


@verifies("CARD-CERT-PIN-BLOCKED")
@destructive("a PIN of the certificate application", Ends.SECRET)
@for_each("pin", PINS)
def test_blocked(card: CardUnderTest, pin: str) -> None:
    """Each wrong proof takes a try; at none the right one is refused too, also after a reset."""
    application = opened(card)
    # A PIN that the card refused before, or that another case used up, says nothing here.
    application.digits(pin)
    expect(application.prove(pin), "CARD-CERT-PIN").ok()
    for left in range(application.limit(pin) - 1, -1, -1):
        expect(application.prove(pin, card.random.bytes(16))).tries_left(left)
    refused = application.status("CERT-VERIFY", "blocked")
    right = application.pin_key(pin)
    expect(application.prove(pin, right)).refused_with(refused)
    card.power_on()
    application.select()
    response = application.prove(pin, right)
    card.noted(pin, response)
    expect(response).refused_with(refused)
    if not card.was_refused(other_pin(pin)):
        expect(application.prove(other_pin(pin))).ok()


@verifies("CARD-CERT-PIN-SEPARATE")
@for_each("pin", PINS)
def test_opens_its_own(card: CardUnderTest, pin: str) -> None:
    """With one PIN verified, what the other opens is refused."""
    application = opened(card)
    application.present(pin)
    expect(GUARDED[other_pin(pin)](application)).refused_with("6982")


@verifies("CARD-CERT-PIN-SEPARATE")
@for_each("pin", PINS)
def test_proof_of_the_other(card: CardUnderTest, pin: str) -> None:
    """A proof of the other PIN is wrong, and takes a try of the PIN addressed."""
    application = opened(card)
    application.wrong(pin)
    key = application.pin_key(other_pin(pin))
    expect(application.prove(pin, key)).tries_left(application.limit(pin) - 1)


@verifies("CARD-CERT-PIN-SEPARATE")
def test_social_security_pin(card: CardUnderTest) -> None:
    """The PIN of the social security application opens nothing here."""
    card.select_environment()
    card.present_pin()
    application = opened(card)
    for use in GUARDED.values():
        expect(use(application)).refused_with("6982")


@verifies("CARD-CERT-STATE")
@for_each("way", ("cold", "warm", "environment", "social-security"))
@for_each("pin", PINS)
def test_state_ends(card: CardUnderTest, pin: str, way: str) -> None:
    """After a reset, and after another application was selected, what the PIN opened is closed."""
    application = opened(card)
    application.present(pin)
    expect(GUARDED[pin](application), "CARD-CERT-PIN").ok()
    if way == "cold":
        card.power_on()
    elif way == "warm":
        card.reset()
    elif way == "environment":
        card.select_world("PKI")
    else:
        card.select_environment()
    application.select()
    expect(GUARDED[pin](application)).refused_with("6982")


@verifies("CARD-CERT-STATE")
@for_each("pin", PINS)
def test_state_lasts(card: CardUnderTest, pin: str) -> None:
    """Selecting files of the application, reading and challenges leave the PIN verified."""
    application = opened(card)
    application.present(pin)
    application.read(application.data.pair("encryption").public)
    application.challenge()
    expect(GUARDED[pin](application)).ok()
