"""The transport application: selection, files, and that nothing updates them without a MAC."""

from onecard.oracle.codec import Charset, an_decode
from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import ber_tlv_decode, fci_decode
from onecard.spec.card import CardSpec, FileSpec, Structure
from onecard.spec.card_transport import transport_of
from onecard.testing import CardUnderTest, TransportDesk, check, expect, for_each, verifies

ORDER = 600
PUBLIC = 28
VERSION = 0x9F08
TIME = 3


def files(spec: CardSpec, *structures: str) -> list[FileSpec]:
    """The files of the application with one of these structures."""
    data = transport_of(spec)
    mine = data.purse.application if data is not None else None
    return [file for file in spec.files.values() if file.application == mine and file.structure in structures]


def transparent(spec: CardSpec) -> list[FileSpec]:
    """Its transparent files."""
    return files(spec, Structure.TRANSPARENT)


def of_records(spec: CardSpec) -> list[FileSpec]:
    """Its files of records."""
    return files(spec, Structure.CYCLIC, Structure.LINEAR_VARIABLE)


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def fields(file: FileSpec, content: bytes) -> dict[str, bytes]:
    """The fields of a file's layout by the last part of their ids."""
    found: dict[str, bytes] = {}
    for item in file.layout:
        found[item.id.rpartition("/")[2]], content = content[: item.length], content[item.length :]
    return found


def is_date(octets: bytes) -> bool:
    """A date YYYYMMDD in BCD."""
    digits = octets.hex()
    return digits.isdigit() and "0101" <= digits[4:] <= "1231" and digits[:2] in ("19", "20", "21")


def is_moment(octets: bytes) -> bool:
    """A date, a time hhmmss, or a date and a time, in BCD."""
    date, time = (octets[:4], octets[4:]) if len(octets) > TIME else (b"", octets)
    digits = time.hex()
    timely = not time or (digits.isdigit() and digits[:2] < "24" and digits[2:4] < "60" and digits[4:] < "60")
    return timely and (not date or is_date(date))


@verifies("CARD-TRANSPORT-SELECT")
def test_select(card: CardUnderTest) -> None:
    """A000000632010105 selects the application; 84 gives its name, A5 holds 9F08 and 9F0C."""
    desk = TransportDesk(card)
    name = card.spec.applications[desk.data.purse.application].aid
    response = card.send(card.apdu.select_name(name))
    expect(response).ok().conforms(fci_decode, "FCI")
    found = fci_decode(response.data)
    check(card, found.name == name, what="84", expected=name.hex().upper(), received=found.name.hex().upper())
    tags = {each.tag for each in found.unknown} | ({0x9F0C} if found.issuer_data is not None else set())
    shown = " ".join(f"{tag:X}" for tag in sorted(tags))
    check(card, {VERSION, 0x9F0C} <= tags, what="objects of A5", expected="9F08 and 9F0C", received=shown)
    version = next(each.value for each in found.unknown if each.tag == VERSION)
    objects = card.spec.applications[desk.data.purse.application].fci.objects
    length = next(len(each.value) for each in objects if each.tag == VERSION)
    check(card, len(version) == length, what="9F08", expected=f"{length} byte", received=version.hex().upper())


@verifies("CARD-TRANSPORT-FCI")
def test_information_in_fci(card: CardUnderTest) -> None:
    """9F0C of the FCI says what file 15 says, as far as both say the same things (28 bytes)."""
    desk = TransportDesk(card)
    issuer = fci_decode(desk.select()).issuer_data or b""
    content = desk.content("TRANSPORT/EF15")
    expect(content, "CARD-TRANSPORT-FILES").ok()
    wanted = content.data[:PUBLIC]
    check(card, issuer[:PUBLIC] == wanted, what="9F0C", expected=wanted.hex().upper(), received=issuer.hex().upper())


@verifies("CARD-TRANSPORT-FILES")
@for_each("file", transparent, ids=file_id)
def test_transparent_file(card: CardUnderTest, file: FileSpec) -> None:
    """The file reads without any right, by its SFI and by its identifier, and is as long as its layout."""
    desk = TransportDesk(card)
    card.select_world(desk.data.purse.application)
    by_sfi = desk.content(file.id)
    expect(by_sfi).ok().length(file.size)
    expect(card.send(card.apdu.read_binary(0, 0, file.sfi))).ok().length(sum(item.length for item in file.layout))
    expect(card.send(card.apdu.select_ef(file.fid))).ok()
    expect(card.send(card.apdu.read_binary(0, file.size))).ok().data(by_sfi.data, "the same content")


@verifies("CARD-TRANSPORT-FILES")
def test_public_information(card: CardUnderTest) -> None:
    """File 15: the card number is BCD with a leading nibble 0; start and end are dates in order."""
    desk = TransportDesk(card)
    card.select_world(desk.data.purse.application)
    content = desk.content("TRANSPORT/EF15")
    expect(content).ok()
    found = fields(card.spec.file("TRANSPORT/EF15"), content.data)
    number = found["SERIAL"].hex()
    check(card, number.isdigit() and number[0] == "0", what="serial", expected="0 and 19 digits", received=number)
    start, end = found["START"], found["END"]
    dates = f"{start.hex()} to {end.hex()}"
    check(card, is_date(start) and is_date(end) and start <= end, what="dates", expected="in order", received=dates)


@verifies("CARD-TRANSPORT-FILES")
def test_holder_data(card: CardUnderTest) -> None:
    """File 16: the name, where there is one, is GBK text, without the ? that a failed conversion leaves."""
    desk = TransportDesk(card)
    card.select_world(desk.data.purse.application)
    content = desk.content("TRANSPORT/EF16")
    expect(content).ok()
    name = fields(card.spec.file("TRANSPORT/EF16"), content.data)["NAME"]
    try:
        text = an_decode(name, Charset.GBK)
    except DecodeError as error:
        check(card, False, what="name", expected="GBK text", received=f"{name.hex().upper()}: {error}")
        return
    check(card, "?" not in text, what="name", expected="GBK text", received=name.hex().upper())


@verifies("CARD-TRANSPORT-FILES")
def test_administrative_information(card: CardUnderTest) -> None:
    """File 17: country, province and city are BCD."""
    desk = TransportDesk(card)
    card.select_world(desk.data.purse.application)
    content = desk.content("TRANSPORT/EF17")
    expect(content).ok()
    found = fields(card.spec.file("TRANSPORT/EF17"), content.data)
    for name in ("COUNTRY", "PROVINCE", "CITY"):
        digits = found[name].hex()
        check(card, digits.isdigit(), what=name.lower(), expected="BCD", received=digits)


@verifies("CARD-TRANSPORT-RECORDS")
@for_each("file", of_records, ids=file_id)
def test_records(card: CardUnderTest, file: FileSpec) -> None:
    """Each record reads freely by its number and has the length of the layout; behind the last one there is none."""
    desk = TransportDesk(card)
    desk.select()
    missing = card.spec.command("READ-RECORD").statuses["record-not-found"].text
    expect(card.send(card.apdu.select_ef(file.fid))).ok()
    for number in range(1, 0x20):
        response = desk.record(file.id, number)
        if not response.is_ok:
            expect(response).refused_with(missing)
            return
        expect(response).length(sum(item.length for item in file.layout))
    expect(desk.record(file.id, 0xFE)).refused_with(missing)


@verifies("CARD-TRANSPORT-RECORDS")
@for_each("file", of_records, ids=file_id)
def test_coded_fields(card: CardUnderTest, file: FileSpec) -> None:
    """In the newest record, where there is one, dates are dates and times are times, both in BCD."""
    desk = TransportDesk(card)
    desk.select()
    response = desk.record(file.id, 1)
    if not response.is_ok:
        expect(response).refused()
        return
    found = fields(file, response.data)
    for item in file.layout:
        octets = found[item.id.rpartition("/")[2]]
        right = item.type != "cn" or not any(octets) or is_moment(octets)
        check(card, right, what=item.name.en, expected="a date or time in BCD", received=octets.hex())


@verifies("CARD-TRANSPORT-RECORDS")
def test_compound_records(card: CardUnderTest) -> None:
    """The first record of file 1A holds its own length behind its identifier, and its length is that of the record."""
    desk = TransportDesk(card)
    desk.select()
    response = desk.record("TRANSPORT/EF1A", 1)
    expect(response).ok()
    told = fields(card.spec.file("TRANSPORT/EF1A"), response.data)["LENGTH"]
    wanted = len(response.data).to_bytes(2, "big")
    check(card, told == wanted, what="length", expected=wanted.hex(), received=told.hex())


@verifies("CARD-TRANSPORT-UPDATE-REFUSED")
@for_each("file", transparent, ids=file_id)
def test_plain_update(card: CardUnderTest, file: FileSpec) -> None:
    """UPDATE BINARY without a MAC, with the very content of the file, is refused, and the file is as before."""
    desk = TransportDesk(card)
    desk.select()
    before = desk.content(file.id)
    expect(before, "CARD-TRANSPORT-FILES").ok()
    expect(card.send(card.apdu.update_binary(0, before.data[:8], file.sfi))).refused()
    card.get_challenge(4)
    expect(card.send(card.apdu.update_binary(0, before.data[:8], file.sfi))).refused()
    expect(desk.content(file.id)).ok().data(before.data, "content")


@verifies("CARD-TRANSPORT-UPDATE-REFUSED")
@for_each("file", of_records, ids=file_id)
def test_record_update(card: CardUnderTest, file: FileSpec) -> None:
    """UPDATE RECORD, in place or as a new newest record, is refused, and the newest record is as before."""
    desk = TransportDesk(card)
    desk.select()
    before = desk.record(file.id, 1)
    record = before.data or bytes(file.record_length)
    for p1, mode in ((1, 4), (0, 3)):
        expect(card.send(card.apdu.update_record(p1, mode, record, file.sfi or 0))).refused()
    after = desk.record(file.id, 1)
    check(
        card,
        (after.sw, after.data) == (before.sw, before.data),
        what="newest record",
        expected=before.shown(),
        received=after.shown(),
    )


@verifies("CARD-TRANSPORT-SELECT")
def test_seen_fci(card: CardUnderTest) -> None:
    """The FCI has the shape of one seen: 6F31 8408 A000000632010105 A525 9F0801 xx 9F0C1E (fact: files)."""
    desk = TransportDesk(card)
    fci = desk.select()
    objects = ber_tlv_decode(fci, 0, len(fci))
    check(card, objects[0].tag == 0x6F, what="template", expected="6F", received=fci[:1].hex().upper())
    name = bytes.fromhex("8408A000000632010105")
    check(card, name in fci, what="84", expected=name.hex().upper(), received=fci.hex().upper())
    check(card, b"\x9f\x08\x01" in fci, what="9F08", expected="9F0801", received=fci.hex().upper())
    check(card, b"\x9f\x0c\x1e" in fci, what="9F0C", expected="9F0C1E", received=fci.hex().upper())
