"""Holder authentication and masks."""

from onecard.oracle.platform import masked
from onecard.oracle.platform_calls import Desk
from onecard.testing import Inconclusive, PlatformUnderTest, expect, for_each, verifies

ORDER = 40
ITEM = "holder-authentication"
MASKED = "PLATFORM-HOLDER-MASKED"


@verifies("PLATFORM-HOLDER")
def test_right_holder(platform: PlatformUnderTest) -> None:
    """Name, number and card number of each normal card authenticate its holder; the flow is the call's own number."""
    desk = Desk(platform, Inconclusive)
    for card in desk.cards("normal"):
        number = desk.fresh()
        reply = desk.authenticate(card, ITEM, sequence=number)
        expect(reply).status(200).json().field("authenticated", True).field("flow", number)


WRONG = ("name", "name-cut", "name-extended", "number", "number-check", "number-cut", "both", "other-holder")


def wrong_holder(kind: str, name: str, number: str, other: dict[str, str]) -> dict[str, str]:
    """A holder with something wrong."""
    last = "0" if number[-1] != "0" else "1"
    return {
        "name": {"name": other["name"], "number": number},
        "name-cut": {"name": name[:-1], "number": number},
        "name-extended": {"name": name + name[-1], "number": number},
        "number": {"name": name, "number": other["number"]},
        "number-check": {"name": name, "number": number[:-1] + last},
        "number-cut": {"name": name, "number": number[:-1]},
        "both": {"name": other["name"] + name, "number": number[::-1]},
        "other-holder": other,
    }[kind]


@verifies("PLATFORM-HOLDER-MISMATCH")
@for_each("kind", WRONG)
def test_wrong_holder(platform: PlatformUnderTest, kind: str) -> None:
    """A holder of whom anything differs is refused, and the answer says no more than that."""
    desk = Desk(platform, Inconclusive)
    card, other = desk.card("normal"), desk.card("lost")
    holder = wrong_holder(kind, card.name, card.number, other.holder)
    refusal = desk.data.error("holder-mismatch")
    reply = desk.attempt(desk.good(ITEM), card, holder=holder)
    expect(reply).refused(refusal.status, code=refusal.code).lacks("path").lacks("control").lacks("holder")
    expect(reply).without(card.name, "the holder's name").without(card.number, "the holder's number")


@verifies("PLATFORM-HOLDER-MISMATCH")
def test_mismatches_look_alike(platform: PlatformUnderTest) -> None:
    """A wrong name and a wrong number get the same answer: it tells nobody which of them was right."""
    desk = Desk(platform, Inconclusive)
    card, other = desk.card("normal"), desk.card("lost")
    first = desk.attempt(desk.good(ITEM), card, holder={**card.holder, "name": other.name})
    second = desk.attempt(desk.good(ITEM), card, holder={**card.holder, "number": other.number})
    expect(first).refused(desk.data.error("holder-mismatch").status)
    expect(second).status(first.status).field("code", first.find("code")).field("message", first.find("message"))


@verifies(MASKED)
@for_each("operation", ("queryCard", "authenticateHolder"))
def test_masked(platform: PlatformUnderTest, operation: str) -> None:
    """Answers show name and number masked by the rule, and nowhere whole."""
    desk = Desk(platform, Inconclusive)
    for card in desk.cards("normal"):
        query = operation == "queryCard"
        reply = desk.attempt(desk.good("card-query"), card) if query else desk.authenticate(card, ITEM)
        expect(reply).status(200).json()
        for field, plain in card.holder.items():
            expect(reply).field(f"holder.{field}", masked(desk.data, field, plain)).without(plain, f"the whole {field}")
