"""Cyclic files: the newest record first, appending, and what a refusal leaves."""

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, Response, check, destructive, expect, for_each, verifies

ORDER = 146
BY_NUMBER = 4
MOST = 254
"""Record numbers end at 254."""


def files(spec: CardSpec) -> list[FileSpec]:
    """The cyclic files of the social security applications."""
    found = [file for file in spec.files.values() if file.structure == Structure.CYCLIC]
    own = [file for file in found if "SSSE" in spec.lineage(file.application)]
    # Where no PIN is set no source says whether a rule that asks for it holds.
    return [file for file in own if spec.ics["card.pin"] or file.read.access not in (Access.PIN, Access.PIN_AND_KEY)]


def writable(spec: CardSpec) -> list[FileSpec]:
    """Those that a terminal may append to."""
    return [file for file in files(spec) if file.update.access is not Access.NEVER]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def read(card: CardUnderTest, number: int) -> Response:
    """A record of the current file by its number."""
    return card.send(card.apdu.read_record(number, BY_NUMBER))


def not_found(card: CardUnderTest) -> str:
    """The status word for a record that is not there."""
    return card.spec.command("READ-RECORD").statuses["record-not-found"].text


def records(card: CardUnderTest) -> list[bytes]:
    """All records of the current file, newest first, until the card says that there is no further one."""
    found: list[bytes] = []
    while len(found) < MOST:
        response = read(card, len(found) + 1)
        if not response.is_ok:
            expect(response, "CARD-CYCLIC-READ").refused_with(not_found(card))
            break
        found.append(response.data)
    return found


def ways(card: CardUnderTest, record: bytes) -> list[bytes]:
    """The commands that append, as the sources write them."""
    written = [bytes.fromhex(way) for way in card.spec.command("UPDATE-RECORD").words("cyclic-append")]
    return [card.apdu.update_record(p1, mode, record) for p1, mode in written]


def append(card: CardUnderTest, record: bytes) -> Response:
    """Append in the way that the card takes: the draft's, or the one that a program uses."""
    first, *others = ways(card, record)
    response = card.send(first)
    for command in others:
        if not response.is_ok:
            response = card.send(command)
    return response


def fresh(card: CardUnderTest, file: FileSpec, number: int) -> bytes:
    """A record that differs from all others of the case."""
    return bytes((number,)) + card.random.bytes(file.record_length - 1)


@verifies("CARD-CYCLIC-READ")
@for_each("file", files, ids=file_id)
def test_read(card: CardUnderTest, file: FileSpec) -> None:
    """Every record has the length of the file's records; behind the last one the answer is 6A83."""
    card.open_file(file.id)
    for number, record in enumerate(records(card), 1):
        right = len(record) == file.record_length
        expected, received = f"{file.record_length} bytes", f"{len(record)} bytes"
        check(card, right, what=f"length of record {number}", expected=expected, received=received)
    expect(read(card, MOST)).refused_with(not_found(card))


@verifies("CARD-CYCLIC-READ")
@for_each("file", files, ids=file_id)
def test_read_again(card: CardUnderTest, file: FileSpec) -> None:
    """Reading changes nothing: the records are the same, in the same order, with and without the SFI."""
    card.open_file(file.id)
    first = records(card)
    check(card, records(card) == first, what="second reading", expected="the same", received="another")
    for number, record in enumerate(first[:3], 1):
        response = card.send(card.apdu.read_record(number, BY_NUMBER, file.sfi or 0))
        expect(response).ok().data(record, f"record {number}")


@verifies("CARD-CYCLIC-APPEND", "CARD-CYCLIC-READ")
@for_each("file", writable, ids=file_id)
@destructive("records of a cyclic file")
def test_append(card: CardUnderTest, file: FileSpec) -> None:
    """An appended record is record 1, the one before it record 2, and so on; after a reset too."""
    card.open_file(file.id, "update")
    before = records(card)
    added = [fresh(card, file, number) for number in range(3)]
    for record in added:
        expect(append(card, record)).ok().length(0)
        expect(read(card, 1), "CARD-CYCLIC-READ").ok().length(file.record_length)
        expect(read(card, 1)).ok().data(record, "the newest record")
    wanted = [*reversed(added), *before]
    for again in range(2):
        for number, record in enumerate(wanted[: file.record_count], 1):
            expect(read(card, number)).ok().data(record, f"record {number}")
        if not again:
            card.power_on()
            card.open_file(file.id)


@verifies("CARD-CYCLIC-APPEND")
@for_each("file", writable, ids=file_id)
@destructive("records of a cyclic file")
def test_oldest_falls_out(card: CardUnderTest, file: FileSpec) -> None:
    """Appending goes on for ever: the file holds the newest records, no fewer than the rules ask for, and no others."""
    card.open_file(file.id, "update")
    count = len(records(card))
    added: list[bytes] = []
    full = False
    while not full and len(added) < MOST:
        added.insert(0, fresh(card, file, len(added)))
        expect(append(card, added[0])).ok()
        if read(card, count + 1).is_ok:
            count += 1
        else:
            full = len(added) > count
    check(card, full, what="full file", expected=f"before {MOST} records were added", received="never")
    enough, expected = count >= file.record_count, f"{file.record_count} or more"
    check(card, enough, what="records of the full file", expected=expected, received=str(count))
    same = records(card) == added[:count]
    check(card, same, what="records of the full file", expected="the newest, newest first", received="others")


@verifies("CARD-CYCLIC-LENGTH")
@for_each("file", writable, ids=file_id)
def test_wrong_length(card: CardUnderTest, file: FileSpec) -> None:
    """A record that is too short or too long is refused in every way of appending, and the records are as before."""
    card.open_file(file.id, "update")
    before = records(card)
    for length in (1, file.record_length - 1, file.record_length + 1):
        if length < 0x100:
            for command in ways(card, bytes(length)):
                expect(card.send(command)).refused()
    check(card, records(card) == before, what="the records", expected="as before", received="changed")


def opened_for_reading_only(card: CardUnderTest, file: FileSpec) -> bool:
    """Open a file without its update key; whether it reads so (on 1.0 cards the update key may be the reading one)."""
    card.select_world(file.application)
    if file.read.key != file.update.key:
        card.prove_right(file.read, file.id)
    elif card.ics["card.pin"]:
        card.present_pin()
    card.select_file(file.id)
    return file.read.key != file.update.key or bool(card.ics["card.pin"])


@verifies("CARD-CYCLIC-REFUSED")
@for_each("file", writable, ids=file_id)
def test_refused(card: CardUnderTest, file: FileSpec) -> None:
    """With the right to read alone appending answers 6982, and the records are as before."""
    readable = opened_for_reading_only(card, file)
    before = records(card) if readable else []
    refusal = card.spec.command("UPDATE-RECORD").statuses["security"].text
    # The draft's way; one of the others may mean something else to the card.
    expect(card.transmit(ways(card, bytes(file.record_length))[0])).refused_with(refusal)
    for command in ways(card, bytes(file.record_length))[1:]:
        expect(card.transmit(command)).refused()
    if readable:
        check(card, records(card) == before, what="the records", expected="as before", received="changed")
