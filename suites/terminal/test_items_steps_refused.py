"""iReadCard and iWriteCard in two steps: what is refused, and that the card does not notice."""

from onecard.oracle.terminal_files import Asked
from onecard.oracle.terminal_strings import personal_texts
from onecard.spec.interface import InterfaceSpec
from onecard.testing import Inconclusive, ItemDesk, TerminalUnderTest, check, expect, for_each, verifies

ORDER = 345
READ, WRITE = "READ-CARD", "WRITE-CARD"
NAME, NUMBER = 0x09, 0x08
HOLDER: Asked = (("EF06", (NAME, NUMBER)),)
VALUES = {NAME: "测试甲", NUMBER: "34010019900101007X"}
CARD = "card-3.0"
FULL_PART = 32
BEFORE = ("nothing", "failed", "reading", "twice")
WRONG_ADDRESSES = ("SSSEEF06|09|08|", "SSSEEF06|09|08$", "SSSEEF06|$", "SSSEEF06|9|$", "SSSEEF06|GG|$", "09|08|$", "")
WRONG_KEYS = ("empty", "no-end", "one-digit-short", "one-digit-long", "no-original", "letter")
# What does not go with the address of a name and a number, ROOT standing for the name of SSSE.
WRONG_DATA = {
    "no-end": "ROOTEF06|测试甲|34010019900101007X|",
    "too-few": "ROOTEF06|测试甲|$",
    "too-many": "ROOTEF06|测试甲|34010019900101007X|2|$",
    "other-file": "ROOTEF05|测试甲|34010019900101007X|$",
    "none": "",
    "second-too-long": "ROOTEF06|测试甲|34010019900101007XX|$",
}


def offered(spec: InterfaceSpec) -> tuple[str, ...]:
    """The functions that the terminal has in steps."""
    items = {READ: "terminal.files", WRITE: "terminal.writing"}
    return tuple(function for function, item in items.items() if spec.ics["terminal.encryptor"] and spec.ics[item])


def wrong_order(spec: InterfaceSpec) -> tuple[str, ...]:
    """Functions, and what comes before their second step."""
    found = offered(spec)
    other = ("other",) if len(found) > 1 else ()
    pin = ("pin",) if spec.ics["terminal.pin"] else ()
    return tuple(f"{function}:{before}" for function in found for before in (*BEFORE, *other, *pin))


def second(desk: ItemDesk, function: str) -> dict[str, str]:
    """What step 2 takes beside pKey."""
    return desk.write_data(HOLDER, VALUES) if function == WRITE else {}


def no_data_are_told(terminal: TerminalUnderTest, desk: ItemDesk, out: str) -> None:
    """No personal item stands in pOutInfo."""
    told = [name for name, text in personal_texts(desk.spec, desk.seen()) if text and text in out]
    check(terminal, not told, what="personal data in pOutInfo", expected="none", received=", ".join(told))


@verifies("TERMINAL-ITEM-STEPS-CARD-INFO")
@for_each("function", offered)
@for_each("which", (0, 1), ids=lambda which: "number" if which else "identification")
def test_other_card(terminal: TerminalUnderTest, function: str, which: int) -> None:
    """pCardInfo of another card gives -22."""
    desk = ItemDesk(terminal, CARD)
    expect(desk.ask(function, HOLDER, desk.card_info(other=which))).returns(*desk.spec.outcomes["DIFFERS"])


@verifies("TERMINAL-ITEM-STEPS-INPUT")
@for_each("function", offered)
@for_each("address", WRONG_ADDRESSES, ids=lambda address: f"address-{WRONG_ADDRESSES.index(address)}")
def test_malformed_address(terminal: TerminalUnderTest, function: str, address: str) -> None:
    """An address without end marks, item or file, or with a tag of other characters, is refused by step 1."""
    desk = ItemDesk(terminal, CARD)
    result = desk.call(f"{function}-STEP-1", pCardInfo=desk.card_info(), pFileAddr=address)
    expect(result).returns(*desk.spec.outcomes["ADDRESS"])
    desk.nothing_is_proved()
    desk.nothing_is_written()


@verifies("TERMINAL-ITEM-STEPS-INPUT")
@for_each("function", offered)
@for_each("how", WRONG_KEYS)
def test_malformed_key(terminal: TerminalUnderTest, function: str, how: str) -> None:
    """A pKey that is no pair of eight bytes is refused, and no authentication is sent."""
    desk = ItemDesk(terminal, CARD)
    right = desk.proof(function, desk.asked(function, HOLDER))
    made = {
        "empty": "",
        "no-end": right[:-2],
        "one-digit-short": right[1:],
        "one-digit-long": "0" + right,
        "no-original": right[:16] + right[FULL_PART:],
        "letter": "G" + right[1:],
    }
    result = desk.call(f"{function}-STEP-2", pKey=made[how], **second(desk, function))
    expect(result).returns(*desk.spec.outcomes["KEY-INPUT"])
    desk.nothing_is_proved()
    desk.nothing_is_written()


@verifies("TERMINAL-ITEM-STEPS-INPUT")
@for_each("how", lambda spec: tuple(WRONG_DATA) if spec.ics["terminal.writing"] else ())
def test_malformed_data(terminal: TerminalUnderTest, how: str) -> None:
    """Data that do not go with the address of step 1 are refused, and nothing is written."""
    desk = ItemDesk(terminal, CARD)
    proof = desk.proof(WRITE, desk.asked(WRITE, HOLDER))
    root = second(desk, WRITE)["pWriteData"].partition("EF06")[0]
    result = desk.call(f"{WRITE}-STEP-2", pKey=proof, pWriteData=WRONG_DATA[how].replace("ROOT", root))
    expect(result).returns(*dict.fromkeys((*desk.spec.outcomes["WRITE-DATA"], *desk.spec.outcomes["ADDRESS"])))
    desk.nothing_is_written()


@verifies("TERMINAL-ITEM-STEPS-REFUSED")
@for_each("function", offered)
def test_wrong_proof(terminal: TerminalUnderTest, function: str) -> None:
    """Authentication data that the card refuses give its status word as a code, and nothing is told or written."""
    desk = ItemDesk(terminal, CARD)
    proof = desk.wrong(desk.proof(function, desk.asked(function, HOLDER)))
    result = desk.call(f"{function}-STEP-2", pKey=proof, **second(desk, function))
    seen = desk.seen()
    told = [desk.spec.status_code(one.sw) for one in seen.external if one.sw is not None]
    # One program has the codes of 63C0 to 63C2 the other way round: none of them fails a terminal.
    expect(result).returns(*desk.spec.outcomes["EXTERNAL"], *told)
    no_data_are_told(terminal, desk, result.out)
    desk.nothing_is_written()


@verifies("TERMINAL-ITEM-STEPS-ORDER")
@for_each("which", wrong_order)
def test_wrong_order(terminal: TerminalUnderTest, which: str) -> None:
    """Without step 1, after that of another function, or a second time, step 2 is refused and the card gets nothing."""
    function, before = which.split(":")
    desk = ItemDesk(terminal, CARD)
    proof = "00" * 16 + "|"
    if before == "failed":
        desk.ask(function, HOLDER, desk.card_info(other=0))
    if before == "other":
        other = READ if function == WRITE else WRITE
        proof = desk.proof(other, desk.asked(other, HOLDER))
    if before == "reading":
        desk.call("READ-BASIC-STEP-1")
    if before == "pin":
        desk.call("RELOAD-PIN-STEP-1", pCardInfo=desk.card_info())
    if before == "twice":
        proof = desk.proof(function, desk.asked(function, HOLDER))
        desk.call(f"{function}-STEP-2", pKey=proof, **second(desk, function))
    result = desk.sends_nothing(f"{function}-STEP-2", pKey=proof, **second(desk, function))
    expect(result).returns(*desk.spec.outcomes["ORDER"])


@verifies("TERMINAL-RELEASE")
@for_each("function", offered)
@for_each("how", ("right", "refused", "malformed"))
def test_released_after_the_second_step(terminal: TerminalUnderTest, function: str, how: str) -> None:
    """The card that step 1 kept is let go of after step 2, however it ends."""
    desk = ItemDesk(terminal, CARD)
    right = desk.proof(function, desk.asked(function, HOLDER))
    made = {"right": right, "refused": desk.wrong(right), "malformed": "|"}
    held = desk.call(f"{function}-STEP-2", pKey=made[how], **second(desk, function)).held
    if held is None:
        raise Inconclusive(zh="测试台看不到读卡器的占用", en="this bench does not see who holds the reader")
    check(terminal, not held, what="slots held after the call", expected="none", received=", ".join(held) or "none")
