"""The encryptor over HTTP."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import JSONResponse

from emulator.hsm.desk import Answer, Call, Desk, object_of
from emulator.hsm.tcp import Conversation
from emulator.service import Clock, Control, Service, add_control, control_of, new_app

LARGEST_BODY = 65536
"""Bytes of a body that are read: far more than any string needs. Basis: profile."""


@dataclass
class HsmService(Service):
    """The encryptor's service; ``desk`` is what other transports share with it, ``control`` the interface for tests."""

    desk: Desk = field(kw_only=True)
    control: Control | None = None

    def conversation(self) -> Conversation:
        """A new connection over TCP, without a socket."""
        return Conversation(self.desk, self.control)


def build(desk: Desk, *, control_token: str | None = None, clock: Clock | None = None) -> HsmService:
    """The service: one endpoint for all strings.

    ``control_token`` opens the control interface for tests; without it there is none.
    """
    spec = desk.spec
    transport, channel = spec.transport, spec.channel_header
    app = new_app("OneCard reference encryptor")
    service = HsmService(app=app, clock=clock or Clock(), reset=desk.reset, desk=desk)

    async def answer(request: Request) -> JSONResponse:
        headers, body = request.headers, await _body(request)
        call = Call(
            id=headers.get(transport.id_header, ""),
            key=headers.get(transport.key_header, ""),
            channel=headers.get(channel, "") if channel is not None else "",
            object=None if body is None else object_of(body),
            size=None if body is None else len(body),
            via="http",
        )
        return _response(desk.take(call))

    # Not a FastAPI endpoint: there is nothing to inject and no model to check.
    app.add_route(transport.path, answer, methods=[transport.method])
    if control_token is not None:
        service.control = control_of(service, control_token)
        add_control(service, control_token)
    return service


def _response(answer: Answer) -> JSONResponse:
    return JSONResponse(dict(answer.body), status_code=answer.status, headers=dict(answer.headers))


async def _body(request: Request) -> bytes | None:
    # A body is not read to its end only to be refused.
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LARGEST_BODY:
            return None
    return bytes(found)
