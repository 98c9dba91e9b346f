"""The proof: every mutant against the cases traced to what it breaks, every conforming variant against all cases."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from onecard.errors import UserError
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.matrix import Proof, combine
from onecard.prove.results import Hints, Results
from onecard.prove.specification import specification_subjects
from onecard.prove.stage import Stage
from onecard.prove.subject import BEHAVIOUR, SPECIFICATION, Subject, behaviour_subjects, testable
from onecard.prove.trial import Trial
from onecard.prove.variants import BASELINE, VariantResult, try_baseline, variants_of
from onecard.prove.work import VARIANT, Result, Task, Worker, Workers
from onecard.spec.expr import Value, evaluate
from onecard.spec.leaves import leaves
from onecard.spec.load import Spec

EVERYTHING = (BEHAVIOUR, SPECIFICATION, VARIANT)

_GENERATIONS = frozenset(("card",))
"""Kinds whose profiles are generations, the newest last: thousands of specification mutants and all freedoms are tried
on the newest one that they concern, and with ``full`` on all.
"""


@dataclass(frozen=True)
class Order:
    """What to prove. ``mutants`` and ``profiles`` restrict the proof where they are not empty.

    ``full``: run all cases on each mutant instead of stopping at the first kill, and list collateral failures.
    ``subjects``: mutants in place of the product's own; they are tried in this process. ``workers``: the processes to
    use, which several proofs may share; without them everything is done in this one. ``hints``: cases that killed
    before, tried first. ``results``: what former proofs found, used where it still holds and added to.
    """

    spec: Spec
    kind: str
    full: bool = False
    mutants: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    what: tuple[str, ...] = EVERYTHING
    subjects: tuple[Subject, ...] | None = None
    workers: Workers | None = None
    hints: Hints = field(default_factory=dict)
    results: Results | None = None
    planned: Callable[[int], None] = lambda _count: None
    progress: Callable[[Result], None] = lambda _result: None


class BaselineBroken(UserError):
    """The right reference does not pass the suite: nothing can be said of mutants."""

    def __init__(self, profile: str, failed: Sequence[str]) -> None:
        named = ", ".join(failed[:5])
        super().__init__(
            zh=f"未变异的参考 {profile} 有 {len(failed)} 个用例未通过，无法证明：{named}",
            en=f"the unchanged reference {profile} does not pass {len(failed)} cases, so nothing is proved: {named}",
            exit_code=3,
        )


def prove(order: Order) -> Proof:
    """Run a proof. Raises UserError for an unknown kind, mutant or profile (exit 2), BaselineBroken (exit 3)."""
    started = time.monotonic()
    profiles, subjects = _profiles(order), _subjects(order)
    worker = Worker(order.spec, own={subject.id: subject for subject in order.subjects or ()})
    tasks = [Task(BASELINE, order.kind, profile, BASELINE) for profile in profiles]
    tasks += _tasks(order, profiles, subjects)
    order.planned(len(tasks))
    found: list[Result] = []
    tried = set[str]()
    for result, known in _results(order, tasks, subjects, worker):
        order.progress(result)
        if isinstance(result, VariantResult) and result.variant == BASELINE:
            _hold(result, worker.stage(order.kind, result.profile))
            continue
        found.append(result)
        if isinstance(result, Trial) and not known:
            tried.add(result.mutant)
    trials = [result for result in found if isinstance(result, Trial)]
    variants = [result for result in found if not isinstance(result, Trial)]
    return Proof(
        kind=order.kind,
        mutants=tuple(combine(subjects, trials)),
        variants=tuple(sorted(variants, key=lambda found: (found.variant, found.profile))),
        requirements=_spoken_of(order, profiles, subjects),
        cases={
            case.id: case.requirements for profile in profiles for case in worker.stage(order.kind, profile).cases()
        },
        leaves=len(leaves(order.spec, order.kind)),
        tried=len(tried),
        known=len({trial.mutant for trial in trials} - tried),
        seconds=time.monotonic() - started,
    )


def _results(
    order: Order, tasks: Sequence[Task], subjects: Sequence[Subject], worker: Worker
) -> Iterator[tuple[Result, bool]]:
    """The results of all tasks, and whether each was known from a former proof; what is tried is remembered."""
    if order.results is None or order.subjects is not None:
        workers = order.workers if order.workers is not None and order.subjects is None else Workers(1)
        yield from ((result, False) for result in workers.results(tasks, worker))
        return
    workers = order.workers or Workers(1)
    mutants = {subject.id: subject for subject in subjects}
    known = [(task, order.results.known(task, mutants.get(task.identifier))) for task in tasks]
    yield from ((result, True) for _, result in known if result is not None)
    waiting = [task for task, result in known if result is None]
    asked = {(task.identifier, profile): task for task in waiting for profile in (task.profile, *task.others)}
    try:
        for result in workers.results(waiting, worker):
            name = result.mutant if isinstance(result, Trial) else result.variant
            order.results.remember(asked[name, result.profile], mutants.get(name), result)
            yield result, False
    finally:
        order.results.close()


def baseline(staged: Stage) -> None:
    """Raises BaselineBroken unless the right reference passes every case."""
    _hold(try_baseline(staged), staged)


def _hold(result: VariantResult, staged: Stage) -> None:
    if result.alarms or not staged.cases():
        raise BaselineBroken(staged.profile, result.alarms)


def _profiles(order: Order) -> tuple[str, ...]:
    known = tuple(sorted(name for name, found in order.spec.profiles.items() if found.target == order.kind))
    unknown = [profile for profile in order.profiles if profile not in known]
    if unknown:
        names = ", ".join(known)
        raise UserError(
            zh=f"没有配置 {unknown[0]}；{order.kind} 的配置：{names}",
            en=f"there is no profile {unknown[0]}; those of {order.kind}: {names}",
        )
    return order.profiles or known


def _subjects(order: Order) -> tuple[Subject, ...]:
    if order.subjects is not None:
        return order.subjects
    found: tuple[Subject, ...] = ()
    if BEHAVIOUR in order.what:
        found += behaviour_subjects(order.kind)
    if SPECIFICATION in order.what:
        found += specification_subjects(order.spec, order.kind)
    unknown = set(order.mutants) - {subject.id for subject in found}
    if unknown:
        name = min(unknown)
        raise UserError(
            zh=f"没有变异体 {name}；onecard prove --json 列出全部编号",
            en=f"there is no mutant {name}; onecard prove --json lists all ids",
        )
    return tuple(subject for subject in found if not order.mutants or subject.id in order.mutants)


def _tasks(order: Order, profiles: tuple[str, ...], subjects: tuple[Subject, ...]) -> list[Task]:
    tasks: list[Task] = []
    applicable = {profile: _applicable(order, profile) for profile in profiles}
    spared = order.kind in _GENERATIONS and not order.full
    for subject in subjects:
        fitting = [
            profile
            for profile in profiles
            if (not subject.profiles or profile in subject.profiles) and applicable[profile] & subject.requirements
        ]
        if subject.kind == SPECIFICATION and spared and fitting:
            # Each on the newest profile whose data it changes.
            newest, *others = reversed(fitting)
            first = _first(order, subject, fitting)
            tasks.append(Task(subject.kind, order.kind, newest, subject.id, others=tuple(others), first=first))
        else:
            for profile in fitting:
                first = _first(order, subject, (profile,))
                tasks.append(Task(subject.kind, order.kind, profile, subject.id, order.full, first=first))
    if VARIANT in order.what and not order.mutants and order.subjects is None:
        chosen: dict[str, list[str]] = {}
        for profile in profiles:
            for each in variants_of(order.kind, profile):
                chosen.setdefault(each, []).append(profile)
        tasks += [
            Task(VARIANT, order.kind, profile, each)
            for each, found in chosen.items()
            for profile in (found[-1:] if spared else found)
        ]
    return tasks


def _first(order: Order, subject: Subject, profiles: Sequence[str]) -> tuple[str, ...]:
    killers = (order.hints.get((subject.id, profile)) for profile in profiles)
    return tuple(dict.fromkeys(killer for killer in killers if killer is not None))


def _spoken_of(order: Order, profiles: tuple[str, ...], subjects: tuple[Subject, ...]) -> tuple[str, ...]:
    """The requirements that this proof can say something of: of a restricted proof those of its mutants."""
    found = [name for profile in profiles for name in _applicable(order, profile)]
    if order.mutants or order.subjects is not None:
        found = [name for name in found if any(name in subject.requirements for subject in subjects)]
    return tuple(name for name in testable(order.spec, order.kind) if name in found)


def _applicable(order: Order, profile: str) -> set[str]:
    environment = _environment(order, profile)
    return {name for name, found in testable(order.spec, order.kind).items() if evaluate(found.applies, environment)}


def _environment(order: Order, profile: str) -> dict[str, Value]:
    return {**ics_of_profile(order.spec, profile).items, **reference_ixit(order.kind, profile).facts()}
