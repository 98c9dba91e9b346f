"""Which record a command means: by number or by identifier, relative to the record pointer."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from onecard.spec.card import Mode

Choice = Callable[[Sequence[int], int | None], int | None]


def _first(found: Sequence[int], pointer: int | None) -> int | None:
    return found[0] if found else None


def _last(found: Sequence[int], pointer: int | None) -> int | None:
    return found[-1] if found else None


def _next(found: Sequence[int], pointer: int | None) -> int | None:
    # Without a current record the next occurrence is the first (ISO/IEC 7816-4, record pointer undefined).
    return _first([index for index in found if pointer is None or index > pointer], None)


def _previous(found: Sequence[int], pointer: int | None) -> int | None:
    return _last([index for index in found if pointer is None or index < pointer], None)


_CHOICES: Mapping[str, Choice] = MappingProxyType(
    {"first": _first, "last": _last, "next": _next, "previous": _previous}
)


def by_identifier(identifiers: Sequence[int], identifier: int, takes: str, pointer: int | None) -> int | None:
    """Index of the first, last, next or previous record with ``identifier``; None when there is none.

    What takes one record or a range begins with the first.
    """
    return _CHOICES.get(takes, _first)([index for index, tag in enumerate(identifiers) if tag == identifier], pointer)


def by_number(count: int, number: int) -> int | None:
    """Index of record ``number`` (from 1) of ``count`` records; None when there is none."""
    return number - 1 if 1 <= number <= count else None


def locate(identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
    """Index of the one record that ``mode`` and ``p1`` mean in a file whose records have ``identifiers``."""
    if mode.by == "identifier":
        return by_identifier(identifiers, p1, mode.takes, pointer)
    return by_number(len(identifiers), p1)


_RANGES: Mapping[str, Callable[[int, int], range]] = MappingProxyType(
    {
        # 2011 draft, part 5: mode 5 from P1 to the last record, mode 6 from the last record to P1.
        "from": range,
        "up-to": lambda start, count: range(count - 1, start - 1, -1),
    }
)


def is_range(mode: Mode) -> bool:
    """Whether ``mode`` means several records."""
    return mode.takes in _RANGES


def span(mode: Mode, start: int, count: int) -> range:
    """Indices of the records that the range ``mode`` gives from index ``start`` in a file of ``count`` records."""
    return _RANGES[mode.takes](start, count)
