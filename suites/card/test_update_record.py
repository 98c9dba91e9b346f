"""UPDATE RECORD: what it needs, what it writes, and what a refusal leaves as it was."""

import datetime as dt

from onecard.oracle.codec import Charset, an_encode, date_encode
from onecard.spec.card import CardSpec, FileSpec, Item, Mode
from onecard.testing import CardUnderTest, Response, check, expect, for_each, verifies

ORDER = 140
Entry = tuple[FileSpec, Item]
FILES = ("SSSE/EF05", "SSSE/EF06")
# Items of both files that a terminal rewrites in the field, of one byte, four and thirty.
REWRITTEN = (0x02, 0x06, 0x0A, 0x09, 0x0D)
DATES = tuple(date_encode(dt.date(year, 12, 31)) for year in (2098, 2099))
TEXTS = tuple(an_encode(text, 30, Charset.GBK) for text in ("测试甲乙丙丁戊己庚辛壬癸子丑寅", "测试"))


def entries(spec: CardSpec) -> list[Entry]:
    """The rewritten items of the environment with their files."""
    files = [spec.file(name) for name in FILES]
    return [(file, item) for file in files for item in file.items if item.tag in REWRITTEN]


def sfi_of(file: FileSpec) -> int:
    """The short identifier of a file of the environment: each has one."""
    return file.sfi or 0


def short_entries(spec: CardSpec) -> list[Entry]:
    """One item of one byte in each file."""
    return [(file, item) for file, item in entries(spec) if item.length == 1]


def entry_id(entry: Entry) -> str:
    """An item in a case id."""
    return f"{entry[0].id.replace('/', '-')}-{entry[1].tag:02X}"


def other_value(spec: CardSpec, item: Item, value: bytes) -> bytes:
    """A value of the item that differs from the present one, and is as good."""
    codes = tuple(code.encode("ascii") for code in spec.codes[item.codes].values) if item.codes else ()
    options = codes or (DATES if item.type == "cn" else TEXTS)
    return next(option for option in options if option != value)


def by_number(card: CardUnderTest, entry: Entry) -> Response:
    """The record of the item, read by number, which leaves the current record alone."""
    file, item = entry
    return card.send(card.apdu.read_record(file.record_order.index(item.tag) + 1, 4, sfi_of(file)))


def restore_at_end(card: CardUnderTest, entry: Entry, record: bytes) -> None:
    """Put the record back at the end of the case where it is not as it was found."""
    file, item = entry

    def restore() -> None:
        card.open_for_reading(file.id)
        if by_number(card, entry).data != record:
            card.open_for_update(file.id)
            command = card.apdu.update_record(file.record_order.index(item.tag) + 1, 4, record)
            expect(card.send(command), "CARD-UPDATE-RECORD").ok()

    card.at_end(f"restore {item.id}", restore)


def changed(card: CardUnderTest, entry: Entry) -> tuple[bytes, bytes]:
    """The record as it is, to be restored at the end, and another one of the same length."""
    _, item = entry
    found = by_number(card, entry)
    expect(found, "CARD-READ-NUMBER").ok()
    restore_at_end(card, entry, found.data)
    return found.data, found.data[:2] + other_value(card.spec, item, found.data[2:])


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of UPDATE RECORD."""
    return card.spec.command("UPDATE-RECORD").statuses[condition].text


def modes(spec: CardSpec) -> tuple[Mode, ...]:
    """The modes of updating."""
    return spec.command("UPDATE-RECORD").modes


def mode_id(mode: Mode) -> str:
    """A mode in a case id."""
    return f"mode-{mode.number}"


def addressed(entry: Entry, mode: Mode) -> int:
    """P1 for the item's record."""
    file, item = entry
    return item.tag if mode.by == "identifier" else file.record_order.index(item.tag) + 1


@verifies("CARD-UPDATE-REFUSED")
@for_each("entry", short_entries, ids=entry_id)
@for_each("mode", modes, ids=mode_id)
def test_refused(card: CardUnderTest, entry: Entry, mode: Mode) -> None:
    """Before UKSSSE is authenticated an update answers 6982, and the record is as before."""
    file, _ = entry
    card.open_for_reading(file.id)
    before, after = changed(card, entry)
    for sfi in (0, sfi_of(file)):
        command = card.apdu.update_record(addressed(entry, mode), mode.number, after, sfi)
        expect(card.transmit(command)).refused_with(status(card, "security"))
        expect(by_number(card, entry)).ok().data(before, "the record as it was")


@verifies("CARD-UPDATE-REFUSED")
@for_each("entry", short_entries, ids=entry_id)
def test_refused_after_failed_authentication(card: CardUnderTest, entry: Entry) -> None:
    """A wrong authentication of UKSSSE opens nothing: the update answers 6982, and the record is as before."""
    file, item = entry
    card.open_for_reading(file.id)
    before, after = changed(card, entry)
    wrong = card.external_authentication("UKSSSE", card.get_challenge(8), spoil=True)
    expect(card.wrong_external_authentication("UKSSSE", wrong), "CARD-EXTERNAL-AUTH-WRONG").refused()
    expect(card.transmit(card.apdu.update_record(item.tag, 0, after))).refused_with(status(card, "security"))
    expect(by_number(card, entry)).ok().data(before, "the record as it was")


@verifies("CARD-UPDATE-REFUSED")
def test_refused_after_pin(card: CardUnderTest) -> None:
    """The PIN is no update key: after it (or its query, where none is set) an update answers 6982."""
    file = card.spec.file("SSSE/EF05")
    card.open_for_reading(file.id)
    record = card.read_item(file.id, file.record_order[1]).data
    if card.ics["card.pin"]:
        card.noted("PIN", card.send(card.apdu.verify(card.pin_bytes)))
    else:
        card.send(card.apdu.verify(b""))
    expect(card.transmit(card.apdu.update_record(2, 4, record))).refused_with(status(card, "security"))


@verifies("CARD-UPDATE-RECORD")
@for_each("entry", entries, ids=entry_id)
def test_by_number(card: CardUnderTest, entry: Entry) -> None:
    """After UKSSSE a record is updated by number, whole, and reads back as written; the others are as before."""
    file, item = entry
    card.open_for_update(file.id)
    _, after = changed(card, entry)
    number = file.record_order.index(item.tag) + 1
    others = [each for each in file.items if each.tag != item.tag]
    neighbours = [card.read_item(file.id, each.tag).data for each in others]
    expect(card.send(card.apdu.update_record(number, 4, after))).ok().length(0)
    expect(by_number(card, entry)).ok().data(after, "the record as written")
    kept = [card.read_item(file.id, each.tag).data for each in others] == neighbours
    check(card, kept, what="the other records", expected="as before", received="changed")


@verifies("CARD-UPDATE-RECORD")
@for_each("entry", short_entries, ids=entry_id)
@for_each("mode", modes, ids=mode_id)
@for_each("by_sfi", (False, True), ids=lambda by_sfi: "SFI" if by_sfi else "current")
def test_by_mode(card: CardUnderTest, entry: Entry, mode: Mode, by_sfi: bool) -> None:
    """A record is updated in every mode, with its file current or named by SFI, and reads back as written."""
    file, item = entry
    card.open_for_update(file.id)
    _, after = changed(card, entry)
    if mode.takes in ("next", "previous"):
        # The current record stands before the item for "next", behind it for "previous".
        start = file.record_order[0 if mode.takes == "next" else -1]
        expect(card.send(card.apdu.read_record(start, 0)), "CARD-READ-IDENTIFIER").ok()
    elif by_sfi:
        card.select_file(next(name for name in FILES if name != file.id))
    command = card.apdu.update_record(addressed(entry, mode), mode.number, after, sfi_of(file) if by_sfi else 0)
    expect(card.send(command)).ok().length(0)
    expect(by_number(card, entry)).ok().data(after, "the record as written")
    expect(card.read_item(file.id, item.tag)).ok().data(after, "the record by identifier")


@verifies("CARD-UPDATE-RECORD")
@for_each("kind", ("cold", "warm"))
def test_survives_reset(card: CardUnderTest, kind: str) -> None:
    """What was written is still there after a reset."""
    entry = short_entries(card.spec)[0]
    card.open_for_update(entry[0].id)
    _, after = changed(card, entry)
    expect(card.send(card.apdu.update_record(addressed(entry, modes(card.spec)[0]), 0, after))).ok()
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    card.open_for_reading(entry[0].id)
    expect(by_number(card, entry)).ok().data(after, "the record as written")


# What is wrong with the record, made from the right one.
DISAGREEMENTS = ("length-too-long", "length-too-short", "value-cut", "byte-too-many", "tag-alone", "tag-and-length")


def disagreeing(kind: str, record: bytes) -> bytes:
    """A record whose length byte and value do not fit."""
    return {
        "length-too-long": record[:1] + bytes((record[1] + 1,)) + record[2:],
        "length-too-short": record[:1] + bytes((record[1] - 1,)) + record[2:],
        "value-cut": record[:-1],
        "byte-too-many": record + b"\x00",
        "tag-alone": record[:1],
        "tag-and-length": record[:2],
    }[kind]


@verifies("CARD-UPDATE-TLV")
@for_each("kind", DISAGREEMENTS)
def test_disagreeing_length(card: CardUnderTest, kind: str) -> None:
    """A record whose length byte does not fit its value answers 6A85, and the record is as before."""
    file, item = entry = next(entry for entry in entries(card.spec) if entry[1].tag == 0x06)
    card.open_for_update(file.id)
    before, after = changed(card, entry)
    for p1, mode in ((file.record_order.index(item.tag) + 1, 4), (item.tag, 0)):
        response = card.send(card.apdu.update_record(p1, mode, disagreeing(kind, after)))
        expect(response).refused_with(status(card, "tlv"))
        expect(by_number(card, entry)).ok().data(before, "the record as it was")


@verifies("CARD-UPDATE-PARAMETERS")
@for_each(
    "mode",
    lambda spec: sorted(set(range(8)) - {mode.number for mode in modes(spec)}),
    ids=lambda mode: f"mode-{mode}",
)
def test_undefined_mode(card: CardUnderTest, mode: int) -> None:
    """A mode that updating does not have answers 6A86, although UKSSSE is authenticated and the record is right."""
    file = card.spec.file("SSSE/EF05")
    card.open_for_update(file.id)
    record = card.read_item(file.id, file.record_order[1]).data
    for p1, sfi in ((2, 0), (file.record_order[1], 0), (2, sfi_of(file)), (file.record_order[1], sfi_of(file))):
        command = card.apdu.update_record(p1, mode, record, sfi)
        expect(card.send(command)).refused_with(status(card, "parameters"))
