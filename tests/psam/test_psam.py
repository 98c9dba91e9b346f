"""The reference PSAM against the oracle, known answers, and the cards that its proofs must open."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.factory import reference_card
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.psam.factory import psam, psam_image, specification, terminal_number
from emulator.psam.psam import ReferencePsam
from emulator.psam.state import PsamImage
from onecard.harness.context import historical_in
from onecard.oracle import session as computation
from onecard.oracle.blocks import Algorithm
from onecard.oracle.psam import PsamTerminal
from onecard.spec.psam import PsamSpec

PROFILE = "psam-sm4"
ALGORITHMS = ("3des", "sm4")
BLOCKS = st.binary(min_size=8, max_size=8)


@cache
def reference() -> ReferencePsam:
    return psam(PROFILE)


def data() -> PsamSpec:
    return reference().spec


def sent(device: ReferencePsam, *commands: bytes) -> bytes:
    """The answer to the last command, fetched as a terminal does; those before it must succeed."""
    answer = b""
    for command in commands:
        assert answer[-2:] in (b"", b"\x90\x00"), answer.hex()
        answer = device.process(command) or b""
        if answer[-2:-1] == b"\x61":
            answer = device.process(bytes.fromhex("00C00000") + answer[-1:]) or b""
    return answer


def opened(device: ReferencePsam, algorithm: str) -> PsamTerminal:
    """The application of an environment, after a reset."""
    side = PsamTerminal(device.spec, algorithm)
    device.power_on()
    assert sent(device, side.select_environment(), side.select_application())[-2:] == b"\x90\x00"
    return side


# The two toy chains of the fact sheets, from the root to the authentication data (roots, factors and data synthetic).
CHAINS = (
    ("3des", "0123456789ABCDEFFEDCBA9876543210", "110100", "8660110100000001", "1122334455667788", "0102030405060708",
     "D138A8EC9BE2FFFE"),
    ("sm4", "0123456789ABCDEFFEDCBA9876543210", "110100", "8660110100000001", "1122334455667788", "0102030405060708",
     "8147B851C08532EA"),
    ("3des", "000102030405060708090A0B0C0D0E0F", "341300", "8660341300000001", "1111111122222222", "3333333344444444",
     "9BF03BE8A58D589A"),
    ("sm4", "000102030405060708090A0B0C0D0E0F", "341300", "8660341300000001", "1111111122222222", "3333333344444444",
     "0F1ECCDE43BB849C"),
)  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: f"{chain[2]}-{chain[0]}")
def test_toy_chain(chain: tuple[str, ...]) -> None:
    algorithm, root, region, card, random, original, wanted = chain
    image = psam_image(data(), DEFAULT_SEED)
    device = ReferencePsam(data(), PsamImage(image.historical, image.files, {"IRK": bytes.fromhex(root)}))
    side = opened(device, algorithm)
    factors = (region[:2].encode() + b"0000sh", region.encode() + b"sx", bytes.fromhex(card))
    delivery = side.delivery(side.spec.keys["PSAM/IRK"], factors, bytes.fromhex(random))
    answer = sent(device, delivery, side.encipher(side.block(bytes.fromhex(original))))
    assert side.proof(answer[:-2]).hex().upper() == wanted
    session = side.session(bytes.fromhex(root), factors, bytes.fromhex(random))
    proof = computation.authentication_data(
        computation.DRAFT_RULES[Algorithm(algorithm)], session, bytes.fromhex(original)
    )
    assert proof.hex().upper() == wanted


@settings(max_examples=25)
@given(
    algorithm=st.sampled_from(ALGORITHMS),
    key=st.sampled_from(("PSAM/IRK", "PSAM/UKSSSE", "PSAM/RKSSSE")),
    factors=st.lists(BLOCKS, min_size=3, max_size=3),
    random=BLOCKS,
    payload=st.binary(min_size=16, max_size=48),
)
def test_agrees_with_the_oracle(algorithm: str, key: str, factors: list[bytes], random: bytes, payload: bytes) -> None:
    device = reference()
    side = opened(device, algorithm)
    spec = side.spec.keys[key]
    given_factors = tuple(factors[: side.spec.usage.levels(spec.usage)])
    whole = payload[: len(payload) // 16 * 16]
    session = side.session(device.image.keys[spec.key], given_factors, random)
    delivery = side.delivery(spec, given_factors, random)
    assert sent(device, delivery, side.encipher(whole)) == side.enciphered(session, whole) + b"\x90\x00"
    if spec.usage == 0x48:
        data = bytes(side.algorithm.block) + whole
        assert sent(device, delivery, side.cipher("mac", data)) == side.mac(session, data) + b"\x90\x00"


@pytest.mark.parametrize(("profile", "algorithm", "key", "key_id"), [
    ("card-2.0", "3des", "PSAM/UKSSSE", "04"), ("card-3.0", "sm4", "PSAM/UKSSSE", "04"),
    ("card-3.0", "sm4", "PSAM/RKSSSE", "0A"),
])  # fmt: skip
def test_its_proof_opens_a_card(profile: str, algorithm: str, key: str, key_id: str) -> None:
    card, device = reference_card(profile, spec=specification().card_of_profile(profile)), reference()
    historical = historical_in(card.power_on(), 13)
    card.process(bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF"))
    challenge = (card.process(bytes.fromhex("0084000008")) or b"")[:8]
    side = opened(device, algorithm)
    spec = side.spec.keys[key]
    rules = computation.rules_of(card.spec)
    factors = computation.factors_of(rules, person(DEFAULT_SEED, 0).region, historical)
    used = factors[len(factors) - side.spec.usage.levels(spec.usage) :]
    original = bytes(range(8))
    answer = sent(device, side.delivery(spec, used, challenge), side.encipher(side.block(original)))
    proof = side.proof(answer[:-2])
    assert card.process(bytes.fromhex(f"008200{key_id}10") + proof + original) == b"\x90\x00"


def test_lacks() -> None:
    without_key = psam(PROFILE, lacks={"RKSSSE"})
    side = opened(without_key, "sm4")
    read_key, internal_key = side.spec.keys["PSAM/RKSSSE"], side.spec.keys["PSAM/IRK"]
    assert sent(without_key, side.delivery(read_key, (bytes(8),) * 3, bytes(8))) == b"\x6a\x88"
    assert sent(without_key, side.delivery(internal_key, (bytes(8),) * 3, bytes(8))) == b"\x90\x00"
    without_sm4 = psam(PROFILE, lacks={"sm4"})
    without_sm4.power_on()
    assert sent(without_sm4, side.select_environment()) == b"\x6a\x82"


def test_another_seed_has_other_keys_and_numbers() -> None:
    assert psam(PROFILE, seed="other").image.keys["IRK"] != psam(PROFILE).image.keys["IRK"]
    assert terminal_number("other") != terminal_number(DEFAULT_SEED)


def test_without_supply_it_is_silent() -> None:
    device = psam(PROFILE)
    assert device.process(bytes.fromhex("0084000008")) is None
    device.power_on()
    assert device.process(bytes.fromhex("0084000008")) is not None
    device.power_off()
    assert device.process(bytes.fromhex("0084000008")) is None


HEADERS = st.sampled_from(("00A400", "00A404", "00B000", "00C000", "008400", "BFDE67", "BFDE48", "80FA00", "80FA05"))


@st.composite
def near_commands(draw: st.DrawFn) -> bytes:
    payload = draw(st.binary(max_size=48))
    length = draw(st.one_of(st.just(len(payload)), st.integers(0, 255)))
    return bytes.fromhex(draw(HEADERS)) + draw(st.binary(min_size=1, max_size=1)) + bytes((length,)) + payload


@settings(max_examples=60)
@given(commands=st.lists(st.one_of(st.binary(max_size=300), near_commands()), max_size=10))
def test_every_command_is_answered(commands: list[bytes]) -> None:
    device = psam(PROFILE)
    opened(device, "sm4")
    for command in commands:
        answer = device.process(command)
        assert answer is not None
        assert len(answer) == 2 or answer[-2:] == b"\x90\x00" or answer[-2] == 0x61


def test_wrong_profile() -> None:
    with pytest.raises(ValueError, match="not a profile of a PSAM"):
        psam("hsm-default")
