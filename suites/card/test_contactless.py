"""The card in the field of a contactless reader: activation, complete answers, and what stays closed there."""

from functools import reduce
from operator import xor

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.spec.card_contactless import contactless_of
from onecard.testing import (
    CardUnderTest,
    Inconclusive,
    IssuerDesk,
    Response,
    Text,
    TransportDesk,
    check,
    destructive,
    expect,
    for_each,
    verifies,
)

ORDER = 690
HEADER = 4
ISSUER = "SSSE/EF05"
DIRECTORY = "PPSE"
BLOCK = "block"


def asked(command: bytes) -> bytes:
    """A command as a contactless reader sends it: one with data asks for all that comes (Le 00)."""
    return command + b"\x00" if len(command) > HEADER + 1 else command


def select(card: CardUnderTest, name: bytes) -> Response:
    """SELECT by name, once."""
    return card.transmit(asked(card.apdu.select_name(name)))


def environment(card: CardUnderTest) -> Response:
    """SELECT of SSSE, once."""
    return select(card, card.spec.applications["SSSE"].df_name)


def read(card: CardUnderTest, file: FileSpec) -> Response:
    """The first record, or the first bytes, of a file of the current application, as one command with Le 00."""
    if file.structure == Structure.TRANSPARENT:
        return card.transmit(card.apdu.read_binary(0, 0, file.sfi))
    return card.transmit(card.apdu.read_record(1, 4, file.sfi or 0, le=0))


def files(spec: CardSpec) -> list[FileSpec]:
    """Files of the social security application with an SFI."""
    return [file for file in spec.files.values() if file.sfi and "SSSE" in spec.lineage(file.application)]


def guarded(spec: CardSpec) -> list[FileSpec]:
    """Of each way to guard a file one: those that do not read freely over the contacts or in the field."""
    found: dict[tuple[str, object, object], FileSpec] = {}
    for file in files(spec):
        rule = file.contactless or file.read
        if rule.access is not Access.FREE and file.structure != Structure.INTERNAL:
            found.setdefault((file.application, rule.access, rule.key), file)
    return list(found.values())


def closed(spec: CardSpec) -> list[FileSpec]:
    """Files that are never read in the field."""
    return [file for file in files(spec) if file.contactless is not None and file.contactless.access is Access.NEVER]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def is_ats(octets: bytes) -> bool:
    """TL, T0 and the interface bytes that it announces (ISO/IEC 14443-4), or what PC/SC makes of them (3B8n8001 …)."""
    if octets[:1] == b"\x3b":
        return octets[2:4] == b"\x80\x01" and reduce(xor, octets[1:]) == 0 and octets[1] & 0x0F == len(octets) - 5
    if not octets or octets[0] != len(octets):
        return False
    return len(octets) == 1 or 2 + (octets[1] >> 4 & 0x07).bit_count() <= len(octets)


@verifies("CARD-CONTACTLESS-ATS")
def test_activation(card: CardUnderTest) -> None:
    """In the field an ATS comes whose TL is its length and whose T0 announces what follows; it is the same again."""
    first = card.power_on_contactless()
    check(card, is_ats(first), what="ATS", expected="TL and T0 that hold", received=first.hex().upper())
    card.power_on()
    again = card.power_on_contactless()
    check(card, again == first, what="ATS", expected=first.hex().upper(), received=again.hex().upper())


@verifies("CARD-CONTACTLESS-COMPLETE")
def test_selection_is_complete(card: CardUnderTest) -> None:
    """SELECT of SSSE gives its FCI and 9000 at once, without 61xx; GET RESPONSE has nothing left to fetch."""
    card.power_on_contactless()
    response = environment(card)
    expect(response).ok().starts_with(b"\x6f")
    expect(card.transmit(card.get_response(0x08))).refused()


@verifies("CARD-CONTACTLESS-COMPLETE")
@for_each("le", (0x00, 0xF0), ids=lambda le: f"Le-{le:02X}")
def test_record_is_complete(card: CardUnderTest, le: int) -> None:
    """READ RECORD with Le 00, or with more than there is, gives the whole record or its length, and no 61xx."""
    file = card.spec.file(ISSUER)
    card.power_on_contactless()
    expect(environment(card)).ok()
    response = card.transmit(card.apdu.read_record(1, 4, file.sfi or 0, le=le))
    length = file.item(file.record_order[0]).length + 2
    if le:
        # Whether 6Cxx comes for a wrong Le in the field too is open.
        expect(response).sw("9000", "6282", f"6C{length:02X}", "6700")
        return
    expect(response).ok().length(length)


@verifies("CARD-CONTACTLESS-COMPLETE")
def test_part_of_record(card: CardUnderTest) -> None:
    """READ RECORD with a shorter Le gives that many first bytes, or a refusal: nothing else."""
    file = card.spec.file(ISSUER)
    card.power_on_contactless()
    expect(environment(card)).ok()
    whole = card.transmit(card.apdu.read_record(1, 4, file.sfi or 0, le=0))
    expect(whole).ok()
    part = card.transmit(card.apdu.read_record(1, 4, file.sfi or 0, le=4))
    same = part.data in (b"", whole.data[:4]) and (part.sw >> 8) != 0x61
    check(card, same, what="part of a record", expected="4 first bytes, or none", received=part.shown())


@verifies("CARD-CONTACTLESS-SAME")
def test_same_issuer_data(card: CardUnderTest) -> None:
    """EF05 reads in the field as over the contacts, record by record, and so does the FCI of SSSE."""
    file = card.spec.file(ISSUER)
    fci = card.select_environment()
    commands = [card.apdu.read_record(tag, 0, file.sfi or 0, le=0) for tag in file.record_order]
    over_contacts = [card.send(command) for command in commands]
    card.power_on_contactless()
    expect(environment(card)).ok().data(fci, "FCI")
    for tag, command, before in zip(file.record_order, commands, over_contacts, strict=True):
        expect(before, "CARD-EF05-READ").ok().length(file.item(tag).length + 2)
        expect(card.transmit(command)).ok().data(before.data, "record")


@verifies("CARD-CONTACTLESS-READ-REFUSED")
@for_each("file", guarded, ids=file_id)
def test_guarded_file(card: CardUnderTest, file: FileSpec) -> None:
    """Without the right proved the file gives no data in the field."""
    card.power_on_contactless()
    for application in reversed(card.spec.lineage(file.application)):
        expect(select(card, card.spec.applications[application].df_name), "CARD-CONTACTLESS-COMPLETE").ok()
    expect(read(card, file)).refused()


@verifies("CARD-CONTACTLESS-READ-REFUSED")
@for_each("file", closed, ids=file_id)
def test_closed_file(card: CardUnderTest, file: FileSpec) -> None:
    """With the key of the contact interface authenticated the file still gives no data in the field."""
    key = file.read.key
    card.power_on()
    if key is not None:
        card.key(key, card.spec.default_key_version)
    card.power_on_contactless()
    expect(environment(card), "CARD-CONTACTLESS-COMPLETE").ok()
    if key is not None:
        card.authenticate_external(key)
    expect(read(card, file)).refused()


@verifies("CARD-CONTACTLESS-PIN")
def test_pin(card: CardUnderTest) -> None:
    """VERIFY with the right PIN is refused in the field; over the contacts the tries are as before."""
    card.enter_environment()
    pin, before = card.pin_bytes, card.pin_tries()
    card.power_on_contactless()
    expect(environment(card), "CARD-CONTACTLESS-COMPLETE").ok()
    expect(card.transmit(card.apdu.verify(pin))).refused()
    card.power_on()
    card.enter_environment()
    after = card.pin_tries()
    check(card, before == after, what="tries of the PIN", expected=str(before), received=str(after))


@verifies("CARD-CONTACTLESS-BLOCK")
@destructive("card")
def test_block(card: CardUnderTest) -> None:
    """CARD BLOCK with BK authenticated and the right MAC is refused in the field; over the contacts SSSE is there."""
    desk = IssuerDesk(card)
    card.power_on()
    # The keys are made from what the contacts tell.
    desk.open(BLOCK)
    card.power_on_contactless()
    expect(environment(card), "CARD-CONTACTLESS-COMPLETE").ok()
    card.authenticate_external(desk.key_for(BLOCK))
    session = desk.session(desk.challenge())
    expect(card.transmit(desk.block_command("CARD-BLOCK", session)), "CARD-CONTACTLESS-BLOCK").refused()
    card.power_on()
    name = card.spec.applications["SSSE"].df_name
    expect(card.send(card.apdu.select_name(name)), "CARD-CONTACTLESS-BLOCK").ok()


@verifies("CARD-CONTACTLESS-UPDATE-REFUSED")
@for_each("proved", (False, True), ids=lambda proved: "with-key" if proved else "without-key")
def test_update(card: CardUnderTest, proved: bool) -> None:
    """UPDATE RECORD of EF05 with its own content is refused in the field, before and after UKSSSE; nothing changes."""
    file = card.spec.file(ISSUER)
    card.power_on()
    card.key("UKSSSE", card.spec.default_key_version)
    card.power_on_contactless()
    expect(environment(card), "CARD-CONTACTLESS-COMPLETE").ok()
    if proved:
        card.authenticate_external("UKSSSE")
    record = card.transmit(card.apdu.read_record(2, 4, file.sfi or 0, le=0))
    expect(record, "CARD-CONTACTLESS-SAME").ok()
    expect(card.transmit(card.apdu.update_record(2, 4, record.data, file.sfi or 0))).refused()
    expect(card.transmit(card.apdu.read_record(2, 4, file.sfi or 0, le=0))).ok().data(record.data, "record")


def by_key(spec: CardSpec) -> list[FileSpec]:
    """A file of SSSE that a key alone opens for reading, both over the contacts and in the field."""
    return [
        file
        for file in files(spec)
        if file.application == "SSSE" and file.read.access is Access.KEY and file.contactless is None
    ][:1]


@verifies("CARD-CONTACTLESS-FRESH")
@for_each("file", by_key, ids=file_id)
@for_each("way", ("into-the-field", "out-of-the-field"))
def test_rights_end(card: CardUnderTest, file: FileSpec, way: str) -> None:
    """A key authenticated over one interface opens the file there, and not over the other."""
    card.power_on()
    card.key(str(file.read.key), card.spec.default_key_version)
    if way == "out-of-the-field":
        card.power_on_contactless()
    card.select_environment()
    card.authenticate_external(str(file.read.key))
    expect(card.send(card.apdu.read_record(1, 4, file.sfi or 0, le=0)), "CARD-CONTACTLESS-SAME").ok()
    if way == "into-the-field":
        card.power_on_contactless()
    else:
        card.power_on()
    card.select_environment()
    expect(card.send(card.apdu.read_record(1, 4, file.sfi or 0, le=0))).refused()


@verifies("CARD-CONTACTLESS-FRESH")
def test_challenge_ends(card: CardUnderTest) -> None:
    """A challenge taken over the contacts serves no authentication in the field."""
    card.select_environment()
    command = card.external_authentication("UKSSSE", card.get_challenge(8))
    card.power_on_contactless()
    expect(environment(card), "CARD-CONTACTLESS-COMPLETE").ok()
    status = card.spec.command("EXTERNAL-AUTHENTICATE").statuses["no-challenge"].text
    expect(card.wrong_external_authentication("UKSSSE", command)).refused_with(status)


@verifies("CARD-CONTACTLESS-PAYMENT")
def test_payment_directory(card: CardUnderTest) -> None:
    """2PAY.SYS.DDF01 is selected in the field and gives its FCI at once."""
    if DIRECTORY not in card.spec.applications:
        card.note(Text("此卡没有金融应用", "the card has no bank application"))
        expect(_transport(card)).ok()
        return
    card.power_on_contactless()
    expect(select(card, card.spec.applications[DIRECTORY].df_name)).ok().starts_with(b"\x6f")


def _transport(card: CardUnderTest) -> Response:
    desk = TransportDesk(card)
    card.power_on_contactless()
    return select(card, card.spec.applications[desk.data.purse.application].df_name)


@verifies("CARD-CONTACTLESS-PAYMENT")
def test_transport_balance(card: CardUnderTest) -> None:
    """The transport application, where the card has it, tells the same balance in the field, and begins a purchase."""
    if "TRANSPORT" not in card.spec.applications:
        card.power_on_contactless()
        expect(select(card, card.spec.applications[DIRECTORY].df_name)).ok()
        return
    desk = TransportDesk(card)
    desk.select()
    before = card.send(desk.balance_command())
    expect(before, "CARD-TRANSPORT-BALANCE").ok()
    expect(_transport(card)).ok().starts_with(b"\x6f")
    expect(card.transmit(desk.balance_command())).ok().data(before.data, "balance")
    expect(card.transmit(asked(desk.initialize_command("TRANSPORT-PURCHASE", 1)))).ok().length(15)


@verifies("CARD-CONTACTLESS-ATS")
def test_declared(card: CardUnderTest) -> None:
    """A card that declares a contactless interface answers in the field, and over its contacts afterwards as before."""
    if contactless_of(card.spec) is None:
        raise Inconclusive(zh="规范数据没有非接触界面", en="the data hold no contactless interface")
    atr = card.power_on()
    ats = card.power_on_contactless()
    check(card, len(ats) > 0, what="ATS", expected="some", received="none" if not ats else ats.hex().upper())
    again = card.power_on()
    check(card, atr == again, what="ATR", expected=atr.hex().upper(), received=again.hex().upper())
