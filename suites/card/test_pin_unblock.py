"""PIN CHANGE/UNBLOCK: PUK first, then a challenge, then the command under STK. PIN and counters are left as found."""

from onecard.oracle import session as computation
from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, Ends, Inconclusive, IssuerDesk, destructive, expect, for_each, verifies

ORDER = 155
COMMAND = "PIN-CHANGE-UNBLOCK"
UNBLOCK = "unblock"
MOST_FAILURES = 16


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


@verifies("CARD-PIN-UNBLOCK")
def test_unblock(card: CardUnderTest) -> None:
    """After a lost try, unblocking answers 9000, all tries are back, and the PIN is the same."""
    desk = desk_of(card)
    expect(desk.mistype(), "CARD-PIN-WRONG").tries_left(limit(card) - 1)
    expect(card.send(desk.unblock_command(desk.open(UNBLOCK)))).ok().length(0)
    expect(card.send(card.apdu.verify(b""))).tries_left(limit(card))
    pin_is(card, desk.pin)


@verifies("CARD-PIN-UNBLOCK", "CARD-SECURE-MAC")
def test_unblock_again(card: CardUnderTest) -> None:
    """PUK once, then two unblockings, each with a challenge of its own: both answer 9000."""
    desk = desk_of(card)
    expect(card.send(desk.unblock_command(desk.open(UNBLOCK))), "CARD-SECURE-MAC").ok()
    expect(card.send(desk.unblock_command(desk.session(desk.challenge()))), "CARD-PIN-UNBLOCK").ok()


@verifies("CARD-PIN-UNBLOCK")
@for_each("version", lambda spec: list(spec.key_versions), ids=lambda version: f"version-{version:02X}")
def test_every_version_of_puk(card: CardUnderTest, version: int) -> None:
    """Every version of PUK gives the right to unblock."""
    desk = desk_of(card)
    card.authenticate_external(desk.key_for(UNBLOCK), version)
    challenge = desk.challenge()
    answer = card.send(desk.unblock_command(desk.session(challenge)))
    # The command names no version of STK: a card may take the one that was proved, or always the first.
    if version == card.spec.default_key_version:
        expect(answer).ok()
    else:
        expect(answer).sw(card.success.text, status(card, "mac"))


@verifies("CARD-PIN-UNBLOCK-RIGHT")
@for_each("before", ("nothing", "another-key", "another-application"))
def test_without_right(card: CardUnderTest, before: str) -> None:
    """Without PUK, after another key, or after PUK and a selection of another application: 6982, the try stays lost."""
    desk = desk_of(card)
    expect(desk.mistype(), "CARD-PIN-WRONG").tries_left(limit(card) - 1)
    if before == "another-key":
        card.authenticate_external("UKSSSE")
    if before == "another-application":
        card.authenticate_external(desk.key_for(UNBLOCK))
        card.select_application("DF01")
        card.select_environment()
    session = desk.session(desk.challenge())
    expect(card.send(desk.unblock_command(session))).refused_with(status(card, "security"))
    expect(card.send(card.apdu.verify(b""))).tries_left(limit(card) - 1)


@verifies("CARD-PIN-UNBLOCK-CHALLENGE")
@for_each("case", ("none", "used"))
def test_without_challenge(card: CardUnderTest, case: str) -> None:
    """Right after PUK, or with the challenge of the last unblocking, it answers 6984."""
    desk = desk_of(card)
    puk_in_order(card, desk)
    challenge = bytes(card.rules.command.challenge)
    if case == "used":
        card.authenticate_external(desk.key_for(UNBLOCK))
        challenge = desk.challenge()
        expect(card.send(desk.unblock_command(desk.session(challenge))), "CARD-PIN-UNBLOCK").ok()
    else:
        card.authenticate_external(desk.key_for(UNBLOCK))
    answer = card.send(desk.unblock_command(desk.session(challenge)))
    expect(answer, "CARD-PIN-UNBLOCK-CHALLENGE").refused_with(status(card, "no-challenge"))


def spoilt(card: CardUnderTest, desk: IssuerDesk, way: str) -> bytes:
    """An unblocking whose MAC is wrong in one way, PUK being authenticated."""
    old = desk.open(UNBLOCK)
    header = card.apdu.header(COMMAND, 0, card.spec.command(COMMAND).number("unblock"))
    if way == "last-bit":
        return desk.unblock_command(old, spoil=True)
    if way == "old-challenge":
        desk.challenge()
        return desk.unblock_command(old)
    if way == "other-key":
        challenge = desk.challenge()
        return desk.unblock_command(desk.session(challenge, desk.key_for(UNBLOCK)))
    if way == "other-header":
        other = computation.command_mac(card.rules, old, card.apdu.header(COMMAND, 0, 1), b"")
        return header + bytes((len(other),)) + other
    if way == "no-header":
        bare = computation.mac4(card.rules, old, b"", computation.initial_block(card.rules))
        return header + bytes((len(bare),)) + bare
    if way == "length-without-mac":
        short = computation.mac4(card.rules, old, header + b"\x00", computation.initial_block(card.rules))
        return header + bytes((len(short),)) + short
    zero = bytes(card.rules.mac.length)
    return header + bytes((len(zero),)) + zero


@verifies("CARD-SECURE-BOUND")
@for_each("way", ("old-challenge", "other-key", "other-header", "no-header", "length-without-mac"))
def test_bound(card: CardUnderTest, way: str) -> None:
    """A MAC over an earlier challenge, another header or none, another Lc, or by another key answers 6988."""
    desk = desk_of(card)
    puk_in_order(card, desk)
    expect(card.send(spoilt(card, desk, way))).refused_with(status(card, "mac"))


@verifies("CARD-SECURE-MAC")
@for_each("way", ("last-bit", "zeros"))
def test_wrong_mac(card: CardUnderTest, way: str) -> None:
    """A MAC with one bit changed, or of zeros, answers 6988 and gives no try back; the right one then does."""
    desk = desk_of(card)
    puk_in_order(card, desk)
    expect(desk.mistype(), "CARD-PIN-WRONG").tries_left(limit(card) - 1)
    expect(card.send(spoilt(card, desk, way)), "CARD-SECURE-MAC").refused_with(status(card, "mac"))
    expect(card.send(card.apdu.verify(b""))).tries_left(limit(card) - 1)
    expect(card.send(desk.unblock_command(desk.open(UNBLOCK)))).ok()


@verifies("CARD-PIN-UNBLOCK-PARAMETERS")
@for_each("parameters", ((0x01, 0x00), (0x00, 0x02), (0x00, 0x80)), ids=lambda pair: f"{pair[0]:02X}{pair[1]:02X}")
def test_wrong_parameters(card: CardUnderTest, parameters: tuple[int, int]) -> None:
    """Other P1 and P2 answer 6A86."""
    card.select_environment()
    command = card.apdu.header(COMMAND, *parameters) + b"\x04" + bytes(4)
    expect(card.send(command)).refused_with(status(card, "parameters"))


@verifies("CARD-PIN-UNBLOCK-PARAMETERS")
@for_each("length", (0x03, 0x05, 0x15), ids=lambda length: f"Lc-{length:02X}")
def test_wrong_length(card: CardUnderTest, length: int) -> None:
    """Another Lc than that of unblocking or reloading answers 6700."""
    card.select_environment()
    command = card.apdu.header(COMMAND, 0, card.spec.command(COMMAND).number("unblock"))
    expect(card.send(command + bytes((length,)) + bytes(length))).refused_with(status(card, "length"))


def file_of_pin(spec: CardSpec) -> FileSpec:
    """A file of the social security applications that the PIN opens for reading."""
    for file in spec.files.values():
        if file.read.access in (Access.PIN, Access.PIN_OR_KEY) and "SSSE" in spec.lineage(file.application):
            return file
    raise Inconclusive(zh="没有密码可开放读取的文件", en="no file is opened by the PIN")


@verifies("CARD-PIN-RESET")
@for_each("kind", ("cold", "warm"))
def test_verified_until_reset(card: CardUnderTest, kind: str) -> None:
    """Where the PIN opens a file, it opens it in any application until the reset, and not after it."""
    file = file_of_pin(card.spec)
    read = card.apdu.read_binary(0, 1) if file.structure == Structure.TRANSPARENT else card.apdu.read_record(1, 4)
    card.select_environment()
    card.present_pin()
    card.select_world(file.application)
    card.select_file(file.id)
    record_or_none = (card.success.text, "6A83")
    expect(card.send(read)).sw(*record_or_none)
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    card.select_world(file.application)
    card.select_file(file.id)
    expect(card.send(read)).refused_with("6982")


@verifies("CARD-PIN-UNBLOCK-REVIVES")
@for_each("way", ("unblock", "reload"))
@destructive("PIN")
def test_revive(card: CardUnderTest, way: str) -> None:
    """A PIN without tries answers 6983; after unblocking (or a reload of the same PIN) it is right again."""
    desk = IssuerDesk(card)
    card.select_environment()
    card.present_pin()
    for left in reversed(range(limit(card))):
        expect(card.send(card.apdu.verify(desk.wrong_pin())), "CARD-PIN-WRONG").tries_left(left)
    blocked = card.spec.command("VERIFY").statuses["blocked"].text
    expect(card.send(card.apdu.verify(desk.pin)), "CARD-PIN-BLOCKED").refused_with(blocked)
    session = desk.open(UNBLOCK)
    command = desk.unblock_command(session) if way == "unblock" else desk.reload_command(session, desk.pin)
    expect(card.send(command), "CARD-PIN-UNBLOCK-REVIVES").ok()
    pin_is(card, desk.pin)


@verifies("CARD-PIN-UNBLOCK-LOCKS")
@destructive("PUK", Ends.SECRET)
def test_lock(card: CardUnderTest) -> None:
    """Wrong MACs, then wrong proofs of PUK, lock it in the end: the right proof answers 6983, also after a reset."""
    desk = IssuerDesk(card)
    key = desk.key_for(UNBLOCK)
    blocked = card.spec.command("EXTERNAL-AUTHENTICATE").statuses["blocked"]
    session = desk.open(UNBLOCK)
    for _ in range(MOST_FAILURES):
        answer = card.send(desk.unblock_command(session, spoil=True))
        if answer.sw != int(status(card, "mac"), 16):
            # With which word a card refuses whose key is locked by now is left open.
            expect(answer).refused()
            break
        session = desk.session(desk.challenge())
    for _ in range(MOST_FAILURES):
        answer = card.send(card.external_authentication(key, card.get_challenge(8), spoil=True))
        if blocked.matches(answer.sw):
            break
    for _ in range(2):
        expect(card.send(card.external_authentication(key, card.get_challenge(8)))).refused_with(blocked.text)
        card.power_on()
        card.select_environment()
