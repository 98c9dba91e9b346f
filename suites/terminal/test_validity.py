"""A card whose validity has ended, in every function beside the reading of basic data by PSAM."""

from onecard.oracle.terminal_files import Asked, address_of
from onecard.oracle.terminal_strings import personal_texts
from onecard.oracle.terminal_trace import Observed, observe
from onecard.oracle.terminal_writing import write_data_of, writes_of
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import terminal_spec
from onecard.testing import (
    CallResult,
    DebitDesk,
    ItemDesk,
    PinDesk,
    TerminalUnderTest,
    card_information,
    check,
    expect,
    for_each,
    verifies,
)

ORDER = 560
NEWEST = "card-3.0"
CONTACT, BY_KEY = 1, 2
ENDED = "ended-lately"
NAME, NUMBER = 0x09, 0x08
HOLDER: Asked = (("EF06", (NAME, NUMBER)),)
VALUES = {NAME: "测试甲", NUMBER: "34010019900101007X"}
READ, WRITE, DEBIT = "READ-CARD", "WRITE-CARD", "DEBIT"
OLD, NEW = "135790", "246813"
KEYPAD = {"enter": [OLD], "new": [NEW], "again": [NEW]}


def items(spec: InterfaceSpec) -> tuple[str, ...]:
    """The functions on items that the terminal has, by PSAM and in steps."""
    kinds = [name for name, has in ((READ, "terminal.files"), (WRITE, "terminal.writing")) if spec.ics[has]]
    by_sam = kinds if spec.ics["terminal.sam"] else []
    by_encryptor = [f"{name}-STEP-1" for name in kinds] if spec.ics["terminal.encryptor"] else []
    return (*by_sam, *by_encryptor)


def pins(spec: InterfaceSpec) -> tuple[str, ...]:
    """The functions with a PIN by PSAM, if the terminal has them. Of three steps no source says which one checks."""
    has = spec.ics["terminal.pin"] and spec.ics["terminal.sam"]
    return ("VERIFY-PIN", "CHANGE-PIN", "RELOAD-PIN", "UNBLOCK-PIN") if has else ()


def purchases(spec: InterfaceSpec) -> tuple[str, ...]:
    """The ways of paying that the terminal has."""
    if not spec.ics["terminal.debit"]:
        return ()
    return ((DEBIT,) if spec.ics["terminal.sam"] else ()) + (
        (f"{DEBIT}-STEP-1",) if spec.ics["terminal.encryptor"] else ()
    )


def info_of(terminal: TerminalUnderTest) -> str:
    """pCardInfo of the card while it was valid."""
    terminal.prepare({"card": NEWEST})
    separator = terminal_spec(terminal.spec).card_info.separator
    return "".join(part + separator for part in card_information(terminal))


def is_refused(terminal: TerminalUnderTest, result: CallResult) -> None:
    """The code of a card that is not valid."""
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["INVALID"])


def nothing_is_done(terminal: TerminalUnderTest, seen: Observed, out: str) -> None:
    """No personal item was told, and the card was not asked to write any."""
    spec = terminal_spec(terminal.spec)
    told = [name for name, text in personal_texts(spec, seen) if text and text in out]
    check(terminal, not told, what="personal data in pOutInfo", expected="none", received=", ".join(told))
    tags = ", ".join(f"{one.tag:02X}" for one in writes_of(terminal.card_of(NEWEST), seen))
    received = f"command for {tags}" if tags else "none"
    check(terminal, not tags, what="UPDATE RECORD to the card", expected="none", received=received)


def with_items(terminal: TerminalUnderTest, function: str, info: str) -> CallResult:
    """Read or write items by PSAM, by the first name of SSSE that the terminal takes."""
    spec = terminal_spec(terminal.spec)
    found = spec.functions[function]

    def called(root: str) -> CallResult:
        address, data = address_of(spec, HOLDER, root), write_data_of(spec, HOLDER, root, VALUES)
        possible = {"iType": CONTACT, "iAuthType": BY_KEY, "pCardInfo": info, "pFileAddr": address, "pWriteData": data}
        return terminal.call(found.call, **{name: possible[name] for name in found.arguments})

    first, *others = spec.address.roots
    result = called(first)
    for root in others if result.value in spec.outcomes["ADDRESS"] else ():
        result = called(root)
    return result


@verifies("TERMINAL-VALIDITY-ITEMS")
@for_each("function", items)
def test_items(terminal: TerminalUnderTest, function: str) -> None:
    """Items of an expired card are neither read nor written, by PSAM or, at the latest, in the second step."""
    info = info_of(terminal)
    if function in (READ, WRITE):
        terminal.prepare({"card": NEWEST, "hostile": ENDED})
        result = with_items(terminal, function, info)
        nothing_is_done(
            terminal, observe(terminal_spec(terminal.spec), terminal.card_of(NEWEST), result.trace), result.out
        )
        is_refused(terminal, result)
        return
    kind = function.removesuffix("-STEP-1")
    desk = ItemDesk(terminal, NEWEST, hostile=ENDED)
    result = desk.ask(kind, HOLDER, info)
    if result.value == 0:
        more = desk.write_data(HOLDER, VALUES) if kind == WRITE else {}
        result = desk.call(f"{kind}-STEP-2", pKey=desk.proof(kind, result), **more)
    nothing_is_done(terminal, desk.seen(), result.out)
    is_refused(terminal, result)


@verifies("TERMINAL-VALIDITY-PIN")
@for_each("function", pins)
def test_pin(terminal: TerminalUnderTest, function: str) -> None:
    """An expired card is given no PIN, and its PIN is neither changed nor reset."""
    info = {"pCardInfo": info_of(terminal)}
    desk = PinDesk(terminal, KEYPAD, pin=OLD, card=NEWEST, hostile=ENDED)
    result = desk.call(
        function, **{name: info[name] for name in desk.spec.functions[function].arguments if name in info}
    )
    desk.nothing_sent()
    is_refused(terminal, result)


@verifies("TERMINAL-VALIDITY-PIN")
@for_each("function", purchases)
def test_purchase(terminal: TerminalUnderTest, function: str) -> None:
    """An expired card pays nothing, and learns no PIN."""
    info = {"pCardInfo": info_of(terminal)}
    desk = DebitDesk(terminal, card=NEWEST, hostile=ENDED)
    result = desk.pay(function, info=info)
    desk.nothing_sent()
    desk.nothing_paid()
    is_refused(terminal, result)
