"""The encryptor behind any transport: credential, rate, rights, the string, the answer, and one audit record of it."""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from emulator.hsm.authority import Authority, Caller, Institution
from emulator.hsm.hsm import ReferenceHsm
from emulator.hsm.rates import Rates
from emulator.hsm.reading import Refused, Request
from onecard.spec.hsm import KEY_ADDRESS, PLAIN, REGION

RETRY_AFTER = "retry-after"
_OK, _FAILED, _NOTHING = 200, 500, ""
_INTERNAL = MappingProxyType({"code": "internal", "message": {"zh": "内部错误", "en": "internal error"}})


@dataclass(frozen=True, slots=True)
class Call:
    """What a caller sent: its credential, the channel that it names, and the JSON object (None: what came is none).

    ``size``: bytes of it, None where there was more than is read. ``via``: http or tcp.
    """

    id: str
    key: str = field(repr=False)
    channel: str
    object: Mapping[str, object] | None = field(repr=False)
    size: int | None
    via: str


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status, JSON object, and headers of its own."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(slots=True)
class Entry:
    """What the audit log is told of a request: nothing that is secret. Empty where it is not known.

    ``text``: the string that was read, without the PIN of a reload. ``size``: bytes of the body, 0 where not all of
    it was read.
    """

    via: str
    size: int
    institution: str = _NOTHING
    channel: str = _NOTHING
    service: str = _NOTHING
    address: str = _NOTHING
    region: str = _NOTHING
    text: str = _NOTHING
    status: int = _OK
    code: str = _NOTHING


class Log(Protocol):
    """Where each request is recorded before it is answered; raises OSError where it cannot be."""

    def record(self, entry: Entry) -> None: ...


class Desk:
    """Takes calls from any transport and any thread, one at a time. ``now``: milliseconds, never going
    back.

    ``log``: the audit log; where a record cannot be written the caller gets 500 and no result.
    """

    def __init__(
        self,
        hsm: ReferenceHsm,
        institutions: tuple[Institution, ...],
        *,
        now: Callable[[], int],
        log: Log | None = None,
    ) -> None:
        self.spec = hsm.spec
        self.behaviour = hsm.behaviour
        self._hsm = hsm
        self._authority = Authority(institutions, hsm.behaviour)
        self._rates = Rates(now)
        self._log = log
        self._lock = threading.Lock()

    def reset(self) -> None:
        """Forget what was counted."""
        with self._lock:
            self._rates.reset()

    def take(self, call: Call) -> Answer:
        """The answer to a call; never raises for what a caller sent."""
        entry = Entry(call.via, call.size or 0)
        with self._lock:
            # A defect of ours is one answer without a result, and no more; what it says might hold a key or a PIN.
            answer = Answer(_FAILED, _INTERNAL)
            with suppress(Exception):
                answer = self._answered(call, entry)
            return self._recorded(entry, answer)

    def unreadable(self, name: str, via: str, size: int) -> Answer:
        """The refusal ``name`` of what tells no caller: ``size`` bytes that no call could be made of."""
        with self._lock:
            return self._recorded(Entry(via, size), self.refused(name))

    def refused(self, name: str, text: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """A refusal by its name in the data; ``text``: the string that is refused."""
        error = self.spec.error(name)
        body = {"code": error.code, "message": {"zh": error.message.zh, "en": error.message.en}}
        status, shown = self.behaviour.refusal(error.status, body, text)
        return Answer(status, shown, headers or {})

    def _recorded(self, entry: Entry, answer: Answer) -> Answer:
        entry.status, entry.code = answer.status, str(answer.body.get("code", _NOTHING))
        if self._log is not None:
            try:
                self._log.record(entry)
            except OSError:
                return Answer(_FAILED, _INTERNAL)
        return answer

    def _answered(self, call: Call, entry: Entry) -> Answer:
        behaviour, transport = self.behaviour, self.spec.transport
        known = self._authority.known(call.id, call.key)
        if not behaviour.authorised((call.id, call.key), known is not None):
            return self.refused("UNAUTHORIZED")
        institution = known or self._authority.named(call.id)
        entry.institution = institution.id
        late = self._too_often(institution)
        if late is not None:
            return late
        caller = self._authority.caller(institution, call.channel)
        if caller is None:
            return self.refused("FORBIDDEN")
        entry.channel = caller.channel
        if call.size is None:
            return self.refused("TOO-LONG")
        text = behaviour.reads_request(call.object, transport.request)
        if text is None:
            return self.refused("BAD-REQUEST")
        try:
            return self._computed(caller, text, entry)
        except Refused as error:
            return self.refused(error.name, text)

    def _computed(self, caller: Caller, text: str, entry: Entry) -> Answer:
        request = self._hsm.read(text)
        _tell(entry, request, self.spec.strings.separator)
        if not self._authority.permits(caller, request):
            return self.refused("FORBIDDEN", text)
        return Answer(_OK, {self.spec.transport.response: self._hsm.answer(request)})

    def _too_often(self, institution: Institution) -> Answer | None:
        limit, behaviour = institution.per_minute, self.behaviour
        if limit is None:
            return None
        counted = institution.id
        if behaviour.within_rate(self._rates.served(counted), limit):
            self._rates.count(counted)
            return None
        seconds = behaviour.retry_after(self._rates.seconds_left(counted))
        return self.refused("RATE", headers={} if seconds is None else {RETRY_AFTER: str(seconds)})


def _tell(entry: Entry, request: Request, separator: str) -> None:
    fields = request.fields
    entry.service, entry.region = request.service.number, fields[REGION]
    entry.address = fields.get(KEY_ADDRESS, _NOTHING)
    # The PIN of a reload has so few values that even a digest of it would tell it.
    told = (_NOTHING if field.role == PLAIN else fields.get(field.role, _NOTHING) for field in request.service.fields)
    entry.text = separator.join((request.service.number, *told, _NOTHING))


def object_of(body: bytes) -> Mapping[str, object] | None:
    """The JSON object that a body is; None where it is none."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
