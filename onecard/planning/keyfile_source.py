"""The key source ``key-file``: a key set of a region, encrypted or synthetic, at whatever levels it has."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from onecard.errors import UserError
from onecard.oracle import keyset as computation
from onecard.oracle.session import pin_block
from onecard.planning.keyfile import keys_to_use
from onecard.planning.keyset import Key, KeySet
from onecard.planning.password import PasswordSource
from onecard.planning.root_levels import levels_in
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors
from onecard.spec.hierarchy import CARD, KeyHierarchy, installed_hierarchy, key_algorithm
from onecard.spec.load import TargetSpec


@dataclass(frozen=True)
class KeyFileKeys:
    """Keys of a key set; the oracle diversifies the highest that the set has of a name down to the card.

    ``card``: the card under test, None for another kind of target. ``levels``: at how many steps above the card the
    target holds each key, where its data say so.
    """

    keys: KeySet = field(repr=False)
    hierarchy: KeyHierarchy = field(repr=False)
    pin_digits: str | None = field(repr=False)
    card: CardSpec | None = field(default=None, repr=False)
    levels: Mapping[str, int] = field(default_factory=dict, repr=False)
    diversified: bool = True
    _made: dict[tuple[str, str, int, bytes], bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key below the highest key of that name in the set.

        A key of the level ``card`` in the set is another card's unless the key starts there.
        """
        found = self._highest(name, version, key_algorithm(spec, name))
        if found is None:
            return None
        # Factors of files are read from the card: the root is given.
        if has_own_factors(spec, name) or found.level == CARD:
            return found.value
        which = (spec.profile, name, version, historical)
        if which not in self._made:
            steps = self.hierarchy.steps(found.level)
            self._made[which] = computation.below(spec, found.value, steps, 0, self.keys.region, historical)
        return self._made[which]

    def _highest(self, name: str, version: int, algorithm: str) -> Key | None:
        place = self.hierarchy.place(name, algorithm)
        for level in sorted(self.hierarchy.levels.values(), key=lambda each: -each.above_card):
            found = self.keys.find(name, version, algorithm, level.code)
            if found is not None and (level.code != CARD or (place is not None and place.level == CARD)):
                return found
        return None

    def pin(self) -> bytes | None:
        """The PIN in BCD."""
        return pin_block(self.pin_digits) if self.pin_digits is not None else None

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """The key at the level at which the target holds it, else where it starts; None where the set lacks it.

        Without ``algorithm``: the card's; of other targets the one value of both algorithms, None where they differ.
        """
        if algorithm is None and self.card is not None and name in self.card.keys:
            algorithm = key_algorithm(self.card, name)
        codes = self.hierarchy.algorithms if algorithm is None else (algorithm,)
        found = {key.value for key in (self._start(name, version, code) for code in codes) if key is not None}
        return found.pop() if len(found) == 1 else None

    def _start(self, name: str, version: int, algorithm: str) -> Key | None:
        place = self.hierarchy.place(name, algorithm)
        if name in self.levels:
            return self.keys.find(name, version, algorithm, self.hierarchy.level_at(self.levels[name]))
        return None if place is None else self.keys.find(name, version, algorithm, place.level)

    def region_code(self) -> bytes | None:
        """The region in ASCII."""
        return self.keys.region.encode("ascii")


def key_file_source(source: Mapping[str, Any], spec: TargetSpec, pin: str | None, *, synthetic: bool) -> KeyFileKeys:
    """The keys of the file that an IXIT names; raises UserError or SpecError naming file and field.

    ``synthetic``: the IXIT's own word, by which the evidence is sealed or not; keys that are not must not say so.
    """
    hierarchy, path = installed_hierarchy(), Path(source["file"])
    keys = keys_to_use(path, hierarchy, PasswordSource.of(source.get("password")))
    if synthetic and not keys.synthetic:
        raise UserError(
            zh=f"IXIT 写明 synthetic: true，但 {path} 的密钥不是合成密钥：证据将不密封；请改为 false",
            en=f"the IXIT says synthetic: true, but the keys of {path} are not: the evidence would not be sealed; "
            "say false",
        )
    card = spec if isinstance(spec, CardSpec) else None
    if card is not None and not any(key.algorithm == card.algorithm.code for key in keys.keys.values()):
        raise UserError(
            zh=f"{path} 没有 {card.algorithm.code} 的密钥，而 {card.profile} 使用该算法",
            en=f"{path} has no keys of {card.algorithm.code}, which {card.profile} computes with",
        )
    return KeyFileKeys(keys, hierarchy, pin, card, levels_in(spec))
