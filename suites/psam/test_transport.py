"""The transport application: the MAC of a card's maintenance command, and MAC1 of a purchase."""

from onecard.oracle import transport as card_side
from onecard.testing import PsamGate, PsamUnderTest, Response, check, expect, for_each, verifies

ORDER = 80
BLOCK, MAC, ANSWER = 8, 4, 8
LONGEST = 9
# fact: APPLICATION BLOCK, reversible, with Lc 04 for its MAC
BLOCKING = bytes.fromhex("841E000004")
KINDS = ("TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND")
UNKNOWN = ((0x45, 0x00), (0x45, 0x7F), (0x45, 0xFF), (0x5F, 0x02), (0x40, 0x02), (0xFF, 0xFF))
UNKNOWN_VERSIONS = (0x00, 0x7F, 0xFF)


def same(psam: PsamUnderTest, wanted: bytes, received: bytes, what: str) -> None:
    """A MAC is that of the oracle."""
    check(psam, received == wanted, what=what, expected=wanted.hex().upper(), received=received.hex().upper())


@verifies("PSAM-TRANSPORT-SELECT")
def test_selected(psam: PsamUnderTest) -> None:
    """It is found from the master file, where 80 70 is refused, and once more after the other application."""
    gate = PsamGate(psam, select=False)
    for _ in range(2):
        gate.leave()
        expect(psam.send(gate.command(gate.terms(), gate.factors()))).refused()
        expect(psam.send(gate.select_command())).ok()
        psam.opened("3des")


def mac_of_key(psam: PsamUnderTest, response: Response, wanted: tuple[bytes, ...]) -> None:
    """The answer begins with a MAC by one of the readings of its last block."""
    expect(response).ok()
    found, either = response.data[:MAC], " or ".join(mac.hex().upper() for mac in wanted)
    check(psam, found in wanted, what="MAC", expected=either, received=found.hex().upper())


@verifies("PSAM-TRANSPORT-MAC")
def test_mac_of_block(psam: PsamUnderTest) -> None:
    """80 1A 45 02 10 with application serial and issuer, then 80 FA 05: a MAC of the card's key and challenge."""
    gate = PsamGate(psam)
    factors = gate.factors()
    issuer, serial = factors
    expect(psam.send(bytes.fromhex("801A450210") + serial + issuer)).ok().length(0)
    octets = gate.challenged(BLOCKING)
    response = psam.send(bytes.fromhex("80FA0500") + bytes((len(octets),)) + octets)
    mac_of_key(psam, response, gate.readings(gate.card_key(factors), octets))


@verifies("PSAM-TRANSPORT-MAC")
@for_each("length", (1, 2, 3, 7, 8, 9, 15, 16, 30, 55))
def test_mac_of_update(psam: PsamUnderTest, length: int) -> None:
    """Commands that update so many bytes of a file of the card, padded by the terminal."""
    gate = PsamGate(psam)
    factors = gate.factors()
    gate.deliver(factors)
    octets = gate.challenged(update(psam, length))
    mac_of_key(psam, psam.send(gate.side.cipher(octets)), gate.readings(gate.card_key(factors), octets))


def update(psam: PsamUnderTest, length: int) -> bytes:
    """A secured update of file 15 by drawn bytes, without its MAC."""
    return bytes.fromhex("04D69500") + bytes((length + MAC,)) + psam.random.bytes(length)


@verifies("PSAM-TRANSPORT-MAC-RULE")
@for_each("length", (0, 3, 30))
def test_mac_that_the_card_takes(psam: PsamUnderTest, length: int) -> None:
    """Of APPLICATION BLOCK and of updates: the MAC that the card of the case takes, by its own data."""
    gate = PsamGate(psam)
    factors, command = gate.factors(), update(psam, length) if length else BLOCKING
    gate.deliver(factors)
    octets = gate.challenged(command)
    wanted = card_side.maintenance_mac(gate.card.messaging, gate.card_key(factors), octets[:MAC], command)
    expect(psam.send(gate.side.cipher(octets))).ok().starts_with(wanted, "MAC")


@verifies("PSAM-TRANSPORT-MAC-RULE")
def test_mac_by_the_data(psam: PsamUnderTest) -> None:
    """Three drawn blocks behind a drawn initial value: the MAC of the PSAM's own data."""
    gate = PsamGate(psam)
    factors, octets = gate.factors(), psam.random.bytes(4 * BLOCK)
    gate.deliver(factors)
    wanted = gate.side.mac(gate.card_key(factors), octets)
    expect(psam.send(gate.side.cipher(octets))).ok().starts_with(wanted, "MAC")


@verifies("PSAM-TRANSPORT-MAC-LENGTHS")
@for_each("blocks", range(1, LONGEST + 1))
def test_blocks(psam: PsamUnderTest, blocks: int) -> None:
    """So many blocks of data behind the initial value, which is any."""
    gate = PsamGate(psam)
    factors, octets = gate.factors(), psam.random.bytes(BLOCK * (1 + blocks))
    gate.deliver(factors)
    mac_of_key(psam, psam.send(gate.side.cipher(octets)), gate.readings(gate.card_key(factors), octets))


@verifies("PSAM-TRANSPORT-MAC-WHOLE")
@for_each("length", (0, 1, 7, 8, 9, 12, 15, 17, 20, 23, 25, 63, 65, 79))
def test_parts_of_blocks(psam: PsamUnderTest, length: int) -> None:
    """No data, an initial value alone, and lengths beside whole blocks are refused."""
    gate = PsamGate(psam)
    gate.deliver(gate.factors())
    expect(psam.send(gate.side.cipher(psam.random.bytes(length)))).refused()


@verifies("PSAM-TRANSPORT-MAC-REQUIRED")
def test_mac_without_key(psam: PsamUnderTest) -> None:
    """80 FA 05 in the application, nothing having been delivered, is refused."""
    expect(psam.send(PsamGate(psam).side.cipher(psam.random.bytes(2 * BLOCK)))).refused()


@verifies("PSAM-TRANSPORT-KEY-UNKNOWN")
@for_each("key", UNKNOWN, ids=lambda key: f"{key[0]:02X}{key[1]:02X}")
def test_unknown_key(psam: PsamUnderTest, key: tuple[int, int]) -> None:
    """A version that no source has, and a usage that means no MAC, are refused with as many factors as it says."""
    gate = PsamGate(psam)
    levels = psam.data.usage.levels(key[0])
    expect(psam.send(gate.side.deliver(*key, gate.side.factors(gate.factors(levels))))).refused()


@verifies("PSAM-TRANSPORT-FACTORS")
@for_each("length", (0, 7, 8, 9, 15, 17, 24, 32))
def test_number_of_factors(psam: PsamUnderTest, length: int) -> None:
    """Less or more than two factors of 8 bytes."""
    gate = PsamGate(psam)
    key = gate.mac_key
    expect(psam.send(gate.side.deliver(key.usage, key.version, psam.random.bytes(length)))).refused()


@verifies("PSAM-TRANSPORT-KEY-ENDS")
@for_each("how", ("reset", "other-df", "refused"))
def test_key_ends(psam: PsamUnderTest, how: str) -> None:
    """After a reset, after another DF and this one again, or a delivery that was refused, 80 FA 05 is refused."""
    gate = PsamGate(psam)
    gate.deliver(gate.factors())
    if how == "refused":
        expect(
            psam.send(gate.side.deliver(gate.mac_key.usage, 0xFF, bytes(2 * BLOCK))), "PSAM-TRANSPORT-KEY-UNKNOWN"
        ).refused()
    else:
        if how == "reset":
            psam.reset()
        gate = PsamGate(psam)
    expect(psam.send(gate.side.cipher(psam.random.bytes(2 * BLOCK)))).refused()


@verifies("PSAM-TRANSPORT-PURCHASE")
@for_each("kind", KINDS)
@for_each("amount", ("drawn", "zero", "largest"))
def test_mac1(psam: PsamUnderTest, kind: str, amount: str) -> None:
    """The answer is a terminal sequence of four bytes and the MAC1 that the card computes by its own data."""
    gate = PsamGate(psam)
    octets = {"zero": bytes(4), "largest": b"\xff" * 4}.get(amount)
    fields, factors = gate.terms(kind, **({} if octets is None else {"amount": octets})), gate.factors()
    response = psam.send(gate.command(fields, factors))
    expect(response).ok().length(ANSWER)
    begun, transaction = gate.begun(fields, factors, response), gate.card.transaction(kind)
    session = card_side.session_key(transaction, gate.card_purchase_key(begun), begun.fields)
    same(psam, card_side.mac1(transaction, session, begun.fields), begun.mac1, "MAC1")
    same(psam, gate.mac1(begun), begun.mac1, "MAC1 by the PSAM's data")


@verifies("PSAM-TRANSPORT-PURCHASE")
def test_header(psam: PsamUnderTest) -> None:
    """80 70 00 00 24, twenty bytes of the transaction, application serial, four bytes of the issuer and FFFFFFFF."""
    PsamGate(psam)
    terms = bytes.fromhex("11223344 0007 00000064 06 20260101120000 01 00 0310489900000001 09999990FFFFFFFF")
    expect(psam.send(bytes.fromhex("8070000024") + terms)).ok().length(ANSWER)


@verifies("PSAM-TRANSPORT-VERSION-UNKNOWN")
@for_each("version", UNKNOWN_VERSIONS, ids=lambda version: f"{version:02X}")
def test_unknown_version(psam: PsamUnderTest, version: int) -> None:
    """A version that no purchase key has is refused."""
    gate = PsamGate(psam)
    expect(psam.send(gate.command(gate.terms(key_version=bytes((version,))), gate.factors()))).refused()


@verifies("PSAM-TRANSPORT-LENGTH")
@for_each("change", (-36, -8, -1, 1, 8))
def test_length(psam: PsamUnderTest, change: int) -> None:
    """An Lc other than 24 is refused."""
    gate = PsamGate(psam)
    terms = gate.side.terms(gate.terms(), gate.factors()) + bytes(max(change, 0))
    expect(psam.send(gate.side.init(terms[: len(terms) + min(change, 0)]))).refused()


@verifies("PSAM-TRANSPORT-PARAMETERS")
@for_each("p1_p2", ((0xFF, 0x00), (0x00, 0x01), (0x00, 0x80)), ids=str)
def test_parameters_of_init(psam: PsamUnderTest, p1_p2: tuple[int, int]) -> None:
    """80 70 with P1 FF, or P2 other than 00, is refused."""
    gate = PsamGate(psam)
    terms = gate.side.terms(gate.terms(), gate.factors())
    expect(psam.send(gate.side.init(terms, p1=p1_p2[0], p2=p1_p2[1]))).refused()


@verifies("PSAM-TRANSPORT-PARAMETERS")
@for_each("p1_p2", ((0xFF, 0x00), (0x05, 0x01), (0x05, 0x80)), ids=str)
def test_parameters_of_cipher(psam: PsamUnderTest, p1_p2: tuple[int, int]) -> None:
    """80 FA with P1 FF, or P2 other than 00, is refused with a key delivered."""
    gate = PsamGate(psam)
    gate.deliver(gate.factors())
    expect(psam.send(gate.side.cipher(bytes(2 * BLOCK), p1=p1_p2[0], p2=p1_p2[1]))).refused()


@verifies("PSAM-TRANSPORT-APPLICATION")
@for_each("where", ("master", "application"))
def test_outside(psam: PsamUnderTest, where: str) -> None:
    """In the master file and in the social security application neither the purchase nor the maintenance key serves."""
    gate = PsamGate(psam)
    delivery, purchase = gate.delivery(gate.factors()), gate.command(gate.terms(), gate.factors())
    if where == "master":
        gate.leave()
    else:
        psam.opened("3des")
    for command in (delivery, purchase, gate.side.cipher(bytes(2 * BLOCK))):
        expect(psam.send(command)).refused()
