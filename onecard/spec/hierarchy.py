"""The key hierarchy as data: national root, province, city, card; its algorithms, check values and components.

The factors between two levels and the level at which each key starts are the card's data (DIVERSIFY, ``levels`` of a
key); this view reads them from there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import cast

from onecard.spec.build import text_of
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors, transport_of
from onecard.spec.errors import SpecError
from onecard.spec.interface import Node
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Text

KIND = "key-hierarchy"
NATIONAL, PROVINCE, CITY, CARD = "national", "province", "city", "card"
"""Codes of the levels, highest first."""
_OWN_KEYS = "own-keys"


@dataclass(frozen=True, slots=True)
class Level:
    """A level; ``above_card``: steps of diversification from here to the card."""

    code: str
    name: Text
    above_card: int


@dataclass(frozen=True, slots=True)
class KeyAlgorithm:
    """A cipher that keys are for, ``block`` in bytes; ``excluded``: why it cannot be tested, None for one that can."""

    code: str
    name: Text
    block: int
    excluded: str | None


@dataclass(frozen=True, slots=True)
class CheckValueRule:
    """A check value: the first ``length`` bytes of one block of ``octet``, enciphered by the key in its algorithm."""

    octet: int
    length: int


@dataclass(frozen=True, slots=True)
class CustodianRule:
    """How many custodians a ceremony has."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A key of the cards of one algorithm: its name, the level at which it starts, its versions.

    ``own_factors``: it is diversified by what files of the card say, not by region and historical bytes.
    """

    name: str
    algorithm: str
    level: str
    versions: tuple[int, ...]
    own_factors: bool


@dataclass(frozen=True, slots=True)
class KeyHierarchy:
    """The hierarchy. ``cards``: data of a card by algorithm, for its computations."""

    levels: Mapping[str, Level]
    algorithms: Mapping[str, KeyAlgorithm]
    check_value: CheckValueRule
    custodians: CustodianRule
    places: Mapping[tuple[str, str], KeyPlace]
    cards: Mapping[str, CardSpec]

    def place(self, name: str, algorithm: str) -> KeyPlace | None:
        """Where a key starts in cards of an algorithm; None for a name that no card has."""
        return self.places.get((name, algorithm))

    def level_at(self, steps: int) -> str:
        """The code of the level so many steps above the card; empty where there is none."""
        return next((level.code for level in self.levels.values() if level.above_card == steps), "")

    def steps(self, level: str) -> int:
        """Steps of diversification from a level to the card."""
        return self.levels[level].above_card


def hierarchy_of(spec: Spec) -> KeyHierarchy:
    """The hierarchy of a specification; raises SpecError where profiles of cards contradict one another."""
    node = next(raw.data for raw in spec.documents_raw if raw.data["kind"] == KIND)
    levels = {found.code: found for found in map(_level, _nodes(node, "levels"))}
    check, components = _nodes(node, "check-values")[0], _nodes(node, "components")[0]
    cards = [spec.card_of_profile(name) for name, found in spec.profiles.items() if found.target == "card"]
    by_steps = {level.above_card: level.code for level in levels.values()}
    return KeyHierarchy(
        levels=levels,
        algorithms={found.code: found for found in map(_algorithm, _nodes(node, "algorithms"))},
        check_value=CheckValueRule(cast(int, check["octet"]), cast(int, check["length"])),
        custodians=CustodianRule(
            cast(dict[str, int], components["custodians"])["min"], cast(dict[str, int], components["custodians"])["max"]
        ),
        places=_merged([*(place for card in cards for place in _places(card, by_steps)), *_psam_places(spec, cards)]),
        cards={card.algorithm.code: card for card in cards},
    )


@cache
def installed_hierarchy() -> KeyHierarchy:
    """The hierarchy of the product's own data, read once a process."""
    return hierarchy_of(load_spec())


def _nodes(document: Mapping[str, object], section: str) -> list[Node]:
    return cast(list[Node], document[section])


def _level(node: Node) -> Level:
    return Level(node["code"], text_of(node["name"]), node["above-card"])


def _algorithm(node: Node) -> KeyAlgorithm:
    return KeyAlgorithm(node["code"], text_of(node["name"]), node["block"], node.get("excluded"))


def key_algorithm(card: CardSpec, name: str) -> str:
    """The code of the algorithm in which a key of the card is used: the transport application may have its own."""
    transport = transport_of(card) if has_own_factors(card, name) else None
    return card.algorithm.code if transport is None else transport.purse.algorithm


def _places(card: CardSpec, by_steps: Mapping[int, str]) -> Iterator[KeyPlace]:
    for name, key in card.keys.items():
        yield KeyPlace(
            name, key_algorithm(card, name), by_steps[key.levels], tuple(card.key_versions), has_own_factors(card, name)
        )


def _psam_places(spec: Spec, cards: Iterable[CardSpec]) -> Iterator[KeyPlace]:
    """The own keys of a PSAM: nothing stands above them, as above the keys that start on a card."""
    for datum in spec.interfaces["psam"].get(_OWN_KEYS, ()):
        for code in dict.fromkeys(card.algorithm.code for card in cards):
            yield KeyPlace(str(datum.node["key"]), code, CARD, (1,), own_factors=False)


def _merged(places: Iterable[KeyPlace]) -> Mapping[tuple[str, str], KeyPlace]:
    found: dict[tuple[str, str], KeyPlace] = {}
    for place in places:
        known = found.setdefault((place.name, place.algorithm), place)
        if (known.level, known.own_factors) != (place.level, place.own_factors):
            raise SpecError(
                zh=f"密钥 {place.name} 在不同卡片配置中的起始级别不同",
                en=f"the key {place.name} starts at different levels in different profiles of the card",
            )
        if len(place.versions) > len(known.versions):
            found[place.name, place.algorithm] = place
    return found
