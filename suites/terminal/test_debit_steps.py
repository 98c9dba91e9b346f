"""iDoDebit_HSM_Step1 and iDoDebit_HSM_Step2: the tester is user and encryptor."""

from collections.abc import Callable, Mapping

from onecard.oracle.terminal_debit import compare_payment, compare_request, key_text, spoilt_field
from onecard.testing import CallResult, DebitDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 550
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
TIME = "20251118185001"
FEN = {"self-paid": 678, "pooled": 20}
STEP_1, STEP_2 = "DEBIT-STEP-1", "DEBIT-STEP-2"
# The places of pKey (0A1B2C3D|20251118185001|…) that are spoilt, by what becomes of it.
MALFORMED: Mapping[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "no-end": lambda text: text[:-1],
    "short": lambda text: text[1:],
    "one-digit-more": lambda text: "0" + text,
    "no-mac1": lambda text: "|".join([*text.split("|")[:2], "", *text.split("|")[3:]]),
    "no-mac2": lambda text: "|".join([*text.split("|")[:3], "", *text.split("|")[4:]]),
    "no-tac": lambda text: "|".join(text.split("|")[:4]) + "|",
    "letter": lambda text: text[:24] + "G" + text[25:],
    "one-field-more": lambda text: text + "00|",
}


def in_order(terminal: TerminalUnderTest, profile: str) -> DebitDesk:
    """A card, a user who pays, and no PSAM: the encryptor serves."""
    return DebitDesk(terminal, card=profile, psam=None)


@verifies("TERMINAL-DEBIT-STEPS-REQUEST")
@for_each("profile", GENERATIONS)
def test_first_step(terminal: TerminalUnderTest, profile: str) -> None:
    """Step 1 begins the purchase on the card and tells the encryptor what the card answered."""
    desk = in_order(terminal, profile)
    result = desk.pay(STEP_1)
    expect(result).returns(0)
    begun = desk.purchases().begun
    check(terminal, len(begun) == 1, what="purchases begun", expected="1", received=f"{len(begun)}")
    for one in compare_request(desk.spec, desk.card, desk.seen(), begun[0], TIME, result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)
    desk.nothing_paid()


@verifies("TERMINAL-DEBIT-STEPS-REQUEST")
def test_literal_first_step(terminal: TerminalUnderTest) -> None:
    """Of a card with SM4 the result ends in 32|, the terminal number, and the time."""
    result = in_order(terminal, "card-3.0").pay(STEP_1)
    expect(result).returns(0)
    head, tail = result.out[:8], result.out.split("|")[5:]
    ok = head == "03|017F|" and [tail[0], *tail[2:]] == ["32", TIME, ""]
    check(terminal, ok, what="result", expected=f"03|017F|…|32|…|{TIME}|", received=result.out)


@verifies("TERMINAL-DEBIT-STEPS")
@for_each("profile", GENERATIONS)
def test_purchase(terminal: TerminalUnderTest, profile: str) -> None:
    """Step 2 makes the purchase with what the encryptor answered."""
    desk = in_order(terminal, profile)
    result = desk.paid(STEP_1)
    desk.made(1)
    expect(result).returns(0)
    for one in compare_payment(desk.purchases().made[0], FEN, TIME):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-DEBIT-STEPS")
@for_each("profile", GENERATIONS)
def test_wrong_mac1(terminal: TerminalUnderTest, profile: str) -> None:
    """The MAC1 of pKey goes to the card: a wrong one is refused by it."""
    desk = in_order(terminal, profile)
    result = desk.complete(spoilt_field(desk.answered_key(desk.pay(STEP_1)), "mac1"))
    sent = [one.sw for one in desk.purchases().paid]
    told = ", ".join(f"{sw or 0:04X}" for sw in sent) or "none"
    check(terminal, sent == [0x9302], what="DEBIT FOR PURCHASE", expected="one, refused 9302", received=told)
    expect(result).returns(-0x9302)


@verifies("TERMINAL-DEBIT-STEPS-MAC2")
@for_each("profile", GENERATIONS)
@for_each("field", ("mac2", "tac"))
def test_proof_differs(terminal: TerminalUnderTest, profile: str, field: str) -> None:
    """MAC2 or TAC of the card that are not the encryptor's: the function fails."""
    desk = in_order(terminal, profile)
    result = desk.complete(spoilt_field(desk.answered_key(desk.pay(STEP_1)), field))
    desk.purchases()
    expect(result).returns(*desk.spec.outcomes["MAC2"])


@verifies("TERMINAL-DEBIT-STEPS-INPUT")
@for_each("profile", ("card-2.0", "card-3.0"))
@for_each("which", tuple(MALFORMED))
def test_malformed_key(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """A malformed pKey is refused, and the card is sent no purchase."""
    desk = in_order(terminal, profile)
    text = key_text(desk.spec, desk.answered_key(desk.pay(STEP_1)))
    result = desk.call(STEP_2, pKey=MALFORMED[which](text))
    desk.nothing_paid()
    expect(result).returns(*desk.spec.outcomes["KEY-INPUT"])


def silent(terminal: TerminalUnderTest, desk: DebitDesk, result: CallResult) -> None:
    """An error of order, and nothing sent to the card by this call."""
    sent = [one for one in result.trace if "transmit" in one.ask and one.ask["transmit"]["slot"] != "psam"]
    told = f"{len(sent)} command(s)" if sent else "none"
    check(terminal, not sent, what="commands to the card", expected="none", received=told)
    expect(result).returns(*desk.spec.outcomes["ORDER"])


@verifies("TERMINAL-DEBIT-STEPS-ORDER")
def test_second_step_alone(terminal: TerminalUnderTest) -> None:
    """Step 2 without step 1 fails, and the card hears nothing."""
    desk = in_order(terminal, "card-3.0")
    fields = {"terminal-serial": "00000001", "time": TIME, "mac1": "00112233", "mac2": "44556677", "tac": "8899AABB"}
    silent(terminal, desk, desk.complete(fields))


@verifies("TERMINAL-DEBIT-STEPS-ORDER")
@for_each("profile", GENERATIONS)
def test_second_step_twice(terminal: TerminalUnderTest, profile: str) -> None:
    """The same pKey serves once."""
    desk = in_order(terminal, profile)
    fields = desk.answered_key(desk.pay(STEP_1))
    expect(desk.complete(fields)).returns(0)
    silent(terminal, desk, desk.complete(fields))


@verifies("TERMINAL-DEBIT-STEPS-ORDER")
def test_step_of_another_function(terminal: TerminalUnderTest) -> None:
    """Step 1 of another function is no step 1 of a purchase."""
    desk = in_order(terminal, "card-3.0")
    expect(desk.call("READ-BASIC-STEP-1")).returns(0)
    fields = {"terminal-serial": "00000001", "time": TIME, "mac1": "00112233", "mac2": "44556677", "tac": "8899AABB"}
    silent(terminal, desk, desk.complete(fields))
