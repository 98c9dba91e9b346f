"""Commands and answers written out as bytes, from the public facts about the card.

The other cases take their bytes from the specification's data, and so would share an error of the data with the card's
maker who reads the same data. These cases do not: what they send and expect is spelled here.
"""

from onecard.oracle.tlv import fci_decode
from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Response, check, expect, for_each, verifies

ORDER = 40
SELECT_SSSE = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
SELECT_EF05 = "00A4020002EF05"
SELECT_EF06 = "00A4020002EF06"
Line = tuple[str, str]


def octets(text: str) -> bytes:
    """Bytes from hexadecimal."""
    return bytes.fromhex(text)


def sent(card: CardUnderTest, *commands: str) -> Response:
    """Send commands as a terminal does; the last answer."""
    responses = [card.send(octets(command)) for command in commands]
    return responses[-1]


def environment(card: CardUnderTest) -> None:
    """Select SSSE by its written-out name."""
    expect(sent(card, SELECT_SSSE), "CARD-SELECT-NAME").ok()


def drawn(card: CardUnderTest) -> bytes:
    """A challenge of eight bytes by its written-out command."""
    response = sent(card, "0084000008")
    expect(response, "CARD-CHALLENGE-LENGTH").ok().length(8)
    return response.data


def holder_file(card: CardUnderTest) -> None:
    """Open EF06: on third-generation cards after authenticating key 0A."""
    environment(card)
    if str(card.ics["card.generation"]) >= "3.0":
        card.authenticate_external("RKSSSE")
    expect(sent(card, SELECT_EF06), "CARD-SELECT-EF").ok()


def line_id(line: Line) -> str:
    """A command in a case id."""
    return line[0]


@verifies("CARD-ATR-CONVENTION")
def test_reset(card: CardUnderTest) -> None:
    """The answer to reset begins with 3B (fact: transmission, direct convention)."""
    atr = card.power_on()
    check(card, atr[:1] == b"\x3b", what="TS", expected="3B", received=atr[:1].hex().upper())


@verifies("CARD-ATR-HISTORICAL")
def test_reset_length(card: CardUnderTest) -> None:
    """T0 announces 0D historical bytes, as in the typical 3B6D0000 (fact: transmission)."""
    atr = card.power_on()
    check(card, atr[1] & 0x0F == 0x0D, what="low nibble of T0", expected="D", received=f"{atr[1] & 0x0F:X}")


@verifies("CARD-SELECT-NAME")
def test_environment(card: CardUnderTest) -> None:
    """00A404000F7378...CF selects SSSE and answers 6F.. 840F7378...CF (fact: environments; FCI on SELECT)."""
    response = sent(card, SELECT_SSSE)
    expect(response).ok().starts_with(b"\x6f").conforms(fci_decode, "FCI")
    name = octets("7378312E73682EC9E7BBE1B1A3D5CF")
    check(card, b"\x84\x0f" + name in response.data, what="name", expected=name.hex().upper(), received="other")


# (directory SFI, identifier of the algorithm or none) as declared, and the FCI seen on such cards.
FCIS = {
    (30, "sm4"): "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103",
    (11, "sm4"): "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988010B9F0C03860103",
    (11, "3des"): "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988010B9F0C03860101",
    (11, None): "6F16840F7378312E73682EC9E7BBE1B1A3D5CFA50388010B",
}
IDENTIFIERS = {"3des": "01", "sm4": "03"}


def written_fci(spec: CardSpec) -> list[str]:
    """The FCI of a card with this declaration, where one was seen."""
    algorithm = spec.ics["card.algorithm"] if spec.ics["card.algorithm_identifier"] else None
    return [fci for declared, fci in FCIS.items() if declared == (spec.ics["card.directory_sfi"], algorithm)]


@verifies("CARD-FCI-DIRECTORY")
@for_each("written", written_fci)
def test_fci(card: CardUnderTest, written: str) -> None:
    """The FCI says what the one seen on such cards says; order and form of lengths are free (fact: FCI on SELECT)."""
    response = sent(card, SELECT_SSSE)
    expect(response).ok().conforms(fci_decode, "FCI")
    found, wanted = fci_decode(response.data), fci_decode(octets(written))
    same = (found.name, found.directory_sfi, found.algorithm) == (wanted.name, wanted.directory_sfi, wanted.algorithm)
    check(card, same, what="FCI", expected=written, received=response.data.hex().upper())


@verifies("CARD-FCI-ALGORITHM")
def test_algorithm(card: CardUnderTest) -> None:
    """8601xx says 01 for 3DES and 03 for SM4 (fact: FCI, algorithm identifier)."""
    wanted = octets("8601" + IDENTIFIERS[str(card.ics["card.algorithm"])])
    response = sent(card, SELECT_SSSE)
    received = response.data.hex().upper()
    check(card, wanted in response.data, what="algorithm", expected=wanted.hex().upper(), received=received)


@verifies("CARD-SELECT-MF")
@for_each("command", ("00A40000023F00", "00A4000000"))
def test_master_file(card: CardUnderTest, command: str) -> None:
    """3F00 and empty data select the MF, which is SSSE (fact: environments)."""
    by_name = sent(card, SELECT_SSSE)
    expect(sent(card, command)).ok().data(by_name.data, "FCI of SSSE")


@verifies("CARD-FCI-ADF")
@for_each("command", ("00A4000002DF01", "00A4040006D15600000500"))
def test_application(card: CardUnderTest, command: str) -> None:
    """DF01 answers 6F08 8406 D15600000500 (fact: ADFs under SSSE)."""
    environment(card)
    expect(sent(card, command)).ok().starts_with(b"\x6f").conforms(
        lambda fci: fci.index(octets("8406D15600000500")), "8406D15600000500 within 6F"
    )


@verifies("CARD-SELECT-EF")
@for_each("command", (SELECT_EF05, SELECT_EF06))
def test_file(card: CardUnderTest, command: str) -> None:
    """EF05 and EF06 answer 9000 without data (fact: FCI on SELECT)."""
    environment(card)
    expect(sent(card, command)).sw("9000").length(0)


@verifies("CARD-SELECT-EF-P1-00")
@for_each("command", ("00A4000002EF05", "00A4000002EF06"))
def test_file_with_p1_00(card: CardUnderTest, command: str) -> None:
    """P1=00 selects the same files on cards that declare it (fact: SELECT details)."""
    environment(card)
    expect(sent(card, command)).sw("9000").length(0)


@verifies("CARD-SELECT-NOT-FOUND")
@for_each("command", ("00A4020002FFFF", "00A4000002DFFE", "00A4040008F04F4E4543415244"))
def test_not_found(card: CardUnderTest, command: str) -> None:
    """What the card does not have answers 6A82 (fact: status words)."""
    environment(card)
    expect(sent(card, command)).refused_with("6A82")


@verifies("CARD-SELECT-PARAMETERS")
def test_select_parameters(card: CardUnderTest) -> None:
    """SELECT with P1=0F answers 6A86 (fact: status words)."""
    environment(card)
    expect(sent(card, "00A40F0002EF05")).refused_with("6A86")


# READ RECORD with its exact Le, and how the record begins: tag and length.
ISSUER_BY_TAG: tuple[Line, ...] = (
    ("00B2010012", "0110"),
    ("00B2020003", "0201"),
    ("00B2030006", "0304"),
    ("00B204000E", "040C"),
    ("00B2050006", "0504"),
    ("00B2060006", "0604"),
    ("00B207000B", "0709"),
)
ISSUER_BY_NUMBER: tuple[Line, ...] = (
    ("00B2010412", "0110"),
    ("00B2020403", "0201"),
    ("00B2030406", "0304"),
    ("00B204040E", "040C"),
    ("00B2050406", "0504"),
    ("00B2060406", "0604"),
    ("00B207040B", "0709"),
)
HOLDER_BY_TAG: tuple[Line, ...] = (
    ("00B2080014", "0812"),
    ("00B2090020", "091E"),
    ("00B20A0003", "0A01"),
    ("00B20B0003", "0B01"),
    ("00B20C0005", "0C03"),
    ("00B20D0006", "0D04"),
)


@verifies("CARD-EF05-RECORDS")
@for_each("line", ISSUER_BY_TAG, ids=line_id)
def test_issuer_item(card: CardUnderTest, line: Line) -> None:
    """An item of EF05 by its tag, with the length of the data items V2.0 (fact: command patterns; SSSE EF05)."""
    environment(card)
    expect(sent(card, SELECT_EF05, line[0])).ok().starts_with(octets(line[1])).length(int(line[0][8:], 16))


@verifies("CARD-READ-NUMBER")
@for_each("line", ISSUER_BY_NUMBER, ids=line_id)
def test_issuer_record(card: CardUnderTest, line: Line) -> None:
    """A record of EF05 by its number (fact: command patterns)."""
    environment(card)
    expect(sent(card, SELECT_EF05, line[0])).ok().starts_with(octets(line[1])).length(int(line[0][8:], 16))


@verifies("CARD-READ-SFI")
@for_each("line", (("00B2012812", "0110"), ("00B2012C12", "0110"), ("00B207280B", "0709")), ids=line_id)
def test_issuer_by_sfi(card: CardUnderTest, line: Line) -> None:
    """EF05 by its SFI 05 without selecting it (fact: command patterns)."""
    environment(card)
    expect(sent(card, line[0])).ok().starts_with(octets(line[1]))


@verifies("CARD-EF06-RECORDS")
@for_each("line", HOLDER_BY_TAG, ids=line_id)
def test_holder_item(card: CardUnderTest, line: Line) -> None:
    """An item of EF06 by its tag, with the length of the data items V2.0 (fact: command patterns; SSSE EF06)."""
    holder_file(card)
    expect(sent(card, line[0])).ok().starts_with(octets(line[1])).length(int(line[0][8:], 16))


@verifies("CARD-EF06-RECORDS")
def test_name_extension(card: CardUnderTest) -> None:
    """00B24E0016 gives the name extension on 2.0 and 3.0 cards and 6A83 on 1.0 cards (fact: command patterns)."""
    holder_file(card)
    response = sent(card, "00B24E0016")
    if str(card.ics["card.generation"]) >= "2.0":
        expect(response).ok().starts_with(octets("4E14")).length(0x16)
    else:
        expect(response).refused_with("6A83")


@verifies("CARD-EF06-ORDER")
def test_third_record(card: CardUnderTest) -> None:
    """The third record is 4E14... on 2.0 and 3.0 cards, 0A01.. on 1.0 cards (fact: record order)."""
    holder_file(card)
    later = str(card.ics["card.generation"]) >= "2.0"
    expect(sent(card, "00B2030416" if later else "00B2030403")).ok().starts_with(octets("4E14" if later else "0A01"))


@verifies("CARD-EF06-READ")
@for_each("command", ("00B2080014", "00B2010414", "00B201055B", "00B2083014", "00B24E0016"))
def test_holder_refused(card: CardUnderTest, command: str) -> None:
    """A third-generation card answers 6982 to every reading of EF06 before key 0A (fact: access conditions)."""
    environment(card)
    expect(sent(card, SELECT_EF06, command)).refused_with("6982")


@verifies("CARD-READ-RANGE")
def test_whole_issuer_file(card: CardUnderTest) -> None:
    """00B2010540 gives all of EF05, 40 bytes (fact: total size)."""
    environment(card)
    expect(sent(card, SELECT_EF05, "00B2010540")).ok().length(0x40).starts_with(octets("0110"))


@verifies("CARD-READ-RANGE")
def test_whole_holder_file(card: CardUnderTest) -> None:
    """00B201055B gives all of EF06 of 2.0 and 3.0 cards, 5B bytes; 1.0 cards have 45 (fact: total size)."""
    holder_file(card)
    whole = 0x5B if str(card.ics["card.generation"]) >= "2.0" else 0x45
    expect(sent(card, f"00B20105{whole:02X}")).ok().length(whole).starts_with(octets("0812"))


@verifies("CARD-T0-WRONG-LE")
@for_each("line", (("00B2020400", "6C03"), ("00B2010010", "6C12"), ("00B2010500", "6C40")), ids=line_id)
def test_wrong_le(card: CardUnderTest, line: Line) -> None:
    """A wrong Le is answered with the true length (fact: case 2 in T=0)."""
    card.require_raw_t0()
    environment(card)
    expect(sent(card, SELECT_EF05)).ok()
    expect(card.transmit(octets(line[0]))).refused_with(line[1])


@verifies("CARD-T0-MORE-DATA")
@for_each(
    "line", (("00A4000002DF01", "610A"), ("0088000010" + "11" * 8 + "22" * 8, "6108")), ids=lambda line: line[0][:8]
)
def test_more_data(card: CardUnderTest, line: Line) -> None:
    """Case 4 without Le is answered 61xx: 08 for INTERNAL AUTHENTICATE (fact: case 4 in T=0)."""
    card.require_raw_t0()
    environment(card)
    response = card.transmit(octets(line[0]))
    expect(response).sw(line[1]).length(0)
    expect(card.transmit(octets(f"00C00000{response.sw & 0xFF:02X}"))).ok().length(response.sw & 0xFF)


@verifies("CARD-GET-RESPONSE-NONE")
def test_nothing_waits(card: CardUnderTest) -> None:
    """00C0000008 without data waiting answers 6F00 (fact: GET RESPONSE)."""
    card.require_raw_t0()
    environment(card)
    expect(sent(card, SELECT_EF05)).ok()
    expect(card.transmit(octets("00C0000008"))).refused_with("6F00")


@verifies("CARD-READ-NOT-FOUND")
@for_each("command", ("00B2080410", "00B2FE0410", "00B2080014", "00B2080540"))
def test_absent_record(card: CardUnderTest, command: str) -> None:
    """EF05 has seven records, 01 to 07: another number or tag answers 6A83 (fact: status words)."""
    environment(card)
    expect(sent(card, SELECT_EF05, command)).refused_with("6A83")


@verifies("CARD-READ-PARAMETERS")
def test_undefined_mode(card: CardUnderTest) -> None:
    """Mode 7 answers 6A86 (fact: READ RECORD, modes 0 to 6)."""
    environment(card)
    expect(sent(card, SELECT_EF05, "00B2010712")).refused_with("6A86")


@verifies("CARD-READ-NO-CURRENT")
def test_no_current_file(card: CardUnderTest) -> None:
    """00B2010412 without a current EF answers 6986 (fact: status words)."""
    environment(card)
    expect(sent(card, "00B2010412")).refused_with("6986")


@verifies("CARD-CHALLENGE-LENGTH")
@for_each("line", (("0084000004", "4"), ("0084000008", "8"), ("0084000010", "16")), ids=line_id)
def test_challenge(card: CardUnderTest, line: Line) -> None:
    """GET CHALLENGE gives 4, 8 or 16 bytes (fact: commands)."""
    expect(sent(card, line[0])).ok().length(int(line[1]))


@verifies("CARD-INTERNAL-AUTH")
@for_each(
    "command",
    ("008800001011223344556677880102030405060708", "0088000010" + "00" * 16),
    ids=lambda command: command[10:26],
)
def test_internal_authentication(card: CardUnderTest, command: str) -> None:
    """0088000010 R D answers the eight bytes that IRK gives (fact: internal authentication)."""
    data = octets(command)[5:]
    environment(card)
    expect(sent(card, command)).ok().data(card.expected_internal(data[:8], data[8:]), "authentication data")


@verifies("CARD-EXTERNAL-AUTH")
def test_update_key(card: CardUnderTest) -> None:
    """0084000008, then 0082000410 proof D: key 04 updates SSSE (fact: keys on the card)."""
    environment(card)
    challenge = drawn(card)
    proof = card.external_authentication("UKSSSE", challenge, octets("0102030405060708"))[5:]
    response = card.wrong_external_authentication("UKSSSE", octets("0082000410") + proof)
    expect(response).sw("9000").length(0)


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", (("BK", "05"), ("PUK", "06")), ids=lambda key: key[0])
def test_maintenance_key(card: CardUnderTest, key: tuple[str, str]) -> None:
    """0084000008, then 0082000510 or 0082000610 proof D: 05 is the blocking key, 06 PUK (fact: keys on the card)."""
    name, number = key
    environment(card)
    proof = card.external_authentication(name, drawn(card))[5:]
    response = card.wrong_external_authentication(name, octets(f"008200{number}10") + proof)
    expect(response).sw("9000").length(0)


@verifies("CARD-EF06-READ-KEY")
def test_read_key(card: CardUnderTest) -> None:
    """0084000008, then 0082000A10 proof D: key 0A opens EF06 of a third-generation card (fact: command patterns)."""
    environment(card)
    challenge = drawn(card)
    proof = card.external_authentication("RKSSSE", challenge, challenge)[5:]
    expect(card.wrong_external_authentication("RKSSSE", octets("0082000A10") + proof)).sw("9000")
    expect(sent(card, SELECT_EF06, "00B2080014")).ok().starts_with(octets("0812")).length(0x14)


@verifies("CARD-CHALLENGE-REQUIRED")
def test_no_challenge(card: CardUnderTest) -> None:
    """0082000410 without a challenge answers 6984 (fact: status words)."""
    environment(card)
    response = card.wrong_external_authentication("UKSSSE", octets("0082000410" + "00" * 16))
    expect(response).refused_with("6984")


@verifies("CARD-UPDATE-REFUSED")
@for_each("file", (SELECT_EF05, SELECT_EF06), ids=lambda file: str(file)[-4:])
def test_update_refused(card: CardUnderTest, file: str) -> None:
    """00DC... before key 04 answers 6982 (fact: access conditions)."""
    environment(card)
    update = "00DC020403020133" if file == SELECT_EF05 else "00DC0A00030A0139"
    expect(sent(card, file, update)).refused_with("6982")


@verifies("CARD-PIN-QUERY")
def test_pin_query(card: CardUnderTest) -> None:
    """0020000000 answers 63Cx where a PIN is set and 9000 where none is (fact: commands)."""
    environment(card)
    expect(sent(card, "0020000000")).sw("63Cx" if card.ics["card.pin"] else "9000").length(0)


@verifies("CARD-PIN-VERIFY")
def test_pin(card: CardUnderTest) -> None:
    """00200000 Lc and the PIN in BCD, not padded to a fixed length, answers 9000 (fact: PIN coding)."""
    pin = card.pin_bytes
    environment(card)
    response = card.send(octets("00200000") + bytes((len(pin),)) + pin)
    card.noted("PIN", response)
    expect(response).sw("9000").length(0)


@verifies("CARD-LENGTH")
@for_each(
    "command", ("0088000008" + "00" * 8, "008800000F" + "00" * 15, "0088000012" + "00" * 18), ids=lambda c: c[:10]
)
def test_length(card: CardUnderTest, command: str) -> None:
    """INTERNAL AUTHENTICATE with another Lc than 10 or 11 answers 6700 (fact: commands)."""
    environment(card)
    expect(sent(card, command)).refused_with("6700")


@verifies("CARD-CLA")
@for_each("command", ("20B2012812", "E084000008"))
def test_class(card: CardUnderTest, command: str) -> None:
    """A class that the card does not have answers 6E00 (fact: status words)."""
    environment(card)
    expect(sent(card, command)).refused_with("6E00")


@verifies("CARD-INS")
@for_each("command", ("0002000000", "00FA000000"))
def test_instruction(card: CardUnderTest, command: str) -> None:
    """An instruction that the card does not have answers 6D00 (fact: status words)."""
    environment(card)
    expect(sent(card, command)).refused_with("6D00")


@verifies("CARD-PARAMETERS")
@for_each("command", ("0084010008", "0084000108", "0088010010" + "00" * 16, "0020010000"), ids=lambda c: c[:10])
def test_parameters(card: CardUnderTest, command: str) -> None:
    """P1 or P2 other than 00 answers 6A86 (fact: status words)."""
    environment(card)
    expect(sent(card, command)).refused_with("6A86")


@verifies("CARD-EF05-IDENTIFICATION")
def test_identification_code(card: CardUnderTest) -> None:
    """Bytes 4 to 8 of the identification code are D156000005 (fact: identification code)."""
    environment(card)
    found = sent(card, SELECT_EF05, "00B2010012").data[5:10].hex().upper()
    check(card, found == "D156000005", what="registered identifier", expected="D156000005", received=found)


@verifies("CARD-EF05-BODY")
def test_initialising_body(card: CardUnderTest) -> None:
    """The initialising body's number begins 9156000002 (fact: other EF05 items)."""
    environment(card)
    found = sent(card, SELECT_EF05, "00B204000E").data[2:7].hex().upper()
    check(card, found == "9156000002", what="prefix", expected="9156000002", received=found)


@verifies("CARD-EF05-VERSION")
def test_version(card: CardUnderTest) -> None:
    """The version begins 31, 32 or 33: the digit of the generation in ASCII (fact: other EF05 items)."""
    environment(card)
    wanted = {"1.0": "31", "2.0": "32", "3.0": "33"}[str(card.ics["card.generation"])]
    expect(sent(card, SELECT_EF05, "00B2030006")).ok().starts_with(octets("0304" + wanted))


@verifies("CARD-EF05-CLASS")
def test_class_code(card: CardUnderTest) -> None:
    """The card class is 31, 32, 33 or 34 (fact: other EF05 items)."""
    environment(card)
    found = sent(card, SELECT_EF05, "00B2020003").data[2:].hex()
    check(card, found in ("31", "32", "33", "34"), what="class", expected="31 to 34", received=found)


@verifies("CARD-EF06-SEX")
def test_sex_code(card: CardUnderTest) -> None:
    """The sex code is 31, 32 or 39; 30 is not in the table (fact: EF06 items)."""
    holder_file(card)
    found = sent(card, "00B20A0003").data[2:].hex()
    check(card, found in ("31", "32", "39"), what="sex", expected="31, 32 or 39", received=found)
