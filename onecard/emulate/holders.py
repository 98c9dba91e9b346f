"""Synthetic holders as data: what the reference card of one holds, by item."""

from emulator.card.personalise import CONTENTS
from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from onecard.spec.card import CardSpec


def synthetic_holder(spec: CardSpec, number: int, seed: str | None = None) -> dict[str, str]:
    """Texts of a synthetic holder (from 0) by item id, before coding; no real person's data."""
    someone = person(seed or DEFAULT_SEED, number)
    items = [item for file in spec.files.values() for item in file.items if item.id in CONTENTS]
    return {item.id: CONTENTS[item.id](someone, item, spec) for item in items}
