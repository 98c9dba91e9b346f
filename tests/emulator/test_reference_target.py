"""The reference card behind the target protocol, and its declaration."""

import pytest

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from emulator.crypto_card import diversify
from onecard.errors import UserError
from onecard.reference.card import open_target, reference_declaration, reference_ixit
from onecard.spec.card import CardSpec
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetOptions

SELECT_EF05 = bytes.fromhex("00A4020002EF05")


class Silent(CardBehaviour):
    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return None


def test_profile_from_the_string_or_the_options() -> None:
    for target in (open_target("card-2.0", TargetOptions()), open_target("", TargetOptions(profile="card-2.0"))):
        target.connect()
        assert target.description == "reference:card-2.0"
        assert target.power_on() == target.reset() == bytes.fromhex("3B9D11801F0300814A444686603401000000010B")
        assert target.transmit(SELECT_EF05) == b"\x90\x00"


def test_unknown_profile_and_none() -> None:
    with pytest.raises(TargetAbsent, match=r"card-9.*card-3\.0"):
        open_target("card-9", TargetOptions())
    with pytest.raises(UserError, match="needs a profile") as caught:
        open_target("", TargetOptions())
    assert caught.value.exit_code == 2


def test_image_lives_as_long_as_the_target() -> None:
    target = open_target("card-3.0", TargetOptions())
    target.connect()
    target.power_on()
    target.transmit(bytes.fromhex("0020000003999999"))
    target.power_on()
    assert target.transmit(bytes.fromhex("0020000000")) == b"\x63\xc2"
    fresh = open_target("card-3.0", TargetOptions())
    fresh.connect()
    fresh.power_on()
    assert fresh.transmit(bytes.fromhex("0020000000")) == b"\x63\xc3"


def test_closed_target_says_so() -> None:
    target = open_target("card-3.0", TargetOptions())
    target.connect()
    target.power_on()
    target.close()
    target.close()
    with pytest.raises(CardRemoved):
        target.transmit(SELECT_EF05)


def test_variants(card_specs: dict[str, CardSpec]) -> None:
    silent = open_target("card-3.0", TargetOptions(variant=Silent()))
    silent.connect()
    silent.power_on()
    with pytest.raises(SilentTarget, match="00A4020002EF05"):
        silent.transmit(SELECT_EF05)

    def wrong_class(image: CardImage) -> None:
        image.linear("SSSE/EF05").write(1, b"\x02\x019")

    edited = open_target("card-3.0", TargetOptions(variant=VariantSpec(edit=wrong_class, holder=1)))
    edited.connect()
    edited.power_on()
    assert edited.transmit(bytes.fromhex("00B2022C03")) == bytes.fromhex("0201399000")

    other = open_target("card-3.0", TargetOptions(variant=card_specs["card-1.0"]))
    other.connect()
    other.power_on()
    assert other.transmit(bytes.fromhex("00B2033403"))[:1] == b"\x0a"
    with pytest.raises(TypeError):
        open_target("card-3.0", TargetOptions(variant="mutant"))


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_declaration_opens_the_card(profile: str, card_specs: dict[str, CardSpec]) -> None:
    declared = reference_declaration(profile)
    assert declared.ics == card_specs[profile].ics
    ixit = dict(declared.ixit)
    assert ixit == dict(reference_ixit(profile))
    assert (ixit["pin"], ixit["synthetic"], ixit["target"]) == ("123456", True, f"reference:{profile}")
    assert ixit["identification"] == "340100D15600000500000001FFFFFFFF"
    source = ixit["key-source"]
    assert isinstance(source, dict)
    assert source["region"] == "340100"
    assert sorted(source["keys"]["IRK"]) == [str(version) for version in card_specs[profile].key_versions]
    spec, historical = card_specs[profile], bytes.fromhex("00814A44468660340100000001")
    target = open_target(profile, TargetOptions())
    target.connect()
    assert historical in target.power_on()
    root = bytes.fromhex(source["keys"]["UKSSSE"]["1"])
    key = diversify(spec, root, 2, source["region"], historical)
    challenge = target.transmit(bytes.fromhex("0084000008"))[:-2]
    from emulator.crypto_card import authentication_data, session_key

    proof = authentication_data(spec, session_key(spec, key, challenge), bytes(8))
    assert target.transmit(bytes.fromhex("0082000410") + proof + bytes(8)) == b"\x90\x00"


def test_seed_changes_keys() -> None:
    assert reference_ixit("card-3.0")["key-source"] != reference_ixit("card-3.0", "another")["key-source"]
