"""``http:`` and the in-process target do the same with the same application, in both directions."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import ExchangeTarget, Message, SilentTarget, TargetAbsent, TargetError, TargetOptions
from onecard.targets.http import open_target
from onecard.targets.message import LARGEST_BODY
from onecard.targets.serving import HttpServer


class Echo:
    """An instrument that says what it was told to."""

    def __init__(self) -> None:
        self.word = "default"

    def configure(self, settings: Message) -> Message:
        self.word = settings.get("word", "default")
        return {"word": self.word}

    def answer(self, ask: Message) -> Message:
        if ask["http"]["path"] == "/broken":
            raise RuntimeError("the instrument is broken")
        return {"status": 202, "headers": {"content-type": "text/plain"}, "body": self.word}


Send = Callable[[Message], Message]


def _application(send: Callable[[], Send]) -> FastAPI:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.api_route("/echo/{name}", methods=["GET", "POST", "PUT"])
    async def echo(name: str, request: Request) -> JSONResponse:
        body = (await request.body()).decode()
        told = {"name": name, "query": request.url.query, "method": request.method, "body": body}
        return JSONResponse({**told, "key": request.headers.get("x-key")}, headers={"X-Back": "1", "Date": "now"})

    @app.get("/crash")
    async def crash() -> None:
        raise RuntimeError("a defect of the service")

    @app.get("/large")
    async def large() -> Response:
        return PlainTextResponse("é" * (LARGEST_BODY // 2 + 1))

    @app.get("/bytes")
    async def raw() -> Response:
        return Response(b"\xff\xfe", media_type="application/json")

    @app.get("/slow")
    async def slow() -> None:
        import asyncio

        await asyncio.sleep(5)

    @app.post("/tell")
    def tell(request: dict[str, Any]) -> JSONResponse:
        return JSONResponse(send()(request))

    return app


class Start(Protocol):
    def __call__(self, *, instrument: Echo | None = None, timeout: float = 5.0) -> ExchangeTarget: ...


@pytest.fixture(params=["asgi", "http"])
def start(request: pytest.FixtureRequest) -> Iterator[Start]:
    """Starts the application behind a target; ends both."""
    running: list[HttpServer] = []
    targets: list[ExchangeTarget] = []

    def in_process(*, instrument: Echo | None = None, timeout: float = 5.0) -> ExchangeTarget:
        target = AsgiTarget(
            _application(lambda: target.incoming), description="asgi", timeout=timeout, instrument=instrument
        )
        return _connected(target)

    def over_http(*, instrument: Echo | None = None, timeout: float = 5.0) -> ExchangeTarget:
        def send(message: Message) -> Message:
            callback = target.exchange({"do": "instrument", "settings": {}})["callback"] if not base else base[0]
            with httpx.Client(trust_env=False) as client:
                got = client.request(message["method"], callback + message["path"], content=message["body"])
            return {"status": got.status_code, "body": got.text}

        base: list[str] = []
        server = HttpServer(_application(lambda: send), host="127.0.0.1", port=0)
        running.append(server)
        threading.Thread(target=server.run, daemon=True).start()
        target = open_target(server.url.removeprefix("http:"), TargetOptions(timeout=timeout, instrument=instrument))
        _connected(target)
        if instrument is not None:
            base.append(target.exchange({"do": "instrument", "settings": {}})["callback"])
        return target

    def _connected(target: ExchangeTarget) -> ExchangeTarget:
        targets.append(target)
        target.connect()
        target.connect()
        return target

    yield in_process if request.param == "asgi" else over_http
    for target in targets:
        target.close()
        target.close()
    for server in running:
        server.stop()


def _ask(target: ExchangeTarget, method: str, path: str, body: str | None = None, **headers: str) -> Message:
    return target.exchange({"do": "http", "method": method, "path": path, "headers": headers, "body": body})


def test_a_request_and_its_answer(start: Start) -> None:
    target = start()
    answer = _ask(target, "POST", "/echo/%E5%8D%A1?a=b&c=%20", '{"名":1}', **{"X-Key": "k"})
    assert answer == {
        "status": 200,
        "headers": {"content-type": "application/json", "x-back": "1"},
        "body": '{"name":"卡","query":"a=b&c=%20","method":"POST","body":"{\\"名\\":1}","key":"k"}',
    }
    assert _ask(target, "GET", "/echo/x")["status"] == 200
    assert _ask(target, "GET", "/nothing")["status"] == 404


@pytest.mark.parametrize("value", ["Bearer ", " x", "a\r\nX-Other: b", "\x00"])
def test_a_header_that_cannot_be_sent_is_the_cases_mistake(start: Start, value: str) -> None:
    with pytest.raises(ValueError, match="no header can carry x-key"):
        _ask(start(), "GET", "/echo/x", **{"X-Key": value})


def test_an_exception_of_the_service_is_its_answer_500(start: Start) -> None:
    target = start()
    assert _ask(target, "GET", "/crash")["status"] == 500
    assert _ask(target, "GET", "/echo/x")["status"] == 200


def test_large_and_binary_answers_are_cut(start: Start) -> None:
    target = start()
    large = _ask(target, "GET", "/large")
    assert (large["truncated"], large["body"]) == (True, "é" * 1024)
    assert _ask(target, "GET", "/bytes")["body_hex"] == "FFFE"


def test_a_slow_service_is_silent(start: Start) -> None:
    target = start(timeout=0.2)
    with pytest.raises(SilentTarget, match="GET /slow"):
        _ask(target, "GET", "/slow")
    target.close()
    target.connect()
    assert _ask(target, "GET", "/echo/x")["status"] == 200


def test_the_other_direction(start: Start) -> None:
    target = start(instrument=Echo())
    told = target.exchange({"do": "instrument", "settings": {"word": "hello"}})
    assert told["word"] == "hello"
    assert told["callback"].startswith("http://")
    for path in ("/one", "/two?x=1"):
        message = f'{{"method":"POST","path":"{path}","headers":{{}},"body":"b"}}'
        answer = _ask(target, "POST", "/tell", message, **{"content-type": "application/json"})
        assert '"status":202' in answer["body"]
    first = target.exchange({"do": "receive", "count": 1, "within_ms": 2000})["trace"]
    assert [entry["ask"]["http"]["path"] for entry in first] == ["/one"]
    assert first[0]["ask"]["http"]["body"] == "b"
    assert first[0]["answer"] == {"status": 202, "headers": {"content-type": "text/plain"}, "body": "hello"}
    started = time.monotonic()
    rest = target.exchange({"do": "receive", "count": 5, "within_ms": 100})["trace"]
    assert [entry["ask"]["http"]["path"] for entry in rest] == ["/two?x=1"]
    assert time.monotonic() - started < 2
    target.exchange({"do": "instrument", "settings": {}})
    assert target.exchange({"do": "receive", "count": 1, "within_ms": 0}) == {"trace": []}


def test_a_broken_instrument_is_not_the_services_fault(start: Start) -> None:
    target = start(instrument=Echo())
    message = '{"method":"POST","path":"/broken","headers":{},"body":null}'
    _ask(target, "POST", "/tell", message, **{"content-type": "application/json"})
    with pytest.raises(TargetError, match="says nothing about the system under test"):
        target.exchange({"do": "receive", "count": 1, "within_ms": 2000})


def test_a_callback_address_that_is_taken() -> None:
    server = HttpServer(_application(lambda: lambda message: message), host="127.0.0.1", port=0)
    try:
        target = open_target(
            server.url.removeprefix("http:"),
            TargetOptions(instrument=Echo(), parameters={"callback": {"host": "127.0.0.1", "port": server.port}}),
        )
        with pytest.raises(TargetAbsent, match=r"parameters\.callback"):
            target.connect()
    finally:
        server._socket.close()
