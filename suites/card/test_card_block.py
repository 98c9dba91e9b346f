"""CARD BLOCK. Each case may end its sample for ever, and so is destructive."""

from onecard.spec.card import CardSpec
from onecard.spec.card_messaging import keys_granting
from onecard.testing import CardUnderTest, Ends, IssuerDesk, destructive, expect, for_each, verifies

ORDER = 220
COMMAND = "CARD-BLOCK"
BLOCK, UNBLOCK = "block", "unblock"
MOST_FAILURES = 16


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of CARD BLOCK."""
    return card.spec.command(COMMAND).statuses[condition].text


def lives(card: CardUnderTest, requirement: str) -> None:
    """SSSE is selected and its first file read."""
    file = card.spec.file("SSSE/EF05")
    expect(card.send(card.apdu.select_name(card.spec.applications["SSSE"].df_name)), requirement).sw("9000")
    card.select_file(file.id)
    expect(card.read_item(file.id, file.record_order[0]), requirement).ok()


@verifies("CARD-BLOCK-CARD")
@destructive("card", Ends.CARD)
def test_block(card: CardUnderTest) -> None:
    """Blocked with BK and the right MAC, the card answers 6A81 (or 9303) to every command, also after resets."""
    desk = IssuerDesk(card)
    expect(card.send(desk.block_command(COMMAND, desk.open(BLOCK)))).ok().length(0)
    words = (status(card, "blocked"), *card.spec.command(COMMAND).words("other-blocked"))
    file = card.spec.file("SSSE/EF05")
    commands = [
        card.apdu.select_name(card.spec.applications["SSSE"].df_name),
        card.apdu.select_fid(None, 0x00),
        card.apdu.get_challenge(8),
        card.apdu.verify(b""),
        card.apdu.read_record(1, 4, file.sfi, file.items[0].length + 2),
    ]
    for restart in (None, card.reset, card.power_on):
        if restart is not None:
            restart()
        for command in commands:
            expect(card.transmit(command)).refused_with(*words)


@verifies("CARD-BLOCK-REFUSED")
@for_each("way", ("nothing", "another-key", "no-challenge", "mac", "header"))
@destructive("card")
def test_refused(card: CardUnderTest, way: str) -> None:
    """Without BK 6982, without a challenge 6984, with a wrong MAC or another command's 6988; the card works on."""
    desk = IssuerDesk(card)
    card.select_environment()
    if way == "another-key":
        card.authenticate_external("UKSSSE")
    if way in ("nothing", "another-key"):
        session, expected = desk.session(desk.challenge()), "security"
    elif way == "no-challenge":
        card.authenticate_external(desk.key_for(BLOCK))
        session, expected = desk.session(bytes(card.rules.command.challenge)), "no-challenge"
    else:
        session, expected = desk.open(BLOCK), "mac"
    command = desk.block_command(COMMAND, session, spoil=way == "mac")
    if way == "header":
        command = command[:4] + desk.block_command("APPLICATION-BLOCK", session)[4:]
    expect(card.send(command)).refused_with(status(card, expected))
    lives(card, "CARD-BLOCK-REFUSED")
    card.power_on()
    lives(card, "CARD-BLOCK-REFUSED")


@verifies("CARD-BLOCK-PARAMETERS")
@for_each(
    "header",
    ((0x00, 0x01, 4), (0x01, 0x00, 4), (0x00, 0x00, 3), (0x00, 0x00, 5)),
    ids=lambda way: bytes(way).hex().upper(),
)
def test_parameters(card: CardUnderTest, header: tuple[int, int, int]) -> None:
    """Other P1 and P2 answer 6A86, another Lc 6700; nothing being proved, nothing can be blocked."""
    p1, p2, length = header
    card.select_environment()
    answer = card.send(card.apdu.header(COMMAND, p1, p2) + bytes((length,)) + bytes(length))
    expect(answer).refused_with(status(card, "parameters" if length == 4 else "length"))


def blocking_keys(spec: CardSpec) -> list[str]:
    """BK, and the keys that block one application."""
    return [key.id for key in keys_granting(spec, BLOCK)]


@verifies("CARD-BLOCK-KEY-KEPT")
@for_each("key", blocking_keys)
@destructive("keys", Ends.SECRET)
def test_key_kept(card: CardUnderTest, key: str) -> None:
    """After many failing authentications of BK (or LK) its right proof is still accepted."""
    card.select_world(card.spec.keys[key].application)
    card.authenticate_external(key)
    for _ in range(MOST_FAILURES):
        wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
        expect(card.send(wrong), "CARD-EXTERNAL-AUTH-WRONG").refused()
    expect(card.send(card.external_authentication(key, card.get_challenge(8))), "CARD-BLOCK-KEY-KEPT").ok()


# A conforming card lacks nothing afterwards; PUK, which opens the last command, is locked by cases that end secrets.
@verifies("CARD-BLOCK-KEY-KEPT")
@destructive("keys")
def test_keys_kept_by_macs(card: CardUnderTest) -> None:
    """After many failing MACs of CARD BLOCK the right proof of BK is still accepted, and so is a right MAC: that of an
    unblocking, as CARD BLOCK would end the card.
    """
    desk = IssuerDesk(card)
    session = desk.open(BLOCK)
    for _ in range(MOST_FAILURES):
        expect(card.send(desk.block_command(COMMAND, session, spoil=True)), "CARD-BLOCK-REFUSED").refused()
        session = desk.session(desk.challenge())
    proof = card.external_authentication(desk.key_for(BLOCK), card.get_challenge(8))
    expect(card.send(proof), "CARD-BLOCK-KEY-KEPT").ok()
    if card.ics["card.pin"]:
        expect(card.send(desk.unblock_command(desk.open(UNBLOCK))), "CARD-BLOCK-KEY-KEPT").ok()
