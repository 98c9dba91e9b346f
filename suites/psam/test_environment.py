"""INITIALIZE ENVIRONMENT, and the proof of the PSAM's own keys."""

from onecard.oracle.psam_loading import PsamDeskSide
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.psam_loading import OwnKey
from onecard.testing import Ends, PsamDesk, PsamUnderTest, Response, Text, destructive, expect, for_each, verifies

ORDER = 70
BOTH = "PSAM/UKSSSE"
FIRST = "3des"
MASTER_KEY = "DDF-MK"
PROVINCES = (0x11, 0x34, 0x65)  # first bytes of identification codes: divisions of the first level
MOST_TRIES = 16
# Beyond the range of the PSAM's own keys (fact: id ranges).
ABSENT = (0x08, 0xC0, 0xFF)


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def own_keys(spec: InterfaceSpec) -> list[str]:
    """The names of the PSAM's own keys."""
    return list(psam_spec(spec).loading.own)


def status(psam: PsamUnderTest, command: str, condition: str) -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


def at_key(psam: PsamUnderTest, algorithm: str, key: str) -> tuple[PsamDesk, OwnKey]:
    """The desk where an own key is proved, and the key."""
    desk = PsamDesk(psam, algorithm)
    own = psam.data.loading.own[key]
    desk.go_to(own)
    return desk, own


# --- INITIALIZE ENVIRONMENT ---


def initialised(psam: PsamUnderTest, algorithm: str, first: int = PROVINCES[0]) -> tuple[PsamDeskSide, Response]:
    """The answer in the application of an environment or, where it is not known there, in the environment: no source
    says where it belongs. What follows stands in the same place.
    """
    desk = PsamDeskSide(psam.opened(algorithm))
    response = psam.send(desk.initialize_environment(bytes((first,))))
    if not response.is_ok:
        psam.preamble(psam.send(desk.side.select_environment()), Text("选择环境", "select the environment"))
        response = psam.send(desk.initialize_environment(bytes((first,))))
    return desk, response


@verifies("PSAM-INITIALISE")
@for_each("algorithm", algorithms)
@for_each("first", PROVINCES, ids=lambda first: f"{first:02X}")
def test_initialise(psam: PsamUnderTest, algorithm: str, first: int) -> None:
    """The first byte of an identification code is taken in each environment, or in its application."""
    _, response = initialised(psam, algorithm, first)
    expect(response).ok().length(0)


@verifies("PSAM-INITIALISE")
@for_each("length", (2, 16))
def test_initialise_with_other_length(psam: PsamUnderTest, length: int) -> None:
    """More than one byte answers 6700."""
    desk, _ = initialised(psam, FIRST)
    wanted = status(psam, "INITIALIZE-ENVIRONMENT", "length")
    expect(psam.send(desk.initialize_environment(b"\x34" * length))).refused_with(wanted)


@verifies("PSAM-INITIALISE")
@for_each("p1p2", ("0100", "0001"))
def test_initialise_with_other_parameters(psam: PsamUnderTest, p1p2: str) -> None:
    """P1 and P2 other than 00 answer 6A86."""
    desk, _ = initialised(psam, FIRST)
    command = desk.initialize_environment(b"\x34")
    wanted = status(psam, "INITIALIZE-ENVIRONMENT", "parameters")
    expect(psam.send(command[:2] + bytes.fromhex(p1p2) + command[4:])).refused_with(wanted)


@verifies("PSAM-INITIALISE")
def test_initialise_as_bytes(psam: PsamUnderTest) -> None:
    """BFEC00000134 answers 9000 (fact: commands)."""
    initialised(psam, FIRST)
    expect(psam.send(bytes.fromhex("BFEC00000134"))).ok().length(0)


@verifies("PSAM-INITIALISE-FRESH")
@for_each("algorithm", algorithms)
def test_initialise_ends_the_session(psam: PsamUnderTest, algorithm: str) -> None:
    """The session key delivered before computes nothing more; one delivered afterwards computes what it must."""
    side = psam.opened(algorithm)
    key, data = side.spec.keys[BOTH], bytes(side.algorithm.block)
    psam.deliver(side, key)
    response = psam.send(PsamDeskSide(side).initialize_environment(b"\x34"))
    if not response.is_ok:
        # Where it belongs to the environment, selecting that has ended the session key already.
        psam.preamble(initialised(psam, algorithm)[1], Text("初始化环境", "initialise the environment"))
    expect(psam.send(side.encipher(data))).refused()
    side = psam.opened(algorithm)
    session = psam.delivered(side, key)
    expect(psam.send(side.encipher(data))).ok().data(side.enciphered(session, data), "cipher text")


# --- own keys ---


@verifies("PSAM-OWN-AUTHENTICATION")
@for_each("algorithm", algorithms)
@for_each("key", own_keys)
@for_each("length", (4, 8))
def test_own_key(psam: PsamUnderTest, algorithm: str, key: str, length: int) -> None:
    """Each own key is proved, by a challenge of 4 or 8 bytes, where it lies; the same again, its challenge being used,
    proves nothing.
    """
    desk, own = at_key(psam, algorithm, key)
    proof = desk.authentication(own, length)
    expect(psam.send(proof)).ok().length(0)
    expect(psam.send(proof)).refused()


@verifies("PSAM-OWN-REFUSED")
@for_each("algorithm", algorithms)
@for_each("key", own_keys)
@for_each("place", ("proof", "original"))
def test_wrong_proof(psam: PsamUnderTest, algorithm: str, key: str, place: str) -> None:
    """A changed proof or original answers 63Cx; the right one then gives the tries back: the next failure counts as
    the first did.
    """
    desk, own = at_key(psam, algorithm, key)
    psam.at_end("own key", lambda: again(psam, algorithm, key))
    # Whatever was left before, all tries are there now.
    desk.authenticate(own)
    command = bytearray(desk.authentication(own))
    command[{"proof": 5, "original": -1}[place]] ^= 0x10
    first = psam.send(bytes(command))
    expect(first).refused_with(status(psam, "EXTERNAL-AUTHENTICATE", "failed"))
    expect(psam.send(desk.authentication(own))).ok()
    expect(desk.wrong_authentication(own)).sw(f"{first.sw:04X}")


def again(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """The right proof, after a wrong one."""
    desk, own = at_key(psam, algorithm, key)
    desk.authenticate(own)


@verifies("PSAM-OWN-BLOCKED")
@destructive("an own key of the PSAM (KID-03)", Ends.SECRET)
@for_each("algorithm", (FIRST,))
def test_blocked(psam: PsamUnderTest, algorithm: str) -> None:
    """Wrong proofs take one try each away down to none; then the right one answers 6983 too."""
    desk, own = at_key(psam, algorithm, "KID-03")
    desk.authenticate(own)
    left = desk.wrong_authentication(own).sw & 0x0F
    for count in reversed(range(min(left, MOST_TRIES))):
        expect(desk.wrong_authentication(own)).tries_left(count)
    for command in (desk.authentication(own), desk.authentication(own)):
        expect(psam.send(command)).refused_with(status(psam, "EXTERNAL-AUTHENTICATE", "blocked"))


@verifies("PSAM-OWN-CHALLENGE")
@for_each("algorithm", algorithms)
@for_each("key", own_keys)
def test_challenge_serves_once(psam: PsamUnderTest, algorithm: str, key: str) -> None:
    """Without a challenge, and with one that served, a proof answers 6984."""
    desk, own = at_key(psam, algorithm, key)
    psam.at_end("own key", lambda: again(psam, algorithm, key))
    wanted = status(psam, "EXTERNAL-AUTHENTICATE", "no-challenge")
    original = psam.random.bytes(8)
    zeros = desk.issuer.proof(desk.own(own), bytes(8), original) + original
    expect(psam.send(desk.issuer.external_authentication(own.number, zeros))).refused_with(wanted)
    command = desk.authentication(own)
    psam.preamble(psam.send(command), Text("外部鉴别", "prove an own key"))
    expect(psam.send(command)).refused_with(wanted)


@verifies("PSAM-OWN-FORM")
@for_each("number", ABSENT, ids=lambda number: f"{number:02X}")
def test_absent_own_key(psam: PsamUnderTest, number: int) -> None:
    """An id outside the range of own keys answers 6A88."""
    desk = PsamDesk(psam, FIRST)
    desk.challenge(8)
    command = desk.issuer.external_authentication(number, bytes(16))
    expect(psam.send(command)).refused_with(status(psam, "EXTERNAL-AUTHENTICATE", "key"))


@verifies("PSAM-OWN-FORM")
@for_each("length", (8, 15, 24))
def test_other_length(psam: PsamUnderTest, length: int) -> None:
    """Other than 16 bytes of data answer 6700."""
    desk, own = at_key(psam, FIRST, MASTER_KEY)
    desk.challenge(8)
    command = desk.issuer.external_authentication(own.number, bytes(length))
    expect(psam.send(command)).refused_with(status(psam, "EXTERNAL-AUTHENTICATE", "length"))


@verifies("PSAM-OWN-FORM")
def test_other_p1(psam: PsamUnderTest) -> None:
    """P1 other than 00 answers 6A86."""
    desk, own = at_key(psam, FIRST, MASTER_KEY)
    desk.challenge(8)
    command = bytearray(desk.issuer.external_authentication(own.number, bytes(16)))
    command[2] = 0x01
    expect(psam.send(bytes(command))).refused_with(status(psam, "EXTERNAL-AUTHENTICATE", "parameters"))
