"""The tester's card in a slot of the virtual reader: whoever uses PC/SC on this machine finds it there.

The card itself is the tester's instrument. The slot only carries: power and commands of the reader in, answers out.
"""

import contextlib
import socket
import threading
from collections.abc import Callable

from onecard.targets import framing
from onecard.targets.base import Message, TargetAbsent

POWER_OFF, POWER_ON, RESET, SEND_ATR = b"\x00", b"\x01", b"\x02", b"\x04"
CONNECT_LIMIT = 5.0
SILENCE = 1.5
"""Seconds after which a card that keeps silent is taken out: silence would block every reader of the service."""
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_RECEIVE_SIZE = 0x10001

Ask = Callable[[Message], Message]
"""A question about this slot, as a terminal would ask it: ``power-on`` or ``transmit``; and the answer."""


class VirtualSlot:
    """A slot at ``host``:``port`` of the virtual reader; ``ask`` is called from the slot's own thread."""

    def __init__(self, name: str, host: str, port: int, ask: Ask) -> None:
        self.name = name
        self._address = (host, port)
        self._ask = ask
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self.atr = b""
        self._powered = False

    @property
    def occupied(self) -> bool:
        """Whether a card is in the slot (it may have been pulled by itself)."""
        return self._connection is not None

    def insert(self, atr: bytes) -> None:
        """Put the card in, which answers the reset with ``atr``. Raises TargetAbsent without a virtual reader."""
        self.remove()
        try:
            connection = socket.create_connection(self._address, timeout=CONNECT_LIMIT)
        except OSError as error:
            host, port = self._address
            raise TargetAbsent(
                zh=f"虚拟读卡器 {host}:{port} 连接不上（{error}）。请运行 pcscd 并安装 vsmartcard-vpcd",
                en=f"the virtual reader at {host}:{port} cannot be reached ({error}): run pcscd with vsmartcard-vpcd",
            ) from None
        connection.settimeout(None)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.atr, self._powered = atr, False
        with self._lock:
            self._connection = connection
        self._thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        self._thread.start()

    def remove(self) -> None:
        """Pull the card; may be called again, and from any thread but the slot's own."""
        self._pull()
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(CONNECT_LIMIT)

    def _pull(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _serve(self, connection: socket.socket) -> None:
        frames = framing.FrameReader()
        try:
            while data := connection.recv(_RECEIVE_SIZE):
                if _QUICK_ACK is not None:
                    connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
                frames.feed(data)
                while (message := frames.take()) is not None:
                    if not self._answered(connection, message):
                        return
        except OSError:
            return
        finally:
            self._pull()

    def _answered(self, connection: socket.socket, message: bytes) -> bool:
        """Answer one message of the reader; False where the card leaves the slot."""
        if message == SEND_ATR:
            connection.sendall(framing.encode(self.atr))
            return True
        if message in (POWER_ON, RESET):
            return self._power_on()
        if len(message) < 2:
            self._powered = self._powered and message != POWER_OFF
            return True
        # A card put in faster than the service looks at its slot is never told to power on.
        if not self._powered and not self._power_on():
            return False
        answer = self._ask({"transmit": {"slot": self.name, "apdu": message.hex().upper()}})
        if "response" in answer:
            connection.sendall(framing.encode(bytes.fromhex(answer["response"])))
            return True
        if answer.get("error") == "silent":
            threading.Timer(SILENCE, self._pull).start()
            return True
        return False

    def _power_on(self) -> bool:
        answer = self._ask({"ask": "power-on", "slot": self.name})
        if "atr" not in answer:
            return False
        self.atr, self._powered = bytes.fromhex(answer["atr"]), True
        return True
