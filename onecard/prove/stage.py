"""A suite ready to be run many times over: planned for one declaration, its cases collected once.

Collecting by pytest costs a hundred times more than a case; a proof collects once a profile and then runs the very same
case bodies on the same engine as ``certify`` does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from onecard.harness.case import Case
from onecard.harness.context import RunContext
from onecard.harness.opening import context_of
from onecard.harness.plugin import CaseBody
from onecard.harness.pytest_run import run_suite
from onecard.harness.verdict import Outcome, Verdict
from onecard.planning.declaration import Ics, Ixit, ics_of_profile, reference_ixit
from onecard.planning.plan import LABORATORY, NEEDS, REFERENCE_HAS, Plan, Scope, make_plan
from onecard.spec.load import Spec, TargetSpec

NONCE = bytes.fromhex("6F6E65636172642070726F7665206E31")
"""The tester's randomness is the same in every proof, so that a survivor can be looked at again."""


@dataclass
class _Capture:
    """A conductor that keeps the bodies of all cases and runs none."""

    data: TargetSpec
    cases: list[Case] = field(default_factory=list)
    bodies: dict[str, CaseBody] = field(default_factory=dict)

    def arrange(self, cases: Sequence[Case]) -> Sequence[str]:
        self.cases = list(cases)
        return [case.id for case in cases]

    def run(self, case: Case, body: CaseBody) -> Outcome:
        self.bodies[case.id] = body
        return Outcome(Verdict.PASS)


@dataclass(frozen=True)
class Stage:
    """Plan, context and case bodies for one declaration of the reference, held by synthetic person ``holder``."""

    ics: Ics
    ixit: Ixit
    plan: Plan
    context: RunContext
    bodies: dict[str, CaseBody]
    holder: int = 0

    @property
    def profile(self) -> str:
        """The project profile."""
        return self.ics.profile

    def held_by(self, spec: Spec, holder: int) -> "Stage":
        """The same suite for another holder's card (from 0)."""
        ixit = reference_ixit(self.ics.kind, self.profile, holder=holder)
        return replace(self, ixit=ixit, context=context_of(spec, self.ics, ixit, NONCE), holder=holder)

    def cases(self, requirements: frozenset[str] | None = None) -> tuple[Case, ...]:
        """The planned cases in running order: all, or those traced to any of ``requirements``."""
        if requirements is None:
            return self.plan.cases
        return tuple(case for case in self.plan.cases if requirements.intersection(case.requirements))


def stage(spec: Spec, kind: str, profile: str) -> Stage:
    """The suite of ``kind`` for the reference of a project profile. Raises UserError or SpecError."""
    return stage_for(spec, ics_of_profile(spec, profile), reference_ixit(kind, profile))


def stage_for(spec: Spec, ics: Ics, ixit: Ixit) -> Stage:
    """The suite for one declaration. Raises UserError or SpecError."""
    context = context_of(spec, ics, ixit, NONCE)
    capture = _Capture(context.target)
    run_suite(capture, ics.kind)
    # A reference has no body: a synthetic sheet stands for what a laboratory would measure of it.
    lacking = NEEDS - REFERENCE_HAS - {LABORATORY}
    plan = make_plan(spec, ics, ixit, capture.cases, Scope.FULL, destroy=True, lacking=lacking)
    return Stage(ics, ixit, plan, context, capture.bodies)
