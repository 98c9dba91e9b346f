"""What the harness asks of a card target, whatever carries the bytes."""

from dataclasses import dataclass
from typing import Protocol

from onecard.errors import UserError
from onecard.spec.text import Text


class TargetAbsent(UserError):
    """There is no such reader, card or host: nothing was sent (exit code 2)."""


class TargetError(UserError):
    """The run began and the target stopped taking part (exit code 3)."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en, exit_code=3)


class SilentTarget(TargetError):
    """No answer within the time limit."""


class CardRemoved(TargetError):
    """The card was pulled, or the connection to it ended."""


class TargetRefused(TargetError):
    """The reader itself refused the command: this says nothing about the card."""


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What an adapter may need beside its own part of the target string.

    ``timeout``: longest wait for one answer, in seconds. ``profile`` and ``seed`` choose the embedded reference;
    ``variant`` is an altered reference (a mutant) and is understood by reference adapters only.
    """

    timeout: float = 5.0
    profile: str | None = None
    seed: str | None = None
    variant: object | None = None


@dataclass(frozen=True, slots=True)
class Capability:
    """What the reader lets through, probed at the start of a run and kept in the evidence.

    ``raw_t0``: the tester sees 61xx and 6Cxx itself. When False the reader (or a protocol other than T=0) hides
    them, and what depends on them is inconclusive, never pass or fail. ``note`` says what the probe saw.
    """

    raw_t0: bool
    note: Text


class CardTarget(Protocol):
    """A card (or PSAM) that answers command APDUs. Bytes in, bytes out."""

    description: str

    def connect(self) -> None:
        """Open the reader or socket; raises TargetAbsent when it is not there."""

    def power_on(self) -> bytes:
        """Cold reset; returns the ATR."""

    def reset(self) -> bytes:
        """Warm reset; returns the ATR."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command; returns data and the two status bytes."""

    def close(self) -> None:
        """Release everything; may be called again; never raises."""

    def reader_name(self) -> str:
        """What stands between us and the card, for the evidence."""
