"""iReloadPIN_HSM_Step1 to Step3 and iUnblockPIN_HSM_Step1 to Step3: the tester is user and encryptor."""

from onecard.oracle.session import pin_block
from onecard.oracle.terminal import spoilt
from onecard.oracle.terminal_pin import MESSAGE, UNBLOCK_KEY
from onecard.oracle.terminal_pin_steps import compare_step_1, compare_step_2, secured_message, unblock_proof
from onecard.testing import CallResult, PinDesk, PreambleFailed, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 530
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
FUNCTIONS = ("RELOAD-PIN", "UNBLOCK-PIN")
OLD, NEW = "135790", "246813"
KEYPAD = {"enter": [NEW], "new": [NEW], "again": [NEW]}
MALFORMED = ("empty", "no-end", "one-digit-short", "one-digit-long", "no-original", "letter")


def desk_of(terminal: TerminalUnderTest, card: str = "card-3.0", new: str = NEW, tries: int = 0) -> PinDesk:
    """A card whose PIN has so many tries left, and a user who enters a new one."""
    return PinDesk(terminal, {name: [new] for name in KEYPAD}, pin=OLD, card=card, pin_tries=tries)


def done(result: CallResult) -> CallResult:
    """A step before the tested one; raises PreambleFailed."""
    if result.value != 0:
        raise PreambleFailed(zh=f"前一步返回 {result.value}", en=f"the step before returned {result.value}")
    return result


def proof_for(desk: PinDesk, first: CallResult) -> str:
    """pKey of step 2 by the result of step 1; raises PreambleFailed."""
    keys = desk.keys()
    if keys is None:
        raise PreambleFailed(zh="终端未读取卡片", en="the terminal did not read the card")
    try:
        return unblock_proof(desk.spec, keys, first.out)
    except ValueError as error:
        raise PreambleFailed(zh=f"第一步的结果：{error}", en=f"the result of step 1: {error}") from None


def message_for(desk: PinDesk, second: CallResult) -> tuple[str, str]:
    """pKey of step 3 by the result of step 2: the whole command, and its data alone; raises PreambleFailed."""
    keys = desk.keys()
    if keys is None:
        raise PreambleFailed(zh="终端未读取卡片", en="the terminal did not read the card")
    try:
        header, data = secured_message(desk.spec, keys, second.out)
    except ValueError as error:
        raise PreambleFailed(zh=f"第二步的结果：{error}", en=f"the result of step 2: {error}") from None
    return (header + data).hex().upper(), data.hex().upper()


def first_step(desk: PinDesk, function: str) -> CallResult:
    """Step 1 with the pCardInfo of the card that lies there."""
    return desk.call(f"{function}-STEP-1", **desk.card_info())


def second_step(desk: PinDesk, function: str) -> CallResult:
    """Steps 1 and 2."""
    return desk.call(f"{function}-STEP-2", pKey=proof_for(desk, done(first_step(desk, function))))


@verifies("TERMINAL-PIN-STEPS-REQUEST")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_first_step(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """Step 1 gives the encryptor algorithm, address 0090, the card's last challenge and the one before."""
    desk = desk_of(terminal, profile)
    result = first_step(desk, function)
    expect(result).returns(0)
    desk.commands()
    for one in compare_step_1(desk.spec, desk.seen(), result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-PIN-STEPS-REQUEST")
def test_literal_first_step(terminal: TerminalUnderTest) -> None:
    """Of a card with SM4 the result begins with 03|0090|, as public programs have it."""
    result = first_step(desk_of(terminal, "card-3.0"), "RELOAD-PIN")
    check(terminal, result.out[:8] == "03|0090|", what="result", expected="03|0090|…", received=result.out[:8])


@verifies("TERMINAL-PIN-STEPS-MESSAGE")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
def test_second_step(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """Step 2 proves PUK by pKey, and gives address 0173, the challenge after it, the header and the new PIN."""
    desk = desk_of(terminal, profile)
    result = second_step(desk, function)
    expect(result).returns(0)
    desk.commands()
    number = desk.card.keys[UNBLOCK_KEY].key_id
    proved = [one.sw for one in desk.seen().external if one.key_id == number]
    told = ", ".join(f"{sw or 0:04X}" for sw in proved) or "none"
    check(terminal, proved == [0x9000], what="authentications of PUK", expected="9000", received=told)
    keys = desk.keys()
    pin = NEW if function == "RELOAD-PIN" else None
    for one in compare_step_2(desk.spec, desk.card, keys, desk.seen(), result.out, pin) if keys is not None else ():
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-PIN-STEPS-MESSAGE")
@for_each(
    "header", ("RELOAD-PIN:card-2.0:842400010C", "RELOAD-PIN:card-3.0:8424000114", "UNBLOCK-PIN:card-3.0:8424000004")
)
def test_literal_header(terminal: TerminalUnderTest, header: str) -> None:
    """The headers of public programs stand in the result of step 2."""
    function, profile, wanted = header.split(":")
    out = second_step(desk_of(terminal, profile), function).out
    given = [*out.split("|"), *("" for _ in range(4))][3]
    check(terminal, given == wanted, what="header", expected=wanted, received=given)


@verifies("TERMINAL-PIN-STEPS-RELOAD")
@for_each("profile", GENERATIONS)
@for_each("form", (0, 1), ids=lambda form: "data" if form else "command")
def test_reload(terminal: TerminalUnderTest, profile: str, form: int) -> None:
    """Step 3 takes the encryptor's command, or its data alone: the card of a locked PIN has the new one then."""
    desk = desk_of(terminal, profile)
    second = done(second_step(desk, "RELOAD-PIN"))
    expect(desk.call("RELOAD-PIN-STEP-3", pKey=message_for(desk, second)[form])).returns(0)
    desk.card_has(pin_block(NEW))


@verifies("TERMINAL-PIN-STEPS-UNBLOCK")
@for_each("profile", GENERATIONS)
@for_each("form", (0, 1), ids=lambda form: "data" if form else "command")
def test_unblock(terminal: TerminalUnderTest, profile: str, form: int) -> None:
    """Step 3 sends the encryptor's command, and the card takes it; the PIN stays."""
    desk = desk_of(terminal, profile)
    second = done(second_step(desk, "UNBLOCK-PIN"))
    expect(desk.call("UNBLOCK-PIN-STEP-3", pKey=message_for(desk, second)[form])).returns(0)
    taken = [one for one in desk.commands() if one.name == MESSAGE and not one.refused]
    check(terminal, len(taken) == 1, what="commands that the card took", expected="1", received=f"{len(taken)}")
    desk.card_has(pin_block(OLD))


@verifies("TERMINAL-PIN-STEPS-REFUSED")
@for_each("profile", GENERATIONS)
def test_wrong_proof(terminal: TerminalUnderTest, profile: str) -> None:
    """Authentication data that the card refuses give its status word as a code."""
    desk = desk_of(terminal, profile)
    key = spoilt(proof_for(desk, done(first_step(desk, "RELOAD-PIN"))), 0)
    result = desk.call("RELOAD-PIN-STEP-2", pKey=key)
    told = [desk.spec.status_code(one.sw) for one in desk.seen().external if one.sw is not None]
    # One program has the codes of 63C0 to 63C2 the other way round: none of them fails a terminal.
    expect(result).returns(*desk.spec.outcomes["EXTERNAL"], *told)


@verifies("TERMINAL-PIN-STEPS-REFUSED")
@for_each("profile", GENERATIONS)
def test_wrong_message(terminal: TerminalUnderTest, profile: str) -> None:
    """A message with a wrong MAC gives the card's status word as a code, and the PIN stays."""
    desk = desk_of(terminal, profile)
    whole, _ = message_for(desk, done(second_step(desk, "RELOAD-PIN")))
    result = desk.call("RELOAD-PIN-STEP-3", pKey=spoilt(whole, len(whole) - 1))
    told = [desk.spec.status_code(one.sw) for one in desk.commands() if one.sw is not None and one.refused]
    expect(result).returns(*(told or [desk.spec.codes["6988"]]))
    desk.card_has(pin_block(OLD))


@verifies("TERMINAL-PIN-STEPS-INPUT")
@for_each("profile", GENERATIONS)
@for_each("how", MALFORMED)
def test_malformed_proof(terminal: TerminalUnderTest, profile: str, how: str) -> None:
    """A pKey that is no pair of eight bytes is refused, and no authentication is sent."""
    desk = desk_of(terminal, profile)
    right = proof_for(desk, done(first_step(desk, "RELOAD-PIN")))
    made = {
        "empty": "",
        "no-end": right[:-2],
        "one-digit-short": right[1:],
        "one-digit-long": "0" + right,
        "no-original": right[:16] + right[-1:],
        "letter": "G" + right[1:],
    }
    expect(desk.call("RELOAD-PIN-STEP-2", pKey=made[how])).returns(*desk.spec.outcomes["KEY-INPUT"])
    sent = len(desk.seen().external)
    check(terminal, sent == 0, what="authentications sent", expected="none", received=f"{sent}")


@verifies("TERMINAL-PIN-STEPS-INPUT")
@for_each("function", FUNCTIONS)
@for_each("how", ("empty", "one-byte-short", "letter", "other-header"))
def test_malformed_message(terminal: TerminalUnderTest, function: str, how: str) -> None:
    """A message of another length, other characters or another command is refused and not sent."""
    desk = desk_of(terminal)
    whole, _ = message_for(desk, done(second_step(desk, function)))
    made = {"empty": "", "one-byte-short": whole[:-2], "letter": "G" + whole[1:], "other-header": "00D6" + whole[4:]}
    expect(desk.call(f"{function}-STEP-3", pKey=made[how])).returns(*desk.spec.outcomes["KEY-INPUT"])
    desk.nothing_sent()


@verifies("TERMINAL-PIN-STEPS-ORDER")
@for_each("function", FUNCTIONS)
@for_each("step", (2, 3), ids=lambda step: f"step-{step}")
@for_each("before", ("nothing", "failed", "other", "reading"))
def test_wrong_order(terminal: TerminalUnderTest, function: str, step: int, before: str) -> None:
    """Without the step before, or after that of another function, an error is returned and the card gets nothing."""
    desk = desk_of(terminal)
    other = next(one for one in FUNCTIONS if one != function)
    if before == "failed":
        desk.call(f"{function}-STEP-1", **desk.card_info(other=0))
    if before == "other":
        done(first_step(desk, other) if step == 2 else second_step(desk, other))
    if before == "reading":
        desk.call("READ-BASIC-STEP-1")
    sent = len(desk.seen().exchanges)
    expect(desk.call(f"{function}-STEP-{step}", pKey=right_form(step))).returns(*desk.spec.outcomes["ORDER"])
    more = len(desk.seen().exchanges) - sent
    check(terminal, more == 0, what="commands sent", expected="none", received=f"{more}")


@verifies("TERMINAL-PIN-STEPS-ORDER")
@for_each("function", FUNCTIONS)
def test_step_3_after_step_1(terminal: TerminalUnderTest, function: str) -> None:
    """Step 3 does not follow step 1."""
    desk = desk_of(terminal)
    done(first_step(desk, function))
    expect(desk.call(f"{function}-STEP-3", pKey=right_form(3))).returns(*desk.spec.outcomes["ORDER"])
    desk.nothing_sent()


def right_form(step: int) -> str:
    """A pKey that has the form of a right one."""
    return "00" * 16 + "|" if step == 2 else "8424000004" + "00" * 4


@verifies("TERMINAL-PIN-STEPS-CARD-INFO")
@for_each("profile", GENERATIONS)
@for_each("function", FUNCTIONS)
@for_each("which", (0, 1), ids=lambda which: "number" if which else "identification")
def test_other_card(terminal: TerminalUnderTest, profile: str, function: str, which: int) -> None:
    """pCardInfo of another card gives -22."""
    desk = desk_of(terminal, profile)
    result = desk.call(f"{function}-STEP-1", **desk.card_info(other=which))
    expect(result).returns(*desk.spec.outcomes["DIFFERS"])
