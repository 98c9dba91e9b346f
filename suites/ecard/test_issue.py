"""First-level issue of an e-card from a physical card."""

from onecard.oracle.ecard_client import Client
from onecard.spec.ecard import EcardSpec, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import EcardUnderTest, Inconclusive, Reply, Text, check, expect, for_each, verifies

ORDER = 110
UNKNOWN_CARD = "340100D156000005" + "F" * 16
ZERO = "0"


def algorithms(spec: InterfaceSpec) -> list[str]:
    """Algorithms of cards."""
    return list(ecard_spec(spec).proofs)


def recorded(spec: InterfaceSpec) -> list[str]:
    """Keys of a card's record."""
    return list(ecard_spec(spec).recorded)


def closed_states(spec: InterfaceSpec) -> list[str]:
    """States that let nothing be issued and from which there is a way back."""
    return [state.id for state in ecard_spec(spec).states.values() if not state.issue and not state.final]


def refused(reply: Reply, spec: EcardSpec, error: str) -> None:
    """The named refusal of the data."""
    wanted = spec.error(error)
    expect(reply).refused(wanted.status, code=wanted.code)


def card_of(client: Client[Reply], algorithm: str) -> dict[str, str]:
    """A card of an algorithm; inconclusive without one."""
    card = client.card_with(algorithm)
    if card is None:
        raise Inconclusive(zh=f"IXIT 未给出 {algorithm} 的卡片", en=f"the IXIT names no card with {algorithm}")
    return card


def changed(value: str) -> str:
    """Another value of the same form: the first digit is another one, a name is another name."""
    if value in ("3des", "sm4"):
        return "sm4" if value == "3des" else "3des"
    if value[0].isdigit():
        return str((int(value[0]) + 1) % 10) + value[1:]
    return ("B" if value[0] == "A" else "A") + value[1:]


@verifies("ECARD-ISSUE")
@for_each("algorithm", algorithms)
def test_first_level(ecard: EcardUnderTest, algorithm: str) -> None:
    """The card's data and its right internal authentication give e-card number, number of issue and region."""
    client = Client(ecard)
    card = card_of(client, algorithm)
    operation = client.spec.operation("ISSUE")
    reply = client.issue(card)
    expect(reply).status(operation.success, operation.repeated).json()
    for key in operation.answer:
        expect(reply).has(key)
    expect(reply).field("aab301", card["aab301"]).field("actionType", client.spec.issued_action)


@verifies("ECARD-ISSUE")
def test_new_is_created(ecard: EcardUnderTest) -> None:
    """Where the test data can be reset, the first issue of a card says that something was made."""
    client = Client(ecard)
    operation = client.spec.operation("ISSUE")
    fresh = (operation.success,) if ecard.has_parameter("control") else (operation.success, operation.repeated)
    expect(client.issue(client.card)).status(*fresh).has("esscNo")


@verifies("ECARD-ISSUE-ONE")
def test_one_per_card(ecard: EcardUnderTest) -> None:
    """Issuing again from the same card gives the same numbers and says that nothing was made."""
    client = Client(ecard)
    essc_no = client.issued()
    again = client.issue(client.card)
    expect(again).status(client.spec.operation("ISSUE").repeated).field("esscNo", essc_no)
    third = client.issue(client.card)
    expect(third).field("esscNo", essc_no).field("signNo", again.get("signNo"))


@verifies("ECARD-ISSUE-ONE")
def test_cards_differ(ecard: EcardUnderTest) -> None:
    """Two cards have two e-cards, each with its own state."""
    client = Client(ecard)
    numbers = [client.issued(card) for card in client.cards[:2]]
    check(ecard, numbers[0] != numbers[1], what="e-card numbers", expected="two", received=", ".join(numbers))
    if not ecard.has_parameter("control"):
        ecard.at_end("card found again", lambda: client.reported(client.cards[0], "NORMAL"))
    client.reported(client.cards[0], "LOST")
    expect(client.status(numbers[1]), "ECARD-ISSUE-ONE").field("usable", True)


@verifies("ECARD-ISSUE-PROOF")
@for_each("algorithm", algorithms)
def test_forged_proof(ecard: EcardUnderTest, algorithm: str) -> None:
    """Any changed byte of the authentication data, zeros, and data over changed values are refused."""
    client = Client(ecard)
    card = card_of(client, algorithm)
    right = client.issue_body(card)
    proof = bytes.fromhex(str(right["proof"]))
    for place in range(len(proof)):
        wrong = proof[:place] + bytes((proof[place] ^ 0x01,)) + proof[place + 1 :]
        refused(client.issue(card, **{**right, "proof": wrong.hex().upper()}), client.spec, "PROOF")
    refused(client.issue(card, **{**right, "proof": ZERO * 16}), client.spec, "PROOF")
    for key in ("random", "data"):
        other = changed(str(right[key]))
        refused(client.issue(card, **{**right, key: other}), client.spec, "PROOF")


@verifies("ECARD-ISSUE-PROOF")
def test_proof_of_another_card(ecard: EcardUnderTest) -> None:
    """The right authentication data of another card do not serve for this one."""
    client = Client(ecard)
    card, other = client.cards[:2]
    random, data = ecard.random.bytes(8), ecard.random.bytes(8)
    proof = client.proof(other, random, data)
    reply = client.issue(card, random=random.hex().upper(), data=data.hex().upper(), proof=proof.hex().upper())
    refused(reply, client.spec, "PROOF")


@verifies("ECARD-ISSUE-PROOF-ONCE")
def test_proof_once(ecard: EcardUnderTest) -> None:
    """A request that was listened to and is sent again is refused."""
    client = Client(ecard)
    body = client.issue_body(client.card)
    ecard.must(client.issue(client.card, **body), Text("一级签发", "first-level issue"))
    refused(client.issue(client.card, **body), client.spec, "PROOF-USED")


@verifies("ECARD-ISSUE-RECORD")
@for_each("key", recorded)
def test_other_data(ecard: EcardUnderTest, key: str) -> None:
    """With any one of the card's data changed the issue is refused, and the right data still serve."""
    client = Client(ecard)
    card = client.card
    refused(client.issue(card, **{key: changed(card[key])}), client.spec, "RECORD")
    client.issued(card)


@verifies("ECARD-ISSUE-STATE")
@for_each("state", closed_states)
def test_state(ecard: EcardUnderTest, state: str) -> None:
    """A card that is sealed, lost, temporarily lost or locked gets no e-card; normal again, it does."""
    client = Client(ecard)
    if not ecard.has_parameter("control"):
        ecard.at_end("card normal again", lambda: client.reported(client.card, "NORMAL"))
    client.reported(client.card, state)
    refused(client.issue(client.card), client.spec, "STATE")
    client.reported(client.card, "NORMAL")
    client.issued()


@verifies("ECARD-ISSUE-CARD")
def test_unknown_card(ecard: EcardUnderTest) -> None:
    """A card that the service does not know gets no e-card and no state, and is not known afterwards."""
    client = Client(ecard)
    stranger = {**client.card, "aaz501": UNKNOWN_CARD}
    refused(client.issue(stranger), client.spec, "CARD")
    refused(client.report(stranger, "NORMAL"), client.spec, "CARD")
    refused(client.issue(stranger), client.spec, "CARD")
