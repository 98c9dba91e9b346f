"""``onecard emulate card``: the reference card behind a port and in both slots of the virtual reader."""

import io
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from onecard.emulate.card import emulate_card
from onecard.errors import UserError
from onecard.targets import pcsc, tcp
from onecard.targets.base import TargetOptions
from tests.support.pcscd import VirtualReader, wait_for_card

SELECT_SSSE = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
OPENSC_SELECT = SELECT_SSSE.hex().upper() + "00"


@contextmanager
def _running(run: Callable[[threading.Event, io.StringIO], int]) -> Iterator[io.StringIO]:
    stop, out, codes = threading.Event(), io.StringIO(), list[int]()
    thread = threading.Thread(target=lambda: codes.append(run(stop, out)))
    thread.start()
    try:
        yield out
    finally:
        stop.set()
        thread.join(20)
        assert codes == [0]


def _port_told_in(out: io.StringIO) -> int:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        match = re.search(r"tcp:127\.0\.0\.1:(\d+)", out.getvalue())
        if match:
            return int(match[1])
        time.sleep(0.02)
    raise AssertionError(f"no port in {out.getvalue()!r}")


def test_behind_a_port() -> None:
    with _running(
        lambda stop, out: emulate_card(profile="card-3.0", mode="tcp", language="en", out=out, stop=stop)
    ) as out:
        target = tcp.card_target(f"127.0.0.1:{_port_told_in(out)}", TargetOptions())
        target.connect()
        atr = target.power_on()
        assert target.transmit(SELECT_SSSE) == b"\x61\x1e"
        target.close()
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("the card is listening on tcp:127.0.0.1:")
    assert any(line.endswith(f"powered on, ATR {atr.hex().upper()}") for line in lines)
    assert any(line.endswith("disconnected") for line in lines)


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=str(port)) as caught:
            emulate_card(profile="card-3.0", mode="tcp", port=port, out=io.StringIO())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("slots", [(), (2,), (0, -1)])
def test_slots_that_the_virtual_reader_does_not_have(slots: tuple[int, ...]) -> None:
    with pytest.raises(UserError, match="slots 0 and 1"):
        emulate_card(profile="card-3.0", mode="pcsc", slots=slots, out=io.StringIO())


@pytest.mark.pcsc
def test_both_slots_hold_different_cards(reader: VirtualReader) -> None:
    with _running(
        lambda stop, out: emulate_card(profile="card-3.0", mode="pcsc", slots=(0, 1), out=out, stop=stop)
    ) as out:
        for port in reader.ports:
            wait_for_card(port, present=True)
        answers: set[bytes] = set()
        for name in reader.targets:
            target = pcsc.open_target(name.removeprefix("pcsc:"), TargetOptions())
            target.connect()
            try:
                answers.add(target.power_on())
                assert target.transmit(SELECT_SSSE) == b"\x61\x1e"
                assert len(target.transmit(bytes.fromhex("00C000001E"))) == 32
            finally:
                target.close()
        assert len(answers) == 2
        assert "35963、35964" in out.getvalue()
    for port in reader.ports:
        wait_for_card(port, present=False)


@pytest.mark.pcsc
def test_opensc_prints_the_fci(reader: VirtualReader) -> None:
    with _running(lambda stop, out: emulate_card(profile="card-3.0", mode="pcsc", out=out, stop=stop)):
        wait_for_card(reader.ports[0], present=True)
        run = subprocess.run(
            ["opensc-tool", "-r", "0", "-s", OPENSC_SELECT], capture_output=True, text=True, timeout=30, check=False
        )
        assert run.returncode == 0, run.stderr
        assert "SW1=0x90, SW2=0x00" in run.stdout
        assert "6F 1C 84 0F 73 78 31 2E 73 68 2E" in run.stdout
    wait_for_card(reader.ports[0], present=False)


def test_ctrl_c_ends_the_command_with_0() -> None:
    script = (
        "import sys\n"
        "from onecard.emulate.card import emulate_card\n"
        "sys.exit(emulate_card(profile='card-3.0', mode='tcp', language='en'))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert "listening" in process.stderr.readline()
        time.sleep(0.2)
        process.send_signal(2)
        assert process.wait(20) == 0
        assert "Traceback" not in process.stderr.read()
