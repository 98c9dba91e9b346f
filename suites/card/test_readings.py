"""Where the sources disagree: a card that follows any of them passes, one that follows none does not.

Generated from the readings and tag conflicts of the data.
"""

from onecard.oracle.items import decode_record, verify
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_rules import TagConflict, conflicts_of, readings_of
from onecard.testing import CardUnderTest, Response, check, expect, files, for_each, verifies

ORDER = 153
DATE_FILE, INSURANCE_FILE, UNEMPLOYED = "DF02/EF06", "DF03/EF05", 0x60


def held(card: CardUnderTest, file: FileSpec) -> list[Response]:
    """The records of a file, opened by what its rule asks for."""
    card.open_file(file.id)
    found = files.contents(card, file)
    for response in found:
        expect(response).ok()
    return found


@verifies("CARD-READINGS")
def test_certificate_number(card: CardUnderTest) -> None:
    """Tag 55 of the certificate of employment has one of the forms told of it: 16 characters, or 8 bytes of BCD."""
    file = card.spec.file("DF02/EF09")
    forms = [reading.value for reading in readings_of(card.spec, "DF02/EF09/55")]
    lengths = [form["length"] for form in forms if isinstance(form, dict)] or [file.item(0x55).length]
    for response in held(card, file):
        if response.data[:1] == b"\x55":
            check(
                card,
                response.data[1] in lengths and len(response.data) == response.data[1] + 2,
                what="length of tag 55",
                expected=" or ".join(map(str, lengths)),
                received=response.data.hex().upper(),
            )
            expect(response).conforms(lambda record: decode_record(card.spec, file, record), "a certificate number")


@verifies("CARD-READINGS")
def test_identification_code(card: CardUnderTest) -> None:
    """The serial may be that of the historical bytes or another one, the authentication code computed or FFFFFFFF: the
    code has 16 bytes either way, and its first three groups are in place.
    """
    file = card.spec.file("SSSE/EF05")
    card.open_file(file.id)
    response = card.read_item(file.id, 0x01)
    expect(response).ok().length(file.item(0x01).length + 2)

    def judged(record: bytes) -> None:
        for decoded in decode_record(card.spec, file, record):
            verify(card.spec, decoded)

    expect(response).conforms(judged, "region, D156000005, serial and authentication code")


def conflicts(spec: CardSpec) -> list[TagConflict]:
    """Tags with two meanings in the files of the card that the tester can open."""
    return [
        each
        for each in conflicts_of(spec)
        if each.file in spec.files and files.opening(spec, spec.files[each.file].read)
    ]


def conflict_id(conflict: TagConflict) -> str:
    """A conflict in a case id."""
    return f"{conflict.file.replace('/', '-')}-{conflict.tag:02X}"


@verifies("CARD-TAG-MEANING")
@for_each("conflict", conflicts, ids=conflict_id)
def test_tag_with_two_meanings(card: CardUnderTest, conflict: TagConflict) -> None:
    """The value has the old meaning, or the new one filled with E to the old length; what counts of it is right."""
    file = card.spec.file(conflict.file)

    def judged(record: bytes) -> None:
        for decoded in decode_record(card.spec, file, record):
            verify(card.spec, decoded)

    for response in held(card, file):
        if response.data[:1] == bytes((conflict.tag,)):
            expect(response).conforms(judged, f"{conflict.old.name.en}, or {conflict.new.name.en} filled with E")


@verifies("CARD-UNEMPLOYMENT-DATE")
def test_unemployment_date_stands_once(card: CardUnderTest) -> None:
    """The date of the last registration of unemployment is filled in one of the two files that may hold it."""
    filled = []
    both = [card.spec.file(name) for name in (DATE_FILE, INSURANCE_FILE)]
    for file in (file for file in both if files.opening(card.spec, file.read)):
        name, records = file.id, [response.data for response in held(card, file)]
        filled += [name for record in records if record[:1] == bytes((UNEMPLOYED,)) and record[2:].strip(b"\x00\xff")]
    check(
        card,
        len(filled) <= 1,
        what="files with item 60",
        expected="one",
        received=" and ".join(filled) or "none",
    )
