"""Local files keep clear of those of the rules: an identifier below EF0C is one of the rules or of none."""

from onecard.spec.card import CardSpec
from onecard.spec.card_rules import extension_of
from onecard.testing import CardUnderTest, expect, files, for_each, verifies

ORDER = 154
FIRST_FILE = 0xEF01


def areas(spec: CardSpec) -> list[str]:
    """SSSE and the information areas of this card; none where the data have no rules of extensions."""
    if extension_of(spec) is None:
        return []
    return ["SSSE", *[area for area in files.AREAS if area in spec.applications]]


def free(spec: CardSpec, area: str) -> list[int]:
    """Identifiers EF01 to EF0B that the rules give to no file of an area; the directory file has a place of its own."""
    taken = {file.fid for file in spec.files.values() if file.application == area}
    directory = 0xEF00 | int(spec.ics["card.directory_sfi"]) if area == "SSSE" else 0
    rules = extension_of(spec)
    beyond = rules.first_file if rules is not None else FIRST_FILE
    return [fid for fid in range(FIRST_FILE, beyond) if fid not in taken and fid != directory]


@verifies("CARD-EXTENSION-RULES")
@for_each("area", areas)
def test_no_file_before_the_extensions(card: CardUnderTest, area: str) -> None:
    """EF01 to EF0B are files of the rules, or answer 6A82."""
    card.select_world(area)
    missing = card.spec.command("SELECT").statuses["not-found"].text
    for fid in free(card.spec, area):
        expect(card.transmit(card.apdu.select_ef(fid))).refused_with(missing)
