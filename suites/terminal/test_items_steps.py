"""iReadCard and iWriteCard in two steps: the tester is the caller and the encryptor."""

from collections.abc import Mapping

from onecard.oracle.terminal_files import Asked, compare_files, other_commands
from onecard.oracle.terminal_items_steps import compare_address, compare_request
from onecard.oracle.terminal_trace import observe
from onecard.oracle.terminal_writing import commands_beside, writes_of
from onecard.spec.interface import InterfaceSpec
from onecard.testing import CallResult, ItemDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 340
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
READ, WRITE = "READ-CARD", "WRITE-CARD"
# UPDATE RECORD, and the status word of a memory that fails.
UPDATE, MEMORY = "DC", "6581"
ISSUED, UNTIL, NUMBER, NAME, SEX, BIRTHPLACE, BORN = 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x0D
HOLDER: Asked = (("EF06", (NAME, NUMBER)),)
BOTH: Asked = (("EF05", (ISSUED, UNTIL)), ("EF06", (NUMBER, NAME)))
TO_READ = {"holder": HOLDER, "both": BOTH}
DATES: Asked = (("EF05", (ISSUED, UNTIL)),)
PERSON: Asked = (("EF06", (NAME, NUMBER, BORN)),)
PLACE: Asked = (("EF06", (BIRTHPLACE, SEX)),)
TO_WRITE = {"dates": DATES, "person": PERSON, "place": PLACE}
VALUES: Mapping[int, str] = {
    ISSUED: "20250301",
    UNTIL: "20450228",
    NUMBER: "34010019900101007X",
    NAME: "测试甲",
    SEX: "2",
    BIRTHPLACE: "341300",
    BORN: "19900101",
}
# Readings that no key opens, as profile and items.
FREE = ("card-1.0:holder", "card-2.0:both", "card-3.0:dates")


def by_encryptor(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards that are written in two steps, if the terminal has them."""
    return GENERATIONS if spec.ics["terminal.encryptor"] else ()


def asking(spec: InterfaceSpec) -> tuple[str, ...]:
    """Function and card of the first steps that give a request: reading asks for a key on cards of 3.0 only."""
    read = (f"{READ}:card-3.0",) if spec.ics["terminal.files"] else ()
    written = tuple(f"{WRITE}:{card}" for card in GENERATIONS) if spec.ics["terminal.writing"] else ()
    return (*read, *written)


def read_whole(desk: ItemDesk, asked: Asked) -> CallResult:
    """Both steps of a reading; the result of the second."""
    first = desk.asked(READ, asked)
    return desk.call(f"{READ}-STEP-2", pKey=desk.proof(READ, first))


def write_whole(desk: ItemDesk, asked: Asked) -> CallResult:
    """Both steps of a writing; the result of the second."""
    first = desk.asked(WRITE, asked)
    return desk.call(f"{WRITE}-STEP-2", pKey=desk.proof(WRITE, first), **desk.write_data(asked, VALUES))


def items_are_told(terminal: TerminalUnderTest, desk: ItemDesk, asked: Asked, out: str) -> None:
    """The result holds what the card answered, in the form of the address."""
    for one in compare_files(desk.spec, desk.card, desk.seen(), asked, out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-ITEM-STEPS-REQUEST")
@for_each("which", asking)
def test_first_step(terminal: TerminalUnderTest, which: str) -> None:
    """Step 1 gives the encryptor algorithm, key address, the card's last challenge and the one before."""
    function, profile = which.split(":")
    desk = ItemDesk(terminal, profile)
    result = desk.ask(function, HOLDER)
    expect(result).returns(0)
    for one in compare_request(desk.spec, observe(desk.spec, desk.card, result.trace), result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-ITEM-STEPS-REQUEST")
@for_each("which", asking)
def test_literal_first_step(terminal: TerminalUnderTest, which: str) -> None:
    """The result has four fields of 2, 4, 16 and 16 digits, each with a bar behind it."""
    function, profile = which.split(":")
    result = ItemDesk(terminal, profile).ask(function, HOLDER)
    lengths = [len(part) for part in result.out.split("|")]
    right = [2, 4, 16, 16, 0]
    check(terminal, lengths == right, what="lengths of the fields", expected=str(right), received=str(lengths))


@verifies("TERMINAL-ITEM-STEPS-READ-ADDRESS")
def test_address_of_the_read_key(terminal: TerminalUnderTest) -> None:
    """Step 1 of a reading names the read key of SSSE."""
    desk = ItemDesk(terminal, "card-3.0")
    one = compare_address(desk.spec, "RKSSSE", desk.asked(READ, HOLDER).out)
    check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-ITEM-STEPS-READ-ADDRESS")
def test_literal_address_of_the_read_key(terminal: TerminalUnderTest) -> None:
    """Of a card with SM4 the result of a reading's step 1 begins with 03|004C|."""
    given = ItemDesk(terminal, "card-3.0").asked(READ, HOLDER).out[:8].upper()
    check(terminal, given == "03|004C|", what="result", expected="03|004C|", received=given)


@verifies("TERMINAL-ITEM-STEPS-WRITE-ADDRESS")
@for_each("profile", GENERATIONS)
def test_address_of_the_update_key(terminal: TerminalUnderTest, profile: str) -> None:
    """Step 1 of a writing names the update key of SSSE."""
    desk = ItemDesk(terminal, profile)
    one = compare_address(desk.spec, "UKSSSE", desk.asked(WRITE, HOLDER).out)
    check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-ITEM-STEPS-WRITE-ADDRESS")
def test_literal_address_of_the_update_key(terminal: TerminalUnderTest) -> None:
    """Of a card with SM4 the result of a writing's step 1 begins with 03|0094| or 03|0096|."""
    given = ItemDesk(terminal, "card-3.0").asked(WRITE, HOLDER).out[:8].upper()
    right = given in ("03|0094|", "03|0096|")
    check(terminal, right, what="result", expected="03|0094| or 03|0096|", received=given)


@verifies("TERMINAL-ITEM-STEPS-READ")
@for_each("which", tuple(TO_READ))
def test_reading(terminal: TerminalUnderTest, which: str) -> None:
    """With the encryptor's answer the items of a card of 3.0 come as iReadCard gives them."""
    desk = ItemDesk(terminal, "card-3.0")
    result = read_whole(desk, TO_READ[which])
    expect(result).returns(0)
    desk.key_is_proved(READ)
    items_are_told(terminal, desk, TO_READ[which], result.out)


@verifies("TERMINAL-ITEM-STEPS-WRITE")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(TO_WRITE))
def test_writing(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """With the encryptor's answer each value stands on the card, coded and filled as its item."""
    desk = ItemDesk(terminal, profile)
    expect(write_whole(desk, TO_WRITE[which])).returns(0)
    desk.key_is_proved(WRITE)
    desk.stands_on_the_card(TO_WRITE[which], VALUES)


@verifies("TERMINAL-WRITE-REFUSED")
@for_each("profile", by_encryptor)
@for_each("nth", (1, 2), ids=lambda nth: f"item-{nth}")
def test_refused_item(terminal: TerminalUnderTest, profile: str, nth: int) -> None:
    """A card that refuses to write one of two items, the first or the last, has its negative status word told."""
    script = [{"slot": "card", "ins": UPDATE, "nth": nth, "sw": MEMORY}]
    desk = ItemDesk(terminal, profile, script=script)
    expect(write_whole(desk, DATES)).returns(desk.spec.status_code(int(MEMORY, 16)))


@verifies("TERMINAL-ITEM-STEPS-NOT-NEEDED")
@for_each("which", FREE)
def test_no_key_is_needed(terminal: TerminalUnderTest, which: str) -> None:
    """Files that read freely give -2204, or a request that step 2 serves."""
    profile, items = which.split(":")
    desk, asked = ItemDesk(terminal, profile), {**TO_READ, "dates": DATES}[items]
    first = desk.ask(READ, asked)
    expect(first).returns(0, *desk.spec.outcomes["HSM-NOT-NEEDED"])
    if first.value == 0:
        result = desk.call(f"{READ}-STEP-2", pKey=desk.proof(READ, first))
        expect(result).returns(0)
        items_are_told(terminal, desk, asked, result.out)


@verifies("TERMINAL-ITEM-STEPS-NOT-NEEDED")
def test_literal_code(terminal: TerminalUnderTest) -> None:
    """The code of the table is -2204."""
    expect(ItemDesk(terminal, "card-2.0").ask(READ, DATES)).returns(0, -2204)


@verifies("TERMINAL-ITEM-STEPS-READ-ONLY")
@for_each("which", tuple(TO_READ))
def test_nothing_is_written_while_reading(terminal: TerminalUnderTest, which: str) -> None:
    """Neither step of a reading sends a command that writes, nor a PIN."""
    desk = ItemDesk(terminal, "card-3.0")
    expect(read_whole(desk, TO_READ[which])).returns(0)
    other = other_commands(desk.card, desk.seen())
    received = f"command {', '.join(other)}" if other else "none"
    check(terminal, not other, what="commands that are none of a reading", expected="none", received=received)


@verifies("TERMINAL-ITEM-STEPS-WRITE-ONLY")
@for_each("profile", GENERATIONS)
def test_nothing_else_is_written(terminal: TerminalUnderTest, profile: str) -> None:
    """No other record is written, and no command is sent that belongs to no writing."""
    desk = ItemDesk(terminal, profile)
    expect(write_whole(desk, PERSON)).returns(0)
    seen, asked = desk.seen(), {tag for _, tags in PERSON for tag in tags}
    other = [f"UPDATE RECORD {one.tag:02X}" for one in writes_of(desk.card, seen) if one.tag not in asked]
    beside = [*commands_beside(desk.card, seen), *other]
    received = f"command {', '.join(beside)}" if beside else "none"
    check(terminal, not beside, what="commands beside the writing", expected="none", received=received)
