"""SELECT: what it finds, what it refuses, and what a refusal leaves as it was."""

from collections.abc import Callable

from onecard.spec.card import Application, CardSpec, FileSpec, SelectMethod
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 20
ABSENT_FILE = 0xFFFF
ABSENT_FOLDER = 0xDFFE
UNKNOWN_NAME = bytes.fromhex("F04F4E45434152440102")
Failure = tuple[str, Callable[[CardUnderTest], bytes]]


def raw_select(card: CardUnderTest, p1: int, p2: int, data: bytes) -> bytes:
    """A SELECT that the builders would not make."""
    command = card.spec.command("SELECT")
    return bytes((command.cla, command.ins, p1, p2, len(data))) + data


def applications(spec: CardSpec) -> list[Application]:
    """The environment and the applications in it."""
    return [application for application in spec.applications.values() if "SSSE" in spec.lineage(application.id)]


def application_id(application: Application) -> str:
    """The id of an application in a case id."""
    return application.id


def method_by_name(spec: CardSpec) -> SelectMethod:
    """The method of selection by name."""
    return next(method for method in spec.command("SELECT").methods if method.by == "name")


def file_id(file: FileSpec) -> str:
    """The id of a file in a case id."""
    return file.id.replace("/", "-")


def environment_files(spec: CardSpec) -> list[FileSpec]:
    """The files of SSSE."""
    return [file for file in spec.files.values() if file.application == "SSSE"]


@verifies("CARD-SELECT-NAME")
@for_each("before", ("reset", "application", "file", "itself"))
def test_environment_by_name(card: CardUnderTest, before: str) -> None:
    """SSSE is selected by its name from wherever the card stands, and answers with its FCI."""
    name = card.spec.applications["SSSE"].aid
    if before != "reset":
        card.select_environment()
    if before == "application":
        card.select_application("DF01")
    if before == "file":
        card.select_file("SSSE/EF05")
    answer = expect(card.send(card.apdu.select_name(name))).ok()
    answer.conforms(lambda fci: fci.index(name), "an FCI that holds the name of SSSE")


@verifies("CARD-SELECT-NAME")
def test_name_is_the_label(card: CardUnderTest) -> None:
    """The name of SSSE is its label in GBK: a terminal that spells it out selects the same environment."""
    label = card.spec.applications["SSSE"].label.encode("gbk")
    by_name = card.select_environment()
    expect(card.send(card.apdu.select_name(label))).ok().data(by_name, "FCI")


@verifies("CARD-SELECT-MF")
@for_each("empty", (False, True), ids=lambda empty: "empty" if empty else "3F00")
def test_master_file(card: CardUnderTest, empty: bool) -> None:
    """3F00, or no data at all, selects the MF, which is SSSE: the FCI is the one that selection by name gives."""
    by_name = card.select_environment()
    card.select_application("DF01")
    fid = None if empty else card.spec.applications["SSSE"].fid
    expect(card.send(card.apdu.select_fid(fid, 0x00))).ok().data(by_name, "FCI")


@verifies("CARD-SELECT-EF")
@for_each("file", environment_files, ids=file_id)
def test_file(card: CardUnderTest, file: FileSpec) -> None:
    """An EF of the current DF is selected with P1=02: 9000 and no data, once and again."""
    card.select_environment()
    for _ in range(2):
        expect(card.send(card.apdu.select_ef(file.fid))).ok().length(0)


@verifies("CARD-SELECT-EF")
def test_file_becomes_current(card: CardUnderTest) -> None:
    """The selected EF is the one that reading without SFI reads: the first record is the file's first item."""
    file = card.spec.file("SSSE/EF05")
    card.select_environment()
    expect(card.send(card.apdu.select_ef(card.spec.file("SSSE/EF06").fid))).ok()
    expect(card.send(card.apdu.select_ef(file.fid))).ok()
    item = file.item(file.record_order[0])
    response = card.send(card.apdu.read_record(1, 4, le=item.length + 2))
    expect(response).ok().starts_with(bytes((item.tag, item.length)))


@verifies("CARD-SELECT-EF")
def test_file_of_another_application(card: CardUnderTest) -> None:
    """From an application the environment's EF05 is not reached: a file of that name there, if any, is another one."""
    file = card.spec.file("SSSE/EF05")
    item = file.item(file.record_order[0])
    card.open_for_reading(file.id)
    own = card.read_item(file.id, item.tag)
    expect(own, "CARD-READ-IDENTIFIER").ok()
    card.select_application("DF01")
    expect(card.send(card.apdu.select_ef(file.fid))).sw("9000", "6A82").length(0)
    there = card.send(card.apdu.read_record(item.tag, 0, le=item.length + 2))
    told = f"{there.sw:04X}" + (" and the environment's record" if there.data == own.data else "")
    check(card, there.data != own.data, what="record read from DF01", expected="not the environment's", received=told)


@verifies("CARD-SELECT-EF-P1-00")
@for_each("file", environment_files, ids=file_id)
def test_file_with_p1_00(card: CardUnderTest, file: FileSpec) -> None:
    """Declared: P1=00 selects an EF of the current DF, 9000 and no data."""
    card.select_environment()
    expect(card.send(card.apdu.select_fid(file.fid, 0x00))).ok().length(0)


@verifies("CARD-SELECT-EF-P1-00")
def test_file_with_p1_00_becomes_current(card: CardUnderTest) -> None:
    """Declared: the EF selected with P1=00 is the one that reading without SFI reads."""
    file = card.spec.file("SSSE/EF05")
    card.select_environment()
    expect(card.send(card.apdu.select_fid(file.fid, 0x00))).ok()
    item = file.item(file.record_order[-1])
    response = card.send(card.apdu.read_record(len(file.record_order), 4, le=item.length + 2))
    expect(response).ok().starts_with(bytes((item.tag, item.length)))


@verifies("CARD-SELECT-NOT-FOUND")
@for_each("p1", (0x00, 0x02), ids=lambda p1: f"P1-{p1:02X}")
def test_absent_identifier(card: CardUnderTest, p1: int) -> None:
    """A file identifier that the card does not have answers 6A82 and no data."""
    not_found = card.spec.command("SELECT").statuses["not-found"].text
    card.select_environment()
    for fid in (ABSENT_FILE, ABSENT_FOLDER):
        expect(card.send(card.apdu.select_fid(fid, p1))).refused_with(not_found)


@verifies("CARD-SELECT-NOT-FOUND")
def test_folder_is_no_file(card: CardUnderTest) -> None:
    """P1=02 selects EFs only: the identifier of an application answers 6A82."""
    card.select_environment()
    command = raw_select(card, 0x02, 0x00, b"\xdf\x01")
    expect(card.send(command)).refused_with(card.spec.command("SELECT").statuses["not-found"].text)


@verifies("CARD-SELECT-NOT-FOUND")
@for_each("application", applications, ids=application_id)
def test_similar_name(card: CardUnderTest, application: Application) -> None:
    """The whole name counts: one that differs in its first or last byte, or is longer, answers 6A82."""
    name, not_found = application.df_name, card.spec.command("SELECT").statuses["not-found"].text
    card.select_environment()
    longest = max(method_by_name(card.spec).lengths)
    for other in (name[:-1] + bytes((name[-1] ^ 0x80,)), bytes((name[0] ^ 0x80,)) + name[1:], name + b"\x5a"):
        if len(other) > longest:
            continue
        expect(card.send(card.apdu.select_name(other))).refused_with(not_found)


@verifies("CARD-SELECT-NOT-FOUND")
def test_unknown_name(card: CardUnderTest) -> None:
    """A name of which the card has not even a part answers 6A82."""
    expect(card.send(card.apdu.select_name(UNKNOWN_NAME))).refused_with(
        card.spec.command("SELECT").statuses["not-found"].text
    )


def partial_names(spec: CardSpec) -> list[bytes]:
    """Beginnings of the name of SSSE."""
    name = spec.applications["SSSE"].aid
    return [name[:-1], name[:7]]


@verifies("CARD-SELECT-NOT-FOUND")
@for_each(
    "name",
    lambda spec: [] if spec.ics["card.partial_name_selection"] else partial_names(spec),
    ids=lambda name: f"{len(name)}-bytes",
)
def test_partial_name_refused(card: CardUnderTest, name: bytes) -> None:
    """Not declared: the beginning of a name is the name of nothing, 6A82."""
    expect(card.send(card.apdu.select_name(name))).refused_with(card.spec.command("SELECT").statuses["not-found"].text)


@verifies("CARD-SELECT-NAME")
@for_each(
    "name",
    lambda spec: partial_names(spec) if spec.ics["card.partial_name_selection"] else [],
    ids=lambda name: f"{len(name)}-bytes",
)
def test_partial_name(card: CardUnderTest, name: bytes) -> None:
    """Declared: the beginning of its name selects SSSE, whose FCI holds the whole name."""
    whole = card.spec.applications["SSSE"].aid
    answer = expect(card.send(card.apdu.select_name(name))).ok()
    answer.conforms(lambda fci: fci.index(whole), "an FCI that holds the whole name")


@verifies("CARD-SELECT-NEXT")
@for_each("application", applications, ids=application_id)
def test_next_occurrence(card: CardUnderTest, application: Application) -> None:
    """A whole name has one occurrence: after the first, "next" answers 6A82, and does so again."""
    card.select_environment()
    card.select_application(application.id)
    for _ in range(2):
        response = card.send(card.apdu.select_name(application.df_name, next_=True))
        expect(response).refused_with(card.spec.command("SELECT").statuses["not-found"].text)


@verifies("CARD-SELECT-PARAMETERS")
def test_undefined_p1(card: CardUnderTest) -> None:
    """A P1 that no method of selection has answers 6A86."""
    refusal = card.spec.command("SELECT").statuses["parameters"].text
    fid = card.spec.file("SSSE/EF05").fid.to_bytes(2)
    card.select_environment()
    for p1 in (0x01, 0x03, 0x08, 0x0F, 0x84, 0xFF):
        expect(card.send(raw_select(card, p1, 0x00, fid))).refused_with(refusal)


@verifies("CARD-SELECT-PARAMETERS")
def test_undefined_p2(card: CardUnderTest) -> None:
    """A P2 that is neither "first" nor "next" answers 6A86, although the name is right."""
    refusal = card.spec.command("SELECT").statuses["parameters"].text
    for p2 in (0x01, 0x03, 0x10, 0xFF):
        expect(card.send(raw_select(card, 0x04, p2, card.spec.applications["SSSE"].aid))).refused_with(refusal)


def wrong_lengths(spec: CardSpec) -> list[tuple[SelectMethod, int]]:
    """Each method with the lengths just outside those that it allows."""
    return [
        (method, length)
        for method in spec.command("SELECT").methods
        for length in sorted({min(method.lengths) - 1, max(method.lengths) - 1, max(method.lengths) + 1})
        if length > 0 and length not in method.lengths
    ]


@verifies("CARD-SELECT-LENGTH")
@for_each("wrong", wrong_lengths, ids=lambda wrong: f"P1-{wrong[0].p1:02X}-Lc-{wrong[1]:02X}")
def test_wrong_length(card: CardUnderTest, wrong: tuple[SelectMethod, int]) -> None:
    """An Lc just outside the method's lengths answers 6700, even where the data begin like a file that exists."""
    method, length = wrong
    spec = card.spec
    known = spec.applications["SSSE"].aid if method.by == "name" else spec.file("SSSE/EF05").fid.to_bytes(2)
    data = known.ljust(length, b"\x5a")[:length]
    card.select_environment()
    expect(card.send(raw_select(card, method.p1, 0x00, data))).refused_with(
        spec.command("SELECT").statuses["length"].text
    )


@verifies("CARD-SELECT-LENGTH")
def test_shortest_and_longest_name(card: CardUnderTest) -> None:
    """Names of the shortest and longest length are judged as names: an unknown one answers 6A82, not 6700."""
    command = card.spec.command("SELECT")
    lengths = next(method.lengths for method in command.methods if method.by == "name")
    for length in (min(lengths), max(lengths)):
        name = UNKNOWN_NAME.ljust(length, b"\x5a")[:length]
        expect(card.send(card.apdu.select_name(name))).refused_with(command.statuses["not-found"].text)


FAILURES: tuple[Failure, ...] = (
    ("file", lambda card: card.apdu.select_ef(ABSENT_FILE)),
    ("folder", lambda card: card.apdu.select_fid(ABSENT_FOLDER, 0x00)),
    ("name", lambda card: card.apdu.select_name(UNKNOWN_NAME)),
    ("parameters", lambda card: raw_select(card, 0xFF, 0x00, b"\xef\x05")),
    ("length", lambda card: raw_select(card, 0x02, 0x00, b"\xef\x05\x00")),
)


@verifies("CARD-SELECT-FAILED-KEEPS")
@for_each("failure", FAILURES, ids=lambda failure: str(failure[0]))
def test_failure_keeps_file_and_rights(card: CardUnderTest, failure: Failure) -> None:
    """After a SELECT that fails, the current file reads on without SFI and is rewritten with its own content."""
    file = card.spec.file("SSSE/EF05")
    card.open_for_update(file.id)
    before = card.read_item(file.id, file.record_order[1])
    expect(before, "CARD-EF05-READ").ok()
    expect(card.send(failure[1](card))).refused()
    expect(card.read_item(file.id, file.record_order[1])).ok().data(before.data, "the record read before")
    expect(card.send(card.apdu.update_record(file.record_order[1], 0, before.data))).ok()
