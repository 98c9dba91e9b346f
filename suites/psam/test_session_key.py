"""DELIVERY SESSION KEY: from the root key in the PSAM to the proof that a card accepts."""

from onecard.oracle import session as computation
from onecard.oracle.psam import PsamTerminal
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import PsamKey, psam_spec
from onecard.testing import PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 40
REGION = "341300"  # synthetic: any region serves, the root is the nation's or the province's
CARDS = {"3des": "card-2.0", "sm4": "card-3.0"}
FULL = 3
# Ids from C0 are reserved and type 0 is no type (fact: usage byte and id ranges of the PSAM).
ABSENT_KEYS = ((0x67, 0xC5), (0x48, 0xF0), (0x60, 0x08), (0x40, 0x12))


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def keys(spec: InterfaceSpec) -> list[str]:
    """The ids of the declared keys."""
    return list(psam_spec(spec).keys)


def key_id(key: str) -> str:
    """A key in a case id."""
    return key.rpartition("/")[2]


def opened(psam: PsamUnderTest, algorithm: str) -> PsamTerminal:
    """The application of an environment, selected."""
    side = PsamTerminal(psam_spec(psam.spec), algorithm)
    psam.preamble(psam.send(side.select_environment()), Text("选择环境", "select the environment"))
    psam.preamble(psam.send(side.select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
    return side


def status(psam: PsamUnderTest, condition: str) -> str:
    """A status word of DELIVERY SESSION KEY."""
    return psam_spec(psam.spec).command("DELIVERY-SESSION-KEY").statuses[condition].text


def drawn_factors(psam: PsamUnderTest, side: PsamTerminal, key: PsamKey) -> tuple[bytes, ...]:
    """Factors that the case draws, as many as the key's usage says."""
    return tuple(psam.random.bytes(8) for _ in range(side.spec.usage.levels(key.usage)))


def prove(psam: PsamUnderTest, algorithm: str, key: PsamKey, original: bytes | None = None) -> None:
    """The PSAM's proof for a drawn card is the one that the card computes with its own key."""
    side = opened(psam, algorithm)
    rules = computation.rules_of(psam.card_of(CARDS[algorithm]))
    levels = side.spec.usage.levels(key.usage)
    historical, random = psam.random.bytes(13), psam.random.bytes(8)
    original = psam.random.bytes(8) if original is None else original
    card_key = computation.card_key(rules, psam.root_key(key.key, algorithm=algorithm), levels, REGION, historical)
    wanted = computation.authentication_data(rules, computation.session_key(rules, card_key, random), original)
    factors = computation.factors_of(rules, REGION, historical)[FULL - levels :]
    expect(psam.send(side.delivery(key, factors, random))).ok().length(0)
    response = psam.send(side.encipher(side.block(original)))
    expect(response).ok().length(side.algorithm.block)
    found = side.proof(response.data)
    check(psam, found == wanted, what="proof", expected=wanted.hex().upper(), received=found.hex().upper())


@verifies("PSAM-DELIVERY-IRK")
@for_each("original", (None, bytes(8), b"\xff" * 8), ids=lambda data: "drawn" if data is None else data[:1].hex())
def test_internal_authentication(psam: PsamUnderTest, original: bytes | None) -> None:
    """With IRK the PSAM computes what a genuine card answers to INTERNAL AUTHENTICATE."""
    prove(psam, "3des", psam_spec(psam.spec).keys["PSAM/IRK"], original)


@verifies("PSAM-DELIVERY-UKSSSE")
def test_update_key(psam: PsamUnderTest) -> None:
    """With UKSSSE, from a province's root, the PSAM makes the proof that opens SSSE for update."""
    prove(psam, "3des", psam_spec(psam.spec).keys["PSAM/UKSSSE"])


@verifies("PSAM-DELIVERY-RKSSSE")
@for_each("algorithm", algorithms)
def test_read_key(psam: PsamUnderTest, algorithm: str) -> None:
    """With RKSSSE the PSAM makes the proof that opens the holder file of a third-generation card."""
    prove(psam, algorithm, psam_spec(psam.spec).keys["PSAM/RKSSSE"])


@verifies("PSAM-SM4-PROOF")
@for_each("key", keys, ids=key_id)
def test_sm4(psam: PsamUnderTest, key: str) -> None:
    """In the SM4 environment each key gives, after folding the 16 bytes, the proof of a third-generation card."""
    prove(psam, "sm4", psam_spec(psam.spec).keys[key])


@verifies("PSAM-DELIVERY-IRK")
@for_each("place", (0, 4, 7))
def test_session_factor_counts(psam: PsamUnderTest, place: int) -> None:
    """Each byte of the session factor changes the session key: the answer is that of the changed one."""
    side = opened(psam, "3des")
    key = side.spec.keys["PSAM/IRK"]
    factors, random, data = drawn_factors(psam, side, key), bytearray(psam.random.bytes(8)), psam.random.bytes(8)
    for _ in range(2):
        root = psam.root_key(key.key, algorithm=side.algorithm.code)
        wanted = side.enciphered(side.session(root, factors, bytes(random)), data)
        expect(psam.send(side.delivery(key, factors, bytes(random)))).ok()
        expect(psam.send(side.encipher(data))).ok().data(wanted, "cipher text")
        random[place] ^= 0x10


@verifies("PSAM-DELIVERY-FACTORS")
@for_each("algorithm", algorithms)
@for_each("key", keys, ids=key_id)
def test_order_of_factors(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """Factors are applied from the end of the data: drawn ones give the expected key, exchanged ones another."""
    side = opened(psam, algorithm)
    spec = side.spec.keys[key]
    factors, random = drawn_factors(psam, side, spec), psam.random.bytes(8)
    for given in (factors, tuple(reversed(factors))):
        block = side.block(random)
        root = psam.root_key(spec.key, algorithm=side.algorithm.code)
        wanted = side.enciphered(side.session(root, given, random), block)
        expect(psam.send(side.delivery(spec, given, random))).ok()
        expect(psam.send(side.encipher(block))).ok().data(wanted, "cipher text")


@verifies("PSAM-DELIVERY-LEVELS")
@for_each("algorithm", algorithms)
@for_each("key", keys, ids=key_id)
def test_wrong_number_of_factors(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """A number of factors (none to three) other than the usage byte's levels answers 6A80."""
    side = opened(psam, algorithm)
    spec = side.spec.keys[key]
    levels = side.spec.usage.levels(spec.usage)
    for count in range(FULL + 1):
        response = psam.send(side.delivery(spec, tuple(psam.random.bytes(8) for _ in range(count)), bytes(8)))
        if count == levels:
            expect(response).ok()
        else:
            expect(response).refused_with(status(psam, "levels"))


@verifies("PSAM-DELIVERY-LEVELS")
@for_each("algorithm", algorithms)
def test_too_many_factors(psam: PsamUnderTest, algorithm: str) -> None:
    """Four factors, which no key takes, are refused with 6A80 or 6700."""
    side = opened(psam, algorithm)
    factors = tuple(psam.random.bytes(8) for _ in range(FULL + 1))
    response = psam.send(side.delivery(side.spec.keys["PSAM/IRK"], factors, bytes(8)))
    expect(response).refused_with(status(psam, "levels"), status(psam, "length"))


@verifies("PSAM-DELIVERY-KEY")
@for_each("algorithm", algorithms)
@for_each("absent", ABSENT_KEYS, ids=lambda absent: f"{absent[0]:02X}-{absent[1]:02X}")
def test_absent_key(psam: PsamUnderTest, algorithm: str, absent: tuple[int, int]) -> None:
    """A usage and id that no key has, with factors that fit its levels, answer 6A88."""
    side = opened(psam, algorithm)
    factors = tuple(psam.random.bytes(8) for _ in range(side.spec.usage.levels(absent[0])))
    command = side.delivery_of(*absent, side.delivery_data(factors, bytes(8)))
    expect(psam.send(command)).refused_with(status(psam, "key"))


@verifies("PSAM-DELIVERY-LENGTH")
@for_each("algorithm", algorithms)
@for_each("change", (-1, 1, 4, 7), ids=lambda change: f"{change:+d}")
def test_wrong_length(psam: PsamUnderTest, algorithm: str, change: int) -> None:
    """Data that are not a session factor and whole factors answer 6700."""
    side = opened(psam, algorithm)
    key = side.spec.keys["PSAM/IRK"]
    right = side.delivery_data(drawn_factors(psam, side, key), psam.random.bytes(8)) + bytes(8)
    command = side.delivery_of(key.usage, key.number, right[: len(right) - 8 + change])
    expect(psam.send(command)).refused_with(status(psam, "length"))


@verifies("PSAM-DELIVERY-APPLICATION")
@for_each("algorithm", algorithms)
@for_each("key", keys, ids=key_id)
def test_outside_the_application(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """In the environment, without its application selected, no session key is delivered."""
    side = PsamTerminal(psam_spec(psam.spec), algorithm)
    psam.preamble(psam.send(side.select_environment()), Text("选择环境", "select the environment"))
    spec = side.spec.keys[key]
    expect(psam.send(side.delivery(spec, drawn_factors(psam, side, spec), psam.random.bytes(8)))).refused()
