"""What the terminal refuses at its keypad, and what it must not tell: functions of the PIN."""

from onecard.oracle.session import pin_block
from onecard.oracle.terminal_pin import CHANGE, MESSAGE
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.testing import CallResult, PinDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 510
OLD, NEW, WRONG = "135790", "246813", "975310"
DIGITS = "13579024681357902468"
"""Taken from the left for a PIN of so many digits."""
ENTRIES = {"enter": [OLD], "new": [NEW], "again": [NEW]}
# Where something is entered: function and prompt.
PLACES = (
    ("VERIFY-PIN", "enter"),
    ("CHANGE-PIN", "enter"),
    ("CHANGE-PIN", "new"),
    ("CHANGE-PIN", "again"),
    ("RELOAD-PIN", "new"),
)
Place = tuple[str, str]


def place_name(place: Place) -> str:
    """The id of a place in the names of the cases."""
    return "-".join(place).lower()


def call(desk: PinDesk, terminal: TerminalUnderTest, function: str) -> CallResult:
    """Call a function; a reload takes what the caller knows of the card, from a reading of the same card."""
    return desk.call(function, **(desk.card_info() if function == "RELOAD-PIN" else {}))


def nothing_arrives(desk: PinDesk, prompt: str) -> None:
    """Nothing that was entered goes to the card: no PIN at all, or behind the first entry no change."""
    desk.nothing_sent(*(() if prompt == "enter" else (CHANGE, MESSAGE)))


def entered(place: Place, *pins: str) -> dict[str, list[str]]:
    """The keypad where this is entered at a place: a new PIN both times."""
    prompts = ("new", "again") if place[1] == "new" else (place[1],)
    return {**ENTRIES, **{prompt: list(pins) for prompt in prompts}}


@verifies("TERMINAL-PIN-CANCELLED")
@for_each("place", PLACES, ids=place_name)
@for_each("how", ("cancelled", "timeout"))
def test_no_entry(terminal: TerminalUnderTest, place: Place, how: str) -> None:
    """An entry that is cancelled gives -31, one that is not made in time -32; nothing of it goes to the card."""
    desk = PinDesk(terminal, {**ENTRIES, place[1]: [how]}, pin=OLD)
    result = call(desk, terminal, place[0])
    expect(result).returns(*desk.spec.outcomes[f"PIN-{how.upper()}"])
    nothing_arrives(desk, place[1])


def wrong_lengths(spec: InterfaceSpec) -> list[int]:
    """One digit too few, and one more than every source allows."""
    rules = terminal_spec(spec).pin
    return [rules.min_digits - 1, max(rules.max_digits) + 1]


def right_lengths(spec: InterfaceSpec) -> list[int]:
    """The fewest digits, and the most that every source allows."""
    rules = terminal_spec(spec).pin
    return [rules.min_digits, min(rules.max_digits)]


@verifies("TERMINAL-PIN-LENGTH")
@for_each("place", tuple(place for place in PLACES if place[1] != "again"), ids=place_name)
@for_each("count", wrong_lengths, ids=lambda count: f"digits-{count}")
def test_wrong_length(terminal: TerminalUnderTest, place: Place, count: int) -> None:
    """A PIN with too few or too many digits gives -33 and is not sent."""
    desk = PinDesk(terminal, entered(place, DIGITS[:count]), pin=OLD)
    expect(call(desk, terminal, place[0])).returns(*desk.spec.outcomes["PIN-LENGTH"])
    nothing_arrives(desk, place[1])


@verifies("TERMINAL-PIN-LENGTH")
@for_each("profile", ("card-2.0", "card-3.0"))
@for_each("place", tuple(place for place in PLACES if place[1] != "again"), ids=place_name)
@for_each("count", right_lengths, ids=lambda count: f"digits-{count}")
def test_right_length(terminal: TerminalUnderTest, profile: str, place: Place, count: int) -> None:
    """The shortest and the longest PIN of all sources are taken."""
    pin = DIGITS[:count]
    desk = PinDesk(terminal, entered(place, pin), pin=pin if place[1] == "enter" else OLD, card=profile)
    expect(call(desk, terminal, place[0])).returns(0)
    after = {"VERIFY-PIN": pin, "CHANGE-PIN": NEW if place[1] == "enter" else pin, "RELOAD-PIN": pin}
    desk.card_has(pin_block(after[place[0]]))


@verifies("TERMINAL-PIN-DIGITS")
@for_each("place", tuple(place for place in PLACES if place[1] != "again"), ids=place_name)
@for_each("pin", ("12*456", "#24680"), ids=lambda pin: "star" if "*" in pin else "hash")
def test_other_keys(terminal: TerminalUnderTest, place: Place, pin: str) -> None:
    """A PIN with * or # is refused and not sent."""
    desk = PinDesk(terminal, entered(place, pin), pin=OLD)
    expect(call(desk, terminal, place[0])).returns(*desk.spec.outcomes["PIN-CHARACTERS"])
    nothing_arrives(desk, place[1])


@verifies("TERMINAL-PIN-SECRET")
@for_each("function", ("VERIFY-PIN", "CHANGE-PIN", "RELOAD-PIN"))
@for_each("pin", (OLD, WRONG), ids=lambda pin: "right" if pin == OLD else "wrong")
def test_pin_is_not_told(terminal: TerminalUnderTest, function: str, pin: str) -> None:
    """Neither a function that succeeds nor one that fails writes what was entered into pOutInfo."""
    again = [NEW] if pin == OLD else [OLD]
    desk = PinDesk(terminal, {"enter": [pin], "new": [NEW], "again": again}, pin=OLD)
    result = call(desk, terminal, function)
    told = [one for one in (OLD, NEW, WRONG) if one in result.out]
    shown = "the PIN" if told else "none"
    check(terminal, not told, what="PIN in pOutInfo", expected="none", received=shown)
