"""The six controls: what fits is admitted; what does not is refused by the right control, and leaves no trace."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from itertools import combinations

from onecard.oracle.platform import Attempt, occurring, refused_by, ways
from onecard.oracle.platform_calls import Desk
from onecard.spec.interface import InterfaceSpec
from onecard.spec.platform import platform_spec
from onecard.testing import Inconclusive, PlatformUnderTest, Reply, expect, for_each, verifies

ORDER = 30
BASE, CHANGING, EVENT = "holder-authentication", "temporary-loss", "report-temporary-loss"
Labelled = tuple[str, Attempt]


def refused(desk: Desk[Reply], reply: Reply, control: str, requirement: str | None = None) -> None:
    """Refused with the status and code of a control, and its name."""
    refusal = desk.data.control(control)
    expect(reply, requirement).refused(refusal.status, code=refusal.code).field("control", control)


def send(desk: Desk[Reply], attempt: Attempt, sequence: str | None = None) -> Reply:
    """The attempt for a declared card in its state, with the holder where the operation takes one."""
    card = desk.card(attempt.state) if attempt.state is not None else None
    if attempt.operation != "authenticateHolder":
        return desk.attempt(attempt, card, sequence=sequence)
    return desk.attempt(attempt, card, sequence=sequence, holder=(card or desk.card("normal")).holder)


def admitted(desk: Desk[Reply], attempt: Attempt) -> None:
    """Carried out: an answer about this very call and no other, and no refusal."""
    sequence = desk.fresh()
    reply = send(desk, attempt, sequence)
    expect(reply).status(200).json().lacks("control")
    if attempt.operation == "authenticateHolder":
        expect(reply).field("authenticated", True).field("flow", sequence)
    else:
        expect(reply).field("cardNo", desk.card(str(attempt.state)).card_no)


def granted(spec: InterfaceSpec) -> Sequence[tuple[str, str]]:
    """Every role with every item that it has and that occurs."""
    data = platform_spec(spec)
    return [(role.role, item) for role in data.roles.values() for item in role.items if item in data.items]


def base_of(spec: InterfaceSpec, role: str) -> Attempt:
    """An attempt of a role that is to be admitted."""
    channel, scene = ways(platform_spec(spec), role, BASE)[0]
    return Attempt(role, "authenticateHolder", channel, "normal", BASE, scene)


def label(base: Attempt, changed: Attempt) -> str:
    """The values in which two attempts differ."""
    words = {True: "suspended", None: "unknown-card"}
    values = [(getattr(changed, field.name), getattr(base, field.name)) for field in fields(Attempt)]
    return "-".join((changed.role, *(str(words.get(new, new)) for new, old in values if new != old)))


def alone(control: str) -> Callable[[InterfaceSpec], list[Labelled]]:
    """Attempts that one control alone refuses."""

    def source(spec: InterfaceSpec) -> list[Labelled]:
        data = platform_spec(spec)
        roles = list(data.roles) if control in ("channel", "item") else list(data.roles)[:1]
        bases = [base_of(spec, role) for role in roles]
        return [(label(base, each), each) for base in bases for each in refused_by(data, base, control)]

    return source


def name_of(labelled: Labelled) -> str:
    """How an attempt is named in the id of its case."""
    return labelled[0]


@verifies("PLATFORM-ADMIT")
@for_each("grant", granted, ids=":".join)
def test_admitted(platform: PlatformUnderTest, grant: tuple[str, str]) -> None:
    """A role's item is admitted through each of its channels and scenes, and for a card in each state it takes."""
    role, item = grant
    desk = Desk(platform, Inconclusive)
    base = desk.good(item, role=role)
    for channel, scene in ways(desk.data, role, item):
        admitted(desk, Attempt(role, base.operation, channel, base.state, item, scene))
    for state in occurring(desk.data, item):
        admitted(desk, Attempt(role, base.operation, base.channel, state, item, base.scene))


@verifies("PLATFORM-ADMIT-INSTITUTION")
@for_each("attempt", alone("institution"), ids=name_of)
def test_suspended_institution(platform: PlatformUnderTest, attempt: Labelled) -> None:
    """A suspended institution with the right key is refused by the control of institutions."""
    desk = Desk(platform, Inconclusive)
    refused(desk, send(desk, attempt[1]), "institution")


@verifies("PLATFORM-ADMIT-CHANNEL")
@for_each("attempt", alone("channel"), ids=name_of)
def test_channel(platform: PlatformUnderTest, attempt: Labelled) -> None:
    """A channel that the institution may not use, or that does not exist, is refused by the control of channels."""
    desk = Desk(platform, Inconclusive)
    refused(desk, send(desk, attempt[1]), "channel")


@verifies("PLATFORM-ADMIT-CARD")
@for_each("attempt", alone("card"), ids=name_of)
def test_card(platform: PlatformUnderTest, attempt: Labelled) -> None:
    """A card in a state that the item does not take, or that does not exist, is refused by the control of cards."""
    desk = Desk(platform, Inconclusive)
    refused(desk, send(desk, attempt[1]), "card")


@verifies("PLATFORM-ADMIT-ITEM")
@for_each("attempt", alone("item"), ids=name_of)
def test_item(platform: PlatformUnderTest, attempt: Labelled) -> None:
    """An item that is not granted, does not exist or lacks the operation is refused by the control of items."""
    desk = Desk(platform, Inconclusive)
    refused(desk, send(desk, attempt[1]), "item")


@verifies("PLATFORM-ADMIT-ITEM")
def test_event_of_another_item(platform: PlatformUnderTest) -> None:
    """After a proper first step, an event that belongs to another item is refused by the control of items."""
    desk = Desk(platform, Inconclusive)
    card, flow = desk.card("normal"), desk.fresh()
    expect(desk.authenticate(card, CHANGING, sequence=flow)).status(200).json()
    for event in sorted({event for item in desk.data.items.values() for event in item.events}):
        if event not in desk.data.items[CHANGING].events:
            refused(desk, desk.attempt(desk.good(CHANGING, "applyCardEvent", event=event), card, flow=flow), "item")


@verifies("PLATFORM-ADMIT-SCENE")
@for_each("attempt", alone("scene"), ids=name_of)
def test_scene(platform: PlatformUnderTest, attempt: Labelled) -> None:
    """A scene that the item or the channel does not have is refused by the control of scenes."""
    desk = Desk(platform, Inconclusive)
    refused(desk, send(desk, attempt[1]), "scene")


def pairs(spec: InterfaceSpec) -> list[tuple[str, str]]:
    """Every two controls, the earlier one first."""
    return list(combinations([str(refusal.control) for refusal in platform_spec(spec).controls], 2))


@verifies("PLATFORM-ADMIT-ORDER")
@for_each("pair", pairs, ids="-before-".join)
def test_order(platform: PlatformUnderTest, pair: tuple[str, str]) -> None:
    """Of two controls that would refuse, the answer names the earlier."""
    desk = Desk(platform, Inconclusive)
    # A later step of a flow, whose predecessor is missing where the flow is to refuse.
    base = base_of(platform.spec, next(iter(desk.data.roles)))
    if "flow" in pair:
        base = desk.good(CHANGING, "applyCardEvent", event=EVENT)
    candidates = list(refused_by(desk.data, base, *pair))
    refused(desk, send(desk, platform.random.choice(candidates)), pair[0])


@verifies("PLATFORM-ADMIT-NO-EFFECT")
@for_each("control", ("channel", "card", "item", "scene"))
def test_sequence_of_refused_call(platform: PlatformUnderTest, control: str) -> None:
    """The sequence number of a refused call serves for the call put right, which is carried out."""
    desk = Desk(platform, Inconclusive)
    base, sequence = base_of(platform.spec, next(iter(desk.data.roles))), desk.fresh()
    wrong = next(refused_by(desk.data, base, control))
    refused(desk, send(desk, wrong, sequence), control)
    expect(send(desk, base, sequence)).status(200).field("flow", sequence)


@verifies("PLATFORM-ADMIT-NO-EFFECT")
@for_each("control", ("channel", "item", "scene", "flow"))
def test_refused_event_changes_no_card(platform: PlatformUnderTest, control: str) -> None:
    """A card event that a control refuses leaves the card as it was."""
    desk = Desk(platform, Inconclusive)
    card, flow = desk.card("normal"), desk.fresh()
    expect(desk.authenticate(card, CHANGING, sequence=flow)).status(200).json()
    base = desk.good(CHANGING, "applyCardEvent", event=EVENT)
    wrong = next(each for each in refused_by(desk.data, base, control) if each.event == EVENT)
    refused(desk, desk.attempt(wrong, card, flow=desk.fresh() if control == "flow" else flow), control)
    expect(desk.attempt(desk.good("card-query"), card)).status(200).field("state", "normal")
