"""``onecard emulate terminal --ws``: the local service that web pages call, by the data of ``web-messages``.

Any page that the user opens could call a service of this machine, so that a browser's Origin decides: pages of this
machine may, others where they are named, and programs, which send none. Calls of several connections are served one
after the other. Neither arguments nor results are ever logged.
"""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State
from websockets.sync.server import ServerConnection, serve
from websockets.typing import Origin

from emulator.terminal.terminal import ReferenceTerminal
from onecard.errors import UserError
from onecard.spec.terminal_library import NUMBER, LibrarySpec, Parameter, ReturnCode, Signature
from onecard.spec.terminal_websocket import WebSocketSpec

HOST = "127.0.0.1"
LOOPBACK_PAGES = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?")
_ROOM = 16
"""Times the longest message: up to here a message is read and refused, beyond it the connection is closed (1009)."""
_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,9}")
_CLOSE_LIMIT = 2.0

_quiet = logging.getLogger("onecard.websocket")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class Slots(Protocol):
    """What must be given back in the end."""

    def close(self) -> None:
        """Release readers and helper processes."""


class _NoCall(Exception):
    """A message that is no call; ``code`` answers it. ``function``: its name, where it could be read."""

    def __init__(self, code: ReturnCode, function: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.function = function


class WebSocketDesk:
    """Messages in, messages out; no socket. Calls are served one after the other, whatever thread they come from.

    ``log`` hears one line a call: function, return code, milliseconds.
    """

    def __init__(
        self, terminal: ReferenceTerminal, messages: WebSocketSpec, library: LibrarySpec, log: Callable[[str], None]
    ) -> None:
        self._terminal = terminal
        self._messages = messages
        self._library = library
        self._log = log
        self._turn = threading.Lock()
        self._closed = False

    def answer(self, message: str | bytes, wanted: Callable[[], bool] = lambda: True) -> str:
        """The answer to a message, whatever it is; "" where nobody waits for it any more (``wanted``)."""
        try:
            signature, arguments = self._call_of(message)
        except _NoCall as refused:
            return self._said(refused.function, refused.code.code, refused.code.name.zh)
        with self._turn:
            if self._closed or not wanted():
                # A card must not be used for nobody.
                return ""
            begun = time.monotonic()
            try:
                code, out = self._terminal.call(signature.call, arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, the terminal goes on, and no argument is logged
                self._log(f"{signature.call}: {type(error).__name__}")
                return self._said(signature.call, self._messages.broken.code, self._messages.broken.name.zh)
        self._log(f"{signature.call}: {code}, {(time.monotonic() - begun) * 1000:.0f} ms")
        return self._said(signature.call, code, out)

    def close(self, slots: Slots) -> None:
        """Wait for the call under way, take no other, and give the slots back."""
        with self._turn:
            self._closed = True
            slots.close()

    def _said(self, function: str, code: int, out: str) -> str:
        data = self._messages
        result = data.success if code == 0 else str(code)
        return json.dumps({data.answered: function, data.result: result, data.out: out})

    def _call_of(self, message: str | bytes) -> tuple[Signature, Mapping[str, Any]]:
        data = self._messages
        request = self._object_of(message)
        function = request.get(data.function)
        if not isinstance(function, str):
            raise _NoCall(data.refused)
        called = {one.sent: one.meant for one in data.calls if one.understood}.get(function, function)
        signature = self._library.signatures.get(called)
        if signature is None:
            raise _NoCall(data.unknown, function)
        try:
            return signature, {one.name: self._argument(one, request) for one in signature.inputs}
        except (KeyError, TypeError, ValueError):
            raise _NoCall(data.refused, called) from None

    def _object_of(self, message: str | bytes) -> Mapping[str, Any]:
        data = self._messages
        if isinstance(message, bytes):
            raise _NoCall(data.unreadable)
        if len(message.encode("utf-8", errors="replace")) > data.largest:
            raise _NoCall(data.refused)
        try:
            request = json.loads(message)
        except (ValueError, RecursionError):
            raise _NoCall(data.unreadable) from None
        if not isinstance(request, dict):
            raise _NoCall(data.unreadable)
        return request

    def _argument(self, wanted: Parameter, request: Mapping[str, Any]) -> int | str:
        """Raises KeyError, TypeError or ValueError for an argument that is missing or none."""
        others = [one.sent for one in self._messages.members if one.understood and one.meant == wanted.name]
        name = next((name for name in (wanted.name, *others) if name in request), wanted.name)
        value = request[name]
        if wanted.type == NUMBER:
            return _number(value)
        if not isinstance(value, str):
            raise TypeError(wanted.name)
        value.encode(self._library.coding)
        return value


def _number(value: object) -> int:
    # No source says whether numbers are JSON numbers or texts.
    if isinstance(value, bool) or not isinstance(value, int | str) or _WHOLE_NUMBER.fullmatch(str(value)) is None:
        raise ValueError
    return int(value)


class WebSocketService:
    """Listens on the loopback interface; ``url`` is what a page calls.

    ``origins``: of pages that may call beside those of this machine. Raises UserError where the port is taken.
    """

    def __init__(self, desk: WebSocketDesk, slots: Slots, largest: int, *, port: int, origins: Sequence[str]) -> None:
        self._desk = desk
        self._slots = slots
        try:
            listener = socket.create_server((HOST, port))
        except (OSError, OverflowError) as error:
            raise UserError(
                zh=f"不能在 {HOST}:{port} 上监听（{error}）", en=f"cannot listen on {HOST}:{port} ({error})"
            ) from None
        self._server = serve(
            self._serve,
            sock=listener,
            origins=[None, LOOPBACK_PAGES, *(Origin(one) for one in origins)],
            compression=None,
            server_header=None,
            max_size=largest * _ROOM,
            # A call may take longer than any interval, and a page does not vanish unseen on one machine.
            ping_interval=None,
            close_timeout=_CLOSE_LIMIT,
            logger=_quiet,
        )
        self.url = f"ws://{HOST}:{listener.getsockname()[1]}/"

    def run(self) -> None:
        """Serve until ``stop``; the readers are given back in the end."""
        try:
            self._server.serve_forever()
        finally:
            self._desk.close(self._slots)

    def stop(self) -> None:
        """End; may come from any thread."""
        self._server.shutdown()

    def _serve(self, connection: ServerConnection) -> None:
        try:
            for message in connection:
                answer = self._desk.answer(message, lambda: connection.state is State.OPEN)
                if answer:
                    connection.send(answer)
        except ConnectionClosed:
            return
