"""What the emulated services (encryptor, e-card, platform, partner) share: clock, control interface, errors."""

import hmac
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

CONTROL_PATH = "/test-control"
"""Where the control interface for tests lies. Basis: profile (no public text has one)."""

CONTROL_HEADER = "x-test-control"

Action = Callable[[Mapping[str, Any]], Mapping[str, Any]]


@dataclass
class Clock:
    """Seconds since 1970, UTC, as a whole number; tests may set it forward."""

    source: Callable[[], float] = time.time
    ahead: int = 0

    def now(self) -> int:
        """The time now."""
        return int(self.source()) + self.ahead

    def advance(self, seconds: int) -> None:
        """Set the clock forward by ``seconds``."""
        self.ahead += seconds

    def reset(self) -> None:
        """Back to the true time."""
        self.ahead = 0


@dataclass
class Service:
    """An emulated service. ``reset`` brings its data back to how it began; ``actions`` widens the control interface."""

    app: FastAPI
    clock: Clock
    reset: Callable[[], None]
    actions: Mapping[str, Action] = field(default_factory=dict)


class ServiceError(Exception):
    """A refusal: HTTP status, a code of the specification, and what else stands in the answer."""

    def __init__(self, status: int, code: str, zh: str, en: str, **more: object) -> None:
        super().__init__(f"{status} {code}: {en}")
        self.status = status
        self.body: dict[str, object] = {"code": code, "message": {"zh": zh, "en": en}, **more}


def new_app(title: str) -> FastAPI:
    """An application whose errors are JSON of the form ``{code, message: {zh, en}}``."""
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None)

    @app.exception_handler(ServiceError)
    async def _refused(_request: Request, error: ServiceError) -> JSONResponse:
        return JSONResponse(error.body, status_code=error.status)

    @app.exception_handler(HTTPException)
    async def _no_such_route(_request: Request, error: HTTPException) -> JSONResponse:
        body = {"code": f"http-{error.status_code}", "message": {"zh": "没有这个接口", "en": str(error.detail)}}
        return JSONResponse(body, status_code=error.status_code)

    return app


Control = Callable[[str, str, object], Mapping[str, Any]]
"""Carries out an action: its name, the token that the caller gave, a JSON value; raises ServiceError."""


def control_of(service: Service, token: str) -> Control:
    """The control interface for tests: ``reset``, ``advance`` {seconds}, and the service's own actions."""

    def reset(_body: Mapping[str, Any]) -> Mapping[str, Any]:
        service.clock.reset()
        service.reset()
        return {}

    def advance(body: Mapping[str, Any]) -> Mapping[str, Any]:
        seconds = body.get("seconds")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
            raise ServiceError(400, "bad-request", "seconds 应为非负整数", "seconds must be a whole number from 0")
        service.clock.advance(seconds)
        return {"now": service.clock.now()}

    actions: Mapping[str, Action] = {"reset": reset, "advance": advance, **service.actions}

    def control(action: str, given: str, body: object) -> Mapping[str, Any]:
        if not hmac.compare_digest(given.encode(errors="replace"), token.encode()):
            raise ServiceError(401, "unauthorized", "控制令牌不符", "the control token is wrong")
        if action not in actions:
            raise ServiceError(404, "unknown-action", f"没有控制动作 {action}", f"there is no control action {action}")
        if not isinstance(body, dict):
            raise ServiceError(400, "bad-request", "请求应为 JSON 对象", "the request must be a JSON object")
        return actions[action](body)

    return control


def add_control(service: Service, token: str) -> None:
    """Add the control interface; every call carries ``token`` in the header ``x-test-control``."""
    control = control_of(service, token)

    @service.app.post(CONTROL_PATH + "/{action}")
    async def controlled(action: str, request: Request) -> JSONResponse:
        try:
            body = await request.json() if await request.body() else {}
        except (ValueError, RecursionError):
            body = None
        return JSONResponse(dict(control(action, request.headers.get(CONTROL_HEADER, ""), body)))
