"""``tcp:HOST:PORT`` against real sockets: our own server, and hostile ones."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from emulator.transport.base import LinkEvent
from onecard.errors import UserError
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions, TargetRefused
from onecard.targets.framing import encode
from onecard.targets.tcp import TcpTarget, card_target, open_target
from tests.targets.serving import Reports, tcp_card
from tests.targets.toy import ATR, WARM_ATR, ToyCard

READ = bytes.fromhex("00B2080014")


def _target(port: int, timeout: float = 5.0, host: str = "127.0.0.1") -> TcpTarget:
    return card_target(f"{host}:{port}", TargetOptions(timeout=timeout))


@contextmanager
def _hostile(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A listener that does ``talk`` with the first tester, then closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        connection, _ = listener.accept()
        # A tester that gives up with our bytes unread resets the connection.
        with connection, suppress(ConnectionError):
            talk(connection)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join(10)
        listener.close()


def _until_atr_is_asked(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(encode(b"\x04")):
        received += connection.recv(100)


def _after_atr(rest: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        _until_atr_is_asked(connection)
        connection.sendall(encode(ATR))
        connection.recv(100)
        rest(connection)

    return talk


def test_a_card_behind_a_port() -> None:
    card = ToyCard()
    with tcp_card(card) as server:
        target = _target(server.port)
        target.connect()
        assert target.power_on() == ATR
        assert target.transmit(READ) == READ[::-1] + b"\x90\x00"
        assert target.reset() == WARM_ATR
        assert target.transmit(bytes(65535 - 2)) == bytes(65535 - 2) + b"\x90\x00"
        assert target.reader_name() == f"TCP 127.0.0.1:{server.port}"
        target.close()
        target.close()


def test_state_persists_between_connections_and_power_does_not() -> None:
    card, reports = ToyCard(), Reports()
    with tcp_card(card, reports) as server:
        for _ in range(3):
            target = _target(server.port)
            target.connect()
            target.power_on()
            target.transmit(READ)
            target.close()
        reports.wait_for(LinkEvent.DISCONNECTED, times=3)
    assert card.commands == 3
    assert card.events == ["on", "off"] * 3


def test_a_tester_that_vanishes_leaves_the_card_without_power() -> None:
    card, reports = ToyCard(), Reports()
    with tcp_card(card, reports) as server, socket.create_connection(("127.0.0.1", server.port)) as tester:
        tester.sendall(encode(b"\x01"))
        reports.wait_for(LinkEvent.POWERED_ON)
        tester.close()
        reports.wait_for(LinkEvent.POWERED_OFF)


def test_a_second_tester_is_sent_away_and_the_first_goes_on() -> None:
    card, reports = ToyCard(), Reports()
    with tcp_card(card, reports) as server:
        first, second = _target(server.port), _target(server.port)
        first.connect()
        first.power_on()
        second.connect()
        with pytest.raises(CardRemoved):
            second.power_on()
        reports.wait_for(LinkEvent.REFUSED)
        assert first.transmit(READ) == READ[::-1] + b"\x90\x00"
        first.close()


def test_ipv6() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 in this Python")
    try:
        with tcp_card(ToyCard(), host="::1") as server:
            target = _target(server.port, host="[::1]")
            target.connect()
            assert target.power_on() == ATR
            target.close()
    except OSError as error:
        pytest.skip(f"no IPv6 loopback here: {error}")


def test_silence_ends_in_time_closes_the_socket_and_power_on_starts_again() -> None:
    card, reports = ToyCard(), Reports()
    card.misbehave = lambda _: None
    with tcp_card(card, reports) as server:
        target = _target(server.port, timeout=0.3)
        target.connect()
        target.power_on()
        started = time.monotonic()
        with pytest.raises(SilentTarget) as caught:
            target.transmit(READ)
        assert 0.3 <= time.monotonic() - started < 3
        assert "0.3" in caught.value.text.zh
        assert caught.value.exit_code == 3
        with pytest.raises(CardRemoved):
            target.transmit(READ)
        card.misbehave = None
        assert target.power_on() == ATR
        assert target.transmit(READ)[-2:] == b"\x90\x00"
        target.close()


def test_a_card_that_drips_bytes_does_not_stretch_the_limit() -> None:
    def drip(connection: socket.socket) -> None:
        for byte in encode(bytes(200)):
            try:
                connection.sendall(bytes([byte]))
            except OSError:
                return
            time.sleep(0.05)

    with _hostile(_after_atr(drip)) as port:
        target = _target(port, timeout=0.4)
        target.power_on()
        started = time.monotonic()
        with pytest.raises(SilentTarget):
            target.transmit(READ)
        assert time.monotonic() - started < 3


def test_a_card_pulled_in_the_middle() -> None:
    card = ToyCard()
    with tcp_card(card) as server:

        def pull(_: bytes) -> None:
            server.stop()

        target = _target(server.port)
        target.connect()
        target.power_on()
        card.misbehave = pull
        with pytest.raises(CardRemoved) as caught:
            target.transmit(READ)
        assert caught.value.exit_code == 3
        # Mid-run there is no "nothing was sent" any more: the port that is gone is a removed card.
        with pytest.raises(CardRemoved):
            target.power_on()
        target.close()


def test_a_frame_cut_off_is_named() -> None:
    with _hostile(_after_atr(lambda connection: connection.sendall(b"\x00\x09\x6f"))) as port:
        target = _target(port)
        target.power_on()
        with pytest.raises(CardRemoved, match="inside a frame, after 3 byte"):
            target.transmit(READ)


@pytest.mark.parametrize("answer", [b"", b"\x90"])
def test_a_response_without_status_bytes_is_an_error(answer: bytes) -> None:
    with _hostile(_after_atr(lambda connection: connection.sendall(encode(answer)))) as port:
        target = _target(port)
        target.power_on()
        with pytest.raises(TargetError, match="SW1 SW2"):
            target.transmit(READ)


def test_bytes_nobody_asked_for_are_not_taken_as_the_next_answer() -> None:
    def twice(connection: socket.socket) -> None:
        connection.sendall(encode(b"\x90\x00") + encode(b"\x6a\x82"))
        connection.recv(1)

    with _hostile(_after_atr(twice)) as port:
        target = _target(port)
        target.power_on()
        assert target.transmit(READ) == b"\x90\x00"
        with pytest.raises(TargetError, match="no command asked for"):
            target.transmit(READ)


def test_a_late_answer_is_not_taken_as_the_next_one() -> None:
    late = threading.Event()

    def twice(connection: socket.socket) -> None:
        connection.sendall(encode(b"\x90\x00"))
        late.wait(5)
        connection.sendall(encode(b"\x6a\x82"))
        connection.recv(1)

    with _hostile(_after_atr(twice)) as port:
        target = _target(port)
        target.power_on()
        assert target.transmit(READ) == b"\x90\x00"
        late.set()
        time.sleep(0.2)
        with pytest.raises(TargetError, match="no command asked for"):
            target.transmit(READ)


def test_an_empty_atr_is_an_error() -> None:
    def mute(connection: socket.socket) -> None:
        _until_atr_is_asked(connection)
        connection.sendall(encode(b""))
        connection.recv(1)

    with _hostile(mute) as port, pytest.raises(TargetError, match="no ATR"):
        _target(port).power_on()


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TargetAbsent) as caught:
        _target(port).connect()
    assert caught.value.exit_code == 2
    assert str(port) in caught.value.text.en
    assert str(port) in caught.value.text.zh


def test_a_host_that_has_no_address() -> None:
    with pytest.raises(TargetAbsent):
        _target(7816, host="no-such-host.invalid").connect()


@pytest.mark.parametrize("command", [b"", b"\x00", bytes(65536)])
def test_what_the_framing_cannot_carry_is_refused_before_it_is_sent(command: bytes) -> None:
    card = ToyCard()
    with tcp_card(card) as server:
        target = _target(server.port)
        target.power_on()
        with pytest.raises(TargetRefused):
            target.transmit(command)
        # A one-byte message would have taken the power away.
        assert target.transmit(READ)[-2:] == b"\x90\x00"
        target.close()
    assert card.commands == 1


@pytest.mark.parametrize(
    "rest", ["", "host", "host:", ":7816", "host:0", "host:65536", "host:x", "::1:7816", "[::1]", "h:1:2", "h:７"]
)
def test_a_wrong_address_says_how_to_write_it(rest: str) -> None:
    with pytest.raises(UserError, match="tcp:HOST:PORT") as caught:
        open_target(rest, TargetOptions())
    assert caught.value.exit_code == 2
