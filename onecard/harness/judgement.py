"""From the verdicts of cases to those of requirements, and to the verdict of a run."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from onecard.harness.verdict import Outcome, Verdict
from onecard.planning.plan import Plan
from onecard.spec.model import Requirement

# What a requirement's verdict is when its cases differ: the first of these that occurs.
_WORST = (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN, Verdict.INCONCLUSIVE, Verdict.PASS)


class Campaign(StrEnum):
    """Verdict of a run or campaign."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"

    @property
    def exit_code(self) -> int:
        """Exit status of ``certify``."""
        return {Campaign.PASS: 0, Campaign.FAIL: 1, Campaign.INCOMPLETE: 3}[self]


@dataclass(frozen=True)
class Judged:
    """A requirement's verdict and the cases behind it. ``decides``: whether it counts for the run's verdict."""

    requirement: Requirement
    verdict: Verdict
    cases: tuple[str, ...]
    decides: bool
    executed: bool


@dataclass(frozen=True)
class Judgement:
    """The verdict of one run, with everything that led to it."""

    verdict: Campaign
    requirements: tuple[Judged, ...]
    cases: Mapping[Verdict, int]

    def body(self) -> dict[str, Any]:
        """As it stands in the evidence (a statement, never trusted by replay)."""
        return {
            "verdict": str(self.verdict),
            "cases": self.case_counts(),
            "requirements": [
                {"id": j.requirement.id, "verdict": str(j.verdict), "cases": list(j.cases), "decides": j.decides}
                for j in self.requirements
            ],
        }

    def case_counts(self) -> dict[str, int]:
        """Cases by verdict under the names of the command line's contract."""
        return {str(verdict).replace("-", "_"): self.cases.get(verdict, 0) for verdict in Verdict}


def judge(plan: Plan, outcomes: Mapping[str, Outcome]) -> Judgement:
    """Judge a run. A planned case without an outcome is not-run; a run without an executed case never passes."""
    verdicts = {case.id: outcomes.get(case.id, Outcome(Verdict.NOT_RUN)) for case in plan.cases}
    judged = tuple(
        _requirement(plan, requirement, verdicts) for requirement in plan.applicable if plan.in_scope(requirement.id)
    )
    counts = Counter(outcome.verdict for outcome in verdicts.values())
    counts[Verdict.NOT_APPLICABLE] = len(plan.not_applicable)
    executed = counts[Verdict.PASS] + counts[Verdict.FAIL]
    deciding = [entry.verdict for entry in judged if entry.decides]
    if Verdict.FAIL in deciding:
        verdict = Campaign.FAIL
    elif not executed or not deciding or counts[Verdict.NOT_RUN] or any(v is not Verdict.PASS for v in deciding):
        verdict = Campaign.INCOMPLETE
    else:
        verdict = Campaign.PASS
    return Judgement(verdict, judged, dict(counts))


def _requirement(plan: Plan, requirement: Requirement, outcomes: Mapping[str, Outcome]) -> Judged:
    cases = [case for case in plan.cases if requirement.id in case.requirements]
    verdicts = [_share(outcomes[case.id], requirement.id) for case in cases]
    verdict = next((worst for worst in _WORST if worst in verdicts), Verdict.NOT_RUN)
    return Judged(
        requirement=requirement,
        verdict=verdict,
        cases=tuple(case.id for case in cases),
        decides=plan.mandatory(requirement),
        executed=any(v in (Verdict.PASS, Verdict.FAIL) for v in verdicts),
    )


def _share(outcome: Outcome, requirement: str) -> Verdict:
    """What a case says of one of its requirements: a failure speaks for the requirement that the failed check
    names, and leaves the others undecided.
    """
    if outcome.verdict is Verdict.FAIL and outcome.failed is not None and outcome.failed.requirement != requirement:
        return Verdict.INCONCLUSIVE
    return outcome.verdict


def together(verdicts: list[Campaign]) -> Campaign:
    """The verdict of several runs: fail if any fails, pass only if all pass."""
    if Campaign.FAIL in verdicts:
        return Campaign.FAIL
    return Campaign.PASS if verdicts and all(verdict is Campaign.PASS for verdict in verdicts) else Campaign.INCOMPLETE
