"""EF06 of SSSE: basic information of the holder."""

from onecard.oracle.checks import in_table
from onecard.oracle.codec import Charset, an_decode, bcd_decode, date_decode, name_decode
from onecard.oracle.identity import Sex, citizen_number_decode, region_decode
from onecard.spec.card import CardSpec, Item, Mode
from onecard.spec.card_rules import ranges_of
from onecard.testing import CardUnderTest, PreambleFailed, Response, check, expect, for_each, verifies

ORDER = 60
FILE = "SSSE/EF06"
NUMBER, NAME, EXTENSION, SEX, NATION, BIRTHPLACE, BIRTHDATE = 0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D
FIRST_PRINTABLE = 0x20  # below it no byte is part of a character, in ASCII or in GBK
Way = tuple[Mode, bool]


def items(spec: CardSpec) -> tuple[Item, ...]:
    """The items of the file."""
    return spec.file(FILE).items


def item_id(item: Item) -> str:
    """The tag of an item in a case id."""
    return f"{item.tag:02X}"


def ways(spec: CardSpec) -> list[Way]:
    """Every mode of reading, the file being current or addressed by its SFI."""
    return [(mode, by_sfi) for mode in spec.command("READ-RECORD").modes for by_sfi in (False, True)]


def way_id(way: Way) -> str:
    """A way of reading in a case id."""
    mode, by_sfi = way
    return f"mode-{mode.number}" + ("-SFI" if by_sfi else "")


def reads_of(card: CardUnderTest, way: Way) -> list[bytes]:
    """READ RECORD of everything that a way of reading can address, with the exact Le and with Le 00."""
    (mode, by_sfi), file = way, card.spec.file(FILE)
    lengths = [file.item(tag).length + 2 for tag in file.record_order]
    commands = []
    for place, tag in enumerate(file.record_order):
        exact = sum(lengths[place:]) if mode.takes in ("from", "up-to") else lengths[place]
        p1 = tag if mode.by == "identifier" else place + 1
        commands += [card.apdu.read_record(p1, mode.number, file.sfi if by_sfi else 0, le) for le in (exact, 0)]
    return commands


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


@verifies("CARD-EF06-READ")
@for_each("way", ways, ids=way_id)
def test_refused_before_authentication(card: CardUnderTest, way: Way) -> None:
    """Before RKSSSE is authenticated this way of reading answers 6982 and no data, whatever record and Le it names."""
    refusal = card.spec.command("READ-RECORD").statuses["security"].text
    card.select_environment()
    card.select_file(FILE)
    for command in reads_of(card, way):
        expect(card.transmit(command)).refused_with(refusal)


@verifies("CARD-EF06-READ")
def test_refused_after_pin(card: CardUnderTest) -> None:
    """The PIN opens nothing in this file: reading is refused after the query and, where a PIN is set, after the PIN."""
    refusal = card.spec.command("READ-RECORD").statuses["security"].text
    card.select_environment()
    commands = [card.apdu.verify(b"")]
    if card.ics["card.pin"]:
        commands.append(card.apdu.verify(card.pin_bytes))
    card.select_file(FILE)
    for command in commands:
        response = card.send(command)
        if len(command) > 5:
            card.noted("PIN", response)
        expect(card.transmit(card.apdu.read_record(NUMBER, 0, le=20))).refused_with(refusal)


@verifies("CARD-EF06-READ")
def test_refused_after_reading_the_issuer_file(card: CardUnderTest) -> None:
    """That the issuer file reads freely opens nothing: with it current, EF06 by SFI is refused."""
    card.open_for_reading("SSSE/EF05")
    expect(card.read_item("SSSE/EF05", 0x01), "CARD-EF05-READ").ok()
    command = card.apdu.read_record(NUMBER, 0, card.spec.file(FILE).sfi, 20)
    expect(card.transmit(command)).refused_with(card.spec.command("READ-RECORD").statuses["security"].text)


@verifies("CARD-EF06-READ-KEY")
@for_each("item", items, ids=item_id)
def test_read_with_key(card: CardUnderTest, item: Item) -> None:
    """After RKSSSE is authenticated the item reads by identifier, the file being current or addressed by its SFI."""
    card.select_environment()
    card.authenticate_external("RKSSSE")
    length, sfi = item.length + 2, card.spec.file(FILE).sfi
    by_sfi = card.send(card.apdu.read_record(item.tag, 0, sfi, length))
    expect(by_sfi).ok().length(length)
    card.select_file(FILE)
    expect(card.send(card.apdu.read_record(item.tag, 0, 0, length))).ok().data(by_sfi.data, "the record read by SFI")


@verifies("CARD-EF06-READ-FREE")
@for_each("way", ways, ids=way_id)
def test_read_freely(card: CardUnderTest, way: Way) -> None:
    """First- and second-generation cards give the holder file without any authentication."""
    for command in reads_of(card, way):
        # Selecting the file anew leaves no record current, which "next" and "previous" would count from.
        card.select_environment()
        card.select_file(FILE)
        if command[4]:
            expect(card.send(command)).ok().length(command[4])


@verifies("CARD-EF06-RECORDS")
@for_each("item", items, ids=item_id)
def test_item(card: CardUnderTest, item: Item) -> None:
    """The item is there: its record is tag, length and as many bytes as the data items V2.0 say."""
    card.open_for_reading(FILE)
    response = card.send(card.apdu.read_record(item.tag, 0))
    expect(response).ok().starts_with(bytes((item.tag, item.length))).length(item.length + 2)


@verifies("CARD-EF06-RECORDS")
def test_name_extension(card: CardUnderTest) -> None:
    """The name extension is there from the second generation on, and not before."""
    card.open_for_reading(FILE)
    response = card.send(card.apdu.read_record(EXTENSION, 0))
    if any(item.tag == EXTENSION for item in items(card.spec)):
        expect(response).ok().length(22)
    else:
        expect(response).refused_with(card.spec.command("READ-RECORD").statuses["record-not-found"].text)


@verifies("CARD-EF06-ORDER")
@for_each("place", lambda spec: list(enumerate(spec.file(FILE).record_order, 1)), ids=lambda place: f"{place[1]:02X}")
def test_place(card: CardUnderTest, place: tuple[int, int]) -> None:
    """The record of this number holds the item that the generation's order has there."""
    number, tag = place
    card.open_for_reading(FILE)
    expect(card.send(card.apdu.read_record(number, 4))).ok().starts_with(bytes((tag,)))


@verifies("CARD-EF06-NUMBER")
def test_number(card: CardUnderTest) -> None:
    """A citizen's social security number has a region, a birth date and the right check character."""
    expect(record_of(card, NUMBER)).conforms(
        lambda data: citizen_number_decode(data[2:].decode("ascii", "replace")), "GB 11643"
    )


@verifies("CARD-EF06-NUMBER")
def test_number_check(card: CardUnderTest) -> None:
    """The check character is the one that the weights of GB 11643 give."""
    rule, number = card.spec.checks["CHECK/GB11643"], value_of(card, NUMBER).decode("ascii", "replace")
    digits = [int(character) if character.isdigit() else 0 for character in number[:17]]
    total = sum(digit * weight for digit, weight in zip(digits, rule.weights, strict=False))
    expected = rule.characters[total % rule.modulus]
    check(card, number[17:] == expected, what="check character", expected=expected, received=number[17:])


@verifies("CARD-EF06-NAME")
def test_name(card: CardUnderTest) -> None:
    """The name with its extension is GBK: no character is cut and no control character stands in it."""
    extension = value_of(card, EXTENSION) if EXTENSION in card.spec.file(FILE).record_order else b""
    expect(record_of(card, NAME)).conforms(lambda data: name_decode(data[2:], extension), "a name in GBK")


@verifies("CARD-EF06-NAME")
def test_name_is_not_empty(card: CardUnderTest) -> None:
    """The holder has a name."""
    name = value_of(card, NAME).rstrip(b"\x00 ")
    check(card, bool(name), what="name", expected="at least one character", received=name.hex().upper() or "nothing")


@verifies("CARD-EF06-SEX")
def test_sex(card: CardUnderTest) -> None:
    """The sex code is one of the table: 1, 2 or 9."""
    table, octets = card.spec.codes["CODES/SEX"], value_of(card, SEX)
    ok = in_table(table, octets.decode("ascii", "replace"))
    check(card, ok, what="sex code (ASCII)", expected=" ".join(table.values), received=octets.hex().upper())


@verifies("CARD-EF06-NATION")
def test_nation(card: CardUnderTest) -> None:
    """The ethnic group is in its table: 01 to 56, or 99; 97 and 98, which other lists have, fail no card."""
    table, code = card.spec.codes["CODES/NATION"], value_of(card, NATION).hex().upper()
    expected = ", ".join(f"{low} to {high}" for low, high in table.ranges)
    known = in_table(table, code, ranges_of(card.spec, table.id))
    check(card, known, what="ethnic group (BCD)", expected=expected, received=code)


@verifies("CARD-EF06-BIRTHPLACE")
def test_birthplace(card: CardUnderTest) -> None:
    """The birthplace is a division code of six digits in BCD, of a province that there is."""
    expect(record_of(card, BIRTHPLACE)).conforms(lambda data: region_decode(data[2:], 0), "division code")


@verifies("CARD-EF06-BIRTHDATE")
def test_birth_date(card: CardUnderTest) -> None:
    """The birth date is a date CCYYMMDD in BCD."""
    expect(record_of(card, BIRTHDATE)).conforms(lambda data: date_decode(data[2:]), "date CCYYMMDD")


@verifies("CARD-EF06-CONSISTENT")
def test_birth_date_is_that_of_the_number(card: CardUnderTest) -> None:
    """A citizen's birth date is the one in the social security number."""
    wanted, found = value_of(card, NUMBER)[6:14].decode("ascii", "replace"), value_of(card, BIRTHDATE).hex()
    check(card, found == wanted, what="birth date", expected=wanted, received=found)


@verifies("CARD-EF06-CONSISTENT")
def test_sex_is_that_of_the_number(card: CardUnderTest) -> None:
    """A citizen's sex is the one that the last sequence digit of the number tells, or is not stated."""
    digit, found = value_of(card, NUMBER)[16:17], value_of(card, SEX).decode("ascii", "replace")
    told = Sex.MALE if digit in (b"1", b"3", b"5", b"7", b"9") else Sex.FEMALE
    wanted = (told.value, Sex.NOT_STATED.value)
    check(card, found in wanted, what="sex code", expected=" or ".join(wanted), received=found)


def both_files(spec: CardSpec) -> list[tuple[str, Item]]:
    """Every item of both files whose coding is plain: cn items with fixed hexadecimal parts have cases of their own."""
    return [
        (file.id, item)
        for file in (spec.file("SSSE/EF05"), spec.file(FILE))
        for item in file.items
        if item.type == "an" or not item.check or spec.checks[item.check].kind != "structure"
    ]


def text_fault(item: Item, octets: bytes) -> str | None:
    """What is wrong with the padding of an an item: 00 on the right and nowhere else; the name extension may have F."""
    content = octets.rstrip(b"\x00\xff" if item.tag == EXTENSION else b"\x00")
    if content.endswith(b" "):
        return "spaces as filler"
    if 0x00 in content or content.endswith(b"\xff"):
        return "filler within the content"
    if any(octet < FIRST_PRINTABLE for octet in content):
        return "control characters, which are neither text nor filler"
    if item.charset == "gbk":
        return None  # characters may run on from the name into its extension: test_name reads both together
    try:
        an_decode(content, Charset.ASCII)
    except ValueError as error:
        return str(error)
    return None


def digit_fault(octets: bytes) -> str | None:
    """What is wrong with the padding of a cn item: digits, then F to the end."""
    try:
        bcd_decode(octets)
    except ValueError as error:
        return str(error)
    return None


@verifies("CARD-PADDING")
@for_each("entry", both_files, ids=lambda entry: f"{entry[1].tag:02X}")
def test_padding(card: CardUnderTest, entry: tuple[str, Item]) -> None:
    """The item is left-aligned: nothing but filler stands behind its content, and no filler stands within it."""
    file_id, item = entry
    card.open_for_reading(file_id)
    response = card.read_item(file_id, item.tag)
    if not response.is_ok:
        raise PreambleFailed(zh=f"读不到数据项 {item.tag:02X}", en=f"item {item.tag:02X} does not read")
    octets = response.data[2:]
    fault = text_fault(item, octets) if item.type == "an" else digit_fault(octets)
    rule = "00 on the right" if item.type == "an" else "digits, then F"
    check(
        card,
        bool(octets) and fault is None,
        what=f"padding of {item.tag:02X}",
        expected=rule,
        received=fault or octets.hex(),
    )
