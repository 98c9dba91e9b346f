"""Judging a measured value against its limits: guard bands.

Decision rule (profile; in the manner of ILAC-G8 and ISO 14253-1): the allowed range, made smaller on each side by
w = r·U, is the range of acceptance; made larger by w, what lies outside it is refused. Between the two nothing is
decided. U is the expanded uncertainty at k = 2; a sheet's U at another k is converted. r is 1 unless the laboratory
states another: with 0 the limits decide as they stand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from onecard.spec.card_measurements import Limits, Quantity

COVERAGE = Decimal(2)
DEFAULT_RATIO = Decimal(1)


class Decision(StrEnum):
    """What can be said of a measured value."""

    CONFORM = "conform"
    NOT_CONFORM = "not conform"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Measured:
    """Values in the quantity's unit with their expanded ``uncertainty`` at coverage factor ``k``, and r of the rule."""

    values: tuple[Decimal, ...]
    uncertainty: Decimal
    k: Decimal = COVERAGE
    ratio: Decimal = DEFAULT_RATIO

    @property
    def guard(self) -> Decimal:
        """The guard band w, in the quantity's unit."""
        return self.ratio * self.uncertainty * COVERAGE / self.k

    def __str__(self) -> str:
        return (
            f"{', '.join(map(str, self.values))} (U = {self.uncertainty}, k = {self.k}, w = {self.guard.normalize():f})"
        )


def measured_of(quantity: Quantity, row: Mapping[str, Any]) -> Measured:
    """What a sheet's row says (decimal numbers as text), in the unit of ``quantity``; raises ValueError."""
    if row["unit"] != quantity.unit:
        raise ValueError(f"{quantity.id} is measured in {quantity.unit}, not in {row['unit']}")
    numbers = (Decimal(row[key]) for key in ("uncertainty", "k", "ratio"))
    return Measured(tuple(map(Decimal, row["values"])), *numbers)


def decide(quantity: Quantity, measured: Measured) -> Decision:
    """The decision on all values: each must conform, in one and the same reading of the limits.

    No value at all decides nothing.
    """
    if not measured.values:
        return Decision.UNDECIDED
    by_reading = [
        _worst(_of_value(limits, value, measured.guard) for value in measured.values) for limits in quantity.readings
    ]
    return next((each for each in (Decision.CONFORM, Decision.UNDECIDED) if each in by_reading), Decision.NOT_CONFORM)


def _worst(decisions: Iterable[Decision]) -> Decision:
    found = set(decisions)
    return next(each for each in (Decision.NOT_CONFORM, Decision.UNDECIDED, Decision.CONFORM) if each in found)


def _of_value(limits: Limits, value: Decimal, guard: Decimal) -> Decision:
    if _within(limits, value, guard):
        return Decision.CONFORM
    return Decision.UNDECIDED if _within(limits, value, -guard) else Decision.NOT_CONFORM


def _within(limits: Limits, value: Decimal, guard: Decimal) -> bool:
    """Whether the value lies in the range that is smaller by ``guard`` on each side (larger, if it is negative)."""
    if limits.low is not None and value < limits.low + guard:
        return False
    if limits.high is None:
        return True
    highest = limits.high - guard
    return value < highest if limits.high_open else value <= highest
