"""What keeps emulated cards running: lines an event, clean ends, failures told."""

import io
import os
import signal
import socket
import threading
import time

import pytest

from emulator.transport.base import LinkEvent, LinkReport
from emulator.transport.server import CardServer
from onecard.emulate.runner import EventLog, run_until_stopped
from onecard.errors import UserError
from onecard.spec.text import Text
from onecard.targets.base import TargetOptions
from onecard.targets.tcp import card_target
from tests.targets.toy import ToyCard


@pytest.mark.parametrize("event", list(LinkEvent))
def test_every_event_has_a_line_in_both_languages(event: LinkEvent) -> None:
    lines = []
    for language in ("zh", "en"):
        out = io.StringIO()
        EventLog(out, "zh" if language == "zh" else "en")(LinkReport(event, "127.0.0.1:1", "3B00"))
        lines.append(out.getvalue())
    assert lines[0] != lines[1]
    assert all(line.startswith("127.0.0.1:1") and line.count("\n") == 1 for line in lines)


def test_lines_of_our_own() -> None:
    out = io.StringIO()
    EventLog(out, "en").say(Text(zh="一", en="one"))
    EventLog(out, "zh").say(Text(zh="一", en="one"))
    assert out.getvalue() == "one\n一\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly_and_the_old_handlers_come_back(number: signal.Signals) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    server = CardServer(ToyCard(), EventLog(io.StringIO(), "en"))
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    timer.start()
    run_until_stopped([server])
    timer.join()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_a_card_that_fails_is_told_and_ends_the_other_too() -> None:
    broken, fine = ToyCard(), ToyCard()

    def fail(_: bytes) -> bytes:
        raise ZeroDivisionError("a defect")

    broken.misbehave = fail
    log = EventLog(io.StringIO(), "en")
    servers = [CardServer(broken, log), CardServer(fine, log)]

    def send() -> None:
        target = card_target(f"127.0.0.1:{servers[0].port}", TargetOptions())
        target.power_on()
        with pytest.raises(Exception, match="connection ended"):
            target.transmit(bytes(5))

    tester = threading.Thread(target=send)
    tester.start()
    started = time.monotonic()
    with pytest.raises(UserError, match="ZeroDivisionError: a defect") as caught:
        run_until_stopped(servers)
    tester.join()
    assert caught.value.exit_code == 3
    assert time.monotonic() - started < 10
    assert broken.events == ["on", "off"]
