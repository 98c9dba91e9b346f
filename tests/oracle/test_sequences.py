"""Generated sequences against the reference card: nothing contradicts the model, nothing on the card changes."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.card.state import SecurityState
from onecard.oracle.model import CardModel, Draw, Prediction, View, sequence
from onecard.oracle.model.card import RULED
from onecard.spec.card import Access, AccessRule, CardSpec
from onecard.spec.load import load_spec

SPEC = load_spec()
PROFILES = ("card-1.0", "card-2.0", "card-3.0")
Alter = Callable[[bytes, bytes], bytes]


def unaltered(command: bytes, response: bytes) -> bytes:
    del command
    return response


def model_of(card: ReferenceCard, spec: CardSpec) -> CardModel:
    keys = {(key, version): value for key, versions in card.image.keys.items() for version, value in versions.items()}
    return CardModel(spec, keys=keys, pin=card.image.pin, view=View.RAW_T0)


def run(
    card: ReferenceCard, model: CardModel, seed: bytes, length: int, alter: Alter = unaltered
) -> Iterator[tuple[bytes, bytes, Prediction, bool]]:
    """Each exchange with its prediction and whether the model accepted it."""
    card.power_on()
    for step in sequence(Draw.from_seed(seed), model, length):
        if step.command is None:
            card.reset()
            model.reset()
            continue
        response = card.process(step.command)
        assert response is not None
        response = alter(step.command, response)
        prediction = model.predict(step.command)
        yield step.command, response, prediction, model.observe(step.command, response)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("number", range(6))
def test_the_reference_never_contradicts_the_model(profile: str, number: int) -> None:
    card = reference_card(profile)
    before = deepcopy(card.image)
    for command, response, prediction, accepted in run(card, model_of(card, card.spec), bytes([number]), 250):
        assert accepted, f"{command.hex()} -> {response.hex()}, expected {prediction.describe().en}"
    assert card.image.files == before.files
    assert card.image.key_tries == before.key_tries
    assert card.image.pin_tries == before.pin_tries


@pytest.mark.parametrize("profile", PROFILES)
def test_sequences_use_every_command_and_leave_little_open(profile: str) -> None:
    card = reference_card(profile)
    exchanges = list(run(card, model_of(card, card.spec), b"coverage", 1200))
    seen = {command[1] for command, _, _, _ in exchanges}
    assert seen >= {command.ins for name, command in card.spec.commands.items() if name in RULED}
    statuses = {response[-2:].hex() for _, response, _, _ in exchanges}
    assert statuses >= {"9000", "6700", "6a82", "6a83", "6a86", "6a88", "6984", "6986", "63c2", "6d00", "6e00", "6f00"}
    assert sum(prediction.left_open for _, _, prediction, _ in exchanges) < len(exchanges) / 10


@pytest.mark.parametrize("profile", PROFILES)
def test_tries_are_never_endangered(profile: str) -> None:
    card = reference_card(profile)
    for _ in run(card, model_of(card, card.spec), b"care", 1200):
        assert card.image.pin_tries == card.image.pin_limit
        assert all(tries >= card.image.key_limit - 1 for tries in card.image.key_tries.values())


def test_a_sequence_is_repeated_by_its_seed() -> None:
    def commands() -> list[bytes]:
        card = reference_card("card-3.0", random=bytes)
        return [command for command, _, _, _ in run(card, model_of(card, card.spec), b"same", 200)]

    assert commands() == commands()


def test_debts_are_paid_before_a_story_ends() -> None:
    card = reference_card("card-3.0")
    model = model_of(card, card.spec)
    card.power_on()
    owed: list[str] = []
    for step in sequence(Draw.from_seed(b"debts"), model, 1500):
        if step.command is None:
            card.reset()
            model.reset()
        else:
            model.observe(step.command, card.process(step.command) or b"")
        if step.owes is None:
            assert set(card.image.key_tries.values()) == {card.image.key_limit}
        else:
            owed.append(step.owes)
    assert {"UKSSSE", "RKSSSE"} <= set(owed)


class ChallengeSurvives(CardBehaviour):
    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state


def flip_last_data_bit(command: bytes, response: bytes) -> bytes:
    del command
    return response[:-3] + bytes([response[-3] ^ 1]) + response[-2:] if len(response) > 2 else response


def detected(card: ReferenceCard, spec: CardSpec, alter: Alter = unaltered) -> bool:
    exchanges = run(card, model_of(card, spec), b"mutants", 1500, alter)
    return any(not accepted for _, _, _, accepted in exchanges)


def test_a_challenge_that_survives_is_found() -> None:
    card = reference_card("card-3.0", behaviour=ChallengeSurvives())
    assert detected(card, card.spec)


def test_a_holder_file_that_reads_freely_is_found() -> None:
    spec = SPEC.card_of_profile("card-3.0")
    holder = replace(spec.file("SSSE/EF06"), read=AccessRule(Access.FREE))
    altered = replace(spec, files={**spec.files, "SSSE/EF06": holder})
    assert detected(reference_card("card-3.0", spec=altered), spec)


@pytest.mark.parametrize("profile", PROFILES)
def test_another_generation_is_found(profile: str) -> None:
    others = [other for other in PROFILES if other != profile]
    assert all(detected(reference_card(other), SPEC.card_of_profile(profile)) for other in others)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("6985", "6982"), ("9000", "6984"), ("6a82", "6a83"), ("6d00", "6e00"), ("9000", "63c2"), ("6c02", "6c03")],
)
def test_a_wrong_status_word_is_found(wrong: str, right: str) -> None:
    def alter(command: bytes, response: bytes) -> bytes:
        del command
        return bytes.fromhex(wrong) if response.hex() == right else response

    card = reference_card("card-3.0")
    assert detected(card, card.spec, alter)


def through_a_helpful_reader(card: ReferenceCard, command: bytes) -> bytes:
    """What a reader at APDU level shows: it fetches what waits and repeats with the length that the card names."""
    case4 = len(command) > 5 and len(command) == command[4] + 6
    response = card.process(command[:-1] if case4 else command) or b""
    if len(response) == 2 and response[0] == 0x6C:
        response = card.process(command[:4] + response[1:2]) or b""
    if len(response) == 2 and response[0] == 0x61:
        response = card.process(b"\x00\xc0\x00\x00" + response[1:2]) or b""
    return response


@pytest.mark.parametrize("profile", PROFILES)
def test_a_reader_that_hides_t0_makes_no_false_alarm(profile: str) -> None:
    card = reference_card(profile)
    model = CardModel(card.spec, keys=model_of(card, card.spec).card.keys, pin=card.image.pin, view=View.APDU)
    card.power_on()
    for step in sequence(Draw.from_seed(b"reader"), model, 400):
        if step.command is None:
            card.reset()
            model.reset()
            continue
        response = through_a_helpful_reader(card, step.command)
        expected = model.predict(step.command).describe().en
        assert model.observe(step.command, response), f"{step.command.hex()} -> {response.hex()}, expected {expected}"


def test_without_keys_and_pin_nothing_is_endangered_or_contradicted() -> None:
    card = reference_card("card-3.0")
    model = CardModel(card.spec, keys={}, pin=None, view=View.RAW_T0)
    for command, response, prediction, accepted in run(card, model, b"no keys", 400):
        assert accepted, f"{command.hex()} -> {response.hex()}, expected {prediction.describe().en}"
        assert set(card.image.key_tries.values()) == {card.image.key_limit}
