"""The platform that a partner notifies: answers as a test wants it to, and checks nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from emulator.envelope.codec import Envelope, EnvelopeBehaviour, Party
from emulator.partner.delivery import OK, common_fields
from onecard.spec.partner import NOTIFY, PartnerSpec

Message = dict[str, Any]


@dataclass
class NotifyDesk:
    """Answers notifications in the ways named by ``answers``, one after the other; the last one stays.

    ``now`` gives milliseconds since 1970.
    """

    spec: PartnerSpec
    party: Party
    now: Callable[[], int]
    answers: tuple[str, ...] = ("ok",)
    _answered: int = 0

    def answer(self, request: Mapping[str, Any]) -> Message:
        """The answer {status, headers, body} to a request {method, path, headers, body}."""
        way = self.answers[min(self._answered, len(self.answers) - 1)]
        self._answered += 1
        return WAYS[way](self, _message_id(self.spec, request))

    def _sealed(self, msg_id: str, code: str = OK) -> Message:
        found = self.spec.code(code)
        operation = self.spec.operations[NOTIFY]
        values = common_fields(self.spec, self.party.app_id, msg_id, operation.trans_type, self.now())
        values |= {"CODE": found.code, "MESSAGE": f"{found.name.zh} / {found.name.en}"}
        fields = {self.spec.field(name).key: value for name, value in values.items() if value}
        return Envelope(self.spec, self.party, EnvelopeBehaviour()).sealed(fields, None)

    def _json(self, body: Message, status: int = 200) -> Message:
        text = json.dumps(body, ensure_ascii=False)
        return {"status": status, "headers": {"content-type": self.spec.content_type}, "body": text}

    def _ok(self, msg_id: str) -> Message:
        return self._json(self._sealed(msg_id))

    def _error(self, msg_id: str) -> Message:
        return self._json(self._sealed(msg_id, "BUSINESS"))

    def _unsigned(self, msg_id: str) -> Message:
        body = self._sealed(msg_id)
        del body[self.spec.field("SIGN-DATA").key]
        return self._json(body)

    def _wrong_signature(self, msg_id: str) -> Message:
        # A signature of the right key over another code.
        signature = self.spec.field("SIGN-DATA").key
        return self._json({**self._sealed(msg_id), signature: self._sealed(msg_id, "BUSINESS")[signature]})

    def _other_message(self, msg_id: str) -> Message:
        return self._json(self._sealed(msg_id[::-1] + "0"))

    def _server_error(self, _msg_id: str) -> Message:
        return {"status": 500, "headers": {"content-type": "text/plain"}, "body": "internal error"}

    def _html(self, _msg_id: str) -> Message:
        return {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html><body>ok</body></html>"}


WAYS: Mapping[str, Callable[[NotifyDesk, str], Message]] = MappingProxyType(
    {
        "ok": NotifyDesk._ok,
        "error": NotifyDesk._error,
        "unsigned": NotifyDesk._unsigned,
        "wrong-signature": NotifyDesk._wrong_signature,
        "other-message": NotifyDesk._other_message,
        "server-error": NotifyDesk._server_error,
        "html": NotifyDesk._html,
    }
)
"""The ways of answering, by the name that a test gives."""


def _message_id(spec: PartnerSpec, request: Mapping[str, Any]) -> str:
    try:
        message = json.loads(str(request.get("body") or ""))
    except ValueError:
        return ""
    found = message.get(spec.field("MSG-ID").key) if isinstance(message, dict) else None
    return found if isinstance(found, str) else ""
