"""READ RECORD: numbers, identifiers, ranges, short file identifiers, and records that do not exist."""

from onecard.oracle.tlv import simple_tlv_decode
from onecard.spec.card import CardSpec, FileSpec, Mode, Structure
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 70
RESERVED = 0xFF


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def files(spec: CardSpec) -> list[FileSpec]:
    """The record files of the environment; those of the applications are read by cases of their own."""
    found = [file for file in spec.files.values() if file.application == "SSSE"]
    return [file for file in found if file.structure == Structure.LINEAR_VARIABLE]


def sfi_of(file: FileSpec) -> int:
    """The short identifier of a file of the environment: each has one."""
    return file.sfi or 0


def modes(spec: CardSpec, *takes: str) -> list[Mode]:
    """The modes that take records so."""
    return [mode for mode in spec.command("READ-RECORD").modes if mode.takes in takes]


def one(spec: CardSpec, takes: str) -> int:
    """The number of the mode that takes records so."""
    return modes(spec, takes)[0].number


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of READ RECORD."""
    return card.spec.command("READ-RECORD").statuses[condition].text


def all_records(card: CardUnderTest, file: FileSpec) -> list[bytes]:
    """The records of the open file, read by number."""
    by_number = one(card.spec, "one")
    return [expect_record(card, number, by_number) for number in range(1, len(file.record_order) + 1)]


def expect_record(card: CardUnderTest, p1: int, mode: int) -> bytes:
    """A record that must read."""
    response = card.send(card.apdu.read_record(p1, mode))
    expect(response).ok()
    return response.data


@verifies("CARD-READ-NUMBER")
@for_each("file", files, ids=file_id)
def test_number(card: CardUnderTest, file: FileSpec) -> None:
    """A record read by number is one whole TLV."""
    card.open_for_reading(file.id)
    for number in range(1, len(file.record_order) + 1):
        response = card.send(card.apdu.read_record(number, one(card.spec, "one")))
        expect(response).ok().conforms(simple_tlv_decode, "a record in simple TLV")
        found = len(simple_tlv_decode(response.data))
        check(card, found == 1, what=f"items in record {number}", expected="1", received=str(found))


@verifies("CARD-READ-NUMBER")
@for_each("file", files, ids=file_id)
def test_numbers_differ(card: CardUnderTest, file: FileSpec) -> None:
    """Each number gives a record of its own, and the same one when it is read again."""
    card.open_for_reading(file.id)
    first = all_records(card, file)
    tags = {record[:1] for record in first}
    check(card, len(tags) == len(first), what="different tags", expected=str(len(first)), received=str(len(tags)))
    check(card, all_records(card, file) == first, what="second reading", expected="the same", received="another")


@verifies("CARD-READ-IDENTIFIER")
@for_each("file", files, ids=file_id)
@for_each("takes", ("first", "last", "next", "previous"))
def test_identifier(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """With no record current, first, last, next and previous with an identifier all give its only record."""
    card.open_for_reading(file.id)
    for tag in file.record_order:
        # Selecting the file anew leaves no record current.
        card.select_file(file.id)
        expect(card.send(card.apdu.read_record(tag, one(card.spec, takes)))).ok().starts_with(bytes((tag,)))


@verifies("CARD-READ-IDENTIFIER")
@for_each("file", files, ids=file_id)
@for_each("takes", ("next", "previous"))
def test_walk(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """From the first record "next" walks to the last one, from the last "previous" walks back to the first."""
    mode = one(card.spec, takes)
    order = file.record_order if takes == "next" else file.record_order[::-1]
    card.open_for_reading(file.id)
    expect(card.send(card.apdu.read_record(order[0], one(card.spec, "first")))).ok()
    for tag in order[1:]:
        expect(card.send(card.apdu.read_record(tag, mode))).ok().starts_with(bytes((tag,)))


@verifies("CARD-READ-IDENTIFIER")
@for_each("file", files, ids=file_id)
@for_each("takes", ("next", "previous"))
def test_walk_ends(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """Neither does "next" find a record that was passed, nor "previous" one that lies ahead: 6A83."""
    mode, first = one(card.spec, takes), one(card.spec, "first")
    here = file.record_order[3]
    card.open_for_reading(file.id)
    for tag in file.record_order[:4] if takes == "next" else file.record_order[3:]:
        card.select_file(file.id)
        expect(card.send(card.apdu.read_record(here, first))).ok()
        expect(card.send(card.apdu.read_record(tag, mode))).refused_with(status(card, "record-not-found"))


@verifies("CARD-READ-IDENTIFIER")
@for_each("file", files, ids=file_id)
@for_each("takes", ("first", "last"))
def test_any_order(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """First and last with an identifier are found from any current record, in any order."""
    mode = one(card.spec, takes)
    card.open_for_reading(file.id)
    for tag in (*file.record_order[::-2], *file.record_order, *file.record_order[::-1]):
        expect(card.send(card.apdu.read_record(tag, mode))).ok().starts_with(bytes((tag,)))


@verifies("CARD-READ-RANGE")
@for_each("file", files, ids=file_id)
@for_each("takes", ("from", "up-to"))
def test_range(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """Mode 5 gives the records from P1 to the last one, mode 6 those from the last one down to P1, in this order."""
    card.open_for_reading(file.id)
    records = all_records(card, file)
    for number in range(1, len(records) + 1):
        part = records[number - 1 :]
        wanted = b"".join(part if takes == "from" else reversed(part))
        response = card.send(card.apdu.read_record(number, one(card.spec, takes)))
        expect(response).ok().data(wanted, f"records {takes} {number}")


@verifies("CARD-READ-NOT-FOUND")
@for_each("file", files, ids=file_id)
@for_each("takes", ("one", "from", "up-to"))
def test_absent_number(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """A number behind the last record answers 6A83 in each mode by number."""
    card.open_for_reading(file.id)
    for number in (len(file.record_order) + 1, 0x7F, 0xFE):
        command = card.apdu.read_record(number, one(card.spec, takes))
        expect(card.send(command)).refused_with(status(card, "record-not-found"))


@verifies("CARD-READ-NOT-FOUND")
@for_each("file", files, ids=file_id)
def test_number_zero(card: CardUnderTest, file: FileSpec) -> None:
    """There is no record 00: with no record current it gives nothing."""
    card.open_for_reading(file.id)
    expect(card.send(card.apdu.read_record(0x00, one(card.spec, "one")))).refused()


@verifies("CARD-READ-NOT-FOUND")
@for_each("file", files, ids=file_id)
def test_absent_identifier(card: CardUnderTest, file: FileSpec) -> None:
    """An identifier that the file does not have, the other file's among them, answers 6A83 in each mode."""
    others = {tag for other in files(card.spec) for tag in other.record_order} - set(file.record_order)
    card.open_for_reading(file.id)
    for mode in modes(card.spec, "first", "last", "next", "previous"):
        for tag in (*sorted(others), 0x7E):
            command = card.apdu.read_record(tag, mode.number)
            expect(card.send(command)).refused_with(status(card, "record-not-found"))


@verifies("CARD-READ-RESERVED")
@for_each("file", files, ids=file_id)
@for_each("takes", ("one", "from", "up-to"))
def test_reserved_number(card: CardUnderTest, file: FileSpec, takes: str) -> None:
    """The reserved record number FF gives no data."""
    card.open_for_reading(file.id)
    expect(card.send(card.apdu.read_record(RESERVED, one(card.spec, takes)))).refused()


@verifies("CARD-READ-PARAMETERS")
@for_each("file", files, ids=file_id)
def test_undefined_mode(card: CardUnderTest, file: FileSpec) -> None:
    """A mode that is none of the defined ones answers 6A86, although record and file exist."""
    defined = {mode.number for mode in card.spec.command("READ-RECORD").modes}
    card.open_for_reading(file.id)
    for mode in set(range(8)) - defined:
        for p1, sfi in ((1, 0), (file.record_order[0], 0), (1, sfi_of(file)), (file.record_order[0], sfi_of(file))):
            command = card.apdu.read_record(p1, mode, sfi, 0x10)
            expect(card.send(command)).refused_with(status(card, "parameters"))


@verifies("CARD-READ-SFI")
@for_each("file", files, ids=file_id)
def test_sfi(card: CardUnderTest, file: FileSpec) -> None:
    """With the other file current, reading by SFI gives the records of the file that it names, in every mode."""
    other = next(each for each in files(card.spec) if each.id != file.id)
    tag, last = file.record_order[-1], len(file.record_order)
    card.open_for_reading(file.id)
    for mode in card.spec.command("READ-RECORD").modes:
        card.select_file(other.id)
        command = card.apdu.read_record(tag if mode.by == "identifier" else last, mode.number, sfi_of(file))
        expect(card.send(command)).ok().starts_with(bytes((tag, file.item(tag).length)))


@verifies("CARD-READ-SFI")
@for_each("file", files, ids=file_id)
def test_sfi_makes_current(card: CardUnderTest, file: FileSpec) -> None:
    """The file that was read by its SFI is current afterwards: reading goes on without the SFI."""
    other = next(each for each in files(card.spec) if each.id != file.id)
    card.open_for_reading(file.id)
    card.select_file(other.id)
    first, second = file.record_order[:2]
    expect(card.send(card.apdu.read_record(first, 0, sfi_of(file)))).ok().starts_with(bytes((first,)))
    expect(card.send(card.apdu.read_record(second, 0))).ok().starts_with(bytes((second,)))


@verifies("CARD-READ-SFI")
def test_sfi_without_selecting(card: CardUnderTest) -> None:
    """Right after the environment was selected its issuer file reads by SFI alone."""
    file = card.spec.file("SSSE/EF05")
    card.select_environment()
    for number, tag in enumerate(file.record_order, 1):
        expect(card.send(card.apdu.read_record(number, 4, sfi_of(file)))).ok().starts_with(bytes((tag,)))


# No generation has these in SSSE, and extensions begin at EF0C. The directory file may be one of them.
ABSENT_SFIS = (0x09, 0x0A, 0x04)


@verifies("CARD-READ-SFI")
def test_absent_sfi(card: CardUnderTest) -> None:
    """An SFI without a file answers 6A82, with and without a file current."""
    absent = [sfi for sfi in ABSENT_SFIS if sfi != card.ics["card.directory_sfi"]]
    commands = [card.apdu.read_record(1, 4, sfi) for sfi in absent]
    card.select_environment()
    for command in commands:
        expect(card.send(command)).refused_with(status(card, "file-not-found"))
    card.select_file("SSSE/EF05")
    for command in commands:
        expect(card.send(command)).refused_with(status(card, "file-not-found"))


@verifies("CARD-READ-SFI")
def test_reserved_sfi(card: CardUnderTest) -> None:
    """SFI 31 names no file."""
    command = card.apdu.read_record(1, 4, card.spec.command("READ-RECORD").sfi_range[1] + 1)
    card.open_for_reading("SSSE/EF05")
    expect(card.send(command)).refused_with(status(card, "file-not-found"), status(card, "parameters"))


@verifies("CARD-READ-NO-CURRENT")
@for_each("mode", lambda spec: spec.command("READ-RECORD").modes, ids=lambda mode: f"mode-{mode.number}")
def test_no_current_file(card: CardUnderTest, mode: Mode) -> None:
    """After selecting the environment no EF is current: reading without SFI answers 6986."""
    card.select_environment()
    command = card.apdu.read_record(1, mode.number, le=0x12)
    expect(card.send(command)).refused_with(status(card, "no-current-ef"))


@verifies("CARD-READ-NO-CURRENT")
@for_each("application", ("SSSE", "DF01"))
def test_no_current_file_after_selecting(card: CardUnderTest, application: str) -> None:
    """Selecting another application, or the environment by way of it, leaves no EF current: 6986."""
    card.open_for_reading("SSSE/EF05")
    card.select_application("DF01")
    if application != "DF01":
        card.select_application(application)
    expect(card.send(card.apdu.read_record(1, 4, le=0x12))).refused_with(status(card, "no-current-ef"))


@verifies("CARD-READ-NO-CURRENT")
@for_each("kind", ("cold", "warm"))
def test_no_current_file_after_reset(card: CardUnderTest, kind: str) -> None:
    """A reset leaves no EF current, whichever was read before it: 6986."""
    card.open_for_reading("SSSE/EF05")
    expect(card.send(card.apdu.read_record(1, 4, le=0x12)), "CARD-READ-NUMBER").ok()
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    expect(card.send(card.apdu.read_record(1, 4, le=0x12))).refused_with(status(card, "no-current-ef"))


@verifies("CARD-READ-REPEAT")
@for_each("file", files, ids=file_id)
def test_every_way_gives_the_same(card: CardUnderTest, file: FileSpec) -> None:
    """A record is the same by number and by identifier, with its file current or named by SFI."""
    card.open_for_reading(file.id)
    for number, tag in enumerate(file.record_order, 1):
        wanted = expect_record(card, number, 4)
        check(card, bool(wanted), what=f"record {number}", expected="some data", received=f"{len(wanted)} bytes")
        own = sfi_of(file)
        for p1, mode, sfi in ((tag, 0, 0), (tag, 1, 0), (tag, 0, own), (tag, 1, own), (number, 4, own)):
            command = card.apdu.read_record(p1, mode, sfi, len(wanted) & 0xFF)
            expect(card.send(command)).ok().data(wanted, f"record {number}, read by number")
