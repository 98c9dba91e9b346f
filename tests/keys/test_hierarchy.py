"""The hierarchy as data, and the key sets that the emulator makes of a seed, held against the oracle."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.keys import root_key
from emulator.keyset import key_sets, split
from onecard.emulate.keyset import made_sets
from onecard.oracle import keyset as computation
from onecard.oracle.session import WrongOperandLength
from onecard.planning.keyset import KeySet, problems
from onecard.spec.hierarchy import KeyHierarchy, installed_hierarchy
from onecard.spec.load import Spec
from tests.keys.conftest import REGION, SEED

# Level and levels of diversification: the usage bytes 67, 48 and 22 of the draft and of programs.
STARTS = {"IRK": "national", "RKSSSE": "national", "UKSSSE": "province", "PUK": "province", "DPK": "city"}


def test_levels_run_from_the_nation_to_the_card(hierarchy: KeyHierarchy) -> None:
    assert [(level.code, level.above_card) for level in hierarchy.levels.values()] == [
        ("national", 3),
        ("province", 2),
        ("city", 1),
        ("card", 0),
    ]


@pytest.mark.parametrize(("name", "level"), STARTS.items())
@pytest.mark.parametrize("algorithm", ["3des", "sm4"])
def test_keys_start_where_the_sources_say(hierarchy: KeyHierarchy, name: str, level: str, algorithm: str) -> None:
    place = hierarchy.place(name, algorithm)
    assert place is not None
    assert (place.level, place.versions) == (level, (1, 2, 3))


@pytest.mark.parametrize("code", ["ssf33", "sm1"])
def test_unpublished_algorithms_are_excluded(hierarchy: KeyHierarchy, code: str) -> None:
    assert hierarchy.algorithms[code].excluded == "unpublished-algorithm"
    assert not any(place.algorithm == code for place in hierarchy.places.values())


def test_every_key_of_every_card_is_in_the_sets(spec: Spec, sets: Mapping[str, KeySet]) -> None:
    for profile in ("card-1.0", "card-2.0", "card-3.0", "card-3.0-anhui"):
        card = spec.card_of_profile(profile)
        held = {(key.name, key.version) for each in sets.values() for key in each.keys.values()}
        assert {(name, version) for name in card.keys for version in card.key_versions} <= held


def test_the_sets_hold_what_they_say(hierarchy: KeyHierarchy, sets: Mapping[str, KeySet], whole: KeySet) -> None:
    assert list(sets) == ["national", "province", "city", "card"]
    for level, each in sets.items():
        assert {key.level for key in each.keys.values()} == {level}
        assert each.synthetic
    assert list(problems(whole, hierarchy)) == []


def test_roots_are_those_of_the_references(sets: Mapping[str, KeySet]) -> None:
    for algorithm in ("3des", "sm4"):
        found = sets["national"].find("IRK", 2, algorithm, "national")
        assert found is not None
        assert found.value == root_key(SEED, "IRK", 2)


def test_keys_of_one_card(hierarchy: KeyHierarchy) -> None:
    historical = bytes.fromhex("00814A44468660341300000001")
    sets = made_sets(hierarchy, SEED, region=REGION, historical=historical)
    for name in ("IRK", "UKSSSE", "DPK"):
        card = hierarchy.cards["sm4"]
        steps = hierarchy.steps(STARTS[name])
        wanted = computation.below(card, root_key(SEED, name, 1), steps, 0, REGION, historical)
        found = sets["card"].find(name, 1, "sm4", "card")
        assert found is not None
        assert found.value == wanted


def test_toy_vector_of_the_levels(hierarchy: KeyHierarchy) -> None:
    """The root 0123...3210 in region 110100, after one and two levels."""
    root = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    literals = {
        "3des": ("2A4575B60EB144711DFA2A7F7AA021FB", "8728244612954628283D4FD45709DF02"),
        "sm4": ("31B260EC31201FC36345970A50FB5D19", "465D0BE87DBFB6B569DFF444B0FF213B"),
    }
    for algorithm, (province, city) in literals.items():
        card = hierarchy.cards[algorithm]
        assert computation.below(card, root, 3, 2, "110100").hex().upper() == province
        assert computation.below(card, root, 3, 1, "110100").hex().upper() == city
    with pytest.raises(WrongOperandLength):
        computation.below(hierarchy.cards["sm4"], root, 3, 0, "110100")


@given(region=st.from_regex(r"[0-9]{6}", fullmatch=True), seed=st.text(max_size=8))
def test_every_region_and_seed_gives_sound_sets(region: str, seed: str) -> None:
    hierarchy = installed_hierarchy()
    made = key_sets(hierarchy, seed, region, algorithms=("3des",))
    for key in made["city"][:6]:
        place = hierarchy.place(key.name, "3des")
        assert place is not None
        root = root_key(seed, key.name, key.version)
        steps = hierarchy.steps(place.level)
        assert computation.below(hierarchy.cards["3des"], root, steps, 1, region) == key.value


@given(st.binary(min_size=16, max_size=16), st.integers(min_value=2, max_value=9), st.randoms(use_true_random=False))
def test_components_make_the_key(key: bytes, custodians: int, random: object) -> None:
    assert hasattr(random, "randbytes")
    components = split(key, custodians, random.randbytes)
    assert len(components) == custodians
    assert computation.combine(components) == key


@pytest.mark.parametrize("components", [[], [bytes(16)], [bytes(16), bytes(8)]])
def test_what_makes_no_key(components: list[bytes]) -> None:
    with pytest.raises(WrongOperandLength):
        computation.combine(components)
