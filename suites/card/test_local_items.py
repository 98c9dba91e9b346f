"""Local applications and items keep clear of the identifiers and tags of the rules, and out of the files of SSSE."""

from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_rules import extension_of
from onecard.testing import CardUnderTest, check, expect, files, for_each, verifies

ORDER = 155
NUMBER = 4
FIRST_AREA = 0xDF01
SSSE = "SSSE"


def below_extensions(spec: CardSpec) -> list[int]:
    """Identifiers of applications that neither the rules nor extensions may use on this card."""
    rules = extension_of(spec)
    first = rules.first_application if rules is not None else FIRST_AREA
    used = {application.fid for application in spec.applications.values() if FIRST_AREA <= application.fid < first}
    return list(range(max(used, default=first - 1) + 1, first))


@verifies("CARD-EXTENSION-RULES")
@for_each("fid", below_extensions, ids=lambda fid: f"{fid:04X}")
def test_no_application_before_the_extensions(card: CardUnderTest, fid: int) -> None:
    """No application stands between those of the rules and DF0A."""
    card.select_environment()
    expect(card.transmit(card.apdu.select_fid(fid, 0x00))).refused_with(
        card.spec.command("SELECT").statuses["not-found"].text
    )


def closed(spec: CardSpec) -> list[FileSpec]:
    """Files of records that take no further items."""
    rules = extension_of(spec)
    names = rules.closed if rules is not None else frozenset()
    return [file for file in spec.files.values() if file.application in names and file.record_order]


@verifies("CARD-EXTENSION-RULES")
@for_each("file", closed, ids=lambda file: file.id.replace("/", "-"))
def test_no_further_items(card: CardUnderTest, file: FileSpec) -> None:
    """The files of SSSE end with the last item of the rules."""
    card.open_file(file.id)
    missing = card.spec.command("READ-RECORD").statuses["record-not-found"].text
    expect(card.send(card.apdu.read_record(len(file.record_order) + 1, NUMBER))).refused_with(missing)


def areas_of_the_rules(spec: CardSpec) -> list[str]:
    """The information areas that are no extensions."""
    rules = extension_of(spec)
    known = spec.applications
    return [area for area in files.AREAS if area in known and rules and known[area].fid < rules.first_application]


def extensible(spec: CardSpec) -> list[FileSpec]:
    """Files of TLV records that may take further items."""
    return [file for file in files.area_files(spec) if files.is_tagged(file) and files.opening(spec, file.read)]


@verifies("CARD-EXTENSION-RULES")
@for_each("file", extensible, ids=lambda file: file.id.replace("/", "-"))
def test_tags_are_not_reused(card: CardUnderTest, file: FileSpec) -> None:
    """A further item does not take a tag that the rules use in another file of the environment and its areas."""
    ours = {SSSE, file.application, *areas_of_the_rules(card.spec)}
    others = {item.tag for other in card.spec.files.values() if other.application in ours for item in other.items}
    own = {item.tag for item in file.items}
    card.open_file(file.id)
    tags = [response.data[0] for response in files.contents(card, file) if response.data]
    reused = bytes(tag for tag in tags if tag in others and tag not in own)
    check(
        card, not reused, what="tags of further items", expected="none of another file", received=reused.hex().upper()
    )
