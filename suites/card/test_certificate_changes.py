"""The certificate application: what changes its keys and its PIN. What was there before is lost, or put back."""

from onecard.oracle import certificate as oracle
from onecard.oracle.blocks import Algorithm, ecb_encrypt
from onecard.oracle.sm2 import public_key_of, verify_digest
from onecard.testing import (
    CardUnderTest,
    Certificate,
    Ends,
    Inconclusive,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 725
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


# --- generation and import: what was there is lost ---


@verifies("CARD-CERT-GENERATE", "CARD-CERT-UNWRAP")
@destructive("the signature key pair")
def test_generate(card: CardUnderTest) -> None:
    """Two generations make two new keys; signing and deciphering follow the newest, and the old key serves no more."""
    application = opened(card, USER)
    keys = [application.public_key("signature")]
    for _ in range(2):
        expect(card.send(application.generate())).ok().length(0)
        keys.append(application.public_key("signature"))
    distinct = len({key.octets for key in keys})
    check(card, distinct == 3, what="public keys", expected="3 different ones", received=f"{distinct}")
    digest = card.random.bytes(32)
    response = card.send(application.sign(digest))
    expect(response).ok().length(64)
    holds = [verify_digest(key, digest, response.data) for key in keys]
    check(
        card,
        holds == [False, False, True],
        what="signature",
        expected="holds under the newest key only",
        received=f"{holds}",
    )
    plain = card.random.bytes(16)
    expect(card.send(application.unwrap(application.ciphertext(keys[-1], plain))), "CARD-CERT-UNWRAP").ok().data(plain)
    expect(card.send(application.unwrap(application.ciphertext(keys[0], plain)))).refused()


@verifies("CARD-CERT-GENERATE")
@destructive("the signature key pair")
def test_generated_keys_differ(card: CardUnderTest) -> None:
    """After power was off a generation does not begin again with the same keys."""
    seen = set()
    for _ in range(2):
        card.power_on()
        application = opened(card, USER)
        expect(card.send(application.generate())).ok()
        seen.add(application.public_key("signature").octets)
    check(card, len(seen) == 2, what="public keys", expected="2 different ones", received=f"{len(seen)}")


@verifies("CARD-CERT-GUARDED")
@destructive("the key pairs, where the card does not guard them")
@for_each("step", ("generate", "session", "public", "private"))
def test_guarded(card: CardUnderTest, step: str) -> None:
    """Without any PIN no key is made and none imported: 6982, and both public keys are as before."""
    application = opened(card)
    before = [application.public_key(use) for use in USES]
    point = public_key_of(application.fresh_scalar("key")).octets
    command = {
        "generate": application.generate(),
        "session": application.import_session(card.random.bytes(16)),
        "public": application.import_public(point),
        "private": application.import_private(card.random.bytes(32)),
    }[step]
    expect(card.send(command)).refused_with(SECURITY)
    after = [application.public_key(use) for use in USES]
    check(
        card,
        after == before,
        what="public keys",
        expected="as before",
        received="as before" if after == before else "changed",
    )


@verifies("CARD-CERT-IMPORT", "CARD-CERT-UNWRAP")
@destructive("the encryption key pair")
def test_import(card: CardUnderTest) -> None:
    """The whole way: session key enciphered for the card, deciphered by it, imported, then both halves of a key pair;
    what is enciphered under the new key comes back.
    """
    application = opened(card, USER, ADMIN)
    session = card.fresh_secret("session key", 16)
    unwrapped = card.send(application.unwrap(application.ciphertext(application.public_key("signature"), session)))
    expect(unwrapped, "CARD-CERT-UNWRAP").ok().data(session)
    expect(card.send(application.import_session(session))).ok()
    private = application.fresh_scalar("encryption key")
    key = public_key_of(private)
    expect(card.send(application.import_public(key.octets))).ok()
    expect(card.send(application.import_private(ecb_encrypt(Algorithm.SM4, session, private)))).ok()
    found = application.public_key("encryption")
    check(card, found == key, what="public key file", expected=key.octets.hex(), received=found.octets.hex())
    plain = card.random.bytes(16)
    response = card.send(application.unwrap(application.ciphertext(key, plain), "encryption"))
    expect(response).ok().data(plain)


@verifies("CARD-CERT-IMPORT")
@destructive("the encryption key pair")
@for_each("missing", ("never", "reset", "left"))
def test_import_needs_session(card: CardUnderTest, missing: str) -> None:
    """Without a session key, and after it ended, a private key is refused: 6985."""
    application = opened(card, USER, ADMIN)
    if missing != "never":
        expect(card.send(application.import_session(card.random.bytes(16)))).ok()
        if missing == "reset":
            card.reset()
        card.select_world("PKI")
        application.select()
        application.present(USER, ADMIN)
    refused = application.status("CERT-IMPORT-KEY", "no-session")
    expect(card.send(application.import_private(card.random.bytes(32)))).refused_with(refused)


@verifies("CARD-CERT-IMPORT")
@destructive("the encryption key pair")
def test_import_no_point(card: CardUnderTest) -> None:
    """64 bytes that are no point of the curve are not imported."""
    application = opened(card, USER, ADMIN)
    before = application.public_key("encryption")
    expect(card.send(application.import_public(before.octets[:63] + bytes((before.octets[63] ^ 1,))))).refused()
    after = application.public_key("encryption")
    check(card, after == before, what="public key file", expected="as before", received=after.octets.hex())


# --- changes ---


@verifies("CARD-CERT-PIN-CHALLENGE")
@destructive("PIN and key, where the card needs no challenge")
def test_change_needs_challenge(card: CardUnderTest) -> None:
    """A change without a challenge answers 6984: its MAC begins with it."""
    application = opened(card, ADMIN)
    refused = application.status("CERT-CHANGE-PIN", "no-challenge")
    pin = application.change_pin(application.pin_key(ADMIN), "87654321", bytes(16))
    expect(card.send(pin)).refused_with(refused)
    key = application.master_key("MKCERT")
    expect(application.authenticate("MKCERT", key), "CARD-CERT-MASTER").ok()
    refused = application.status("CERT-CHANGE-KEY", "no-challenge")
    expect(card.send(application.change_key(key, bytes(16), bytes(8)))).refused_with(refused)


@verifies("CARD-CERT-PIN-BLOCKED")
@destructive("the administrator PIN", Ends.SECRET)
def test_change_of_blocked_pin(card: CardUnderTest) -> None:
    """A blocked administrator PIN is not changed either: 6983."""
    application = opened(card, ADMIN)
    key = application.pin_key(ADMIN)
    for left in range(application.limit(ADMIN) - 1, -1, -1):
        expect(application.prove(ADMIN, card.random.bytes(16))).tries_left(left)
    refused = application.status("CERT-CHANGE-PIN", "blocked")
    expect(card.send(application.change_pin(key, "87654321", application.challenge()))).refused_with(refused)


@verifies("CARD-CERT-CHANGE-PIN")
@destructive("the administrator PIN, where the card does not look at the data")
@for_each("plain", ("0587654321", "04AABBCCDD", "00"))
def test_change_pin_data(card: CardUnderTest, plain: str) -> None:
    """A new PIN whose length does not fit, that is no digits, or empty, is refused: 6A80, and the old PIN counts."""
    application = opened(card, ADMIN)
    command = application.change_pin_to(application.pin_key(ADMIN), bytes.fromhex(plain), application.challenge())
    expect(card.send(command)).refused_with(application.status("CERT-CHANGE-PIN", "data"))
    expect(application.prove(ADMIN)).ok()


@verifies("CARD-CERT-CHANGE-PIN")
@destructive("the administrator PIN")
def test_change_pin(card: CardUnderTest) -> None:
    """The new PIN is right and the old one wrong, also after a reset; then it is changed back."""
    application = opened(card, ADMIN)
    old, digits = application.pin_key(ADMIN), f"{card.random.below(10**8):08d}"
    if digits == application.digits(ADMIN):
        raise Inconclusive(zh="随机新密码与旧密码相同", en="the new PIN drawn is the old one")
    new = oracle.pin_key(digits)
    expect(card.send(application.change_pin(old, digits, application.challenge()))).ok().length(0)
    expect(application.prove(ADMIN, new)).ok()
    card.power_on()
    application.select()
    expect(application.prove(ADMIN, old)).tries_left(application.limit(ADMIN) - 1)
    expect(application.prove(ADMIN, new)).ok()
    back = application.change_pin(new, application.digits(ADMIN), application.challenge())
    expect(card.send(back)).ok()
    expect(application.prove(ADMIN)).ok()


@verifies("CARD-CERT-CHANGE-MAC", "CARD-CERT-CHANGE-PIN")
@destructive("the administrator PIN, where the card does not check the MAC")
@for_each("spoiled", ("mac", "data", "challenge", "last"))
def test_change_pin_mac(card: CardUnderTest, spoiled: str) -> None:
    """With MAC or data altered, or made over another challenge, nothing is changed: 6988, the old PIN counts."""
    application = opened(card, ADMIN)
    key = application.pin_key(ADMIN)
    challenge = application.challenge()
    used = bytes(len(challenge)) if spoiled == "challenge" else challenge
    command = bytearray(application.change_pin(key, "87654321", used))
    place = {"mac": -4, "data": 5, "last": -1}.get(spoiled)
    if place is not None:
        command[place] ^= 0x01
    expect(card.send(bytes(command))).refused_with(application.status("CERT-CHANGE-PIN", "mac"))
    expect(application.prove(ADMIN), "CARD-CERT-CHANGE-PIN").ok()


@verifies("CARD-CERT-CHANGE-KEY")
@destructive("a master key")
@for_each("name", MASTER_KEYS)
def test_change_key(card: CardUnderTest, name: str) -> None:
    """Without its authentication a master key is not changed; after it the new one counts, and is changed back."""
    application = Certificate(card)
    application.select_place(name)
    old, new = application.master_key(name), card.fresh_secret("master key", 16)
    unproved = application.change_key(old, new, card.get_challenge(8))
    expect(card.send(unproved)).refused_with(application.status("CERT-CHANGE-KEY", "security"))
    for current, following in ((old, new), (new, old)):
        expect(application.authenticate(name, current)).ok()
        expect(card.send(application.change_key(current, following, card.get_challenge(8)))).ok().length(0)
        card.power_on()
        application.select_place(name)
        expect(application.authenticate(name, current)).tries_left(application.key_limit - 1)
        expect(application.authenticate(name, following)).ok()


@verifies("CARD-CERT-CHANGE-MAC", "CARD-CERT-CHANGE-KEY")
@destructive("a master key, where the card does not check the MAC")
@for_each("name", MASTER_KEYS)
def test_change_key_mac(card: CardUnderTest, name: str) -> None:
    """A change with an altered MAC answers 6988, and the old key counts."""
    application = Certificate(card)
    application.select_place(name)
    old = application.master_key(name)
    expect(application.authenticate(name, old), "CARD-CERT-CHANGE-KEY").ok()
    command = bytearray(application.change_key(old, card.fresh_secret("master key", 16), card.get_challenge(8)))
    command[-1] ^= 0x01
    expect(card.send(bytes(command))).refused_with(application.status("CERT-CHANGE-KEY", "mac"))
    expect(application.authenticate(name, old), "CARD-CERT-CHANGE-KEY").ok()


@verifies("CARD-CERT-CHANGE-KEY")
@destructive("a master key, where the card does not look at the data")
def test_change_key_data(card: CardUnderTest) -> None:
    """A change whose data do not begin with the length and three bytes of 00 is refused, and the old key counts."""
    application = Certificate(card)
    application.select_place("MKCERT")
    old = application.master_key("MKCERT")
    expect(application.authenticate("MKCERT", old)).ok()
    new = card.fresh_secret("master key", 16)
    command = application.change_key(old, new, card.get_challenge(8), lead=b"\x10\x00\x00\x00")
    expect(card.send(command)).refused_with(application.status("CERT-CHANGE-KEY", "data"))
    expect(application.authenticate("MKCERT", old)).ok()
