"""Between pytest and the engine: collects the cases, then runs the planned ones and tells of progress."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from onecard.harness.case import Case
from onecard.harness.engine import Diverged, Engine
from onecard.harness.plugin import CaseBody
from onecard.harness.pytest_run import run_suite
from onecard.harness.verdict import Outcome, Verdict
from onecard.spec.load import TargetSpec


@dataclass
class Collector:
    """Collects without running."""

    data: TargetSpec
    cases: list[Case] = field(default_factory=list)

    def arrange(self, cases: Sequence[Case]) -> Sequence[str]:
        """Keep all; run none (pytest only collects)."""
        self.cases = list(cases)
        return [case.id for case in cases]

    def run(self, case: Case, body: CaseBody) -> Outcome:
        """Never called: pytest only collects."""
        raise AssertionError(f"{case.id} was to be collected, not run")


def collect(target: TargetSpec, kind: str) -> list[Case]:
    """Every case of a suite for one declaration, in suite order."""
    collector = Collector(target)
    run_suite(collector, kind, collect_only=True)
    return collector.cases


@dataclass
class Runner:
    """Runs planned cases on an engine. ``progress`` hears of each outcome; ``until`` may end the run early (proof)."""

    engine: Engine
    wanted: Sequence[str]
    progress: Callable[[Case, Outcome], None] = lambda _case, _outcome: None
    until: Callable[[Case, Outcome], bool] = lambda _case, _outcome: False
    stop_on_divergence: bool = True
    divergences: list[Diverged] = field(default_factory=list)
    _over: bool = False

    @property
    def data(self) -> TargetSpec:
        """The target's data, for the parameters of cases."""
        return self.engine.context.target

    def arrange(self, cases: Sequence[Case]) -> Sequence[str]:
        """The planned order; a planned case that the suite lacks stays without outcome and is judged not-run."""
        known = {case.id for case in cases}
        return [identifier for identifier in self.wanted if identifier in known]

    def run(self, case: Case, body: CaseBody) -> Outcome:
        """Run one case; after a divergence or an early end nothing runs any more."""
        if self._over:
            return Outcome(Verdict.NOT_RUN)
        try:
            outcome = self.engine.run(case, body)
        except Diverged as divergence:
            self.divergences.append(divergence)
            self._over = self.stop_on_divergence
            return Outcome(Verdict.ERROR)
        self.progress(case, outcome)
        self._over = self.until(case, outcome)
        return outcome

    def run_all(self) -> None:
        """Run the planned cases by pytest."""
        run_suite(self, self.engine.context.kind)
