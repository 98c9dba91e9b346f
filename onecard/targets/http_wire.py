"""One HTTP/1.1 exchange on an open connection, within a limit of time and of memory."""

import socket
import time
from contextlib import suppress

import h11

from onecard.targets.base import Message
from onecard.targets.message import LARGEST_BODY, HttpRequest, answer_of

_LARGEST_HEAD = 65536
_RECEIVE_SIZE = 65536
# A service that sends head and body apart waits for our acknowledgement in between: 40 ms where it is delayed.
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class NotHttp(Exception):
    """What came is not HTTP, or not a whole answer."""


class Deadline:
    """So many ``seconds`` from now for all steps together."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left; raises TimeoutError when there are none."""
        remaining = self._end - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        return remaining


def converse(connection: socket.socket, request: HttpRequest, target: bytes, host: str, deadline: Deadline) -> Message:
    """Send ``request`` for ``target`` (path and query) and return the answer as a message.

    Of a body above LARGEST_BODY no more is read than shows it. Raises TimeoutError, NotHttp, or OSError where the
    connection ends before anything came.
    """
    wire = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
    head = h11.Request(method=request.method, target=target, headers=request.raw_headers(host))
    sent = [wire.send(head), wire.send(h11.Data(request.body)) if request.body else b"", wire.send(h11.EndOfMessage())]
    connection.settimeout(deadline.left())
    # A service may refuse before it has read all: its answer may stand there already.
    with suppress(ConnectionError):
        connection.sendall(b"".join(part or b"" for part in sent))
    try:
        return _answer(wire, connection, deadline)
    except h11.RemoteProtocolError as error:
        raise NotHttp(str(error)) from error


def _answer(wire: h11.Connection, connection: socket.socket, deadline: Deadline) -> Message:
    response: h11.Response | None = None
    body = bytearray()
    received = False
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            connection.settimeout(deadline.left())
            if _QUICK_ACK is not None:
                connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            data = connection.recv(_RECEIVE_SIZE)
            if not data and not received:
                raise ConnectionResetError(None, "closed without an answer")
            received = True
            wire.receive_data(data)
        elif isinstance(event, h11.Response):
            response = event
        elif isinstance(event, h11.Data):
            body += event.data
        if response is not None and (isinstance(event, h11.EndOfMessage) or len(body) > LARGEST_BODY):
            return answer_of(response.status_code, response.headers.raw_items(), bytes(body))
        deadline.left()
