"""Files of the information areas, written out as bytes from the public facts: identifiers, tags, lengths, key numbers.

What these cases send and expect is spelled here, not taken from the specification's data; see test_literals.
"""

from collections.abc import Mapping

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Inconclusive, PreambleFailed, expect, files, for_each, verifies, verifies_by

ORDER = 41
SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"

# Tag and length of each record of the files of 2.0 and 3.0 cards, in the order of the notice's table.
RECORDS: Mapping[str, str] = {
    "DF01/EF05": "2002 2150 0E03",
    "DF01/EF06": "2350 2403 280F 2C32 2D0F",
    "DF01/EF07": "2901",
    "DF01/EF08": "2B01",
    "DF01/EF09": "2E46 3009 3202",
    "DF01/EF0A": "3703 3802 3904",
    "DF01/EF15": "2A01 4034",
    "DF02/EF05": "4203 4103 436C 4465",
    "DF02/EF06": "4C04 4B05 4D03 4F06 5003 3A07",
    "DF02/EF09": "5646 9604 9703",
    "DF02/EF15": "9910 0F04 1F03",
    "DF03/EF05": "6103 9804 6204 6303 6403 6503 6603",
    "DF03/EF06": "4514 4602 4702 4801 4901 6704 6B3C 4A61",
    "DF03/EF07": "7003 7103 6E04 6C04 6F04 7304",
    "DF03/EF15": "7A03 7B04 7C04",
    "DF03/EF16": "5103 5F01",
    "DF03/EF17": "3B14 3C46 3D01 3E04 3F3C",
    "DF03/EF18": "7403 7503 7601 7704 7804",
    "DF03/EF19": "7927",
    "DF04/EF05": "8108 8403 8711 8C01 8004 8B1D 8A0F 8309 8609 8909 7D09 7E09 7F09 8D09 8E09 8F01",
    "DF04/EF06": "9001 9204 9302",
    "DF05/EF05": "A001 A101 B901 A204 A901 A318 A417 BA14 BB64 AA14 AB04 AC01 AD01 AE01 AF01 B001 B101 B201 B301 B401 "
    "B501 B601 B701 BC01 B828",
    "DF06/EF05": "C046 C209 C31A C41A C51A",
    "DF06/EF06": "C646 C809 C901 CA04 CB04 CC04 CD02 CE01 CF04 D004 D104 D203 D301 D404 D504 D604 D703 D801 D904 DA04 "
    "DB04 DC04 DD04 DE04 DF03 E003 E102 E202",
    "DF07/EF05": "F002 F101 F204 F303 F404",
    "DF07/EF06": "F503 F604 F746",
    "DF07/EF07": "F804 F901",
}
# Names by which the areas are selected: AID, or the label in GBK where there is none.
NAMES: Mapping[str, str] = {
    "DF01": "D15600000500",
    "DF02": "D15600000501",
    "DF03": "D15600000502",
    "DF04": "D15600000503",
    "DF05": "C9FAC3FCD3EBBDA1BFB5D0C5CFA2C7F8",
    "DF06": "BEC8D6FAD3EBD3C5B8A7D0C5CFA2C7F8",
    "DF07": "D15600000504",
}
# Numbers and names of the keys that read or write these files, as programs and the draft show them.
WRITERS: Mapping[str, tuple[str, str]] = {
    "DF01/EF05": ("83", "UK1DF01"),
    "DF01/EF07": ("84", "UK2DF01"),
    "DF01/EF09": ("84", "UK2DF01"),
    "DF01/EF08": ("85", "UK3DF01"),
    "DF01/EF06": ("86", "UK4DF01"),
    "DF01/EF0A": ("87", "UK5DF01"),
    "DF02/EF06": ("84", "UK2DF02"),
    "DF02/EF09": ("86", "UK4DF02"),
    "DF02/EF15": ("87", "UK5DF02"),
    "DF03/EF05": ("86", "UK1DF03"),
    "DF03/EF06": ("87", "UK2DF03"),
    "DF03/EF07": ("88", "UK3DF03"),
    "DF04/EF05": ("85", "UK1DF04"),
}
READERS: Mapping[str, tuple[str, str]] = {
    "DF03/EF05": ("85", "RK2DF03"),
    "DF03/EF07": ("84", "RK1DF03"),
    "DF04/EF05": ("84", "RK1DF04"),
}


def octets(text: str) -> bytes:
    """Bytes from hexadecimal."""
    return bytes.fromhex(text)


def authenticated(card: CardUnderTest, number: str, key: str) -> None:
    """0084000008, then 008200 with the key's number, proof and data."""
    proof = card.external_authentication(key, card.get_challenge(8))
    response = card.wrong_external_authentication(key, octets("008200" + number + "10") + proof[5:])
    expect(response, "CARD-EXTERNAL-AUTH").ok()


def selected(card: CardUnderTest, file: str) -> None:
    """The area by its name, the file by its identifier, the PIN presented: it opens reading in these areas."""
    area, identifier = file.split("/")
    card.send(octets(SELECT_SSSE))
    name = octets(NAMES[area])
    if not card.send(octets("00A40400") + bytes((len(name),)) + name).is_ok:
        raise PreambleFailed(zh=f"选不到 {area}", en=f"{area} does not select")
    expect(card.send(octets("00A4020002" + identifier)), "CARD-SELECT-EF").ok()


def since_second(spec: CardSpec, table: Mapping[str, object]) -> list[str]:
    """The files of a table on cards of the second and third generation, as far as the card has them."""
    if str(spec.ics["card.generation"]) < "2.0":
        return []
    return [file for file in table if file in spec.files]


def with_pin(card: CardUnderTest, file: str) -> None:
    """Present what reading asks for: the rule is the data's, the bytes behind it are literal."""
    files.prove(card, files.opening(card.spec, card.spec.file(file).read)[0])


def readable(spec: CardSpec) -> list[str]:
    """Files whose reading the tester can open."""
    return [file for file in since_second(spec, RECORDS) if files.opening(spec, spec.file(file).read)]


@verifies_by("file", lambda file: f"CARD-{file[:4]}-RECORDS")
@for_each("file", readable, ids=lambda file: file.replace("/", "-"))
def test_items(card: CardUnderTest, file: str) -> None:
    """00B2 tag 00 with the length of the notice's table gives tag, length and value of each item (fact: data items)."""
    selected(card, file)
    with_pin(card, file)
    missing = card.spec.command("READ-RECORD").statuses["record-not-found"]
    optional = {item.tag for item in card.spec.file(file).items if item.optional}
    for entry in RECORDS[file].split():
        tag, length = octets(entry)
        response = card.transmit(octets(f"00B2{tag:02X}00{length + 2:02X}"))
        if tag in optional and missing.matches(response.sw):
            expect(response).refused_with("6A83")
        else:
            expect(response).ok().starts_with(octets(entry)).length(length + 2)


@verifies_by("file", lambda file: f"CARD-{file[:4]}-READ")
@for_each("file", lambda spec: since_second(spec, READERS), ids=lambda file: file.replace("/", "-"))
def test_reading_key(card: CardUnderTest, file: str) -> None:
    """The reading key has the number that programs send; before it, 00B2010400 answers 6982 (fact: keys)."""
    selected(card, file)
    expect(card.transmit(octets("00B2010400"))).refused_with("6982")
    authenticated(card, *READERS[file])
    expect(card.send(octets("00B2010400"))).ok()


@verifies_by("file", lambda file: f"CARD-{file[:4]}-UPDATE")
@for_each("file", lambda spec: since_second(spec, WRITERS), ids=lambda file: file.replace("/", "-"))
def test_writing_key(card: CardUnderTest, file: str) -> None:
    """00DC0104 and the first record as it is: 6982 before the key with the number that programs send, then 9000 (fact:
    keys).
    """
    selected(card, file)
    with_pin(card, file)
    first = card.send(octets("00B2010400")).data
    if not first:
        raise Inconclusive(zh=f"读不到 {file} 的首条记录", en=f"the first record of {file} does not read")
    command = octets("00DC0104") + bytes((len(first),)) + first
    card.reset()
    selected(card, file)
    expect(card.transmit(command), f"CARD-{file[:4]}-UPDATE-REFUSED").refused_with("6982")
    authenticated(card, *WRITERS[file])
    expect(card.send(command)).ok().length(0)


def extension_writes(spec: CardSpec) -> tuple[str, ...]:
    """Commands that write the name extension, which first-generation cards do not have."""
    return ("00DC4E30164E14", "00DC4E00164E14", "00DC0304164E14") if spec.ics["card.generation"] != "1.0" else ()


@verifies("CARD-UPDATE-RECORD")
@for_each("command", extension_writes)
def test_name_extension_is_written(card: CardUnderTest, command: str) -> None:
    """After 0082000410..., 00DC4E30164E14... writes the name extension by tag and SFI 06, 00DC0304... by number; it
    reads back by 00B24E0016 (fact: patterns on cards in use).
    """
    card.open_for_update("SSSE/EF06")
    before = card.send(octets("00B24E0016"))
    expect(before, "CARD-READ-IDENTIFIER").ok().length(22)

    def restore() -> None:
        card.open_for_update("SSSE/EF06")
        expect(card.send(octets("00DC4E30164E14") + before.data[2:])).ok()

    card.at_end("restore 4E", restore)
    other = octets("B2E2CAD4").ljust(20, b"\x00")
    value = other if before.data[2:] != other else bytes(20)
    expect(card.send(octets(command) + value)).ok().length(0)
    expect(card.send(octets("00B24E0016"))).ok().data(octets("4E14") + value, "the name extension as written")
