"""The wire between a case and the target: live and recorded, or told again from the evidence."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Protocol

from onecard.errors import UserError
from onecard.evidence.exchange import mask_exchange
from onecard.evidence.messages import MEASUREMENT, NotRecordable, mask_message
from onecard.evidence.sealing import Sealing
from onecard.evidence.writer import EvidenceWriteError
from onecard.harness.interrupt import Gate
from onecard.harness.verdict import Check, Outcome, failure_text
from onecard.laboratory.sheet import Sheet
from onecard.spec.text import Text
from onecard.targets.base import (
    CardRemoved,
    CardTarget,
    ContactlessTarget,
    CuttableTarget,
    ExchangeTarget,
    Message,
    SilentTarget,
    Target,
    TargetError,
    TargetRefused,
)

Body = dict[str, Any]
SYNC_SECONDS = 1.0
"""The least time between two waits for the disk during a run."""


class Log(Protocol):
    """Where events go: the evidence writer, or memory."""

    def append(self, kind: str, body: Body, case: str | None = None) -> int:
        """Record one event; returns its number."""

    def sync(self) -> None:
        """Bring what was recorded to the disk."""


class MemoryLog:
    """Keeps events in memory (proof runs, which need no evidence)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, Body, str | None]] = []

    def append(self, kind: str, body: Body, case: str | None = None) -> int:
        """Keep one event."""
        self.events.append((kind, body, case))
        return len(self.events)

    def sync(self) -> None:
        """Nothing to do."""


class Wire(Protocol):
    """What a case may do with the target; every call leaves an event."""

    def begin(self, case: str, body: Body) -> None:
        """A case begins."""

    def reset(self, kind: str) -> bytes:
        """Cold or warm reset, returns the ATR; contactless: into the field, returns the ATS."""

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        """One exchange; returns the response and the number of its event."""

    def transmit_and_cut(self, command: bytes, step: int) -> tuple[bytes | None, int]:
        """One exchange in which the supply is cut before persistent step ``step``; None where it was."""

    def exchange(self, request: Message) -> tuple[Message, int]:
        """One exchange of messages; returns the answer and the number of its event."""

    def secret(self, name: str, provide: Callable[[], bytes | None]) -> bytes | None:
        """A PIN, key or parameter from the key source; None when there is none."""

    def check(self, check: Check) -> None:
        """A comparison was made."""

    def note(self, text: Text) -> None:
        """Something worth telling."""

    def end(self, outcome: Outcome, refused: Sequence[str] = ()) -> None:
        """The case has ended. ``refused``: what the sample refused of the IXIT's PIN and keys so far."""


def _is_sealed(check: Check, sealed: Collection[int]) -> bool:
    return check.secret and (bool(sealed) if check.across else check.of in sealed)


def check_body(check: Check, sealing: Sealing, sealed: Collection[int]) -> Body:
    """A check as it stands in the evidence; ``sealed``: events of the case whose answers hold sealed data."""
    secret = _is_sealed(check, sealed)
    return {
        "of": check.of,
        "requirement": check.requirement,
        "what": check.what,
        "expected": check.open_expected if secret else check.expected,
        "received": check.open_received if secret else check.received,
        "judges": check.judges,
        "digest": sealing.judged_digest(check.judged),
        "ok": check.ok,
    }


def has_sealed_answer(body: Body) -> bool:
    """Whether the answer of a recorded exchange holds sealed data."""
    return any(seal["in"] == "r" for seal in body.get("sealed", ()))


def end_body(case: str, outcome: Outcome, refused: Sequence[str] = (), sealed: Collection[int] = ()) -> Body:
    """The end of a case as it stands in the evidence; ``refused`` only where there is any.

    ``sealed``: events of the case whose answers hold sealed data, which a failed check must not tell.
    """
    failed, why = outcome.failed, outcome.why
    if failed is not None and _is_sealed(failed, sealed):
        why = failure_text(failed.what, failed.open_expected, failed.open_received)
    return {
        "case": case,
        "verdict": str(outcome.verdict),
        "why": {"zh": why.zh, "en": why.en} if why else None,
        "failed": {"requirement": failed.requirement, "of": failed.of} if failed else None,
        **({"refused": list(refused)} if refused else {}),
    }


_ERRORS: dict[type[TargetError], str] = {SilentTarget: "silent", CardRemoved: "removed", TargetRefused: "refused"}


def error_name(error: TargetError) -> str:
    """The word for a target error in the evidence."""
    return next((name for kind, name in _ERRORS.items() if isinstance(error, kind)), "failed")


class LiveWire:
    """Talks to a target and records each exchange as it is made."""

    def __init__(
        self,
        target: Target,
        log: Log,
        sealing: Sealing,
        clear_tags: frozenset[int],
        gate: Gate,
        laboratory: Sheet | None = None,
    ) -> None:
        self.target = target
        self._laboratory = laboratory
        self._log = log
        self._sealing = sealing
        self._clear_tags = clear_tags
        self._gate = gate
        self._case = ""
        self._previous: bytes | None = None
        self._sealed: set[int] = set()
        self._synced = time.monotonic()
        self._lost: EvidenceWriteError | None = None
        self._card = target if isinstance(target, CardTarget) else None
        self._service = target if isinstance(target, ExchangeTarget) else None

    def _record(self, kind: str, body: Body) -> int:
        # Once evidence cannot be written the run ends, but what a case changed on the card is still undone.
        if self._lost is not None:
            return 0
        try:
            return self._log.append(kind, body, self._case or None)
        except EvidenceWriteError as error:
            self._lost = error
            raise

    def begin(self, case: str, body: Body) -> None:
        self._case = case
        self._previous = None
        self._sealed.clear()
        self._record("begin", body)

    def reset(self, kind: str) -> bytes:
        self._gate.check()
        started = time.perf_counter()
        self._previous = None
        try:
            atr = self._resets()[kind]()
        except TargetError as error:
            self._record(
                "reset", {"kind": kind, "error": error_name(error), "ms": _since(started), "text": _both(error)}
            )
            raise
        self._record("reset", {"kind": kind, "atr": atr.hex().upper(), "ms": _since(started)})
        return atr

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        self._gate.check()
        started = time.perf_counter()
        try:
            response = self._behind_apdus().transmit(command)
        except TargetError as error:
            body = mask_exchange(self._sealing, command, b"", self._clear_tags, self._previous)
            del body["r"]
            self._record("apdu", {**body, "error": error_name(error), "ms": _since(started), "text": _both(error)})
            raise
        body = mask_exchange(self._sealing, command, response, self._clear_tags, self._previous)
        body["ms"] = _since(started)
        # The answer to a GET RESPONSE belongs to the command before it, whatever stands between.
        if command[1:2] != b"\xc0":
            self._previous = command
        event = self._record("apdu", body)
        if has_sealed_answer(body):
            self._sealed.add(event)
        return response, event

    def transmit_and_cut(self, command: bytes, step: int) -> tuple[bytes | None, int]:
        self._gate.check()
        if not isinstance(self.target, CuttableTarget):
            raise TargetRefused(
                zh=f"{self.target.description} 不能在命令执行中断电",
                en=f"{self.target.description} cannot cut the supply within a command",
            )
        started = time.perf_counter()
        response = self.target.transmit_and_cut(command, step)
        body = mask_exchange(self._sealing, command, response or b"", self._clear_tags, self._previous)
        body.update(cut=step, ms=_since(started))
        if response is None:
            del body["r"]
            body["error"] = "cut"
        self._previous = command
        event = self._record("apdu", body)
        if has_sealed_answer(body):
            self._sealed.add(event)
        return response, event

    def _resets(self) -> Mapping[str, Callable[[], bytes]]:
        card = self._behind_apdus()
        resets = {"cold": card.power_on, "warm": card.reset}
        if isinstance(card, ContactlessTarget):
            resets["contactless"] = card.power_on_contactless
        return resets

    def _behind_apdus(self) -> CardTarget:
        if self._card is None:
            raise TargetError(
                zh=f"{self.target.description} 不接受命令 APDU", en=f"{self.target.description} takes no command APDUs"
            )
        return self._card

    def exchange(self, request: Message) -> tuple[Message, int]:
        self._gate.check()
        started = time.perf_counter()
        try:
            response = self._answer(request)
            body = self._masked(request, response)
        except TargetError as error:
            body = mask_message(self._sealing, request, None)
            self._record("exchange", {**body, "error": error_name(error), "ms": _since(started), "text": _both(error)})
            raise
        body["ms"] = _since(started)
        event = self._record("exchange", body)
        if "sealed" in body:
            self._sealed.add(event)
        return response, event

    def _masked(self, request: Message, response: Message) -> Body:
        try:
            return mask_message(self._sealing, request, response)
        except NotRecordable as error:
            # What cannot stand in the evidence is no answer: a replay could not judge it.
            raise TargetError(zh=error.text.zh, en=error.text.en) from None

    def _answer(self, request: Message) -> Message:
        if request["do"] == "wait":
            self._wait(request["ms"] / 1000)
            return {}
        if request["do"] == MEASUREMENT:
            return self._laboratory.answer(request["quantity"]) if self._laboratory is not None else {"values": []}
        if self._service is None:
            raise TargetError(
                zh=f"{self.target.description} 不是服务，只接受命令 APDU",
                en=f"{self.target.description} is no service: it takes command APDUs only",
            )
        return self._service.exchange(request)

    def _wait(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            self._gate.check()
            time.sleep(min(left, 0.2))

    def secret(self, name: str, provide: Callable[[], bytes | None]) -> bytes | None:
        value = provide()
        if value is not None:
            masked, sealed = self._sealing.mask(value, [(0, len(value))], f"secret {name}")
            self._record("secret", {"name": name, "value": masked, **({"sealed": sealed} if sealed else {})})
        else:
            self._record("secret", {"name": name, "value": None})
        return value

    def check(self, check: Check) -> None:
        self._record("check", check_body(check, self._sealing, self._sealed))

    def note(self, text: Text) -> None:
        self._record("note", {"zh": text.zh, "en": text.en})

    def end(self, outcome: Outcome, refused: Sequence[str] = ()) -> None:
        self._record("end", end_body(self._case, outcome, refused, self._sealed))
        self._case = ""
        # Every line is with the operating system already; once a second they go down to the disk as well.
        if self._lost is None and time.monotonic() - self._synced >= SYNC_SECONDS:
            self._log.sync()
            self._synced = time.monotonic()

    @property
    def lost(self) -> EvidenceWriteError | None:
        """The error that ended the record, if any."""
        return self._lost


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def _both(error: UserError) -> Body:
    return {"zh": error.text.zh, "en": error.text.en}
