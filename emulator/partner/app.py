"""The reference partner behind HTTP, with its outgoing side."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from emulator.partner.behaviour import PartnerBehaviour
from emulator.partner.delivery import Delivery
from emulator.partner.http_port import post
from emulator.partner.keys import PartnerKeys
from emulator.partner.partner import ReferencePartner
from emulator.service import Action, Clock, Service, ServiceError, add_control, new_app
from onecard.spec.partner import ACTIVATE, PartnerSpec

Send = Callable[[dict[str, Any]], Mapping[str, Any]]
"""The port to the platform: {method, path, headers, body} to {status, headers, body}; OSError where none answers."""


@dataclass
class Moment:
    """The partner's time in milliseconds since 1970; a test may stop it at a moment."""

    clock: Clock
    stopped: int | None = None

    def now(self) -> int:
        """The time now."""
        if self.stopped is not None:
            return self.stopped
        return int(self.clock.source() * 1000) + self.clock.ahead * 1000


@dataclass
class Outbox:
    """Delivers notifications in the background. ``callback``: the platform's base URL, None while none is known."""

    moment: Moment
    send: Send | None
    callback: str | None = None
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    def post(self, delivery: Delivery, retry_seconds: int) -> None:
        """Begin to deliver."""
        task = asyncio.get_running_loop().create_task(self._deliver(delivery, retry_seconds))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    def drop(self) -> None:
        """Deliver nothing more of what is under way."""
        for task in tuple(self._running):
            task.cancel()

    async def _deliver(self, delivery: Delivery, retry_seconds: int) -> None:
        while True:
            delivery.answered(await self._attempt(delivery.request(self.moment.now())))
            if delivery.finished:
                return
            await asyncio.sleep(retry_seconds)

    async def _attempt(self, request: dict[str, Any]) -> Mapping[str, Any] | None:
        try:
            if self.send is not None:
                return self.send(request)
            return await asyncio.to_thread(post, self.callback or "", request)
        except (OSError, ValueError):
            return None


def build(
    spec: PartnerSpec,
    keys: PartnerKeys,
    *,
    clock: Clock | None = None,
    control_token: str | None = None,
    callback: str | None = None,
    send: Send | None = None,
    behaviour: PartnerBehaviour | None = None,
    draw: Callable[[int], bytes] = secrets.token_bytes,
) -> Service:
    """The service. Without ``control_token`` there is no control interface; without ``send`` notifications go by HTTP
    to ``callback``, which the control action ``callback`` {url} sets too.
    """
    moment = Moment(clock or Clock(time.time))
    partner = ReferencePartner(spec, keys.partner_side, now=moment.now, behaviour=behaviour, draw=draw)
    outbox = Outbox(moment, send, callback)
    app = new_app("onecard reference partner")
    _add_routes(app, partner, outbox)

    def reset() -> None:
        outbox.drop()
        partner.reset()
        moment.stopped = None

    service = Service(app, moment.clock, reset, _actions(moment, outbox))
    if control_token is not None:
        add_control(service, control_token)
    return service


def _add_routes(app: FastAPI, partner: ReferencePartner, outbox: Outbox) -> None:
    @app.post(partner.spec.operations[ACTIVATE].path)
    async def activate(request: Request) -> JSONResponse:
        answer = partner.activate(await _body(request, partner.spec.largest_body))
        if answer.delivery is not None:
            outbox.post(answer.delivery, partner.spec.retry_seconds)
        return JSONResponse(answer.body, status_code=answer.status, media_type=partner.spec.content_type)


async def _body(request: Request, largest: int) -> bytes:
    """The body; of one that is too large no more than shows it."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > largest * 2:
            break
    return bytes(body)


def _actions(moment: Moment, outbox: Outbox) -> dict[str, Action]:
    def callback(body: Mapping[str, Any]) -> Mapping[str, Any]:
        url = body.get("url")
        if not isinstance(url, str) or not url.startswith("http://"):
            raise ServiceError(400, "bad-request", "url 应为 http 地址", "url must be an http address")
        outbox.callback = url
        return {}

    def stop_clock(body: Mapping[str, Any]) -> Mapping[str, Any]:
        at = body.get("at")
        if not isinstance(at, int) or isinstance(at, bool) or at < 0:
            raise ServiceError(400, "bad-request", "at 应为毫秒数", "at must be milliseconds since 1970")
        moment.stopped = at
        return {}

    return {"callback": callback, "clock": stop_clock}
