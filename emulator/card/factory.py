"""Reference cards ready to use."""

import secrets
from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from emulator.card.card import ReferenceCard
from emulator.card.personalise import DEFAULT_PIN, card_image
from emulator.card.variant import VariantSpec
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec


def reference_card(
    profile: str,
    seed: str = DEFAULT_SEED,
    *,
    spec: CardSpec | None = None,
    behaviour: CardBehaviour | None = None,
    holder: int = 0,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> ReferenceCard:
    """The reference card of a project profile with synthetic person ``holder`` (from 0) and test keys of ``seed``.

    ``spec`` stands in for the profile's own data. Raises onecard.spec.errors.SpecError for an unknown profile.
    """
    data = spec or load_spec().card_of_profile(profile)
    return variant_card(VariantSpec(behaviour=behaviour, holder=holder, random=random), spec=data, seed=seed)


def variant_card(variant: VariantSpec, *, spec: CardSpec, seed: str = DEFAULT_SEED) -> ReferenceCard:
    """A fresh card for ``variant``; ``spec`` is the data where the variant has none of its own."""
    data = variant.card_spec or spec
    image = card_image(data, person(seed, variant.holder), seed, pin=DEFAULT_PIN)
    if variant.edit is not None:
        variant.edit(image)
    return ReferenceCard(data, image, variant.behaviour, variant.random)
