"""APPLICATION BLOCK. Each case may end an application of its sample for ever, and so is destructive."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Ends, IssuerDesk, destructive, expect, for_each, verifies

ORDER = 210
COMMAND = "APPLICATION-BLOCK"
BLOCK = "block"


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of APPLICATION BLOCK."""
    return card.spec.command(COMMAND).statuses[condition].text


def blocked(card: CardUnderTest) -> tuple[str, ...]:
    """The status words of a blocked application."""
    return (status(card, "blocked"), *card.spec.command(COMMAND).words("other-blocked"))


def lives(card: CardUnderTest, requirement: str) -> None:
    """SSSE is selected and its first file read."""
    file = card.spec.file("SSSE/EF05")
    expect(card.send(card.apdu.select_name(card.spec.applications["SSSE"].df_name)), requirement).sw("9000")
    card.select_file(file.id)
    expect(card.read_item(file.id, file.record_order[0]), requirement).ok()


def areas(spec: CardSpec) -> list[str]:
    """An application under SSSE that is blocked alone, and SSSE itself."""
    return [name for name in ("DF01", "DF03") if name in spec.applications] + ["SSSE"]


def block(card: CardUnderTest, desk: IssuerDesk, application: str) -> None:
    """Block ``application`` with BK; the maintenance key is that of the application, or else of SSSE."""
    card.select_environment()
    if application != "SSSE":
        card.select_application(application)
    card.authenticate_external(desk.key_for(BLOCK))
    session = desk.session_in(application, desk.challenge())
    expect(card.send(desk.block_command(COMMAND, session)), "CARD-APPLICATION-BLOCK").ok().length(0)


@verifies("CARD-APPLICATION-BLOCK")
@for_each("application", areas)
@destructive("application", Ends.APPLICATION)
def test_block(card: CardUnderTest, application: str) -> None:
    """Blocked with BK and the right MAC, the application answers 9303 to SELECT and commands, for ever."""
    desk = IssuerDesk(card)
    block(card, desk, application)
    file = card.spec.file("SSSE/EF05")
    select = card.apdu.select_name(card.spec.applications[application].df_name)
    read = card.apdu.read_record(1, 4, file.sfi, file.items[0].length + 2)
    expect(card.send(read), "CARD-APPLICATION-BLOCK").refused_with(*blocked(card))
    expect(card.transmit(select), "CARD-APPLICATION-BLOCK").refused_with(*blocked(card))
    for restart in (card.reset, card.power_on):
        restart()
        if application != "SSSE":
            card.select_environment()
        expect(card.transmit(select), "CARD-APPLICATION-BLOCK").refused_with(*blocked(card))
    # Where SSSE is not the MF, the MF is current now, and its own commands work on.
    if application == "SSSE" and card.ics["card.ssse_is_mf"]:
        expect(card.send(card.apdu.get_challenge(8))).refused()


@verifies("CARD-APPLICATION-BLOCK")
@for_each("application", lambda spec: [name for name in areas(spec) if name != "SSSE"])
@destructive("application", Ends.APPLICATION)
def test_others_go_on(card: CardUnderTest, application: str) -> None:
    """With one application blocked, SSSE and another application of it are selected and read as before."""
    desk = IssuerDesk(card)
    block(card, desk, application)
    lives(card, "CARD-APPLICATION-BLOCK")
    other = next(name for name in ("DF02", "DF04", "DF01") if name in card.spec.applications and name != application)
    expect(card.send(card.apdu.select_name(card.spec.applications[other].df_name))).sw("9000")


@verifies("CARD-APPLICATION-BLOCK-REFUSED")
@for_each("way", ("nothing", "another-key", "no-challenge", "mac", "header"))
@destructive("application")
def test_refused(card: CardUnderTest, way: str) -> None:
    """Without BK 6982, without a challenge 6984, with a wrong MAC or one of CARD BLOCK 6988; SSSE works on."""
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
        command = command[:4] + desk.block_command("CARD-BLOCK", session)[4:]
    expect(card.send(command)).refused_with(status(card, expected))
    lives(card, "CARD-APPLICATION-BLOCK-REFUSED")
    card.power_on()
    lives(card, "CARD-APPLICATION-BLOCK-REFUSED")


@verifies("CARD-APPLICATION-BLOCK-PARAMETERS")
@for_each(
    "header",
    ((0x00, 0x00, 4), (0x01, 0x01, 4), (0x00, 0x01, 3), (0x00, 0x01, 5)),
    ids=lambda way: bytes(way).hex().upper(),
)
def test_parameters(card: CardUnderTest, header: tuple[int, int, int]) -> None:
    """Other P1 and P2 answer 6A86, another Lc 6700; nothing being proved, nothing can be blocked."""
    p1, p2, length = header
    card.select_environment()
    answer = card.send(card.apdu.header(COMMAND, p1, p2) + bytes((length,)) + bytes(length))
    expect(answer).refused_with(status(card, "parameters" if length == 4 else "length"))
