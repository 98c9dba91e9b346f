"""The encryptor over HTTP."""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import JSONResponse

from emulator.hsm.hsm import ReferenceHsm
from emulator.hsm.reading import Refused
from emulator.service import Clock, Service, add_control, new_app


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a caller sends in the headers."""

    id: str
    key: str


def build(
    hsm: ReferenceHsm, credentials: Credentials, *, control_token: str | None = None, clock: Clock | None = None
) -> Service:
    """The service: one endpoint for all strings. It keeps no state.

    ``control_token`` opens the control interface for tests; without it there is none.
    """
    spec, behaviour = hsm.spec, hsm.behaviour
    transport = spec.transport
    app = new_app("OneCard reference encryptor")
    service = Service(app=app, clock=clock or Clock(), reset=lambda: None)

    def refusal(name: str, text: str = "") -> JSONResponse:
        error = spec.error(name)
        body = {"code": error.code, "message": {"zh": error.message.zh, "en": error.message.en}}
        status, shown = behaviour.refusal(error.status, body, text)
        return JSONResponse(dict(shown), status_code=status)

    @app.api_route(transport.path, methods=[transport.method])
    async def answer(request: Request) -> JSONResponse:
        given = (request.headers.get(transport.id_header, ""), request.headers.get(transport.key_header, ""))
        if not behaviour.authorised(given, _same(given, credentials)):
            return refusal("UNAUTHORIZED")
        text = behaviour.reads_request(_object(await request.body()), transport.request)
        if text is None:
            return refusal("BAD-REQUEST")
        try:
            return JSONResponse({transport.response: hsm.service(text)})
        except Refused as error:
            return refusal(error.name, text)

    if control_token is not None:
        add_control(service, control_token)
    return service


def _same(given: tuple[str, str], credentials: Credentials) -> bool:
    # One comparison over both, so that its time does not tell which of them is wrong.
    return hmac.compare_digest("\n".join(given).encode(), f"{credentials.id}\n{credentials.key}".encode())


def _object(body: bytes) -> Mapping[str, object] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
