"""Runs the reference's WebSocket service, and services with one thing wrong, in a thread."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Origin

from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.instrument import DEFAULT_CARD
from emulator.terminal.terminal import ReferenceTerminal
from onecard.emulate.slots import EmbeddedSlots, PcscSlots
from onecard.emulate.websocket import WebSocketDesk, WebSocketService
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_library import LibrarySpec, library_spec
from onecard.spec.terminal_websocket import WebSocketSpec, websocket_spec

PROFILE = "terminal-default"
LIMIT = 20.0


@lru_cache(maxsize=1)
def messages() -> WebSocketSpec:
    """The messages' data."""
    return websocket_spec(interface_data(PROFILE))


@lru_cache(maxsize=1)
def library() -> LibrarySpec:
    """The functions' data."""
    return library_spec(interface_data(PROFILE))


def desk(slots: EmbeddedSlots | PcscSlots, said: list[str] | None = None, device: str = "TEST-1") -> WebSocketDesk:
    """A terminal that answers messages."""
    terminal = ReferenceTerminal(
        terminal_spec(interface_data(PROFILE)), card_data(DEFAULT_CARD), slots, device_number=device
    )
    return WebSocketDesk(terminal, messages(), library(), ([] if said is None else said).append)


@contextmanager
def serving(
    slots: EmbeddedSlots | PcscSlots,
    said: list[str] | None = None,
    device: str = "TEST-1",
    origins: tuple[str, ...] = (),
) -> Iterator[str]:
    """The URL of a service of this test, in a thread."""
    service = WebSocketService(desk(slots, said, device), slots, messages().largest, port=0, origins=origins)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service.url
    finally:
        service.stop()
        thread.join(LIMIT)
        assert not thread.is_alive()


@contextmanager
def faulty(handle: Callable[[ServerConnection], None]) -> Iterator[str]:
    """The URL of a service that does whatever ``handle`` does with each connection."""
    server = serve(handle, "127.0.0.1", 0, close_timeout=0.2)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"
    finally:
        server.shutdown()
        thread.join(LIMIT)


def page(url: str, origin: str | None = None) -> ClientConnection:
    """A connection as a page opens it."""
    return connect(url, origin=None if origin is None else Origin(origin), proxy=None, open_timeout=LIMIT)


def told(connection: ClientConnection, message: str | bytes) -> dict[str, str]:
    """The answer to a message."""
    connection.send(message)
    answer: dict[str, str] = json.loads(connection.recv(LIMIT))
    assert {type(value) for value in answer.values()} == {str}
    return answer


def called(connection: ClientConnection, function: str, **arguments: Any) -> tuple[str, str]:
    """Call a function; the result and pOutInfo."""
    answer = told(connection, json.dumps({"function": function, **arguments}))
    assert answer["functionName"] == function
    return answer["success"], answer["pOutInfo"]
