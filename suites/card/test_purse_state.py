"""The states of the medical purse, idle, load and purchase: what each allows, and what ends it.

The state shows without changing the card: a completion with a wrong MAC is a wrong MAC where it is allowed, 6901 else.
"""

from onecard.spec.card import CardSpec
from onecard.spec.card_purse import IDLE, LOAD, PURCHASE, purse_of
from onecard.testing import CardUnderTest, PurseHost, Response, destructive, expect, for_each, verifies

ORDER = 420
TIME = bytes.fromhex("20260315101112")
ZERO = bytes(4)
Cell = tuple[str, str]
COMPLETION = {LOAD: "CREDIT-FOR-LOAD", PURCHASE: "DEBIT-FOR-PURCHASE"}
OTHER = {LOAD: PURCHASE, PURCHASE: LOAD}


def cells(spec: CardSpec) -> list[Cell]:
    """Every state with every command of the table."""
    return [(state, command) for state in (IDLE, LOAD, PURCHASE) for command in purse_of(spec).states]


def cell_id(cell: Cell) -> str:
    """A state and a command in a case id."""
    return f"{cell[0]}-{cell[1]}"


def forbidden(card: CardUnderTest) -> str:
    """The word for a command that the state does not allow."""
    return purse_of(card.spec).forbidden.text


def wrong_mac(card: CardUnderTest, transaction: str) -> tuple[str, ...]:
    """The words for a wrong MAC."""
    command = card.spec.command(COMPLETION[transaction])
    other = command.parameters.get("other-mac-status")
    return (command.statuses["mac"].text, *([str(other)] if other else []))


def ready(card: CardUnderTest) -> PurseHost:
    """The purse, ready for transactions."""
    host = PurseHost(card)
    host.ready()
    return host


def enter(host: PurseHost, state: str) -> None:
    """Bring the purse into a state."""
    if state != IDLE:
        host.begin(state, {"amount": 1})


def completion(host: PurseHost, transaction: str) -> Response:
    """CREDIT or DEBIT with a wrong MAC."""
    length = host.spec_of(COMPLETION[transaction]).lengths[0]
    return host.card.send(host.command(COMPLETION[transaction], bytes(length - 11) + TIME + ZERO))


def command_of(host: PurseHost, command_id: str) -> bytes:
    """A well-formed command of the table; a completion has a wrong MAC."""
    return {
        "INITIALIZE-FOR-LOAD": lambda: host.initialize(LOAD, {"amount": 1}),
        "INITIALIZE-FOR-PURCHASE": lambda: host.initialize(PURCHASE, {}),
        "CREDIT-FOR-LOAD": lambda: host.command(command_id, TIME + ZERO),
        "DEBIT-FOR-PURCHASE": lambda: host.command(command_id, ZERO + TIME + ZERO),
        "GET-BALANCE": lambda: host.command(command_id, p2=1, le=4),
        "GET-TRANSACTION-PROOF": lambda: host.command(command_id, b"\xff\xfe", p2=host.purse.types[LOAD]),
    }[command_id]()


def answers(card: CardUnderTest, command_id: str) -> tuple[str, ...]:
    """What such a command answers where the state allows it."""
    if command_id in COMPLETION.values():
        return wrong_mac(card, next(name for name, each in COMPLETION.items() if each == command_id))
    if command_id == "GET-TRANSACTION-PROOF":
        return (card.spec.command(command_id).statuses["unavailable"].text,)
    return (card.success.text,)


@verifies("CARD-PURSE-STATE")
@for_each("cell", cells, ids=cell_id)
def test_cell(card: CardUnderTest, cell: Cell) -> None:
    """In each state each command is carried out or answers 6901, as the table of states says."""
    state, command_id = cell
    host = ready(card)
    enter(host, state)
    response = card.send(command_of(host, command_id))
    if state in host.purse.states[command_id].sources:
        expect(response).sw(*answers(card, command_id))
    else:
        expect(response).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE")
@for_each("first", (LOAD, PURCHASE))
@for_each("second", (LOAD, PURCHASE))
def test_initialised_anew(card: CardUnderTest, first: str, second: str) -> None:
    """The later of two initialisations decides which completion is allowed."""
    host = ready(card)
    enter(host, first)
    enter(host, second)
    expect(completion(host, second)).refused_with(*wrong_mac(card, second))
    enter(host, first)
    enter(host, second)
    expect(completion(host, OTHER[second])).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-FAILED")
@for_each("transaction", (LOAD, PURCHASE))
def test_one_mac_only(card: CardUnderTest, transaction: str) -> None:
    """After a wrong MAC the transaction is over: another completion answers 6901."""
    host = ready(card)
    enter(host, transaction)
    expect(completion(host, transaction)).refused_with(*wrong_mac(card, transaction))
    expect(completion(host, transaction)).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-FAILED")
@for_each("transaction", (LOAD, PURCHASE))
def test_forbidden_ends(card: CardUnderTest, transaction: str) -> None:
    """A command that the state does not allow ends the transaction: its completion answers 6901."""
    host = ready(card)
    enter(host, transaction)
    expect(completion(host, OTHER[transaction])).refused_with(forbidden(card))
    expect(completion(host, transaction)).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-FAILED")
@for_each("transaction", (LOAD, PURCHASE))
@for_each("again", (LOAD, PURCHASE))
def test_failed_initialisation_ends(card: CardUnderTest, transaction: str, again: str) -> None:
    """An initialisation that fails ends the transaction before it: its completion answers 6901."""
    host = ready(card)
    enter(host, transaction)
    expect(card.send(host.initialize(again, {}, index=0xFF)), "CARD-PURSE-INDEX").refused()
    expect(completion(host, transaction)).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-ENDS")
@for_each("transaction", (LOAD, PURCHASE))
@for_each("route", ("cold", "warm", "select"))
def test_ends(card: CardUnderTest, transaction: str, route: str) -> None:
    """After a reset, or after another application was selected, the completion answers 6901."""
    host = ready(card)
    enter(host, transaction)
    if route == "select":
        card.select_environment()
    elif route == "cold":
        card.power_on()
    else:
        card.reset()
    host.ready()
    expect(completion(host, transaction)).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-ENDS")
@destructive("the balance, by one fen")
@for_each("transaction", (LOAD, PURCHASE))
def test_once(card: CardUnderTest, transaction: str) -> None:
    """A completion that was carried out answers 6901 when it is sent again."""
    host = ready(card)
    host.fund(1)
    begun = host.begin(transaction, {"amount": 1, "account": 1})
    command = host.completion(begun, TIME)
    expect(card.send(command), "CARD-PURSE-CREDIT" if transaction == LOAD else "CARD-PURSE-DEBIT").ok()
    expect(card.send(command)).refused_with(forbidden(card))


@verifies("CARD-PURSE-STATE-KEPT")
@for_each("transaction", (LOAD, PURCHASE))
def test_kept_by_balance(card: CardUnderTest, transaction: str) -> None:
    """After every balance was read the completion is still allowed."""
    host = ready(card)
    enter(host, transaction)
    for balance in host.purse.balances:
        expect(host.balance(balance.p2), "CARD-PURSE-BALANCE").ok()
    expect(completion(host, transaction)).refused_with(*wrong_mac(card, transaction))


@verifies("CARD-PURSE-STATE-KEPT")
@destructive("the balance, by one fen")
@for_each("transaction", (LOAD, PURCHASE))
def test_kept_by_proof(card: CardUnderTest, transaction: str) -> None:
    """After the proof of an earlier load was read the completion is still allowed."""
    host = ready(card)
    begun = host.begin(LOAD, {"amount": 1})
    expect(host.complete(begun, TIME), "CARD-PURSE-CREDIT").ok()
    enter(host, transaction)
    proof = host.command("GET-TRANSACTION-PROOF", begun.fields["serial"], p2=host.purse.types[LOAD])
    expect(card.send(proof), "CARD-PURSE-PROOF").ok()
    expect(completion(host, transaction)).refused_with(*wrong_mac(card, transaction))
