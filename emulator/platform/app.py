"""The platform over HTTP: routes from the interface document, and the control interface for tests."""

import secrets
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse

from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.database import IN_MEMORY, Card, Store
from emulator.platform.messages import Institution
from emulator.platform.operations import SECONDS_OF_A_DAY
from emulator.platform.parties import MODES, Failure, Parties
from emulator.platform.platform import Platform
from emulator.platform.seeds import with_timers
from emulator.platform.validation import Validator
from emulator.service import Clock, Service, ServiceError, add_control, new_app
from onecard.spec.openapi import Interface
from onecard.spec.platform import PlatformSpec


def build(
    spec: PlatformSpec,
    interface: Interface,
    institutions: Mapping[str, Institution],
    cards: Sequence[Card],
    *,
    clock: Clock | None = None,
    behaviour: PlatformBehaviour | None = None,
    random: Callable[[int], bytes] = secrets.token_bytes,
    control_token: str | None = None,
    database: str = IN_MEMORY,
) -> Service:
    """A platform with these callers and cards. A database that has cards already keeps them.

    ``control_token`` opens the control interface: reset, advance {seconds}, fail {party, step, mode, times}, parties.
    """
    clock = clock or Clock()
    store = Store(database)
    parties = Parties(_party_names(spec))
    platform = Platform(
        spec, Validator(interface), store, institutions, parties, clock, behaviour or PlatformBehaviour(), random
    )

    def reset() -> None:
        parties.reset()
        store.refill(with_timers(spec, cards, clock.now(), SECONDS_OF_A_DAY))

    if store.empty():
        reset()
    service = Service(new_app("onecard platform"), clock, reset, _actions(parties))
    # Nobody closes an application in this process; a database that is merely forgotten makes Python 3.13 warn.
    weakref.finalize(service.app, store.close)
    for operation in interface.operations.values():
        service.app.add_route(operation.path, _route(platform, operation.id), methods=[operation.method])
    if control_token is not None:
        add_control(service, control_token)
    return service


def _party_names(spec: PlatformSpec) -> tuple[str, ...]:
    return tuple(dict.fromkeys(state.party for state in spec.saga.values() if state.party is not None))


def _route(platform: Platform, operation: str) -> Callable[[Request], Any]:
    async def handle(request: Request) -> JSONResponse:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        answer = platform.handle(
            operation,
            request.headers.get("x-org-id", ""),
            key.strip() if scheme.lower() == "bearer" else "",
            await request.body(),
        )
        return JSONResponse(dict(answer.body), status_code=answer.status)

    return handle


def _actions(parties: Parties) -> Mapping[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]]:
    def fail(body: Mapping[str, Any]) -> Mapping[str, Any]:
        party, step, mode, times = (body.get(name) for name in ("party", "step", "mode", "times"))
        if step not in ("activate", "undo") or mode not in MODES or not isinstance(times, int) or times < 1:
            raise ServiceError(
                400,
                "bad-request",
                f"step 应为 activate 或 undo，mode 应为 {' 或 '.join(MODES)}，times 至少为 1",
                f"step must be activate or undo, mode {' or '.join(MODES)}, times at least 1",
            )
        if party not in parties.view():
            raise ServiceError(400, "bad-request", f"没有参与方 {party}", f"there is no party {party}")
        parties.plan(str(party), Failure(str(step), str(mode), times))
        return {}

    return {"fail": fail, "parties": lambda _body: {"parties": parties.view()}}
