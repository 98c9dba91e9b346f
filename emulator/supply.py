"""Keys given from outside instead of made from a seed: what a key set of a region puts into the references."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from emulator.crypto_card import diversify
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors
from onecard.spec.hierarchy import CARD, KeyHierarchy, key_algorithm


class MissingKey(LookupError):
    """The set has no such key, or (of a root) not one of all algorithms asked for."""


@dataclass(frozen=True, slots=True)
class KeySupply:
    """Keys of 16 bytes by name, version, algorithm and level, of one ``region`` (six digits)."""

    hierarchy: KeyHierarchy = field(repr=False)
    region: str
    values: Mapping[tuple[str, int, str, str], bytes] = field(repr=False)

    def root(self, name: str, version: int, algorithm: str, levels: int | None = None) -> bytes:
        """The key ``levels`` above the card, by default at the level at which it starts; raises MissingKey."""
        place = self.hierarchy.place(name, algorithm)
        start = "?" if place is None else place.level
        level = start if levels is None else self.hierarchy.level_at(levels)
        value = self.values.get((name, version, algorithm, level))
        if value is None:
            raise MissingKey(f"{name}/{version}/{algorithm}/{level}")
        return value

    def common_root(self, name: str, version: int, algorithms: Collection[str], levels: int) -> bytes:
        """The root that all these algorithms share; raises MissingKey where one lacks it or has another."""
        found = {self.root(name, version, algorithm, levels) for algorithm in algorithms}
        if len(found) != 1:
            raise MissingKey(f"{name}/{version}/{'='.join(sorted(algorithms))}")
        return found.pop()

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes:
        """A card's own key below the highest key of that name; raises MissingKey.

        Keys that files of the card diversify, and those that start on the card, are given as they are.
        """
        algorithm = key_algorithm(spec, name)
        place = self.hierarchy.place(name, algorithm)
        if has_own_factors(spec, name) or (place is not None and place.level == CARD):
            return self.root(name, version, algorithm)
        for level in sorted(self.hierarchy.levels.values(), key=lambda each: -each.above_card):
            value = self.values.get((name, version, algorithm, level.code))
            if value is not None and level.code != CARD:
                return diversify(spec, value, level.above_card, self.region, historical)
        raise MissingKey(f"{name}/{version}/{algorithm}")


class SuppliedCardKeys(Mapping[str, dict[int, bytes]]):
    """The keys of one card below those of a supply, by name and version; each is derived when it is first asked for."""

    def __init__(self, spec: CardSpec, supply: KeySupply, historical: bytes) -> None:
        self._spec = spec
        self._supply = supply
        self._historical = historical
        self._derived: dict[str, dict[int, bytes]] = {}

    def __getitem__(self, name: str) -> dict[int, bytes]:
        if name not in self._derived:
            if name not in self._spec.keys:
                raise KeyError(name)
            self._derived[name] = {
                version: self._supply.card_key(self._spec, name, version, self._historical)
                for version in self._spec.key_versions
            }
        return self._derived[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec.keys)

    def __len__(self) -> int:
        return len(self._spec.keys)
