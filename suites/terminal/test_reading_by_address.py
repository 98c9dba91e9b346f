"""iReadCard: items of SSSE by file address, with the PSAM."""

from collections.abc import Mapping

from onecard.oracle.terminal_files import Asked, address_of, compare_files, may_tell, other_commands
from onecard.oracle.terminal_strings import personal_texts
from onecard.oracle.terminal_trace import Observed
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.testing import (
    CallResult,
    PreambleFailed,
    TerminalUnderTest,
    card_information,
    check,
    expect,
    for_each,
    observed,
    verifies,
)

ORDER = 300
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
CONTACT, BY_KEY = 1, 2
READ_RECORD = "B2"
FIELDS = {"identification": 0, "number": 1}
ISSUER: Asked = (("EF05", (0x06, 0x07)),)
HOLDER: Asked = (("EF06", (0x09, 0x08)),)
BOTH: Asked = (("EF05", (0x05, 0x06)), ("EF06", (0x08, 0x09)))
ADDRESSES = {"issuer": ISSUER, "holder": HOLDER, "both": BOTH}
EXTENSION = 0x4E
# What is not on a card of the first generation, among what is.
ABSENT: Mapping[str, Asked] = {
    "file": (("EF99", (0x09,)),),
    "item-of-another-file": (("EF05", (0x09,)),),
    "item": (("EF06", (0x7F,)),),
    "second-item": (("EF05", (0x06, 0x7F, 0x07)),),
    "second-file": (("EF06", (0x08,)), ("EF99", (0x09,))),
    "extension": (("EF06", (0x09, EXTENSION, 0x08)),),
}
MALFORMED = (
    "SSSEEF05|06|07|",
    "SSSEEF05|06|07$",
    "SSSEEF05|$",
    "SSSEEF05|6|$",
    "SSSEEF05|GG|$",
    "06|07|$",
    "",
)


def read_card(terminal: TerminalUnderTest, address: str, *info: str) -> CallResult:
    """Call iReadCard with the key."""
    spec = terminal_spec(terminal.spec)
    given = "".join(part + spec.card_info.separator for part in info)
    call = spec.functions["READ-CARD"].call
    return terminal.call(call, iType=CONTACT, iAuthType=BY_KEY, pCardInfo=given, pFileAddr=address)


def by_any_root(terminal: TerminalUnderTest, asked: Asked, *info: str) -> CallResult:
    """Call iReadCard with the first name of SSSE that the terminal takes: sources have two."""
    spec = terminal_spec(terminal.spec)
    first, *others = spec.address.roots
    result = read_card(terminal, address_of(spec, asked, first), *info)
    for root in others if result.value in spec.outcomes["ADDRESS"] else ():
        result = read_card(terminal, address_of(spec, asked, root), *info)
    return result


def gives_no_data(terminal: TerminalUnderTest, spec: TerminalSpec, seen: Observed, result: CallResult) -> None:
    """No personal item stands in the output."""
    told = [name for name, text in personal_texts(spec, seen) if text and text in result.out]
    check(terminal, not told, what="personal data in pOutInfo", expected="none", received=", ".join(told))


@verifies("TERMINAL-READ-CARD")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(ADDRESSES))
def test_items_by_address(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """Files and items come in the order of the address, each value as the card answered it."""
    terminal.prepare({"card": profile})
    spec, asked = terminal_spec(terminal.spec), ADDRESSES[which]
    result = by_any_root(terminal, asked, *card_information(terminal))
    expect(result).returns(0)
    seen = observed(terminal, profile, result)
    for one in compare_files(spec, terminal.card_of(profile), seen, asked, result.out):
        check(terminal, one.ok, what=one.what, expected=one.expected, received=one.received)


@verifies("TERMINAL-READ-CARD")
def test_literal_address(terminal: TerminalUnderTest) -> None:
    """The address of public programs is answered in the form that they show."""
    terminal.prepare({"card": "card-2.0"})
    info = card_information(terminal)
    result = read_card(terminal, "SSSEEF05|07|$", *info)
    if result.value != 0:
        result = read_card(terminal, "3F00EF05|07|$", *info)
    expect(result).returns(0)
    forms = [f"{root}EF05|{info[1]}|$" for root in ("SSSE", "3F00")]
    check(terminal, result.out in forms, what="result", expected=forms[0], received=result.out)


@verifies("TERMINAL-READ-CARD-AUTH")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """Of a card that proves nothing iReadCard gives -21 and no data."""
    terminal.prepare({"card": profile})
    info = card_information(terminal)
    terminal.prepare({"card": profile, "hostile": "forged"})
    result = by_any_root(terminal, BOTH, *info)
    seen = observed(terminal, profile, result, forged=True)
    spec = terminal_spec(terminal.spec)
    expect(result).returns(*spec.outcomes["INTERNAL"])
    gives_no_data(terminal, spec, seen, result)


@verifies("TERMINAL-CARD-INFO")
@for_each("profile", GENERATIONS)
def test_this_card(terminal: TerminalUnderTest, profile: str) -> None:
    """With identification code and card number of the very card the reading succeeds."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, ISSUER, *card_information(terminal))
    expect(result).returns(0)
    observed(terminal, profile, result)


@verifies("TERMINAL-CARD-INFO")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(FIELDS))
def test_other_card(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """One field of pCardInfo that is not the card's gives -22 and no data."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, BOTH, *card_information(terminal, FIELDS[which]))
    spec = terminal_spec(terminal.spec)
    expect(result).returns(*spec.outcomes["DIFFERS"])
    gives_no_data(terminal, spec, observed(terminal, profile, result), result)


@verifies("TERMINAL-FILE-ADDRESS")
@for_each("address", MALFORMED, ids=lambda address: f"address-{MALFORMED.index(address)}")
def test_malformed_address(terminal: TerminalUnderTest, address: str) -> None:
    """An address without end marks, item or file, or with a tag of other characters, is refused."""
    terminal.prepare({"card": "card-2.0"})
    result = read_card(terminal, address, *card_information(terminal))
    spec = terminal_spec(terminal.spec)
    expect(result).returns(*spec.outcomes["ADDRESS"])
    gives_no_data(terminal, spec, observed(terminal, "card-2.0", result), result)


@verifies("TERMINAL-READ-CARD-ABSENT")
@for_each("which", tuple(ABSENT))
def test_what_is_not_there(terminal: TerminalUnderTest, which: str) -> None:
    """A file or item that the card has not gives an error, or an empty value: never another item's."""
    terminal.prepare({"card": "card-1.0"})
    result = by_any_root(terminal, ABSENT[which], *card_information(terminal))
    is_an_error_or_empty(terminal, "card-1.0", ABSENT[which], result)


@verifies("TERMINAL-READ-CARD-ABSENT")
@for_each("profile", GENERATIONS)
@for_each("last", (1, 2), ids=lambda last: f"last-but-{last - 1}")
def test_refused_item(terminal: TerminalUnderTest, profile: str, last: int) -> None:
    """Nor does an item that the card refuses to give: one of the last two records that are read."""
    terminal.prepare({"card": profile})
    info = card_information(terminal)
    right = by_any_root(terminal, HOLDER, *info)
    if right.value != 0:
        raise PreambleFailed(zh=f"正确的卡返回 {right.value}", en=f"the right card gave {right.value}")
    root = right.out.partition(HOLDER[0][0])[0]
    sent = (one.ask["transmit"]["apdu"] for one in right.trace if "transmit" in one.ask)
    nth = max(1, sum(apdu[2:4].upper() == READ_RECORD for apdu in sent) + 1 - last)
    refusing = [{"slot": "card", "ins": READ_RECORD, "nth": nth, "sw": "6A83"}]
    terminal.prepare({"card": profile, "script": refusing})
    result = read_card(terminal, address_of(terminal_spec(terminal.spec), HOLDER, root), *info)
    is_an_error_or_empty(terminal, profile, HOLDER, result)


def is_an_error_or_empty(terminal: TerminalUnderTest, profile: str, asked: Asked, result: CallResult) -> None:
    """An error without data, or a result in which what was not read is empty."""
    spec, seen = terminal_spec(terminal.spec), observed(terminal, profile, result)
    if result.value != 0:
        expect(result).fails()
        gives_no_data(terminal, spec, seen, result)
        return
    right = may_tell(spec, terminal.card_of(profile), seen, asked)
    check(terminal, result.out in right, what="result", expected=right[0], received=result.out)


@verifies("TERMINAL-READ-ONLY")
@for_each("profile", GENERATIONS)
def test_nothing_is_written(terminal: TerminalUnderTest, profile: str) -> None:
    """Reading by the key sends no command that writes, and no PIN."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, BOTH, *card_information(terminal))
    expect(result).returns(0)
    other = other_commands(terminal.card_of(profile), observed(terminal, profile, result))
    received = f"command {', '.join(other)}" if other else "none"
    check(terminal, not other, what="commands that are none of a reading", expected="none", received=received)
