"""Flows and sequence numbers: steps in order and bound to who began them; repeated calls."""

from dataclasses import replace

from onecard.oracle.platform_calls import Card, Desk
from onecard.testing import Inconclusive, PlatformUnderTest, Reply, Text, check, expect, for_each, verifies

ORDER = 65
ITEM, STEP, EVENT = "temporary-loss", "applyCardEvent", "report-temporary-loss"


def refused(desk: Desk[Reply], reply: Reply) -> None:
    """Refused by the control of flows."""
    refusal = desk.data.control("flow")
    expect(reply).refused(refusal.status, code=refusal.code).field("control", "flow")


def begun(platform: PlatformUnderTest, desk: Desk[Reply], card: Card, item: str = ITEM) -> str:
    """Authenticate the holder; the number of the flow."""
    flow = desk.fresh()
    platform.must(desk.authenticate(card, item, sequence=flow), Text("认证持卡人", "authenticate the holder"))
    return flow


def later_steps(_spec: object) -> list[tuple[str, str, str]]:
    """Operations that need a step before them: operation, item, and what stands beside ``call``."""
    return [
        ("applyCardEvent", "temporary-loss", "event"),
        ("activateCard", "one-stop-activation", ""),
        ("queryActivation", "one-stop-activation", "activationId"),
        ("resumeActivation", "one-stop-activation", "activationId"),
    ]


@verifies("PLATFORM-ADMIT-FLOW")
@for_each("step", later_steps, ids=lambda step: step[0])
@for_each("flow", ("none", "unknown"))
def test_without_predecessor(platform: PlatformUnderTest, step: tuple[str, str, str], flow: str) -> None:
    """A later step without a flow, or with the number of none, is refused by the control of flows."""
    operation, item, field = step
    desk = Desk(platform, Inconclusive)
    base = desk.good(item, operation)
    content = {field: EVENT} if field else {}
    number = desk.fresh() if flow == "unknown" else None
    refused(desk, desk.attempt(base, desk.card(str(base.state)), flow=number, **content))


@verifies("PLATFORM-ADMIT-FLOW")
def test_skipped_step(platform: PlatformUnderTest) -> None:
    """A step is refused where its own predecessor is missing, though the flow has begun."""
    desk = Desk(platform, Inconclusive)
    base = desk.good("one-stop-activation", "queryActivation")
    card = desk.card(str(base.state))
    flow = begun(platform, desk, card, "one-stop-activation")
    refused(desk, desk.attempt(base, card, flow=flow, activationId="unknown"))


@verifies("PLATFORM-ADMIT-FLOW")
def test_failed_predecessor(platform: PlatformUnderTest) -> None:
    """A holder who was not authenticated has completed no step."""
    desk = Desk(platform, Inconclusive)
    card, flow = desk.card("normal"), desk.fresh()
    wrong = desk.attempt(desk.good(ITEM), card, sequence=flow, holder={**card.holder, "name": "测试错名"})
    expect(wrong).refused()
    refused(desk, desk.attempt(desk.good(ITEM, STEP, event=EVENT), card, flow=flow))


@verifies("PLATFORM-ADMIT-FLOW")
def test_flow_of_another_card(platform: PlatformUnderTest) -> None:
    """Authenticating the holder of one card opens no other card."""
    desk = Desk(platform, Inconclusive)
    cards = desk.cards("normal")
    if len(cards) < 2:
        raise Inconclusive(zh="IXIT 只有一张正常的卡", en="the IXIT has one normal card only")
    flow = begun(platform, desk, cards[0])
    refused(desk, desk.attempt(desk.good(ITEM, STEP, event=EVENT), cards[1], flow=flow))


@verifies("PLATFORM-ADMIT-FLOW")
def test_flow_of_another_item(platform: PlatformUnderTest) -> None:
    """A flow that began for one item is none of another's."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("normal")
    flow = begun(platform, desk, card)
    refused(desk, desk.attempt(desk.good("formal-loss", STEP, event="report-loss"), card, flow=flow))


@verifies("PLATFORM-ADMIT-FLOW")
def test_flow_of_another_institution(platform: PlatformUnderTest) -> None:
    """A flow that one institution began cannot be carried on by another."""
    desk = Desk(platform, Inconclusive)
    item = "one-stop-activation"
    roles = [name for name, role in desk.data.roles.items() if item in role.items]
    card = desk.card("not-enabled")
    flow = desk.fresh()
    platform.must(
        desk.authenticate(card, item, role=roles[0], sequence=flow), Text("认证持卡人", "authenticate the holder")
    )
    refused(desk, desk.attempt(desk.good(item, "activateCard", role=roles[1]), card, flow=flow))


@verifies("PLATFORM-SEQUENCE")
def test_sequence_used_twice(platform: PlatformUnderTest) -> None:
    """A sequence number used for a card query serves for no other card, item or operation."""
    desk = Desk(platform, Inconclusive)
    card, number = desk.card("normal"), desk.fresh()
    query = desk.good("card-query")
    platform.must(desk.attempt(query, card, sequence=number), Text("查询卡", "query a card"))
    refused(desk, desk.attempt(query, desk.card("lost"), sequence=number))
    refused(desk, desk.authenticate(card, ITEM, sequence=number))


@verifies("PLATFORM-SEQUENCE")
def test_sequence_of_another_institution(platform: PlatformUnderTest) -> None:
    """Two institutions may use the same sequence number."""
    desk = Desk(platform, Inconclusive)
    card, number = desk.card("normal"), desk.fresh()
    for role in desk.data.roles:
        expect(desk.attempt(desk.good("card-query", role=role), card, sequence=number)).status(200).json()


@verifies("PLATFORM-SEQUENCE")
def test_same_content_another_operation(platform: PlatformUnderTest) -> None:
    """The same content sent to another operation is another call."""
    desk = Desk(platform, Inconclusive)
    item = "one-stop-activation"
    card = desk.card("not-enabled")
    flow, number = begun(platform, desk, card, item), desk.fresh()
    activated = desk.attempt(desk.good(item, "activateCard"), card, flow=flow, sequence=number)
    content = {"activationId": platform.must(activated, Text("激活", "activate")).get("activationId")}
    query, repeated = desk.good(item, "queryActivation"), desk.fresh()
    done = desk.attempt(query, card, flow=flow, sequence=repeated, **content)
    platform.must(done, Text("查询激活", "query the activation"))
    refused(
        desk, desk.attempt(replace(query, operation="resumeActivation"), card, flow=flow, sequence=repeated, **content)
    )


def same(platform: PlatformUnderTest, first: Reply, again: Reply) -> None:
    """Two answers are the same."""
    expect(again).status(first.status)
    check(
        platform,
        again.json == first.json,
        what="answer of the repeated call",
        expected=first.shown(),
        received=again.shown(),
    )


@verifies("PLATFORM-IDEMPOTENT")
def test_event_repeated(platform: PlatformUnderTest) -> None:
    """A card event sent again with the same number gets the same answer and happens once."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("normal")
    flow, number = begun(platform, desk, card), desk.fresh()
    event = desk.good(ITEM, STEP, event=EVENT)
    first = desk.attempt(event, card, flow=flow, sequence=number)
    expect(first).status(200).json()
    same(platform, first, desk.attempt(event, card, flow=flow, sequence=number))
    released = desk.good(ITEM, STEP, event="release-temporary-loss")
    platform.must(desk.attempt(released, card, flow=flow), Text("解除临时挂失", "release the temporary loss"))
    same(platform, first, desk.attempt(event, card, flow=flow, sequence=number))
    expect(desk.attempt(desk.good("card-query"), card)).field("state", "normal")


@verifies("PLATFORM-IDEMPOTENT")
def test_refused_event_repeated(platform: PlatformUnderTest) -> None:
    """The answer of an illegal event stays the same, even when the event has become legal since."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("normal")
    flow, number = begun(platform, desk, card), desk.fresh()
    release = desk.good(ITEM, STEP, event="release-temporary-loss")
    first = desk.attempt(release, card, flow=flow, sequence=number)
    expect(first).refused(desk.data.error("illegal-transition").status)
    report = desk.attempt(desk.good(ITEM, STEP, event=EVENT), card, flow=flow)
    platform.must(report, Text("临时挂失", "report a temporary loss"))
    same(platform, first, desk.attempt(release, card, flow=flow, sequence=number))


@verifies("PLATFORM-IDEMPOTENT")
def test_activation_repeated(platform: PlatformUnderTest) -> None:
    """An activation sent again asks no party again, and answers with the same activation."""
    desk = Desk(platform, Inconclusive)
    card = desk.card("not-enabled")
    flow, number = begun(platform, desk, card, "one-stop-activation"), desk.fresh()
    activate = desk.good("one-stop-activation", "activateCard")
    first = desk.attempt(activate, card, flow=flow, sequence=number)
    expect(first).status(200).json()
    same(platform, first, desk.attempt(activate, card, flow=flow, sequence=number))
    if platform.has_parameter("control"):
        for party in sorted({str(state.party) for state in desk.data.saga.values() if state.party}):
            expect(platform.control("parties")).field(f"parties.{party}.asked", ["activate"])
