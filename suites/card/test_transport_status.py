"""Status words of the transport application's refusals."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.spec.card import CardSpec
from onecard.spec.card_transport import transport_of
from onecard.testing import CardUnderTest, Ends, Text, TransportDesk, destructive, expect, for_each, verifies

ORDER = 630
LOAD, PURCHASE, COMPOUND = "TRANSPORT-LOAD", "TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND"
BALANCE, INITIALIZE, DEBIT, CREDIT, CACHE, PROOF, BLOCK, UPDATE = (
    "TRANSPORT-GET-BALANCE",
    "TRANSPORT-INITIALIZE",
    "TRANSPORT-DEBIT",
    "TRANSPORT-CREDIT",
    "TRANSPORT-CACHE",
    "TRANSPORT-PROOF",
    "TRANSPORT-BLOCK",
    "TRANSPORT-SECURE-UPDATE",
)
UNKNOWN = 0x7E
TOO_MUCH = 0x7FFFFFFF
Refusal = tuple[str, str]
Situation = Callable[[CardUnderTest, TransportDesk], bytes]
"""Brings the card where it must refuse, and gives the command."""


def plain(name: str, p1: int, p2: int, length: int) -> Situation:
    """The command with so many zeros as data, at once."""
    return lambda card, desk: desk.command(name, p1, p2, bytes(length))


def during(transaction: str, name: str, p1: int, p2: int, length: int) -> Situation:
    """The same after the transaction was initialised with amount 0."""

    def situation(card: CardUnderTest, desk: TransportDesk) -> bytes:
        desk.begin(transaction, 0)
        return desk.command(name, p1, p2, bytes(length))

    return situation


def challenged(name: str, p1: int, p2: int, length: int) -> Situation:
    """The same after GET CHALLENGE: its MAC is wrong."""

    def situation(card: CardUnderTest, desk: TransportDesk) -> bytes:
        card.get_challenge(4)
        return desk.command(name, p1, p2, bytes(length))

    return situation


def without_file(card: CardUnderTest, desk: TransportDesk) -> bytes:
    """UPDATE BINARY with MAC of the current file, while none is."""
    card.reset()
    card.select_world(desk.data.purse.application)
    return desk.command(UPDATE, 0x00, 0x00, bytes(5))


def beyond_the_end(card: CardUnderTest, desk: TransportDesk) -> bytes:
    """UPDATE BINARY with the right MAC behind the end of file 16."""
    return desk.secured(UPDATE, 0x96, 0xF0, bytes(8), card.get_challenge(4))


SITUATIONS: Mapping[Refusal, Situation] = MappingProxyType(
    {
        (BALANCE, "length"): lambda card, desk: desk.balance_command()[:-1] + b"\x05",
        (BALANCE, "parameters"): lambda card, desk: desk.balance_command(UNKNOWN),
        (INITIALIZE, "parameters"): plain(INITIALIZE, UNKNOWN, 0x02, 11),
        (INITIALIZE, "length"): plain(INITIALIZE, 0x01, 0x02, 10),
        (INITIALIZE, "key"): lambda card, desk: desk.initialize_command(PURCHASE, 0, index=UNKNOWN),
        (INITIALIZE, "funds"): lambda card, desk: desk.initialize_command(PURCHASE, TOO_MUCH),
        (DEBIT, "parameters"): during(PURCHASE, DEBIT, UNKNOWN, 0x00, 15),
        (DEBIT, "length"): during(PURCHASE, DEBIT, 0x01, 0x00, 14),
        (DEBIT, "state"): plain(DEBIT, 0x01, 0x00, 15),
        (DEBIT, "mac"): during(PURCHASE, DEBIT, 0x01, 0x00, 15),
        (CREDIT, "parameters"): during(LOAD, CREDIT, UNKNOWN, 0x00, 11),
        (CREDIT, "length"): during(LOAD, CREDIT, 0x00, 0x00, 10),
        (CREDIT, "state"): plain(CREDIT, 0x00, 0x00, 11),
        (CREDIT, "mac"): during(LOAD, CREDIT, 0x00, 0x00, 11),
        (CACHE, "parameters"): during(COMPOUND, CACHE, 0x01, 0xD7, 128),
        (CACHE, "length"): during(COMPOUND, CACHE, 0x01, 0xD0, 4),
        (CACHE, "state"): plain(CACHE, 0x01, 0xD0, 128),
        (CACHE, "file-not-found"): during(COMPOUND, CACHE, 0x01, 0x68, 128),
        (CACHE, "record-not-found"): during(COMPOUND, CACHE, UNKNOWN, 0xD0, 128),
        (PROOF, "parameters"): plain(PROOF, UNKNOWN, 0x06, 2),
        (PROOF, "length"): plain(PROOF, 0x00, 0x06, 1),
        (PROOF, "unavailable"): plain(PROOF, 0x00, UNKNOWN, 2),
        (BLOCK, "parameters"): plain(BLOCK, UNKNOWN, 0x00, 4),
        (BLOCK, "length"): plain(BLOCK, 0x00, 0x00, 3),
        (BLOCK, "no-challenge"): plain(BLOCK, 0x00, 0x00, 4),
        (BLOCK, "mac"): challenged(BLOCK, 0x00, 0x00, 4),
        (UPDATE, "parameters"): challenged(UPDATE, 0xF6, 0x00, 5),
        (UPDATE, "length"): challenged(UPDATE, 0x96, 0x00, 4),
        (UPDATE, "no-challenge"): plain(UPDATE, 0x96, 0x00, 5),
        (UPDATE, "mac"): challenged(UPDATE, 0x96, 0x00, 5),
        (UPDATE, "file-not-found"): challenged(UPDATE, 0x8D, 0x00, 5),
        (UPDATE, "security"): challenged(UPDATE, 0x98, 0x00, 5),
        (UPDATE, "no-current-ef"): without_file,
        (UPDATE, "offset"): beyond_the_end,
    }
)
"""Refusals that any card in its normal state can show."""


def refusals(spec: CardSpec) -> list[Refusal]:
    """Those that concern the card."""
    return [] if transport_of(spec) is None else list(SITUATIONS)


@verifies("CARD-TRANSPORT-STATUS")
@for_each("refusal", refusals, ids="-".join)
def test_status_word(card: CardUnderTest, refusal: Refusal) -> None:
    """The refusal answers the status word that the data list for it, and no data."""
    desk = TransportDesk(card)
    desk.select()
    name, condition = refusal
    expected = card.spec.command(name).statuses[condition].text
    expect(card.send(SITUATIONS[refusal](card, desk))).refused_with(expected)


COMMANDS = (BALANCE, INITIALIZE, DEBIT, CREDIT, CACHE, PROOF, BLOCK, UPDATE)


def blocked_commands(spec: CardSpec) -> list[str]:
    """The commands of the application."""
    return [] if transport_of(spec) is None else list(COMMANDS)


@verifies("CARD-TRANSPORT-STATUS")
@for_each("name", blocked_commands)
@destructive("the transport application (it is blocked)", Ends.APPLICATION)
def test_status_word_when_blocked(card: CardUnderTest, name: str) -> None:
    """Once the application is blocked a command that needs no open transaction answers the status word of the block."""
    desk = TransportDesk(card)
    desk.select()
    response = card.send(desk.secured(BLOCK, 0x00, 0x00, b"", card.get_challenge(4)))
    # On a sample that another case has blocked already that is all there is to do.
    if not card.spec.command(BLOCK).statuses["blocked"].matches(response.sw):
        card.preamble(response, Text("锁定应用", "block the application"))
    commands = {
        BALANCE: desk.balance_command(),
        INITIALIZE: desk.initialize_command(PURCHASE, 0),
        PROOF: desk.command(PROOF, 0x00, 0x06, bytes(2)),
        BLOCK: desk.command(BLOCK, 0x00, 0x00, bytes(4)),
        UPDATE: desk.command(UPDATE, 0x96, 0x00, bytes(5)),
    }
    condition = "blocked" if name in commands else "state"
    other = {DEBIT: (0x01, 15), CREDIT: (0x00, 11), CACHE: (0x01, 128)}
    command = commands[name] if name in commands else desk.command(name, other[name][0], 0x00, bytes(other[name][1]))
    expect(card.send(command)).refused_with(card.spec.command(name).statuses[condition].text)
