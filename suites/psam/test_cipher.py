"""CIPHER DATA, and how long a session key lives."""

from collections.abc import Callable, Mapping

from onecard.oracle.psam import PsamTerminal
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.testing import PsamUnderTest, Text, expect, for_each, verifies

ORDER = 60
MODES = ("encipher", "mac")
ENCIPHERS, BOTH = "PSAM/IRK", "PSAM/UKSSSE"  # types of the usage byte: 7 enciphers, 8 makes MACs too


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def opened(psam: PsamUnderTest, algorithm: str) -> PsamTerminal:
    """The application of an environment, selected."""
    side = PsamTerminal(psam_spec(psam.spec), algorithm)
    psam.preamble(psam.send(side.select_environment()), Text("选择环境", "select the environment"))
    psam.preamble(psam.send(side.select_application()), Text("选择 PSAM 应用", "select the PSAM application"))
    return side


def delivery(psam: PsamUnderTest, side: PsamTerminal, key: str) -> tuple[bytes, tuple[bytes, ...], bytes]:
    """The command that delivers a session key for drawn factors; those; the drawn session factor."""
    spec = side.spec.keys[key]
    factors = tuple(psam.random.bytes(8) for _ in range(side.spec.usage.levels(spec.usage)))
    random = psam.random.bytes(8)
    return side.delivery(spec, factors, random), factors, random


def deliver(psam: PsamUnderTest, side: PsamTerminal, key: str) -> None:
    """A session key, delivered."""
    command, _, _ = delivery(psam, side, key)
    psam.preamble(psam.send(command), Text("交付过程密钥", "deliver a session key"))


def delivered(psam: PsamUnderTest, side: PsamTerminal, key: str) -> bytes:
    """The same, and its value as the oracle computes it."""
    command, factors, random = delivery(psam, side, key)
    psam.preamble(psam.send(command), Text("交付过程密钥", "deliver a session key"))
    root = psam.root_key(side.spec.keys[key].key, algorithm=side.algorithm.code)
    return side.session(root, factors, random)


def status(psam: PsamUnderTest, condition: str) -> str:
    """A status word of CIPHER DATA."""
    return psam_spec(psam.spec).command("CIPHER-DATA").statuses[condition].text


@verifies("PSAM-CIPHER-REQUIRED")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_without_session_key(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """CIPHER DATA in the application, before any session key was delivered, answers 6901."""
    side = opened(psam, algorithm)
    response = psam.send(side.cipher(does, bytes(2 * side.algorithm.block)))
    expect(response).refused_with(status(psam, "no-session-key"))


@verifies("PSAM-CIPHER-BLOCKS")
@for_each("algorithm", algorithms)
@for_each("blocks", (1, 2, 3, 8))
def test_blocks(psam: PsamUnderTest, algorithm: str, blocks: int) -> None:
    """Up to the longest data, each block is enciphered for itself; equal blocks give equal cipher text."""
    side = opened(psam, algorithm)
    session = delivered(psam, side, BOTH)
    data = psam.random.bytes(side.algorithm.block) + psam.random.bytes(side.algorithm.block) * (blocks - 1)
    response = psam.send(side.encipher(data))
    expect(response).ok().data(side.enciphered(session, data), "cipher text")


@verifies("PSAM-CIPHER-MAC")
@for_each("algorithm", algorithms)
@for_each("blocks", (1, 2, 7))
def test_mac(psam: PsamUnderTest, algorithm: str, blocks: int) -> None:
    """The answer begins with the MAC of the data under the initial value that stands before them."""
    side = opened(psam, algorithm)
    session = delivered(psam, side, BOTH)
    data = psam.random.bytes(side.algorithm.block * (blocks + 1))
    wanted = side.mac(session, data)
    expect(psam.send(side.cipher("mac", data))).ok().starts_with(wanted, "MAC")


@verifies("PSAM-CIPHER-USAGE")
@for_each("algorithm", algorithms)
def test_mac_with_encipherment_key(psam: PsamUnderTest, algorithm: str) -> None:
    """A key whose type is encipherment only makes no MAC: 6985."""
    side = opened(psam, algorithm)
    deliver(psam, side, ENCIPHERS)
    expect(psam.send(side.cipher("mac", bytes(2 * side.algorithm.block)))).refused_with(status(psam, "usage"))


@verifies("PSAM-CIPHER-USAGE")
@for_each("algorithm", algorithms)
@for_each("key", (ENCIPHERS, BOTH), ids=lambda key: str(key.rpartition("/")[2]))
def test_allowed_by_usage(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """A key of encipherment enciphers; one of MAC and encipherment does both."""
    side = opened(psam, algorithm)
    for does in ("encipher",) if key == ENCIPHERS else MODES:
        deliver(psam, side, key)
        expect(psam.send(side.cipher(does, bytes(2 * side.algorithm.block)))).ok()


@verifies("PSAM-CIPHER-LIMIT")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_too_long(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """One block more than the longest data answers 6700."""
    side = opened(psam, algorithm)
    deliver(psam, side, BOTH)
    data = bytes(side.algorithm.cipher_limit + side.algorithm.block)
    expect(psam.send(side.cipher(does, data))).refused_with(status(psam, "length"))


@verifies("PSAM-CIPHER-LIMIT")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_longest(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """The longest data are taken, for encipherment and for a MAC with its initial value."""
    side = opened(psam, algorithm)
    deliver(psam, side, BOTH)
    expect(psam.send(side.cipher(does, bytes(side.algorithm.cipher_limit)))).ok()


@verifies("PSAM-CIPHER-WHOLE")
@for_each("algorithm", algorithms)
@for_each("length", ("none", "short", "long"))
def test_not_whole(psam: PsamUnderTest, algorithm: str, length: str) -> None:
    """No data, and data that are not whole blocks, answer 6700."""
    side = opened(psam, algorithm)
    deliver(psam, side, BOTH)
    count = {"none": 0, "short": side.algorithm.block - 1, "long": side.algorithm.block + 1}[length]
    expect(psam.send(side.encipher(bytes(count)))).refused_with(status(psam, "length"))


@verifies("PSAM-CIPHER-WHOLE")
@for_each("algorithm", algorithms)
def test_initial_value_alone(psam: PsamUnderTest, algorithm: str) -> None:
    """A MAC of an initial value without data answers 6700."""
    side = opened(psam, algorithm)
    deliver(psam, side, BOTH)
    expect(psam.send(side.cipher("mac", bytes(side.algorithm.block)))).refused_with(status(psam, "length"))


@verifies("PSAM-PARAMETERS")
@for_each("header", ("80FA1000", "80FAFF00", "00840100", "00840001", "00A40900", "00A40001"))
def test_undefined_parameters(psam: PsamUnderTest, header: str) -> None:
    """Values of P1 and P2 that no rule defines answer 6A86."""
    side = opened(psam, "3des")
    deliver(psam, side, BOTH)
    tail = {"80FA": "08" + "00" * 8, "0084": "08", "00A4": "023F00"}[header[:4]]
    expect(psam.send(bytes.fromhex(header + tail))).refused_with(status(psam, "parameters"))


@verifies("PSAM-SESSION-ONCE")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_once(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """A session key serves one computation; the second answers 6901 until a new one is delivered."""
    side = opened(psam, algorithm)
    command = side.cipher(does, bytes(2 * side.algorithm.block))
    for _ in range(2):
        deliver(psam, side, BOTH)
        expect(psam.send(command)).ok()
        expect(psam.send(command)).refused_with(status(psam, "no-session-key"))


def warm_reset(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """Warm reset, after which nothing is computed at once, and application again."""
    psam.reset()
    expect(psam.send(side.encipher(bytes(side.algorithm.block)))).refused()
    opened(psam, side.algorithm.code)


def cold_reset(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """Cold reset, after which nothing is computed at once, and application again."""
    psam.power_on()
    expect(psam.send(side.encipher(bytes(side.algorithm.block)))).refused()
    opened(psam, side.algorithm.code)


def another_application(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """The environment, and its application again."""
    opened(psam, side.algorithm.code)


def failed_delivery(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """A delivery for a key that is not there."""
    response = psam.send(side.delivery_of(0x67, 0xC5, side.delivery_data((bytes(8),) * 3, bytes(8))))
    expect(response).refused()


ENDS: Mapping[str, Callable[[PsamUnderTest, PsamTerminal], None]] = {
    "warm-reset": warm_reset,
    "cold-reset": cold_reset,
    "other-df": another_application,
    "failed-delivery": failed_delivery,
}


@verifies("PSAM-SESSION-ENDS")
@for_each("algorithm", algorithms)
@for_each("event", tuple(ENDS))
def test_session_ends(psam: PsamUnderTest, algorithm: str, event: str) -> None:
    """After a reset, another DF, or a failed delivery the session key is gone: 6901."""
    side = opened(psam, algorithm)
    deliver(psam, side, BOTH)
    ENDS[event](psam, side)
    expect(psam.send(side.encipher(bytes(side.algorithm.block)))).refused_with(status(psam, "no-session-key"))
