"""UPDATE RECORD for records that do not exist: appended, refused for want of room, or not to be found."""

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, Response, check, destructive, expect, for_each, verifies
from onecard.testing import files as rights

ORDER = 148
BY_NUMBER = 4
# Identifiers that no file of the rules has: this one and those below it, down to FB.
ADDED = 0xFD
MOST = 254


def files(spec: CardSpec) -> list[FileSpec]:
    """A file of the environment, which may be exactly full, and one of an application, which may have room."""
    found = [
        file
        for file in spec.files.values()
        if file.structure == Structure.LINEAR_VARIABLE
        and file.update.access is Access.KEY
        and rights.opening(spec, file.read)
    ]
    first = {file.application: file for file in reversed(found) if "SSSE" in spec.lineage(file.application)}
    return [file for name, file in first.items() if name in ("SSSE", "DF01")]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of UPDATE RECORD."""
    return card.spec.command("UPDATE-RECORD").statuses[condition].text


def read(card: CardUnderTest, number: int) -> Response:
    """A record of the current file by its number."""
    return card.send(card.apdu.read_record(number, BY_NUMBER))


def records(card: CardUnderTest) -> list[bytes]:
    """All records of the current file."""
    found: list[bytes] = []
    while (response := read(card, len(found) + 1)).is_ok and len(found) < MOST:
        found.append(response.data)
    return found


def ways(count: int) -> list[tuple[int, int, int]]:
    """P1, mode and tag of records that a file of ``count`` records does not have: named by number and by identifier."""
    return [(count + 1, BY_NUMBER, ADDED), (ADDED - 1, 0, ADDED - 1), (ADDED - 2, 1, ADDED - 2)]


@verifies("CARD-APPEND")
@for_each("file", files, ids=file_id)
@destructive("records of a file")
def test_append(card: CardUnderTest, file: FileSpec) -> None:
    """A record that the file does not have is appended, by number and by identifier, or there is no room: 6A84.

    Whatever is answered, the records before it are as they were.
    """
    card.open_file(file.id, "update")
    wanted = records(card)
    for way in range(len(ways(0))):
        p1, mode, tag = ways(len(wanted))[way]
        record = bytes((tag, 4)) + card.random.bytes(4)
        response = card.send(card.apdu.update_record(p1, mode, record))
        if response.is_ok:
            wanted.append(record)
        else:
            expect(response).refused_with(status(card, "no-room"))
        found = records(card)
        check(card, found == wanted, what="the records", expected=f"{len(wanted)}, as written", received="others")


@verifies("CARD-APPEND")
@for_each("file", files, ids=file_id)
@destructive("records of a file")
def test_no_room(card: CardUnderTest, file: FileSpec) -> None:
    """Appending goes on until the file is full: then 6A84, and all records that were appended are there."""
    card.open_file(file.id, "update")
    wanted = records(card)
    record = bytes((ADDED, 0xF0)) + card.random.bytes(0xF0)
    response = card.send(card.apdu.update_record(len(wanted) + 1, BY_NUMBER, record))
    while response.is_ok and len(wanted) < MOST:
        wanted.append(record)
        response = card.send(card.apdu.update_record(len(wanted) + 1, BY_NUMBER, record))
    expect(response).refused_with(status(card, "no-room"))
    check(card, records(card) == wanted, what="the records", expected=f"{len(wanted)}, as written", received="others")


@verifies("CARD-UPDATE-OTHERS")
@for_each("takes", ("next", "previous"))
@destructive("records of a file")
def test_no_further_record(card: CardUnderTest, takes: str) -> None:
    """ "Next" and "previous" beyond the only record with an identifier: not found, 6A83, or appended as others are."""
    file = card.spec.file("SSSE/EF05")
    mode = next(mode.number for mode in card.spec.command("UPDATE-RECORD").modes if mode.takes == takes)
    card.open_for_update(file.id)
    before = records(card)
    record = card.read_item(file.id, file.record_order[1])
    expect(record, "CARD-READ-IDENTIFIER").ok()
    response = card.send(card.apdu.update_record(file.record_order[1], mode, record.data))
    if response.is_ok:
        before.append(record.data)
    else:
        expect(response).refused_with(status(card, "record-not-found"), status(card, "no-room"))
    check(card, records(card) == before, what="the records", expected="as before", received="changed")


@verifies("CARD-UPDATE-OTHERS")
@for_each("mode", lambda spec: [mode.number for mode in spec.command("UPDATE-RECORD").modes])
def test_without_current_file(card: CardUnderTest, mode: int) -> None:
    """With the key authenticated and no EF current an update without SFI answers 6986."""
    card.select_environment()
    card.authenticate_external("UKSSSE")
    response = card.send(card.apdu.update_record(2, mode, b"\x02\x01\x33"))
    expect(response).refused_with(status(card, "no-current-ef"))


@verifies("CARD-UPDATE-OTHERS")
@for_each("sfi", (1, 2, 3, 4))
def test_absent_sfi(card: CardUnderTest, sfi: int) -> None:
    """An SFI that no file of the environment has answers 6A82, with a file current and its key authenticated."""
    card.open_for_update("SSSE/EF05")
    response = card.send(card.apdu.update_record(2, BY_NUMBER, b"\x02\x01\x33", sfi))
    expect(response).refused_with(status(card, "file-not-found"))


@verifies("CARD-UPDATE-OTHERS")
@for_each("mode", lambda spec: [mode.number for mode in spec.command("UPDATE-RECORD").modes])
def test_without_data(card: CardUnderTest, mode: int) -> None:
    """UPDATE RECORD with Lc 00 answers 6700."""
    card.open_for_update("SSSE/EF05")
    response = card.send(card.apdu.update_record(2, mode, b""))
    expect(response).refused_with(status(card, "length"))


def guarded(spec: CardSpec) -> list[FileSpec]:
    """The first file of TLV records in each application that does not read freely."""
    found = [
        file
        for file in spec.files.values()
        if file.structure == Structure.LINEAR_VARIABLE and file.read.access not in (Access.FREE, Access.NEVER)
        # Where no PIN is set no source says whether a rule that names it holds.
        if spec.ics["card.pin"] or file.read.access is Access.KEY
    ]
    first = {file.application: file for file in reversed(found) if "SSSE" in spec.lineage(file.application)}
    return list(first.values())[::-1]


@verifies("CARD-READ-REFUSED")
@for_each("file", guarded, ids=file_id)
def test_reading_refused(card: CardUnderTest, file: FileSpec) -> None:
    """Before the right to read is proved READ RECORD answers 6982 in every mode, with the file current or by SFI."""
    refusal = card.spec.command("READ-RECORD").statuses["security"].text
    card.select_world(file.application)
    card.select_file(file.id)
    for mode in card.spec.command("READ-RECORD").modes:
        for sfi in (0, file.sfi or 0):
            p1 = file.record_order[0] if mode.by == "identifier" else 1
            expect(card.transmit(card.apdu.read_record(p1, mode.number, sfi))).refused_with(refusal)
