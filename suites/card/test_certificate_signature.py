"""The certificate application: digests and signatures, and how commands refuse what is not theirs."""

from onecard.oracle.sm2 import DEFAULT_ID, message_digest, verify, verify_digest
from onecard.oracle.sm3 import sm3
from onecard.testing import CardUnderTest, Certificate, check, destructive, expect, for_each, verifies

ORDER = 730
USER, ADMIN = "CERT-USER", "CERT-ADMIN"
PARAMETERS, LENGTH, DATA = "6A86", "6700", "6A80"


def opened(card: CardUnderTest, *pins: str) -> Certificate:
    """The application, selected, with PINs verified."""
    application = Certificate(card)
    application.select()
    application.present(*pins)
    return application


# --- digests ---


@verifies("CARD-CERT-DIGEST")
def test_digest_literally(card: CardUnderTest) -> None:
    """80C40103 over the three bytes 123456, byte by byte with its answer, as the published programs send it."""
    opened(card)
    response = card.send(bytes.fromhex("80C4010305C103123456"))
    expected = "3DE741F445DD357BEA4E6C3FE6437036F62B5E3EC0F00D62796EDB4305ED627F"
    expect(response).ok().data(bytes.fromhex(expected))


@verifies("CARD-CERT-DIGEST")
@for_each("place", ("PKI", "CERT"))
@for_each("length", (1, 31, 55, 56, 63, 64, 65, 119, 120, 127))
def test_digest(card: CardUnderTest, place: str, length: int) -> None:
    """The digest of random data around the boundaries of SM3's blocks, in the environment and in the application."""
    card.select_world(place)
    message = card.random.bytes(length)
    expect(card.send(Certificate(card).digest(message))).ok().data(sm3(message))


# --- signatures ---


@verifies("CARD-CERT-SIGN")
@for_each("value", ("random", "another", "zeros", "ones"))
def test_sign(card: CardUnderTest, value: str) -> None:
    """The signature of a digest holds under the public key in the file, and not over another digest."""
    application = opened(card, USER)
    digest = {"zeros": bytes(32), "ones": b"\xff" * 32}.get(value, card.random.bytes(32))
    key = application.public_key("signature")
    response = card.send(application.sign(digest))
    expect(response).ok().length(64)
    other = bytes((digest[0] ^ 0x01,)) + digest[1:]
    holds = [verify_digest(key, each, response.data) for each in (digest, other)]
    check(
        card,
        holds == [True, False],
        what="signature",
        expected="holds over this digest, not over another",
        received=f"{response.data.hex().upper()}: {holds}",
    )


@verifies("CARD-CERT-SIGN")
@for_each("length", (0, 1, 200))
def test_sign_message(card: CardUnderTest, length: int) -> None:
    """A message signed in the usual way, by SM3 over Z and the message, verifies as such."""
    application = opened(card, USER)
    key, message = application.public_key("signature"), card.random.bytes(length)
    response = card.send(application.sign(message_digest(key, message, DEFAULT_ID)))
    expect(response).ok().length(64)
    holds = verify(key, message, DEFAULT_ID, response.data)
    check(card, holds, what="signature of the message", expected="holds", received=response.data.hex().upper())


@verifies("CARD-CERT-SIGN-FRESH")
def test_sign_fresh(card: CardUnderTest) -> None:
    """Signatures of one digest and of two differ in r minus the digest, also after power was off: no k came twice."""
    application = opened(card, USER)
    digests = [card.random.bytes(32), card.random.bytes(32)]
    points = [x_of(digest, card.send(application.sign(digest)).data) for digest in (digests[0], digests[0], digests[1])]
    card.power_on()
    application = opened(card, USER)
    points.append(x_of(digests[0], card.send(application.sign(digests[0])).data))
    distinct = len(set(points))
    check(card, distinct == 4, what="random numbers of signatures", expected="4 different ones", received=f"{distinct}")


ORDER_OF_CURVE = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123


def x_of(digest: bytes, signature: bytes) -> int:
    """r minus e modulo n: the abscissa of kG, equal where k is."""
    return (int.from_bytes(signature[:32]) - int.from_bytes(digest)) % ORDER_OF_CURVE


@verifies("CARD-CERT-GUARDED")
def test_sign_guarded(card: CardUnderTest) -> None:
    """Before the user PIN nothing is signed."""
    application = opened(card)
    expect(card.send(application.sign(card.random.bytes(32)))).refused_with("6982")


@verifies("CARD-CERT-SIGN")
def test_sign_with_other_key(card: CardUnderTest) -> None:
    """The encryption key does not sign."""
    application = opened(card, USER)
    expect(card.send(application.sign(card.random.bytes(32), "encryption"))).refused()


# --- refusals ---


def harmless(application: Certificate) -> dict[str, bytes]:
    """Right commands that change nothing."""
    digest = bytes(32)
    return {
        "CERT-DIGEST": application.digest(b"123456"),
        "CERT-EXPORT": application.export("signature"),
        "CERT-SIGN": application.sign(digest),
        "CERT-UNWRAP": application.unwrap(bytes(112)),
    }


def harmful(application: Certificate) -> dict[str, bytes]:
    """Right commands that change the card, were they taken."""
    card = application.card
    return {
        "CERT-GENERATE": application.generate(),
        "CERT-IMPORT-SESSION": application.import_session(bytes(16)),
        "CERT-IMPORT-KEY": application.import_public(application.public_key("encryption").octets),
        "CERT-CHANGE-PIN": application.change_pin(application.pin_key(ADMIN), "87654321", card.get_challenge(16)),
        "CERT-CHANGE-KEY": application.change_key(bytes(16), bytes(16), card.get_challenge(8)),
    }


def misaddressed(command: bytes) -> bytes:
    """The command with a P1 that it does not have."""
    return command[:2] + bytes((command[2] ^ 0x10,)) + command[3:]


def shortened(command: bytes) -> bytes:
    """The command without its last byte of data, Lc in step."""
    return command[:4] + bytes((command[4] - 1,)) + command[5:-1]


def miscoded(command: bytes) -> bytes:
    """The command with another tag at the beginning of its data."""
    return command[:5] + bytes((command[5] ^ 0x01,)) + command[6:]


WRONG = {"parameters": (misaddressed, PARAMETERS), "data": (miscoded, DATA)}


@verifies("CARD-CERT-PARAMETERS")
@for_each("name", ("CERT-DIGEST", "CERT-EXPORT", "CERT-SIGN", "CERT-UNWRAP"))
@for_each("wrong", tuple(WRONG))
def test_refused(card: CardUnderTest, name: str, wrong: str) -> None:
    """Another P1 answers 6A86, another tag 6A80."""
    application = opened(card, USER, ADMIN)
    alter, status = WRONG[wrong]
    expect(card.send(alter(harmless(application)[name]))).refused_with(status)


@verifies("CARD-CERT-PARAMETERS")
@for_each("name", ("CERT-SIGN", "CERT-UNWRAP"))
def test_refused_length(card: CardUnderTest, name: str) -> None:
    """One byte less answers 6700."""
    application = opened(card, USER, ADMIN)
    expect(card.send(shortened(harmless(application)[name]))).refused_with(LENGTH)


@verifies("CARD-CERT-PARAMETERS")
@for_each("at", ("shorter", "longer"))
def test_verify_length(card: CardUnderTest, at: str) -> None:
    """A proof of 15 or 17 bytes answers 6700 and takes no try: the next wrong one takes the first."""
    application = opened(card)
    application.wrong(USER)
    application.challenge()
    proof = bytes(15 if at == "shorter" else 17)
    expect(card.send(application.verify(USER, proof))).refused_with(LENGTH)
    expect(application.prove(USER, card.random.bytes(16)), "CARD-CERT-PIN-WRONG").tries_left(
        application.limit(USER) - 1
    )


@verifies("CARD-CERT-PARAMETERS")
@for_each("p2", (0x01, 0x80, 0x82))
def test_verify_parameters(card: CardUnderTest, p2: int) -> None:
    """VERIFY of a PIN that the application does not have answers 6A86."""
    application = opened(card)
    application.challenge()
    expect(card.send(application.command("CERT-VERIFY", bytes(16), p2=p2))).refused_with(PARAMETERS)


@verifies("CARD-CERT-PARAMETERS")
@for_each("wrong", ("length", "P1"))
def test_authenticate_refused(card: CardUnderTest, wrong: str) -> None:
    """A proof of a master key of 8 or 17 bytes answers 6700, with another P1 6A86."""
    application = opened(card)
    card.get_challenge(8)
    if wrong == "P1":
        expect(card.send(application.command("CERT-AUTHENTICATE", bytes(16), p1=0x10, p2=0))).refused_with(PARAMETERS)
        return
    for length in (8, 17):
        expect(card.send(application.command("CERT-AUTHENTICATE", bytes(length), p2=0))).refused_with(LENGTH)


@verifies("CARD-CERT-PARAMETERS")
@destructive("keys and PIN, where the card does not look at parameters")
@for_each("name", ("CERT-GENERATE", "CERT-IMPORT-SESSION", "CERT-IMPORT-KEY", "CERT-CHANGE-PIN", "CERT-CHANGE-KEY"))
def test_refused_parameters(card: CardUnderTest, name: str) -> None:
    """Commands that change the card answer 6A86 to another P1, 6700 to one byte less."""
    application = opened(card, USER, ADMIN)
    expect(card.send(misaddressed(harmful(application)[name]))).refused_with(PARAMETERS)
    expect(card.send(shortened(harmful(application)[name]))).refused_with(LENGTH)


@verifies("CARD-CERT-PARAMETERS")
@destructive("keys, where the card does not look at the data")
@for_each("name", ("CERT-GENERATE", "CERT-IMPORT-SESSION", "CERT-IMPORT-KEY"))
def test_refused_data(card: CardUnderTest, name: str) -> None:
    """Commands that change the card answer 6A80 to data that begin with another tag."""
    application = opened(card, USER, ADMIN)
    expect(card.send(miscoded(harmful(application)[name]))).refused_with(DATA)
