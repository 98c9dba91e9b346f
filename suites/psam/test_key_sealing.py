"""The seal of CREATE KEY and CHANGE KEY: a MAC under the own key of the key file, over a challenge that serves once."""

from collections.abc import Callable, Mapping

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.psam_loading import CHANGE
from onecard.testing import PsamKeys, PsamUnderTest, Text, expect, for_each, verifies

ORDER = 76
HELD = "PSAM/UKSSSE"  # a key that every PSAM holds, of both types of computation


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def status(psam: PsamUnderTest, condition: str, command: str = "LOAD-KEY") -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


Spoiled = Callable[[PsamKeys, bytes, bytes, bytes], bytes]
"""Of the desk, the own key, the command without its MAC and the challenge: the whole command, spoiled."""


def _flipped(at: int) -> Spoiled:
    def spoil(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
        command = bytearray(body + desk.issuer.mac(own, body, desk.side.block(challenge)))
        command[at] ^= 0x01
        return bytes(command)

    return spoil


def _initial_zero(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
    return body + desk.issuer.mac(own, body, desk.side.block(b""))


def _no_header(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
    return body + desk.issuer.mac(own, body[5:], desk.side.block(challenge))


def _other_header(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
    return body + desk.issuer.mac(own, body[:2] + b"\x00" + body[3:], desk.side.block(challenge))


def _left_half(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
    return body + desk.issuer.mac(own[:8] * 2, body, desk.side.block(challenge))


def _challenge_filled(desk: PsamKeys, own: bytes, body: bytes, challenge: bytes) -> bytes:
    return body + desk.issuer.mac(own, body, desk.side.block(challenge * 2))


SPOILED: Mapping[str, Spoiled] = {
    "first-of-mac": _flipped(-4),
    "second-of-mac": _flipped(-3),
    "last-of-mac": _flipped(-1),
    "enciphered": _flipped(5),
    "initial-zero": _initial_zero,
    "challenge-twice": _challenge_filled,
    "no-header": _no_header,
    "other-header": _other_header,
    "half-of-the-key": _left_half,
}


@verifies("PSAM-KEY-MAC")
@for_each("algorithm", algorithms)
@for_each("spoiled", tuple(SPOILED))
def test_wrong_mac(psam: PsamUnderTest, algorithm: str, spoiled: str) -> None:
    """It answers 6988, and the key has its old value."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    own, challenge = desk.own(desk.issuer.loading.own[file.own]), desk.prepare(file)
    enciphered = desk.issuer.enciphered(own, desk.issuer.plain(CHANGE, desk.another(key)))
    body = desk.issuer.header(CHANGE, file, len(enciphered)) + enciphered
    expect(psam.send(SPOILED[spoiled](desk, own, body, challenge))).refused_with(status(psam, "mac"))
    desk.serves(key)


@verifies("PSAM-KEY-MAC")
@for_each("algorithm", algorithms)
def test_mac_of_another_file(psam: PsamUnderTest, algorithm: str) -> None:
    """A command made with the own key of another key file answers 6988, and the key has its old value."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    other = next(each.own for each in psam.data.loading.files if each.own != file.own)
    challenge = desk.prepare(file)
    command = desk.issuer.command(CHANGE, file, desk.another(key), desk.own(desk.issuer.loading.own[other]), challenge)
    expect(psam.send(command)).refused_with(status(psam, "mac"))
    desk.serves(key)


@verifies("PSAM-KEY-CHALLENGE")
@for_each("algorithm", algorithms)
def test_replayed(psam: PsamUnderTest, algorithm: str) -> None:
    """A loading that was sent once answers 6984 when it is sent again, and so does one made for zeros."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    command = desk.loading(CHANGE, file, key)
    psam.preamble(psam.send(command), Text("修改密钥", "change the key"))
    own = desk.own(desk.issuer.loading.own[file.own])
    zeros = desk.issuer.command(CHANGE, file, key, own, bytes(desk.issuer.loading.challenge))
    for again in (command, zeros):
        expect(psam.send(again)).refused_with(status(psam, "no-challenge"))


@verifies("PSAM-KEY-CHALLENGE")
@for_each("algorithm", algorithms)
def test_challenge_after_wrong_mac(psam: PsamUnderTest, algorithm: str) -> None:
    """After a wrong MAC the challenge has served: the right command answers 6984."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    command = desk.loading(CHANGE, file, key)
    expect(psam.send(command[:-1] + bytes((command[-1] ^ 0x80,)))).refused()
    expect(psam.send(command)).refused_with(status(psam, "no-challenge"))
