"""Card states: their codes, and the state table over the interface."""

from onecard.oracle.platform import after, occurring
from onecard.oracle.platform_calls import Card, Desk
from onecard.spec.interface import InterfaceSpec
from onecard.spec.platform import platform_spec
from onecard.testing import Inconclusive, PlatformUnderTest, Reply, Text, expect, for_each, verifies

ORDER = 60
DAY = 86400
MARGIN = 3600
"""Seconds on either side of the end of a state: a service's clock and ours need not agree to the second."""

Move = tuple[str, str, str]


@verifies("PLATFORM-STATE-CODES")
def test_code_table(platform: PlatformUnderTest) -> None:
    """The code table has every state of the declared set with its code, and nothing else."""
    desk = Desk(platform, Inconclusive)
    reply = desk.send("listCardStates", desk.institution(next(iter(desk.data.roles))))

    def whole(table: list[dict[str, str]]) -> None:
        found = {entry["state"]: entry["code"] for entry in table}
        if found != desk.data.states or len(table) != len(found):
            raise ValueError(f"expected {dict(desk.data.states)}")

    expect(reply).status(200).matches("states", whole, "the codes of the declared set")


@verifies("PLATFORM-STATE-CODES")
@for_each("state", lambda spec: occurring(platform_spec(spec), "card-query"))
def test_code_of_a_card(platform: PlatformUnderTest, state: str) -> None:
    """A card in each state is shown with the state's name and code."""
    desk = Desk(platform, Inconclusive)
    for card in desk.cards(state):
        reply = desk.attempt(desk.good("card-query"), card)
        expect(reply).status(200).field("cardNo", card.card_no)
        expect(reply).field("state", state).field("stateCode", desk.data.states[state])


LITERAL = {
    "a": {"normal": "1", "lost": "2", "temporarily-lost": "B", "not-enabled": "A", "cancelled": "4"},
    "b": {"normal": "1", "lost": "2", "temporarily-lost": "4", "not-enabled": "0", "cancelled": "9"},
}
"""Codes of the two public sets, written out: a wrong datum would be invisible to both sides."""


@verifies("PLATFORM-STATE-CODES")
@for_each("state", sorted(LITERAL["a"]))
def test_literal_code(platform: PlatformUnderTest, state: str) -> None:
    """The code of a state is the one of the public set."""
    desk = Desk(platform, Inconclusive)
    reply = desk.attempt(desk.good("card-query"), desk.card(state))
    expect(reply).status(200).field("stateCode", LITERAL[str(platform.ics["platform.state_codes"])][state])


def moves(spec: InterfaceSpec, legal: bool) -> list[Move]:
    """Every (item, state, event) that an item lets through to the state table, which has it or not."""
    data = platform_spec(spec)
    return [
        (item.item, state, event)
        for item in data.items.values()
        for state in occurring(data, item.item)
        for event in item.events
        if (after(data, state, event) is not None) is legal
    ]


def moved(platform: PlatformUnderTest, desk: Desk[Reply], card: Card, move: Move) -> Reply:
    """The holder is authenticated, and the event asked for."""
    item, _, event = move
    flow = desk.fresh()
    platform.must(desk.authenticate(card, item, sequence=flow), Text("认证持卡人", "authenticate the holder"))
    return desk.attempt(desk.good(item, "applyCardEvent", event=event), card, flow=flow)


def state_is(desk: Desk[Reply], card: Card, state: str) -> None:
    """The query shows the card in a state."""
    reply = desk.attempt(desk.good("card-query"), card)
    expect(reply).status(200).field("state", state).field("stateCode", desk.data.states[state])


@verifies("PLATFORM-STATE-LEGAL")
@for_each("move", lambda spec: moves(spec, True), ids=":".join)
def test_legal(platform: PlatformUnderTest, move: Move) -> None:
    """A legal event takes the card to the state of the table, the query agrees, and no other card changes."""
    desk = Desk(platform, Inconclusive)
    card, others = desk.card(move[1]), desk.cards(move[1])[1:]
    reply = moved(platform, desk, card, move)
    expected = str(after(desk.data, move[1], move[2]))
    expect(reply).status(200).field("cardNo", card.card_no).field("state", expected)
    expect(reply).field("stateCode", desk.data.states[expected])
    state_is(desk, card, expected)
    for other in others:
        state_is(desk, other, move[1])


@verifies("PLATFORM-STATE-ILLEGAL")
@for_each("move", lambda spec: moves(spec, False), ids=":".join)
def test_illegal(platform: PlatformUnderTest, move: Move) -> None:
    """An event that the table does not have in that state is refused, and the card stays as it was."""
    desk = Desk(platform, Inconclusive)
    card = desk.card(move[1])
    refusal = desk.data.error("illegal-transition")
    expect(moved(platform, desk, card, move)).refused(refusal.status, code=refusal.code).lacks("control")
    state_is(desk, card, move[1])


@verifies("PLATFORM-TEMPORARY-LOSS-EXPIRES")
def test_expires(platform: PlatformUnderTest) -> None:
    """A temporary loss holds until shortly before its days are over, and has ended shortly after."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("normal")
    reported = moved(platform, desk, card, ("temporary-loss", "normal", "report-temporary-loss"))
    platform.must(reported, Text("临时挂失", "report a temporary loss"))
    timer = desk.data.timers["temporarily-lost"]
    _advance(platform, timer.days * DAY - MARGIN)
    state_is(desk, card, "temporarily-lost")
    _advance(platform, 2 * MARGIN)
    state_is(desk, card, str(desk.data.transitions["temporarily-lost", timer.event].to))


@verifies("PLATFORM-TEMPORARY-LOSS-EXPIRES")
def test_formal_loss_does_not_expire(platform: PlatformUnderTest) -> None:
    """A formal loss after a temporary one stays when the days of the temporary loss are over."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("normal")
    for event, item, state in (
        ("report-temporary-loss", "temporary-loss", "normal"),
        ("report-loss", "formal-loss", "temporarily-lost"),
    ):
        platform.must(moved(platform, desk, card, (item, state, event)), Text(f"卡事件 {event}", f"the event {event}"))
    _advance(platform, desk.data.timers["temporarily-lost"].days * DAY + MARGIN)
    state_is(desk, card, "lost")


def _advance(platform: PlatformUnderTest, seconds: int) -> None:
    platform.must(platform.control("advance", seconds=seconds), Text("拨快测试时钟", "set the test clock forward"))
