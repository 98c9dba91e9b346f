"""What the files of the information areas hold: their items with tag and length, and codes, dates and regions in them.

Generated from the data. An item that is not in use may be filled with padding, an optional one may be absent.
"""

from onecard.oracle.items import decode_record, verify
from onecard.oracle.tlv import fci_decode, simple_tlv_decode
from onecard.spec.card import CardSpec, FileSpec, Item, Structure
from onecard.testing import CardUnderTest, Response, check, expect, files, for_each, verifies, verifies_by

ORDER = 149
FIRST, NEXT, NUMBER = 0, 2, 4
PIECE = 16


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def readable(spec: CardSpec) -> list[FileSpec]:
    """Files of records that the tester can open for reading."""
    return [
        file
        for file in files.area_files(spec)
        if file.structure != Structure.TRANSPARENT and files.opening(spec, file.read)
    ]


def tagged(spec: CardSpec) -> list[FileSpec]:
    """Those whose records are TLVs."""
    return [file for file in readable(spec) if files.is_tagged(file)]


def untagged(spec: CardSpec) -> list[FileSpec]:
    """Those whose records are fields without tags."""
    return [file for file in readable(spec) if not files.is_tagged(file)]


def coded(spec: CardSpec) -> list[FileSpec]:
    """Those in which something stands that a table or a rule decides."""
    return [file for file in readable(spec) if any(has_rule(item) for item in (*file.items, *file.layout))]


def has_rule(item: Item) -> bool:
    """Whether a table or a rule decides about an item, or about one in it."""
    return bool(item.codes or item.check) or any(has_rule(inner) for inner in item.inner)


def known(file: FileSpec, record: bytes) -> bool:
    """Whether the tag of a record is one of the rules'; local items may follow them."""
    return record[:1] in [bytes((item.tag,)) for item in file.items]


def one_tlv(record: bytes) -> None:
    """A local item: any TLV. Raises ValueError."""
    if not simple_tlv_decode(record):
        raise ValueError("no data")


def held(card: CardUnderTest, file: FileSpec) -> list[Response]:
    """Every record of the file, opened by what its rule asks for."""
    holds = f"CARD-{files.area_of(file)}-RECORDS"
    card.select_world(file.application)
    files.prove(card, files.opening(card.spec, file.read)[-1])
    expect(card.send(card.apdu.select_ef(file.fid)), holds).ok()
    found = files.contents(card, file)
    for response in found:
        expect(response, holds).ok()
    if not found:
        missing = card.spec.command("READ-RECORD").statuses["record-not-found"].text
        expect(card.send(card.apdu.read_record(1, NUMBER))).refused_with(missing)
    return found


def areas(spec: CardSpec) -> list[str]:
    """The information areas of this card."""
    return [area for area in files.AREAS if area in spec.applications]


@verifies_by("area", lambda area: f"CARD-{area}-RECORDS")
@for_each("area", areas)
def test_area(card: CardUnderTest, area: str) -> None:
    """The area is there, under SSSE: selected by its identifier it tells its name, by its name the same."""
    application = card.spec.applications[area]
    card.select_environment()
    by_fid = card.send(card.apdu.select_fid(application.fid, 0x00))
    expect(by_fid).ok().conforms(fci_decode, "FCI")
    name = fci_decode(by_fid.data).name
    check(card, name == application.df_name, what="name", expected=application.df_name.hex(), received=name.hex())
    card.select_environment()
    expect(card.send(card.apdu.select_name(application.df_name))).ok().data(by_fid.data, "the FCI by identifier")


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-RECORDS")
@for_each("file", tagged, ids=file_id)
def test_items(card: CardUnderTest, file: FileSpec) -> None:
    """Every item is there as often as the data say, with its tag and length; its value is of its type."""
    found = held(card, file)
    tags = [response.data[0] for response in found if response.data]
    for item in file.items:
        wanted, count = file.record_order.count(item.tag), tags.count(item.tag)
        right = count == wanted or (item.optional and count < wanted)
        check(card, right, what=f"records {item.tag:02X}", expected=f"{wanted}", received=f"{count}")
    for response in found:
        if known(file, response.data):
            expect(response).conforms(lambda record: decode_record(card.spec, file, record), "an item of the data")
        else:
            expect(response).conforms(one_tlv, "a TLV")


@verifies("CARD-AREA-ORDER")
@for_each("file", tagged, ids=file_id)
def test_order(card: CardUnderTest, file: FileSpec) -> None:
    """The records stand in the order of the notice's table; optional ones may be absent."""
    tags = [response.data[0] for response in held(card, file) if known(file, response.data)]
    optional = {item.tag for item in file.items if item.optional}
    wanted = [tag for tag in file.record_order if tag in tags or tag not in optional]
    check(card, tags == wanted, what="order of the records", expected=bytes(wanted).hex(), received=bytes(tags).hex())


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-RECORDS")
@for_each("file", tagged, ids=file_id)
def test_by_identifier(card: CardUnderTest, file: FileSpec) -> None:
    """Each record is found by its tag too, those that share one in their order."""
    by_number = [response.data for response in held(card, file)]
    for item in file.items:
        wanted = [record for record in by_number if record[:1] == bytes((item.tag,))]
        card.select_file(file.id)
        for place, record in enumerate(wanted):
            mode = NEXT if place else FIRST
            expect(card.send(card.apdu.read_record(item.tag, mode))).ok().data(record, "the record read by number")


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-RECORDS")
@for_each("file", untagged, ids=file_id)
def test_fields(card: CardUnderTest, file: FileSpec) -> None:
    """Every record has the length of the data, and its fields are of their types; an unused record is filler."""
    for response in held(card, file):
        expect(response).length(file.record_length)
        expect(response).conforms(lambda record: decode_record(card.spec, file, record), "fields of the data")


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-CODES")
@for_each("file", coded, ids=file_id)
def test_codes(card: CardUnderTest, file: FileSpec) -> None:
    """What is filled in is right: codes stand in their tables, dates are dates, regions are regions."""

    def judged(record: bytes) -> None:
        for decoded in decode_record(card.spec, file, record):
            verify(card.spec, decoded)

    for response in held(card, file):
        if known(file, response.data) or file.layout:
            expect(response).conforms(judged, "codes, dates and regions of the data")
        else:
            expect(response).conforms(one_tlv, "a TLV")


def transparent(spec: CardSpec) -> list[FileSpec]:
    """Files of bytes that the tester can open for reading."""
    return [
        file
        for file in files.area_files(spec)
        if file.structure == Structure.TRANSPARENT and files.opening(spec, file.read)
    ]


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-SIZE")
@for_each("file", transparent, ids=file_id)
def test_size(card: CardUnderTest, file: FileSpec) -> None:
    """The file reads to its last byte, and an offset behind it answers 6B00."""
    card.select_world(file.application)
    files.prove(card, files.opening(card.spec, file.read)[-1])
    card.select_file(file.id)
    expect(card.send(card.apdu.read_binary(file.size - 2, 2))).ok().length(2)
    beyond = card.spec.command("READ-BINARY").statuses["offset"].text
    expect(card.transmit(card.apdu.read_binary(file.size, 1))).refused_with(beyond)


def plain(spec: CardSpec) -> list[FileSpec]:
    """Those in an information area of records."""
    return [file for file in transparent(spec) if file.application in files.AREAS]


@verifies_by("file", lambda file: f"CARD-{files.area_of(file)}-RECORDS")
@for_each("file", plain, ids=file_id)
def test_bytes(card: CardUnderTest, file: FileSpec) -> None:
    """A reserved file is one of bytes: it reads by offset, and a record of it answers 6981."""
    card.select_world(file.application)
    files.prove(card, files.opening(card.spec, file.read)[-1])
    expect(card.send(card.apdu.select_ef(file.fid))).ok()
    expect(card.send(card.apdu.read_binary(0, PIECE))).ok().length(PIECE)
    structure = card.spec.command("READ-RECORD").statuses["structure"].text
    expect(card.transmit(card.apdu.read_record(1, NUMBER))).refused_with(structure)
