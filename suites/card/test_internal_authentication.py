"""INTERNAL AUTHENTICATE: the card proves that it is genuine."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 110
ABSENT_VERSIONS = (0x00, 0x04, 0x7F)
# (random, original): None is drawn for each run.
DATA = (
    ("zeros", bytes(8), bytes(8)),
    ("ones", b"\xff" * 8, b"\xff" * 8),
    ("counting", bytes(range(0x11, 0x19)), bytes(range(1, 9))),
    ("equal", bytes(range(1, 9)), bytes(range(1, 9))),
    ("drawn", None, None),
)
Data = tuple[str, bytes | None, bytes | None]


def absent_versions(spec: CardSpec) -> list[int]:
    """Key versions that no declaration has, and the first one behind the declared."""
    return sorted({max(spec.key_versions) + 1, *ABSENT_VERSIONS} - set(spec.key_versions))


def version_id(version: int) -> str:
    """A key version in a case id."""
    return f"version-{version:02X}"


@verifies("CARD-INTERNAL-AUTH")
@for_each("data", DATA, ids=lambda data: str(data[0]))
def test_proof(card: CardUnderTest, data: Data) -> None:
    """The answer is the eight bytes that IRK's session key gives over the original data."""
    _, random, original = data
    random = card.random.bytes(8) if random is None else random
    original = card.random.bytes(8) if original is None else original
    card.select_environment()
    response = card.send(card.internal_authentication(random, original))
    expect(response).ok().data(card.expected_internal(random, original), "authentication data")


@verifies("CARD-INTERNAL-AUTH")
def test_needs_no_rights(card: CardUnderTest) -> None:
    """Right after a reset, with a file current and after another authentication the answer is the same."""
    random, original = card.random.bytes(8), card.random.bytes(8)
    command, wanted = card.internal_authentication(random, original), card.expected_internal(random, original)
    card.select_environment()
    expect(card.send(command)).ok().data(wanted, "authentication data")
    card.select_file("SSSE/EF05")
    expect(card.send(command)).ok().data(wanted, "authentication data with a file current")
    card.send(card.internal_authentication(original, random))
    expect(card.send(command)).ok().data(wanted, "authentication data again")


@verifies("CARD-INTERNAL-AUTH")
def test_depends_on_both_parts(card: CardUnderTest) -> None:
    """One changed bit of the random value or of the original data changes the answer."""
    card.select_environment()
    block = card.random.bytes(16)
    answers = set()
    for place in (0, 7, 8, 15):
        changed = block[:place] + bytes((block[place] ^ 0x10,)) + block[place + 1 :]
        response = card.send(card.internal_authentication(changed[:8], changed[8:]))
        expect(response).ok().length(card.spec.authentication_data.length)
        answers.add(response.data)
    check(card, len(answers) == 4, what="different answers", expected="4", received=str(len(answers)))


@verifies("CARD-KEY-VERSION")
@for_each("version", lambda spec: spec.key_versions, ids=version_id)
def test_version(card: CardUnderTest, version: int) -> None:
    """Each declared version of IRK answers with its own key."""
    random, original = card.random.bytes(8), card.random.bytes(8)
    card.select_environment()
    response = card.send(card.internal_authentication(random, original, version))
    expect(response).ok().data(card.expected_internal(random, original, version), "authentication data")


@verifies("CARD-KEY-UNKNOWN")
@for_each("version", absent_versions, ids=version_id)
def test_absent_version(card: CardUnderTest, version: int) -> None:
    """A version of IRK that the card does not hold answers 6A88 and no data."""
    card.select_environment()
    response = card.send(card.internal_authentication(card.random.bytes(8), card.random.bytes(8), version))
    expect(response).refused_with(card.spec.command("INTERNAL-AUTHENTICATE").statuses["key"].text)


@verifies("CARD-DIVERSIFICATION")
def test_diversified(card: CardUnderTest) -> None:
    """The card's IRK is the national root key diversified by province, city and card."""
    random, original = card.random.bytes(8), card.random.bytes(8)
    card.select_environment()
    response = card.send(card.internal_authentication(random, original))
    expect(response).ok().data(card.expected_internal(random, original), "authentication data under the derived key")
