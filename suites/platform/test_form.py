"""Form: malformed requests, generated from the interface document, are refused; answers fit their schemas."""

from dataclasses import replace
from typing import Any

from onecard.oracle.platform import Attempt
from onecard.oracle.platform_calls import Card, Desk
from onecard.oracle.schemas import KINDS, malformations, problem_of
from onecard.spec.interface import InterfaceSpec
from onecard.spec.openapi import load_interface
from onecard.testing import Inconclusive, PlatformUnderTest, Reply, Text, check, expect, for_each, verifies

ORDER = 55
ITEMS = {
    "queryCard": ("card-query", "normal"),
    "authenticateHolder": ("holder-authentication", "normal"),
    "applyCardEvent": ("temporary-loss", "normal"),
    "activateCard": ("one-stop-activation", "not-enabled"),
    "queryActivation": ("one-stop-activation", "not-enabled"),
    "resumeActivation": ("one-stop-activation", "not-enabled"),
}


def taking_a_body(_spec: InterfaceSpec) -> list[str]:
    """The operations with a request body."""
    return [operation.id for operation in load_interface("platform").operations.values() if operation.request]


def content_of(operation: str, card: Card, activation: str = "unknown") -> dict[str, Any]:
    """What stands beside ``call`` in a good body."""
    contents: dict[str, dict[str, Any]] = {
        "authenticateHolder": {"holder": card.holder},
        "applyCardEvent": {"event": "report-temporary-loss"},
        "queryActivation": {"activationId": activation},
        "resumeActivation": {"activationId": activation},
    }
    return contents.get(operation, {})


def attempt_of(desk: Desk[Reply], operation: str) -> tuple[Attempt, Card]:
    """A good attempt of an operation and the card for it."""
    item, state = ITEMS[operation]
    return desk.good(item, operation), desk.card(state)


@verifies("PLATFORM-REQUEST-FORM")
@for_each("operation", taking_a_body)
@for_each("kind", KINDS)
def test_malformed(platform: PlatformUnderTest, operation: str, kind: str) -> None:
    """Each place of the request, spoilt in this way, is refused as an invalid request."""
    desk = Desk(platform, Inconclusive)
    attempt, card = attempt_of(desk, operation)
    schema = desk.interface.operation(operation).request or {}
    refusal = desk.data.error("invalid-request")
    good = desk.body(attempt, card.card_no, desk.fresh(), desk.fresh(), **content_of(operation, card))
    institution = desk.institution(attempt.role)
    for spoilt in malformations(schema, good, kind):
        reply = desk.send(operation, institution, spoilt.body)
        expect(reply).refused(refusal.status, code=refusal.code).lacks("control")


TEXTS = ("", "{", "[]", "null", "7", '"x"', "<html></html>", '{"call":NaN}', '{"call":{},"call":{}}')


@verifies("PLATFORM-REQUEST-FORM")
@for_each("operation", taking_a_body)
def test_not_an_object(platform: PlatformUnderTest, operation: str) -> None:
    """What is no JSON object is refused as an invalid request."""
    desk = Desk(platform, Inconclusive)
    institution, refusal = desk.institution(next(iter(desk.data.roles))), desk.data.error("invalid-request")
    for text in TEXTS:
        expect(desk.send(operation, institution, text=text)).refused(refusal.status, code=refusal.code)


@verifies("PLATFORM-REQUEST-FORM")
def test_key_twice(platform: PlatformUnderTest) -> None:
    """A request whose key stands twice is refused: two readers could take different values."""
    desk = Desk(platform, Inconclusive)
    attempt, card = attempt_of(desk, "queryCard")
    refusal = desk.data.error("invalid-request")
    call = f'"channel":"{attempt.channel}","item":"{attempt.item}","scene":"{attempt.scene}","busiSeq":"{desk.fresh()}"'
    text = f'{{"call":{{"cardNo":"{card.card_no}","cardNo":"{card.card_no}",{call}}}}}'
    expect(desk.send("queryCard", desk.institution(attempt.role), text=text)).refused(refusal.status, code=refusal.code)


def fits(platform: PlatformUnderTest, desk: Desk[Reply], operation: str, reply: Reply) -> None:
    """The answer fits the schema of its status."""
    schema = desk.interface.operation(operation).response(reply.status)
    problem = (
        problem_of(schema, reply.json) if schema is not None else f"the status {reply.status} is not in the document"
    )
    check(
        platform,
        problem is None,
        what=f"answer of {operation}",
        expected="as its schema in specs/platform/openapi.yaml",
        received=problem or "fits",
    )


@verifies("PLATFORM-ANSWER-FORM")
def test_code_table(platform: PlatformUnderTest) -> None:
    """The answer of listCardStates fits its schema."""
    desk = Desk(platform, Inconclusive)
    reply = desk.send("listCardStates", desk.institution(next(iter(desk.data.roles))))
    expect(reply).status(200).json()
    fits(platform, desk, "listCardStates", reply)


@verifies("PLATFORM-ANSWER-FORM")
@for_each("operation", taking_a_body)
def test_answer(platform: PlatformUnderTest, operation: str) -> None:
    """The answer of an operation, called as its flow asks, fits its schema; so does that of a refused resumption."""
    desk = Desk(platform, Inconclusive)
    attempt, card = attempt_of(desk, operation)
    steps = desk.data.items[attempt.item].flow
    flow, activation = desk.fresh(), "unknown"
    for step in steps[: steps.index(operation)]:
        reply = walk(desk, replace(attempt, operation=step), card, flow, activation)
        activation = platform.must(reply, Text(f"前置步骤 {step}", f"the step {step} before")).find("activationId")
    reply = walk(desk, attempt, card, flow, activation)
    if operation != "resumeActivation":
        expect(reply).status(200).json()
    fits(platform, desk, operation, reply)


def walk(desk: Desk[Reply], attempt: Attempt, card: Card, flow: str, activation: str | None) -> Reply:
    """One step of a flow; the first gives the flow its number."""
    first = attempt.operation == desk.data.items[attempt.item].flow[0]
    content = content_of(attempt.operation, card, activation or "unknown")
    return desk.attempt(attempt, card, flow=None if first else flow, sequence=flow if first else None, **content)
