"""How the terminal sequence counts, and CREDIT SAM FOR PURCHASE: when MAC2 is taken, and how often."""

from collections.abc import Callable

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.testing import PsamTill, PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 72
FIRST = "3des"
MAC = 4


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def status(psam: PsamUnderTest, condition: str) -> str:
    """A status word of CREDIT SAM FOR PURCHASE."""
    return psam.data.command("CREDIT-PURCHASE").statuses[condition].text


def wrong_mac(psam: PsamUnderTest) -> tuple[str, ...]:
    """The words for a wrong MAC2: that of the table, and that of the text."""
    command = psam.data.command("CREDIT-PURCHASE")
    other = () if command.other_mac is None else (command.other_mac.text,)
    return (command.statuses["mac"].text, *other)


def flipped(mac: bytes, at: int) -> bytes:
    """A MAC with one bit changed in the byte ``at``."""
    return mac[:at] + bytes((mac[at] ^ 0x01,)) + mac[at + 1 :]


def follows(psam: PsamUnderTest, before: int, after: int) -> None:
    """One sequence is one above the other."""
    step = psam.data.purchase.step
    check(psam, after == before + step, what="sequence", expected=f"{before + step:08X}", received=f"{after:08X}")


@verifies("PSAM-PURCHASE-SEQUENCE")
@for_each("algorithm", algorithms)
def test_counts(psam: PsamUnderTest, algorithm: str) -> None:
    """Initialisation after initialisation, completed or not, the sequence goes up by one."""
    till = PsamTill(psam, algorithm)
    first = till.numbered()
    second = till.numbered()
    follows(psam, first.sequence, second.sequence)
    psam.preamble(till.credit(till.mac2(second)), Text("消费确认", "complete the purchase"))
    follows(psam, second.sequence, till.numbered().sequence)


@verifies("PSAM-PURCHASE-SEQUENCE")
@for_each("algorithm", algorithms)
@for_each("kind", ("warm", "cold"))
def test_counts_across_reset(psam: PsamUnderTest, algorithm: str, kind: str) -> None:
    """After a warm reset, and after a power-off, the sequence goes on where it was."""
    before = PsamTill(psam, algorithm).numbered().sequence
    restart: Callable[[], bytes] = psam.reset if kind == "warm" else psam.power_on
    restart()
    follows(psam, before, PsamTill(psam, algorithm).numbered().sequence)


@verifies("PSAM-PURCHASE-SEQUENCE")
@for_each("algorithm", algorithms)
def test_file_agrees(psam: PsamUnderTest, algorithm: str) -> None:
    """File 0019 holds the sequence that was answered last or the one that comes next, and stays so after a reset."""
    sequence = PsamTill(psam, algorithm).numbered().sequence
    for restart in (None, psam.reset):
        if restart is not None:
            restart()
        found = PsamTill(psam, algorithm).stored_sequence()
        right = found in (sequence, sequence + psam.data.purchase.step)
        wanted = f"{sequence:08X} or the next"
        check(psam, right, what="file 0019", expected=wanted, received=f"{found:08X}")


@verifies("PSAM-PURCHASE-CREDIT")
@for_each("algorithm", algorithms)
@for_each("version", (1, 3))
def test_right_mac2(psam: PsamUnderTest, algorithm: str, version: int) -> None:
    """The MAC2 that the card of the case computes is accepted, without data."""
    till = PsamTill(psam, algorithm)
    expect(till.credit(till.mac2(till.initialise(version)))).ok().length(0)


@verifies("PSAM-PURCHASE-MAC2")
@for_each("algorithm", algorithms)
@for_each("at", range(MAC))
def test_wrong_mac2(psam: PsamUnderTest, algorithm: str, at: int) -> None:
    """A MAC2 with one wrong bit, in any of its bytes, answers 9302 or 63CF."""
    till = PsamTill(psam, algorithm)
    expect(till.refused_mac2(flipped(till.mac2(till.initialise()), at))).refused_with(*wrong_mac(psam))


@verifies("PSAM-PURCHASE-MAC2")
@for_each("mac2", (bytes(MAC), b"\xff" * MAC), ids=lambda mac: mac.hex())
def test_constant_mac2(psam: PsamUnderTest, mac2: bytes) -> None:
    """A MAC2 of 00 or of FF answers 9302 or 63CF."""
    till = PsamTill(psam, FIRST)
    till.initialise()
    expect(till.refused_mac2(mac2)).refused_with(*wrong_mac(psam))


@verifies("PSAM-PURCHASE-MAC2")
@for_each("algorithm", algorithms)
def test_mac1_for_mac2(psam: PsamUnderTest, algorithm: str) -> None:
    """The PSAM's own MAC1, sent back as MAC2, is refused."""
    till = PsamTill(psam, algorithm)
    expect(till.refused_mac2(till.initialise().mac1)).refused_with(*wrong_mac(psam))


@verifies("PSAM-PURCHASE-LENGTH")
@for_each("length", (0, 3, 5, 8))
def test_length_of_mac2(psam: PsamUnderTest, length: int) -> None:
    """An Lc other than 04 answers 6700, also where the data begin with the right MAC2."""
    till = PsamTill(psam, FIRST)
    mac2 = till.mac2(till.initialise())
    expect(till.credit((mac2 + bytes(MAC))[:length])).refused_with(status(psam, "length"))


@verifies("PSAM-PURCHASE-PARAMETERS")
@for_each("p1_p2", ((0x01, 0x00), (0x10, 0x00), (0x00, 0x01), (0x00, 0x80)), ids=str)
def test_parameters_of_credit(psam: PsamUnderTest, p1_p2: tuple[int, int]) -> None:
    """80 72 with other P1 P2 than 00 00 answers 6A86, also with the right MAC2."""
    till = PsamTill(psam, FIRST)
    mac2 = till.mac2(till.initialise())
    response = psam.send(till.purchase.credit(mac2, p1=p1_p2[0], p2=p1_p2[1]))
    expect(response).refused_with(status(psam, "parameters"))


@verifies("PSAM-PURCHASE-ORDER")
@for_each("algorithm", algorithms)
@for_each("mac2", (bytes(MAC), b"\x5a" * MAC), ids=lambda mac: mac.hex())
def test_without_initialisation(psam: PsamUnderTest, algorithm: str, mac2: bytes) -> None:
    """CREDIT SAM FOR PURCHASE in the application, nothing having been initialised, is refused."""
    expect(PsamTill(psam, algorithm).refused_mac2(mac2)).refused()


@verifies("PSAM-PURCHASE-ONCE")
@for_each("algorithm", algorithms)
def test_once(psam: PsamUnderTest, algorithm: str) -> None:
    """The MAC2 that completed a purchase does not complete it again."""
    till = PsamTill(psam, algorithm)
    mac2 = till.mac2(till.initialise())
    psam.preamble(till.credit(mac2), Text("消费确认", "complete the purchase"))
    expect(till.refused_mac2(mac2)).refused()


@verifies("PSAM-PURCHASE-ONCE")
@for_each("algorithm", algorithms)
def test_no_second_try(psam: PsamUnderTest, algorithm: str) -> None:
    """After a wrong MAC2 the right one is refused too."""
    till = PsamTill(psam, algorithm)
    mac2 = till.mac2(till.initialise())
    expect(till.refused_mac2(flipped(mac2, 0)), "PSAM-PURCHASE-MAC2").refused()
    expect(till.refused_mac2(mac2)).refused()


@verifies("PSAM-PURCHASE-ENDS")
@for_each("algorithm", algorithms)
@for_each("how", ("reset", "other-df", "again"))
def test_ends(psam: PsamUnderTest, algorithm: str, how: str) -> None:
    """After a reset, after another DF was selected and this one again, or a new initialisation, MAC2 is refused."""
    till = PsamTill(psam, algorithm)
    mac2 = till.mac2(till.initialise())
    if how == "reset":
        psam.reset()
    if how == "again":
        till.initialise()
    else:
        till = PsamTill(psam, algorithm)
    expect(till.refused_mac2(mac2)).refused()
