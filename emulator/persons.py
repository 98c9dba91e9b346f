"""Synthetic persons, the same for the same seed and index on every machine; no real person's data goes in or out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from emulator.crypto import sm3
from emulator.persons_data import ANHUI_REGIONS, GIVEN, GROUPS, LONG_NAMES, OTHER_REGIONS, RARE, SURNAMES

T = TypeVar("T")

# One in eight has a long name, one a rare character, one a region outside Anhui.
LONG_NAME, RARE_CHARACTER, ELSEWHERE, CYCLE = 3, 5, 7, 8

OLDEST = date(1940, 1, 1)
YOUNGEST = date(2016, 12, 31)
FIRST_ISSUE = date(2018, 1, 1)
LAST_ISSUE = date(2024, 12, 31)
VALID_YEARS = 10


@dataclass(frozen=True, slots=True)
class Person:
    """A card holder who does not exist, with the card's own numbers.

    ``sex`` male or female; ``ethnic_group`` the ordinal of GB 3304; ``birthplace`` and ``region`` (issuing) six digits.
    ``number_body`` and ``card_number_body`` lack their check character, which the data's rules give.
    ``serial``: of the card, 8 hexadecimal characters, unique in the region. ``sequence``: of the initialising body.
    """

    index: int
    name: str
    sex: str
    ethnic_group: int
    birth: date
    birthplace: str
    number_body: str
    region: str
    card_number_body: str
    issued: date
    valid_until: date
    serial: str
    sequence: str

    @property
    def age_class(self) -> str:
        """Class of card by the holder's age on the day of issue: pre-school, student, adult or elderly."""
        years = (
            self.issued.year
            - self.birth.year
            - ((self.issued.month, self.issued.day) < (self.birth.month, self.birth.day))
        )
        return next(name for limit, name in _CLASSES if years < limit)


_CLASSES = ((6, "pre-school"), (18, "student"), (60, "adult"), (1000, "elderly"))


class _Draw:
    """An endless row of numbers fixed by a label."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._count = 0

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1."""
        self._count += 1
        return int.from_bytes(sm3(f"{self._label}|{self._count}".encode())[:8], "big") % bound

    def of(self, choices: Sequence[T]) -> T:
        """One of ``choices``."""
        return choices[self.below(len(choices))]

    def day(self, first: date, last: date) -> date:
        """A day from ``first`` to ``last``."""
        return first + timedelta(days=self.below((last - first).days + 1))


def person(seed: str, index: int) -> Person:
    """Synthetic person ``index`` (from 0) of a seed. The first is an adult of Hefei with a short name."""
    draw = _Draw(f"onecard synthetic person|{seed}|{index}")
    kind = index % CYCLE
    region = draw.of(OTHER_REGIONS) if kind == ELSEWHERE else ANHUI_REGIONS[index % len(ANHUI_REGIONS)]
    name, group = _named(draw, index)
    birth = draw.day(OLDEST, YOUNGEST) if index else draw.day(date(1970, 1, 1), date(1999, 12, 31))
    birthplace = draw.of(ANHUI_REGIONS + OTHER_REGIONS)
    order = draw.below(999) + 1
    issued = draw.day(max(FIRST_ISSUE, birth), LAST_ISSUE)
    return Person(
        index=index,
        name=name,
        sex="male" if order % 2 else "female",
        ethnic_group=group,
        birth=birth,
        birthplace=birthplace,
        number_body=f"{birthplace}{birth:%Y%m%d}{order:03d}",
        region=region,
        card_number_body=f"{draw.of('ABCDEFGHJKLMNPQRSTUVWXYZ')}{draw.below(10**7):07d}",
        issued=issued,
        valid_until=date(issued.year + VALID_YEARS, issued.month, min(issued.day, 28)),
        serial=f"{index + 1:08d}",
        sequence=f"{draw.below(9) + 1:02d}",
    )


def _named(draw: _Draw, index: int) -> tuple[str, int]:
    kind = index % CYCLE
    if kind == LONG_NAME:
        return LONG_NAMES[index // CYCLE % len(LONG_NAMES)]
    given = draw.of(RARE) if kind == RARE_CHARACTER else draw.of(GIVEN)
    second = draw.of(GIVEN) if draw.below(3) else ""
    return draw.of(SURNAMES) + given + second, draw.of(GROUPS) if index else 1
