"""``onecard emulate hsm|ecard|platform|partner|terminal``: what its user sees."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from onecard.emulate.service import emulate_service
from onecard.emulate.terminal import emulate_terminal
from onecard.errors import UserError
from onecard.targets.base import ExchangeTarget, TargetOptions
from onecard.targets.http import open_target

RESET = {"do": "http", "method": "POST", "path": "/test-control/reset", "body": "{}"}


@contextmanager
def _running(out: io.StringIO, host: str = "127.0.0.1", token: str | None = None) -> Iterator[ExchangeTarget]:
    stop, told = threading.Event(), threading.Event()
    targets: list[str] = []

    def declare(target: str) -> None:
        targets.append(target)
        told.set()

    def run() -> None:
        emulate_service(
            kind="hsm", profile="hsm-default", host=host, control_token=token, language="en", out=out, stop=stop,
            declare=declare,
        )  # fmt: skip

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert told.wait(60)
        port = targets[0].rpartition(":")[2]
        target = open_target(f"//127.0.0.1:{port}", TargetOptions(timeout=60.0))
        target.connect()
        yield target
    finally:
        stop.set()
        thread.join(20)
        assert not thread.is_alive()


def test_the_control_interface_is_open_only_when_asked_for() -> None:
    out = io.StringIO()
    with _running(out) as target:
        assert target.exchange({**RESET, "headers": {"x-test-control": ""}})["status"] == 404
    assert "token" not in out.getvalue()
    out = io.StringIO()
    with _running(out, token="chosen") as target:
        assert target.exchange({**RESET, "headers": {"x-test-control": "wrong"}})["status"] == 401
        assert target.exchange({**RESET, "headers": {"x-test-control": "chosen"}})["status"] == 200
    assert "token of the test control: chosen" in out.getvalue()


def test_an_address_that_others_reach_is_warned_of() -> None:
    out = io.StringIO()
    with _running(out, host="0.0.0.0"):
        pass
    assert out.getvalue().startswith("warning: 0.0.0.0 can be reached from other machines")


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=str(port)) as caught:
            emulate_service(kind="hsm", profile="hsm-default", port=port, out=io.StringIO())
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_is_none(url: str) -> None:
    with pytest.raises(UserError, match="--database") as caught:
        emulate_service(kind="platform", profile="platform-default", out=io.StringIO(), database=url)
    assert caught.value.exit_code == 2


def _terminal(*lines: object) -> list[dict[str, object]]:
    """What the terminal says to a tester who says these lines, whatever it asks."""
    source = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    sink = io.BytesIO()
    assert emulate_terminal(profile="terminal-default", source=io.BytesIO(source), sink=sink) == 0
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_a_terminal_without_a_card() -> None:
    absent = {"id": 7, "answer": {"error": "absent"}}
    said = _terminal({"id": 7, "call": "iReadCardBas", "args": {"iType": 1}}, absent)
    assert said[0] == {"protocol": 1, "name": "OneCard reference terminal-default"}
    assert said[1] == {"id": 7, "ask": "power-on", "slot": "card"}
    assert (said[-1]["id"], said[-1]["return"]) == (7, -2)


def test_a_tester_that_leaves_in_the_middle_of_a_call() -> None:
    said = _terminal({"id": 1, "call": "iReadCardBas", "args": {"iType": 1}})
    assert "ask" in said[-1]


@pytest.mark.parametrize(
    "line", [b"hello", b"[1]", b'{"id":1}', b'{"id":1,"call":"iReadCardBas","args":{"iType":1}}\n{}']
)
def test_a_tester_that_breaks_the_protocol(line: bytes) -> None:
    with pytest.raises(UserError, match="no message of protocol 1") as caught:
        emulate_terminal(profile="terminal-default", source=io.BytesIO(line + b"\n"), sink=io.BytesIO())
    assert caught.value.exit_code == 3
