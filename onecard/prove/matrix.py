"""What a proof found: mutants with their killers, by requirement; and its JSON form."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from onecard.prove.classes import CLASSES
from onecard.prove.equivalence import reason_of
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION, Subject
from onecard.prove.trial import Fate, Trial
from onecard.prove.variants import VariantResult
from onecard.spec.text import Text


@dataclass(frozen=True)
class MutantResult:
    """A mutant over all profiles on which it was tried. Killed means killed on every one of them.

    ``datum``: the kind of datum that is changed, a key of ``CLASSES``.
    """

    id: str
    kind: str
    datum: str
    requirements: frozenset[str]
    because: Text
    trials: tuple[Trial, ...]

    @property
    def fate(self) -> Fate:
        """Survived where it survived on any profile; else cannot run if so on any; killed; equivalent; same on all."""
        fates = {trial.fate for trial in self.trials}
        order = (Fate.SURVIVED, Fate.CANNOT_RUN, Fate.KILLED, Fate.EQUIVALENT)
        return next((fate for fate in order if fate in fates), Fate.SAME)

    @property
    def killers(self) -> tuple[str, ...]:
        """The cases that killed it, each once."""
        return tuple(dict.fromkeys(case for trial in self.trials for case in trial.killers))

    @property
    def escaped(self) -> tuple[str, ...]:
        """The profiles on which it survived."""
        return tuple(trial.profile for trial in self.trials if trial.fate is Fate.SURVIVED)

    def body(self) -> dict[str, object]:
        """As it stands in the JSON report."""
        return {
            "id": self.id,
            "fate": str(self.fate),
            "class": self.datum,
            "breaks": sorted(self.requirements),
            "because": {"zh": self.because.zh, "en": self.because.en},
            "killers": list(self.killers),
            "survived_on": list(self.escaped),
            "collateral": list(dict.fromkeys(case for trial in self.trials for case in trial.collateral)),
            "notes": list(dict.fromkeys(trial.note for trial in self.trials if trial.note)),
        }


@dataclass(frozen=True)
class Proof:
    """The result of a proof. ``requirements``: all testable ones; ``leaves``: data that drive the emulator, in all.

    ``cases``: every case with the requirements that it verifies. ``tried``: mutants that were run; ``known``: those of
    which a former proof told all.
    """

    kind: str
    mutants: tuple[MutantResult, ...]
    variants: tuple[VariantResult, ...]
    requirements: tuple[str, ...]
    cases: Mapping[str, tuple[str, ...]]
    leaves: int
    tried: int
    known: int
    seconds: float

    def of_kind(self, kind: str, fate: Fate | None = None) -> tuple[MutantResult, ...]:
        """The mutants of a kind, of one fate where it is given."""
        return tuple(found for found in self.mutants if found.kind == kind and fate in (None, found.fate))

    @property
    def survivors(self) -> tuple[MutantResult, ...]:
        """Mutants that the suite overlooks, behaviour first."""
        return self.of_kind(BEHAVIOUR, Fate.SURVIVED) + self.of_kind(SPECIFICATION, Fate.SURVIVED)

    @property
    def cannot_run(self) -> tuple[MutantResult, ...]:
        """Mutants that could not be tried: listed, not counted."""
        return tuple(found for found in self.mutants if found.fate is Fate.CANNOT_RUN)

    @property
    def equivalents(self) -> tuple[MutantResult, ...]:
        """Mutants of which nothing can be seen, each with a written reason."""
        return tuple(found for found in self.mutants if found.fate is Fate.EQUIVALENT)

    @property
    def rate(self) -> float:
        """Mutants tried a second."""
        return self.tried / self.seconds if self.seconds else 0.0

    @property
    def false_alarms(self) -> tuple[VariantResult, ...]:
        """Conforming variants that some case did not pass."""
        return tuple(found for found in self.variants if found.alarms)

    @property
    def unproven(self) -> tuple[str, ...]:
        """Testable requirements without a killed mutant of their own."""
        proven = {name for found in self.mutants if found.fate is Fate.KILLED for name in self._proved_by(found)}
        return tuple(name for name in self.requirements if name not in proven)

    def _proved_by(self, found: MutantResult) -> frozenset[str]:
        # A specification mutant breaks several requirements at once and proves none of them alone.
        return found.requirements if len(found.requirements) == 1 else frozenset()

    def by_requirement(self) -> Iterator[tuple[str, tuple[MutantResult, ...]]]:
        """Every testable requirement with the behaviour mutants that break it."""
        for name in self.requirements:
            yield name, tuple(found for found in self.of_kind(BEHAVIOUR) if name in found.requirements)

    def breaking(self) -> Mapping[str, tuple[MutantResult, ...]]:
        """Every testable requirement with all mutants that break it, of both kinds."""
        found: dict[str, list[MutantResult]] = {name: [] for name in self.requirements}
        for mutant in self.mutants:
            for name in mutant.requirements & found.keys():
                found[name].append(mutant)
        return {name: tuple(mutants) for name, mutants in found.items()}

    @property
    def exit_code(self) -> int:
        """0 nothing survived; 1 a survivor or a false alarm; 3 some behaviour mutant could not run, or nothing ran."""
        if self.survivors or self.false_alarms:
            return 1
        killed = any(found.fate is Fate.KILLED for found in self.mutants)
        broken = any(found.kind == BEHAVIOUR for found in self.cannot_run)
        return 3 if broken or not (killed or self.variants) else 0

    def body(self) -> dict[str, object]:
        """The JSON object of ``prove --json``."""
        specification = self._counts(SPECIFICATION)
        covered = {found.id.rpartition("/")[0] for found in self.of_kind(SPECIFICATION, Fate.KILLED)}
        return {
            "suite": self.kind,
            "specification": {"leaves": self.leaves, "covered": len(covered), **specification},
            "behaviour": self._counts(BEHAVIOUR),
            "variants": {"passed": len(self.variants) - len(self.false_alarms), "failed": len(self.false_alarms)},
            "seconds": round(self.seconds, 3),
            "tried": self.tried,
            "known": self.known,
            "mutants_per_second": round(self.rate, 1),
            "classes": self._classes(),
            "survivors": [found.id for found in self.survivors],
            "false_alarms": [
                {"variant": found.variant, "profile": found.profile, "cases": list(found.alarms)}
                for found in self.false_alarms
            ],
            "equivalents": [
                {"id": found.id, "reason": {"zh": reason.zh, "en": reason.en}}
                for found in self.equivalents
                if (reason := reason_of(found.id)) is not None
            ],
            "cannot_run": [found.id for found in self.cannot_run],
            "unproven": list(self.unproven),
            "requirements": {name: [found.id for found in mutants] for name, mutants in self.by_requirement()},
            "mutants": [found.body() for found in self.mutants],
        }

    def _classes(self) -> dict[str, dict[str, int]]:
        """By kind of datum: how many mutants there are, and what became of them."""
        counts = Counter((found.datum, found.fate) for found in self.mutants)
        counted = ("killed", Fate.KILLED), ("equivalent", Fate.EQUIVALENT), ("survived", Fate.SURVIVED)
        fates = {name: {word: counts[name, fate] for word, fate in counted} for name in CLASSES}
        return {name: {"generated": sum(own.values()), **own} for name, own in fates.items() if any(own.values())}

    def _counts(self, kind: str) -> dict[str, int]:
        counted = ("killed", Fate.KILLED), ("equivalent", Fate.EQUIVALENT), ("survived", Fate.SURVIVED)
        counts = {name: len(self.of_kind(kind, fate)) for name, fate in counted}
        return {"generated": sum(counts.values()), **counts}


def combine(subjects: Sequence[Subject], trials: Iterable[Trial]) -> Iterator[MutantResult]:
    """The trials of each mutant together, in the order of the mutants; what changes nothing anywhere is left out."""
    by_mutant: dict[str, list[Trial]] = {}
    for trial in trials:
        by_mutant.setdefault(trial.mutant, []).append(trial)
    for subject in subjects:
        own = sorted(by_mutant.get(subject.id, ()), key=lambda trial: trial.profile)
        found = MutantResult(subject.id, subject.kind, subject.datum, subject.requirements, subject.because, tuple(own))
        if own and found.fate is not Fate.SAME:
            yield found
