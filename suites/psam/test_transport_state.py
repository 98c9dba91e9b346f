"""How the terminal sequence of transport purchases counts, and 80 72: when MAC2 is taken, and how often."""

from collections.abc import Callable

from onecard.oracle import transport as card_side
from onecard.testing import PsamGate, PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 82
MAC = 4
KINDS = ("TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND")


def flipped(mac: bytes, at: int) -> bytes:
    """A MAC with one bit changed in the byte ``at``."""
    return mac[:at] + bytes((mac[at] ^ 0x01,)) + mac[at + 1 :]


def follows(psam: PsamUnderTest, before: int, after: int) -> None:
    """One sequence is one above the other."""
    step = psam.data.purchase.step
    check(psam, after == before + step, what="sequence", expected=f"{before + step:08X}", received=f"{after:08X}")


@verifies("PSAM-TRANSPORT-SEQUENCE")
def test_counts(psam: PsamUnderTest) -> None:
    """Initialisation after initialisation, completed or not, the sequence goes up by one."""
    gate = PsamGate(psam)
    first = gate.numbered()
    second = gate.numbered()
    follows(psam, first.sequence, second.sequence)
    psam.preamble(gate.credit(gate.mac2(second)), Text("消费确认", "complete the purchase"))
    follows(psam, second.sequence, gate.numbered().sequence)


@verifies("PSAM-TRANSPORT-SEQUENCE")
@for_each("kind", ("warm", "cold"))
def test_counts_across_reset(psam: PsamUnderTest, kind: str) -> None:
    """After a warm reset, and after a power-off, the sequence goes on where it was."""
    before = PsamGate(psam).numbered().sequence
    restart: Callable[[], bytes] = psam.reset if kind == "warm" else psam.power_on
    restart()
    follows(psam, before, PsamGate(psam).numbered().sequence)


@verifies("PSAM-TRANSPORT-CREDIT")
@for_each("kind", KINDS)
def test_right_mac2(psam: PsamUnderTest, kind: str) -> None:
    """The MAC2 that the card of the case computes by its own data is accepted, without data."""
    gate = PsamGate(psam)
    begun, transaction = gate.initialise(kind), gate.card.transaction(kind)
    session = card_side.session_key(transaction, gate.card_purchase_key(begun), begun.fields)
    expect(gate.credit(card_side.mac2(transaction, session, begun.fields))).ok().length(0)


@verifies("PSAM-TRANSPORT-MAC2")
@for_each("at", range(MAC))
def test_wrong_mac2(psam: PsamUnderTest, at: int) -> None:
    """A MAC2 with one wrong bit, in any of its bytes, is refused."""
    gate = PsamGate(psam)
    expect(gate.refused_mac2(flipped(gate.mac2(gate.initialise()), at))).refused()


@verifies("PSAM-TRANSPORT-MAC2")
@for_each("mac2", (bytes(MAC), b"\xff" * MAC), ids=lambda mac: mac.hex())
def test_constant_mac2(psam: PsamUnderTest, mac2: bytes) -> None:
    """A MAC2 of 00 or of FF is refused."""
    gate = PsamGate(psam)
    gate.initialise()
    expect(gate.refused_mac2(mac2)).refused()


@verifies("PSAM-TRANSPORT-MAC2")
def test_mac1_for_mac2(psam: PsamUnderTest) -> None:
    """The PSAM's own MAC1, sent back as MAC2, is refused."""
    gate = PsamGate(psam)
    expect(gate.refused_mac2(gate.initialise().mac1)).refused()


@verifies("PSAM-TRANSPORT-LENGTH")
@for_each("length", (0, 3, 5, 8))
def test_length_of_mac2(psam: PsamUnderTest, length: int) -> None:
    """An Lc other than 04 is refused, also where the data begin with the right MAC2."""
    gate = PsamGate(psam)
    mac2 = gate.mac2(gate.initialise())
    expect(gate.credit((mac2 + bytes(MAC))[:length])).refused()


@verifies("PSAM-TRANSPORT-PARAMETERS")
@for_each("p1_p2", ((0xFF, 0x00), (0x00, 0x01), (0x00, 0x80)), ids=str)
def test_parameters_of_credit(psam: PsamUnderTest, p1_p2: tuple[int, int]) -> None:
    """80 72 with P1 FF, or P2 other than 00, is refused, also with the right MAC2."""
    gate = PsamGate(psam)
    mac2 = gate.mac2(gate.initialise())
    expect(psam.send(gate.side.credit(mac2, p1=p1_p2[0], p2=p1_p2[1]))).refused()


@verifies("PSAM-TRANSPORT-ORDER")
@for_each("mac2", (bytes(MAC), b"\x5a" * MAC), ids=lambda mac: mac.hex())
def test_without_initialisation(psam: PsamUnderTest, mac2: bytes) -> None:
    """80 72 in the application, nothing having been initialised, is refused."""
    expect(PsamGate(psam).refused_mac2(mac2)).refused()


@verifies("PSAM-TRANSPORT-ONCE")
def test_once(psam: PsamUnderTest) -> None:
    """The MAC2 that completed a purchase does not complete it again."""
    gate = PsamGate(psam)
    mac2 = gate.mac2(gate.initialise())
    psam.preamble(gate.credit(mac2), Text("消费确认", "complete the purchase"))
    expect(gate.refused_mac2(mac2)).refused()


@verifies("PSAM-TRANSPORT-ONCE")
def test_no_second_try(psam: PsamUnderTest) -> None:
    """After a wrong MAC2 the right one is refused too."""
    gate = PsamGate(psam)
    mac2 = gate.mac2(gate.initialise())
    expect(gate.refused_mac2(flipped(mac2, 0)), "PSAM-TRANSPORT-MAC2").refused()
    expect(gate.refused_mac2(mac2)).refused()


@verifies("PSAM-TRANSPORT-ENDS")
@for_each("how", ("reset", "other-df", "again"))
def test_ends(psam: PsamUnderTest, how: str) -> None:
    """After a reset, after another DF and this one again, or a new initialisation, MAC2 is refused."""
    gate = PsamGate(psam)
    mac2 = gate.mac2(gate.initialise())
    if how == "reset":
        psam.reset()
    if how == "again":
        gate.initialise()
    else:
        gate = PsamGate(psam)
    expect(gate.refused_mac2(mac2)).refused()
