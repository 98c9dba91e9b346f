"""Files of fixed-length records, and records that share an identifier."""

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, Response, check, expect, for_each, verifies

ORDER = 147
BY_NUMBER = 4
Repeated = tuple[FileSpec, int]


def own(spec: CardSpec) -> list[FileSpec]:
    """The files of the social security applications that a terminal may update."""
    found = [file for file in spec.files.values() if "SSSE" in spec.lineage(file.application)]
    # Where no PIN is set no source says whether a rule that asks for it holds.
    closed = {Access.NEVER} if spec.ics["card.pin"] else {Access.NEVER, Access.PIN, Access.PIN_AND_KEY}
    return [file for file in found if closed.isdisjoint((file.read.access, file.update.access))]


def files(spec: CardSpec) -> list[FileSpec]:
    """The files of fixed-length records."""
    return [file for file in own(spec) if file.structure == Structure.LINEAR_FIXED]


def repeated(spec: CardSpec) -> list[Repeated]:
    """Files with the first identifier that several of their records have; optional items may stand once only."""
    found = []
    for file in own(spec):
        mandatory = [item.tag for item in file.items if not item.optional]
        several = [tag for tag in mandatory if file.record_order.count(tag) > 1]
        found += [(file, tag) for tag in several[:1]]
    return found[:4]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def repeated_id(entry: Repeated) -> str:
    """A file and its identifier in a case id."""
    return f"{file_id(entry[0])}-{entry[1]:02X}"


def read(card: CardUnderTest, number: int) -> Response:
    """A record of the current file by its number."""
    return card.send(card.apdu.read_record(number, BY_NUMBER))


def kept(card: CardUnderTest, file: FileSpec, number: int) -> bytes:
    """A record as it is found; it is put back at the end of the case."""
    found = read(card, number)
    expect(found, "CARD-READ-NUMBER").ok()

    def restore() -> None:
        card.open_file(file.id, "update")
        if read(card, number).data != found.data:
            expect(card.send(card.apdu.update_record(number, BY_NUMBER, found.data)), "CARD-UPDATE-RECORD").ok()

    card.at_end(f"restore record {number} of {file.id}", restore)
    return found.data


def others(card: CardUnderTest, file: FileSpec, number: int) -> list[bytes]:
    """All records but one."""
    return [read(card, each).data for each in range(1, file.record_count + 1) if each != number]


@verifies("CARD-FIXED-READ")
@for_each("file", files, ids=file_id)
def test_read(card: CardUnderTest, file: FileSpec) -> None:
    """Each record that the rules give the file reads by its number, with the length of the file's records."""
    card.open_file(file.id)
    for number in range(1, file.record_count + 1):
        expect(read(card, number)).ok().length(file.record_length)


@verifies("CARD-FIXED-UPDATE")
@for_each("file", files, ids=file_id)
def test_update(card: CardUnderTest, file: FileSpec) -> None:
    """A record is updated whole by its number, with the file current or named by its SFI, and reads back as written;
    the others are as before.
    """
    card.open_file(file.id, "update")
    for number, sfi in ((1, 0), (file.record_count, file.sfi or 0)):
        before = kept(card, file, number)
        neighbours = others(card, file, number)
        after = before[:-1] + bytes((before[-1] ^ 0x01,))
        expect(card.send(card.apdu.update_record(number, BY_NUMBER, after, sfi))).ok().length(0)
        expect(read(card, number)).ok().data(after, "the record as written")
        same = others(card, file, number) == neighbours
        check(card, same, what="the other records", expected="as before", received="changed")


def resized(file: FileSpec, record: bytes, by: int) -> bytes:
    """A record that is longer or shorter, its length byte right where the records are TLV."""
    other = record[:by] if by < 0 else record + bytes(by)
    return other if file.layout else other[:1] + bytes((len(other) - 2,)) + other[2:]


@verifies("CARD-FIXED-UPDATE")
@for_each("file", files, ids=file_id)
@for_each("by", (-1, 1), ids=lambda by: "shorter" if by < 0 else "longer")
def test_wrong_length(card: CardUnderTest, file: FileSpec, by: int) -> None:
    """A record that is one byte shorter or longer than the file's records is refused, and the record is as before."""
    card.open_file(file.id, "update")
    before = kept(card, file, 1)
    expect(card.send(card.apdu.update_record(1, BY_NUMBER, resized(file, before, by)))).refused()
    expect(read(card, 1)).ok().data(before, "the record as it was")


def marked(card: CardUnderTest, file: FileSpec, tag: int) -> list[bytes]:
    """Open a file and make the records with an identifier differ; their content in order."""
    card.open_file(file.id, "update")
    marks = []
    for index in [index for index, found in enumerate(file.record_order) if found == tag]:
        record = kept(card, file, index + 1)
        marks.append(record[:-1] + bytes((index + 1,)))
        expect(card.send(card.apdu.update_record(index + 1, BY_NUMBER, marks[-1])), "CARD-UPDATE-RECORD").ok()
    card.select_file(file.id)
    return marks


def by_identifier(card: CardUnderTest, tag: int, takes: str) -> Response:
    """The first, next, previous or last record with an identifier."""
    mode = next(mode.number for mode in card.spec.command("READ-RECORD").modes if mode.takes == takes)
    return card.send(card.apdu.read_record(tag, mode))


@verifies("CARD-REPEATED-IDENTIFIER")
@for_each("entry", repeated, ids=repeated_id)
@for_each("way", ("forwards", "backwards"))
def test_walk(card: CardUnderTest, entry: Repeated, way: str) -> None:
    """From the first record with an identifier "next" gives the others in order, then 6A83; backwards likewise."""
    start, step = ("first", "next") if way == "forwards" else ("last", "previous")
    file, tag = entry
    marks = marked(card, file, tag)
    wanted = marks if way == "forwards" else marks[::-1]
    expect(by_identifier(card, tag, start)).ok().data(wanted[0], f"the {start} record")
    for number, record in enumerate(wanted[1:], 2):
        expect(by_identifier(card, tag, step)).ok().data(record, f"record {number} on the way")
    not_found = card.spec.command("READ-RECORD").statuses["record-not-found"].text
    expect(by_identifier(card, tag, step)).refused_with(not_found)


@verifies("CARD-REPEATED-IDENTIFIER", "CARD-UPDATE-RECORD")
@for_each("entry", repeated, ids=repeated_id)
@for_each("takes", ("first", "last", "next", "previous"))
def test_update_one_of_several(card: CardUnderTest, entry: Repeated, takes: str) -> None:
    """Updating the first, last, next or previous record with an identifier changes that record and no other."""
    file, tag = entry
    marks = marked(card, file, tag)
    places = {"first": 0, "last": -1, "next": 1, "previous": -2}
    start = "first" if takes in ("next", "last") else "last"
    expect(by_identifier(card, tag, start), "CARD-REPEATED-IDENTIFIER").ok()
    changed = marks[places[takes]][:-1] + b"\x5a"
    marks[places[takes]] = changed
    mode = next(mode.number for mode in card.spec.command("UPDATE-RECORD").modes if mode.takes == takes)
    expect(card.send(card.apdu.update_record(tag, mode, changed)), "CARD-UPDATE-RECORD").ok().length(0)
    numbers = [index + 1 for index, found in enumerate(file.record_order) if found == tag]
    for number, wanted in zip(numbers, marks, strict=True):
        expect(read(card, number), "CARD-UPDATE-RECORD").ok().data(wanted, f"record {number}")


@verifies("CARD-REPEATED-IDENTIFIER")
@for_each("entry", repeated, ids=repeated_id)
def test_first_and_last(card: CardUnderTest, entry: Repeated) -> None:
    """First and last give the outermost records with the identifier, whichever record is current."""
    file, tag = entry
    marks = marked(card, file, tag)
    for takes, wanted in (("first", 0), ("last", -1), ("last", -1), ("first", 0)):
        expect(by_identifier(card, tag, takes)).ok().data(marks[wanted], f"the {takes} record")
