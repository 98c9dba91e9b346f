"""Who may read a file: what the access rule asks for opens it, everything less is refused.

Generated from the data: each file of the information areas (and fingerprint and photo) times each right.
"""

from onecard.spec.card import CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, check, expect, files, for_each, verifies_by

ORDER = 150
Entry = tuple[FileSpec, files.Right]


def entry_id(entry: Entry) -> str:
    """A file and a right in a case id."""
    return f"{entry[0].id.replace('/', '-')}-{files.right_id(entry[1])}"


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def closed(spec: CardSpec) -> list[Entry]:
    """Every file with every right that does not open it for reading."""
    return [
        (file, right) for file in files.area_files(spec) for right in files.lacking(spec, file.read, file.application)
    ]


def open_(spec: CardSpec) -> list[Entry]:
    """Every file with every right that opens it for reading."""
    return [(file, right) for file in files.area_files(spec) for right in files.opening(spec, file.read)]


def refusal(card: CardUnderTest, file: FileSpec) -> str:
    """The status word for a missing right."""
    command = "READ-BINARY" if file.structure == Structure.TRANSPARENT else "READ-RECORD"
    return card.spec.command(command).statuses["security"].text


@verifies_by("entry", lambda entry: f"CARD-{files.area_of(entry[0])}-READ-REFUSED")
@for_each("entry", closed, ids=entry_id)
def test_refused(card: CardUnderTest, entry: Entry) -> None:
    """With less than the rule asks for, or with other keys of the area, every way of reading the file answers 6982."""
    file, right = entry
    card.select_world(file.application)
    files.prove(card, right)
    card.select_file(file.id)
    for command in files.reading(card.apdu, file):
        expect(card.transmit(command)).refused_with(refusal(card, file))


@verifies_by("entry", lambda entry: f"CARD-{files.area_of(entry[0])}-READ")
@for_each("entry", open_, ids=entry_id)
def test_opened(card: CardUnderTest, entry: Entry) -> None:
    """What the rule asks for opens the file, whichever way of reading it; where nothing is written yet there is no
    record.
    """
    file, right = entry
    card.select_world(file.application)
    files.prove(card, right)
    expect(card.send(card.apdu.select_ef(file.fid))).ok().length(0)
    missing = card.spec.command("READ-RECORD").statuses["record-not-found"].text
    for command in files.reading(card.apdu, file):
        response = card.send(command)
        if may_be_missing(file, command):
            expect(response).sw(card.success.text, missing)
        else:
            expect(response).ok()
        if response.is_ok:
            check(card, bool(response.data), what="data", expected="some", received=f"{len(response.data)} bytes")


def may_be_missing(file: FileSpec, command: bytes) -> bool:
    """Whether a card may not have the record that a command reads: a log, or an item that is optional."""
    if file.structure == Structure.TRANSPARENT:
        return False
    by_tag = command[3] & 7 < 4
    items = [item for item in file.items if not by_tag or item.tag == command[2]]
    return file.structure == Structure.CYCLIC or all(item.optional for item in items)


def neighbours(spec: CardSpec) -> list[FileSpec]:
    """Files that a key opens, where another application has a key of the same number."""
    return [
        file for file in files.area_files(spec) if file.read.key is not None and files.namesakes(spec, file.read.key)
    ]


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-READ-REFUSED")
@for_each("file", neighbours, ids=file_id)
def test_right_of_another_area(card: CardUnderTest, file: FileSpec) -> None:
    """A key of another area opens nothing here, although it has the number of the key that does."""
    other = files.namesakes(card.spec, file.read.key or "")[0]
    card.select_world(card.spec.keys[other].application)
    card.authenticate_external(other)
    card.select_application(file.application)
    card.select_file(file.id)
    for command in files.reading(card.apdu, file)[:2]:
        expect(card.transmit(command)).refused_with(refusal(card, file))


def with_pin_and_key(spec: CardSpec) -> list[FileSpec]:
    """Files that both the PIN and a key open."""
    return [file for file in files.area_files(spec) if any(len(right) > 1 for right in files.opening(spec, file.read))]


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-READ-REFUSED")
@for_each("file", with_pin_and_key, ids=file_id)
def test_half_is_lost_with_the_area(card: CardUnderTest, file: FileSpec) -> None:
    """PIN and key: leaving the area ends the key's right, and the PIN that stays is not enough."""
    card.select_world(file.application)
    files.prove(card, (files.PIN, file.read.key or ""))
    card.select_environment()
    card.select_application(file.application)
    card.select_file(file.id)
    for command in files.reading(card.apdu, file)[:2]:
        expect(card.transmit(command)).refused_with(refusal(card, file))
