"""What keeps a right that was proved, and what takes it away."""

from onecard.spec.card import CardSpec, FileSpec
from onecard.testing import CardUnderTest, expect, for_each, verifies

ORDER = 130
ROUTES = ("name", "identifier")


def guarded(spec: CardSpec) -> list[FileSpec]:
    """The files of SSSE that a key opens for reading record by record."""
    return [file for file in spec.files.values() if file.read.key and file.application == "SSSE" and file.record_order]


def security(card: CardUnderTest) -> str:
    """Security status not satisfied."""
    return card.spec.command("UPDATE-RECORD").statuses["security"].text


def same_content(card: CardUnderTest) -> bytes:
    """UPDATE RECORD of an issuer item with its own content; the file is current."""
    file = card.spec.file("SSSE/EF05")
    card.select_file(file.id)
    return card.apdu.update_record(2, 4, card.read_item(file.id, file.record_order[1]).data)


def leave_and_return(card: CardUnderTest, route: str) -> None:
    """Select another application and come back to the environment."""
    if route == "name":
        card.select_application("DF01")
    else:
        fid = card.spec.applications["DF01"].fid
        expect(card.send(card.apdu.select_fid(fid, 0x00)), "CARD-FCI-ADF").ok()
    card.select_environment()


def restart(card: CardUnderTest, kind: str) -> None:
    """A cold or warm reset, and the environment again."""
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    card.select_environment()


@verifies("CARD-SECURITY-STAYS")
@for_each("file", guarded, ids=lambda file: str(file.id).replace("/", "-"))
def test_stays_between_files(card: CardUnderTest, file: FileSpec) -> None:
    """After moving to another file of the application and back, the guarded file reads on."""
    tag = file.record_order[0]
    card.open_for_reading(file.id)
    for _ in range(2):
        expect(card.read_item(file.id, tag)).ok()
        card.select_file("SSSE/EF05")
        expect(card.read_item("SSSE/EF05", 0x01), "CARD-EF05-READ").ok()
        expect(card.send(card.apdu.read_record(tag, 0, file.sfi))).ok().starts_with(bytes((tag,)))
        card.select_file(file.id)


@verifies("CARD-SECURITY-STAYS")
def test_stays_for_both_keys(card: CardUnderTest) -> None:
    """The rights of two keys stand side by side: the later authentication does not end the earlier one."""
    file = card.spec.file("SSSE/EF06")
    card.open_for_update(file.id)
    expect(card.read_item(file.id, file.record_order[0])).ok()
    expect(card.send(same_content(card)), "CARD-UPDATE-RECORD").ok()
    card.select_file(file.id)
    expect(card.read_item(file.id, file.record_order[0])).ok()


@verifies("CARD-SECURITY-SELECT")
@for_each("route", ROUTES)
def test_update_right_ends_with_the_application(card: CardUnderTest, route: str) -> None:
    """After another application was selected and left again, updating answers 6982."""
    card.select_environment()
    card.authenticate_external("UKSSSE")
    leave_and_return(card, route)
    expect(card.transmit(same_content(card))).refused_with(security(card))


@verifies("CARD-SECURITY-SELECT")
@for_each("route", ROUTES)
@for_each("file", guarded, ids=lambda file: str(file.id).replace("/", "-"))
def test_read_right_ends_with_the_application(card: CardUnderTest, file: FileSpec, route: str) -> None:
    """After another application was selected and left again, the guarded file is closed: 6982."""
    card.open_for_reading(file.id)
    expect(card.read_item(file.id, file.record_order[0]), "CARD-EF06-READ-KEY").ok()
    leave_and_return(card, route)
    card.select_file(file.id)
    expect(card.transmit(card.apdu.read_record(file.record_order[0], 0, le=0x14))).refused_with(security(card))


@verifies("CARD-SECURITY-RESET")
@for_each("kind", ("cold", "warm"))
def test_update_right_ends_with_reset(card: CardUnderTest, kind: str) -> None:
    """After a reset updating answers 6982."""
    card.select_environment()
    card.authenticate_external("UKSSSE")
    restart(card, kind)
    expect(card.transmit(same_content(card))).refused_with(security(card))


@verifies("CARD-SECURITY-RESET")
@for_each("kind", ("cold", "warm"))
@for_each("file", guarded, ids=lambda file: str(file.id).replace("/", "-"))
def test_read_right_ends_with_reset(card: CardUnderTest, file: FileSpec, kind: str) -> None:
    """After a reset the guarded file is closed: 6982."""
    card.open_for_reading(file.id)
    expect(card.read_item(file.id, file.record_order[0]), "CARD-EF06-READ-KEY").ok()
    restart(card, kind)
    card.select_file(file.id)
    expect(card.transmit(card.apdu.read_record(file.record_order[0], 0, le=0x14))).refused_with(security(card))


@verifies("CARD-SECURITY-RESET")
@for_each("kind", ("cold", "warm"))
def test_challenge_ends_with_reset(card: CardUnderTest, kind: str) -> None:
    """After a reset the right proof over a challenge taken before it answers 6984."""
    card.select_environment()
    command = card.external_authentication("UKSSSE", card.get_challenge(8))
    restart(card, kind)
    no_challenge = card.spec.command("EXTERNAL-AUTHENTICATE").statuses["no-challenge"].text
    expect(card.wrong_external_authentication("UKSSSE", command)).refused_with(no_challenge)
