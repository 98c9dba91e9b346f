"""The walls between the environments of one card, in both directions."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.oracle.financial import answer_to_list, object_of
from onecard.spec.card import Access, CardSpec, Command, FileSpec
from onecard.spec.card_firewall import Cell, cells, environments, within
from onecard.testing import (
    CardUnderTest,
    Certificate,
    Ends,
    PurseHost,
    Text,
    TransportDesk,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 680
SSSE, PKI, DEBIT, TRANSPORT = "SSSE", "PKI", "PBOC", "TRANSPORT"
UPDATE_KEY, USER_PIN = "UKSSSE", "CERT-USER"
ISSUER, OPTIONS, PDOL = "SSSE/EF05", "GET-PROCESSING-OPTIONS", 0x9F38
ANSWERED = 2

# --- bringing an environment to a state ---


def select(card: CardUnderTest, environment: str) -> None:
    """Enter an environment; the certificate application where it is that one's."""
    if environment == PKI:
        Certificate(card).select()
    elif environment == TRANSPORT:
        TransportDesk(card).select()
    else:
        card.select_world(environment)


def with_key(card: CardUnderTest) -> None:
    """SSSE with its update key authenticated."""
    card.select_environment()
    card.authenticate_external(UPDATE_KEY)


def with_pin(card: CardUnderTest) -> None:
    """SSSE with the PIN verified."""
    card.select_environment()
    card.present_pin()


def with_user_pin(card: CardUnderTest) -> None:
    """The certificate application with its user PIN verified."""
    application = Certificate(card)
    application.select()
    application.present(USER_PIN)


def with_load_begun(card: CardUnderTest) -> None:
    """The medical purse with a load initialised."""
    host = PurseHost(card)
    host.ready()
    host.begin("load", {"amount": 1})


def with_purchase_begun(card: CardUnderTest) -> None:
    """The transport purse with a purchase initialised."""
    desk = TransportDesk(card)
    desk.select()
    desk.begin("TRANSPORT-PURCHASE", 0)


def with_options(card: CardUnderTest) -> None:
    """The debit application with its processing options given."""
    fci = card.select_world(DEBIT)
    card.preamble(card.send(processing_options(card, fci)), Text("取处理选项", "get processing options"))


STATES: Mapping[tuple[str, str], Callable[[CardUnderTest], None]] = MappingProxyType(
    {
        (SSSE, "key"): with_key,
        (SSSE, "pin"): with_pin,
        (SSSE, "purse-open"): with_load_begun,
        (PKI, "pin"): with_user_pin,
        (TRANSPORT, "purse-open"): with_purchase_begun,
        (DEBIT, "options"): with_options,
    }
)


def bring(card: CardUnderTest, environment: str, state: str) -> None:
    """Bring an environment to a state of the matrix."""
    if state == "fresh":
        select(card, environment)
    else:
        STATES[environment, state](card)


# --- the commands, as right as they can be ---


def processing_options(card: CardUnderTest, fci: bytes) -> bytes:
    """GPO for the PDOL of an FCI."""
    command = card.spec.command(OPTIONS)
    data = answer_to_list(object_of(fci, PDOL) or b"")
    return header(command) + bytes((len(data) + ANSWERED, command.number("template"), len(data))) + data


def header(command: Command) -> bytes:
    """Class, instruction, and P1 and P2 where the data fix them."""
    fixed = [value if isinstance(value := command.parameters.get(name), int) else 0 for name in ("p1", "p2")]
    return bytes((command.cla, command.ins, fixed[0] & 0xFF, fixed[1] & 0xFF))


def verify(card: CardUnderTest) -> bytes:
    """VERIFY with the right PIN, where one is set."""
    return card.apdu.verify(card.pin_bytes if card.ics["card.pin"] else bytes.fromhex("123456"))


def authenticate(card: CardUnderTest) -> bytes:
    """EXTERNAL AUTHENTICATE with the right key over a challenge of where the card stands."""
    return card.external_authentication(UPDATE_KEY, card.get_challenge(8))


def begin_purchase(card: CardUnderTest) -> bytes:
    """INITIALIZE FOR PURCHASE of the transport purse, of nothing."""
    return TransportDesk(card).initialize_command("TRANSPORT-PURCHASE", 0)


RIGHT: Mapping[str, Callable[[CardUnderTest], bytes]] = MappingProxyType(
    {
        "VERIFY": verify,
        "EXTERNAL-AUTHENTICATE": authenticate,
        "INITIALIZE-FOR-LOAD": lambda card: PurseHost(card).initialize("load", {"amount": 1}),
        "INITIALIZE-FOR-PURCHASE": lambda card: PurseHost(card).initialize("purchase", {}),
        "GET-BALANCE": lambda card: PurseHost(card).command("GET-BALANCE", p2=1, le=4),
        "TRANSPORT-GET-BALANCE": lambda card: TransportDesk(card).balance_command(),
        "TRANSPORT-INITIALIZE": begin_purchase,
        "CERT-DIGEST": lambda card: Certificate(card).digest(b"123456"),
        OPTIONS: lambda card: processing_options(card, bytes.fromhex("9F38099F7A019F02065F2A02")),
    }
)


def command_of(card: CardUnderTest, command: Command) -> bytes:
    """The command as right as the tester can make it here; data that only its environment could give are zeros."""
    if command.id in RIGHT:
        return RIGHT[command.id](card)
    length = min(command.lengths, default=0 if command.case == 2 else 8)
    return header(command) + bytes((length,)) + (b"" if command.case == 2 else bytes(length))


def tries(card: CardUnderTest) -> int | None:
    """Tries of the PIN of SSSE, asked for there."""
    card.select_environment()
    return card.pin_tries()


@verifies("CARD-FIREWALL-COMMANDS")
@for_each("cell", cells, ids=lambda cell: str(cell.name))
def test_cell(card: CardUnderTest, cell: Cell) -> None:
    """In this state of the environment the command of another one is refused without data; no try is lost."""
    command = card.spec.command(cell.command)
    counted = command.id in ("VERIFY", "CHANGE-PIN")
    before = tries(card) if counted else None
    bring(card, cell.environment, cell.state)
    expect(card.send(command_of(card, command))).refused()
    if counted:
        after = tries(card)
        check(card, before == after, what="tries of the PIN", expected=str(before), received=str(after))


# --- what two environments name alike ---


def alike(spec: CardSpec) -> list[str]:
    """Commands of SSSE that the certificate environment answers by its own rules."""
    return ["VERIFY", "EXTERNAL-AUTHENTICATE"] if PKI in spec.applications else []


@verifies("CARD-FIREWALL-COMMANDS")
@for_each("command", alike)
def test_key_of_another_environment(card: CardUnderTest, command: str) -> None:
    """The PIN and the update key of SSSE prove nothing in the certificate environment, where they are unknown."""
    before = tries(card)
    Certificate(card).select()
    expect(card.send(RIGHT[command](card))).refused()
    after = tries(card)
    check(card, before == after, what="tries of the PIN", expected=str(before), received=str(after))
    card.select_file(ISSUER)
    expect(card.transmit(same_content(card))).refused()


def same_content(card: CardUnderTest) -> bytes:
    """UPDATE RECORD of an issuer item with its own content; EF05 is current."""
    file = card.spec.file(ISSUER)
    return card.apdu.update_record(2, 4, card.read_item(file.id, file.record_order[1]).data)


# --- rights ---


def others(spec: CardSpec) -> list[str]:
    """The environments beside SSSE."""
    return [name for name in environments(spec) if name != SSSE]


@verifies("CARD-FIREWALL-RIGHTS")
@for_each("environment", others)
def test_right_ends(card: CardUnderTest, environment: str) -> None:
    """UKSSSE authenticated, another environment entered and left: updating EF05 is refused until it is done anew."""
    with_key(card)
    select(card, environment)
    card.select_environment()
    card.select_file(ISSUER)
    expect(card.transmit(same_content(card))).refused()
    card.authenticate_external(UPDATE_KEY)
    card.select_file(ISSUER)
    expect(card.transmit(same_content(card)), "CARD-UPDATE-RECORD").ok()


@verifies("CARD-FIREWALL-RIGHTS")
@for_each("environment", others)
def test_right_opens_nothing_elsewhere(card: CardUnderTest, environment: str) -> None:
    """With UKSSSE and the PIN proved in SSSE, files of another environment that are not open are not updated there."""
    with_key(card)
    card.present_pin()
    select(card, environment)
    file = next((each for each in card.spec.files.values() if each.application in within(card.spec, environment)), None)
    if file is None or file.update.access is Access.FREE:
        card.note(Text("该环境没有文件", "the environment has no file"))
        expect(card.send(card.apdu.update_record(1, 4, bytes((1, 1, 0))))).refused()
        return
    if file.fid:
        card.send(card.apdu.select_ef(file.fid))
    else:
        card.send(card.apdu.read_record(1, 4, file.sfi, le=0))
    for command in (card.apdu.update_binary(0, b"\x00"), card.apdu.update_record(1, 4, bytes((1, 1, 0)))):
        expect(card.send(command)).refused()


def stateful(spec: CardSpec) -> list[str]:
    """Environments other than SSSE with a state of their own."""
    return [name for name in others(spec) if (name, "pin") in STATES or (name, "purse-open") in STATES]


@verifies("CARD-FIREWALL-RIGHTS")
@for_each("environment", stateful)
def test_state_of_another_environment(card: CardUnderTest, environment: str) -> None:
    """What was proved or begun in another environment opens nothing in SSSE: updating EF05 is refused."""
    state = "pin" if (environment, "pin") in STATES else "purse-open"
    bring(card, environment, state)
    card.select_environment()
    card.select_file(ISSUER)
    expect(card.transmit(same_content(card))).refused()


# --- files ---


def pairs(spec: CardSpec) -> list[tuple[str, FileSpec]]:
    """An environment, and a file of another whose identifier and SFI nothing in the environment has."""
    found: list[tuple[str, FileSpec]] = []
    for environment in environments(spec):
        inside = within(spec, environment)
        own = [file for file in spec.files.values() if file.application in inside]
        taken: set[object] = {number for file in own for number in (file.fid, file.sfi) if number}
        if environment == SSSE:
            taken.add(spec.ics["card.directory_sfi"])
        for other in environments(spec):
            free = [
                file
                for file in spec.files.values()
                if other != environment and file.application in within(spec, other) and not {file.fid, file.sfi} & taken
            ]
            found += [(environment, file) for file in free[:2]]
    return found


@verifies("CARD-FIREWALL-FILES")
@for_each("pair", pairs, ids=lambda pair: f"{pair[0]}-{pair[1].id.replace('/', '-')}")
def test_file_of_another_environment(card: CardUnderTest, pair: tuple[str, FileSpec]) -> None:
    """By P1 02 and P1 00, and by its SFI, the file is not found from the other environment."""
    environment, file = pair
    select(card, environment)
    if file.fid:
        expect(card.send(card.apdu.select_ef(file.fid))).refused()
        expect(card.send(card.apdu.select_fid(file.fid, 0x00))).refused()
    if file.sfi:
        for command in (card.apdu.read_record(1, 4, file.sfi, le=0), card.apdu.read_binary(0, 0, file.sfi)):
            expect(card.send(command)).refused()


# --- challenges and counters ---


@verifies("CARD-FIREWALL-CHALLENGE")
@for_each("environment", others)
@for_each("taken", ("there", "here"))
def test_challenge(card: CardUnderTest, environment: str, taken: str) -> None:
    """A challenge taken in the other environment, or in SSSE before going there and back, authenticates nothing."""
    card.select_environment()
    if taken == "there":
        select(card, environment)
    challenge = card.get_challenge(8)
    if taken == "here":
        select(card, environment)
    card.select_environment()
    command = card.external_authentication(UPDATE_KEY, challenge)
    status = card.spec.command("EXTERNAL-AUTHENTICATE").statuses["no-challenge"].text
    expect(card.wrong_external_authentication(UPDATE_KEY, command)).refused_with(status)


@verifies("CARD-FIREWALL-BLOCK")
@destructive("the PIN of SSSE (it is locked)", Ends.SECRET)
def test_locked_pin(card: CardUnderTest) -> None:
    """With the PIN of SSSE locked every other environment is selected and works as before."""
    wrong = bytes((card.pin_bytes[0] ^ 0x11,)) + card.pin_bytes[1:]
    card.select_environment()
    for _ in range(int(card.ics["card.pin_try_limit"]) + 1):
        card.send(card.apdu.verify(wrong))
    expect(card.send(card.apdu.verify(card.pin_bytes)), "CARD-PIN-BLOCKED").refused()
    for environment in others(card.spec):
        response = card.send(card.apdu.select_name(card.spec.applications[environment].df_name))
        expect(response).ok().starts_with(b"\x6f")
    if TRANSPORT in card.spec.applications:
        desk = TransportDesk(card)
        desk.select()
        expect(card.send(desk.initialize_command("TRANSPORT-PURCHASE", 0))).ok()
    if PKI in card.spec.applications:
        application = Certificate(card)
        application.select()
        expect(application.prove(USER_PIN)).ok()
