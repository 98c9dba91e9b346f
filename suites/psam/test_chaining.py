"""CIPHER DATA in parts: the same results as at once, the order of the parts, and what ends a computation."""

from collections.abc import Callable, Mapping

from onecard.oracle.psam import PsamTerminal
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.testing import PsamUnderTest, Text, check, expect, for_each, verifies

ORDER = 62
MAC = 4
BOTH = "PSAM/UKSSSE"  # a key of both types of computation
MODES = ("encipher", "mac")
SPLITS = ((1, 1), (2, 1, 3), (1, 1, 1, 1), (8, 8))


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def split_id(split: tuple[int, ...]) -> str:
    """A division into parts in a case id: blocks of each."""
    return "-".join(map(str, split))


def status(psam: PsamUnderTest, condition: str) -> str:
    """A status word of CIPHER DATA."""
    return psam.data.command("CIPHER-DATA").statuses[condition].text


def session_of(psam: PsamUnderTest, side: PsamTerminal) -> bytes:
    """The value of a session key that was delivered."""
    return psam.delivered(side, side.spec.keys[BOTH])


def ready(psam: PsamUnderTest, algorithm: str) -> PsamTerminal:
    """The application selected and a session key delivered."""
    side = psam.opened(algorithm)
    psam.deliver(side, side.spec.keys[BOTH])
    return side


def begin(psam: PsamUnderTest, side: PsamTerminal, does: str) -> None:
    """The first part of a computation."""
    command = side.cipher(does, bytes(2 * side.algorithm.block), last=False)
    psam.preamble(psam.send(command), Text("计算的首部分", "the first part of a computation"))


@verifies("PSAM-CHAIN-ENCIPHER")
@for_each("algorithm", algorithms)
@for_each("split", SPLITS, ids=split_id)
def test_enciphered_in_parts(psam: PsamUnderTest, algorithm: str, split: tuple[int, ...]) -> None:
    """The answers to all parts, one behind the other, are the cipher text of the whole."""
    side = psam.opened(algorithm)
    session = session_of(psam, side)
    parts = [psam.random.bytes(blocks * side.algorithm.block) for blocks in split]
    found = b""
    for command in side.cipher_in_parts("encipher", parts):
        response = psam.send(command)
        expect(response).ok()
        found += response.data
    wanted = side.enciphered(session, b"".join(parts))
    check(psam, found == wanted, what="cipher text", expected=wanted.hex().upper(), received=found.hex().upper())


@verifies("PSAM-CHAIN-MAC")
@for_each("algorithm", algorithms)
@for_each("split", SPLITS, ids=split_id)
def test_mac_in_parts(psam: PsamUnderTest, algorithm: str, split: tuple[int, ...]) -> None:
    """The answer to the last part begins with the MAC of the whole under the initial value before the first."""
    side = psam.opened(algorithm)
    session = session_of(psam, side)
    # The initial value stands in the first part, which must hold a block of data besides.
    first, *others = split
    parts = [psam.random.bytes(blocks * side.algorithm.block) for blocks in (max(first, 2), *others)]
    *before, last = side.cipher_in_parts("mac", parts)
    for command in before:
        expect(psam.send(command)).ok()
    expect(psam.send(last)).ok().starts_with(side.mac(session, b"".join(parts)), "MAC")


def a_mac(answer: bytes) -> None:
    """Four bytes, before which a PSAM may put nothing and behind which the rest of a block. Raises ValueError."""
    if len(answer) < MAC:
        raise ValueError(f"{len(answer)} bytes")


@verifies("PSAM-CHAIN-SILENT")
@for_each("algorithm", algorithms)
def test_no_intermediate_value(psam: PsamUnderTest, algorithm: str) -> None:
    """The first and the next part of a MAC answer 9000 without data, the last one the MAC."""
    side = ready(psam, algorithm)
    data = psam.random.bytes(2 * side.algorithm.block)
    first, following, last = side.cipher_in_parts("mac", (data,) * 3)
    for command in (first, following):
        expect(psam.send(command)).ok().length(0)
    expect(psam.send(last)).ok().conforms(a_mac, "four bytes or more")


@verifies("PSAM-CHAIN-LIMIT")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_longest_parts(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """Each part may be as long as the longest data."""
    side = ready(psam, algorithm)
    for command in side.cipher_in_parts(does, (bytes(side.algorithm.cipher_limit),) * 3):
        expect(psam.send(command)).ok()


@verifies("PSAM-CHAIN-LIMIT")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
@for_each("part", ("first", "next", "last"))
@for_each("length", ("none", "short", "too-long"))
def test_wrong_parts(psam: PsamUnderTest, algorithm: str, does: str, part: str, length: str) -> None:
    """In any place a part without data, with a block that is not whole, or one block too long, answers 6700."""
    side = ready(psam, algorithm)
    if part != "first":
        begin(psam, side, does)
    block, limit = side.algorithm.block, side.algorithm.cipher_limit
    data = bytes({"none": 0, "short": 2 * block - 1, "too-long": limit + block}[length])
    command = side.cipher(does, data, first=part == "first", last=part == "last")
    expect(psam.send(command)).refused_with(status(psam, "length"))


@verifies("PSAM-CHAIN-ORDER")
@for_each("algorithm", algorithms)
@for_each("last", (False, True), ids=lambda last: "last" if last else "next")
def test_without_first_part(psam: PsamUnderTest, algorithm: str, last: bool) -> None:
    """The next or last part of a MAC that was not begun answers 6985."""
    side = ready(psam, algorithm)
    command = side.cipher("mac", bytes(2 * side.algorithm.block), first=False, last=last)
    expect(psam.send(command)).refused_with(status(psam, "sequence"))


WITHIN: Mapping[str, Callable[[PsamTerminal, bytes], bytes]] = {
    "single-mac": lambda side, data: side.cipher("mac", data),
    "first-of-mac": lambda side, data: side.cipher("mac", data, last=False),
    "encipher-more": lambda side, data: side.cipher("encipher", data, last=False),
    "encipher-last": lambda side, data: side.cipher("encipher", data),
    "next-of-mac": lambda side, data: side.cipher("mac", data, first=False, last=False),
    "last-of-mac": lambda side, data: side.cipher("mac", data, first=False),
}
WRONG_WITHIN = (
    *(("mac", name) for name in ("single-mac", "first-of-mac", "encipher-more", "encipher-last")),
    *(("encipher", name) for name in ("single-mac", "first-of-mac", "next-of-mac", "last-of-mac")),
)


@verifies("PSAM-CHAIN-ORDER")
@for_each("algorithm", algorithms)
@for_each("within", WRONG_WITHIN, ids=lambda pair: f"{pair[1]}-in-{pair[0]}")
def test_another_computation_within(psam: PsamUnderTest, algorithm: str, within: tuple[str, str]) -> None:
    """In the middle of a computation nothing of another one is taken: 6985."""
    does, name = within
    side = ready(psam, algorithm)
    begin(psam, side, does)
    expect(psam.send(WITHIN[name](side, bytes(2 * side.algorithm.block)))).refused_with(status(psam, "sequence"))


def warm_reset(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """Warm reset, and the application again."""
    psam.reset()
    psam.opened(side.algorithm.code)


def other_command(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """A random value, which has nothing to do with it."""
    expect(psam.send(side.get_challenge(8))).ok()


def same_application(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """The application that is selected already."""
    expect(psam.send(side.select_application())).ok()


def refused_part(psam: PsamUnderTest, side: PsamTerminal) -> None:
    """A part of no block."""
    expect(psam.send(side.cipher("encipher", bytes(1)))).refused()


BREAKS: Mapping[str, Callable[[PsamUnderTest, PsamTerminal], None]] = {
    "reset": warm_reset,
    "other-command": other_command,
    "selection": same_application,
    "refused-part": refused_part,
}


@verifies("PSAM-CHAIN-BROKEN")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
@for_each("event", tuple(BREAKS))
@for_each("then", ("last", "new"))
def test_broken_off(psam: PsamUnderTest, algorithm: str, does: str, event: str, then: str) -> None:
    """After it neither the last part nor a new computation is taken: 6901, until a session key is delivered."""
    side = ready(psam, algorithm)
    begin(psam, side, does)
    BREAKS[event](psam, side)
    command = side.cipher(does, bytes(2 * side.algorithm.block), first=then == "new")
    expect(psam.send(command)).refused_with(status(psam, "no-session-key"))


@verifies("PSAM-SESSION-ONCE")
@for_each("algorithm", algorithms)
@for_each("does", MODES)
def test_parts_are_one_computation(psam: PsamUnderTest, algorithm: str, does: str) -> None:
    """After the last part the session key has served: 6901."""
    side = ready(psam, algorithm)
    data = bytes(2 * side.algorithm.block)
    for command in side.cipher_in_parts(does, (data, data, data)):
        psam.preamble(psam.send(command), Text("计算的一部分", "a part of a computation"))
    expect(psam.send(side.cipher(does, data))).refused_with(status(psam, "no-session-key"))
