"""The suites under a pytest of one's own, with its plugins and reports (allure-pytest among them).

``pytest -p onecard.harness.direct suites/card --alluredir=results``. Such a run makes no evidence and no certificate:
``onecard certify`` does. It serves authors of cases, and teams whose reports come from pytest.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from onecard.errors import UserError
from onecard.evidence.sealing import NullSealer
from onecard.harness.bench import TargetBench, setup
from onecard.harness.campaign import clear_tags
from onecard.harness.case import Case
from onecard.harness.engine import Engine
from onecard.harness.interrupt import Gate
from onecard.harness.opening import context_of, target_of
from onecard.harness.plugin import CaseBody, SuitePlugin
from onecard.harness.verdict import Outcome
from onecard.harness.wire import LiveWire, MemoryLog
from onecard.planning.declaration import (
    Ics,
    Ixit,
    ics_of_profile,
    no_ixit,
    read_ics,
    read_ixit,
    reference_ixit,
)
from onecard.planning.plan import NEEDS, REFERENCE_HAS, Scope, make_plan
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, TargetSpec, load_spec
from onecard.targets.base import Target

_REFERENCE = "reference:"


@dataclass
class DirectRun:
    """Plans what pytest collected and runs it on one target, keeping events in memory."""

    spec: Spec
    ics: Ics
    ixit: Ixit
    target: str
    engine: Engine | None = None
    bench: TargetBench | None = None

    @property
    def data(self) -> TargetSpec:
        """The target's data for the declaration."""
        return self.spec.resolve(self.ics.kind, self.ics.items, self.ics.profile)

    def arrange(self, cases: Sequence[Case]) -> Sequence[str]:
        """The planned order of what was collected."""
        known = self.target.startswith(_REFERENCE)
        return [
            case.id
            for case in make_plan(
                self.spec,
                self.ics,
                self.ixit,
                cases,
                Scope.FULL,
                destroy=known,
                lacking=NEEDS - REFERENCE_HAS if known else NEEDS,
            ).cases
        ]

    def run(self, case: Case, body: CaseBody) -> Outcome:
        """Run one case; the target is opened by the first."""
        return self._opened().run(case, body)

    def _opened(self) -> Engine:
        if self.engine is None:
            gate, log, tags = Gate(), MemoryLog(), clear_tags(self.spec)
            context = context_of(self.spec, self.ics, self.ixit, secrets.token_bytes(16))

            def fresh() -> Target:
                return target_of(self.target, self.ics, self.ixit)

            target = fresh()
            target.connect()
            self.bench = TargetBench(
                target,
                lambda any_target: LiveWire(any_target, log, NullSealer(), tags, gate),
                fresh if self.target.startswith(_REFERENCE) else None,
            )
            setup(context, self.bench)
            self.engine = Engine(context, self.bench, gate)
        return self.engine


def pytest_addoption(parser: pytest.Parser) -> None:
    """Which device to test, and how to reach it."""
    group = parser.getgroup("onecard")
    group.addoption("--onecard-profile", default="card-3.0", metavar="P")
    group.addoption(
        "--onecard-target", default=None, metavar="T", help="default: the embedded reference of the profile"
    )
    group.addoption("--onecard-ics", default=None, metavar="F")
    group.addoption("--onecard-ixit", default=None, metavar="F")


def pytest_configure(config: pytest.Config) -> None:
    """Register the collecting plugin for the chosen declaration."""
    profile = cast(str, config.getoption("--onecard-profile"))
    target = cast(str | None, config.getoption("--onecard-target"))
    ics, ixit = (cast(str | None, config.getoption(f"--onecard-{name}")) for name in ("ics", "ixit"))
    try:
        spec = load_spec()
        declared = read_ics(spec, Path(ics), profile) if ics else ics_of_profile(spec, profile)
        extra = (
            read_ixit(Path(ixit)) if ixit else reference_ixit(declared.kind, profile) if target is None else no_ixit()
        )
        run = DirectRun(spec, declared, extra, target or extra.target or f"{_REFERENCE}{profile}")
    except (UserError, SpecError) as error:
        raise pytest.UsageError(error.text.en) from None
    config.pluginmanager.register(SuitePlugin(run, declared.kind), "onecard-suite")
    config.pluginmanager.register(_Closer(run), "onecard-closer")


@dataclass
class _Closer:
    """Closes the target at the end."""

    run: DirectRun

    def pytest_unconfigure(self) -> None:
        """Release the target."""
        if self.run.bench is not None:
            self.run.bench.close()
