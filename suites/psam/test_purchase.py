"""INIT SAM FOR PURCHASE: the terminal sequence and the MAC1 that a card accepts, and what is refused."""

from onecard.oracle.psam import PsamTerminal
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.testing import PsamTill, PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 70
FIRST = "3des"
ANSWER = 8
VERSIONS = (1, 2, 3)
UNKNOWN_VERSIONS = (0x00, 0x04, 0x7F, 0xFF)
COUNTS = range(4)
PURCHASE_TYPE = 2  # fact: bits 5 to 1 of the usage byte, the number of levels above them
OF_ENVIRONMENT = {"3des": 0x01, "sm4": 0x03}
# No source gives these an algorithm of the card.
ODD_IDENTIFIERS = (0x05, 0x0F, 0xFF)


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def status(psam: PsamUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


def agrees(psam: PsamUnderTest, till: PsamTill, version: int, **changed: bytes) -> None:
    """A purchase with a drawn card is initialised, and its MAC1 is the oracle's."""
    fields, factors = till.terms(version, **changed), till.factors()
    response = psam.send(till.command(fields, factors))
    expect(response).ok().length(ANSWER)
    begun = till.initialised(fields, factors, response)
    wanted = till.mac1(begun)
    check(psam, begun.mac1 == wanted, what="MAC1", expected=wanted.hex().upper(), received=begun.mac1.hex().upper())


@verifies("PSAM-PURCHASE-INIT")
@for_each("algorithm", algorithms)
@for_each("amounts", ("drawn", "zero", "largest"))
def test_mac1(psam: PsamUnderTest, algorithm: str, amounts: str) -> None:
    """The answer is a terminal sequence of four bytes and the MAC1 that the card computes with its own key."""
    till = PsamTill(psam, algorithm)
    octets = {"zero": bytes(4), "largest": b"\xff" * 4}.get(amounts)
    same = {} if octets is None else dict.fromkeys(("account", "self-paid", "pooled"), octets)
    agrees(psam, till, 1, **same)
    agrees(psam, till, 1, **same)


@verifies("PSAM-PURCHASE-SM4")
@for_each("version", VERSIONS)
def test_sm4(psam: PsamUnderTest, version: int) -> None:
    """In the SM4 environment MAC1 is the one that a third-generation card computes, with each version of the key."""
    agrees(psam, PsamTill(psam, "sm4"), version)


@verifies("PSAM-PURCHASE-INIT")
def test_header(psam: PsamUnderTest) -> None:
    """80700100, Lc 1C and the factors (24 for one, 2C for two, 34 for three), answers eight bytes (fact: commands)."""
    till = PsamTill(psam, FIRST)
    data = bytes.fromhex("11223344000100000064000000000000000032202601311234560101") + bytes(8 * till.levels)
    expect(psam.send(bytes.fromhex("80700100") + bytes((len(data),)) + data)).ok().length(ANSWER)


@verifies("PSAM-PURCHASE-VERSIONS")
@for_each("algorithm", algorithms)
@for_each("version", VERSIONS)
def test_version(psam: PsamUnderTest, algorithm: str, version: int) -> None:
    """With each of the versions 01, 02 and 03 MAC1 is made with the key of that version."""
    agrees(psam, PsamTill(psam, algorithm), version)


@verifies("PSAM-PURCHASE-VERSION-UNKNOWN")
@for_each("algorithm", algorithms)
@for_each("version", UNKNOWN_VERSIONS, ids=lambda version: f"{version:02X}")
def test_unknown_version(psam: PsamUnderTest, algorithm: str, version: int) -> None:
    """A version that the purchase key does not have answers 6A88."""
    till = PsamTill(psam, algorithm)
    response = psam.send(till.command(till.terms(version), till.factors()))
    expect(response).refused_with(status(psam, "INIT-PURCHASE", "key"))


@verifies("PSAM-PURCHASE-LEVELS")
@for_each("algorithm", algorithms)
@for_each("count", COUNTS)
def test_levels(psam: PsamUnderTest, algorithm: str, count: int) -> None:
    """From none to three factors: the number that the purchase key's level needs is taken, another answers 6A80."""
    till = PsamTill(psam, algorithm)
    response = psam.send(till.command(till.terms(), till.factors(count)))
    if count == till.levels:
        expect(response).ok().length(ANSWER)
    else:
        expect(response).refused_with(status(psam, "INIT-PURCHASE", "levels"))


@verifies("PSAM-PURCHASE-ALGORITHM")
@for_each("algorithm", algorithms)
def test_identifier(psam: PsamUnderTest, algorithm: str) -> None:
    """The identifier of another algorithm, or of none, is refused, and the right one serves after it."""
    till = PsamTill(psam, algorithm)
    others = {found for name, found in OF_ENVIRONMENT.items() if name != algorithm}
    for identifier in (*sorted(others), *ODD_IDENTIFIERS):
        fields = till.terms(algorithm=bytes((identifier,)))
        expect(psam.send(till.command(fields, till.factors()))).refused()
    agrees(psam, till, 1)


@verifies("PSAM-PURCHASE-LENGTH")
@for_each("algorithm", algorithms)
@for_each("change", (-8, -1, 1, 4, 7))
def test_length(psam: PsamUnderTest, algorithm: str, change: int) -> None:
    """An Lc that is not 1C and whole factors answers 6700; so does one that is less than 1C."""
    till = PsamTill(psam, algorithm)
    # Eight bytes less than the fields alone is no level too few, but fields that are missing.
    data = till.purchase.data(till.terms(), till.factors(0 if change == -8 else None)) + bytes(max(change, 0))
    cut = data[: len(data) + min(change, 0)]
    expect(psam.send(till.purchase.init(cut))).refused_with(status(psam, "INIT-PURCHASE", "length"))


@verifies("PSAM-PURCHASE-PARAMETERS")
@for_each("p1_p2", ((0x00, 0x00), (0x02, 0x00), (0x11, 0x00), (0x01, 0x01), (0x01, 0x80)), ids=str)
def test_parameters_of_init(psam: PsamUnderTest, p1_p2: tuple[int, int]) -> None:
    """80 70 with other P1 P2 than 01 00 answers 6A86."""
    till = PsamTill(psam, FIRST)
    command = till.purchase.init(till.purchase.data(till.terms(), till.factors()), p1=p1_p2[0], p2=p1_p2[1])
    expect(psam.send(command)).refused_with(status(psam, "INIT-PURCHASE", "parameters"))


@verifies("PSAM-PURCHASE-APPLICATION")
@for_each("algorithm", algorithms)
def test_outside_the_application(psam: PsamUnderTest, algorithm: str) -> None:
    """With the environment alone selected the initialisation is refused."""
    till = PsamTill(psam, algorithm)
    step = Text("选择环境", "select the environment")
    psam.preamble(psam.send(till.side.select_environment()), step)
    expect(psam.send(till.command(till.terms(), till.factors()))).refused()


@verifies("PSAM-PURCHASE-KEY-ALONE")
@for_each("algorithm", algorithms)
@for_each("does", ("encipher", "mac"))
def test_key_serves_purchases_alone(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """DELIVERY SESSION KEY with usage and version of the purchase key is refused, or CIPHER DATA after it."""
    till = PsamTill(psam, algorithm)
    side: PsamTerminal = till.side
    data = side.delivery_data(till.factors(), psam.random.bytes(8))
    usage = till.levels << 5 | PURCHASE_TYPE
    response = psam.send(side.delivery_of(usage, till.key.versions[0], data))
    if response.is_ok:
        response = psam.send(side.cipher(does, psam.random.bytes(2 * side.algorithm.block)))
    expect(response).refused()
