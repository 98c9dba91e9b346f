"""Client of the virtual reader: puts a card into a slot of pcscd's virtual reader (vsmartcard-vpcd)."""

import socket
import threading

from emulator.transport import stream
from emulator.transport.base import LinkEvent, LinkObserver, LinkReport, SmartCard
from emulator.transport.session import CardSession

SLOT_PORTS = (35963, 35964)
FIRST_PAUSE = 0.05
LONGEST_PAUSE = 2.0


class VirtualReaderClient:
    """Keeps ``card`` in the virtual reader at ``host``:``port`` until stopped.

    When pcscd is not there, or goes away, it tries again after a pause that doubles from 0.05 s to 2 s. ``run``
    blocks; ``stop`` may come from any thread, also from inside ``card.process`` (the card is pulled).
    """

    def __init__(
        self, card: SmartCard, observer: LinkObserver, *, host: str = "127.0.0.1", port: int = SLOT_PORTS[0]
    ) -> None:
        self._card = card
        self._observer = observer
        self._address = (host, port)
        self._where = f"{host}:{port}"
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._connection: socket.socket | None = None

    def run(self) -> None:
        """Connect, serve, reconnect; returns after stop()."""
        pause = FIRST_PAUSE
        waiting = False
        while not self._stopping.is_set():
            connection = self._connect()
            if connection is None:
                if not waiting:
                    self._report(LinkEvent.WAITING)
                    waiting = True
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                continue
            pause, waiting = FIRST_PAUSE, False
            self._report(LinkEvent.CONNECTED)
            try:
                stream.serve(connection, CardSession(self._card, self._report))
            finally:
                self._release()
            self._report(LinkEvent.DISCONNECTED)
            # A slot that another card occupies accepts and closes at once: do not spin on it.
            self._stopping.wait(FIRST_PAUSE)

    def stop(self) -> None:
        """Pull the card: end the connection and do not come back."""
        self._stopping.set()
        self._release()

    def _connect(self) -> socket.socket | None:
        try:
            connection = socket.create_connection(self._address, timeout=LONGEST_PAUSE)
        except OSError:
            return None
        connection.settimeout(None)
        with self._lock:
            if self._stopping.is_set():
                connection.close()
                return None
            self._connection = connection
        return connection

    def _release(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            stream.end(connection)

    def _report(self, event: LinkEvent, detail: str = "") -> None:
        self._observer(LinkReport(event, self._where, detail))
