"""Key sets of a region from a seed: what each authority of the hierarchy would hold. Test keys, in use nowhere."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field

from emulator.crypto import encrypt, xor
from emulator.crypto_card import child_key, factors
from emulator.keys import KEY_BYTES, root_key
from onecard.spec.hierarchy import CheckValueRule, KeyHierarchy, KeyPlace


@dataclass(frozen=True, slots=True)
class MadeKey:
    """A key of 16 bytes at a level: national, province, city or card."""

    name: str
    version: int
    algorithm: str
    level: str
    value: bytes = field(repr=False)


def key_sets(
    hierarchy: KeyHierarchy,
    seed: str,
    region: str,
    *,
    historical: bytes | None = None,
    algorithms: Collection[str] = ("3des", "sm4"),
) -> dict[str, tuple[MadeKey, ...]]:
    """By level, the keys that stand there: those that start at it, and those of the levels above, diversified.

    ``region``: six digits. The card's level has the keys that start there, and with ``historical`` (13 bytes) all keys
    of that card. Keys that files of the card diversify stand at their starting level only. Both algorithms have the
    same roots, as the reference card, PSAM and encryptor of that seed do (profile: no source says otherwise).
    """
    found: dict[str, list[MadeKey]] = {level: [] for level in hierarchy.levels}
    for place in hierarchy.places.values():
        if place.algorithm in algorithms:
            for made in _chain(hierarchy, seed, region, historical, place):
                found[made.level].append(made)
    return {level: tuple(sorted(keys, key=_order)) for level, keys in found.items()}


def _order(key: MadeKey) -> tuple[str, str, int]:
    return key.algorithm, key.name, key.version


def _chain(
    hierarchy: KeyHierarchy, seed: str, region: str, historical: bytes | None, place: KeyPlace
) -> Iterator[MadeKey]:
    card = hierarchy.cards[place.algorithm]
    steps = factors(card.diversification, region, historical or bytes(card.atr.historical_length))
    for version in place.versions:
        key, stands = root_key(seed, place.name, version), False
        for level in sorted(hierarchy.levels.values(), key=lambda each: -each.above_card):
            if stands:
                key = child_key(card, key, steps[len(steps) - level.above_card - 1])
            stands = stands or level.code == place.level
            of_a_card = level.above_card == 0 and place.level != level.code
            if stands and (historical is not None or not of_a_card):
                yield MadeKey(place.name, version, place.algorithm, level.code, key)
            if stands and place.own_factors:
                break


def check_value(rule: CheckValueRule, algorithm: str, block: int, key: bytes) -> bytes:
    """The check value of a key; ``block``: bytes of one block of its algorithm."""
    return encrypt(algorithm, key, bytes((rule.octet,)) * block)[: rule.length]


def split(key: bytes, custodians: int, random: Callable[[int], bytes]) -> tuple[bytes, ...]:
    """So many components (two at least) whose exclusive or is ``key``; all but the last are random."""
    drawn = [random(KEY_BYTES) for _ in range(custodians - 1)]
    last = key
    for component in drawn:
        last = xor(last, component)
    return (*drawn, last)
