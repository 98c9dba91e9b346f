"""Runs a transport in a thread for the length of a test and keeps what it reported."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from emulator.transport.base import LinkEvent, LinkReport, SmartCard
from emulator.transport.server import CardServer
from emulator.transport.vpcd import VirtualReaderClient
from tests.support.pcscd import wait_for_card


class Reports:
    """The events of one link; ``wait_for`` lets a test wait for one of them."""

    def __init__(self) -> None:
        self.seen: list[LinkReport] = []
        self._changed = threading.Condition()

    def __call__(self, report: LinkReport) -> None:
        with self._changed:
            self.seen.append(report)
            self._changed.notify_all()

    def wait_for(self, event: LinkEvent, times: int = 1, limit: float = 10.0) -> None:
        with self._changed:
            arrived = self._changed.wait_for(lambda: [seen.event for seen in self.seen].count(event) >= times, limit)
        assert arrived, f"{event} did not come {times} times: {self.seen}"


@contextmanager
def tcp_card(card: SmartCard, reports: Reports | None = None, host: str = "127.0.0.1") -> Iterator[CardServer]:
    server = CardServer(card, reports or Reports(), host=host)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


@contextmanager
def card_in_slot(card: SmartCard, port: int) -> Iterator[VirtualReaderClient]:
    """The card in the virtual reader from when the service sees it; afterwards the service sees an empty slot."""
    client = VirtualReaderClient(card, Reports(), port=port)
    thread = threading.Thread(target=client.run)
    thread.start()
    try:
        wait_for_card(port, present=True)
        yield client
    finally:
        client.stop()
        thread.join(10)
        assert not thread.is_alive()
        wait_for_card(port, present=False)
