"""iWriteCard: items of SSSE by file address, with the PSAM."""

from collections.abc import Mapping

from onecard.oracle.terminal import INTERNAL_KEY, LEVELS_SHIFT, READ_KEY
from onecard.oracle.terminal_files import Asked, address_of
from onecard.oracle.terminal_trace import Observed
from onecard.oracle.terminal_writing import (
    commands_beside,
    expected_value,
    on_the_card,
    write_data_of,
    writes_of,
)
from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal import TerminalSpec, terminal_spec
from onecard.testing import CallResult, TerminalUnderTest, card_information, check, expect, for_each, observed, verifies

ORDER = 320
GENERATIONS = ("card-1.0", "card-2.0", "card-3.0")
CONTACT = 1
FIELDS = {"identification": 0, "number": 1}
WRITE_KEY = "UKSSSE"
# UPDATE RECORD, and the status word of a memory that fails.
UPDATE, MEMORY = "DC", "6581"
ISSUED, UNTIL, NUMBER, NAME, SEX, BIRTHPLACE, BORN = 0x05, 0x06, 0x08, 0x09, 0x0A, 0x0C, 0x0D
DATES: Asked = (("EF05", (ISSUED, UNTIL)),)
HOLDER: Asked = (("EF06", (NAME, NUMBER, BORN)),)
PLACE: Asked = (("EF06", (BIRTHPLACE, SEX)),)
TWO_FILES: Asked = (*PLACE, ("EF05", (UNTIL,)))
ADDRESSES = {"dates": DATES, "holder": HOLDER, "place": PLACE}
VALUES: Mapping[int, str] = {
    ISSUED: "20250301",
    UNTIL: "20450228",
    NUMBER: "34010019900101007X",
    NAME: "测试甲",
    SEX: "2",
    BIRTHPLACE: "341300",
    BORN: "19900101",
}
FULL_NAME = "测试持卡人姓名写满三十个字节整"
# What does not go with the address EF06|09|08| by name, ROOT standing for the name of SSSE.
WRONG_DATA = {
    "no-end": "ROOTEF06|测试甲|34010019900101007X|",
    "too-few": "ROOTEF06|测试甲|$",
    "too-many": "ROOTEF06|测试甲|34010019900101007X|2|$",
    "other-file": "ROOTEF05|测试甲|34010019900101007X|$",
    "two-files": "ROOTEF06|测试甲|34010019900101007X|$ROOTEF05|20250301|$",
    "none": "",
    "too-long": f"ROOTEF06|{FULL_NAME}甲|34010019900101007X|$",
    "second-too-long": "ROOTEF06|测试甲|34010019900101007XX|$",
    "second-not-ascii": "ROOTEF06|测试甲|3401001990010100测|$",
    "not-gbk": "ROOTEF06|测试\U00020000|34010019900101007X|$",
}
NAME_FIRST: Asked = (("EF06", (NAME, NUMBER)),)
WRONG_DATES = {"letters": "2025030A", "too-long": "2025030101"}
WRONG_ADDRESSES = ("EF06|09|$", "SSSEEF06|09|", "SSSEEF06|7F|$", "SSSEEF04|09|$")


def by_psam(spec: InterfaceSpec) -> tuple[str, ...]:
    """The cards that are written with a PSAM, if the terminal has one."""
    return GENERATIONS if spec.ics["terminal.sam"] else ()


def root_of(terminal: TerminalUnderTest, info: tuple[str, str]) -> str:
    """The name of SSSE that the terminal takes: sources have two. It is asked with an item that stays as it is."""
    spec = terminal_spec(terminal.spec)
    first, *others = spec.address.roots
    for root in others:
        result = write(terminal, address_of(spec, DATES, root), write_data_of(spec, DATES, root, VALUES), *info)
        if result.value not in spec.outcomes["ADDRESS"]:
            return root
    return first


def write(terminal: TerminalUnderTest, address: str, data: str, *info: str) -> CallResult:
    """Call iWriteCard."""
    spec = terminal_spec(terminal.spec)
    given = "".join(part + spec.card_info.separator for part in info)
    call = spec.functions["WRITE-CARD"].call
    return terminal.call(call, iType=CONTACT, pCardInfo=given, pFileAddr=address, pWriteData=data)


def by_any_root(terminal: TerminalUnderTest, asked: Asked, values: Mapping[int, str], *info: str) -> CallResult:
    """Call iWriteCard with the first name of SSSE that the terminal takes."""
    spec = terminal_spec(terminal.spec)
    first, *others = spec.address.roots
    result = write(terminal, address_of(spec, asked, first), write_data_of(spec, asked, first, values), *info)
    for root in others if result.value in spec.outcomes["ADDRESS"] else ():
        result = write(terminal, address_of(spec, asked, root), write_data_of(spec, asked, root, values), *info)
    return result


def seen_of(terminal: TerminalUnderTest, profile: str, result: CallResult, *, forged: bool = False) -> Observed:
    """What the call showed, the update key among the tester's own."""
    return observed(terminal, profile, result, forged=forged, keys=(INTERNAL_KEY, READ_KEY, WRITE_KEY))


def nothing_is_written(terminal: TerminalUnderTest, profile: str, seen: Observed) -> None:
    """The card is not even asked to change anything."""
    tags = [f"{one.tag:02X}" for one in writes_of(terminal.card_of(profile), seen)]
    check(
        terminal,
        not tags,
        what="UPDATE RECORD to the card",
        expected="none",
        received=f"command for {', '.join(tags)}" if tags else "none",
    )


def stands_on_the_card(
    terminal: TerminalUnderTest, profile: str, seen: Observed, asked: Asked, values: Mapping[int, str]
) -> None:
    """Each item of the address was taken by the card with its value."""
    card = terminal.card_of(profile)
    found = on_the_card(writes_of(card, seen))
    for file, tags in asked:
        for tag in tags:
            right, got = expected_value(card, file, tag, values[tag]), found.get(tag, b"")
            check(terminal, got == right, what=f"item {tag:02X} on the card", expected=right.hex(), received=got.hex())


@verifies("TERMINAL-WRITE-CARD")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(ADDRESSES))
def test_items_are_written(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """Each value stands on the card, coded and filled as its item."""
    terminal.prepare({"card": profile})
    asked = ADDRESSES[which]
    result = by_any_root(terminal, asked, VALUES, *card_information(terminal))
    expect(result).returns(0)
    stands_on_the_card(terminal, profile, seen_of(terminal, profile, result), asked, VALUES)


@verifies("TERMINAL-WRITE-CARD")
def test_full_name(terminal: TerminalUnderTest) -> None:
    """A name of exactly thirty bytes is written whole."""
    terminal.prepare({"card": "card-2.0"})
    asked, values = (("EF06", (NAME,)),), {NAME: FULL_NAME}
    result = by_any_root(terminal, asked, values, *card_information(terminal))
    expect(result).returns(0)
    stands_on_the_card(terminal, "card-2.0", seen_of(terminal, "card-2.0", result), asked, values)


@verifies("TERMINAL-WRITE-CARD")
def test_literal_data(terminal: TerminalUnderTest) -> None:
    """Address and data in the form of public programs write just these bytes."""
    terminal.prepare({"card": "card-3.0"})
    info = card_information(terminal)
    result = write(terminal, "SSSEEF05|06|$", "SSSEEF05|20450228|$", *info)
    if result.value != 0:
        result = write(terminal, "3F00EF05|06|$", "3F00EF05|20450228|$", *info)
    expect(result).returns(0)
    found = on_the_card(writes_of(terminal.card_of("card-3.0"), seen_of(terminal, "card-3.0", result)))
    got = found.get(UNTIL, b"").hex()
    check(terminal, got == "20450228", what="item 06 on the card", expected="20450228", received=got)


@verifies("TERMINAL-WRITE-ONLY")
@for_each("profile", GENERATIONS)
def test_nothing_else_changes(terminal: TerminalUnderTest, profile: str) -> None:
    """No other record is written, and no command is sent that belongs to no writing."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, HOLDER, VALUES, *card_information(terminal))
    expect(result).returns(0)
    card, seen = terminal.card_of(profile), seen_of(terminal, profile, result)
    asked = {tag for _, tags in HOLDER for tag in tags}
    other = [f"{one.tag:02X}" for one in writes_of(card, seen) if one.tag not in asked]
    beside = [*commands_beside(card, seen), *(f"UPDATE RECORD {tag}" for tag in other)]
    received = f"command {', '.join(beside)}" if beside else "none"
    check(terminal, not beside, what="commands beside the writing", expected="none", received=received)


@verifies("TERMINAL-WRITE-AUTH")
@for_each("profile", GENERATIONS)
def test_forged_card(terminal: TerminalUnderTest, profile: str) -> None:
    """A card that proves nothing gets neither data nor a proof of the update key."""
    terminal.prepare({"card": profile})
    info = card_information(terminal)
    terminal.prepare({"card": profile, "hostile": "forged"})
    result = by_any_root(terminal, HOLDER, VALUES, *info)
    spec, card = terminal_spec(terminal.spec), terminal.card_of(profile)
    seen = seen_of(terminal, profile, result, forged=True)
    nothing_is_written(terminal, profile, seen)
    proofs = sum(one.key_id == card.keys[WRITE_KEY].key_id for one in seen.external)
    check(
        terminal,
        proofs == 0,
        what="proofs of the update key",
        expected="none",
        received=f"command EXTERNAL AUTHENTICATE, {proofs}" if proofs else "none",
    )
    expect(result).returns(*spec.outcomes["INTERNAL"])


@verifies("TERMINAL-WRITE-CARD-INFO")
@for_each("profile", GENERATIONS)
@for_each("which", tuple(FIELDS))
def test_other_card(terminal: TerminalUnderTest, profile: str, which: str) -> None:
    """One field of pCardInfo that is not the card's gives -22, and nothing is written."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, HOLDER, VALUES, *card_information(terminal, FIELDS[which]))
    nothing_is_written(terminal, profile, seen_of(terminal, profile, result))
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["DIFFERS"])


def refused(terminal: TerminalUnderTest, spec: TerminalSpec, result: CallResult) -> None:
    """The code of illegal input, and an untouched card."""
    nothing_is_written(terminal, "card-2.0", seen_of(terminal, "card-2.0", result))
    expect(result).returns(*dict.fromkeys((*spec.outcomes["WRITE-DATA"], *spec.outcomes["ADDRESS"])))


@verifies("TERMINAL-WRITE-DATA")
@for_each("which", tuple(WRONG_DATA))
def test_data_that_do_not_fit(terminal: TerminalUnderTest, which: str) -> None:
    """Data of another structure, or with one value that its item cannot hold, write nothing, not even the rest."""
    terminal.prepare({"card": "card-2.0"})
    info = card_information(terminal)
    spec = terminal_spec(terminal.spec)
    root = root_of(terminal, info)
    result = write(terminal, address_of(spec, NAME_FIRST, root), WRONG_DATA[which].replace("ROOT", root), *info)
    refused(terminal, spec, result)


@verifies("TERMINAL-WRITE-DATA")
@for_each("profile", GENERATIONS)
def test_two_files(terminal: TerminalUnderTest, profile: str) -> None:
    """An address of two files is served whole or not at all: a program's rule is that a write acts on one file."""
    terminal.prepare({"card": profile})
    result = by_any_root(terminal, TWO_FILES, VALUES, *card_information(terminal))
    seen = seen_of(terminal, profile, result)
    if result.value == 0:
        stands_on_the_card(terminal, profile, seen, TWO_FILES, VALUES)
    else:
        nothing_is_written(terminal, profile, seen)


@verifies("TERMINAL-WRITE-DATA")
@for_each("which", tuple(WRONG_DATES))
def test_digits_that_do_not_fit(terminal: TerminalUnderTest, which: str) -> None:
    """A date with letters or too many digits writes nothing, nor the right one before it."""
    terminal.prepare({"card": "card-2.0"})
    info = card_information(terminal)
    spec = terminal_spec(terminal.spec)
    root = root_of(terminal, info)
    data = write_data_of(spec, DATES, root, {**VALUES, UNTIL: WRONG_DATES[which]})
    refused(terminal, spec, write(terminal, address_of(spec, DATES, root), data, *info))


@verifies("TERMINAL-WRITE-DATA")
@for_each("address", WRONG_ADDRESSES, ids=lambda address: f"address-{WRONG_ADDRESSES.index(address)}")
def test_malformed_address(terminal: TerminalUnderTest, address: str) -> None:
    """An address without its root or end, or with an item or a file that SSSE has not, writes nothing."""
    terminal.prepare({"card": "card-2.0"})
    info = card_information(terminal)
    spec = terminal_spec(terminal.spec)
    right = address.replace("SSSE", root_of(terminal, info))
    data = right.replace("|09|", "|测试甲|").replace("|7F|", "|2|")
    refused(terminal, spec, write(terminal, right, data, *info))


@verifies("TERMINAL-WRITE-DATA")
@for_each("address", ("SSSEEF06|09|", "SSSEEF06|9|$", "SSSEEF06|GG|$"), ids=lambda address: address.strip("$|"))
def test_address_beside_right_data(terminal: TerminalUnderTest, address: str) -> None:
    """A malformed address writes nothing, though the data would go with it."""
    terminal.prepare({"card": "card-2.0"})
    info = card_information(terminal)
    spec = terminal_spec(terminal.spec)
    root = root_of(terminal, info)
    refused(terminal, spec, write(terminal, address.replace("SSSE", root), f"{root}EF06|测试甲|$", *info))


@verifies("TERMINAL-WRITE-REFUSED")
@for_each("profile", by_psam)
@for_each("nth", (1, 2), ids=lambda nth: f"item-{nth}")
def test_refused_item(terminal: TerminalUnderTest, profile: str, nth: int) -> None:
    """A card that refuses to write one of two items, the first or the last, has its negative status word told."""
    terminal.prepare({"card": profile, "script": [{"slot": "card", "ins": UPDATE, "nth": nth, "sw": MEMORY}]})
    result = by_any_root(terminal, DATES, VALUES, *card_information(terminal))
    expect(result).returns(terminal_spec(terminal.spec).status_code(int(MEMORY, 16)))


@verifies("TERMINAL-WRITE-KEY")
@for_each("profile", GENERATIONS)
def test_psam_without_the_key(terminal: TerminalUnderTest, profile: str) -> None:
    """Without the update key in the PSAM nothing is written, and the code says which key is missing."""
    terminal.prepare({"card": profile, "psam": {"profile": "psam-sm4", "lacks": [WRITE_KEY]}})
    result = by_any_root(terminal, DATES, VALUES, *card_information(terminal))
    nothing_is_written(terminal, profile, seen_of(terminal, profile, result))
    expect(result).returns(*terminal_spec(terminal.spec).outcomes["SAM-UKSSSE"])


@verifies("TERMINAL-WRITE-KEY")
@for_each("profile", GENERATIONS)
@for_each("levels", (2, 1), ids=lambda levels: f"levels-{levels}")
def test_psam_of_any_level(terminal: TerminalUnderTest, profile: str, levels: int) -> None:
    """With the key of a province or of a city the card is written; usages are tried with fewer levels each time."""
    terminal.prepare({"card": profile, "psam": {"profile": "psam-sm4", "levels": levels}})
    result = by_any_root(terminal, DATES, VALUES, *card_information(terminal))
    expect(result).returns(0)
    seen, key = seen_of(terminal, profile, result), terminal_spec(terminal.spec).sam_keys[WRITE_KEY]
    stands_on_the_card(terminal, profile, seen, DATES, VALUES)
    tried = [each.usage >> LEVELS_SHIFT for each in seen.deliveries if each.key_id == key.key_id]
    fewer = tried == sorted(tried, reverse=True)
    check(terminal, fewer, what="levels of the usages tried", expected="fewer each time", received=str(tried))
