"""iReloadPIN and iUnblockPIN by PSAM: PUK is proved, then 8424 with the MAC of STK."""

from onecard.oracle.session import pin_block
from onecard.oracle.terminal_pin import MESSAGE, PinCommand, opened, tries_left
from onecard.testing import PinDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 520
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
OLD, NEW, WRONG = "135790", "246813", "975310"
KEYPAD = {"enter": [NEW], "new": [NEW], "again": [NEW]}
FUNCTIONS = ("RELOAD-PIN", "UNBLOCK-PIN")
LOCKED = {"pin-tries": 0}
LEVELS = (3, 2, 1)


def the_message(desk: PinDesk, terminal: TerminalUnderTest, p2: str) -> PinCommand | None:
    """The one secured command of the call, right in every part: PUK proved before, header, MAC, and accepted."""
    sent = [one for one in desk.commands() if one.name == MESSAGE]
    told = f"{len(sent)}: {', '.join(one.header.hex().upper() for one in sent)}"
    wanted = f"one: {desk.message_header(p2).hex().upper()}"
    ok = [one.header for one in sent] == [desk.message_header(p2)]
    check(terminal, ok, what="PIN CHANGE/UNBLOCK", expected=wanted, received=told)
    keys = desk.keys()
    if not ok or keys is None:
        return None
    (one,) = sent
    told = "proved" if one.unblock else "not proved"
    check(terminal, one.unblock, what="PUK before the command", expected="proved", received=told)
    right = opened(keys, one).right_mac
    check(terminal, right, what="MAC under STK", expected="right", received="right" if right else "wrong")
    check(terminal, not one.refused, what="the card's answer", expected="9000", received=f"{one.sw or 0:04X}")
    return one


@verifies("TERMINAL-RELOAD-PIN")
@for_each("profile", GENERATIONS)
@for_each("new", (NEW, "24680"), ids=lambda new: f"digits-{len(new)}")
def test_reloaded_pin(terminal: TerminalUnderTest, profile: str, new: str) -> None:
    """A locked card gets a new PIN: enciphered, with a right MAC; afterwards it is verified, so the tries are back."""
    desk = PinDesk(terminal, {name: [new] for name in KEYPAD}, pin=OLD, card=profile, **LOCKED)
    expect(desk.call("RELOAD-PIN", **desk.card_info())).returns(0)
    the_message(desk, terminal, "reload")
    desk.card_has(pin_block(new))
    expect(desk.call("VERIFY-PIN")).returns(0)


@verifies("TERMINAL-RELOAD-PIN")
@for_each("profile", GENERATIONS)
@for_each("levels", LEVELS, ids=lambda levels: f"levels-{levels}")
def test_reload_by_any_psam(terminal: TerminalUnderTest, profile: str, levels: int) -> None:
    """With the PSAM of a city the usages with one level are found, and the PIN is set."""
    desk = PinDesk(terminal, KEYPAD, pin=OLD, card=profile, psam={"levels": levels})
    expect(desk.call("RELOAD-PIN", **desk.card_info())).returns(0)
    the_message(desk, terminal, "reload")
    desk.levels_get_fewer()
    desk.card_has(pin_block(NEW))


@verifies("TERMINAL-RELOAD-TWICE")
@for_each("profile", GENERATIONS)
def test_entries_differ(terminal: TerminalUnderTest, profile: str) -> None:
    """Two entries of the new PIN that differ give -34, and nothing is loaded."""
    desk = PinDesk(terminal, {**KEYPAD, "again": [WRONG]}, pin=OLD, card=profile)
    expect(desk.call("RELOAD-PIN", **desk.card_info())).returns(*desk.spec.outcomes["PIN-MISMATCH"])
    desk.nothing_sent(MESSAGE)


@verifies("TERMINAL-UNBLOCK-PIN")
@for_each("profile", GENERATIONS)
@for_each("levels", LEVELS, ids=lambda levels: f"levels-{levels}")
def test_unblocked_pin(terminal: TerminalUnderTest, profile: str, levels: int) -> None:
    """A locked card is unblocked by a command with nothing but a right MAC; no PIN is changed."""
    desk = PinDesk(terminal, {}, pin=OLD, card=profile, psam={"levels": levels}, **LOCKED)
    expect(desk.call("UNBLOCK-PIN", **desk.card_info())).returns(0)
    one = the_message(desk, terminal, "unblock")
    desk.levels_get_fewer()
    length = len(one.data) if one is not None else 0
    check(terminal, length == 4, what="data of the command", expected="4 bytes: a MAC", received=f"{length}")
    desk.card_has(pin_block(OLD))


@verifies("TERMINAL-UNBLOCK-RESTORES")
@for_each("profile", GENERATIONS)
def test_unblocked_pin_serves(terminal: TerminalUnderTest, profile: str) -> None:
    """The PIN of a locked card is verified after it was unblocked, and a wrong one takes the first of all tries."""
    desk = PinDesk(terminal, {"enter": [WRONG, OLD]}, pin=OLD, card=profile, **LOCKED)
    expect(desk.call("UNBLOCK-PIN", **desk.card_info())).returns(0)
    expect(desk.call("VERIFY-PIN")).fails()
    left, limit = tries_left(desk.commands()), int(str(desk.card.ics["card.pin_try_limit"]))
    check(terminal, left == limit - 1, what="tries left", expected=f"{limit - 1}", received=f"{left}")
    expect(desk.call("VERIFY-PIN")).returns(0)


@verifies("TERMINAL-PIN-AUTH")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """A card that proves nothing gets no secured command, and -21 is returned."""
    info = PinDesk(terminal, KEYPAD, pin=OLD, card=profile).card_info()
    desk = PinDesk(terminal, KEYPAD, pin=OLD, card=profile, hostile="forged")
    expect(desk.call(function, **info)).returns(*desk.spec.outcomes["INTERNAL"])
    desk.nothing_sent()


@verifies("TERMINAL-PIN-AUTH")
@for_each("profile", GENERATIONS)
def test_card_is_proved_before_reload(terminal: TerminalUnderTest, profile: str) -> None:
    """Before the card gets a new PIN it has proved IRK."""
    desk = PinDesk(terminal, KEYPAD, pin=OLD, card=profile)
    expect(desk.call("RELOAD-PIN", **desk.card_info())).returns(0)
    early = [one.name for one in desk.commands() if not one.proved]
    what = "sent before the card was authenticated"
    check(terminal, not early, what=what, expected="none", received=", ".join(early) or "none")


@verifies("TERMINAL-PIN-CARD-INFO")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
@for_each("which", (0, 1), ids=lambda which: "number" if which else "identification")
def test_other_card(terminal: TerminalUnderTest, profile: str, function: str, which: int) -> None:
    """pCardInfo of another card gives -22; PIN and tries of the one that lies there stay."""
    desk = PinDesk(terminal, KEYPAD, pin=OLD, card=profile)
    result = desk.call(function, **desk.card_info(other=which))
    expect(result).returns(*desk.spec.outcomes["DIFFERS"])
    desk.nothing_sent()


@verifies("TERMINAL-PIN-SAM-KEYS")
@for_each("function", FUNCTIONS)
@for_each("key", ("PUK", "STK"))
def test_psam_without_the_key(terminal: TerminalUnderTest, function: str, key: str) -> None:
    """Where the PSAM lacks PUK or STK the code says so and no secured command is sent."""
    desk = PinDesk(terminal, KEYPAD, pin=OLD, psam={"lacks": [key]})
    result = desk.call(function, **desk.card_info())
    expect(result).returns(*desk.spec.outcomes[f"SAM-{key}"])
    desk.nothing_sent(MESSAGE)
