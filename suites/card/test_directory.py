"""The directory file: where it is, how it reads, what it lists."""

from collections.abc import Iterator

from onecard.oracle.errors import DecodeError
from onecard.oracle.tlv import BerTlv, ber_tlv_decode
from onecard.spec.card import Application, CardSpec
from onecard.spec.card_directory import Directory, directory_of
from onecard.testing import CardUnderTest, Inconclusive, Response, check, expect, for_each, verifies

ORDER = 35
BY_NUMBER = 4
MOST = 254


def directory(card: CardUnderTest) -> Directory:
    """The directory as the data have it."""
    found = directory_of(card.spec)
    if found is None:
        raise Inconclusive(zh="未声明目录文件", en="no directory file is declared")
    return found


def record(card: CardUnderTest, number: int) -> Response:
    """A record of the directory file by its short identifier, as a terminal reads it."""
    return card.send(card.apdu.read_record(number, BY_NUMBER, directory(card).file.sfi or 0))


def records(card: CardUnderTest) -> Iterator[bytes]:
    """Every record, until the card says that there is no further one."""
    for number in range(1, MOST):
        response = record(card, number)
        if not response.is_ok:
            not_found = card.spec.command("READ-RECORD").statuses["record-not-found"].text
            expect(response, "CARD-DIRECTORY-READ").refused_with(not_found)
            return
        yield response.data
    check(card, False, what="end of the directory", expected=f"before record {MOST}", received="none")


def objects_in(octets: bytes) -> tuple[BerTlv, ...]:
    """The BER-TLV objects that fill ``octets``."""
    return ber_tlv_decode(octets, 0, len(octets))


def entries(card: CardUnderTest) -> list[dict[int, bytes]]:
    """The objects of every entry by tag; entries that are not well formed are judged by cases of their own."""
    found = []
    for octets in records(card):
        try:
            found += [{each.tag: each.value for each in objects_in(entry.value)} for entry in objects_in(octets)]
        except DecodeError as error:
            raise Inconclusive(zh=f"目录记录无法解析：{error.text.zh}", en=f"{error.text.en}") from None
    return found


@verifies("CARD-DIRECTORY-SFI")
def test_short_identifier(card: CardUnderTest) -> None:
    """The SFI in the FCI is one that the sources know: 5 to 15, or 30."""
    rules = card.spec.applications["SSSE"].fci
    fci = card.select_environment()
    at = fci.find(bytes((rules.directory_tag or 0, 1)))
    found = fci[at + 2] if 0 <= at < len(fci) - 2 else 0
    known = directory(card).sfis
    right = any(low <= found <= high for low, high in known)
    expected = " or ".join(f"{low} to {high}" if low != high else str(low) for low, high in known)
    check(card, right, what="SFI of the directory", expected=expected, received=str(found))


@verifies("CARD-DIRECTORY-READ")
def test_read(card: CardUnderTest) -> None:
    """Right after SSSE was selected the records read one after the other until 6A83, at least one of them."""
    card.select_environment()
    count = sum(1 for octets in records(card) if octets)
    check(card, count > 0, what="records of the directory", expected="one or more", received=str(count))


@verifies("CARD-DIRECTORY-READ")
def test_read_from_a_file(card: CardUnderTest) -> None:
    """Another file being current, the directory reads by its SFI all the same, and with the same content."""
    card.select_environment()
    first = list(records(card))
    check(card, any(first), what="records of the directory", expected="one or more", received="none")
    card.select_file("SSSE/EF05")
    check(card, list(records(card)) == first, what="second reading", expected="the same", received="another")


@verifies("CARD-DIRECTORY-ENTRY")
def test_entries(card: CardUnderTest) -> None:
    """Each record is filled by whole entries 61, each with one 4F of 5 to 16 bytes and at most one 50 of 1 to 16."""
    rules = directory(card)
    card.select_environment()
    for octets in list(records(card)):
        outer = parsed(card, octets)
        tags = {each.tag for each in outer}
        check(card, tags == {rules.entry_tag}, what="tags of a record", expected="61", received=shown(tags))
        for entry in outer:
            entry_is_right(card, rules, parsed(card, entry.value))


@verifies("CARD-DIRECTORY-UPDATE")
def test_update_refused(card: CardUnderTest) -> None:
    """Rewriting the first record, in place or with its own content, is refused while no right is proved."""
    sfi = directory(card).file.sfi or 0
    card.select_environment()
    before = record(card, 1)
    expect(before, "CARD-DIRECTORY-READ").ok()
    expect(card.transmit(card.apdu.update_record(1, BY_NUMBER, before.data, sfi))).refused()
    expect(record(card, 1)).ok().data(before.data, "the record as it was")


def shown(tags: set[int]) -> str:
    """Tags in words of a report."""
    return " ".join(f"{tag:02X}" for tag in sorted(tags)) or "none"


def parsed(card: CardUnderTest, octets: bytes) -> tuple[BerTlv, ...]:
    """The objects of a record or entry, which must be whole."""
    try:
        return objects_in(octets)
    except DecodeError as error:
        check(card, False, what="BER-TLV", expected="whole objects", received=f"{octets.hex().upper()}: {error}")
        return ()


def entry_is_right(card: CardUnderTest, rules: Directory, objects: tuple[BerTlv, ...]) -> None:
    """The name once and of its length, the label at most once and of its length."""
    for tag, (low, high), least in (
        (rules.name_tag, rules.name_lengths, 1),
        (rules.label_tag, rules.label_lengths, 0),
    ):
        values = [each.value for each in objects if each.tag == tag]
        right = least <= len(values) <= 1 and all(low <= len(value) <= high for value in values)
        expected = f"{least or 'at most 1'} of {low} to {high} bytes"
        received = " and ".join(f"{len(value)} bytes" for value in values) or "none"
        check(card, right, what=f"{tag:02X}", expected=expected, received=received)


@verifies("CARD-DIRECTORY-SELECT")
def test_listed_are_selected(card: CardUnderTest) -> None:
    """Every name that the directory lists selects an application."""
    card.select_environment()
    name_tag = directory(card).name_tag
    for entry in entries(card):
        card.select_environment()
        response = card.send(card.apdu.select_name(entry.get(name_tag, b"")))
        expect(response).ok().conforms(lambda fci: fci.index(b"\x84"), "an FCI with a name")


def applications(spec: CardSpec) -> list[Application]:
    """The applications of SSSE."""
    return [application for application in spec.applications.values() if application.parent == "SSSE"]


@verifies("CARD-DIRECTORY-COMPLETE")
@for_each("application", applications, ids=lambda application: application.id)
def test_is_listed(card: CardUnderTest, application: Application) -> None:
    """The directory lists the application under its name, with its label."""
    rules = directory(card)
    card.select_environment()
    found = [entry for entry in entries(card) if entry.get(rules.name_tag) == application.df_name]
    check(card, len(found) == 1, what=f"entries of {application.id}", expected="1", received=str(len(found)))
    label = found[0].get(rules.label_tag, b"") if found else b""
    wanted = application.label.encode("gbk")
    check(card, label == wanted, what="50", expected=wanted.hex().upper(), received=label.hex().upper())
