"""What is inside CREATE KEY and CHANGE KEY: filling, types, algorithms, ids, keys that are there or not, full files.

A key that was created stays: those cases are destructive.
"""

from collections.abc import Mapping
from dataclasses import replace
from itertools import product

from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.psam_loading import CHANGE, CREATE, KeyFile
from onecard.testing import Inconclusive, PsamKeys, PsamUnderTest, destructive, expect, for_each, verifies

ORDER = 77
HELD = "PSAM/UKSSSE"  # a key that every PSAM holds, of both types of computation
ONE_LEVEL = 0x20
BOTH = ONE_LEVEL | 8
A_KEY = "a further key in the key files"


def algorithms(spec: InterfaceSpec) -> list[str]:
    """The algorithms of the declared environments."""
    return [environment.algorithm for environment in psam_spec(spec).environments]


def files(spec: InterfaceSpec) -> list[str]:
    """The ids of the key files."""
    return [file.id for file in psam_spec(spec).loading.files]


def types(spec: InterfaceSpec) -> list[int]:
    """The types of the usage byte."""
    return sorted(psam_spec(spec).loading.types)


def ends(spec: InterfaceSpec) -> list[tuple[str, int]]:
    """Each key file with the first and the last id of each of its ranges."""
    found = psam_spec(spec).loading.files
    return [(file.id, number) for file in found for span in file.ranges for number in (span.low, span.high)]


def outside(spec: InterfaceSpec) -> list[tuple[str, int]]:
    """Each key file with ids beside its ranges."""
    found = psam_spec(spec).loading.files
    return [
        (file.id, number)
        for file in found
        for span in file.ranges
        for number in (span.low - 1, span.high + 1)
        if not file.has(number)
    ]


def last_step(identifier: str) -> str:
    """The end of an id in a case id."""
    return identifier.rpartition("/")[2]


def of_file(pair: tuple[str, int]) -> str:
    """A key file and an id in a case id."""
    return f"{last_step(pair[0])}-{pair[1]:02X}"


def status(psam: PsamUnderTest, condition: str, command: str = "LOAD-KEY") -> str:
    """A status word of a command."""
    return psam.data.command(command).statuses[condition].text


def _sent(psam: PsamUnderTest, desk: PsamKeys, file: KeyFile, counted: bytes) -> None:
    """CREATE KEY with these whole blocks under the right seal is refused."""
    own, challenge = desk.own(desk.issuer.loading.own[file.own]), desk.prepare(file)
    enciphered = desk.issuer.block_by_block(own, counted)
    command = desk.issuer.closed(own, desk.issuer.header(CREATE, file, len(enciphered)), enciphered, challenge)
    expect(psam.send(command)).refused()


@verifies("PSAM-KEY-DATA")
@for_each("algorithm", algorithms)
@for_each("wrong", ("length-more", "length-less", "length-none", "no-marker", "filled-wrongly"))
def test_wrong_filling(psam: PsamUnderTest, algorithm: str, wrong: str) -> None:
    """Data whose LD does not count the key, or that are not filled with 80 00 ..., load no key."""
    desk, file = PsamKeys(psam, algorithm), psam.data.loading.files[0]
    key = desk.new_key(file)
    plain = desk.issuer.plain(CREATE, key)
    block, marker = desk.side.algorithm.block, desk.issuer.loading.marker
    size = {"length-more": 1, "length-less": -1, "length-none": -len(plain)}.get(wrong, 0) + len(plain)
    head = bytes((size,)) + plain + bytes((0 if wrong == "no-marker" else marker,))
    counted = bytearray(head + bytes(-len(head) % block))
    if wrong == "filled-wrongly":
        counted[-1] ^= 0x01
    _sent(psam, desk, file, bytes(counted))
    desk.stays_absent(key)


@verifies("PSAM-KEY-DATA")
@for_each("algorithm", algorithms)
@for_each("place", outside, ids=of_file)
def test_id_of_another_file(psam: PsamUnderTest, algorithm: str, place: tuple[str, int]) -> None:
    """A key whose id lies beside the ranges of its file is refused."""
    desk = PsamKeys(psam, algorithm)
    file = desk.file(place[0])
    key = desk.key_at(*desk.free(product((BOTH, ONE_LEVEL | 7, ONE_LEVEL | 6), (place[1],))))
    expect(desk.load(CREATE, file, key)).refused()
    desk.stays_absent(key)


@verifies("PSAM-KEY-DATA")
@for_each("algorithm", algorithms)
@for_each("wrong", ("type", "algorithm", "other-environment"))
def test_undefined_key(psam: PsamUnderTest, algorithm: str, wrong: str) -> None:
    """A type and an algorithm that nothing defines, or one that the environment has not, are refused."""
    desk, file = PsamKeys(psam, algorithm), psam.data.loading.files[0]
    # Types 1 and 18 and the algorithm 7F are none of the draft's.
    for usage in (ONE_LEVEL | 1, ONE_LEVEL | 18) if wrong == "type" else (BOTH,):
        key = desk.new_key(file, usage=usage)
        code = {"algorithm": 0x7F, "other-environment": 0x00 if algorithm == "sm4" else 0x03}.get(wrong, key.code)
        expect(desk.load(CREATE, file, replace(key, code=code))).refused()
        desk.stays_absent(key)


@verifies("PSAM-KEY-RANGES")
@destructive(A_KEY)
@for_each("algorithm", algorithms)
@for_each("place", ends, ids=of_file)
def test_first_and_last_id(psam: PsamUnderTest, algorithm: str, place: tuple[str, int]) -> None:
    """The first and the last id of each range are taken by its file, and the key serves."""
    desk = PsamKeys(psam, algorithm)
    file = desk.file(place[0])
    key = desk.key_at(*desk.free(product((BOTH, ONE_LEVEL | 7), (place[1],))))
    expect(desk.load(CREATE, file, key)).ok()
    desk.serves(key)


ALLOWED: Mapping[int, tuple[str, ...]] = {6: ("mac",), 7: ("encipher",), 8: ("encipher", "mac")}
"""What CIPHER DATA does with a key of a type (fact: usage byte); with those of others nothing."""


@verifies("PSAM-KEY-TYPES")
@destructive(A_KEY)
@for_each("algorithm", algorithms)
@for_each("kind", types)
def test_types(psam: PsamUnderTest, algorithm: str, kind: int) -> None:
    """A key of each type is taken, and CIPHER DATA does with it what its type allows."""
    desk, file = PsamKeys(psam, algorithm), psam.data.loading.files[0]
    key = desk.new_key(file, usage=ONE_LEVEL | kind)
    expect(desk.load(CREATE, file, key)).ok()
    side = psam.opened(algorithm)
    data = psam.random.bytes(2 * side.algorithm.block)
    for does in ("encipher", "mac"):
        psam.send(side.delivery_of(key.usage, key.number, side.delivery_data((bytes(8),), bytes(8))))
        response = psam.send(side.cipher(does, data))
        if does in ALLOWED.get(kind, ()):
            expect(response).ok()
        else:
            expect(response).refused()


@verifies("PSAM-KEY-UNKNOWN")
@for_each("algorithm", algorithms)
@for_each("file", files, ids=last_step)
def test_change_of_unknown(psam: PsamUnderTest, algorithm: str, file: str) -> None:
    """Changing a key that is not there answers 6A88, and it is not there afterwards; there is a key that is not."""
    desk = PsamKeys(psam, algorithm)
    found = desk.file(file)
    key = desk.unknown_key(found)
    expect(desk.load(CHANGE, found, key)).refused_with(status(psam, "key"))
    desk.stays_absent(key)


@verifies("PSAM-KEY-EXISTS")
@for_each("algorithm", algorithms)
def test_create_over(psam: PsamUnderTest, algorithm: str) -> None:
    """Creating a key that is there is refused, and it has its old value."""
    desk = PsamKeys(psam, algorithm)
    file, key = desk.held(HELD)
    expect(desk.load(CREATE, file, desk.another(key))).refused()
    desk.serves(key)


@verifies("PSAM-KEY-ROOM")
@destructive(A_KEY)
@for_each("algorithm", algorithms)
@for_each("file", files, ids=last_step)
def test_full_file(psam: PsamUnderTest, algorithm: str, file: str) -> None:
    """Keys are created until one is refused or all ids are used: each that was taken serves, the refused does not."""
    desk = PsamKeys(psam, algorithm)
    found = desk.file(file)
    taken, value = [], desk.key_at(BOTH, 0)
    absent = [number for number in found.numbers() if desk.is_absent(BOTH, number)]
    if not absent:
        raise Inconclusive(zh="该文件的每个标识都已有密钥", en="every id of the file has a key already")
    for number in absent:
        key = replace(value, number=number)
        response = desk.load(CREATE, found, key)
        if not response.is_ok:
            expect(response).refused()
            desk.stays_absent(key)
            break
        taken.append(key)
    for key in taken:
        desk.serves(key)
