"""A new card's purses: synthetic amounts, so that what mixes them up shows."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.card.purse.image import PurseImage
from emulator.card.purse.numbers import bcd, octets
from emulator.persons import Person
from onecard.spec.card import CardSpec
from onecard.spec.card_purse import purses_of

AMOUNTS: Mapping[str, int] = MappingProxyType(
    {"balance": 50_000, "self-paid-sum": 1_200, "pooled-sum": 34_500, "load-serial": 3, "purchase-serial": 17}
)
"""Fen, and transactions made."""


def purse_images(spec: CardSpec, person: Person) -> dict[str, PurseImage]:
    """The purses of a card, their payment year begun on 1 January of the year of issue."""
    found = {}
    for name, purse in purses_of(spec).items():
        values = {field: octets(amount, purse.lengths[field]) for field, amount in AMOUNTS.items()}
        values["pay-year"] = bcd(person.issued.year, purse.lengths["pay-year"])
        values["starting-day"] = bcd(101, purse.lengths["starting-day"])
        found[name] = PurseImage(values)
    return found
