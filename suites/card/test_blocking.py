"""Destructive cases: a PIN and keys are used up. Each takes a sample card that is good for nothing else afterwards."""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, Ends, destructive, expect, for_each, verifies

ORDER = 200


def counted_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the declaration."""
    return [key.id for key in spec.keys.values() if key.counted and key.application == "SSSE"]


def is_blocked(card: CardUnderTest, command_id: str, command: bytes) -> None:
    """The card says that the method is blocked."""
    expect(card.send(command)).refused_with(card.spec.command(command_id).statuses["blocked"].text)


@verifies("CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted_keys)
@destructive("keys")
def test_lost_tries_stay_lost(card: CardUnderTest, key: str) -> None:
    """Neither a reset, nor a selection, nor another key's success gives a try back; one right proof gives all."""
    limit = int(card.ics["card.key_try_limit"])
    card.select_environment()
    card.authenticate_external(key)
    for left in reversed(range(1, limit)):
        wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
        expect(card.send(wrong)).tries_left(left)
        for other in counted_keys(card.spec):
            if other != key:
                card.authenticate_external(other)
        card.power_on()
        card.select_environment()
    expect(card.send(card.external_authentication(key, card.get_challenge(8))), "CARD-EXTERNAL-AUTH").ok()
    wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
    expect(card.send(wrong)).tries_left(limit - 1)
    expect(card.send(card.external_authentication(key, card.get_challenge(8))), "CARD-EXTERNAL-AUTH").ok()


@verifies("CARD-PIN-BLOCKED", "CARD-PIN-WRONG")
@destructive("PIN", Ends.SECRET)
def test_pin(card: CardUnderTest) -> None:
    """Wrong PINs count down to 63C0; then wrong and right ones answer 6983, also after a reset."""
    pin = card.pin_bytes
    wrong = bytes((pin[0] ^ 0x11,)) + pin[1:]
    card.enter_environment()
    # Another case may have blocked it on this sample before.
    card.present_pin()
    for left in reversed(range(int(card.ics["card.pin_try_limit"]))):
        expect(card.send(card.apdu.verify(wrong)), "CARD-PIN-WRONG").tries_left(left)
    for data in (wrong, pin):
        is_blocked(card, "VERIFY", card.apdu.verify(data))
    card.power_on()
    card.select_environment()
    is_blocked(card, "VERIFY", card.apdu.verify(pin))


@verifies("CARD-EXTERNAL-AUTH-BLOCKED", "CARD-EXTERNAL-AUTH-COUNTER")
@for_each("key", counted_keys)
@destructive("keys", Ends.SECRET)
def test_key(card: CardUnderTest, key: str) -> None:
    """Wrong proofs count down to 63C0; then wrong and right ones answer 6983, also after a reset."""
    card.select_environment()
    # The sample is used up only if the key source is right about it.
    card.authenticate_external(key)
    for left in reversed(range(int(card.ics["card.key_try_limit"]))):
        wrong = card.external_authentication(key, card.get_challenge(8), spoil=True)
        expect(card.send(wrong), "CARD-EXTERNAL-AUTH-COUNTER").tries_left(left)
    for spoil in (True, False):
        command = card.external_authentication(key, card.get_challenge(8), spoil=spoil)
        is_blocked(card, "EXTERNAL-AUTHENTICATE", command)
    card.power_on()
    card.select_environment()
    is_blocked(card, "EXTERNAL-AUTHENTICATE", card.external_authentication(key, card.get_challenge(8)))
