"""Generated command sequences: every answer is compared with the oracle's own small model of the card."""

from onecard.oracle.model import CardModel, Draw, View, sequence
from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, PreambleFailed, check, for_each, verifies

ORDER = 160
SEEDS = range(12)
STEPS = 160


def counted_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the environment; keys of the applications are not used here."""
    own = [key for key in spec.keys.values() if key.application == "SSSE" and key.counted]
    return [key.id for key in own if key.function == "external-authentication"]


def model_of(card: CardUnderTest) -> CardModel:
    """The model of this card. Its PIN and keys are proved right first: a sequence uses them many times."""
    card.select_environment()
    for key in counted_keys(card.spec):
        card.authenticate_external(key)
        for version in card.spec.key_versions:
            command = card.external_authentication(key, card.get_challenge(8), version=version)
            if not card.wrong_external_authentication(key, command).is_ok:
                raise PreambleFailed(
                    zh=f"卡片不接受 {key} 版本 {version}", en=f"the card does not accept version {version} of {key}"
                )
    own = [key.id for key in card.spec.keys.values() if key.application == "SSSE"]
    keys = {(key, version): card.key(key, version) for key in own for version in card.spec.key_versions}
    pin = card.pin_bytes if card.ics["card.pin"] else None
    if pin is not None:
        response = card.send(card.apdu.verify(pin))
        card.noted("PIN", response)
        if not response.is_ok:
            raise PreambleFailed(zh="卡片拒绝了 IXIT 中的密码", en="the card refuses the PIN of the IXIT")
    return CardModel(card.spec, keys=keys, pin=pin, view=View.RAW_T0 if card.raw_t0 else View.APDU)


def restore_tries(card: CardUnderTest) -> None:
    """Right authentications of every key."""
    card.select_environment()
    for key in counted_keys(card.spec):
        card.authenticate_external(key)


@verifies("CARD-SEQUENCE")
@for_each("seed", SEEDS)
def test_sequence(card: CardUnderTest, seed: int) -> None:
    """A sequence of good and bad commands, drawn for this run: each answer is one that the rules allow."""
    model = model_of(card)
    card.at_end("restore the tries of the keys", lambda: restore_tries(card))
    drawn = Draw.from_seed(card.random.bytes(32) + bytes((seed,)))
    answered = []
    for step in sequence(drawn, model, STEPS):
        if step.command is None:
            card.reset()
            model.reset()
            continue
        wanted = model.predict(step.command).describe().en
        response = card.transmit(step.command)
        whole = response.data + response.sw.to_bytes(2)
        answered.append(step.command.hex().upper())
        what = f"answer {len(answered)} of the sequence"
        check(card, model.observe(step.command, whole), what=what, expected=wanted, received=whole.hex().upper())
