"""The target ``replay:BUNDLE``: recorded answers in a device's place, strictly in order.

``replay:BUNDLE#N`` takes the N-th run of a bundle that holds several. A sealed bundle needs its ``run.key`` beside it.
The evidence is read as a device would be asked: with the same nonce, declaration and suite a campaign sends the same
commands and messages; the first that differs ends it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from onecard.errors import UserError
from onecard.evidence import keyfile
from onecard.evidence.bundle import read
from onecard.evidence.canonical import canonical_value
from onecard.evidence.exchange import restore_exchange
from onecard.evidence.lines import Event
from onecard.evidence.messages import restore_message
from onecard.evidence.sealing import NullSealer, Sealer, Sealing
from onecard.targets.base import (
    CardRemoved,
    Message,
    SilentTarget,
    Target,
    TargetAbsent,
    TargetError,
    TargetOptions,
    TargetRefused,
)

KEY = "run.key"
_ERRORS: dict[str, type[TargetError]] = {"silent": SilentTarget, "removed": CardRemoved, "refused": TargetRefused}
_KINDS = frozenset(("apdu", "reset", "exchange"))
_OWN = frozenset(("wait", "measurement"))
"""Exchanges in which no target takes part."""
_BEHIND_APDUS = frozenset(("card", "psam", None))


class _Recorded:
    """The exchanges of one recorded run."""

    def __init__(self, description: str, path: Path, run: int) -> None:
        self.description = description
        self._path = path
        self._run = run
        self._sealing: Sealing = NullSealer()
        self._events: Iterator[Event] | None = None

    def connect(self) -> None:
        """Read the bundle, once. Raises TargetAbsent where it is unreadable, broken, sealed without key, or lacks the
        run.
        """
        if self._events is not None:
            return
        try:
            bundle = read(self._path)
            if bundle.header["sealing"]["key"] is not None:
                sealer = Sealer(keyfile.read_key(self._path.with_name(KEY)))
                sealer.check_key(bundle.header["sealing"])
                self._sealing = sealer
        except UserError as error:
            raise TargetAbsent(zh=error.text.zh, en=error.text.en) from None
        number, events = 0, []
        for event in bundle.events:
            number = event.body["run"] if event.kind == "run" else number
            if number == self._run and event.kind in _KINDS and event.body.get("do") not in _OWN:
                events.append(event)
        if not events:
            raise TargetAbsent(
                zh=f"{self._path} 中没有第 {self._run} 次运行", en=f"{self._path} holds no run {self._run}"
            )
        self._events = iter(events)

    def close(self) -> None:
        """Nothing is open."""

    def reader_name(self) -> str:
        """What stands in a reader's place."""
        return f"evidence {self._path.name}"

    def _next(self, kind: str, asked: str) -> Event:
        event = next(self._events or iter(()), None)
        if event is None:
            raise TargetError(
                zh=f"证据到此结束，没有对 {asked} 的应答", en=f"the evidence ends here: no answer to {asked}"
            )
        if event.kind != kind:
            raise self._diverged(event, asked, event.kind)
        return event

    def _diverged(self, event: Event, asked: str, recorded: str) -> TargetError:
        return TargetError(
            zh=f"{self._path} 第 {event.line} 行记录的是 {recorded}，不是 {asked}",
            en=f"{self._path} line {event.line} holds {recorded}, not {asked}",
        )


class ReplayTarget(_Recorded):
    """A recorded run on a card or PSAM."""

    def power_on(self) -> bytes:
        """The ATR of the next recorded reset, which must be a cold one."""
        return self._reset("cold")

    def reset(self) -> bytes:
        """The ATR of the next recorded reset, which must be a warm one."""
        return self._reset("warm")

    def _reset(self, kind: str) -> bytes:
        event = self._next("reset", f"{kind} reset")
        if event.body["kind"] != kind:
            raise self._diverged(event, f"{kind} reset", f"{event.body['kind']} reset")
        raise_recorded(event.body)
        return bytes.fromhex(event.body["atr"])

    def transmit(self, command: bytes) -> bytes:
        """The recorded answer to ``command``; TargetError where another command was recorded."""
        event = self._next("apdu", command.hex().upper())
        sent, received = restore_exchange(self._sealing, {**event.body, "r": event.body.get("r", "")})
        if sent != command:
            raise self._diverged(event, command.hex().upper(), sent.hex().upper())
        raise_recorded(event.body)
        return received


class ReplayService(_Recorded):
    """A recorded run on a service or terminal."""

    def exchange(self, request: Message) -> Message:
        """The recorded answer to ``request``; TargetError where another message was recorded."""
        asked = canonical_value(request).decode("utf-8")
        event = self._next("exchange", asked)
        sent, received = restore_message(self._sealing, event.body)
        if sent != request:
            raise self._diverged(event, asked, canonical_value(sent).decode("utf-8"))
        raise_recorded(event.body)
        return received or {}


def raise_recorded(body: Mapping[str, Any]) -> None:
    """Raise the target error that an event of the evidence records, if any; a cut that the tester made is none."""
    if body.get("error", "cut") != "cut":
        raise _ERRORS.get(body["error"], TargetError)(zh=body["text"]["zh"], en=body["text"]["en"])


def recorded_target(rest: str) -> str | None:
    """The target on which the run of ``replay:rest`` was recorded; None where there is no such run to read."""
    path, separator, run = rest.rpartition("#")
    try:
        runs = read(Path(path if separator else rest)).header["runs"]
        return str(runs[int(run if separator else "1") - 1]["target"])
    except (UserError, OSError, KeyError, IndexError, TypeError, ValueError):
        return None


def open_target(rest: str, options: TargetOptions) -> Target:
    """The target ``replay:BUNDLE`` or ``replay:BUNDLE#RUN``. Raises UserError for a run that is no number."""
    path, separator, run = rest.rpartition("#")
    if not separator:
        path, run = rest, "1"
    if not path or not run.isdecimal():
        raise UserError(
            zh=f"replay:{rest} 应为 replay:证据文件 或 replay:证据文件#序号",
            en=f"replay:{rest}: write replay:BUNDLE or replay:BUNDLE#RUN",
        )
    made = ReplayTarget if options.kind in _BEHIND_APDUS else ReplayService
    return made(f"replay:{rest}", Path(path), int(run))
