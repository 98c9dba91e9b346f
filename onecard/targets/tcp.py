"""Target ``tcp:HOST:PORT``: the card listens, the tester connects, framing of the virtual reader."""

import re
import socket
import time
from contextlib import suppress

from onecard.errors import UserError
from onecard.targets import framing
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions, TargetRefused
from onecard.targets.tcp_service import SERVICE_KIND, TcpServiceTarget

POWER_OFF, POWER_ON, RESET, SEND_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\[\]]+)\]|(?P<host>[^:\[\]]+)):(?P<port>[0-9]{1,5})")
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_RECEIVE_SIZE = 4096


def open_target(rest: str, options: TargetOptions) -> "TcpTarget | TcpServiceTarget":
    """``rest`` is HOST:PORT, an IPv6 address in brackets; raises UserError when it is not.

    An encryptor is a service behind its frames, every other kind a card.
    """
    if options.kind == SERVICE_KIND:
        return TcpServiceTarget(address_of(rest), description=f"tcp:{rest}", timeout=options.timeout)
    return card_target(rest, options)


def card_target(rest: str, options: TargetOptions) -> "TcpTarget":
    """The card at HOST:PORT; raises UserError when it is not of that form."""
    host, port = address_of(rest)
    return TcpTarget(host, port, description=f"tcp:{rest}", timeout=options.timeout)


def address_of(rest: str) -> tuple[str, int]:
    """Host and port of ``HOST:PORT``; raises UserError when it is not of that form."""
    match = _ADDRESS.fullmatch(rest)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise UserError(
            zh=f"目标 tcp:{rest} 写法不对：应为 tcp:主机:端口（1–65535），例如 tcp:127.0.0.1:7816 或 tcp:[::1]:7816",
            en=f"target tcp:{rest} is not of the form tcp:HOST:PORT (port 1 to 65535), for example tcp:127.0.0.1:7816 "
            "or tcp:[::1]:7816",
        )
    return match["v6"] or match["host"], int(match["port"])


class TcpTarget:
    """A card behind a TCP port. Silence, a broken frame or a lost connection closes the socket; power_on reopens it."""

    def __init__(self, host: str, port: int, *, description: str, timeout: float) -> None:
        self.description = description
        self._address = (host, port)
        self._timeout = timeout
        self._socket: socket.socket | None = None
        self._frames = framing.FrameReader()

    def connect(self) -> None:
        if self._socket is not None:
            return
        try:
            connection = socket.create_connection(self._address, timeout=self._timeout)
        except OSError as error:
            reason = "timed out" if isinstance(error, TimeoutError) else (error.strerror or str(error))
            raise TargetAbsent(
                zh=f"{self.description}：连接不上（{reason}）。请确认卡片仿真或转接程序正在该主机和端口上监听",
                en=f"{self.description}: cannot connect ({reason}). Check that the card listens on that host and port",
            ) from error
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._frames = framing.FrameReader()
        self._socket = connection

    def power_on(self) -> bytes:
        if self._socket is None:
            self._reconnect()
        self._send(POWER_OFF)
        self._send(POWER_ON)
        return self._ask_atr()

    def reset(self) -> bytes:
        self._send(RESET)
        return self._ask_atr()

    def transmit(self, command: bytes) -> bytes:
        # In this framing a message of one byte is power control and an empty one is nothing: neither is a command.
        if not 2 <= len(command) <= framing.LONGEST:
            raise TargetRefused(
                zh=f"{self.description}：本连接方式不能传送 {len(command)} 字节的命令（允许 2–65535 字节）；与卡片无关",
                en=f"{self.description}: this framing cannot carry a command of {len(command)} bytes (2 to 65535); "
                "this says nothing about the card",
            )
        self._send(command)
        response = self._receive()
        if len(response) < 2:
            self._drop()
            raise TargetError(
                zh=f"{self.description}：响应只有 {len(response)} 字节，缺少状态字 SW1 SW2",
                en=f"{self.description}: the response has {len(response)} byte(s): SW1 SW2 are missing",
            )
        return response

    def close(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # the other end is gone, and with it the power
                self._socket.sendall(framing.encode(POWER_OFF))
        self._drop()

    def reader_name(self) -> str:
        return f"TCP {self.description.removeprefix('tcp:')}"

    def _ask_atr(self) -> bytes:
        self._send(SEND_ATR)
        atr = self._receive()
        if not atr:
            self._drop()
            raise TargetError(
                zh=f"{self.description}：卡片没有给出 ATR", en=f"{self.description}: the card gave no ATR"
            )
        return atr

    def _reconnect(self) -> None:
        try:
            self.connect()
        except TargetAbsent as absent:
            raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent

    def _send(self, message: bytes) -> None:
        connection = self._open_socket()
        self._refuse_unsolicited(connection)
        try:
            connection.sendall(framing.encode(message))
        except TimeoutError as error:
            raise self._silent() from error
        except OSError as error:
            raise self._removed() from error

    def _refuse_unsolicited(self, connection: socket.socket) -> None:
        """Bytes that nobody asked for would be taken as the answer to the next command: stop before that."""
        connection.settimeout(0)
        try:
            early = connection.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            connection.settimeout(self._timeout)
            if not self._frames.pending:
                return
        except OSError as error:
            raise self._removed() from error
        else:
            if not early:
                raise self._removed()
        self._drop()
        raise TargetError(
            zh=f"{self.description}：收到未经请求的数据，命令与响应已不能对应",
            en=f"{self.description}: bytes arrived that no command asked for; commands and responses no longer match",
        )

    def _receive(self) -> bytes:
        connection = self._open_socket()
        deadline = time.monotonic() + self._timeout
        while (message := self._frames.take()) is None:
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                raise self._silent()
            connection.settimeout(remaining)
            try:
                data = connection.recv(_RECEIVE_SIZE)
            except TimeoutError as error:
                raise self._silent() from error
            except OSError as error:
                raise self._removed() from error
            if not data:
                raise self._removed()
            if _QUICK_ACK is not None:
                connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            self._frames.feed(data)
        return message

    def _open_socket(self) -> socket.socket:
        if self._socket is None:
            raise self._removed()
        return self._socket

    def _silent(self) -> SilentTarget:
        self._drop()
        return SilentTarget(
            zh=f"{self.description}：{self._timeout:g} 秒内没有应答，连接已关闭",
            en=f"{self.description}: no answer within {self._timeout:g} s; the connection was closed",
        )

    def _removed(self) -> CardRemoved:
        # A frame that was cut off is worth saying: it is the card's fault, not a clean removal.
        torn = self._frames.pending
        self._drop()
        return CardRemoved(
            zh=f"{self.description}：连接已断开" + (f"，最后一帧只到了 {torn} 字节" if torn else ""),
            en=f"{self.description}: the connection ended" + (f" inside a frame, after {torn} byte(s)" if torn else ""),
        )

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._frames = framing.FrameReader()
