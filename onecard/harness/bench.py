"""Sample cards for cases: one device, or fresh samples of a reference; probing and identifying them."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from onecard.errors import UserError
from onecard.harness.card import CardUnderTest
from onecard.harness.case import Case
from onecard.harness.context import Sample
from onecard.harness.verdict import CheckFailed, Outcome, Verdict
from onecard.harness.wire import Wire
from onecard.targets.base import CardTarget, SilentTarget, TargetError

SETUP = Case(id="setup", title="Identify the sample and probe the reader.", requirements=(), destroys=None)
"""The pseudo-case that opens each run: it has no verdict of its own and counts nowhere."""


@dataclass
class Identity:
    """What identifies a sample: ATR and card identification code, where they could be read."""

    atr: str = ""
    identification: str | None = None


@dataclass
class CardBench:
    """Gives cases their wire. With ``fresh`` (reference targets) each destructive case gets a sample of its own."""

    target: CardTarget
    wire_for: Callable[[CardTarget], Wire]
    fresh: Callable[[], CardTarget] | None = None
    sample: Sample = field(default_factory=lambda: Sample("A"))
    _wire: Wire | None = None
    _extra: list[CardTarget] = field(default_factory=list)

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
        """Reconnect and power on after silence."""
        self.target.close()
        self.target.connect()
        self.target.power_on()

    def close(self) -> None:
        """Close every target."""
        for target in (self.target, *self._extra):
            target.close()


def identify(card: CardUnderTest, sample: Sample, identity: Identity) -> None:
    """The body of the setup case: ATR, reader capability, identification code; a card that refuses a step is still
    run.
    """
    identity.atr = card.power_on().hex().upper()
    application, file = card.spec.applications["SSSE"], card.spec.file("SSSE/EF05")
    item = next(item for item in file.items if item.check == "CHECK/IDENTIFICATION-CODE")
    first = card.transmit(card.apdu.select_name(application.aid))
    sample.raw_t0 = not first.data
    card.send(card.apdu.select_name(application.aid))
    card.send(card.apdu.select_ef(file.fid))
    response = card.send(card.apdu.read_record(item.tag, 0, le=item.length + 2))
    if response.is_ok and len(response.data) == item.length + 2:
        identity.identification = response.data[2:].hex().upper()


class Opening(Protocol):
    """What the setup case needs: the shared sample and the wire to it."""

    sample: Sample

    @property
    def wire(self) -> Wire:
        """The wire to the shared sample."""

    def recover(self) -> None:
        """Bring the target back after it went silent."""


def setup(context_card: Callable[[Sample, Wire], CardUnderTest], bench: Opening) -> Identity:
    """Run the setup case on the shared sample; a silent or broken card leaves the identity empty and is judged by
    the cases.
    """
    identity = Identity()
    wire = bench.wire
    wire.begin(SETUP.id, {"case": SETUP.id, "requirements": [], "title": SETUP.title, "sample": bench.sample.label})
    card = context_card(bench.sample, wire)
    try:
        identify(card, bench.sample, identity)
    except SilentTarget:
        # Silence closes the connection: without this the cases would tell of a card that was pulled.
        with contextlib.suppress(UserError):
            bench.recover()
    except (TargetError, CheckFailed):
        pass
    wire.end(Outcome(Verdict.PASS))
    return identity
