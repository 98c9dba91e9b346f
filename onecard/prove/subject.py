"""Mutants of both kinds as the proof runs them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from emulator.mutants.model import AnyVariant, Mutant
from emulator.mutants.registry import mutants_of
from onecard.prove.classes import BEHAVIOUR_CLASS
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.model import Requirement
from onecard.spec.text import Text

BEHAVIOUR, SPECIFICATION = "behaviour", "specification"


class Subject(Protocol):
    """A mutant: what it breaks, why, and its reference on a profile (None where it changes nothing there)."""

    @property
    def id(self) -> str:
        """Stable id."""

    @property
    def kind(self) -> str:
        """``behaviour`` or ``specification``."""

    @property
    def datum(self) -> str:
        """The kind of datum that is changed: a key of ``CLASSES``."""

    @property
    def requirements(self) -> frozenset[str]:
        """The requirements that it breaks, each of which may catch it."""

    @property
    def because(self) -> Text:
        """The mistake."""

    @property
    def profiles(self) -> tuple[str, ...]:
        """Where it shows; empty means wherever a broken requirement applies."""

    def variant(self, true: TargetSpec) -> Callable[[], AnyVariant] | None:
        """How each reference of the mutant is made; raises SpecError where the changed data cannot be resolved."""


@dataclass(frozen=True)
class BehaviourSubject:
    """A behaviour mutant."""

    mutant: Mutant
    kind: str = BEHAVIOUR
    datum: str = BEHAVIOUR_CLASS

    @property
    def id(self) -> str:
        return self.mutant.id

    @property
    def requirements(self) -> frozenset[str]:
        return frozenset((self.mutant.breaks,))

    @property
    def because(self) -> Text:
        return self.mutant.because

    @property
    def profiles(self) -> tuple[str, ...]:
        return self.mutant.profiles

    def variant(self, true: TargetSpec) -> Callable[[], AnyVariant] | None:
        return lambda: self.mutant.variant(true)


def behaviour_subjects(kind: str) -> tuple[Subject, ...]:
    """The behaviour mutants of one kind of target."""
    return tuple(BehaviourSubject(found) for found in mutants_of(kind))


def testable(spec: Spec, kind: str) -> Mapping[str, Requirement]:
    """The requirements of one kind of target that cases can verify."""
    return {name: found for name, found in spec.requirements.items() if found.actor == kind and found.testable}
