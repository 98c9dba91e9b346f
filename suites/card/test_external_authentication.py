"""EXTERNAL AUTHENTICATE: the terminal proves a key; wrong proofs are counted and grant nothing."""

from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_messaging import keys_granting
from onecard.testing import CardUnderTest, IssuerDesk, Response, expect, for_each, verifies

ORDER = 120
PROOF = 5  # where the authentication data begin in the command
ORIGINALS = ("constant", "challenge", "earlier-challenge", "drawn")
# P2 bit 8 clear: keys of the environment. No source knows these numbers.
ABSENT_KEYS = (0x1E, 0x1F, 0x7E)


def counted_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the declaration."""
    return [key.id for key in spec.keys.values() if key.counted and key.application == "SSSE"]


def key_limit(card: CardUnderTest) -> int:
    """The declared try limit of the keys."""
    return int(card.ics["card.key_try_limit"])


def status(card: CardUnderTest, condition: str) -> str:
    """A status word of EXTERNAL AUTHENTICATE."""
    return card.spec.command("EXTERNAL-AUTHENTICATE").statuses[condition].text


def offer(card: CardUnderTest, key: str, command: bytes) -> Response:
    """Send a right proof with care: a card that takes it for a wrong one gets all tries back at the end."""
    return card.wrong_external_authentication(key, command)


def refused_as_wrong(card: CardUnderTest, response: Response) -> None:
    """63Cx and no data."""
    expect(response).refused_with(status(card, "failed"))


def opened_by(spec: CardSpec, key: str) -> FileSpec | None:
    """The first file that the key opens."""
    return next((file for file in spec.files.values() if key in (file.update.key, file.read.key)), None)


def opening_keys(spec: CardSpec) -> list[str]:
    """Keys of the declaration that open something on this card: files, or unblocking."""
    return [key for key in counted_keys(spec) if opened_by(spec, key) or spec.keys[key].grants == "unblock"]


def grants_nothing(card: CardUnderTest, key: str) -> None:
    """What the key would open is closed: updating for an update key, reading for a read key, unblocking for PUK."""
    file = opened_by(card.spec, key)
    if file is None:
        if key not in opening_keys(card.spec):
            return
        desk = IssuerDesk(card)
        command = desk.unblock_command(desk.session(desk.challenge()))
        expect(card.send(command)).refused_with(card.spec.command("PIN-CHANGE-UNBLOCK").statuses["security"].text)
        return
    card.select_file(file.id)
    tags = file.record_order
    command = card.apdu.read_record(tags[0], 0, le=0x14) if tags else card.apdu.read_binary(0, 0x14)
    if key == file.update.key:
        free = card.spec.file("SSSE/EF05")
        card.select_file(free.id)
        command = card.apdu.update_record(2, 4, card.read_item(free.id, free.record_order[1]).data)
    expect(card.transmit(command)).refused_with(card.spec.command("READ-RECORD").statuses["security"].text)


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", counted_keys)
@for_each("original", ORIGINALS)
def test_right_proof(card: CardUnderTest, key: str, original: str) -> None:
    """The right proof over the last challenge is accepted, whatever original data the terminal takes."""
    card.select_environment()
    earlier, challenge = card.get_challenge(8), card.get_challenge(8)
    drawn = card.random.bytes(8)
    data = {"constant": bytes(range(1, 9)), "challenge": challenge, "earlier-challenge": earlier, "drawn": drawn}
    expect(offer(card, key, card.external_authentication(key, challenge, data[original]))).ok().length(0)


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", counted_keys)
@for_each(
    "length",
    lambda spec: [length for length in spec.command("GET-CHALLENGE").lengths if length <= spec.algorithm.block],
    ids=lambda length: f"{length}-bytes",
)
def test_challenge_lengths(card: CardUnderTest, key: str, length: int) -> None:
    """Challenges of every length up to a block serve, shorter ones padded with 00 to the block."""
    card.select_environment()
    expect(offer(card, key, card.external_authentication(key, card.get_challenge(length)))).ok().length(0)


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", counted_keys)
def test_again_and_again(card: CardUnderTest, key: str) -> None:
    """Right proofs take no try: more of them than the key has tries are all accepted."""
    card.select_environment()
    expect(offer(card, key, card.external_authentication(key, card.get_challenge(8)))).ok()
    for _ in range(key_limit(card)):
        expect(card.send(card.external_authentication(key, card.get_challenge(8)))).ok()


@verifies("CARD-EXTERNAL-AUTH-WRONG")
@for_each(
    "at_byte",
    lambda spec: [(key, place) for key in counted_keys(spec) for place in (range(8) if key == "UKSSSE" else (0, 4, 7))],
    ids=lambda at_byte: f"{at_byte[0]}-byte-{at_byte[1]}",
)
def test_one_wrong_bit(card: CardUnderTest, at_byte: tuple[str, int]) -> None:
    """All eight bytes are compared: one wrong bit in any of them is refused with 63Cx, and grants nothing."""
    key, place = at_byte
    card.select_environment()
    right = card.external_authentication(key, card.get_challenge(8))
    at = PROOF + place
    wrong = right[:at] + bytes((right[at] ^ 1 << card.random.below(8),)) + right[at + 1 :]
    refused_as_wrong(card, card.wrong_external_authentication(key, wrong))
    grants_nothing(card, key)


@verifies("CARD-EXTERNAL-AUTH-WRONG")
@for_each("key", counted_keys)
@for_each("proof", ("zeros", "challenge", "reversed"))
def test_guessed_proof(card: CardUnderTest, key: str, proof: str) -> None:
    """Zeros, the challenge, or the proof backwards in place of the proof are refused with 63Cx, and grant nothing."""
    card.select_environment()
    challenge = card.get_challenge(8)
    right = card.external_authentication(key, challenge)
    guess = {"zeros": bytes(8), "challenge": challenge, "reversed": right[PROOF : PROOF + 8][::-1]}[proof]
    wrong = right[:PROOF] + guess + right[PROOF + 8 :]
    refused_as_wrong(card, card.wrong_external_authentication(key, wrong))
    grants_nothing(card, key)


@verifies("CARD-EXTERNAL-AUTH-WRONG")
@for_each("key", counted_keys)
def test_other_original(card: CardUnderTest, key: str) -> None:
    """A proof holds for its original data only."""
    card.select_environment()
    right = card.external_authentication(key, card.get_challenge(8))
    wrong = right[:-1] + bytes((right[-1] ^ 0x80,))
    refused_as_wrong(card, card.wrong_external_authentication(key, wrong))
    grants_nothing(card, key)


@verifies("CARD-EXTERNAL-AUTH-WRONG")
@for_each("key", counted_keys)
def test_older_challenge(card: CardUnderTest, key: str) -> None:
    """The last challenge counts: a proof over the one before it is refused with 63Cx."""
    card.select_environment()
    older = card.get_challenge(8)
    card.get_challenge(8)
    refused_as_wrong(card, card.wrong_external_authentication(key, card.external_authentication(key, older)))
    grants_nothing(card, key)


@verifies("CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted_keys)
def test_failure_is_counted(card: CardUnderTest, key: str) -> None:
    """The first wrong proof leaves one try less than the declared limit."""
    card.select_environment()
    wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
    expect(card.wrong_external_authentication(key, wrong)).tries_left(key_limit(card) - 1)


@verifies("CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted_keys)
def test_success_restores(card: CardUnderTest, key: str) -> None:
    """A right proof restores all tries: the next wrong one is the first again."""
    card.select_environment()
    for _ in range(3):
        wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
        expect(card.wrong_external_authentication(key, wrong)).tries_left(key_limit(card) - 1)
        expect(card.send(card.external_authentication(key, card.get_challenge(8))), "CARD-EXTERNAL-AUTH").ok()


@verifies("CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted_keys)
def test_right_proofs_are_not_counted(card: CardUnderTest, key: str) -> None:
    """Right proofs leave the counter at its maximum: the first wrong one after them leaves one try less."""
    card.select_environment()
    for _ in range(2):
        right = card.external_authentication(key, card.get_challenge(8))
        expect(offer(card, key, right), "CARD-EXTERNAL-AUTH").ok()
    wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
    expect(card.wrong_external_authentication(key, wrong)).tries_left(key_limit(card) - 1)


@verifies("CARD-PIN-LIMIT")
@for_each("key", counted_keys)
def test_limit_of_a_key(card: CardUnderTest, key: str) -> None:
    """The try limit of the key is the declared one."""
    card.select_environment()
    card.authenticate_external(key)
    wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
    expect(card.wrong_external_authentication(key, wrong)).tries_left(key_limit(card) - 1)


def strangers(spec: CardSpec) -> list[tuple[str, str]]:
    """(key whose proof is made, key that it is sent to): every two different keys, the internal one among the first."""
    own = [key.id for key in spec.keys.values() if key.application == "SSSE"]
    return [(made, sent) for made in own for sent in counted_keys(spec) if made != sent]


@verifies("CARD-EXTERNAL-AUTH-BOUND")
@for_each("pair", strangers, ids="-for-".join)
def test_proof_of_another_key(card: CardUnderTest, pair: tuple[str, str]) -> None:
    """A proof made with another key of the card is refused with 63Cx."""
    made, sent = pair
    card.select_environment()
    proof = card.external_authentication(made, card.get_challenge(8))
    command = proof[:3] + bytes((card.spec.keys[sent].key_id,)) + proof[4:]
    refused_as_wrong(card, card.wrong_external_authentication(sent, command))
    grants_nothing(card, sent)


@verifies("CARD-EXTERNAL-AUTH-BOUND")
@for_each(
    "pair",
    lambda spec: [
        (made, other) for made, other in strangers(spec) if made in counted_keys(spec) and other in opening_keys(spec)
    ],
    ids="-gives-no-".join,
)
def test_right_of_another_key(card: CardUnderTest, pair: tuple[str, str]) -> None:
    """Authenticating one key grants no right of the other."""
    made, other = pair
    card.select_environment()
    card.authenticate_external(made)
    grants_nothing(card, other)


@verifies("CARD-EXTERNAL-AUTH-BOUND")
@for_each("key", opening_keys)
def test_internal_authentication_grants_nothing(card: CardUnderTest, key: str) -> None:
    """That the card proved itself grants the terminal nothing."""
    card.select_environment()
    expect(card.send(card.internal_authentication(bytes(8), bytes(8))), "CARD-INTERNAL-AUTH").ok()
    grants_nothing(card, key)


@verifies("CARD-KEY-VERSION")
@for_each("key", counted_keys)
@for_each("version", lambda spec: spec.key_versions, ids=lambda version: f"version-{version:02X}")
def test_version(card: CardUnderTest, key: str, version: int) -> None:
    """Each declared version of the key, named as the 17th byte, authenticates."""
    card.select_environment()
    command = card.external_authentication(key, card.get_challenge(8), version=version)
    expect(offer(card, key, command)).ok().length(0)


@verifies("CARD-KEY-VERSION")
@for_each("key", counted_keys)
@for_each(
    "pair",
    lambda spec: (
        list(zip(spec.key_versions, (*spec.key_versions[1:], *spec.key_versions[:1]), strict=True))
        if len(spec.key_versions) > 1
        else []
    ),
    ids=lambda pair: f"{pair[0]:02X}-as-{pair[1]:02X}",
)
def test_other_version(card: CardUnderTest, key: str, pair: tuple[int, int]) -> None:
    """A proof made with one version and sent as another is refused with 63Cx."""
    made, named = pair
    card.select_environment()
    right = card.external_authentication(key, card.get_challenge(8), version=made)
    response = card.wrong_external_authentication(key, right[:-1] + bytes((named,)))
    refused_as_wrong(card, response)


@verifies("CARD-KEY-UNKNOWN")
@for_each("key_id", ABSENT_KEYS, ids=lambda key_id: f"key-{key_id:02X}")
def test_absent_key(card: CardUnderTest, key_id: int) -> None:
    """A key id that the card does not hold answers 6A88, although a challenge was taken."""
    card.select_environment()
    card.get_challenge(8)
    expect(card.send(card.apdu.external_authenticate(key_id, bytes(16)))).refused_with(status(card, "key"))


@verifies("CARD-KEY-UNKNOWN")
@for_each("key", counted_keys)
@for_each(
    "version",
    lambda spec: (max(spec.key_versions) + 1, 0x7F),
    ids=lambda version: f"version-{version:02X}",
)
def test_absent_version(card: CardUnderTest, key: str, version: int) -> None:
    """A version that the card does not hold answers 6A88, although the proof is right for the default version."""
    card.select_environment()
    right = card.external_authentication(key, card.get_challenge(8))
    command = right[:4] + bytes((right[4] + 1,)) + right[5:] + bytes((version,))
    expect(card.wrong_external_authentication(key, command)).refused_with(status(card, "key"))


def proved_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of SSSE: those with a counter, and the blocking key, which has none."""
    return counted_keys(spec) + [key.id for key in keys_granting(spec, "block") if key.application == "SSSE"]


@verifies("CARD-DIVERSIFICATION")
@for_each("key", proved_keys)
def test_diversified(card: CardUnderTest, key: str) -> None:
    """The card's key is the root key diversified by the factors of the levels below it."""
    card.select_environment()
    expect(offer(card, key, card.external_authentication(key, card.get_challenge(8)))).ok().length(0)
