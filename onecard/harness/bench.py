"""Samples for cases: one device, or fresh samples of a reference; probing and identifying them."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from onecard.errors import UserError
from onecard.harness.case import Case
from onecard.harness.context import Identity, RunContext, Sample
from onecard.harness.kinds import SUBJECTS
from onecard.harness.verdict import CheckFailed, Outcome, Verdict
from onecard.harness.wire import Wire
from onecard.targets.base import CardTarget, SilentTarget, Target, TargetError

SETUP = Case(id="setup", title="Identify the sample and probe the reader.", requirements=(), destroys=None)
"""The pseudo-case that opens each run: it has no verdict of its own and counts nowhere."""


@dataclass
class TargetBench:
    """Gives cases their wire. With ``fresh`` (reference targets) each destructive case gets a sample of its own."""

    target: Target
    wire_for: Callable[[Target], Wire]
    fresh: Callable[[], Target] | None = None
    sample: Sample = field(default_factory=lambda: Sample("A"))
    _wire: Wire | None = None
    _extra: list[Target] = field(default_factory=list)

    @property
    def wire(self) -> Wire:
        """The wire to the sample that all but destructive cases share."""
        if self._wire is None:
            self._wire = self.wire_for(self.target)
        return self._wire

    def sample_for(self, case: Case) -> tuple[Sample, Wire]:
        """The sample and wire for a case."""
        if case.destroys is None or self.fresh is None:
            return self.sample, self.wire
        target = self.fresh()
        target.connect()
        self._extra.append(target)
        sample = Sample(f"{self.sample.label}+{len(self._extra)}", raw_t0=self.sample.raw_t0)
        return sample, self.wire_for(target)

    def recover(self) -> None:
        """Reconnect after silence; a card is powered on too."""
        self.target.close()
        self.target.connect()
        if isinstance(self.target, CardTarget):
            self.target.power_on()

    def close(self) -> None:
        """Close every target."""
        for target in (self.target, *self._extra):
            target.close()


class Opening(Protocol):
    """What the setup case needs: the shared sample and the wire to it."""

    sample: Sample

    @property
    def wire(self) -> Wire:
        """The wire to the shared sample."""

    def recover(self) -> None:
        """Bring the target back after it went silent."""


def setup(context: RunContext, bench: Opening) -> Identity:
    """Run the setup case on the shared sample; a silent or broken target leaves the identity empty and is judged by
    the cases.
    """
    identity = Identity()
    wire = bench.wire
    wire.begin(SETUP.id, {"case": SETUP.id, "requirements": [], "title": SETUP.title, "sample": bench.sample.label})
    subject = SUBJECTS[context.kind](context, bench.sample, wire, SETUP.id, ())
    try:
        subject.identify(identity)
    except SilentTarget:
        # Silence closes the connection: without this the cases would tell of a card that was pulled.
        with contextlib.suppress(UserError):
            bench.recover()
    except (TargetError, CheckFailed):
        pass
    wire.end(Outcome(Verdict.PASS))
    return identity
