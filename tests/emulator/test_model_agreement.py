"""Two readings of the same rules: the oracle's model of the card never finds the reference card wrong."""

import pytest

from emulator.card.factory import reference_card
from onecard.oracle.model import CardModel, Draw, View, sequence
from onecard.spec.card import CardSpec


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
@pytest.mark.parametrize("seed", range(4))
def test_generated_sequences(profile: str, seed: int, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[profile]
    card = reference_card(profile, spec=spec)
    keys = {(name, version): key for name, versions in card.image.keys.items() for version, key in versions.items()}
    model = CardModel(spec, keys=keys, pin=card.image.pin, view=View.RAW_T0)
    card.power_on()
    judged = 0
    for step in sequence(Draw.from_seed(bytes([seed])), model, 300):
        if step.command is None:
            card.reset()
            model.reset()
            continue
        answer = card.process(step.command)
        assert answer is not None
        expected = model.predict(step.command)
        assert model.observe(step.command, answer), (
            f"{step.command.hex()} -> {answer.hex()}, model: {expected.describe().en}"
        )
        judged += not expected.left_open
    assert judged > 200
    assert set(card.image.key_tries.values()) == {3}
