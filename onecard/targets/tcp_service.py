"""Target ``tcp:HOST:PORT`` of an encryptor: the requests of the suite in frames, as the specification says.

A case speaks in HTTP requests; over TCP the object of the body and the headers that say who asks are one object in a
frame. What is no object goes out as it stands.
"""

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from onecard.spec.load import load_spec
from onecard.targets.base import CardRemoved, Message, SilentTarget, TargetAbsent, TargetError
from onecard.targets.http_wire import Deadline
from onecard.targets.message import LARGEST_BODY, request_of

SERVICE_KIND = "hsm"
_PIECE = 65536
_SECTION, _MARK = "frames", "x-"
_JSON = {"content-type": "application/json"}
_PATH = "path"
_HEADERS = frozenset(("retry-after",))


@dataclass(frozen=True, slots=True)
class Frames:
    """Length in so many bytes, big-endian; ``status``: the member that holds the status."""

    length_bytes: int
    status: str


@cache
def installed_frames() -> Frames:
    """The frames of the installed specification."""
    found = next(datum.node for datum in load_spec().data_of(SERVICE_KIND) if datum.section == _SECTION)
    node = cast("Mapping[str, Any]", found)
    return Frames(node["length-bytes"], node["status"])


class TcpServiceTarget:
    """An encryptor behind a TCP port; every exchange has a connection of its own, and a limit of time for all of it."""

    def __init__(self, address: tuple[str, int], *, description: str, timeout: float) -> None:
        self.description = description
        self._address = address
        self._timeout = timeout
        self._connected = False

    def connect(self) -> None:
        """Make sure that somebody listens there; raises TargetAbsent."""
        if self._connected:
            return
        try:
            socket.create_connection(self._address, timeout=self._timeout).close()
        except OSError as error:
            reason = "timed out" if isinstance(error, TimeoutError) else (error.strerror or str(error))
            raise TargetAbsent(
                zh=f"{self.description}：连接不上（{reason}）。请检查地址，并确认加密机正在监听",
                en=f"{self.description}: cannot connect ({reason}). Check the address, and that the encryptor listens",
            ) from error
        self._connected = True

    def close(self) -> None:
        """Nothing is open between exchanges."""
        self._connected = False

    def reader_name(self) -> str:
        """What stands between us and the encryptor."""
        return f"TCP {self._address[0]}:{self._address[1]}"

    def exchange(self, request: Message) -> Message:
        """One exchange; raises SilentTarget, CardRemoved or TargetError (no whole frame came)."""
        if not self._connected:
            raise CardRemoved(zh=f"{self.description}：未连接", en=f"{self.description}: not connected")
        if request["do"] == "frame":
            return exchange_octets(self._address, request, self._timeout, self.description)
        return self._asked(request)

    def _asked(self, request: Message) -> Message:
        frames = installed_frames()
        content = _content(request)
        sent = [(len(content).to_bytes(frames.length_bytes, "big") + content).hex().upper()]
        answer = exchange_octets(self._address, {"sent": sent}, self._timeout, self.description)
        received = bytes.fromhex(answer["received"])
        head, told = received[: frames.length_bytes], received[frames.length_bytes :]
        found = _object(told) if len(head) == frames.length_bytes and int.from_bytes(head, "big") == len(told) else None
        status = None if found is None else found.pop(frames.status, None)
        if found is None or type(status) is not int:
            raise TargetError(
                zh=f"{self.description}：应答不是一个完整的帧（{len(received)} 字节）",
                en=f"{self.description}: the answer is not one whole frame ({len(received)} bytes)",
            )
        headers = {name: str(found.pop(name)) for name in _HEADERS & found.keys()}
        body = json.dumps(found, ensure_ascii=False)
        return {"status": status, "headers": {**_JSON, **headers}, "body": body}


def exchange_octets(address: tuple[str, int], message: Message, timeout: float, description: str) -> Message:
    """Send the pieces of ``message["sent"]`` (hexadecimal) one by one, then say that no more come; read to the end.

    Returns ``received`` (hexadecimal). Raises SilentTarget where the end does not come in time, CardRemoved where the
    connection is refused or reset.
    """
    deadline, received = Deadline(timeout), bytearray()
    try:
        with socket.create_connection(address, timeout=deadline.left()) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for piece in message["sent"]:
                connection.settimeout(deadline.left())
                connection.sendall(bytes.fromhex(piece))
            connection.shutdown(socket.SHUT_WR)
            while len(received) <= LARGEST_BODY:
                connection.settimeout(deadline.left())
                found = connection.recv(_PIECE)
                if not found:
                    break
                received += found
    except TimeoutError:
        raise SilentTarget(
            zh=f"{description}：{timeout:g} 秒内应答没有结束，连接已关闭",
            en=f"{description}: the answer did not end within {timeout:g} s; the connection was closed",
        ) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise CardRemoved(
            zh=f"{description}：连接被拒绝或断开（{reason}）",
            en=f"{description}: the connection was refused or cut ({reason})",
        ) from error
    return {"received": bytes(received).hex().upper()}


def _content(message: Message) -> bytes:
    request = request_of(message)
    found = {} if request.body is None else _object(request.body)
    if found is None:
        return request.body or b""
    asking = {name: value for name, value in request.headers.items() if name.startswith(_MARK)}
    # Only the control interface for tests lies at another path than the services.
    path = {_PATH: request.path} if any(name == "x-test-control" for name in asking) else {}
    return json.dumps({**found, **asking, **path}, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
