"""An HTTP server of ours, for as long as it is wanted: the tester's own side, or an emulated service."""

import socket
from collections.abc import Callable
from typing import Any

import uvicorn

_LAST_ANSWERS = 1
"""Seconds that answers under way get when the server ends."""


class HttpServer:
    """Listens on ``host``:``port`` at once (0: the system chooses, see ``port``); ``run`` serves the ASGI ``app``.

    ``run`` blocks; ``stop`` may come from any thread. Raises OSError (or OverflowError) where the address cannot be
    had.
    """

    def __init__(self, app: Callable[..., Any], *, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        # asyncio does it only for sockets whose protocol is named, which create_server's is not; accepted ones inherit
        # it. Without it head and body of an answer lie 40 ms apart where the client acknowledges late.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"
        config = uvicorn.Config(
            app, interface="asgi3", loop="asyncio", http="h11", ws="none", lifespan="off", proxy_headers=False,
            server_header=False, log_config=None, log_level="critical", access_log=False,
            timeout_graceful_shutdown=_LAST_ANSWERS,
        )  # fmt: skip
        self._server = uvicorn.Server(config)

    def run(self) -> None:
        """Serve until ``stop``."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self._socket.close()

    def close(self) -> None:
        """Listen no more, where ``run`` is not called after all."""
        self._socket.close()

    def stop(self) -> None:
        """End soon; may be called again, also before ``run``."""
        self._server.should_exit = True
