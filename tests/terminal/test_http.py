"""``http:`` for terminals: protocol 1, one message a request, over real sockets."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from emulator.mutants.terminal.pin import PinTriedAgain
from emulator.variant import Variant
from onecard.emulate.terminal_http import HOST, LARGEST, TerminalDesk, app_of
from onecard.errors import UserError
from onecard.harness.opening import what_has
from onecard.harness.verdict import Verdict
from onecard.reference.terminal import instrument, open_target
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions
from onecard.targets.http import HttpTarget
from onecard.targets.http_terminal import HttpTerminal
from onecard.targets.http_terminal import open_target as open_http
from onecard.targets.serving import HttpServer
from tests.support.command import onecard
from tests.support.emulated import DECLARED, emulated
from tests.terminal.bench import PROFILE, outcomes

CALL = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}
GREETING = {"protocol": 1, "name": "toy"}
WANTED = (
    "terminal/literals",
    "terminal/reading_by_psam/test_basic_data",
    "terminal/reading_by_encryptor/test_read",
    "terminal/refusals/test_no_reader",
    "terminal/refusals/test_pulled_card[card-3.0",
    "terminal/pin/test_changed_pin[card-3.0",
    "terminal/pin_steps/test_reload[card-3.0",
    "terminal/debit/test_records[card-2.0",
)
AGAIN = "terminal/pin/test_no_second_try[card-3.0"


@contextmanager
def serving(variant: object | None = None) -> Iterator[str]:
    """The reference behind HTTP; what follows ``http:`` of its target."""
    made = TerminalDesk("toy", lambda own: open_target(PROFILE, TargetOptions(instrument=own, variant=variant)))
    server = HttpServer(app_of(made), host=HOST, port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.url.removeprefix("http:")
    finally:
        server.stop()
        thread.join(20)
        made.close()
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def right() -> Iterator[str]:
    with serving() as rest:
        yield rest


def opened(rest: str, timeout: float = 5.0) -> HttpTerminal:
    target = open_http(rest, TargetOptions(timeout=timeout, kind="terminal", instrument=instrument({})))
    assert isinstance(target, HttpTerminal)
    return target


def test_the_reference_passes(right: str) -> None:
    ended = outcomes(lambda: opened(right), lambda case: case.startswith(WANTED))
    assert {case: found.why for case, found in ended.items() if found.verdict is not Verdict.PASS} == {}
    assert len(ended) > 25


def test_a_planted_fault_is_found() -> None:
    with serving(Variant(behaviour=PinTriedAgain())) as rest:
        ended = outcomes(lambda: opened(rest), lambda case: case.startswith((AGAIN, "terminal/literals")))
    failed = {found.failed.requirement for found in ended.values() if found.failed is not None}
    assert failed == {"TERMINAL-PIN-ONCE"}
    assert any(found.verdict is Verdict.PASS for found in ended.values())


def test_other_kinds_are_services_as_before() -> None:
    assert isinstance(open_http("//127.0.0.1:1", TargetOptions(kind="hsm")), HttpTarget)
    assert opened("//127.0.0.1:1").description == "http://127.0.0.1:1"
    with pytest.raises(UserError, match="tester's card"):
        open_http("//127.0.0.1:1", TargetOptions(kind="terminal"))
    with pytest.raises(UserError, match="not of the form"):
        opened("127.0.0.1")
    assert what_has("http://127.0.0.1:1", "hsm", {}) == frozenset()
    assert what_has("http://127.0.0.1:1", "terminal", {}) == {"keypad", "unplugging"}


def test_a_call_that_was_left_ends_with_the_next(right: str) -> None:
    url, target = f"http:{right}/", opened(right)
    asked = httpx.post(url, json={"id": 7, "call": "iReadCardBas", "args": {"iType": 1}}).json()
    assert asked == {"id": 7, "ask": "power-on", "slot": "card"}
    target.connect()
    assert target.exchange(CALL)["return"] == 0
    late = httpx.post(url, json={"id": 7, "answer": {"error": "absent"}})
    assert (late.status_code, late.json()["code"]) == (409, "no-such-call")
    target.close()
    assert not [one for one in threading.enumerate() if one.name.startswith("call ")]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-message"),
        (b"[1]", 400, "bad-message"),
        (b"[" * 50000, 400, "bad-message"),
        (b'{"id": 1, "call": "iReadCardBas"}', 400, "bad-message"),
        (b'{"id": 1, "call": 7, "args": {}}', 400, "bad-message"),
        (b'{"id": 1, "answer": {"error": "absent"}}', 409, "no-such-call"),
        (b" " * (LARGEST + 1), 413, "too-large"),
    ],
)
def test_the_reference_refuses_what_is_no_message(right: str, body: bytes, status: int, code: str) -> None:
    answer = httpx.post(f"http:{right}/", content=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert set(answer.json()["message"]) == {"zh", "en"}
    assert httpx.get(f"http:{right}/").json() == GREETING
    assert httpx.get(f"http:{right}/other").status_code == 404
    assert httpx.delete(f"http:{right}/").status_code == 405


Reply = tuple[int, bytes] | None
GREETED = (200, json.dumps(GREETING).encode())


@contextmanager
def answering(*replies: Reply, greeting: Reply = GREETED) -> Iterator[str]:
    """A terminal that gives these answers to POST, one after the other; None: it never answers."""
    left, ending = list(replies), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

        def do_GET(self) -> None:
            self._give(greeting)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._give(left.pop(0))

        def _give(self, reply: Reply) -> None:
            if reply is None:
                ending.wait(10)
                return
            self.send_response(reply[0])
            self.send_header("content-length", str(len(reply[1])))
            self.end_headers()
            self.wfile.write(reply[1])

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"//{HOST}:{server.server_port}/base"
        finally:
            ending.set()
            server.shutdown()
            thread.join()


DONE = (200, b'{"id": 2, "return": -2, "out": ""}')


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        (None, SilentTarget, "no whole answer"),
        ((500, b"Internal Server Error"), TargetError, "status 500.*Internal Server Error"),
        ((200, b"<html>"), TargetError, "broke the protocol: '<html>'"),
        ((200, b"\xff\xfe"), TargetError, "no UTF-8"),
        ((200, b" " * 2 * 1024 * 1024), TargetError, "too large"),
        ((200, b'{"id": 9, "return": 0, "out": ""}'), TargetError, "id 9 where the call has id 1"),
        ((200, b'{"id": 1, "return": "0", "out": ""}'), TargetError, "is not of type 'integer'"),
        ((200, b'{"id": 1, "transmit": {"slot": "left", "apdu": "00"}}'), TargetError, "'left' is not one of"),
    ],
)
def test_wrong_answers_are_named_and_the_next_call_is_made(reply: Reply, error: type[Exception], told: str) -> None:
    with answering(reply, DONE) as rest:
        target = opened(rest, timeout=1.0)
        target.connect()
        with pytest.raises(error, match=told):
            target.exchange(CALL)
        assert target.exchange(CALL)["return"] == -2
        assert target.reader_name().startswith("toy, HTTP 127.0.0.1:")
        target.close()


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        ((200, b'{"protocol": 2, "name": "new"}'), "speaks protocol 2"),
        ((200, b"Welcome!"), "did not greet"),
        ((404, b"not found"), "did not greet.*status 404"),
        (None, "did not greet"),
    ],
)
def test_a_wrong_greeting_means_that_nothing_is_there(greeting: Reply, told: str) -> None:
    with answering(greeting=greeting) as rest, pytest.raises(TargetAbsent, match=told):
        opened(rest, timeout=0.5).connect()


def test_a_terminal_that_goes_away() -> None:
    with answering() as rest:
        target = opened(rest)
        target.connect()
    with pytest.raises(CardRemoved):
        target.exchange(CALL)
    with pytest.raises(TargetAbsent, match="cannot connect"):
        opened(rest).connect()


def test_certified_as_a_user_does_it(tmp_path: Path) -> None:
    with emulated(tmp_path, "terminal", "--http", "--port", "0"):
        ics = tmp_path / "declared" / "ics.yaml"
        declared = yaml.safe_load(ics.read_text(encoding="utf-8"))
        declared["items"] |= {name: name == "terminal.encryptor" for name in declared["items"]}
        ics.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
        run = onecard("certify", "terminal", *DECLARED, "--json", "--out", "out", cwd=tmp_path)
    assert run.stdout, run.stderr
    summary = json.loads(run.stdout)
    assert (run.returncode, summary["verdict"]) == (0, "pass"), run.stdout + run.stderr
    assert summary["cases"]["pass"] > 40
    again = onecard("replay", "out/run.bundle", "--json", cwd=tmp_path)
    assert (again.returncode, json.loads(again.stdout)["verdict"]) == (0, "pass"), again.stdout + again.stderr
