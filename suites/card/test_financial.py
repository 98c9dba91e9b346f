"""The bank application, as far as a reader identifies the card by it."""

from onecard.oracle.errors import DecodeError
from onecard.oracle.financial import (
    account_number,
    answer_to_list,
    data_objects,
    expiry,
    object_list,
    object_of,
    options_of,
    track2_account,
)
from onecard.oracle.financial_objects import (
    APPLICATION_FCI,
    DIRECTORY_FCI,
    ENTRY,
    contradictory,
    entry_of,
    miscoded,
    misplaced,
    misplaced_in_record,
    templates,
)
from onecard.oracle.tlv import fci_decode
from onecard.spec.card import CardSpec, FileSpec
from onecard.testing import CardUnderTest, Response, Text, check, expect, for_each, verifies

ORDER = 660
PSE, PPSE, DEBIT = "PSE", "PPSE", "PBOC"
OPTIONS = "GET-PROCESSING-OPTIONS"
NUMBER, EXPIRY, TRACK, LABEL, AID = 0x5A, 0x5F24, 0x57, 0x50, 0x4F
PDOL, ISSUER_DATA, PROPRIETARY, PRIORITY = 0x9F38, 0xBF0C, 0xA5, 0x87
OBJECTS, ALIKE = "CARD-FINANCIAL-OBJECTS", "CARD-FINANCIAL-ALIKE"
MOST = 253
"""Bytes that one GPO can carry within its template."""
SEEN = ("00B2011400", "00B2011C00", "00B2018421")


def selected(card: CardUnderTest, application: str) -> Response:
    """SELECT by name, whatever comes of it."""
    return card.send(card.apdu.select_name(card.spec.applications[application].aid))


def lists_debit(card: CardUnderTest, octets: bytes, where: str) -> None:
    """An application template names the debit application and its label."""
    wanted = card.spec.applications[DEBIT].aid
    found = [each.value for each in data_objects(octets) if each.tag == AID]
    shown = ", ".join(name.hex().upper() for name in found)
    check(card, wanted in found, what=f"4F in {where}", expected=wanted.hex().upper(), received=shown)


def none(card: CardUnderTest, tags: list[int], what: str) -> None:
    """No data object of ``what`` kind was found."""
    shown = ", ".join(f"{tag:X}" for tag in tags) or "-"
    check(card, not tags, what=what, expected="-", received=shown, requirement=OBJECTS)


def placed(card: CardUnderTest, template: bytes, place: frozenset[int], where: str) -> None:
    """A template holds what belongs there, coded by its rules."""
    none(card, misplaced(template, place), f"{where}: objects that do not belong there")
    none(card, miscoded(template), f"{where}: objects of another form")


def templated(card: CardUnderTest, fci: bytes, place: frozenset[int]) -> None:
    """The FCI is of data objects and has its proprietary template, which holds nothing strange."""
    inner = object_of(fci, PROPRIETARY)
    check(card, inner is not None, what="A5", expected="present", received=fci.hex().upper())
    placed(card, inner or b"", place, "A5")


def entries(card: CardUnderTest, octets: bytes, where: str) -> None:
    """Each application template 61 holds a readable label, and objects that belong there, coded by their rules."""
    found = templates(octets)
    check(card, bool(found), what=f"61 in {where}", expected="present", received=octets.hex().upper())
    for entry in found:
        label = object_of(entry, LABEL)
        readable = label is not None and label.isascii() and label.decode("ascii").isprintable()
        check(card, readable, what=f"50 in {where}", expected="text", received=(label or b"").hex().upper())
        placed(card, entry, ENTRY, where)


def options(card: CardUnderTest, fci: bytes) -> bytes:
    """GPO with what the PDOL of the FCI asks for."""
    command = card.spec.command(OPTIONS)
    data = answer_to_list(object_of(fci, PDOL) or b"")
    body = bytes((command.number("template"), len(data))) + data
    return bytes((command.cla, command.ins, command.number("p1"), command.number("p2"), len(body))) + body


def read(card: CardUnderTest, sfi: int, number: int) -> Response:
    """A record, with Le 00 as terminals send it."""
    return card.send(card.apdu.read_record(number, 4, sfi, le=0))


def listed(card: CardUnderTest) -> list[bytes]:
    """All records that the AFL names."""
    fci = card.preamble(selected(card, DEBIT), Text("选择借记应用", "select the debit application")).data
    answer = card.preamble(card.send(options(card, fci)), Text("取处理选项", "get processing options"))
    expect(answer, "CARD-FINANCIAL-OPTIONS").conforms(options_of, "AIP and AFL")
    records = [read(card, sfi, number) for sfi, number in options_of(answer.data).records]
    return [record.data for record in records if record.is_ok]


def listing(card: CardUnderTest, fci: bytes) -> bytes:
    """The records of the directory that the FCI of 1PAY.SYS.DDF01 names, one behind the other."""
    sfi = fci_decode(fci).directory_sfi
    check(card, sfi is not None and sfi <= 10, what="88", expected="an SFI up to 10", received=str(sfi))
    found = b""
    for number in range(1, 11):
        record = read(card, sfi or 0, number)
        if not record.is_ok:
            break
        expect(record).starts_with(b"\x70").conforms(lambda octets: list(data_objects(octets)), "record template 70")
        found += record.data
    return found


def chosen(card: CardUnderTest, application: str) -> bytes:
    """The FCI of an application: data objects, as far down as there are any."""
    response = selected(card, application)
    expect(response).ok().conforms(fci_decode, "FCI").conforms(lambda octets: list(data_objects(octets)), "objects")
    return response.data


@verifies("CARD-FINANCIAL-PSE", OBJECTS)
def test_directory(card: CardUnderTest) -> None:
    """1PAY.SYS.DDF01 gives the SFI of its directory, whose records 70{61{4F,50}} list the debit application."""
    fci = chosen(card, PSE)
    templated(card, fci, DIRECTORY_FCI)
    found = listing(card, fci)
    entries(card, found, "the directory")
    lists_debit(card, found, "the directory")


@verifies("CARD-FINANCIAL-PPSE", OBJECTS)
def test_proximity_directory(card: CardUnderTest) -> None:
    """2PAY.SYS.DDF01 lists the debit application in BF0C of its FCI."""
    fci = chosen(card, PPSE)
    templated(card, fci, DIRECTORY_FCI)
    issuer = object_of(fci, ISSUER_DATA)
    check(card, issuer is not None, what="BF0C", expected="present", received=fci.hex().upper())
    entries(card, issuer or b"", "BF0C")
    lists_debit(card, issuer or b"", "BF0C")


@verifies(ALIKE)
def test_alike(card: CardUnderTest) -> None:
    """Both directories give the label of the FCI of the debit application, and that of contacts its priority."""
    aid = card.spec.applications[DEBIT].aid
    contact, proximity = entry_of(listing(card, chosen(card, PSE)), aid), entry_of(chosen(card, PPSE), aid)
    fci = chosen(card, DEBIT)
    for where, entry, tag in (("PSE", contact, LABEL), ("PPSE", proximity, LABEL), ("PSE", contact, PRIORITY)):
        listed_there, told = object_of(entry, tag), object_of(fci, tag)
        same = None in (listed_there, told) or listed_there == told
        received = (listed_there or b"").hex().upper()
        check(card, same, what=f"{tag:X} in {where}", expected=(told or b"").hex().upper(), received=received)


@verifies("CARD-FINANCIAL-SELECT", OBJECTS)
def test_select(card: CardUnderTest) -> None:
    """A000000333010101 is selected; 84 gives its name, and the label is text."""
    fci = chosen(card, DEBIT)
    templated(card, fci, APPLICATION_FCI)
    name, wanted = fci_decode(fci).name, card.spec.applications[DEBIT].aid
    check(card, name == wanted, what="84", expected=wanted.hex().upper(), received=name.hex().upper())
    label = object_of(fci, LABEL) or b""
    readable = 1 <= len(label) <= 16 and label.isascii() and label.decode("ascii").isprintable()
    check(card, readable, what="50", expected="1 to 16 characters", received=label.hex().upper())


@verifies("CARD-FINANCIAL-SELECT")
def test_select_as_seen(card: CardUnderTest) -> None:
    """00A4040008A000000333010101 as reader programs send it answers 6F… with 8408A000000333010101 (fact: AIDs)."""
    response = card.send(bytes.fromhex("00A4040008A000000333010101"))
    expect(response).ok().starts_with(b"\x6f")
    wanted = bytes.fromhex("8408A000000333010101")
    check(card, wanted in response.data, what="84", expected=wanted.hex().upper(), received=response.data.hex().upper())


@verifies("CARD-FINANCIAL-OPTIONS", OBJECTS)
def test_options(card: CardUnderTest) -> None:
    """GPO answers AIP and AFL; each record of the AFL is there, a template 70 of objects coded by their rules."""
    response = selected(card, DEBIT)
    expect(response, "CARD-FINANCIAL-SELECT").ok()
    asked = object_of(response.data, PDOL) or b""
    conforming(card, "9F38", asked, object_list)
    length = sum(length for _, length in object_list(asked))
    check(card, length <= MOST, what="bytes that 9F38 asks for", expected=f"up to {MOST}", received=str(length))
    answer = card.send(options(card, response.data))
    expect(answer).ok().conforms(options_of, "AIP and AFL")
    found: list[bytes] = []
    for sfi, number in options_of(answer.data).records:
        record = read(card, sfi, number)
        expect(record).ok().starts_with(b"\x70").conforms(lambda octets: list(data_objects(octets)), "template 70")
        none(card, misplaced_in_record(record.data), "objects that no record holds")
        none(card, miscoded(record.data), "objects of another form")
        found.append(record.data)
    none(card, contradictory(found), "objects with two values")


@verifies("CARD-FINANCIAL-OPTIONS-REFUSED")
@for_each("wrong", ("template", "too-short", "too-long", "p1", "p2"))
def test_wrong_options(card: CardUnderTest, wrong: str) -> None:
    """GPO with another template, another length than the PDOL's, or P1 P2 other than 00 is refused without data."""
    response = selected(card, DEBIT)
    expect(response, "CARD-FINANCIAL-SELECT").ok()
    right = options(card, response.data)
    body = right[5:]
    bodies = {
        "template": b"\x7e" + body[1:],
        # A card without a PDOL takes an empty template: then its length is what is missing.
        "too-short": bytes((body[0], body[1] - 1)) + body[2:-1] if body[1] else body[:1],
        "too-long": bytes((body[0], body[1] + 1)) + body[2:] + b"\x00",
    }
    parameters = {"p1": b"\x7e\x00", "p2": b"\x00\x7e"}.get(wrong, right[2:4])
    data = bodies.get(wrong, body)
    expect(card.send(right[:2] + parameters + bytes((len(data),)) + data)).refused()


@verifies("CARD-FINANCIAL-PAN")
def test_account_number(card: CardUnderTest) -> None:
    """5A stands in the records with a right check digit, everywhere the same."""
    numbers = [each.value for record in listed(card) for each in data_objects(record) if each.tag == NUMBER]
    check(card, bool(numbers), what="5A", expected="present", received="absent" if not numbers else "present")
    for octets in numbers:
        conforming(card, "5A", octets, account_number)
    found = {account_number(octets) for octets in numbers}
    check(card, len(found) == 1, what="account numbers", expected="one", received=", ".join(sorted(found)))


def conforming(card: CardUnderTest, what: str, octets: bytes, rule: object) -> None:
    """The value is coded by its rule."""
    assert callable(rule)
    try:
        rule(octets)
    except DecodeError as error:
        check(card, False, what=what, expected="coded by its rule", received=f"{octets.hex().upper()}: {error}")
    check(card, True, what=what, expected="coded by its rule", received="conforms")


@verifies("CARD-FINANCIAL-PAN")
def test_track2(card: CardUnderTest) -> None:
    """Track 2 equivalent data, where the card has them, hold the account number of 5A and the month of 5F24."""
    records = b"".join(listed(card))
    number, date, track = (object_of(records, tag) for tag in (NUMBER, EXPIRY, TRACK))
    check(card, number is not None, what="5A", expected="present", received="absent" if number is None else "present")
    conforming(card, "5A", number or b"", account_number)
    if date is not None:
        conforming(card, "5F24", date, expiry)
    if track is None:
        return
    conforming(card, "57", track, track2_account)
    found, month = track2_account(track)
    wanted = account_number(number or b"")
    check(card, found == wanted, what="number in 57", expected=wanted, received=found)
    same = date is None or expiry(date)[:4] == month
    check(card, same, what="expiry in 57", expected=(date or b"").hex(), received=month)


@verifies("CARD-FINANCIAL-PATTERNS")
def test_seen_patterns(card: CardUnderTest) -> None:
    """The three commands by which reader programs look for the number: one of them gives 5A (fact: seen patterns)."""
    expect(selected(card, DEBIT), "CARD-FINANCIAL-SELECT").ok()
    found: list[bytes] = []
    for command in SEEN:
        response = card.send(bytes.fromhex(command))
        if response.is_ok:
            number = object_of(response.data, NUMBER)
            found += [] if number is None else [number]
    check(card, bool(found), what="5A by a seen pattern", expected="at least once", received=f"{len(found)} times")


@verifies("CARD-FINANCIAL-PATTERNS")
@for_each("number", (1, 2, 3), ids=lambda number: SEEN[number - 1])
def test_declared_layouts(card: CardUnderTest, number: int) -> None:
    """What the pattern reads, where it reads anything, is a template 70 whose 5A, if any, is an account number."""
    expect(selected(card, DEBIT), "CARD-FINANCIAL-SELECT").ok()
    response = card.send(bytes.fromhex(SEEN[number - 1]))
    if not response.is_ok:
        expect(response).refused()
        return
    expect(response).starts_with(b"\x70").conforms(lambda octets: list(data_objects(octets)), "template 70")
    found = object_of(response.data, NUMBER)
    if found is not None:
        conforming(card, "5A", found, account_number)


def bank_files(spec: CardSpec) -> list[FileSpec]:
    """The files of the bank application."""
    return [file for file in spec.files.values() if file.application in (PSE, DEBIT)]


@verifies("CARD-FINANCIAL-UPDATE-REFUSED")
@for_each("file", bank_files, ids=lambda file: str(file.id).replace("/", "-"))
def test_update_refused(card: CardUnderTest, file: FileSpec) -> None:
    """UPDATE RECORD with the record's own content and with another one is refused, and the record is as before."""
    card.select_world(file.application)
    before = read(card, file.sfi or 0, 1)
    if not before.is_ok:
        expect(before).refused()
        return
    expect(before).starts_with(b"\x70")
    for record in (before.data, before.data[:-1] + bytes((before.data[-1] ^ 0x01,))):
        expect(card.send(card.apdu.update_record(1, 4, record, file.sfi or 0))).refused()
    expect(read(card, file.sfi or 0, 1)).ok().data(before.data, "record")
