"""What the views show: a bundle's runs, cases, exchanges and requirements, with the words for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from onecard.explain import Aside
from onecard.spec.card import CardSpec
from onecard.spec.model import Requirement
from onecard.spec.text import Text


class Verdict(StrEnum):
    """Verdict of a case or a requirement."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not-applicable"
    NOT_RUN = "not-run"


class RunVerdict(StrEnum):
    """Verdict of a run or of the whole campaign."""

    PASS = "pass"
    FAIL = "fail"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command and its answer in hex (sealed bytes ``__``), and both in words.

    ``received`` is None when none came; ``error`` says why.
    """

    n: int
    t: float
    command: str
    received: str | None
    milliseconds: float | None
    error: str | None
    asked: Text
    told: Text


@dataclass(frozen=True, slots=True)
class Message:
    """An exchange of messages: HTTP, a function call, the tester's instrument; ``do`` says which.

    ``request`` and ``response`` are as the evidence holds them (sealed ones ``{"clear": {...}}``), ``asked`` and
    ``told`` the same in one line each. ``asides`` is what the target asked of the tester meanwhile. ``response`` is
    None when none came; ``error`` says why. ``meaning`` is the name of the return code or error code in the answer.
    """

    n: int
    t: float
    do: str
    request: Mapping[str, Any]
    response: Mapping[str, Any] | None
    milliseconds: float | None
    error: str | None
    asked: Text
    told: Text
    meaning: Text | None
    asides: tuple[Aside, ...]


@dataclass(frozen=True, slots=True)
class Reset:
    """A cold or warm reset, and its ATR in hex or what went wrong."""

    n: int
    t: float
    kind: str
    atr: str | None
    milliseconds: float | None
    error: Text | None


@dataclass(frozen=True, slots=True)
class Check:
    """A comparison. ``of`` is the event number of the judged exchange."""

    n: int
    of: int | None
    requirement: str | None
    what: str
    expected: str
    received: str
    ok: bool


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth telling."""

    n: int
    text: Text


@dataclass(frozen=True, slots=True)
class Secret:
    """A PIN or key that was asked of the key source; its value is never shown."""

    n: int
    name: str
    available: bool


Sent = Exchange | Message
Step = Exchange | Message | Reset | Check | Note | Secret


@dataclass(frozen=True, slots=True)
class CaseView:
    """One executed or planned case. Times are seconds since the run began, None for a case that did not begin.

    ``first`` and ``last`` are event numbers, None for a case that did not begin. ``why`` explains every verdict but
    pass.
    """

    id: str
    title: str
    sample: str
    requirements: tuple[str, ...]
    verdict: Verdict
    why: Text | None
    failed_requirement: str | None
    failed_of: int | None
    steps: tuple[Step, ...]
    first: int | None
    last: int | None
    began: float | None
    ended: float | None

    @property
    def seconds(self) -> float:
        """How long it took; 0 when it did not begin or not end."""
        return 0.0 if self.began is None or self.ended is None else max(0.0, self.ended - self.began)

    @property
    def exchanges(self) -> tuple[Sent, ...]:
        """Its exchanges in order."""
        return tuple(step for step in self.steps if isinstance(step, Sent))

    @property
    def checks(self) -> tuple[Check, ...]:
        """Its comparisons in order."""
        return tuple(step for step in self.steps if isinstance(step, Check))

    @property
    def failing(self) -> Check | None:
        """The comparison that ended it, if one did."""
        failed = [check for check in self.checks if not check.ok]
        named = [check for check in failed if check.requirement == self.failed_requirement]
        exact = [check for check in named if self.failed_of in (check.n, check.of)]
        return next(iter([*exact[-1:], *named[-1:], *failed[-1:]]), None)

    def exchange(self, n: int | None) -> Sent | None:
        """The exchange with this event number."""
        return next((exchange for exchange in self.exchanges if exchange.n == n), None)


@dataclass(frozen=True, slots=True)
class RequirementView:
    """A requirement's verdict. ``requirement`` is None when this specification does not know the id.

    ``decides``: whether a failure counts for the verdict of the run.
    """

    id: str
    requirement: Requirement | None
    verdict: Verdict
    cases: tuple[str, ...]
    decides: bool


@dataclass(frozen=True, slots=True)
class Left:
    """Something that was not tested, and why."""

    id: str
    reason: Text


@dataclass(frozen=True, slots=True)
class RunView:
    """One run: a kind of target with one profile.

    ``card`` is the specification resolved for the declaration, None where it cannot be; of a PSAM it is the card whose
    status words the PSAM shares, of all other kinds None. ``ended``: the run states its
    own verdict. ``preparation`` is what was done before the cases, to learn which card lies there; it has no verdict of
    its own. ``identity`` is what that found.
    """

    number: int
    kind: str
    profile: str
    target: str
    reader: str
    device: tuple[tuple[str, str], ...]
    ics_digest: str
    declaration: tuple[tuple[str, str], ...]
    claims: tuple[str, ...]
    raw_t0: bool | None
    scope: str
    identity: tuple[tuple[str, str], ...]
    preparation: tuple[CaseView, ...]
    cases: tuple[CaseView, ...]
    not_applicable: tuple[Left, ...]
    inapplicable: tuple[Left, ...]
    excluded: tuple[Left, ...]
    out_of_scope: tuple[str, ...]
    requirements: tuple[RequirementView, ...]
    verdict: RunVerdict
    ended: bool
    card: CardSpec | None
    notes: tuple[Note, ...]

    def case(self, case_id: str) -> CaseView:
        """A case; raises KeyError."""
        for case in self.cases:
            if case.id == case_id:
                return case
        raise KeyError(case_id)

    def counts(self) -> Mapping[Verdict, int]:
        """Cases by verdict, those that do not apply included."""
        found = {verdict: sum(case.verdict is verdict for case in self.cases) for verdict in Verdict}
        found[Verdict.NOT_APPLICABLE] += len(self.not_applicable)
        return found

    @property
    def differs(self) -> tuple[RequirementView, ...]:
        """Failed requirements that do not decide: only the project's profile, or a recommendation, says so."""
        return tuple(entry for entry in self.requirements if entry.verdict is Verdict.FAIL and not entry.decides)

    def only_differs(self, case: CaseView) -> bool:
        """Whether a case failed on a requirement that does not decide."""
        failed = next((entry for entry in self.requirements if entry.id == case.failed_requirement), None)
        return case.verdict is Verdict.FAIL and failed is not None and not failed.decides

    @property
    def seconds(self) -> float:
        """From the first case's beginning to the last one's end."""
        began = [case.began for case in self.cases if case.began is not None]
        ended = [case.ended for case in self.cases if case.ended is not None]
        return max(0.0, max(ended) - min(began)) if began and ended else 0.0


@dataclass(frozen=True, slots=True)
class BundleView:
    """A bundle as a whole. ``complete``: its footer says that the run came to its end; ``final`` closes its chain."""

    tool: str
    started: str
    nonce: str
    challenge: tuple[tuple[str, str], ...] | None
    synthetic: bool
    independent: bool
    digests: tuple[tuple[str, str], ...]
    scope: str
    overlays: tuple[str, ...]
    runs: tuple[RunView, ...]
    complete: bool
    interrupted: int
    final: str
    events: int

    @property
    def verdict(self) -> RunVerdict:
        """fail if any run fails; pass only if every run passes and the record is complete."""
        found = [run.verdict for run in self.runs]
        if RunVerdict.FAIL in found:
            return RunVerdict.FAIL
        passed = bool(found) and self.complete and all(verdict is RunVerdict.PASS for verdict in found)
        return RunVerdict.PASS if passed else RunVerdict.INCOMPLETE

    def run(self, number: int) -> RunView:
        """A run by its number; raises KeyError."""
        for run in self.runs:
            if run.number == number:
                return run
        raise KeyError(number)
