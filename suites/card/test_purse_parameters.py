"""Medical commands with P1, P2 or Lc outside the rules."""

from onecard.spec.card import CardSpec, Command
from onecard.spec.card_purse import LOAD, PURCHASE, names, p1_p2
from onecard.testing import CardUnderTest, PurseHost, expect, for_each, verifies

ORDER = 430
# Commands that share their header differ in P1: another P1 is another command, or neither.
SHARED_P1 = frozenset(("INITIALIZE-FOR-LOAD", "INITIALIZE-FOR-PURCHASE", "UPDATE-STARTING-DAY", "GET-STARTING-DAY"))
STATES = {"CREDIT-FOR-LOAD": LOAD, "DEBIT-FOR-PURCHASE": PURCHASE}
WITH_DATA = (3, 4)


def commands(spec: CardSpec) -> list[Command]:
    """The commands of the medical purse."""
    every = (*SHARED_P1, *STATES, "GET-BALANCE", "GET-TRANSACTION-PROOF")
    return [command for command in spec.commands.values() if command.id in every]


def with_own_p1(spec: CardSpec) -> list[Command]:
    """Those whose header no other command shares."""
    return [command for command in commands(spec) if command.id not in SHARED_P1]


def with_data(spec: CardSpec) -> list[Command]:
    """Those that take data."""
    return [command for command in commands(spec) if command.case in WITH_DATA]


def command_id(command: Command) -> str:
    """A command in a case id."""
    return command.id


def data_of(host: PurseHost, command: Command) -> bytes:
    """Data of the right length: key index 01, zeros elsewhere."""
    fields = {name: bytes(host.purse.lengths[name]) for name in names(command, "data")}
    return host.data(command.id, fields | ({"index": b"\x01"} if "index" in fields else {}))


def ready(card: CardUnderTest, command: Command) -> PurseHost:
    """The purse in a state that allows the command."""
    host = PurseHost(card)
    host.ready()
    if command.id in STATES:
        host.begin(STATES[command.id], {"amount": 1})
    return host


def le(host: PurseHost, command: Command) -> int | None:
    """The Le of a command without data."""
    if command.case in WITH_DATA:
        return None
    return host.length(command.id) or host.purse.lengths["balance"]


@verifies("CARD-PURSE-PARAMETERS")
@for_each("command", commands, ids=command_id)
def test_p2(card: CardUnderTest, command: Command) -> None:
    """A P2 that the command does not have answers 6A86."""
    for p2 in (0x7F, 0xFF):
        host = ready(card, command)
        sent = host.command(command.id, data_of(host, command), p2=p2, le=le(host, command))
        expect(card.send(sent)).refused_with(command.statuses["parameters"].text)


@verifies("CARD-PURSE-PARAMETERS")
@for_each("command", with_own_p1, ids=command_id)
def test_p1(card: CardUnderTest, command: Command) -> None:
    """A P1 that the command does not have answers 6A86."""
    p1, p2 = p1_p2(command)
    for wrong in (p1 ^ 0x01, 0x7F):
        host = ready(card, command)
        right = host.purse.types[LOAD] if command.id == "GET-TRANSACTION-PROOF" else p2 or 1
        sent = host.command(command.id, data_of(host, command), p1=wrong, p2=right, le=le(host, command))
        expect(card.send(sent)).refused_with(command.statuses["parameters"].text)


@verifies("CARD-PURSE-LENGTH")
@for_each("command", with_data, ids=command_id)
@for_each("change", (-1, 1), ids=lambda change: "short" if change < 0 else "long")
def test_length(card: CardUnderTest, command: Command, change: int) -> None:
    """One byte less or more than the rule answers 6700."""
    host = ready(card, command)
    data = data_of(host, command)
    data = data[:-1] if change < 0 else data + b"\x00"
    p2 = host.purse.types[LOAD] if command.id == "GET-TRANSACTION-PROOF" else None
    expect(card.send(host.command(command.id, data, p2=p2))).refused_with(command.statuses["length"].text)
