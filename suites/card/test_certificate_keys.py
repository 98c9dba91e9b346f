"""The certificate application: export of public keys, decryption, master keys."""

from onecard.oracle import certificate as oracle
from onecard.testing import (
    CardUnderTest,
    Certificate,
    Ends,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 720
USER, ADMIN = "CERT-USER", "CERT-ADMIN"
MASTER_KEYS = ("MKPKI", "MKCERT")
USES = ("signature", "encryption")
SECURITY = "6982"


def opened(card: CardUnderTest, *pins: str) -> Certificate:
    """The application, selected, with PINs verified."""
    application = Certificate(card)
    application.select()
    application.present(*pins)
    return application


# --- export ---


@verifies("CARD-CERT-EXPORT")
@for_each("use", USES)
@for_each("length", (0x00, 0x42))
def test_export(card: CardUnderTest, use: str, length: int) -> None:
    """80C98200 names the key files, 80C98280 gives the public key: the one in the file."""
    application = opened(card)
    key = application.public_key(use)
    expect(card.send(application.export(use))).ok()
    response = card.send(application.fetch(length))
    expect(response).ok().conforms(oracle.public_key, "a point of the curve")
    found = response.data[-len(key.octets) :]
    check(
        card,
        found == key.octets,
        what="public key",
        expected=key.octets.hex().upper(),
        received=found.hex().upper(),
    )


@verifies("CARD-CERT-EXPORT")
def test_export_literally(card: CardUnderTest) -> None:
    """The two commands byte by byte, as the published programs send them."""
    opened(card)
    expect(card.send(bytes.fromhex("80C9820008C0020012C2020013"))).ok()
    expect(card.send(bytes.fromhex("80C9828042"))).ok().length(0x42)


@verifies("CARD-CERT-EXPORT")
def test_export_needs_choice(card: CardUnderTest) -> None:
    """Without the first step, and after another command, the second is refused."""
    application = opened(card)
    refused = application.status("CERT-EXPORT", "not-chosen")
    expect(card.send(application.fetch(0x42))).refused_with(refused)
    expect(card.send(application.export("signature"))).ok()
    application.challenge()
    expect(card.send(application.fetch(0x42))).refused_with(refused)


# --- decryption ---


@verifies("CARD-CERT-UNWRAP")
@for_each("use", USES)
@for_each("message", ("random", "zeros", "ones"))
def test_unwrap(card: CardUnderTest, use: str, message: str) -> None:
    """16 bytes enciphered here under the public key of the card come back."""
    application = opened(card, USER)
    plain = {"random": card.random.bytes(16), "zeros": bytes(16), "ones": b"\xff" * 16}[message]
    response = card.send(application.unwrap(application.ciphertext(application.public_key(use), plain), use))
    expect(response).ok().data(plain, "the session key")


@verifies("CARD-CERT-UNWRAP-CHECK")
@for_each("altered", ("point", "hash", "cipher", "order"))
def test_unwrap_altered(card: CardUnderTest, altered: str) -> None:
    """A ciphertext with one bit altered in C1, C3 or C2, or with C2 before C3, is refused and gives no data."""
    application = opened(card, USER)
    right = application.ciphertext(application.public_key("signature"), card.random.bytes(16))
    place = {"point": 63, "hash": 64, "cipher": 111}.get(altered)
    if place is None:
        wrong = right[:64] + right[96:] + right[64:96]
    else:
        wrong = right[:place] + bytes((right[place] ^ 0x01,)) + right[place + 1 :]
    expect(card.send(application.unwrap(wrong))).refused()
    expect(card.send(application.unwrap(right)), "CARD-CERT-UNWRAP").ok()


@verifies("CARD-CERT-GUARDED")
@for_each("use", USES)
def test_unwrap_guarded(card: CardUnderTest, use: str) -> None:
    """Before the user PIN a private key deciphers nothing."""
    application = opened(card)
    enciphered = application.ciphertext(application.public_key(use), card.random.bytes(16))
    expect(card.send(application.unwrap(enciphered, use))).refused_with(SECURITY)


# --- master keys ---


@verifies("CARD-CERT-MASTER")
@for_each("name", MASTER_KEYS)
def test_master_key(card: CardUnderTest, name: str) -> None:
    """The master key of the environment, and that of the application, is accepted where it lies."""
    application = Certificate(card)
    application.select_place(name)
    response = application.authenticate(name, application.master_key(name))
    card.noted(name, response)
    expect(response).ok().length(0)


@verifies("CARD-CERT-MASTER")
@for_each("name", MASTER_KEYS)
@for_each("wrong", ("random", "other"))
def test_master_key_wrong(card: CardUnderTest, name: str, wrong: str) -> None:
    """A proof under another key, the other master key too, answers 63Cx; the right one gives all tries back."""
    application = Certificate(card)
    application.wrong_master(name)
    other = MASTER_KEYS[1 - MASTER_KEYS.index(name)]
    key = card.random.bytes(16) if wrong == "random" else application.master_key(other)
    application.select_place(name)
    for _ in range(2):
        expect(application.authenticate(name, key)).tries_left(application.key_limit - 1)
        expect(application.authenticate(name, application.master_key(name))).ok()


@verifies("CARD-CERT-PIN-CHALLENGE")
@for_each("name", MASTER_KEYS)
def test_master_key_challenge(card: CardUnderTest, name: str) -> None:
    """The proof of a master key serves once too: sent again it answers 6984."""
    application = Certificate(card)
    application.select_place(name)
    command = application.authentication(name, application.master_key(name))
    response = card.send(command)
    card.noted(name, response)
    expect(response, "CARD-CERT-MASTER").ok()
    expect(card.send(command)).refused_with(application.status("CERT-AUTHENTICATE", "no-challenge"))


@verifies("CARD-CERT-MASTER")
@for_each("key_id", (0x01, 0x80))
def test_master_key_unknown(card: CardUnderTest, key_id: int) -> None:
    """The environment has one key to authenticate: another number answers 6A88."""
    application = Certificate(card)
    application.select_place("MKPKI")
    card.get_challenge(8)
    refused = application.status("CERT-AUTHENTICATE", "key")
    expect(card.send(application.command("CERT-AUTHENTICATE", bytes(16), p2=key_id))).refused_with(refused)


@verifies("CARD-CERT-PIN-BLOCKED")
@destructive("a master key", Ends.SECRET)
@for_each("name", MASTER_KEYS)
def test_master_key_blocked(card: CardUnderTest, name: str) -> None:
    """A master key without tries left answers 6983, to the right proof too."""
    application = Certificate(card)
    application.select_place(name)
    right = application.master_key(name)
    expect(application.authenticate(name, right), "CARD-CERT-MASTER").ok()
    for left in range(application.key_limit - 1, -1, -1):
        expect(application.authenticate(name, card.random.bytes(16))).tries_left(left)
    refused = application.status("CERT-AUTHENTICATE", "blocked")
    expect(application.authenticate(name, right)).refused_with(refused)
