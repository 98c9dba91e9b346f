"""EF05 of SSSE: issuer data."""

from onecard.oracle.codec import date_decode
from onecard.oracle.identity import (
    card_number_decode,
    identification_code_decode,
    initialising_body_decode,
    region_decode,
)
from onecard.spec.card import CardSpec, CheckField, Item
from onecard.testing import CardUnderTest, PreambleFailed, Response, check, expect, for_each, verifies

ORDER = 50
FILE = "SSSE/EF05"
IDENTIFICATION, CLASS, VERSION, BODY, ISSUED, EXPIRES, CARD_NUMBER = range(0x01, 0x08)


def items(spec: CardSpec) -> tuple[Item, ...]:
    """The items of the file."""
    return spec.file(FILE).items


def item_id(item: Item) -> str:
    """The tag of an item in a case id."""
    return f"{item.tag:02X}"


def record_of(card: CardUnderTest, tag: int) -> Response:
    """The record of an item; one that does not read is judged by cases of its own."""
    card.open_for_reading(FILE)
    response = card.read_item(FILE, tag)
    if not response.is_ok or len(response.data) < 2:
        raise PreambleFailed(zh=f"读不到数据项 {tag:02X}", en=f"item {tag:02X} does not read: {response.shown()}")
    return response


def value_of(card: CardUnderTest, tag: int) -> bytes:
    """The value of an item."""
    return record_of(card, tag).data[2:]


def read_through(card: CardUnderTest, tag: int, way: str) -> Response:
    """Read an item right after a reset in one of the ways that terminals use."""
    file = card.spec.file(FILE)
    number, length = file.record_order.index(tag) + 1, file.item(tag).length + 2
    card.select_environment()
    if way == "SFI":
        return card.send(card.apdu.read_record(tag, 0, sfi=file.sfi, le=length))
    card.select_file(FILE)
    p1, mode = (tag, 0) if way == "identifier" else (number, 4)
    return card.send(card.apdu.read_record(p1, mode, le=length))


@verifies("CARD-EF05-READ")
@for_each("way", ("identifier", "number", "SFI"))
def test_reads_freely(card: CardUnderTest, way: str) -> None:
    """Every item of the issuer file reads without any authentication."""
    for item in items(card.spec):
        expect(read_through(card, item.tag, way)).ok().length(item.length + 2)


@verifies("CARD-EF05-RECORDS")
@for_each("item", items, ids=item_id)
def test_item(card: CardUnderTest, item: Item) -> None:
    """The item is there: its record is tag, length and as many bytes as the data items V2.0 say."""
    card.open_for_reading(FILE)
    response = card.send(card.apdu.read_record(item.tag, 0))
    expect(response).ok().starts_with(bytes((item.tag, item.length))).length(item.length + 2)


@verifies("CARD-EF05-RECORDS")
@for_each("place", lambda spec: list(enumerate(spec.file(FILE).record_order, 1)), ids=lambda place: f"{place[1]:02X}")
def test_place(card: CardUnderTest, place: tuple[int, int]) -> None:
    """The records stand in the order of their tags."""
    number, tag = place
    card.open_for_reading(FILE)
    expect(card.send(card.apdu.read_record(number, 4))).ok().starts_with(bytes((tag,)))


@verifies("CARD-EF05-IDENTIFICATION")
def test_identification_code(card: CardUnderTest) -> None:
    """The identification code is a region, D156000005, a serial and an authentication code."""
    expect(record_of(card, IDENTIFICATION)).conforms(
        lambda data: identification_code_decode(data[2:]), "card identification code"
    )


def judge_field(card: CardUnderTest, field: CheckField, octets: bytes) -> None:
    """A field of a structured item is what its coding asks: a region, BCD digits, fixed bytes, or no filler."""
    found = octets[field.offset : field.offset + field.length]
    expected = field.coding if field.value is None else field.value.hex().upper()
    ok = CODINGS[field.coding](found) if field.value is None else found == field.value
    check(card, ok, what=field.id.rpartition("/")[2].lower(), expected=expected, received=found.hex().upper())


def is_region(octets: bytes) -> bool:
    """Whether three bytes are a region code."""
    try:
        return bool(region_decode(octets, 0))
    except ValueError:
        return False


def is_bcd(octets: bytes) -> bool:
    """Whether all nibbles are digits."""
    return octets.hex().isdigit()


def is_filled(octets: bytes) -> bool:
    """Whether anything but filler stands there."""
    return bool(octets.strip(b"\xff"))


CODINGS = {"region": is_region, "bcd": is_bcd, "filled": is_filled}


def judged_fields(check_id: str, spec: CardSpec) -> list[CheckField]:
    """The fields of a structured item that have a rule."""
    return [field for field in spec.checks[check_id].fields if field.coding != "any"]


def field_id(field: CheckField) -> str:
    """A field in a case id."""
    return field.id.rpartition("/")[2]


@verifies("CARD-EF05-IDENTIFICATION")
@for_each("field", lambda spec: judged_fields("CHECK/IDENTIFICATION-CODE", spec), ids=field_id)
def test_identification_code_field(card: CardUnderTest, field: CheckField) -> None:
    """A field of the identification code stands in its place and is what its coding asks."""
    judge_field(card, field, value_of(card, IDENTIFICATION))


@verifies("CARD-EF05-CLASS")
def test_class(card: CardUnderTest) -> None:
    """The card class is one of the codes of the table."""
    table = card.spec.codes["CODES/CARD-CLASS"].values
    found = value_of(card, CLASS).decode("ascii", "replace")
    check(card, found in table, what="card class", expected=" ".join(table), received=found)


@verifies("CARD-EF05-VERSION")
def test_version(card: CardUnderTest) -> None:
    """The first digit of the specification version is that of the declared generation."""
    wanted = card.spec.checks["CHECK/VERSION"].value[:1].encode("ascii")
    found = value_of(card, VERSION)
    check(card, found[:1] == wanted, what="version", expected=f"{wanted.decode()}...", received=ascii(found))


@verifies("CARD-EF05-BODY")
def test_initialising_body(card: CardUnderTest) -> None:
    """The initialising body's number is 9156000002, two regions and a sequence number."""
    expect(record_of(card, BODY)).conforms(
        lambda data: initialising_body_decode(data[2:]), "initialising body's number"
    )


@verifies("CARD-EF05-BODY")
@for_each("field", lambda spec: judged_fields("CHECK/INITIALISING-BODY", spec), ids=field_id)
def test_initialising_body_field(card: CardUnderTest, field: CheckField) -> None:
    """A field of the initialising body's number stands in its place and is what its coding asks."""
    judge_field(card, field, value_of(card, BODY))


@verifies("CARD-EF05-DATES")
@for_each("tag", (ISSUED, EXPIRES), ids=lambda tag: f"{tag:02X}")
def test_date(card: CardUnderTest, tag: int) -> None:
    """Issue date and end of validity are dates CCYYMMDD in BCD."""
    expect(record_of(card, tag)).conforms(lambda data: date_decode(data[2:]), "date CCYYMMDD")


@verifies("CARD-EF05-DATES")
def test_validity(card: CardUnderTest) -> None:
    """The card's validity does not end before the card was issued."""
    issued, expires = value_of(card, ISSUED), value_of(card, EXPIRES)
    check(card, expires >= issued, what="end", expected=f"from {issued.hex()} on", received=expires.hex())


@verifies("CARD-EF05-CARD-NUMBER")
def test_card_number(card: CardUnderTest) -> None:
    """The card number begins with a capital letter, and its last character is the check of the others."""
    expect(record_of(card, CARD_NUMBER)).conforms(
        lambda data: card_number_decode(data[2:].decode("ascii", "replace")), "card number"
    )


@verifies("CARD-EF05-CARD-NUMBER")
def test_card_number_check(card: CardUnderTest) -> None:
    """The check character is the one that the weights of appendix A give."""
    rule, number = card.spec.checks["CHECK/CARD-NUMBER"], value_of(card, CARD_NUMBER).decode("ascii", "replace")
    values = [int(character, 36) if character.isalnum() else 0 for character in number[:8]]
    total = sum(value * weight for value, weight in zip(values, rule.weights, strict=False))
    expected = rule.characters[total % rule.modulus]
    check(card, number[8:] == expected, what="check character", expected=expected, received=number[8:])
