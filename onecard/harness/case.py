"""How a suite marks its cases: what they verify, over which data they run, what they destroy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any, TypeVar

from onecard.spec.load import TargetSpec

_ATTRIBUTE = "__onecard_case__"
F = TypeVar("F", bound=Callable[..., None])
Source = Callable[[Any], Sequence[Any]] | Sequence[Any]


class Ends(IntEnum):
    """What a destructive case ends for those after it, in the order in which such cases run."""

    NOTHING = 0
    """Data, counters and amounts change; whatever the case used serves on."""
    SECRET = 1
    """A PIN or key is blocked."""
    APPLICATION = 2
    CARD = 3


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a case: its name, where the values come from, and how a value is named in the case id."""

    name: str
    source: Source
    ids: Callable[[Any], str]

    def values(self, spec: TargetSpec) -> Sequence[Any]:
        """The values for one declaration."""
        return self.source(spec) if callable(self.source) else self.source


@dataclass(frozen=True, slots=True)
class CaseMarks:
    """What the decorators of a case function say."""

    requirements: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = field(default=())
    destroys: str | None = None
    ends: Ends = Ends.NOTHING
    by: tuple[str, Callable[[Any], str]] | None = None

    def verified(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The requirements of the case with these arguments."""
        return self.requirements if self.by is None else (self.by[1](arguments[self.by[0]]), *self.requirements)


def marks_of(function: object) -> CaseMarks | None:
    """The marks of a function, None for one that is no case."""
    marks = getattr(function, _ATTRIBUTE, None)
    return marks if isinstance(marks, CaseMarks) else None


def _mark(function: F, **changes: Any) -> F:
    setattr(function, _ATTRIBUTE, replace(marks_of(function) or CaseMarks(), **changes))
    return function


def verifies(*requirements: str) -> Callable[[F], F]:
    """The requirements that a case verifies; a failed check without one of its own speaks for the first."""
    return lambda function: _mark(function, requirements=requirements)


def verifies_by(name: str, requirement: Callable[[Any], str]) -> Callable[[F], F]:
    """As ``verifies``, for a family whose first requirement follows from the parameter ``name``."""
    return lambda function: _mark(function, by=(name, requirement))


def for_each(name: str, source: Source, ids: Callable[[Any], str] = str) -> Callable[[F], F]:
    """One case for each value of ``source``: a sequence, or a function of the target's data in the form of its kind."""

    def decorate(function: F) -> F:
        marks = marks_of(function) or CaseMarks()
        return _mark(function, parameters=(Parameter(name, source, ids), *marks.parameters))

    return decorate


def destructive(what: str, ends: Ends = Ends.NOTHING) -> Callable[[F], F]:
    """The case leaves the sample card unusable in ``what``; on a device it needs ``--destroy``.

    ``ends``: what other cases then lack. One sample serves all destructive cases of a device, those that end most last.
    """
    return lambda function: _mark(function, destroys=what, ends=ends)


@dataclass(frozen=True, slots=True)
class Case:
    """A collected case. ``id``: kind/area/function[parameter]."""

    id: str
    title: str
    requirements: tuple[str, ...]
    destroys: str | None
    ends: Ends = Ends.NOTHING
