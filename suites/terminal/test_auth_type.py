"""iAuthType of iReadCard: the tester is the user at the keypad."""

from onecard.oracle.session import pin_block
from onecard.oracle.terminal_files import Asked, address_of, compare_files
from onecard.oracle.terminal_pin import VERIFY
from onecard.oracle.terminal_strings import personal_texts
from onecard.testing import CallResult, PinDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 310
OLD, WRONG = "135790", "975310"
BY_PIN, BY_KEY = 1, 2
ISSUER: Asked = (("EF05", (0x05, 0x07)),)
HOLDER: Asked = (("EF06", (0x08, 0x09)),)
# Files that read freely, by card: no source says that a PIN opens one that does not.
FREE = {"card-1.0:holder": HOLDER, "card-2.0:holder": HOLDER, "card-2.0:issuer": ISSUER, "card-3.0:issuer": ISSUER}
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
NOT_ENTERED = {"cancelled": "PIN-CANCELLED", "timeout": "PIN-TIMEOUT"}
MEANINGLESS = (0, 3, -1, 256)


def read_by(desk: PinDesk, number: int, asked: Asked) -> CallResult:
    """iReadCard with an iAuthType, by the first name of SSSE that the terminal takes: sources have two."""
    info = desk.card_info()
    first, *others = desk.spec.address.roots
    result = desk.call("READ-CARD", iAuthType=number, pFileAddr=address_of(desk.spec, asked, first), **info)
    for root in others if result.value in desk.spec.outcomes["ADDRESS"] else ():
        result = desk.call("READ-CARD", iAuthType=number, pFileAddr=address_of(desk.spec, asked, root), **info)
    return result


def keyed(entry: str) -> dict[str, list[str]]:
    """A keypad on which this is entered whatever the prompt, as often as asked."""
    return {"enter": [entry, entry, entry]}


def no_data_are_told(terminal: TerminalUnderTest, desk: PinDesk, out: str) -> None:
    """No personal item stands in pOutInfo."""
    told = [name for name, text in personal_texts(desk.spec, desk.seen()) if text and text in out]
    check(terminal, not told, what="personal data in pOutInfo", expected="none", received=", ".join(told))


@verifies("TERMINAL-READ-CARD-PIN")
@for_each("which", tuple(FREE))
def test_reading_by_pin(terminal: TerminalUnderTest, which: str) -> None:
    """The PIN from the keypad is verified once, and the items of a file that reads freely come as by key."""
    desk = PinDesk(terminal, keyed(OLD), pin=OLD, card=which.partition(":")[0])
    result = read_by(desk, BY_PIN, FREE[which])
    expect(result).returns(0)
    given = [(one.name, one.data) for one in desk.commands() if not one.refused]
    ok = given == [(VERIFY, pin_block(OLD))]
    check(terminal, ok, what="VERIFY that the card accepted", expected="one, with the PIN", received=f"{len(given)}")
    for one in compare_files(desk.spec, desk.card, desk.seen(), FREE[which], result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-READ-CARD-PIN")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that proves nothing gets no PIN, and -21 is returned."""
    desk = PinDesk(terminal, keyed(OLD), pin=OLD, card=profile, hostile="forged")
    expect(read_by(desk, BY_PIN, ISSUER)).returns(*desk.spec.outcomes["INTERNAL"])
    desk.nothing_sent()


@verifies("TERMINAL-READ-CARD-PIN-REFUSED")
@for_each("which", tuple(FREE))
def test_wrong_pin(terminal: TerminalUnderTest, which: str) -> None:
    """A wrong PIN is presented once and gives -51 or minus the card's status word, and no data."""
    desk = PinDesk(terminal, keyed(WRONG), pin=OLD, card=which.partition(":")[0])
    result = read_by(desk, BY_PIN, FREE[which])
    told = [desk.spec.status_code(one.sw) for one in desk.commands() if one.sw is not None and one.refused]
    expect(result).returns(*desk.spec.outcomes["PIN-WRONG"], *told)
    desk.presented()
    no_data_are_told(terminal, desk, result.out)


@verifies("TERMINAL-READ-CARD-PIN-REFUSED")
@for_each("why", tuple(NOT_ENTERED))
def test_no_pin(terminal: TerminalUnderTest, why: str) -> None:
    """Where the user enters no PIN, nothing is presented and no data are given."""
    desk = PinDesk(terminal, keyed(why), pin=OLD, card="card-2.0")
    result = read_by(desk, BY_PIN, HOLDER)
    expect(result).returns(*desk.spec.outcomes[NOT_ENTERED[why]])
    desk.nothing_sent()
    no_data_are_told(terminal, desk, result.out)


@verifies("TERMINAL-READ-CARD-KEY")
@for_each("profile", GENERATIONS)
def test_reading_by_key(terminal: TerminalUnderTest, profile: str) -> None:
    """By key nobody stands at the keypad, and no PIN is presented."""
    desk = PinDesk(terminal, keyed("cancelled"), pin=OLD, card=profile)
    expect(read_by(desk, BY_KEY, HOLDER)).returns(0)
    desk.nothing_sent()


@verifies("TERMINAL-AUTH-TYPE")
@for_each("number", MEANINGLESS)
def test_other_values(terminal: TerminalUnderTest, number: int) -> None:
    """Neither 1 nor 2: a bad parameter, and the card is not even asked what it is."""
    desk = PinDesk(terminal, keyed(OLD), pin=OLD)
    info, root = desk.card_info(), desk.spec.address.roots[0]
    result = desk.call("READ-CARD", iAuthType=number, pFileAddr=address_of(desk.spec, ISSUER, root), **info)
    expect(result).returns(*desk.spec.outcomes["AUTH-TYPE"])
    sent = len(desk.seen().exchanges)
    check(terminal, sent == 0, what="commands sent", expected="none", received=f"{sent}")
