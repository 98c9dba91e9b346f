"""Who may update a file: its own key opens it, everything less is refused and leaves the content as it was.

Generated from the data: each file of the information areas (and fingerprint and photo) times each right.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.oracle.variation import another, another_record
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.spec.card_rules import forms_of
from onecard.testing import CardUnderTest, Inconclusive, check, destructive, expect, files, for_each, verifies_by

ORDER = 151
Entry = tuple[FileSpec, files.Right]
NUMBER, PREVIOUS = 4, 3
PIECE = 16


def entry_id(entry: Entry) -> str:
    """A file and a right in a case id."""
    return f"{entry[0].id.replace('/', '-')}-{files.right_id(entry[1])}"


def updated(spec: CardSpec) -> list[Entry]:
    """Every file that keeps its length, and can be read to be restored, with every right that opens it for updating."""
    kept = [entry for entry in _open(spec) if entry[0].structure != Structure.CYCLIC]
    return [(file, right) for file, right in kept if files.opening(spec, file.read)]


def appended(spec: CardSpec) -> list[Entry]:
    """Every cyclic file with every right that opens it for updating."""
    return [entry for entry in _open(spec) if entry[0].structure == Structure.CYCLIC]


def _open(spec: CardSpec) -> list[Entry]:
    return [(file, right) for file in files.area_files(spec) for right in files.opening(spec, file.update)]


def closed(spec: CardSpec) -> list[Entry]:
    """Every file with every right that does not open it for updating."""
    return [
        (file, right) for file in files.area_files(spec) for right in files.lacking(spec, file.update, file.application)
    ]


def readable(card: CardUnderTest, file: FileSpec) -> bool:
    """Whether what a file holds can be looked at."""
    return bool(files.opening(card.spec, file.read))


def found(card: CardUnderTest, file: FileSpec) -> list[bytes]:
    """What the file holds: its records, or its first bytes."""
    card.select_world(file.application)
    files.prove(card, files.opening(card.spec, file.read)[-1])
    card.select_file(file.id)
    if file.structure == Structure.TRANSPARENT:
        response = card.send(card.apdu.read_binary(0, PIECE))
        expect(response, f"CARD-{files.area_of(file)}-READ").ok()
        return [response.data]
    return [response.data for response in files.contents(card, file) if response.is_ok]


def other_linear(card: CardUnderTest, file: FileSpec, held: list[bytes]) -> bytes:
    """Another first record: the same item with another value."""
    record = held[0]
    if file.layout:
        return another_record(card.spec, file.layout, record)
    item = item_of(card, file, record)
    return record[:2] + another(card.spec, item, record[2:])


def item_of(card: CardUnderTest, file: FileSpec, record: bytes) -> Item:
    """The item that a record holds, in the form that it has; one that the data do not know is judged by the cases about
    records.
    """
    for item in file.items:
        for form in forms_of(card.spec, item):
            if record[:2] == bytes((form.tag, form.length)):
                return form
    raise Inconclusive(zh=f"记录 {record[:2].hex()} 未知", en=f"the record {record[:2].hex()} is not known")


def other_octets(card: CardUnderTest, file: FileSpec, held: list[bytes]) -> bytes:
    """Other first bytes."""
    return bytes(octet ^ 0x5A for octet in held[0])


def other_log(card: CardUnderTest, file: FileSpec, held: list[bytes]) -> bytes:
    """A record of the log that is not the newest one."""
    return another_record(card.spec, file.layout, held[0] if held else bytes(file.record_length))


Other = Callable[[CardUnderTest, FileSpec, list[bytes]], bytes]
Writing = Callable[[CardUnderTest, FileSpec, bytes], bytes]
OTHERS: Mapping[str, Other] = MappingProxyType(
    {
        Structure.LINEAR_VARIABLE: other_linear,
        Structure.LINEAR_FIXED: other_linear,
        Structure.TRANSPARENT: other_octets,
        Structure.CYCLIC: other_log,
    }
)
WRITING: Mapping[str, Writing] = MappingProxyType(
    {
        Structure.LINEAR_VARIABLE: lambda card, file, data: card.apdu.update_record(1, NUMBER, data),
        Structure.LINEAR_FIXED: lambda card, file, data: card.apdu.update_record(1, NUMBER, data),
        Structure.TRANSPARENT: lambda card, file, data: card.apdu.update_binary(0, data),
        Structure.CYCLIC: lambda card, file, data: card.apdu.update_record(0, PREVIOUS, data),
    }
)


def writing(card: CardUnderTest, file: FileSpec, data: bytes) -> bytes:
    """The command that writes the first record, the first bytes, or a new newest record."""
    return WRITING[file.structure](card, file, data)


def refusal(card: CardUnderTest, file: FileSpec) -> str:
    """The status word for a missing right."""
    command = "UPDATE-BINARY" if file.structure == Structure.TRANSPARENT else "UPDATE-RECORD"
    return card.spec.command(command).statuses["security"].text


def with_right(card: CardUnderTest, file: FileSpec, right: files.Right) -> None:
    """The file current with this right and no other."""
    card.reset()
    card.select_world(file.application)
    files.prove(card, right)
    card.select_file(file.id)


def restore_at_end(card: CardUnderTest, file: FileSpec, held: list[bytes], right: files.Right) -> None:
    """Put back what the file held, where it is not as it was found."""

    def restore() -> None:
        if found(card, file) != held:
            with_right(card, file, right)
            expect(card.send(writing(card, file, held[0])), "CARD-UPDATE-RECORD").ok()

    card.at_end(f"restore {file.id}", restore)


@verifies_by("entry", lambda entry: f"CARD-{files.area_of(entry[0])}-UPDATE-REFUSED")
@for_each("entry", closed, ids=entry_id)
def test_refused(card: CardUnderTest, entry: Entry) -> None:
    """With less than the rule asks for, or with the other keys of the area, an update answers 6982 and the content is
    as before.
    """
    file, right = entry
    held = found(card, file) if readable(card, file) else []
    if held and file.structure != Structure.CYCLIC:
        for opens in files.opening(card.spec, file.update)[:1]:
            restore_at_end(card, file, held, opens)
    data = OTHERS[file.structure](card, file, held) if held else card.random.bytes(file.record_length or PIECE)
    with_right(card, file, right)
    expect(card.transmit(writing(card, file, data))).refused_with(refusal(card, file))
    if held:
        check(card, found(card, file) == held, what="content", expected="as before", received="changed")


def neighbours(spec: CardSpec) -> list[FileSpec]:
    """Files whose update key has a namesake, of the same number, in another area."""
    return [file for file in files.area_files(spec) if file.update.key and files.namesakes(spec, file.update.key)]


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-UPDATE-REFUSED")
@for_each("file", neighbours, ids=lambda file: file.id.replace("/", "-"))
def test_right_of_another_area(card: CardUnderTest, file: FileSpec) -> None:
    """A key of another area does not open the file for updating, although it has the number of the key that does."""
    held = found(card, file) if readable(card, file) else []
    data = OTHERS[file.structure](card, file, held) if held else card.random.bytes(file.record_length or PIECE)
    if held and file.structure != Structure.CYCLIC:
        restore_at_end(card, file, held, (file.update.key or "",))
    card.reset()
    other = files.namesakes(card.spec, file.update.key or "")[0]
    card.select_world(card.spec.keys[other].application)
    card.authenticate_external(other)
    card.select_application(file.application)
    card.select_file(file.id)
    expect(card.transmit(writing(card, file, data))).refused_with(refusal(card, file))


@verifies_by("entry", lambda entry: f"CARD-{files.area_of(entry[0])}-UPDATE")
@for_each("entry", updated, ids=entry_id)
def test_updated(card: CardUnderTest, entry: Entry) -> None:
    """The file's own key opens it for updating; what was written reads back, and the rest is as before."""
    file, right = entry
    held = found(card, file)
    if not held:
        # An appended record would stay for ever: a malformed one shows as well that the right is there.
        with_right(card, file, right)
        statuses = card.spec.command("UPDATE-RECORD").statuses
        words = [statuses[name].text for name in ("tlv", "record-not-found", "length")]
        expect(card.send(card.apdu.update_record(1, NUMBER, bytes((file.items[0].tag, 0xFE, 0x00))))).sw(*words)
        return
    data = OTHERS[file.structure](card, file, held)
    restore_at_end(card, file, held, right)
    with_right(card, file, right)
    expect(card.send(writing(card, file, data))).ok().length(0)
    after = found(card, file)
    check(card, after[:1] == [data], what="content", expected=data.hex(), received=b"".join(after[:1]).hex())
    check(card, after[1:] == held[1:], what="the other records", expected="as before", received="changed")


@destructive("a record of a log, for ever")
@verifies_by("entry", lambda entry: f"CARD-{files.area_of(entry[0])}-UPDATE")
@for_each("entry", appended, ids=entry_id)
def test_appended(card: CardUnderTest, entry: Entry) -> None:
    """The log's own key opens it for as many records as the data say: the newest comes first, those before follow."""
    file, right = entry
    held = found(card, file) if readable(card, file) else []
    data = OTHERS[file.structure](card, file, held)
    with_right(card, file, right)
    for number in range(file.record_count):
        record = data if number % 2 == 0 else another_record(card.spec, file.layout, data)
        response = card.send(writing(card, file, record))
        if not response.is_ok:
            # The way of one program (field); the draft names the other.
            response = card.send(card.apdu.update_record(1, NUMBER, record))
        expect(response).ok().length(0)
        held = [record, *held]
    if readable(card, file):
        after = found(card, file)
        check(
            card,
            len(after) >= file.record_count and after == held[: len(after)],
            what="the log, newest first",
            expected=b"".join(held).hex(),
            received=b"".join(after).hex(),
        )
