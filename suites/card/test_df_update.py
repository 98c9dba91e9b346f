"""Who may update a file: its own key opens it, everything less is refused and leaves the content as it was.

Generated from the data: each file of the information areas (and fingerprint and photo) times each right.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from onecard.oracle.variation import another, another_record
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.testing import CardUnderTest, Inconclusive, check, destructive, expect, files, for_each, verifies_by

ORDER = 151
Entry = tuple[FileSpec, files.Right]
NUMBER, PREVIOUS = 4, 3
PIECE = 16


def entry_id(entry: Entry) -> str:
    """A file and a right in a case id."""
    return f"{entry[0].id.replace('/', '-')}-{files.right_id(entry[1])}"


def updated(spec: CardSpec) -> list[Entry]:
    """Every file that keeps its length with every right that opens it for updating."""
    return [entry for entry in _open(spec) if entry[0].structure != Structure.CYCLIC]


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
    if not held or not held[0]:
        raise Inconclusive(zh=f"{file.id} 没有记录", en=f"{file.id} has no record")
    record = held[0]
    if file.layout:
        return another_record(card.spec, file.layout, record)
    item = item_of(file, record)
    return record[:2] + another(card.spec, item, record[2:])


def item_of(file: FileSpec, record: bytes) -> Item:
    """The item that a record holds; one that the data do not know is judged by the cases about records."""
    for item in file.items:
        if item.tag == record[0]:
            return item
    raise Inconclusive(zh=f"记录标签 {record[:1].hex()} 未知", en=f"the record's tag {record[:1].hex()} is not known")


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
    if not readable(card, file):
        raise Inconclusive(zh=f"{file.id} 不可读，无法恢复", en=f"{file.id} does not read, so cannot be restored")
    held = found(card, file)
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
    """The log's own key opens it: the record written is the newest, and those before follow it."""
    file, right = entry
    held = found(card, file) if readable(card, file) else []
    data = OTHERS[file.structure](card, file, held)
    with_right(card, file, right)
    response = card.send(writing(card, file, data))
    if not response.is_ok:
        # The way of one program (field); the draft names the other.
        response = card.send(card.apdu.update_record(1, NUMBER, data))
    expect(response).ok().length(0)
    if readable(card, file):
        after = found(card, file)
        check(card, after[:1] == [data], what="newest record", expected=data.hex(), received=b"".join(after[:1]).hex())
