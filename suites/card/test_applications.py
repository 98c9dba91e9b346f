"""Selecting applications: the MF first, labels as names, partial names, and files that share an identifier."""

from onecard.spec.card import Access, Application, CardSpec, FileSpec, Structure
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 25
BY_NUMBER = 4
RID = bytes.fromhex("D156000005")
"""What the identifiers of the social security applications begin with."""


def applications(spec: CardSpec) -> list[Application]:
    """The applications of SSSE."""
    return [application for application in spec.applications.values() if application.parent == "SSSE"]


def application_id(application: Application) -> str:
    """The id of an application in a case id."""
    return application.id


def not_found(card: CardUnderTest) -> str:
    """The status word for what SELECT does not find."""
    return card.spec.command("SELECT").statuses["not-found"].text


@verifies("CARD-SELECT-MF-FIRST")
@for_each("kind", ("cold", "warm"))
def test_master_file_first(card: CardUnderTest, kind: str) -> None:
    """Right after a reset 3F00 is selected, then SSSE by its name, then its EF05."""
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    expect(card.send(card.apdu.select_fid(0x3F00, 0x00))).ok()
    expect(card.send(card.apdu.select_name(card.spec.applications["SSSE"].aid))).ok()
    expect(card.send(card.apdu.select_ef(card.spec.file("SSSE/EF05").fid))).ok()


@verifies("CARD-SELECT-MF-FIRST")
def test_files_of_the_master_file(card: CardUnderTest) -> None:
    """With the MF selected EF05 is found where SSSE is the MF, and is not where SSSE is a DDF under it."""
    card.select_environment()
    expect(card.send(card.apdu.select_fid(0x3F00, 0x00))).ok()
    response = card.send(card.apdu.select_ef(card.spec.file("SSSE/EF05").fid))
    if card.ics["card.ssse_is_mf"]:
        expect(response).ok()
    else:
        expect(response).refused_with(not_found(card))
    card.select_environment()
    expect(card.send(card.apdu.select_ef(card.spec.file("SSSE/EF05").fid))).ok()


def labelled(spec: CardSpec) -> list[Application]:
    """The applications without an identifier."""
    return [application for application in applications(spec) if not application.aid]


@verifies("CARD-SELECT-LABEL")
@for_each("application", labelled, ids=application_id)
def test_label(card: CardUnderTest, application: Application) -> None:
    """The label in GBK selects the application from SSSE and from another application; its files are then found."""
    name = application.label.encode("gbk")
    files = [file for file in card.spec.files.values() if file.application == application.id]
    for start in ("SSSE", "DF01"):
        card.select_world(start)
        expect(card.send(card.apdu.select_name(name))).ok()
        for file in files:
            expect(card.send(card.apdu.select_ef(file.fid))).ok()


@verifies("CARD-SELECT-LABEL")
@for_each("application", labelled, ids=application_id)
def test_other_label(card: CardUnderTest, application: Application) -> None:
    """A label that differs in its last byte selects nothing: 6A82."""
    name = application.label.encode("gbk")
    card.select_environment()
    response = card.send(card.apdu.select_name(name[:-1] + bytes((name[-1] ^ 0x01,))))
    expect(response).refused_with(not_found(card))


def partial(spec: CardSpec) -> list[bytes]:
    """The beginning that several names share, where the card declares partial names."""
    return [RID] if spec.ics["card.partial_name_selection"] else []


@verifies("CARD-SELECT-NEXT")
@for_each("name", partial, ids=lambda name: bytes(name).hex().upper())
def test_next_of_several(card: CardUnderTest, name: bytes) -> None:
    """Declared: the beginning of several names selects one, "next" each of the others once, then 6A82."""
    wanted = {application.aid for application in applications(card.spec) if application.aid.startswith(name)}
    found: list[bytes] = []
    card.select_environment()
    response = card.send(card.apdu.select_name(name))
    while response.is_ok and len(found) < len(wanted):
        found.append(next((aid for aid in wanted if aid in response.data), b""))
        response = card.send(card.apdu.select_name(name, next_=True))
    expect(response).refused_with(not_found(card))
    same = sorted(found) == sorted(wanted)
    expected = f"{len(wanted)}, each once"
    check(card, same, what="applications found", expected=expected, received=str([each.hex() for each in found]))


def same_identifier(spec: CardSpec) -> list[FileSpec]:
    """The files EF05 with records in the applications of SSSE."""
    fid = spec.file("SSSE/EF05").fid
    found = [file for file in spec.files.values() if file.fid == fid and file.structure == Structure.LINEAR_VARIABLE]
    own = [file for file in found if "SSSE" in spec.lineage(file.application)]
    if not spec.ics["card.pin"]:
        own = [file for file in own if file.read.access not in (Access.PIN, Access.PIN_AND_KEY)]
    return [
        file for file in own if file.read.access is not Access.NEVER and not file.item(file.record_order[0]).optional
    ]


@verifies("CARD-SELECT-SAME-IDENTIFIER")
@for_each("file", same_identifier, ids=lambda file: str(file.id).replace("/", "-"))
def test_own_file(card: CardUnderTest, file: FileSpec) -> None:
    """EF05 selected in an application is the application's own: its first record has the tag that the rules give it."""
    card.open_file(file.id)
    response = card.send(card.apdu.read_record(1, BY_NUMBER))
    tag = file.record_order[0]
    expect(response).ok().starts_with(bytes((tag, file.item(tag).length)), "tag and length of the first record")
