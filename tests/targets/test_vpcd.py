"""The client of the virtual reader against a reader of our own on a loopback port."""

import socket
import threading
import time

from emulator.transport.base import LinkEvent
from emulator.transport.framing import frame
from emulator.transport.vpcd import VirtualReaderClient
from tests.targets.serving import Reports
from tests.targets.toy import ATR, ToyCard


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        assert piece, "the card went away"
        data += piece
    return data


def _started(card: ToyCard, reports: Reports, port: int) -> tuple[VirtualReaderClient, threading.Thread]:
    client = VirtualReaderClient(card, reports, port=port)
    thread = threading.Thread(target=client.run)
    thread.start()
    return client, thread


def test_it_comes_back_when_the_reader_went_away() -> None:
    card, reports = ToyCard(), Reports()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        client, thread = _started(card, reports, listener.getsockname()[1])
        for _ in range(3):
            connection, _peer = listener.accept()
            with connection:
                connection.settimeout(10)
                connection.sendall(frame(b"\x01") + frame(b"\x04"))
                assert _exactly(connection, 2 + len(ATR)) == frame(ATR)
        reports.wait_for(LinkEvent.DISCONNECTED, times=3)
        client.stop()
        thread.join(10)
    assert not thread.is_alive()
    assert card.events == ["on", "off"] * 3


def test_it_waits_for_a_reader_that_is_not_there_yet_and_says_so_once() -> None:
    reports = Reports()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client, thread = _started(ToyCard(), reports, port)
    reports.wait_for(LinkEvent.WAITING)
    time.sleep(0.4)  # several attempts
    with socket.create_server(("127.0.0.1", port)) as listener:
        reports.wait_for(LinkEvent.CONNECTED)
        client.stop()
        thread.join(10)
    assert not thread.is_alive()
    assert [seen.event for seen in reports.seen].count(LinkEvent.WAITING) == 1


def test_stopping_ends_a_wait_at_once() -> None:
    reports = Reports()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client, thread = _started(ToyCard(), reports, port)
    reports.wait_for(LinkEvent.WAITING)
    time.sleep(1.0)  # long enough that the next pause lasts most of a second
    started = time.monotonic()
    client.stop()
    thread.join(10)
    assert time.monotonic() - started < 0.5


def test_it_can_be_pulled_from_inside_a_command() -> None:
    card, reports = ToyCard(), Reports()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        client, thread = _started(card, reports, listener.getsockname()[1])

        def pull(_: bytes) -> None:
            client.stop()

        card.misbehave = pull
        connection, _peer = listener.accept()
        with connection:
            connection.settimeout(10)
            connection.sendall(frame(b"\x01") + frame(b"\x00\xb0\x00\x00\x00"))
            assert connection.recv(10) == b""
        thread.join(10)
    assert not thread.is_alive()
    assert card.events == ["on", "off"]
