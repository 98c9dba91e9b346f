"""iVerifyPIN and iChangePIN: the tester is the user at the keypad."""

from onecard.oracle.session import pin_block
from onecard.oracle.terminal_pin import CHANGE, MESSAGE, VERIFY, change_data, tries_left
from onecard.spec.interface import InterfaceSpec
from onecard.testing import CallResult, PinDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 500
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
OLD, NEW, WRONG = "135790", "246813", "975310"
DIGITS = "13579024681357902468"
"""Taken from the left for a PIN of so many digits."""
ENTRIES = {"enter": [OLD], "new": [NEW], "again": [NEW]}
FUNCTIONS = ("VERIFY-PIN", "CHANGE-PIN")
# The command of the card that each function comes to.
COMMANDS = {"VERIFY-PIN": VERIFY, "CHANGE-PIN": CHANGE, "RELOAD-PIN": MESSAGE, "UNBLOCK-PIN": MESSAGE}


def by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards on which a PIN is tried, where the terminal has its functions."""
    return GENERATIONS if spec.ics["terminal.sam"] and spec.ics["terminal.pin"] else ()


def refused_as(desk: PinDesk, terminal: TerminalUnderTest, result: CallResult, *outcomes: str) -> None:
    """The code of one of the outcomes, or that of the card's own status word."""
    told = [desk.spec.status_code(one.sw) for one in desk.commands() if one.sw is not None and one.refused]
    codes = [code for outcome in outcomes for code in desk.spec.outcomes[outcome]]
    expect(result).returns(*codes, *told)
    if result.value in desk.spec.outcomes["PIN-WRONG"] and tries_left(desk.commands()) is not None:
        desk.tries_told(result)


@verifies("TERMINAL-VERIFY-PIN")
@for_each("profile", GENERATIONS)
@for_each("pin", (OLD, DIGITS[:4], DIGITS[:5], DIGITS[:7], DIGITS[:12]), ids=lambda pin: f"digits-{len(pin)}")
def test_right_pin(terminal: TerminalUnderTest, profile: str, pin: str) -> None:
    """The PIN of the card, entered on the keypad, is verified as the card codes it, and 0 is returned."""
    desk = PinDesk(terminal, {"enter": [pin]}, pin=pin, card=profile)
    result = desk.call("VERIFY-PIN")
    expect(result).returns(0)
    given = [one.data for one in desk.commands() if one.name == VERIFY and not one.refused]
    ok = given == [pin_block(pin)]
    check(terminal, ok, what="VERIFY that the card accepted", expected="one, with the PIN", received=f"{len(given)}")


@verifies("TERMINAL-PIN-REFUSED")
@for_each("function", tuple(COMMANDS))
@for_each("status", ("6985", "6581"))
def test_refused_command(terminal: TerminalUnderTest, function: str, status: str) -> None:
    """A PIN's command that the card refuses, for whatever reason, has its negative status word told."""
    command = terminal.card_of("card-3.0").command(COMMANDS[function])
    script = [{"slot": "card", "ins": f"{command.ins:02X}", "sw": status}]
    desk = PinDesk(terminal, ENTRIES, pin=OLD, script=script)
    info = desk.card_info() if "pCardInfo" in desk.spec.functions[function].arguments else {}
    expect(desk.call(function, **info)).returns(desk.spec.status_code(int(status, 16)))


@verifies("TERMINAL-VERIFY-PIN")
def test_literal_verify(terminal: TerminalUnderTest) -> None:
    """The PIN 13579 goes to the card as 00 20 00 00 03 13 57 9F."""
    desk = PinDesk(terminal, {"enter": ["13579"]}, pin="13579", card="card-2.0")
    expect(desk.call("VERIFY-PIN")).returns(0)
    sent = [(one.header + bytes((len(one.data),)) + one.data).hex().upper() for one in desk.commands()]
    ok = sent == ["002000000313579F"]
    check(terminal, ok, what="VERIFY", expected="002000000313579F", received=", ".join(sent) or "none")


@verifies("TERMINAL-VERIFY-PIN")
def test_initial_pin(terminal: TerminalUnderTest) -> None:
    """The initial PIN is verified too; a terminal may tell that it cannot trade."""
    desk = PinDesk(terminal, {"enter": ["123456"]}, pin="123456")
    expect(desk.call("VERIFY-PIN")).returns(0, desk.spec.codes["PIN-INITIAL"])


@verifies("TERMINAL-PIN-WRONG")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
@for_each("tries", (None, 1), ids=lambda tries: "all-tries" if tries is None else "last-try")
def test_wrong_pin(terminal: TerminalUnderTest, profile: str, function: str, tries: int | None) -> None:
    """A wrong PIN gives -51 with the tries left in pOutInfo, or minus the status word 63Cx; the PIN stays."""
    keypad = {**ENTRIES, "enter": [WRONG]}
    desk = PinDesk(terminal, keypad, pin=OLD, card=profile, **({} if tries is None else {"pin-tries": tries}))
    result = desk.call(function)
    # The last try is gone: that the PIN is locked now may be told as well.
    refused_as(desk, terminal, result, "PIN-WRONG", *(() if tries is None else ("PIN-LOCKED",)))
    desk.card_has(pin_block(OLD))


@verifies("TERMINAL-PIN-ONCE")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_no_second_try(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """A wrong PIN that was entered once is presented to the card once."""
    desk = PinDesk(terminal, {**ENTRIES, "enter": [WRONG]}, pin=OLD, card=profile)
    expect(desk.call(function)).fails()
    desk.presented()


@verifies("TERMINAL-PIN-LOCKED")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_locked_pin(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """With no tries left the function says that the PIN is locked."""
    desk = PinDesk(terminal, ENTRIES, pin=OLD, card=profile, **{"pin-tries": 0})
    refused_as(desk, terminal, desk.call(function), "PIN-LOCKED")


@verifies("TERMINAL-PIN-NONE")
@for_each("profile", GENERATIONS)
def test_card_without_pin(terminal: TerminalUnderTest, profile: str) -> None:
    """On a card without a PIN nothing can be verified: an error is returned."""
    desk = PinDesk(terminal, ENTRIES, pin=None, card=profile)
    refused_as(desk, terminal, desk.call("VERIFY-PIN"), "PIN-NONE")


@verifies("TERMINAL-PIN-AUTH")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_card_is_proved_first(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """Before the card gets a PIN it has proved IRK."""
    desk = PinDesk(terminal, ENTRIES, pin=OLD, card=profile)
    expect(desk.call(function)).returns(0)
    early = [one.name for one in desk.commands() if not one.proved]
    what = "sent before the card was authenticated"
    check(terminal, not early, what=what, expected="none", received=", ".join(early) or "none")


@verifies("TERMINAL-PIN-AUTH")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """A card that proves nothing gets no PIN, and -21 is returned."""
    desk = PinDesk(terminal, ENTRIES, pin=OLD, card=profile, hostile="forged")
    expect(desk.call(function)).returns(*desk.spec.outcomes["INTERNAL"])
    desk.nothing_sent()


@verifies("TERMINAL-PIN-AUTH")
@for_each("function", FUNCTIONS)
def test_without_psam(terminal: TerminalUnderTest, function: str) -> None:
    """Without a PSAM no card can be authenticated: it gets no PIN, and -2201 is returned."""
    desk = PinDesk(terminal, ENTRIES, pin=OLD, psam=None)
    expect(desk.call(function)).returns(*desk.spec.outcomes["SAM-ABSENT"])
    desk.nothing_sent()


@verifies("TERMINAL-CHANGE-PIN")
@for_each("profile", GENERATIONS)
@for_each("new", (NEW, DIGITS[:5]), ids=lambda new: f"digits-{len(new)}")
def test_changed_pin(terminal: TerminalUnderTest, profile: str, new: str) -> None:
    """The change arrives on the card: afterwards the new PIN is verified, and the old one is wrong."""
    keypad = {"enter": [OLD, new, OLD], "new": [new], "again": [new]}
    desk = PinDesk(terminal, keypad, pin=OLD, card=profile)
    expect(desk.call("CHANGE-PIN")).returns(0)
    given = [one.data for one in desk.commands() if one.name == CHANGE]
    ok = given == [change_data(desk.card, OLD, new)]
    check(terminal, ok, what="CHANGE PIN", expected="one: old PIN, FF, new PIN", received=f"{len(given)}")
    desk.card_has(pin_block(new))
    expect(desk.call("VERIFY-PIN")).returns(0)
    expect(desk.call("VERIFY-PIN")).fails()


@verifies("TERMINAL-CHANGE-PIN")
def test_literal_change(terminal: TerminalUnderTest) -> None:
    """From 135790 to 13579 the card is sent 80 5E 01 00 07 13 57 90 FF 13 57 9F."""
    desk = PinDesk(terminal, {"enter": [OLD], "new": ["13579"], "again": ["13579"]}, pin=OLD, card="card-2.0")
    expect(desk.call("CHANGE-PIN")).returns(0)
    changes = [one for one in desk.commands() if one.name == CHANGE]
    sent = [(one.header + bytes((len(one.data),)) + one.data).hex().upper() for one in changes]
    ok = sent == ["805E010007135790FF13579F"]
    check(terminal, ok, what="CHANGE PIN", expected="805E010007135790FF13579F", received=", ".join(sent) or "none")


@verifies("TERMINAL-PIN-TWICE")
@for_each("profile", GENERATIONS)
@for_each("again", (WRONG, NEW + "0"), ids=lambda again: f"digits-{len(again)}")
def test_entries_differ(terminal: TerminalUnderTest, profile: str, again: str) -> None:
    """Two entries of the new PIN that differ give -34, and the card keeps its PIN."""
    desk = PinDesk(terminal, {"enter": [OLD], "new": [NEW], "again": [again]}, pin=OLD, card=profile)
    expect(desk.call("CHANGE-PIN")).returns(*desk.spec.outcomes["PIN-MISMATCH"])
    desk.nothing_sent(CHANGE)


@verifies("TERMINAL-PIN-TO-INITIAL")
@for_each("profile", GENERATIONS)
def test_change_to_initial_pin(terminal: TerminalUnderTest, profile: str) -> None:
    """The initial PIN is no new PIN: -36, and the card keeps its own."""
    initial = "123456"
    desk = PinDesk(terminal, {"enter": [OLD], "new": [initial], "again": [initial]}, pin=OLD, card=profile)
    expect(desk.call("CHANGE-PIN")).returns(*desk.spec.outcomes["PIN-TO-INITIAL"])
    desk.nothing_sent(CHANGE)


@verifies("TERMINAL-PIN-FROM-INITIAL")
@for_each("profile", GENERATIONS)
def test_change_from_initial_pin(terminal: TerminalUnderTest, profile: str) -> None:
    """The initial PIN can be changed."""
    desk = PinDesk(terminal, {**ENTRIES, "enter": ["123456"]}, pin="123456", card=profile)
    expect(desk.call("CHANGE-PIN")).returns(0)
    desk.card_has(pin_block(NEW))
