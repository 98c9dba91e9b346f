"""Synthetic institutions, holders and cards, the same for the same seed."""

from collections.abc import Iterable
from dataclasses import replace

from emulator.crypto import sm3
from emulator.identity import with_check
from emulator.persons import person
from emulator.platform.database import Card
from emulator.platform.messages import Institution
from onecard.spec.card import CardSpec
from onecard.spec.platform import PlatformSpec

FIRST_PERSON = 100
"""Holders of the platform's own cards are others than those of the single reference cards."""

CARDS_OF_A_STATE = 2


def institutions_of(spec: PlatformSpec, seed: str) -> dict[str, Institution]:
    """One institution of each role, and a suspended one of the first role, by id."""
    roles = list(spec.roles)
    wanted = [(f"TEST-{role.upper()}", role, False) for role in roles]
    wanted.append(("TEST-SUSPENDED", roles[0], True))
    return {name: Institution(name, _key(seed, name), role, suspended) for name, role, suspended in wanted}


def _key(seed: str, name: str) -> str:
    return sm3(f"onecard test institution|{seed}|{name}".encode()).hex()[:32]


def cards_of(spec: PlatformSpec, card: CardSpec, seed: str) -> list[Card]:
    """Two cards in each state of the declaration, each with a holder of its own."""
    states = [state for state in spec.states for _ in range(CARDS_OF_A_STATE)]
    return [_card(card, seed, index, state) for index, state in enumerate(states, start=FIRST_PERSON)]


def _card(card: CardSpec, seed: str, index: int, state: str) -> Card:
    someone = person(seed, index)
    return Card(
        card_no=with_check(card.checks.get("CHECK/CARD-NUMBER"), someone.card_number_body),
        state=state,
        until=None,
        name=someone.name,
        number=with_check(card.checks.get("CHECK/GB11643"), someone.number_body),
    )


def with_timers(spec: PlatformSpec, cards: Iterable[Card], now: int, day: int) -> list[Card]:
    """The same with states that end by themselves beginning now; ``day`` in seconds."""
    return [
        replace(card, until=now + timer.days * day) if (timer := spec.timers.get(card.state)) is not None else card
        for card in cards
    ]
