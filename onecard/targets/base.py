"""What the harness asks of a target, whatever carries the bytes or messages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

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


class OperatorLeft(TargetError):
    """Whoever carries out the calls has left: the case was not run, and the run ends here."""


Message = dict[str, Any]
"""A JSON object: strings, whole numbers, booleans, None, lists and objects."""


class Configured(Protocol):
    """What takes the settings of a case."""

    def configure(self, settings: Message) -> Message:
        """Take the settings of a case; returns what the case should know of them."""


class Instrument(Configured, Protocol):
    """What the tester puts before a device: the card that a terminal reads, the platform that a partner calls.

    It answers; nothing that it finds counts for a verdict.
    """

    def answer(self, ask: Message) -> Message:
        """Answer what the device asked."""


@dataclass(frozen=True, slots=True)
class TargetOptions:
    """What an adapter may need beside its own part of the target string.

    ``timeout``: longest wait for one answer, in seconds. ``kind``, ``profile`` and ``seed`` choose the embedded
    reference; ``variant`` is an altered reference (a mutant) and is understood by reference adapters only.
    ``instrument`` is the tester's other side, where the kind has one; ``parameters`` are those of the IXIT.
    """

    timeout: float = 5.0
    profile: str | None = None
    seed: str | None = None
    variant: object | None = None
    kind: str | None = None
    instrument: Instrument | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capability:
    """What the reader lets through, probed at the start of a run and kept in the evidence.

    ``raw_t0``: the tester sees 61xx and 6Cxx itself. When False the reader (or a protocol other than T=0) hides
    them, and what depends on them is inconclusive, never pass or fail. ``note`` says what the probe saw.
    """

    raw_t0: bool
    note: Text


class Target(Protocol):
    """Any target."""

    description: str

    def connect(self) -> None:
        """Open the reader, socket or program; raises TargetAbsent when it is not there."""

    def close(self) -> None:
        """Release everything; may be called again; never raises. ``connect`` may follow."""

    def reader_name(self) -> str:
        """What stands between us and the device, for the evidence."""


@runtime_checkable
class CardTarget(Target, Protocol):
    """A card (or PSAM) that answers command APDUs. Bytes in, bytes out."""

    def power_on(self) -> bytes:
        """Cold reset; returns the ATR."""

    def reset(self) -> bytes:
        """Warm reset; returns the ATR."""

    def transmit(self, command: bytes) -> bytes:
        """Send one command; returns data and the two status bytes."""


@runtime_checkable
class CuttableTarget(CardTarget, Protocol):
    """A card whose supply the tester can cut in the middle of a command."""

    def transmit_and_cut(self, command: bytes, step: int) -> bytes | None:
        """Send a command and cut the supply before the card's ``step``-th persistent write (from 1).

        None: it was cut, and the card is without supply; an answer: the command ended before.
        """


@runtime_checkable
class ContactlessTarget(CardTarget, Protocol):
    """A card that is reached over a contactless interface too."""

    def power_on_contactless(self) -> bytes:
        """Take the card off its contacts and into the field; returns the ATS."""


@runtime_checkable
class ExchangeTarget(Target, Protocol):
    """A service, or a terminal with its functions: messages in, messages out.

    A request says in ``do`` what is done: ``http`` (method, path, headers, body), ``call`` (call, args), ``instrument``
    (settings), ``receive`` (count, within_ms).
    """

    def exchange(self, request: Message) -> Message:
        """One exchange; raises SilentTarget, CardRemoved, TargetRefused or TargetError."""
