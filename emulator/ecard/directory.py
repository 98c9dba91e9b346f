"""The synthetic cards that the reference service knows."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.card.personalise import CONTENTS, historical_of
from emulator.persons import Person, person
from onecard.spec.card import CardSpec, Item

_ITEMS: Mapping[str, str] = MappingProxyType(
    {"aac002": "SSSE/EF06/08", "aaz500": "SSSE/EF05/07", "aaz501": "SSSE/EF05/01"}
)
_OTHERS: Mapping[str, Callable[[CardSpec, Person], str]] = MappingProxyType(
    {
        "aab301": lambda card, someone: someone.region,
        "aac003": lambda card, someone: someone.name,
        "aaz507": lambda card, someone: historical_of(card, someone).hex().upper(),
        "algorithm": lambda card, someone: card.algorithm.code,
    }
)


def card_data(card: CardSpec, someone: Person) -> dict[str, str]:
    """The record of one person's card, by the keys of the service's fields."""
    items: dict[str, Item] = {item.id: item for file in card.files.values() for item in file.items}
    written = {key: CONTENTS[found](someone, items[found], card) for key, found in _ITEMS.items()}
    return written | {key: told(card, someone) for key, told in _OTHERS.items()}


def directory(cards: tuple[CardSpec, ...], seed: str) -> tuple[dict[str, str], ...]:
    """One card of each of ``cards`` for as many synthetic persons of the seed."""
    return tuple(card_data(card, person(seed, index)) for index, card in enumerate(cards))
