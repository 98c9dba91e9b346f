"""Services in this process: an ASGI application is called directly, without a socket or an HTTP parser between."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from typing import Any
from urllib.parse import unquote

from onecard.targets.base import CardRemoved, Instrument, Message, SilentTarget
from onecard.targets.incoming import OtherSide
from onecard.targets.message import LARGEST_BODY, HttpRequest, answer_of, request_of

_Event = MutableMapping[str, Any]
Application = Callable[
    [_Event, Callable[[], Awaitable[_Event]], Callable[[_Event], Awaitable[None]]], Coroutine[Any, Any, None]
]
CALLBACK = "http://tester.invalid"
"""Where the tester's other side is said to be: in process nobody looks it up."""

_SERVER = ("service.invalid", 80)
_PLAIN = ((b"content-type", b"text/plain; charset=utf-8"),)
_CRASHED = b"Internal Server Error"


class AsgiTarget:
    """An application ``app`` as an ExchangeTarget; its data live as long as the object does.

    An exception of the application is its answer 500, as a server makes of it. ``timeout``: longest wait for one
    answer, in seconds. ``incoming`` is the port that an application calls in place of sending HTTP to the tester.
    """

    def __init__(
        self, app: Callable[..., Any], *, description: str, timeout: float = 5.0, instrument: Instrument | None = None
    ) -> None:
        self.description = description
        self._app: Application = app
        self._timeout = timeout
        self._other = OtherSide(instrument)
        self._loop: asyncio.AbstractEventLoop | None = None

    def connect(self) -> None:
        """Ready the event loop; cannot fail."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()

    def exchange(self, request: Message) -> Message:
        """One exchange; raises SilentTarget where the application does not answer in time."""
        return _EXCHANGES[request["do"]](self, request)

    def incoming(self, request: Message) -> Message:
        """Outgoing port of the application: request {method, path, headers, body} to {status, headers, body}."""
        return self._other.incoming(request)

    def close(self) -> None:
        """End the event loop and what still runs in it; may be called again."""
        loop, self._loop = self._loop, None
        if loop is None:
            return
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()

    def reader_name(self) -> str:
        """What stands between us and the service: nothing."""
        return "in process"

    def _http(self, message: Message) -> Message:
        return self._running().run_until_complete(self._within(request_of(message)))

    def _configure(self, message: Message) -> Message:
        return {**self._other.configure(message["settings"]), "callback": CALLBACK}

    def _receive(self, message: Message) -> Message:
        # The application runs only while it is asked: what it has not sent by then, a running task may still send.
        within = message["within_ms"] / 1000
        loop = self._running()
        tasks = asyncio.all_tasks(loop)
        if tasks:
            loop.run_until_complete(asyncio.wait(tasks, timeout=within))
        return self._other.receive(message["count"], 0)

    async def _within(self, request: HttpRequest) -> Message:
        answer = _Answer()
        call = asyncio.ensure_future(self._app(_scope(request), _body_of(request), answer.take))
        await asyncio.wait({call}, timeout=self._timeout)
        if not call.done():
            call.cancel()
            raise SilentTarget(
                zh=f"{self.description}：{self._timeout:g} 秒内没有应答 {request.method} {request.path}",
                en=f"{self.description}: no answer to {request.method} {request.path} within {self._timeout:g} s",
            )
        # Starlette answers 500 itself before it raises again; what has answered nothing gets the answer of a server.
        fault = call.exception()
        if fault is not None and answer.status is None:
            return answer_of(500, _PLAIN, _CRASHED)
        if answer.status is None or not answer.complete:
            raise CardRemoved(
                zh=f"{self.description}：对 {request.method} {request.path} 的应答没有完成（{fault!r}）",
                en=f"{self.description}: the answer to {request.method} {request.path} was not finished ({fault!r})",
            )
        return answer_of(answer.status, answer.headers, bytes(answer.body))

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise CardRemoved(zh=f"{self.description}：未连接", en=f"{self.description}: not connected")
        return self._loop


_EXCHANGES: dict[str, Callable[[AsgiTarget, Message], Message]] = {
    "http": AsgiTarget._http,
    "instrument": AsgiTarget._configure,
    "receive": AsgiTarget._receive,
}


def _scope(request: HttpRequest) -> _Event:
    path, _, query = request.path.partition("?")
    return {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "scheme": "http",
        "method": request.method, "path": unquote(path), "raw_path": path.encode("utf-8"), "root_path": "",
        "query_string": query.encode("utf-8"), "client": ("127.0.0.1", 0), "server": _SERVER,
        "headers": request.raw_headers(_SERVER[0]),
    }  # fmt: skip


def _body_of(request: HttpRequest) -> Callable[[], Awaitable[_Event]]:
    unread = [{"type": "http.request", "body": request.body or b"", "more_body": False}]

    async def receive() -> _Event:
        return unread.pop() if unread else {"type": "http.disconnect"}

    return receive


class _Answer:
    """What the application sent so far; of a body beyond the limit no more than shows that it is."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = bytearray()
        self.complete = False

    async def take(self, event: _Event) -> None:
        if event["type"] == "http.response.start":
            self.status, self.headers = event["status"], list(event.get("headers", ()))
        elif event["type"] == "http.response.body":
            if len(self.body) <= LARGEST_BODY:
                self.body += event.get("body", b"")
            self.complete = not event.get("more_body", False)
