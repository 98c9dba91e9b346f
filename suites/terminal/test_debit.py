"""iDoDebit and iReadDebitRecord: a medical purchase by PSAM; the tester is user, card and PSAM."""

from onecard.oracle.terminal_debit import AMOUNTS, OK, answered, compare_payment
from onecard.spec.interface import InterfaceSpec
from onecard.testing import CallResult, DebitDesk, PreambleFailed, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 540
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
PIN, WRONG, INITIAL = "135790", "975310", "123456"
TIME = "20251118185001"
# Amounts in yuan as the caller writes them, and in fen.
PAYMENTS = {
    "two-places": (("6.78", "0.20"), (678, 20)),
    "one-place": (("0.1", "0.2"), (10, 20)),
    "whole": (("12", "0"), (1200, 0)),
    "not-binary": (("0.29", "1.15"), (29, 115)),
    "large": (("100000.01", "99999.99"), (10_000_001, 9_999_999)),
}
MALFORMED = {
    "empty": "",
    "no-end": f"6.78|0.2|{TIME}",
    "behind-the-end": f"6.78|0.2|{TIME}|1",
    "no-time": "6.78|0.2|",
    "four-fields": f"0|6.78|0.2|{TIME}|",
    "letters": f"6.7A|0.2|{TIME}|",
    "no-amount": f"|0.2|{TIME}|",
    "negative": f"-6.78|0.2|{TIME}|",
    "three-places": f"6.781|0.2|{TIME}|",
    "second-negative": f"6.78|-0.2|{TIME}|",
    "too-large": f"42949672.96|0.2|{TIME}|",
    "short-time": "6.78|0.2|202511181850|",
    "long-time": f"6.78|0.2|{TIME}00|",
    "no-such-day": "6.78|0.2|20251318185001|",
}
READ_RECORD = "B2"
REFUSED = ("purchase-not-begun-6901", "purchase-not-begun-9303", "purchase-refused")
REFUSED_WITH = {"purchase-not-begun-6901": 0x6901, "purchase-not-begun-9303": 0x9303, "purchase-refused": 0x9302}


def functions(spec: InterfaceSpec) -> tuple[str, ...]:
    """The ways of paying that the terminal has: by PSAM, by encryptor."""
    return (("DEBIT",) if spec.ics["terminal.sam"] else ()) + (
        ("DEBIT-STEP-1",) if spec.ics["terminal.encryptor"] else ()
    )


@verifies("TERMINAL-DEBIT")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(PAYMENTS))
def test_purchase(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """The card pays these amounts, in fen, at this time, with the PSAM's terminal number."""
    (own, pooled), fen = PAYMENTS[which]
    desk = DebitDesk(terminal, card=profile)
    expect(desk.pay("DEBIT", desk.pay_info(own, pooled))).returns(0)
    desk.made(1)
    (paid,) = desk.purchases().made
    for one in compare_payment(paid, dict(zip(AMOUNTS[1:], fen, strict=True)), TIME):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)
    number, used = desk.seen().terminal_number or "", answered(paid, "terminal")
    check(terminal, used == number, what="terminal number", expected=number or "read from the PSAM", received=used)


@verifies("TERMINAL-DEBIT")
def test_literal_purchase(terminal: TerminalUnderTest) -> None:
    """6.78|0.2| begins on the card with B0 28 01 01 13 01, nothing from the account, 000002A6 and 00000014."""
    desk = DebitDesk(terminal, card="card-2.0")
    expect(desk.pay("DEBIT")).returns(0)
    sent = [one.command.hex().upper() for one in desk.seen().exchanges if one.command[:2] == b"\xb0\x28"]
    wanted = "B02801011301" + "00000000" + "000002A6" + "00000014"
    ok = [one[: len(wanted)] for one in sent] == [wanted]
    check(terminal, ok, what="INITIALIZE FOR PURCHASE", expected=wanted, received=", ".join(sent) or "none")


@verifies("TERMINAL-DEBIT-ACCOUNT")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
def test_account_is_not_touched(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """Nothing is taken from the account: pPayInfo does not name it."""
    desk = DebitDesk(terminal, card=profile)
    result = desk.paid(function)
    taken = [int.from_bytes(one.fields.get("account", b""), "big") for one in desk.purchases().begun]
    told = ", ".join(map(str, taken)) or "no purchase"
    check(terminal, taken == [0], what="amount from the account (fen)", expected="0", received=told)
    expect(result).returns(0)


@verifies("TERMINAL-DEBIT-ONCE")
@for_each("profile", GENERATIONS)
@for_each("hostile", (None, "purchase-refused"), ids=lambda hostile: hostile or "right-card")
def test_one_purchase(terminal: TerminalUnderTest, profile: str, hostile: str | None) -> None:
    """The card is sent one purchase, also where it refuses it."""
    desk = DebitDesk(terminal, card=profile, hostile=hostile)
    desk.pay("DEBIT")
    sent = len(desk.purchases().paid)
    check(terminal, sent == 1, what="DEBIT FOR PURCHASE to the card", expected="1", received=f"{sent}")


@verifies("TERMINAL-DEBIT-MAC2")
@for_each("profile", GENERATIONS)
def test_mac2_goes_to_the_psam(terminal: TerminalUnderTest, profile: str) -> None:
    """The PSAM gets the MAC2 that the card answered, once."""
    desk = DebitDesk(terminal, card=profile)
    expect(desk.pay("DEBIT")).returns(0)
    found = desk.purchases()
    wanted = [answered(one, "mac2") for one in found.made]
    got = [mac.hex().upper() for mac, _, _ in found.credited]
    ok = len(wanted) == 1 and got == wanted
    check(terminal, ok, what="MAC2 for the PSAM", expected="the card's, once", received=", ".join(got) or "none")


@verifies("TERMINAL-DEBIT-MAC2")
@for_each("profile", GENERATIONS)
def test_wrong_mac2(terminal: TerminalUnderTest, profile: str) -> None:
    """A card whose MAC2 is wrong has not paid: the function fails."""
    desk = DebitDesk(terminal, card=profile, hostile="wrong-mac2")
    result = desk.pay("DEBIT")
    found = desk.purchases()
    refused = [-sw for _, sw, _ in found.credited if sw is not None and sw != OK]
    expect(result).returns(*desk.spec.outcomes["MAC2"], *refused)


@verifies("TERMINAL-DEBIT-TAC")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
def test_tac_is_told(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """The TAC that the card answered stands among the fields of the result."""
    desk = DebitDesk(terminal, card=profile)
    result = desk.paid(function)
    expect(result).returns(0)
    wanted = [answered(one, "tac") for one in desk.purchases().made]
    given = [field.upper() for field in result.out.split(desk.spec.debit.result.separator)]
    ok = len(wanted) == 1 and wanted[0] in given
    check(terminal, ok, what="fields of pOutInfo", expected="the card's TAC among them", received=result.out)


@verifies("TERMINAL-DEBIT-PIN")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
def test_pin_before_the_purchase(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """The card gets the PIN once, before it pays."""
    desk = DebitDesk(terminal, card=profile)
    expect(desk.paid(function)).returns(0)
    desk.presented()
    accepted = [one for one in desk.commands() if not one.refused]
    check(terminal, bool(accepted), what="PIN", expected="accepted by the card", received=f"{len(accepted)} accepted")


@verifies("TERMINAL-DEBIT-PIN")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
def test_wrong_pin(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """With a wrong PIN, presented once, nothing is paid."""
    desk = DebitDesk(terminal, card=profile, keypad={"enter": [WRONG]})
    result = desk.pay(function)
    desk.nothing_paid()
    desk.presented()
    refused = [-one.sw for one in desk.commands() if one.refused and one.sw is not None]
    expect(result).returns(*desk.spec.outcomes["PIN-WRONG"], *refused)


@verifies("TERMINAL-DEBIT-PIN")
@for_each("function", functions)
@for_each("entry", ("cancelled", "timeout"))
def test_no_entry(terminal: TerminalUnderTest, function: str, entry: str) -> None:
    """A user who cancels, or enters nothing in time, pays nothing."""
    desk = DebitDesk(terminal, keypad={"enter": [entry]})
    result = desk.pay(function)
    desk.nothing_paid()
    desk.nothing_sent()
    expect(result).returns(*desk.spec.outcomes[f"PIN-{entry.upper()}"])


@verifies("TERMINAL-DEBIT-PIN")
@for_each("function", functions)
def test_card_without_pin(terminal: TerminalUnderTest, function: str) -> None:
    """A card without a PIN pays without an entry."""
    desk = DebitDesk(terminal, pin=None, keypad={})
    expect(desk.paid(function)).returns(0)
    desk.made(1)


@verifies("TERMINAL-DEBIT-INITIAL-PIN")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
def test_initial_pin(terminal: TerminalUnderTest, profile: str, function: str) -> None:
    """The initial PIN buys nothing, though it is the card's."""
    desk = DebitDesk(terminal, card=profile, pin=INITIAL)
    result = desk.pay(function)
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["INITIAL-PIN"])


@verifies("TERMINAL-DEBIT-AUTH")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that proves nothing learns no PIN and pays nothing."""
    desk = DebitDesk(terminal, card=profile, hostile="forged")
    result = desk.pay("DEBIT")
    desk.nothing_sent()
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["INTERNAL"])


@verifies("TERMINAL-DEBIT-AUTH")
@for_each("profile", GENERATIONS)
def test_card_is_proved_first(terminal: TerminalUnderTest, profile: str) -> None:
    """Before the card gets the PIN it has proved IRK."""
    desk = DebitDesk(terminal, card=profile)
    # Its basic data are read first, and prove nothing for the call that follows.
    info = desk.card_info()
    expect(desk.pay("DEBIT", info=info)).returns(0)
    early = [one.name for one in desk.commands() if not one.proved]
    what = "sent before the card was authenticated"
    check(terminal, not early, what=what, expected="none", received=", ".join(early) or "none")


@verifies("TERMINAL-DEBIT-CARD-INFO")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
@for_each("field", (0, 1), ids=lambda field: "number" if field else "identification")
def test_other_card(terminal: TerminalUnderTest, profile: str, function: str, field: int) -> None:
    """One field of pCardInfo that is not the card's gives -22, and nothing is paid."""
    desk = DebitDesk(terminal, card=profile)
    result = desk.pay(function, info=desk.card_info(other=field))
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["DIFFERS"])


@verifies("TERMINAL-DEBIT-PAY-INFO")
@for_each("function", functions)
@for_each("which", tuple(MALFORMED))
def test_malformed_pay_info(terminal: TerminalUnderTest, function: str, which: str) -> None:
    """Other fields, amounts that are none or a time that is none are refused, and nothing is paid."""
    desk = DebitDesk(terminal)
    result: CallResult = desk.pay(function, MALFORMED[which])
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["PAY-INFO"])


@verifies("TERMINAL-DEBIT-KEY")
@for_each("profile", GENERATIONS)
def test_psam_without_the_key(terminal: TerminalUnderTest, profile: str) -> None:
    """Without the purchase key in the PSAM nothing is paid, and the code says that it is missing."""
    desk = DebitDesk(terminal, card=profile, psam={"profile": "psam-sm4", "lacks": ["DPK"]})
    result = desk.pay("DEBIT")
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["SAM-DPK"])


@verifies("TERMINAL-DEBIT-REFUSED")
@for_each("profile", GENERATIONS)
@for_each("function", functions)
@for_each("hostile", REFUSED)
def test_card_refuses(terminal: TerminalUnderTest, profile: str, function: str, hostile: str) -> None:
    """A card that does not begin or make the purchase: its status word becomes the code."""
    desk = DebitDesk(terminal, card=profile, hostile=hostile)
    result = desk.paid(function)
    desk.made(0)
    expect(result).returns(-REFUSED_WITH[hostile])


@verifies("TERMINAL-DEBIT-RECORDS")
@for_each("profile", GENERATIONS)
def test_records(terminal: TerminalUnderTest, profile: str) -> None:
    """After two purchases the times of both stand in the result; reading pays nothing."""
    desk = DebitDesk(terminal, card=profile)
    times = (TIME, "20251119070809")
    for time in times:
        expect(desk.pay("DEBIT", desk.pay_info(time=time))).returns(0)
    result = desk.call("READ-DEBIT-RECORD")
    expect(result).returns(0)
    desk.made(len(times))
    digits = "".join(character for character in result.out if character.isdecimal())
    missing = [time for time in times if time not in digits]
    told = f"none of {', '.join(missing)}" if missing else "both"
    check(terminal, not missing, what="times in pOutInfo", expected="both", received=told)


@verifies("TERMINAL-DEBIT-RECORDS")
@for_each("status", ("6982", "6F00"))
def test_refused_log(terminal: TerminalUnderTest, status: str) -> None:
    """A log that the card refuses is no empty log: its negative status word is the code."""
    right = DebitDesk(terminal).call("READ-DEBIT-RECORD")
    if right.value != 0:
        raise PreambleFailed(zh=f"空的交易明细返回 {right.value}", en=f"the empty log gave {right.value}")
    sent = [one.ask["transmit"]["apdu"][2:4].upper() for one in right.trace if "transmit" in one.ask]
    refusing = {"slot": "card", "ins": READ_RECORD, "nth": max(1, sent.count(READ_RECORD)), "sw": status}
    desk = DebitDesk(terminal, script=[refusing])
    expect(desk.call("READ-DEBIT-RECORD")).returns(desk.spec.status_code(int(status, 16)))
