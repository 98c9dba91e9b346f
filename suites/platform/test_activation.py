"""One-stop activation: all three parties, or none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from onecard.oracle.platform import Course, course, steps_of
from onecard.oracle.platform_calls import Card, Desk
from onecard.oracle.schemas import problem_of
from onecard.spec.interface import InterfaceSpec
from onecard.spec.platform import platform_spec
from onecard.testing import Inconclusive, PlatformUnderTest, Reply, Text, check, expect, for_each, verifies

ORDER = 70
ITEM, BEGINNING = "one-stop-activation", "not-enabled"
MODES = {"refuse": "failed", "lose": "lost"}
"""How a party can be made to fail by the control interface, and the result of its step."""


@dataclass
class Office:
    """A card, and the flow in which it is activated."""

    platform: PlatformUnderTest
    desk: Desk[Reply]
    card: Card
    flow: str

    def step(self, operation: str, **content: Any) -> Reply:
        """A later step of the flow."""
        return self.desk.attempt(self.desk.good(ITEM, operation), self.card, flow=self.flow, **content)

    def fail(self, party: str, step: str, mode: str, times: int = 1) -> None:
        """Let a party fail the next steps of a kind (activate, undo)."""
        reply = self.platform.control("fail", party=party, step=step, mode=mode, times=times)
        self.platform.must(reply, Text(f"令 {party} 的 {step} 失败", f"let {step} of {party} fail"))

    def parties(self) -> frozenset[str]:
        """The parties at which the card is active."""
        reply = self.platform.must(self.platform.control("parties"), Text("查看各参与方", "look at the parties"))
        found: Mapping[str, Mapping[str, Any]] = reply.get("parties")
        return frozenset(party for party, view in found.items() if self.card.card_no in view["active"])


def office(platform: PlatformUnderTest) -> Office:
    """An authenticated holder of a card that is not enabled."""
    desk = Desk(platform, Inconclusive)
    card, flow = desk.card(BEGINNING), desk.fresh()
    platform.must(desk.authenticate(card, ITEM, sequence=flow), Text("认证持卡人", "authenticate the holder"))
    return Office(platform, desk, card, flow)


def went(reply: Reply, expected: Course, requirement: str | None = None) -> None:
    """The answer tells the expected course."""

    def same(log: list[dict[str, Any]]) -> None:
        if steps_of(log) != expected.steps:
            raise ValueError("expected " + ", ".join("/".join(step) for step in expected.steps))

    expect(reply, requirement).status(200).field("state", expected.state).matches("log", same, "the course of steps")


def ended(made: Office, expected: Course, requirement: str | None = None) -> None:
    """Card and parties are where the course leaves them."""
    shown = made.desk.attempt(made.desk.good("card-query"), made.card)
    expect(shown, requirement).status(200).field("state", expected.card)
    if made.platform.has_parameter("control"):
        active = made.parties()
        check(
            made.platform,
            active == expected.active,
            what="parties at which the card is active",
            expected=f"active at: {', '.join(sorted(expected.active)) or 'none'}",
            received=f"active at: {', '.join(sorted(active)) or 'none'}",
            requirement=requirement,
        )


def planned(made: Office, failing: Mapping[tuple[str, str], tuple[str, int]]) -> Course:
    """The course when actions of parties end so for so many times."""

    def result(party: str, action: str, n: int) -> str:
        outcome, times = failing.get((party, action), ("ok", 0))
        return outcome if n < times else "ok"

    return course(made.desk.data, made.desk.data.saga_start, BEGINNING, frozenset(), result)


def activating(spec: InterfaceSpec) -> list[str]:
    """The parties in the order of activation."""
    data = platform_spec(spec)
    state, found = data.saga[data.saga_start], []
    while state.party is not None:
        found.append(state.party)
        state = data.saga[state.after["ok"]]
    return found


@verifies("PLATFORM-ACTIVATION")
def test_all_three(platform: PlatformUnderTest) -> None:
    """Social security, bank and transport are activated in this order, and the card becomes normal."""
    made = office(platform)
    expected = planned(made, {})
    reply = made.step("activateCard")
    went(reply, expected)
    expect(reply).field("cardNo", made.card.card_no).field("state", "completed")
    expect(reply).field("log.0.party", "hrss").field("log.1.party", "bank").field("log.2.party", "transport")
    ended(made, expected)


@verifies("PLATFORM-ACTIVATION")
def test_of_a_normal_card(platform: PlatformUnderTest) -> None:
    """A card that is normal already is not activated again: refused, and no party is asked."""
    desk = Desk(platform, Inconclusive)
    made = Office(platform, desk, desk.card("normal"), desk.fresh())
    first = desk.authenticate(made.card, ITEM, sequence=made.flow)
    platform.must(first, Text("认证持卡人", "authenticate the holder"))
    refusal = desk.data.error("illegal-transition")
    expect(made.step("activateCard")).refused(refusal.status, code=refusal.code)
    if platform.has_parameter("control"):
        asked = platform.must(platform.control("parties"), Text("查看各参与方", "look at the parties"))
        for party in activating(platform.spec):
            expect(asked).field(f"parties.{party}.asked", [])


def compensated(platform: PlatformUnderTest, party: str, mode: str) -> None:
    """One party fails once: the course of the table, and nothing is left active."""
    made = office(platform)
    made.fail(party, "activate", mode)
    expected = planned(made, {(party, "activate"): (MODES[mode], 1)})
    went(made.step("activateCard"), expected)
    ended(made, expected)
    check(
        platform,
        expected.card == BEGINNING and not expected.active,
        what="the data themselves undo everything",
        expected=f"{BEGINNING}, active nowhere",
        received=f"{expected.card}, active at {sorted(expected.active)}",
    )


@verifies("PLATFORM-ACTIVATION-COMPENSATED")
@for_each("party", activating)
def test_party_refuses(platform: PlatformUnderTest, party: str) -> None:
    """When a party refuses, what was done is undone in reverse order, and the card is not left enabled."""
    compensated(platform, party, "refuse")


@verifies("PLATFORM-ACTIVATION-LOST-ANSWER")
@for_each("party", activating)
def test_answer_lost(platform: PlatformUnderTest, party: str) -> None:
    """When a party acts and its answer is lost, its step is undone with the others: it is left active nowhere."""
    compensated(platform, party, "lose")


@verifies("PLATFORM-ACTIVATION-RESUME")
@for_each("undone", lambda spec: activating(spec)[:-1])
@for_each("mode", sorted(MODES))
def test_resumed(platform: PlatformUnderTest, undone: str, mode: str) -> None:
    """While an undoing does not work the activation stays where it is; resumed when it works, all is undone."""
    made = office(platform)
    last = activating(platform.spec)[-1]
    made.fail(last, "activate", "refuse")
    made.fail(undone, "undo", mode, times=2)
    failing = {(last, "activate"): ("failed", 1), (undone, "undo"): (MODES[mode], 2)}
    expected = planned(made, failing)
    reply = made.step("activateCard")
    went(reply, expected)
    activation = {"activationId": reply.get("activationId")}
    went(made.step("queryActivation", **activation), expected)
    counts = {"undo": 1}

    def second(party: str, action: str, n: int) -> str:
        return MODES[mode] if (party, action) == (undone, "undo") and n + counts["undo"] < 2 else "ok"

    for _ in range(2):
        further = course(made.desk.data, expected.state, expected.card, expected.active, second)
        expected = Course((*expected.steps, *further.steps), further.state, further.card, further.active)
        counts["undo"] += 1
        went(made.step("resumeActivation", **activation), expected)
    ended(made, expected)
    refusal = made.desk.data.error("activation-finished")
    expect(made.step("resumeActivation", **activation)).refused(refusal.status, code=refusal.code)


@verifies("PLATFORM-ACTIVATION-RETRY")
@for_each("party", activating)
def test_tried_again(platform: PlatformUnderTest, party: str) -> None:
    """After a failure another activation of the card, with a new number, succeeds."""
    made = office(platform)
    made.fail(party, "activate", "refuse")
    first = made.step("activateCard")
    platform.must(first, Text("失败的激活", "the activation that fails"))
    second = made.step("activateCard")
    expected = planned(made, {})
    went(second, expected)
    ended(made, expected)
    check(
        platform,
        second.find("activationId") != first.find("activationId"),
        what="identifier of the second activation",
        expected="another than that of the first",
        received=str(second.find("activationId")),
    )


@verifies("PLATFORM-ACTIVATION-LOG")
@for_each("party", lambda spec: ["none", *activating(spec)])
def test_log(platform: PlatformUnderTest, party: str) -> None:
    """The query tells state and log as the activation itself did, entry by entry."""
    made = office(platform)
    if party != "none":
        made.fail(party, "activate", "refuse")
    expected = planned(made, {} if party == "none" else {(party, "activate"): ("failed", 1)})
    reply = platform.must(made.step("activateCard"), Text("激活", "activate"))
    asked = made.step("queryActivation", activationId=reply.get("activationId"))
    went(asked, expected)
    problem = problem_of(made.desk.interface.operation("queryActivation").responses["200"], asked.json)
    check(platform, problem is None, what="form", expected="as its schema", received=problem or "fits")


@verifies("PLATFORM-ACTIVATION-LOG")
def test_unknown_activation(platform: PlatformUnderTest) -> None:
    """An activation that does not exist, or is of another card, is answered as unknown."""
    made = office(platform)
    platform.must(made.step("activateCard"), Text("激活", "activate"))
    refusal = made.desk.data.error("unknown-activation")
    expect(made.step("queryActivation", activationId="0" * 24)).refused(refusal.status, code=refusal.code)
    cards = made.desk.cards(BEGINNING)
    if len(cards) < 2:
        raise Inconclusive(zh="IXIT 只有一张未启用的卡", en="the IXIT has one card only that is not enabled")
    other = Office(platform, made.desk, cards[1], made.desk.fresh())
    first = made.desk.authenticate(other.card, ITEM, sequence=other.flow)
    platform.must(first, Text("认证另一持卡人", "authenticate the other holder"))
    theirs = platform.must(other.step("activateCard"), Text("激活另一张卡", "activate the other card"))
    asked = made.step("queryActivation", activationId=theirs.get("activationId"))
    expect(asked).refused(refusal.status, code=refusal.code)
