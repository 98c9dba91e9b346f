"""The e-card service over HTTP: routes by the data."""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.code import Codes
from emulator.ecard.desk import Desk
from emulator.ecard.errors import Refused
from emulator.ecard.proof import RootKey
from emulator.ecard.register import Register
from emulator.ecard.service import PATH_KEY, EcardService, World
from emulator.envelope.sm2 import BadKey, PrivateKey
from emulator.service import Clock, Service, ServiceError, add_control, new_app
from onecard.spec.card import CardSpec
from onecard.spec.ecard import EcardSpec, Operation

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Setting:
    """What one installation of the service has: the cards that it knows (by field key), the key of each role, the rules
    of cards by project profile, its root keys, and the token of the control interface (None: it has none).
    """

    directory: tuple[Mapping[str, str], ...]
    credentials: Mapping[str, str]
    cards: Mapping[str, CardSpec]
    root: RootKey
    token: str | None


def build(
    spec: EcardSpec,
    setting: Setting,
    *,
    behaviour: EcardBehaviour | None = None,
    clock: Clock | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Service:
    """The service as an ASGI application with its control interface.

    The signing key is drawn anew for each, and outlives a reset.
    """
    acting = behaviour or EcardBehaviour()
    time = clock or Clock()
    desk = Desk(spec, acting, setting.credentials)
    register = Register.of(setting.directory, spec.state("NORMAL"))
    world = World(time.now, random, setting.cards, setting.root)
    core = EcardService(spec, acting, desk, world, Codes(spec, acting, _signing_key(random)), register)
    app = new_app("e-card service")
    for operation in spec.operations.values():
        handler = _handler(operation, desk, core)
        app.add_api_route(operation.path, handler, methods=[operation.method], response_model=None)
    service = Service(app, time, lambda: _begin_anew(register, setting.directory, spec))
    if setting.token is not None:
        add_control(service, setting.token)
    return service


def _signing_key(random: Callable[[int], bytes]) -> PrivateKey:
    while True:
        try:
            return PrivateKey(random(KEY_BYTES))
        except BadKey:
            continue


def _begin_anew(register: Register, directory: Iterable[Mapping[str, str]], spec: EcardSpec) -> None:
    fresh = Register.of(directory, spec.state("NORMAL"))
    register.cards, register.ecards = fresh.cards, fresh.ecards
    register.proofs, register.codes = fresh.proofs, fresh.codes


def _handler(operation: Operation, desk: Desk, core: EcardService) -> Callable[[Request], Awaitable[JSONResponse]]:
    async def handle(request: Request) -> JSONResponse:
        try:
            desk.admit(operation, request.headers.get("authorization", ""))
            given = desk.fields(operation, await _json(request)) if operation.request else {}
            answer = core.perform(operation, {**given, PATH_KEY: request.path_params.get(PATH_KEY, "")})
        except Refused as refused:
            raise ServiceError(
                refused.refusal.status, refused.refusal.code, refused.message.zh, refused.message.en
            ) from refused
        return JSONResponse(dict(answer.body), status_code=answer.status)

    return handle


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except (ValueError, RecursionError):
        return None
