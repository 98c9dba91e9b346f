"""READ BINARY and UPDATE BINARY on transparent files: offsets, lengths, short identifiers, what a refusal leaves."""

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 145
# Offsets whose high byte is used, and whose low byte overflows.
WINDOW = range(0xE0, 0x120)
LONGEST_ANSWER = 256
PIECE = 0xF0


def files(spec: CardSpec) -> list[FileSpec]:
    """One transparent file of each size that a terminal may read and update."""
    found = [file for file in spec.files.values() if file.structure == Structure.TRANSPARENT]
    open_to_some = [file for file in found if Access.NEVER not in (file.read.access, file.update.access)]
    own = [file for file in open_to_some if "SSSE" in spec.lineage(file.application)]
    return list({file.size: file for file in reversed(own)}.values())


def guarded(spec: CardSpec) -> list[FileSpec]:
    """Those that do not read freely."""
    return [file for file in files(spec) if file.read.access is not Access.FREE]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def sfi_of(file: FileSpec) -> int:
    """The short identifier of a transparent file: each has one."""
    return file.sfi or 0


def status(card: CardUnderTest, command: str, condition: str) -> str:
    """A status word of a binary command."""
    return card.spec.command(command).statuses[condition].text


def part(card: CardUnderTest, offset: int, count: int) -> bytes:
    """Bytes of the current file, which must read."""
    response = card.send(card.apdu.read_binary(offset, count))
    expect(response, "CARD-READ-BINARY-OFFSET").ok().length(count)
    return response.data


def whole(card: CardUnderTest, file: FileSpec) -> bytes:
    """The current file, read in pieces."""
    return b"".join(part(card, at, min(PIECE, file.size - at)) for at in range(0, file.size, PIECE))


def kept(card: CardUnderTest, file: FileSpec, offset: int, count: int) -> bytes:
    """Bytes of the current file as they are found; they are put back at the end of the case."""
    found = part(card, offset, count)

    def restore() -> None:
        card.open_file(file.id, "update")
        if card.send(card.apdu.read_binary(offset, count)).data != found:
            expect(card.send(card.apdu.update_binary(offset, found)), "CARD-UPDATE-BINARY").ok()

    card.at_end(f"restore {file.id}", restore)
    return found


def marked(card: CardUnderTest, file: FileSpec) -> bytes:
    """Open a file and give its window bytes that all differ from their neighbours, so that an offset can be told."""
    card.open_file(file.id, "update")
    found = kept(card, file, WINDOW.start, len(WINDOW))
    mark = bytes((at * 7 + found[0] + 1) & 0xFF for at in range(len(WINDOW)))
    expect(card.send(card.apdu.update_binary(WINDOW.start, mark)), "CARD-UPDATE-BINARY").ok()
    return mark


@verifies("CARD-READ-BINARY-OFFSET")
@for_each("file", files, ids=file_id)
def test_offset(card: CardUnderTest, file: FileSpec) -> None:
    """Bytes are read from where the 15-bit offset says, as many as Le says, across a boundary of 256 bytes too."""
    mark = marked(card, file)
    for at, count in ((0, 1), (1, 0x10), (0x1F, 2), (0x20, 8), (0x2F, 0x11), (len(mark) - 1, 1)):
        response = card.send(card.apdu.read_binary(WINDOW.start + at, count))
        expect(response).ok().data(mark[at : at + count], f"{count} bytes from {WINDOW.start + at:04X}")


@verifies("CARD-READ-BINARY-OFFSET")
@for_each("file", files, ids=file_id)
def test_whole(card: CardUnderTest, file: FileSpec) -> None:
    """The file reads in pieces from its first byte to its last, and is the same when it is read again."""
    card.open_file(file.id)
    first = whole(card, file)
    check(card, whole(card, file) == first, what="second reading", expected="the same", received="another")


@verifies("CARD-READ-BINARY-OFFSET")
@for_each("file", files, ids=file_id)
def test_all_that_fits(card: CardUnderTest, file: FileSpec) -> None:
    """Le 00 gives 256 bytes, or fewer where the file ends before."""
    card.open_file(file.id)
    for offset in (0, file.size - LONGEST_ANSWER, file.size - 5, file.size - 1):
        rest = min(LONGEST_ANSWER, file.size - offset)
        expect(card.send(card.apdu.read_binary(offset, 0))).ok().length(rest)


@verifies("CARD-READ-BINARY-LENGTH")
@for_each("file", files, ids=file_id)
def test_more_than_the_rest(card: CardUnderTest, file: FileSpec) -> None:
    """An Le beyond the end of the file answers 6Cxx with the length of the rest; with it the rest reads."""
    card.require_raw_t0()
    card.open_file(file.id)
    for rest, asked in ((5, 6), (5, 0xFF), (1, 2), (0x7F, 0x80)):
        wanted = f"{card.t0.wrong_le:02X}{rest:02X}"
        response = card.transmit(card.apdu.read_binary(file.size - rest, asked))
        expect(response).refused_with(wanted)
        expect(card.transmit(card.apdu.read_binary(file.size - rest, rest))).ok().length(rest)


@verifies("CARD-READ-BINARY-BEYOND")
@for_each("file", files, ids=file_id)
def test_offset_beyond(card: CardUnderTest, file: FileSpec) -> None:
    """An offset at or behind the end of the file answers 6B00, whatever Le is."""
    card.open_file(file.id)
    for offset in (file.size, file.size + 1, 0x7FFF):
        for count in (0, 1):
            command = card.apdu.read_binary(offset, count)
            expect(card.transmit(command)).refused_with(status(card, "READ-BINARY", "offset"))


@verifies("CARD-READ-BINARY-SFI")
@for_each("file", files, ids=file_id)
def test_sfi(card: CardUnderTest, file: FileSpec) -> None:
    """With no file current, P1 = 100xxxxx reads the file with that SFI from P2; it is current afterwards."""
    mark = marked(card, file)
    card.select_world(file.application)
    card.prove_right(file.read, file.id)
    for at in (0, 0x10, 0x1F):
        response = card.send(card.apdu.read_binary(WINDOW.start + at, 4, sfi_of(file)))
        expect(response).ok().data(mark[at : at + 4], f"4 bytes from {WINDOW.start + at:02X}")
    expect(card.send(card.apdu.read_binary(WINDOW.start + 0x21, 4))).ok().data(mark[0x21:0x25], "4 bytes from 0101")


@verifies("CARD-READ-BINARY-SFI")
@for_each("sfi", (1, 2, 3, 4))
def test_absent_sfi(card: CardUnderTest, sfi: int) -> None:
    """An SFI that no file of the environment has answers 6A82, with and without a file current."""
    card.select_environment()
    for _ in range(2):
        response = card.send(card.apdu.read_binary(0, 1, sfi))
        expect(response).refused_with(status(card, "READ-BINARY", "file-not-found"))
        card.select_file("SSSE/EF05")


@verifies("CARD-READ-BINARY-PARAMETERS")
@for_each("p1", (0xA5, 0xC5, 0xE5, 0xFF), ids=lambda p1: f"P1-{p1:02X}")
def test_undefined_p1(card: CardUnderTest, p1: int) -> None:
    """A P1 with its high bit set and one of the next two answers 6A86, with and without a file current."""
    command = card.apdu.read_binary(0, 1)
    card.select_environment()
    for _ in range(2):
        response = card.send(command[:2] + bytes((p1,)) + command[3:])
        expect(response).refused_with(status(card, "READ-BINARY", "parameters"))
        card.select_file("SSSE/EF05")


@verifies("CARD-READ-BINARY-NO-CURRENT")
@for_each("offset", (0, 0x10, 0x0100))
def test_no_current_file(card: CardUnderTest, offset: int) -> None:
    """After selecting the environment no EF is current: reading by offset answers 6986."""
    card.select_environment()
    response = card.send(card.apdu.read_binary(offset, 1))
    expect(response).refused_with(status(card, "READ-BINARY", "no-current-ef"))


@verifies("CARD-READ-BINARY-REFUSED")
@for_each("file", guarded, ids=file_id)
def test_refused(card: CardUnderTest, file: FileSpec) -> None:
    """Before the right to read is proved every way of reading answers 6982 and no data."""
    card.select_world(file.application)
    refusal = status(card, "READ-BINARY", "security")
    expect(card.transmit(card.apdu.read_binary(0, 1, sfi_of(file)))).refused_with(refusal)
    card.select_file(file.id)
    for offset, count in ((0, 0), (0, 1), (file.size - 1, 1)):
        expect(card.transmit(card.apdu.read_binary(offset, count))).refused_with(refusal)
    expect(card.transmit(card.apdu.read_binary(0, 0, sfi_of(file)))).refused_with(refusal)


@verifies("CARD-STRUCTURE")
@for_each("by_sfi", (False, True), ids=lambda by_sfi: "SFI" if by_sfi else "current")
def test_reading_records_as_bytes(card: CardUnderTest, by_sfi: bool) -> None:
    """READ BINARY on the issuer file, which holds records, answers 6981 and no data."""
    file = card.spec.file("SSSE/EF05")
    card.select_environment()
    if not by_sfi:
        card.select_file(file.id)
    response = card.send(card.apdu.read_binary(0, 1, sfi_of(file) if by_sfi else None))
    expect(response).refused_with(status(card, "READ-BINARY", "structure"))


@verifies("CARD-STRUCTURE")
def test_writing_records_as_bytes(card: CardUnderTest) -> None:
    """UPDATE BINARY on the issuer file answers 6981 although its key is authenticated, and the record is as before."""
    file = card.spec.file("SSSE/EF05")
    card.open_for_update(file.id)
    before = card.read_item(file.id, file.record_order[0])
    expect(before, "CARD-READ-IDENTIFIER").ok()
    for sfi in (None, sfi_of(file)):
        response = card.send(card.apdu.update_binary(0, before.data[:1], sfi))
        expect(response).refused_with(status(card, "UPDATE-BINARY", "structure"))
    expect(card.read_item(file.id, file.record_order[0])).ok().data(before.data, "the record as it was")


@verifies("CARD-STRUCTURE")
@for_each("file", files, ids=file_id)
def test_bytes_as_records(card: CardUnderTest, file: FileSpec) -> None:
    """READ RECORD and UPDATE RECORD on a transparent file answer 6981 in every mode, and its bytes are as before."""
    card.open_file(file.id, "update")
    before = kept(card, file, 0, 8)
    for mode in card.spec.command("READ-RECORD").modes:
        response = card.send(card.apdu.read_record(1, mode.number))
        expect(response).refused_with(status(card, "READ-RECORD", "structure"))
    for mode in card.spec.command("UPDATE-RECORD").modes:
        response = card.send(card.apdu.update_record(before[0] or 1, mode.number, before[:1] + b"\x01\x00"))
        expect(response).refused_with(status(card, "UPDATE-RECORD", "structure"))
    expect(card.send(card.apdu.read_binary(0, 8))).ok().data(before, "the bytes as they were")


def places(spec: CardSpec) -> list[tuple[FileSpec, int, int]]:
    """Where bytes are written: at the beginning, across a boundary of 256, at the very end, and the longest write."""
    return [
        (file, offset, count)
        for file in files(spec)
        for offset, count in ((0, 4), (0xFC, 8), (file.size - 3, 3), (0x20, 0xFF))
    ]


def place_id(place: tuple[FileSpec, int, int]) -> str:
    """A place in a case id."""
    file, offset, count = place
    return f"{file_id(file)}-{offset:04X}-{count:02X}"


@verifies("CARD-UPDATE-BINARY")
@for_each("place", places, ids=place_id)
def test_update(card: CardUnderTest, place: tuple[FileSpec, int, int]) -> None:
    """Bytes written at an offset read back as written; those before and behind them are as before."""
    file, offset, count = place
    card.open_file(file.id, "update")
    start, end = max(offset - 4, 0), min(offset + count + 4, file.size)
    before = part(card, start, offset - start) if offset > start else b""
    behind = part(card, offset + count, end - offset - count) if end > offset + count else b""
    new = bytes(octet ^ 0x5A for octet in kept(card, file, offset, count))
    expect(card.send(card.apdu.update_binary(offset, new))).ok().length(0)
    expect(card.send(card.apdu.read_binary(offset, count))).ok().data(new, "the bytes as written")
    around = [(start, before), (offset + count, behind)]
    same = all(part(card, at, len(octets)) == octets for at, octets in around if octets)
    check(card, same, what="the bytes around", expected="as before", received="changed")


@verifies("CARD-UPDATE-BINARY")
@for_each("file", files, ids=file_id)
def test_update_by_sfi(card: CardUnderTest, file: FileSpec) -> None:
    """P1 = 100xxxxx writes into the file with that SFI from P2, with no file current; it is current afterwards."""
    card.open_file(file.id, "update")
    new = bytes(octet ^ 0xA5 for octet in kept(card, file, 0x81, 4))
    card.select_world(file.application)
    for rule in (file.read, file.update):
        card.prove_right(rule, file.id)
    expect(card.send(card.apdu.update_binary(0x81, new, sfi_of(file)))).ok().length(0)
    expect(card.send(card.apdu.read_binary(0x81, 4))).ok().data(new, "the bytes as written")


@verifies("CARD-UPDATE-BINARY")
@for_each("kind", ("cold", "warm"))
@for_each("file", lambda spec: files(spec)[:1], ids=file_id)
def test_survives_reset(card: CardUnderTest, file: FileSpec, kind: str) -> None:
    """What was written is still there after a reset."""
    card.open_file(file.id, "update")
    new = bytes(octet ^ 0x3C for octet in kept(card, file, 0x10, 4))
    expect(card.send(card.apdu.update_binary(0x10, new))).ok()
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    card.open_file(file.id)
    expect(card.send(card.apdu.read_binary(0x10, 4))).ok().data(new, "the bytes as written")


@verifies("CARD-UPDATE-BINARY")
@for_each("sfi", (1, 2, 3, 4))
def test_update_of_absent_sfi(card: CardUnderTest, sfi: int) -> None:
    """An SFI that no file of the environment has answers 6A82 although its key is authenticated."""
    card.open_for_update("SSSE/EF05")
    response = card.send(card.apdu.update_binary(0, b"\x00", sfi))
    expect(response).refused_with(status(card, "UPDATE-BINARY", "file-not-found"))


@verifies("CARD-UPDATE-BINARY-REFUSED")
@for_each("file", lambda spec: [file for file in files(spec) if file.read != file.update], ids=file_id)
def test_update_refused(card: CardUnderTest, file: FileSpec) -> None:
    """With the right to read alone an update answers 6982, and the bytes are as before."""
    card.open_file(file.id)
    before = kept(card, file, 0x10, 4)
    new = bytes(octet ^ 0xFF for octet in before)
    for sfi in (None, sfi_of(file)):
        response = card.transmit(card.apdu.update_binary(0x10, new, sfi))
        expect(response).refused_with(status(card, "UPDATE-BINARY", "security"))
        expect(card.send(card.apdu.read_binary(0x10, 4))).ok().data(before, "the bytes as they were")


@verifies("CARD-UPDATE-BINARY-BEYOND")
@for_each("file", files, ids=file_id)
def test_update_beyond(card: CardUnderTest, file: FileSpec) -> None:
    """An offset at or behind the end answers 6B00; the file is as long as before."""
    card.open_file(file.id, "update")
    for offset in (file.size, file.size + 1, 0x7FFF):
        response = card.send(card.apdu.update_binary(offset, b"\x00"))
        expect(response).refused_with(status(card, "UPDATE-BINARY", "offset"))
    expect(card.send(card.apdu.read_binary(file.size - 1, 0))).ok().length(1)


@verifies("CARD-UPDATE-BINARY-BEYOND")
@for_each("file", files, ids=file_id)
def test_update_across_the_end(card: CardUnderTest, file: FileSpec) -> None:
    """Data that go beyond the end of the file are refused as a whole: its last bytes are as before."""
    card.open_file(file.id, "update")
    before = kept(card, file, file.size - 4, 4)
    new = bytes(octet ^ 0xFF for octet in before) + b"\x5a"
    expect(card.send(card.apdu.update_binary(file.size - 4, new))).refused()
    expect(card.send(card.apdu.update_binary(file.size - 1, new[:2]))).refused()
    expect(card.send(card.apdu.read_binary(file.size - 4, 0))).ok().data(before, "the last bytes as they were")


@verifies("CARD-UPDATE-BINARY-OTHERS")
def test_update_without_data(card: CardUnderTest) -> None:
    """UPDATE BINARY with Lc 00 answers 6700."""
    card.open_for_update("SSSE/EF05")
    response = card.send(card.apdu.update_binary(0, b""))
    expect(response).refused_with(status(card, "UPDATE-BINARY", "length"))


@verifies("CARD-UPDATE-BINARY-OTHERS")
@for_each("p1", (0xA5, 0xC5, 0xE5), ids=lambda p1: f"P1-{p1:02X}")
def test_update_with_undefined_p1(card: CardUnderTest, p1: int) -> None:
    """A P1 with its high bit set and one of the next two answers 6A86."""
    command = card.apdu.update_binary(0, b"\x00")
    card.open_for_update("SSSE/EF05")
    response = card.send(command[:2] + bytes((p1,)) + command[3:])
    expect(response).refused_with(status(card, "UPDATE-BINARY", "parameters"))


@verifies("CARD-UPDATE-BINARY-OTHERS")
def test_update_without_current_file(card: CardUnderTest) -> None:
    """With the key authenticated and no EF current an update by offset answers 6986."""
    card.select_environment()
    card.authenticate_external("UKSSSE")
    response = card.send(card.apdu.update_binary(0, b"\x00"))
    expect(response).refused_with(status(card, "UPDATE-BINARY", "no-current-ef"))
