"""An altered reference card: what a mutant or a conforming variant changes against the right one."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from emulator.card.behaviour import CardBehaviour
from emulator.card.body import BodyEdit
from emulator.card.image import CardImage
from onecard.spec.card import CardSpec


@dataclass(frozen=True, slots=True)
class VariantSpec:
    """Any of: other behaviour, other data that drive the card, and a change made to the finished image.

    ``body``: a change of what a laboratory measures of it. ``holder``: which synthetic person holds the card (from 0).
    ``random``: source of its random values, n -> n bytes.
    """

    behaviour: CardBehaviour | None = None
    card_spec: CardSpec | None = None
    edit: Callable[[CardImage], None] | None = None
    body: BodyEdit | None = None
    holder: int = 0
    random: Callable[[int], bytes] = secrets.token_bytes
