"""GET CHALLENGE: length, freshness, single use, and the application that it belongs to."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Response, check, expect, for_each, verifies

ORDER = 100
TAKEN = 6


def counted_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the declaration."""
    return [key.id for key in spec.keys.values() if key.counted and key.application == "SSSE"]


def refused_without_challenge(card: CardUnderTest, response: Response) -> None:
    """The card says that it has no challenge."""
    expect(response).refused_with(card.spec.command("EXTERNAL-AUTHENTICATE").statuses["no-challenge"].text)


def taken(card: CardUnderTest, length: int, count: int = TAKEN) -> list[bytes]:
    """Challenges taken one after the other."""
    return [card.get_challenge(length) for _ in range(count)]


def all_differ(card: CardUnderTest, challenges: list[bytes]) -> None:
    """No challenge stands twice, and none is one byte repeated."""
    repeated = len(challenges) - len(set(challenges))
    check(card, repeated == 0, what="repeated challenges", expected="0", received=str(repeated))
    constant = sum(len(set(challenge)) == 1 for challenge in challenges)
    check(card, constant == 0, what="challenges of one repeated byte", expected="0", received=str(constant))


@verifies("CARD-CHALLENGE-LENGTH")
@for_each("length", lambda spec: spec.command("GET-CHALLENGE").lengths, ids=lambda length: f"Le-{length:02X}")
def test_length(card: CardUnderTest, length: int) -> None:
    """A challenge has as many bytes as Le asks."""
    card.select_environment()
    expect(card.transmit(card.apdu.get_challenge(length))).ok().length(length)


@verifies("CARD-CHALLENGE-LENGTH")
def test_other_length(card: CardUnderTest) -> None:
    """Another Le than 04, 08 or 10 answers 6700 and no data."""
    command = card.spec.command("GET-CHALLENGE")
    card.select_environment()
    for length in {0x01, 0x03, 0x05, 0x07, 0x09, 0x0F, 0x11, 0x20, 0xFF} - set(command.lengths):
        expect(card.transmit(card.apdu.get_challenge(length))).refused_with(command.statuses["length"].text)


@verifies("CARD-CHALLENGE-FRESH")
@for_each("length", (8, 16), ids=lambda length: f"Le-{length:02X}")
def test_fresh(card: CardUnderTest, length: int) -> None:
    """Challenges taken one after the other differ."""
    card.select_environment()
    all_differ(card, taken(card, length))


@verifies("CARD-CHALLENGE-FRESH")
@for_each("kind", ("cold", "warm"))
def test_fresh_after_reset(card: CardUnderTest, kind: str) -> None:
    """The challenges after a reset are none of those before it: the source does not start anew."""
    challenges: list[bytes] = []
    for _ in range(3):
        if kind == "cold":
            card.power_on()
        else:
            card.reset()
        card.select_environment()
        challenges += taken(card, 8, 2)
    all_differ(card, challenges)


@verifies("CARD-CHALLENGE-FRESH")
def test_halves_differ(card: CardUnderTest) -> None:
    """A challenge of 16 bytes is no shorter one said twice."""
    card.select_environment()
    challenges = taken(card, 16)
    repeated = sum(challenge[:8] == challenge[8:] or len(set(challenge)) < 4 for challenge in challenges)
    check(card, repeated == 0, what="challenges that repeat within", expected="0", received=str(repeated))


@verifies("CARD-CHALLENGE-REQUIRED")
@for_each("key", counted_keys)
def test_required(card: CardUnderTest, key: str) -> None:
    """Without a challenge external authentication answers 6984, even if right for a challenge of zeros."""
    card.select_environment()
    command = card.external_authentication(key, bytes(8))
    refused_without_challenge(card, card.wrong_external_authentication(key, command))


@verifies("CARD-CHALLENGE-REQUIRED")
def test_required_is_not_counted(card: CardUnderTest) -> None:
    """An authentication refused for want of a challenge takes no try: the next wrong one is the first that counts."""
    card.select_environment()
    without = card.external_authentication("UKSSSE", bytes(8))
    refused_without_challenge(card, card.wrong_external_authentication("UKSSSE", without))
    wrong = card.external_authentication("UKSSSE", card.get_challenge(8), spoil=True)
    left = int(card.ics["card.key_try_limit"]) - 1
    expect(card.wrong_external_authentication("UKSSSE", wrong)).tries_left(left)


@verifies("CARD-CHALLENGE-ONCE")
@for_each("key", counted_keys)
def test_once_after_success(card: CardUnderTest, key: str) -> None:
    """After a good authentication the same command answers 6984, and so does one made for a challenge of zeros."""
    card.select_environment()
    command = card.external_authentication(key, card.get_challenge(8))
    expect(card.wrong_external_authentication(key, command), "CARD-EXTERNAL-AUTH").ok()
    refused_without_challenge(card, card.wrong_external_authentication(key, command))
    zeros = card.external_authentication(key, bytes(8))
    refused_without_challenge(card, card.wrong_external_authentication(key, zeros))


@verifies("CARD-CHALLENGE-ONCE")
@for_each("key", counted_keys)
def test_once_after_failure(card: CardUnderTest, key: str) -> None:
    """After a wrong authentication the right one over the same challenge answers 6984."""
    card.select_environment()
    challenge = card.get_challenge(8)
    wrong = card.external_authentication(key, challenge, spoil=True)
    expect(card.wrong_external_authentication(key, wrong), "CARD-EXTERNAL-AUTH-WRONG").sw("63Cx")
    right = card.external_authentication(key, challenge)
    refused_without_challenge(card, card.wrong_external_authentication(key, right))


@verifies("CARD-CHALLENGE-ONCE")
def test_once_for_all_keys(card: CardUnderTest) -> None:
    """A challenge that served one key serves no other, nor the same key with another version's data."""
    card.select_environment()
    keys = counted_keys(card.spec)
    challenge = card.get_challenge(8)
    first = card.external_authentication(keys[0], challenge)
    expect(card.wrong_external_authentication(keys[0], first), "CARD-EXTERNAL-AUTH").ok()
    command = card.external_authentication(keys[-1], challenge, version=card.spec.key_versions[-1])
    refused_without_challenge(card, card.wrong_external_authentication(keys[-1], command))


@verifies("CARD-CHALLENGE-CONTEXT")
@for_each("key", counted_keys)
def test_lost_by_selecting(card: CardUnderTest, key: str) -> None:
    """A challenge taken in the environment is gone after another application was selected and left again: 6984."""
    card.select_environment()
    command = card.external_authentication(key, card.get_challenge(8))
    card.select_application("DF01")
    card.select_environment()
    refused_without_challenge(card, card.wrong_external_authentication(key, command))


@verifies("CARD-CHALLENGE-CONTEXT")
@for_each("key", counted_keys)
def test_not_brought_along(card: CardUnderTest, key: str) -> None:
    """A challenge taken in another application does not serve in the environment: 6984."""
    card.select_environment()
    card.select_application("DF01")
    command = card.external_authentication(key, card.get_challenge(8))
    card.select_environment()
    refused_without_challenge(card, card.wrong_external_authentication(key, command))


@verifies("CARD-CHALLENGE-CONTEXT")
def test_kept_within_the_application(card: CardUnderTest) -> None:
    """Selecting and reading a file of the same application keeps the challenge."""
    card.select_environment()
    command = card.external_authentication("UKSSSE", card.get_challenge(8))
    card.select_file("SSSE/EF05")
    expect(card.read_item("SSSE/EF05", 0x01), "CARD-EF05-READ").ok()
    expect(card.wrong_external_authentication("UKSSSE", command)).ok()
