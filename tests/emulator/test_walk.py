"""The reference card under random command sequences: no exception, no silence, no state that the rules forbid.

``pytest tests/emulator/test_walk.py --steps N`` takes N steps in all (20,000 by default; ``tox -e nightly`` a million).
"""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from emulator.card.card import ReferenceCard
from emulator.card.factory import reference_card
from emulator.card.image import BinaryFile, CyclicFile, RecordFile
from onecard.oracle.model import CardModel, Draw, View
from onecard.oracle.session import authentication_data, rules_of, session_key
from onecard.spec.card import CardSpec, Command

PROFILES = ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui")
STEPS_OF_ONE = 50
LONGEST_ANSWER = 258
SHORTEST_COMMAND = 4
# Answers that come with data, or announce them.
GIVING = (0x90, 0x61)


class Walk:
    """One card under a stream of drawn bytes, and the model that watches it."""

    def __init__(self, spec: CardSpec, octets: bytes) -> None:
        self.spec = spec
        self.draw = Draw(octets)
        self.card: ReferenceCard = reference_card(spec.profile, spec=spec)
        self.keys = {(name, version): key for name in spec.keys for version, key in self.card.image.keys[name].items()}
        self.commands: Sequence[Command] = tuple(spec.commands.values())
        self.card.power_on()
        self.model = self.fresh_model()

    def fresh_model(self) -> CardModel:
        """A model that knows nothing of the card's past, for a card just powered on."""
        model = CardModel(self.spec, keys=self.keys, pin=self.card.image.pin, view=View.RAW_T0)
        model.reset()
        return model

    def at_hand(self) -> Sequence[Command]:
        """The commands where the card stands, as far as the model knows it; else all."""
        here = self.model.state.application
        return self.spec.commands_in(here) if here is not None and self.draw.below(3) else self.commands

    def step(self) -> None:
        """One random step, and a look at the card."""
        chosen = self.draw.choice(_STEPS)
        chosen(self)
        forbidden = self.forbidden()
        assert not forbidden, forbidden

    def send(self, command: bytes) -> bytes:
        """One command; the answer is well formed, and one that the model allows."""
        before = self.contents()
        answer = self.card.process(command)
        assert answer is not None, f"silent after {command.hex()}"
        assert 2 <= len(answer) <= LONGEST_ANSWER, f"{command.hex()} -> {answer.hex()}"
        # The model learns what the card says: PIN and keys that were changed make its memory old.
        if self.card.image.pin == self.model.card.pin:
            if len(command) < SHORTEST_COMMAND:
                # No command at all: what waited for GET RESPONSE may be gone.
                self.model.state = self.model.state.between()
            else:
                expected = self.model.predict(command)
                assert self.model.observe(command, answer), (
                    f"{command.hex()} -> {answer.hex()}, model: {expected.describe().en}"
                )
        if answer[-2] not in GIVING:
            assert len(answer) == 2, f"data with a refusal: {command.hex()} -> {answer.hex()}"
            assert self.contents() == before, f"refused, yet changed: {command.hex()} -> {answer.hex()}"
        return answer

    def contents(self) -> tuple[object, ...]:
        """What a refused command must leave alone: files and PIN (not the counters)."""
        image = self.card.image
        return (
            image.pin,
            repr((image.purses, image.transport)),
            *(
                bytes(file.data) if isinstance(file, BinaryFile) else tuple(file.records)
                for file in image.files.values()
            ),
        )

    def forbidden(self) -> str:
        """What in the card's memory the rules forbid; empty where nothing is."""
        image, spec = self.card.image, self.spec
        if image.journal:
            return "a change was left unfinished"
        for name, tries in image.key_tries.items():
            if not 0 <= tries <= (spec.keys[name].tries or image.key_limit):
                return f"{name} has {tries} tries left"
        if not 0 <= image.pin_tries <= image.pin_limit:
            return f"the PIN has {image.pin_tries} tries left"
        if image.pin is not None and not spec.pin.min_digits <= 2 * len(image.pin) <= 2 * spec.pin.max_bytes:
            return f"a PIN of {len(image.pin)} bytes"
        for name, content in image.files.items():
            file = spec.files.get(name)
            if file is None:
                continue
            if isinstance(content, BinaryFile) and len(content.data) != file.size:
                return f"{name} has {len(content.data)} bytes"
            if isinstance(content, CyclicFile) and (
                len(content.records) > content.capacity or any(len(each) != content.length for each in content.records)
            ):
                return f"{name} has records that do not fit"
            if isinstance(content, RecordFile) and content.used() > content.capacity:
                return f"{name} is fuller than full"
        return ""


def _anything(walk: Walk) -> None:
    walk.send(walk.draw.octets(1 + walk.draw.below(24)))


def _known(walk: Walk) -> None:
    """A command of the card with likely parameters and a fitting length."""
    walk.send(_likely(walk))


def _tear(walk: Walk) -> None:
    """The supply goes in the middle of a command; what a step wrote before is whole, and the card goes on."""
    walk.card.process_and_cut(_likely(walk), 1 + walk.draw.below(6))
    walk.card.power_on()
    walk.model = walk.fresh_model()


def _likely(walk: Walk) -> bytes:
    draw, command = walk.draw, walk.draw.choice(walk.at_hand())
    p1, p2 = draw.choice((0, 0, 0, 1, 2, 3, 4, draw.below(256))), draw.choice((0, 0, 1, 2, 0x2C, 0x34, draw.below(256)))
    lengths = command.lengths or (0, 2, 4, 8, 16)
    length = draw.choice((*lengths, draw.below(20))) if draw.below(8) else draw.below(20)
    header = bytes((command.cla, command.ins, p1, p2))
    return header + bytes((length,)) + (b"" if command.case <= 2 else draw.octets(length))


def _select(walk: Walk) -> None:
    application = walk.draw.choice(tuple(walk.spec.applications.values()))
    walk.send(bytes((0x00, 0xA4, 0x04, 0x00, len(application.df_name))) + application.df_name)


def _select_file(walk: Walk) -> None:
    file = walk.draw.choice(tuple(walk.spec.files.values()))
    walk.send(b"\x00\xa4\x02\x00\x02" + file.fid.to_bytes(2, "big"))


def _read(walk: Walk) -> None:
    draw = walk.draw
    sfi = draw.choice((0, *(file.sfi for file in walk.spec.files.values())))
    walk.send(bytes((0x00, 0xB2, draw.choice((1, 2, 3, 8, 9, draw.below(256))), sfi << 3 & 0xF8 | draw.below(8), 0)))


def _prove(walk: Walk) -> None:
    """A right or wrong external authentication of any key."""
    draw = walk.draw
    key = draw.choice([key for key in walk.spec.keys.values() if key.function == "external-authentication"])
    challenge = walk.send(bytes.fromhex("0084000008"))
    if len(challenge) != 10:
        return
    rules = rules_of(walk.spec)
    version, original = draw.choice(walk.spec.key_versions), draw.octets(8)
    session = session_key(rules, walk.keys[key.id, version], challenge[:8])
    proof = authentication_data(rules, session, original)
    if draw.below(6) == 0:
        proof = bytes((proof[0] ^ 1,)) + proof[1:]
    data = proof + original + bytes((version,))
    walk.send(bytes((0x00, 0x82, 0x00, key.key_id, len(data))) + data)


def _verify(walk: Walk) -> None:
    pin = walk.card.image.pin
    if pin is not None:
        wrong = walk.draw.below(5) == 0
        data = bytes((pin[0] ^ 1,)) + pin[1:] if wrong else pin
        walk.send(b"\x00\x20\x00\x00" + bytes((len(data),)) + data)


def _fetch(walk: Walk) -> None:
    walk.send(bytes((0x00, 0xC0, 0x00, 0x00, walk.draw.below(64))))


def _reset(walk: Walk) -> None:
    if walk.draw.below(2):
        walk.card.power_on()
    else:
        walk.card.reset()
    walk.model.reset()


_STEPS: tuple[Callable[[Walk], None], ...] = (
    *(_anything,) * 2,
    *(_known,) * 12,
    *(_select,) * 3,
    *(_select_file,) * 3,
    *(_read,) * 3,
    *(_prove,) * 3,
    *(_verify,) * 1,
    *(_fetch,) * 1,
    *(_reset,) * 1,
    *(_tear,) * 1,
)


@pytest.mark.parametrize("profile", PROFILES)
def test_random_sequences(profile: str, card_specs: dict[str, CardSpec], pytestconfig: pytest.Config) -> None:
    """Each example is one card and fifty steps; its bytes shrink to the shortest sequence that goes wrong."""
    examples = max(1, int(pytestconfig.getoption("--steps")) // (STEPS_OF_ONE * len(PROFILES)))
    taken = 0

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.binary(min_size=16 * STEPS_OF_ONE, max_size=40 * STEPS_OF_ONE))
    def walk_along(octets: bytes) -> None:
        nonlocal taken
        walk = Walk(card_specs[profile], octets)
        try:
            for _ in range(STEPS_OF_ONE):
                walk.step()
                taken += 1
        except EOFError:
            return

    walk_along()
    assert taken >= examples * STEPS_OF_ONE // 2
