"""A card behind a TCP port: it listens, one tester at a time connects (target ``tcp:HOST:PORT``)."""

import queue
import socket
import threading

from emulator.transport import stream
from emulator.transport.base import LinkEvent, LinkObserver, LinkReport, SmartCard
from emulator.transport.session import CardSession

ACCEPT_POLL = 0.2
BUSY_GRACE = 0.5


class CardServer:
    """Listens on ``host``:``port`` (loopback by default; port 0 lets the system choose, see ``port``).

    The card lives as long as the server: files and counters persist between connections, power does not. A second
    tester waits half a second for the first to leave (a tester that reconnects must not be refused) and is then
    disconnected. ``run`` blocks; ``stop`` may come from any thread, also from inside ``card.process`` (the card is
    pulled). Raises OSError when the port is taken; what the card raises comes out of ``run``.
    """

    def __init__(self, card: SmartCard, observer: LinkObserver, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._card = card
        self._observer = observer
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=4)
        self._listener.settimeout(ACCEPT_POLL)
        self.port: int = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._idle = threading.Event()
        self._idle.set()
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None
        self._arrivals: queue.SimpleQueue[tuple[socket.socket, str] | None] = queue.SimpleQueue()

    def run(self) -> None:
        """Serve testers one after the other; returns after stop()."""
        acceptor = threading.Thread(target=self._accept, name="card-server-accept", daemon=True)
        acceptor.start()
        try:
            while (arrival := self._arrivals.get()) is not None:
                self._serve(*arrival)
        finally:
            self.stop()
            acceptor.join()

    def stop(self) -> None:
        """End the present connection and listen no more."""
        self._stopping.set()
        self._listener.close()
        self._arrivals.put(None)
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            stream.end(connection)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, peer = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                break  # stop() closed the listener
            where = f"{peer[0]}:{peer[1]}"
            if not self._idle.wait(BUSY_GRACE):
                self._observer(LinkReport(LinkEvent.REFUSED, where, "another tester is connected"))
                connection.close()
                continue
            self._idle.clear()
            self._arrivals.put((connection, where))
        self._arrivals.put(None)

    def _serve(self, connection: socket.socket, where: str) -> None:
        connection.settimeout(None)
        with self._lock:
            self._connection = connection
            if self._stopping.is_set():
                connection.close()
                return
        self._observer(LinkReport(LinkEvent.CONNECTED, where))
        session = CardSession(self._card, lambda event, detail: self._observer(LinkReport(event, where, detail)))
        try:
            stream.serve(connection, session)
        finally:
            with self._lock:
                self._connection = None
            stream.end(connection)
            self._idle.set()
            self._observer(LinkReport(LinkEvent.DISCONNECTED, where))
