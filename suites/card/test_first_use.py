"""The keys and the PIN that the tester was given, each used once, before any case may use them again.

A card that refuses one of them here is not asked again with it: cases that need it end inconclusive, and no counter of
a vendor's sample is used up by a mistake in the IXIT.
"""

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, expect, files, for_each, verifies, verifies_by

ORDER = 5


def counted_keys(spec: CardSpec) -> list[str]:
    """The external authentication keys of the declaration."""
    return [key.id for key in spec.keys.values() if key.counted and key.application == "SSSE"]


@verifies("CARD-EXTERNAL-AUTH")
@for_each("key", counted_keys)
def test_key(card: CardUnderTest, key: str) -> None:
    """The first proof of a key is accepted: key source and card agree."""
    card.select_environment()
    response = card.send(card.external_authentication(key, card.get_challenge(8)))
    card.noted(key, response)
    expect(response).ok().length(0)


def area_keys(spec: CardSpec) -> list[tuple[str, str]]:
    """(area, key) for the keys of the information areas that carry the area's name."""
    return [(area, key) for area in files.AREAS for key in files.keys_of(spec, area) if key.endswith(area)]


@verifies_by("entry", lambda entry: f"CARD-{entry[0]}-UPDATE")
@for_each("entry", area_keys, ids=lambda entry: entry[1])
def test_area_key(card: CardUnderTest, entry: tuple[str, str]) -> None:
    """The first proof of a key of an area is accepted there: key source and card agree."""
    area, key = entry
    card.select_world(area)
    response = card.send(card.external_authentication(key, card.get_challenge(8)))
    card.noted(key, response)
    expect(response).ok().length(0)


@verifies("CARD-PIN-VERIFY")
def test_pin(card: CardUnderTest) -> None:
    """The first presentation of the PIN is accepted: IXIT and card agree."""
    card.select_environment()
    response = card.send(card.apdu.verify(card.pin_bytes))
    card.noted("PIN", response)
    expect(response).ok().length(0)
