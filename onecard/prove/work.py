"""Trials in worker processes: each worker prepares a suite once a profile and then tries mutants as they come."""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from multiprocessing.synchronize import Event

from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from onecard.harness.interrupt import interrupts_held
from onecard.prove.equivalence import Right, reason_of
from onecard.prove.same import Twins
from onecard.prove.specification import specification_subjects
from onecard.prove.stage import Stage, stage
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION, Subject, behaviour_subjects
from onecard.prove.trial import Fate, Trial, try_mutant
from onecard.prove.variants import BASELINE, VARIANTS, VariantResult, try_baseline, try_variant
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, load_spec

VARIANT = "variant"
# Another holder's card may show what this one's does not: a right card, or one that is said to answer as a right one.
_ON_OTHERS = frozenset((Fate.SURVIVED, Fate.EQUIVALENT))


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to try; it crosses to a worker process, so it names what to do and holds nothing else.

    ``what``: baseline, behaviour, specification or variant. ``others``: further profiles, for a mutant that changes
    nothing on the one before. ``first``: the cases that killed it before; they run first, the others if these do not.
    """

    what: str
    kind: str
    profile: str
    identifier: str
    full: bool = False
    others: tuple[str, ...] = ()
    first: tuple[str, ...] = ()


Result = Trial | VariantResult


@dataclass
class Worker:
    """Does tasks one after the other; keeps what is the same for all of them."""

    spec: Spec = field(default_factory=load_spec)
    own: Mapping[str, Subject] = field(default_factory=dict)
    _stages: dict[tuple[str, str, int], Stage] = field(default_factory=dict)
    _twins: dict[str, Twins] = field(default_factory=dict)
    _rights: dict[tuple[str, str, int], Right] = field(default_factory=dict)
    _subjects: dict[tuple[str, str], dict[str, Subject]] = field(default_factory=dict)

    def stage(self, kind: str, profile: str, holder: int = 0) -> Stage:
        """The suite for a profile and a holder of the reference card (from 0)."""
        if (kind, profile, holder) not in self._stages:
            made = self.stage(kind, profile).held_by(self.spec, holder) if holder else stage(self.spec, kind, profile)
            self._stages[kind, profile, holder] = made
        return self._stages[kind, profile, holder]

    def subject(self, what: str, kind: str, identifier: str) -> Subject:
        """A mutant by its id, of those given to this worker first; raises KeyError."""
        if identifier in self.own:
            return self.own[identifier]
        if (what, kind) not in self._subjects:
            found = behaviour_subjects(kind) if what == BEHAVIOUR else specification_subjects(self.spec, kind)
            self._subjects[what, kind] = {subject.id: subject for subject in found}
        return self._subjects[what, kind][identifier]

    def do(self, task: Task) -> Result:
        """The result of one task."""
        if task.what == BASELINE:
            return try_baseline(self.stage(task.kind, task.profile))
        if task.what == VARIANT:
            freedom = next(found for found in VARIANTS if found.id == task.identifier)
            return try_variant(self.spec, task.kind, task.profile, freedom)
        trial = self.attempt(self.subject(task.what, task.kind, task.identifier), task)
        if trial.fate is Fate.SAME and task.others:
            return self.do(replace(task, profile=task.others[0], others=task.others[1:]))
        return trial

    def attempt(self, subject: Subject, task: Task) -> Trial:
        """Try one mutant on one profile."""
        staged = self.stage(task.kind, task.profile)
        try:
            variant = subject.variant(staged.context.target)
        except (SpecError, KeyError, ValueError, TypeError, IndexError) as error:
            return Trial(subject.id, task.profile, Fate.CANNOT_RUN, note=f"{type(error).__name__}: {error}")
        if variant is None:
            return Trial(subject.id, task.profile, Fate.SAME)
        trial = Trial(subject.id, task.profile, Fate.SAME)
        for each in self._shown(task, staged, variant) if subject.kind == SPECIFICATION else (variant,):
            trial = self._tried(subject, task, each)
            if trial.fate not in _ON_OTHERS:
                break
        return trial

    def _tried(self, subject: Subject, task: Task, variant: Callable[[], AnyVariant]) -> Trial:
        made = variant()
        holder = made.holder if isinstance(made, VariantSpec) else 0
        own = self.stage(task.kind, task.profile, holder)
        trial = try_mutant(own, subject.id, subject.requirements, variant, full=task.full, first=task.first)
        return self._judged(trial, own, variant) if trial.fate is Fate.SURVIVED else trial

    def _judged(self, trial: Trial, staged: Stage, variant: Callable[[], AnyVariant]) -> Trial:
        """A survivor that somebody says to be equivalent, after a look at its answers."""
        if reason_of(trial.mutant) is None:
            return trial
        right = self._rights.setdefault((staged.context.kind, staged.profile, staged.holder), Right(staged))
        difference = right.difference(variant)
        if difference is None:
            return replace(trial, fate=Fate.EQUIVALENT)
        return replace(trial, note=f"said to be equivalent, but differs: {difference}")

    def _shown(
        self, task: Task, staged: Stage, variant: Callable[[], AnyVariant]
    ) -> Iterable[Callable[[], AnyVariant]]:
        if not isinstance(staged.context.target, CardSpec):
            return (variant,)
        if task.profile not in self._twins:
            self._twins[task.profile] = Twins(staged.context.target)
        return self._twins[task.profile].shown(variant)


class _OfProcess(Worker):
    """The worker of a process of its own. What it prepares stays: the garbage collector need not look at it again."""

    def stage(self, kind: str, profile: str, holder: int = 0) -> Stage:
        known = len(self._stages)
        made = super().stage(kind, profile, holder)
        if len(self._stages) > known:
            gc.collect()
            gc.freeze()
        return made


class _Process:
    """The worker of this process."""

    worker: Worker | None = None
    over: Event | None = None


def _start(over: Event) -> None:
    # Ctrl-C is the main process' business; a worker ends when it is told to.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_main, name="main-process-watch", daemon=True).start()
    _Process.worker = _OfProcess()
    _Process.over = over


def _end_with_main() -> None:
    # A main process that was killed tells nobody: its workers would wait for ever.
    main = multiprocessing.parent_process()
    if main is not None:
        main.join()
        os._exit(1)


def _do_all(tasks: Sequence[Task]) -> list[Result]:
    worker = _Process.worker or Worker()
    done: list[Result] = []
    for task in tasks:
        # Nobody waits for the rest any more: the command was interrupted.
        if _Process.over is not None and _Process.over.is_set():
            break
        done.append(worker.do(task))
    return done


BATCH = 8
"""Tasks that go to a worker together: one trial takes milliseconds."""

_WHOLE_SUITE = frozenset((BASELINE, VARIANT))


class Workers:
    """``jobs`` processes for as many proofs as are made within; started when a proof first needs them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        # Started anew rather than forked: the same on every system, and safe beside the progress display's threads.
        self._context = multiprocessing.get_context("spawn")
        self._over = self._context.Event()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._pool is not None:
            self._over.set()
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def results(self, tasks: Sequence[Task], here: Worker) -> Iterator[Result]:
        """Results as they come; one job, or few tasks, are done ``here``."""
        if self._jobs <= 1 or len(tasks) <= BATCH:
            for task in tasks:
                yield here.do(task)
            return
        # The long ones by themselves and first: nobody waits for the last of them at the end.
        long = [task for task in tasks if task.what in _WHOLE_SUITE]
        short = [task for task in tasks if task.what not in _WHOLE_SUITE]
        batches = [[task] for task in long] + [short[at : at + BATCH] for at in range(0, len(short), BATCH)]
        with interrupts_held():
            # Submissions start the workers.
            pool = self._started()
            pending: list[Future[list[Result]]] = [pool.submit(_do_all, batch) for batch in batches]
        for done in as_completed(pending):
            yield from done.result()

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self._jobs, mp_context=self._context, initializer=_start, initargs=(self._over,)
            )
        return self._pool
