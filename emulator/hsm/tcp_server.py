"""Conversations over TCP sockets."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress

from emulator.hsm.tcp import Conversation

_PIECE = 65536
_IDLE = 60.0
"""Seconds without a byte after which a connection is closed."""
_MOST = 256
"""Connections at a time; further ones are closed at once."""
_LEFT = 1.0
"""Seconds in which what a refused caller still sends is read, so that it gets the refusal before the end."""


class TcpServer:
    """Listens on ``host``:``port`` at once (0: the system chooses, see ``port``); ``run`` serves until ``stop``.

    ``converse`` begins a conversation. Raises OSError (or OverflowError) where the address cannot be had.
    """

    def __init__(self, converse: Callable[[], Conversation], *, host: str, port: int) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._socket = socket.create_server((host, port), family=family)
        # Accepted sockets inherit it: an answer does not wait for the acknowledgement of the one before.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port: int = self._socket.getsockname()[1]
        self.address = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        self._converse = converse
        self._open = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ended = False

    def run(self) -> None:
        """Serve until ``stop``."""
        try:
            asyncio.run(self._serve())
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End soon; may be called again, also before ``run``, from any thread."""
        self._ended = True
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None:
            with suppress(RuntimeError):  # it has ended already
                loop.call_soon_threadsafe(stopping.set)

    async def _serve(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, sock=self._socket)
        if self._ended:
            self._stopping.set()
        await self._stopping.wait()
        server.close()
        # Connections that are open end with the loop.

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            if self._open <= _MOST:
                with suppress(ConnectionError, TimeoutError):
                    await self._converse_over(reader, writer)
        finally:
            self._open -= 1
            writer.close()
            with suppress(ConnectionError, TimeoutError):
                await writer.wait_closed()

    async def _converse_over(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = self._converse()
        while not conversation.ended:
            data = await asyncio.wait_for(reader.read(_PIECE), _IDLE)
            if not data:
                return
            writer.write(conversation.feed(data))
            await writer.drain()
        writer.write_eof()
        async with asyncio.timeout(_LEFT):
            while await reader.read(_PIECE):
                pass
