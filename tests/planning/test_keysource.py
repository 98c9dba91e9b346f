"""Key sources: given keys and diversified ones are the same keys."""

import pytest

from emulator.card.personalise import historical_of
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.harness.context import KeySource, historical_in
from onecard.planning.declaration import Ixit, no_ixit, reference_ixit
from onecard.planning.keysource import CardKeys, NoKeys, RootKeys, key_source
from onecard.reference.card import open_target
from onecard.spec.load import Spec
from onecard.targets.base import CardTarget, TargetOptions
from onecard.targets.registry import open_target as open_by_name

PROFILES = ("card-1.0", "card-2.0", "card-3.0")
KEY = "00112233445566778899AABBCCDDEEFF"


def _historical(spec: Spec, profile: str) -> bytes:
    return historical_of(spec.card_of_profile(profile), person(DEFAULT_SEED, 0))


@pytest.mark.parametrize("profile", PROFILES)
def test_card_keys_and_root_keys_give_the_same_key(spec: Spec, profile: str) -> None:
    card = spec.card_of_profile(profile)
    roots = key_source(reference_ixit("card", profile), card)
    historical = _historical(spec, profile)
    derived = {
        name: {str(version): roots.card_key(card, name, version, historical) for version in card.key_versions}
        for name in card.keys
    }
    assert all(key is not None and len(key) == 16 for versions in derived.values() for key in versions.values())
    given = key_source(
        Ixit(
            target=None,
            timeout=5.0,
            pin="123456",
            identification=None,
            key_source={
                "kind": "card-keys",
                "keys": {
                    name: {v: key.hex() for v, key in versions.items() if key} for name, versions in derived.items()
                },
            },
        ),
        card,
    )
    for name in card.keys:
        for version in card.key_versions:
            # A card's own keys do not depend on the historical bytes any more.
            assert given.card_key(card, name, version, b"") == derived[name][str(version)]
    flat = [key for versions in derived.values() for key in versions.values()]
    assert len(set(flat)) == len(flat)
    assert (roots.diversified, given.diversified) == (True, False)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_reference_card_holds_the_keys_that_its_declaration_leads_to(spec: Spec, profile: str) -> None:
    """By a literal exchange: what INTERNAL AUTHENTICATE returns is what the derived key computes."""
    from onecard.oracle import session

    card = spec.card_of_profile(profile)
    source = key_source(reference_ixit("card", profile), card)
    target = open_target(profile, TargetOptions())
    target.connect()
    historical = historical_in(target.power_on(), 13)
    key = source.card_key(card, "IRK", 1, historical)
    assert key is not None
    factor, data = bytes(range(8)), bytes(range(8, 16))
    answer = target.transmit(bytes.fromhex("0088000010") + factor + data + b"\x00")
    if answer[0] == 0x61:
        answer = target.transmit(bytes((0x00, 0xC0, 0x00, 0x00, answer[1])))
    rules = session.rules_of(card)
    expected = session.authentication_data(rules, session.session_key(rules, key, factor), data)
    assert answer == expected + b"\x90\x00"


def test_another_card_gets_other_keys(spec: Spec) -> None:
    card = spec.card_of_profile("card-3.0")
    source = key_source(reference_ixit("card", "card-3.0"), card)
    one, other = _historical(spec, "card-3.0"), historical_of(card, person(DEFAULT_SEED, 1))
    assert one != other
    assert source.card_key(card, "IRK", 1, one) != source.card_key(card, "IRK", 1, other)
    assert source.card_key(card, "UKSSSE", 1, one) != source.card_key(card, "UKSSSE", 1, other)


def test_keys_that_were_not_given(spec: Spec) -> None:
    card = spec.card_of_profile("card-3.0")
    keys = {"IRK": {"1": KEY}}
    sources: tuple[KeySource, ...] = (CardKeys(keys, None), RootKeys(keys, "340100", None), NoKeys(None))
    for source in sources:
        assert source.card_key(card, "IRK", 2, bytes(13)) is None
        assert source.card_key(card, "RKSSSE", 1, bytes(13)) is None
        assert source.pin() is None
    assert NoKeys(None).card_key(card, "IRK", 1, bytes(13)) is None
    assert CardKeys(keys, None).card_key(card, "IRK", 1, bytes(13)) == bytes.fromhex(KEY)


@pytest.mark.parametrize(
    ("digits", "block"),
    [("1234", "1234"), ("12345", "12345F"), ("123456", "123456"), ("1234567890123456", "1234567890123456")],
)
def test_pin_is_bcd(digits: str, block: str) -> None:
    for source in (NoKeys(digits), CardKeys({}, digits), RootKeys({}, "340100", digits)):
        assert source.pin() == bytes.fromhex(block)


def test_no_ixit_is_no_keys(spec: Spec) -> None:
    source = key_source(no_ixit(), spec.card_of_profile("card-3.0"))
    assert isinstance(source, NoKeys)
    assert source.diversified is False


def test_sources_keep_their_secrets(spec: Spec) -> None:
    for source in (
        CardKeys({"IRK": {"1": KEY}}, "9876"),
        RootKeys({"IRK": {"1": KEY}}, "340100", "9876"),
        NoKeys("9876"),
    ):
        assert KEY not in repr(source)
        assert "9876" not in repr(source)


def test_registry_opens_the_reference() -> None:
    target = open_by_name("reference:card-3.0", timeout=1.0, context={})
    assert isinstance(target, CardTarget)
    target.connect()
    assert target.power_on()[0] == 0x3B
    target.close()
