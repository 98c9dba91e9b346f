"""The tester's own HTTP server: where a service under test calls back."""

import threading
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from onecard.targets.base import Message, TargetAbsent
from onecard.targets.incoming import OtherSide
from onecard.targets.message import LARGEST_BODY, kept_headers
from onecard.targets.serving import HttpServer

_Event = MutableMapping[str, Any]
_TOO_LARGE: Message = {"status": 413, "headers": {}, "body": ""}


class CallbackServer:
    """Hands requests to ``other`` between ``start`` and ``stop``.

    ``address``: {host, port} of the IXIT's ``parameters.callback``; by default the loopback and any free port. ``url``
    may be given there as well, where the service reaches the tester by another name than that of the interface.
    """

    def __init__(self, other: OtherSide, address: Mapping[str, Any]) -> None:
        self._other = other
        self._address = (str(address.get("host", "127.0.0.1")), int(address.get("port", 0)))
        self._told: str | None = address.get("url")
        self._server: HttpServer | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where the service under test calls back; raises ValueError before ``start``."""
        if self._told is not None:
            return self._told.rstrip("/")
        if self._server is None:
            raise ValueError("the tester's server is not running")
        return self._server.url

    def start(self) -> None:
        """Listen; raises TargetAbsent where the address is taken or not ours."""
        if self._server is not None:
            return
        host, port = self._address
        try:
            self._server = HttpServer(self._serve, host=host, port=port)
        except (OSError, OverflowError) as error:
            raise TargetAbsent(
                zh=f"测试仪不能在 {host}:{port} 上监听回调（{error}）：请检查 IXIT 的 parameters.callback",
                en=f"the tester cannot listen on {host}:{port} for calls of the service ({error}): check "
                "parameters.callback of the IXIT",
            ) from error
        self._thread = threading.Thread(target=self._server.run, name="callback-server", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more; may be called again."""
        server, self._server = self._server, None
        thread, self._thread = self._thread, None
        if server is not None and thread is not None:
            server.stop()
            thread.join()

    async def _serve(
        self,
        scope: _Event,
        receive: Callable[[], Awaitable[_Event]],
        send: Callable[[_Event], Awaitable[None]],
    ) -> None:
        body, more = bytearray(), True
        while more:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            more = event.get("more_body", False)
            if len(body) <= LARGEST_BODY:
                body += event.get("body", b"")
        answer = _TOO_LARGE if len(body) > LARGEST_BODY else self._other.incoming(_request(scope, bytes(body)))
        data = (answer.get("body") or "").encode("utf-8")
        headers = {**(answer.get("headers") or {}), "content-length": str(len(data))}
        raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
        await send({"type": "http.response.start", "status": answer["status"], "headers": raw})
        await send({"type": "http.response.body", "body": data})


def _request(scope: _Event, body: bytes) -> Message:
    query = scope["query_string"].decode("latin-1")
    request: Message = {
        "method": scope["method"],
        "path": scope["path"] + (f"?{query}" if query else ""),
        "headers": kept_headers(scope["headers"]),
    }
    try:
        return {**request, "body": body.decode("utf-8") if body else None}
    except UnicodeDecodeError:
        return {**request, "body": None, "body_hex": body.hex().upper()}
