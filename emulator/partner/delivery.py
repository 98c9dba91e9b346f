"""A notification on its way to the platform: what is sent, and when it counts as delivered. No clock, no network."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.envelope.cipher import CannotDecipher
from emulator.envelope.codec import Envelope
from emulator.envelope.reading import NotAMessage, read_object
from emulator.envelope.times import stamp
from emulator.partner.behaviour import Answered, PartnerBehaviour
from onecard.spec.partner import NOTIFY, PartnerSpec

OK = "OK"
_NOT_ANSWERED = Answered(0, is_signed=False, code_is_ok=False, this_message=False)


def common_fields(spec: PartnerSpec, app_id: str, msg_id: str, trans_type: str, at: int) -> dict[str, str]:
    """The protocol fields that requests and answers have alike, by the last part of their id."""
    return {
        "APP-ID": app_id,
        "ENC-TYPE": spec.field("ENC-TYPE").pattern,
        "SIGN-TYPE": spec.field("SIGN-TYPE").pattern,
        "TIMESTAMP": stamp(spec.timestamp, at),
        "VERSION": spec.version,
        "TRANS-TYPE": trans_type,
        "MSG-ID": msg_id,
    }


@dataclass
class Delivery:
    """One notification with ``data``; ``draw`` gives n random bytes."""

    envelope: Envelope
    behaviour: PartnerBehaviour
    draw: Callable[[int], bytes]
    data: dict[str, str]
    begun: int = 0
    made: int = 0
    _first: str = ""
    _current: str = ""
    _delivered: bool = False

    @property
    def finished(self) -> bool:
        """Delivered, or given up."""
        if self._delivered and self.behaviour.stops_when_delivered():
            return True
        return self.made >= self.behaviour.attempts(self.envelope.spec.attempts)

    def request(self, now: int) -> dict[str, Any]:
        """The next attempt as {method, path, headers, body}."""
        spec = self.envelope.spec
        operation = spec.operations[NOTIFY]
        fresh = self.draw(12).hex().upper()
        self.begun = self.begun or now
        self._first = self._first or fresh
        self._current = self.behaviour.message_id(self._first, fresh if spec.new_message_id else self._first)
        self.made += 1
        at = self.behaviour.notify_time(self.begun, now)
        fields = common_fields(spec, self.envelope.party.app_id, self._current, operation.trans_type, at)
        keyed = {spec.field(name).key: value for name, value in fields.items()}
        message = self.behaviour.notification(self.envelope.sealed(keyed, self.behaviour.notified_data(self.data)))
        return {
            "method": "POST",
            "path": self.behaviour.notify_path(operation.path),
            "headers": {"content-type": spec.content_type},
            "body": json.dumps(message, ensure_ascii=False),
        }

    def answered(self, answer: Mapping[str, Any] | None) -> None:
        """Take the platform's answer {status, headers, body}; None when none came."""
        judged = _NOT_ANSWERED if answer is None else self._judged(answer)
        self._delivered = self._delivered or self.behaviour.delivered(judged, judged.is_right)

    def _judged(self, answer: Mapping[str, Any]) -> Answered:
        spec, status = self.envelope.spec, int(answer["status"])
        try:
            message = read_object(str(answer.get("body") or ""), self.behaviour.refuses_twice)
            opened = self.envelope.opened(message) if spec.field("ENC-DATA").key in message else None
        except (CannotDecipher, NotAMessage):
            return Answered(status, is_signed=False, code_is_ok=False, this_message=False)
        return Answered(
            status,
            is_signed=self.envelope.holds(message, opened),
            code_is_ok=message.get(spec.field("CODE").key) == spec.code(OK).code,
            this_message=message.get(spec.field("MSG-ID").key) == self._current,
        )
