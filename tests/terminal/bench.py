"""The terminal's suite, collected once, on any target."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from onecard.evidence.sealing import NullSealer
from onecard.harness.bench import TargetBench, setup
from onecard.harness.engine import Engine
from onecard.harness.interrupt import Gate
from onecard.harness.verdict import Outcome
from onecard.harness.wire import LiveWire, MemoryLog, Wire
from onecard.prove.stage import Stage, stage
from onecard.reference.terminal import instrument
from onecard.spec.load import Spec, load_spec
from onecard.targets.base import Message, Target, TargetOptions
from onecard.targets.command import open_target

PROFILE = "terminal-default"


@lru_cache(maxsize=1)
def installed() -> Spec:
    """The specification, read once."""
    return load_spec()


@lru_cache(maxsize=1)
def staged() -> Stage:
    """The suite for the reference's declaration."""
    return stage(installed(), "terminal", PROFILE)


def outcomes(
    target: Callable[[], Target], wanted: Callable[[str], bool] = lambda _case: True, parameters: Message | None = None
) -> dict[str, Outcome]:
    """How the cases whose id is wanted end on a target; ``parameters``: of the IXIT, in place of the reference's."""
    gate, planned = Gate(), staged()
    context = planned.context if parameters is None else replace(planned.context, parameters=parameters)

    def wire_for(opened: Target) -> Wire:
        return LiveWire(opened, MemoryLog(), NullSealer(), frozenset(), gate)

    first = target()
    first.connect()
    bench = TargetBench(first, wire_for, None)
    engine = Engine(context, bench, gate)
    try:
        setup(context, bench)
        return {case.id: engine.run(case, planned.bodies[case.id]) for case in planned.cases() if wanted(case.id)}
    finally:
        bench.close()


def program(command: str, timeout: float = 5.0, parameters: Mapping[str, Any] | None = None) -> Target:
    """A terminal program before the tester's card and PSAM."""
    return open_target(command, TargetOptions(timeout=timeout, instrument=instrument(parameters or {})))
