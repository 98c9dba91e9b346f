"""Computations in parts and the loading of keys: the reference against the oracle and a model of what it holds."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from emulator.keys import DEFAULT_SEED
from emulator.psam.factory import psam, psam_image, specification
from emulator.psam.psam import ReferencePsam
from emulator.psam.state import LoadedKey, Session
from onecard.oracle import session as computation
from onecard.oracle.blocks import Algorithm
from onecard.oracle.psam import PsamTerminal
from onecard.oracle.psam_loading import NewKey, PsamDeskSide
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.spec.psam_loading import CHANGE, CREATE, KeyFile

PROFILE = "psam-sm4"
ALGORITHMS = ("3des", "sm4")
OK = b"\x90\x00"
ONE_LEVEL = 0x28


def sent(device: ReferencePsam, command: bytes) -> bytes:
    """The answer, fetched as a terminal does."""
    answer = device.process(command) or b""
    if answer[-2:-1] == b"\x61":
        answer = device.process(bytes.fromhex("00C00000") + answer[-1:]) or b""
    return answer


def opened(device: ReferencePsam, algorithm: str) -> PsamDeskSide:
    side = PsamTerminal(device.spec, algorithm)
    for command in (side.select_environment(), side.select_application()):
        assert sent(device, command)[-2:] == OK
    return PsamDeskSide(side)


def powered() -> ReferencePsam:
    device = psam(PROFILE)
    device.power_on()
    return device


def load(device: ReferencePsam, desk: PsamDeskSide, does: str, file: KeyFile, key: NewKey) -> bytes:
    challenge = sent(device, desk.side.get_challenge(desk.loading.challenge))[:-2]
    return sent(device, desk.command(does, file, key, device.image.own[file.own], challenge))


def enciphered(device: ReferencePsam, desk: PsamDeskSide, key: NewKey, data: bytes) -> bytes:
    """What CIPHER DATA answers with a session key of ``key``, or why none was delivered."""
    factors = tuple(bytes((level,)) * 8 for level in range(device.spec.usage.levels(key.usage)))
    answer = sent(device, desk.side.delivery_of(key.usage, key.number, desk.side.delivery_data(factors, bytes(8))))
    return answer if answer != OK else sent(device, desk.side.encipher(data))


def wanted(desk: PsamDeskSide, key: NewKey, data: bytes) -> bytes:
    factors = tuple(bytes((level,)) * 8 for level in range(desk.side.spec.usage.levels(key.usage)))
    return desk.side.enciphered(desk.side.session(key.value, factors, bytes(8)), data) + OK


@settings(max_examples=30)
@given(
    algorithm=st.sampled_from(ALGORITHMS),
    does=st.sampled_from(("encipher", "mac")),
    sizes=st.lists(st.integers(1, 8), min_size=2, max_size=5),
    data=st.data(),
)
def test_parts_make_the_whole(algorithm: str, does: str, sizes: list[int], data: st.DataObject) -> None:
    device = powered()
    desk = opened(device, algorithm)
    side, block = desk.side, desk.side.algorithm.block
    parts = [data.draw(st.binary(min_size=size * block, max_size=size * block)) for size in sizes]
    key = side.spec.keys["PSAM/UKSSSE"]
    factors, random = (bytes(8), b"\x01" * 8), b"\x02" * 8
    assert sent(device, side.delivery(key, factors, random)) == OK
    answers = [sent(device, command) for command in side.cipher_in_parts(does, parts)]
    assert all(answer[-2:] == OK for answer in answers)
    session = side.session(device.image.keys[key.key], factors, random)
    whole = b"".join(parts)
    right = side.enciphered(session, whole) if does == "encipher" else side.mac(session, whole)
    assert b"".join(answer[:-2] for answer in answers) == right


@pytest.mark.parametrize(("algorithm", "does", "size", "lc"), [
    ("3des", CREATE, 8, 0x1C), ("3des", CREATE, 16, 0x24), ("3des", CHANGE, 8, 0x14), ("3des", CHANGE, 16, 0x1C),
    ("sm4", CREATE, 16, 0x24), ("sm4", CHANGE, 16, 0x24),
])  # fmt: skip
def test_lengths_are_those_of_the_draft(algorithm: str, does: str, size: int, lc: int) -> None:
    desk = PsamDeskSide(PsamTerminal(psam(PROFILE).spec, algorithm))
    plain = desk.plain(does, NewKey(ONE_LEVEL, 0x20, 0, bytes(size)))
    command = desk.command(
        does, desk.loading.files[0], NewKey(ONE_LEVEL, 0x20, 0, bytes(size)), bytes(range(16)), b"1234"
    )
    assert command[:5] == bytes((0x84, 0xD4, 0 if does == CREATE else 1, 0x11, lc))
    assert len(command) == 5 + lc
    assert len(plain) == (8 if does == CREATE else 3) + size


def test_values_are_not_shown() -> None:
    secret = b"\xa5" * 16
    shown = (LoadedKey(1, 2, 0, secret), NewKey(1, 2, 0, secret), Session(secret, 1, 1), psam(PROFILE).image)
    held = (secret, *psam(PROFILE).image.own.values(), *psam(PROFILE).image.keys.values())
    for each in shown:
        assert not [key for key in held if key.hex() in repr(each) or repr(key)[2:-1] in repr(each)]


class Loading(RuleBasedStateMachine):
    """Keys are created and changed, resets come between; the PSAM holds what the model holds."""

    @initialize(algorithm=st.sampled_from(ALGORITHMS))
    def power(self, algorithm: str) -> None:
        self.device = powered()
        self.algorithm = algorithm
        self.desk = opened(self.device, algorithm)
        self.code = self.desk.algorithms()[0].code
        self.model: dict[tuple[int, int], NewKey] = {}

    def key(self, number: int, value: bytes) -> tuple[KeyFile, NewKey]:
        file = next(file for file in self.desk.loading.files if file.has(number))
        return file, NewKey(ONE_LEVEL, number, self.code, value)

    @rule(number=st.sampled_from((0x0F, 0x20, 0x7F, 0xBF)), value=st.binary(min_size=16, max_size=16))
    def create(self, number: int, value: bytes) -> None:
        file, key = self.key(number, value)
        place = (key.usage, key.number)
        answer = load(self.device, self.desk, CREATE, file, key)
        assert (answer == OK) is (place not in self.model)
        self.model.setdefault(place, key)

    @rule(number=st.sampled_from((0x0F, 0x20, 0x7F, 0xBF)), value=st.binary(min_size=16, max_size=16))
    def change(self, number: int, value: bytes) -> None:
        file, key = self.key(number, value)
        place = (key.usage, key.number)
        answer = load(self.device, self.desk, CHANGE, file, key)
        assert answer == (OK if place in self.model else b"\x6a\x88")
        if place in self.model:
            self.model[place] = key

    @rule(number=st.sampled_from((0x0F, 0xBF)), value=st.binary(min_size=16, max_size=16), at=st.integers(5, 40))
    def spoil(self, number: int, value: bytes, at: int) -> None:
        file, key = self.key(number, value)
        challenge = sent(self.device, self.desk.side.get_challenge(4))[:-2]
        own = self.device.image.own[file.own]
        command = bytearray(self.desk.command(CREATE, file, key, own, challenge))
        command[at] ^= 0x04
        assert sent(self.device, bytes(command)) == b"\x69\x88"

    @rule()
    def reset(self) -> None:
        self.device.power_on()
        self.desk = opened(self.device, self.algorithm)

    @invariant()
    def holds_what_was_loaded(self) -> None:
        data = bytes(self.desk.side.algorithm.block)
        for key in self.model.values():
            assert enciphered(self.device, self.desk, key, data) == wanted(self.desk, key, data)


Loading.TestCase.settings = settings(max_examples=15, stateful_step_count=15)
TestLoading = Loading.TestCase


HEADERS = ("BFEC0000", "00820000", "00820001", "00D60000", "84D40011", "84D40012", "84D40113", "80FA02", "80FA0700")


@settings(max_examples=60)
@given(commands=st.lists(st.tuples(st.sampled_from(HEADERS), st.binary(max_size=80)), max_size=10))
def test_every_command_is_answered(commands: list[tuple[str, bytes]]) -> None:
    device = powered()
    desk = opened(device, "sm4")
    key = desk.side.spec.keys["PSAM/UKSSSE"]
    sent(device, desk.side.delivery(key, (bytes(8), bytes(8)), bytes(8)))
    for header, body in commands:
        sent(device, desk.side.get_challenge(4))
        answer = device.process(bytes.fromhex(header) + bytes((len(body),)) + body)
        assert answer is not None
        assert len(answer) == 2
    assert device.image.loaded == {}


LEVELS = (
    ({"psam.root_level": "national", "psam.update_root_level": "province"}, {"IRK": 3, "UKSSSE": 2}),
    ({"psam.root_level": "province", "psam.update_root_level": "province"}, {"IRK": 2, "UKSSSE": 2}),
    ({"psam.root_level": "city", "psam.update_root_level": "city"}, {"IRK": 1, "UKSSSE": 1}),
)


@pytest.mark.parametrize(("declared", "levels"), LEVELS, ids=lambda value: str(value.get("psam.root_level", "")))
@pytest.mark.parametrize("name", ["IRK", "UKSSSE"])
def test_roots_of_every_level_make_one_proof(declared: dict[str, str], levels: dict[str, int], name: str) -> None:
    """A PSAM of nation, province or city, each with its root of one family, proves the key of one and the same card."""
    region, historical, random, original = (
        "341300",
        bytes.fromhex("00814A44468660341300000001"),
        b"\x11" * 8,
        b"\x33" * 8,
    )
    rules = computation.DRAFT_RULES[Algorithm.TDES]
    factors = computation.factors_of(rules, region, historical)
    national = bytes(range(16))
    ics = {**specification().profiles[PROFILE].ics, **declared}
    interface = specification().resolve("psam", ics, PROFILE)
    assert isinstance(interface, InterfaceSpec)
    spec = psam_spec(interface)
    root = computation.diversify(rules, national, factors[: 3 - levels[name]])
    image = psam_image(spec, DEFAULT_SEED)
    device = ReferencePsam(spec, replace(image, keys={name: root}))
    device.power_on()
    desk = opened(device, "3des")
    key = spec.keys[f"PSAM/{name}"]
    assert spec.usage.levels(key.usage) == levels[name]
    assert sent(device, desk.side.delivery(key, factors[3 - levels[name] :], random)) == OK
    card = computation.card_key(rules, national, 3, region, historical)
    proof = computation.authentication_data(rules, computation.session_key(rules, card, random), original)
    assert sent(device, desk.side.encipher(original)) == proof + OK
