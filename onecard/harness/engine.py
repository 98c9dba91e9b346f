"""Runs one case at a time: session, verdict, undoing; independent of pytest and of what carries the bytes."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from onecard.errors import UserError
from onecard.evidence.writer import EvidenceWriteError
from onecard.harness.case import Case
from onecard.harness.context import RunContext, Sample
from onecard.harness.interrupt import Gate
from onecard.harness.kinds import SUBJECTS
from onecard.harness.subject import Subject
from onecard.harness.verdict import CheckFailed, Inconclusive, Interrupted, Outcome, Verdict, failure_text
from onecard.harness.wire import Wire
from onecard.spec.text import Text
from onecard.targets.base import OperatorLeft, SilentTarget, TargetAbsent, TargetError, TargetRefused

SILENT_LIMIT = 3
"""So many silent cases in a row end a run: the target is dead, and waiting for it again tells nothing new."""


class Diverged(Exception):
    """Replay: a case did what the evidence does not hold. Never caught within a case."""


class Bench(Protocol):
    """Gives each case its sample and wire."""

    def sample_for(self, case: Case) -> tuple[Sample, Wire]:
        """The sample and wire for a case; destructive cases get a fresh sample where there are any."""

    def recover(self) -> None:
        """Bring the target back after it went silent; raises TargetError when it stays away."""


@dataclass
class Stop:
    """Why a run ended early."""

    reason: Text
    error: UserError | None = None


@dataclass
class Engine:
    """State of one run: outcomes so far, and whether it must stop."""

    context: RunContext
    bench: Bench
    gate: Gate
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    unrestored: list[str] = field(default_factory=list)
    stop: Stop | None = None
    _silent: int = 0

    def run(self, case: Case, body: Callable[[Subject], None]) -> Outcome:
        """Run one case to its verdict; nothing that a target or case does escapes, except a replay's divergence."""
        if self.stop is not None:
            return self._keep(case, Outcome(Verdict.NOT_RUN, self.stop.reason))
        outcome = Outcome(Verdict.NOT_RUN)
        try:
            sample, wire = self.bench.sample_for(case)
            wire.begin(
                case.id,
                {"case": case.id, "requirements": list(case.requirements), "title": case.title, "sample": sample.label},
            )
            subject = SUBJECTS[self.context.kind](self.context, sample, wire, case.id, case.requirements)
            outcome = self._asserted(case, subject, self._session(subject, body))
            outcome = self._undo(subject, wire, outcome)
            wire.end(outcome, sorted(sample.refused))
        except EvidenceWriteError as error:
            self.stop = Stop(error.text, error)
            outcome = Outcome(Verdict.NOT_RUN, error.text)
        except (TargetError, TargetAbsent) as error:
            self.stop = Stop(error.text, error)
            outcome = Outcome(Verdict.ERROR, error.text)
        return self._keep(case, outcome)

    def _keep(self, case: Case, outcome: Outcome) -> Outcome:
        self.outcomes[case.id] = outcome
        return outcome

    def _session(self, subject: Subject, body: Callable[[Subject], None]) -> Outcome:
        silent, self._silent = self._silent, 0
        try:
            subject.reset()
            body(subject)
        except CheckFailed as failure:
            check = failure.check
            return Outcome(Verdict.FAIL, failure_text(check.what, check.expected, check.received), check)
        except Inconclusive as reason:
            return Outcome(Verdict.INCONCLUSIVE, reason.text)
        except Interrupted:
            self.stop = Stop(Text(zh="用户中断（Ctrl-C）", en="interrupted (Ctrl-C)"))
            return Outcome(Verdict.NOT_RUN, self.stop.reason)
        except TargetRefused as error:
            return Outcome(Verdict.INCONCLUSIVE, error.text)
        except OperatorLeft as left:
            self.stop = Stop(left.text)
            return Outcome(Verdict.NOT_RUN, left.text)
        except SilentTarget as error:
            return self._silence(error, silent)
        except TargetError as error:
            if not subject.loss_ends_run:
                return self._silence(error, silent)
            self.stop = Stop(error.text, error)
            return Outcome(Verdict.ERROR, error.text)
        except EvidenceWriteError as error:
            self.stop = Stop(error.text, error)
            return Outcome(Verdict.NOT_RUN, error.text)
        except Diverged:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of the case itself: it has no verdict, and says which fault
            told = _told(error)
            return Outcome(Verdict.ERROR, Text(zh=f"用例出错：{told}", en=f"the case itself failed: {told}"))
        return Outcome(Verdict.PASS)

    def _asserted(self, case: Case, subject: Subject, outcome: Outcome) -> Outcome:
        """A case that passes must have checked something for each requirement that it names."""
        silent = [name for name in case.requirements if name not in subject.checked]
        if outcome.verdict is not Verdict.PASS or not silent:
            return outcome
        names = ", ".join(silent)
        return Outcome(
            Verdict.ERROR, Text(zh=f"用例没有对 {names} 作任何判定", en=f"the case asserted nothing about {names}")
        )

    def _silence(self, error: TargetError, before: int) -> Outcome:
        self._silent = before + 1
        if self._silent >= SILENT_LIMIT:
            self.stop = Stop(
                Text(
                    zh=f"{error.text.zh}；共 {self._silent} 次，停止",
                    en=f"{error.text.en}; given up after {self._silent} times",
                ),
                error,
            )
        return Outcome(Verdict.ERROR, error.text)

    def _undo(self, subject: Subject, wire: Wire, outcome: Outcome) -> Outcome:
        if outcome.verdict is Verdict.ERROR and self.stop is None:
            self._recover()
        with self.gate.held():
            failed = subject.undo()
        for label, error in failed:
            if isinstance(error, Diverged):
                raise error
            text = error.text if isinstance(error, UserError | Inconclusive) else Text(zh=repr(error), en=repr(error))
            self.unrestored.append(label)
            wire.note(Text(zh=f"未能恢复（{label}）：{text.zh}", en=f"not restored ({label}): {text.en}"))
        if failed and outcome.verdict is Verdict.PASS:
            labels = ", ".join(label for label, _ in failed)
            return Outcome(
                Verdict.ERROR, Text(zh=f"未能恢复样卡：{labels}", en=f"the sample was not restored: {labels}")
            )
        return outcome

    def _recover(self) -> None:
        try:
            self.bench.recover()
        except (TargetError, TargetAbsent) as error:
            self.stop = Stop(error.text, error)


def _told(error: Exception) -> str:
    """Kind and place of a fault; not its words, which may hold what the evidence seals."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"
