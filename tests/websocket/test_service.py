"""``onecard emulate terminal --ws``: what a page gets, what a message that is no call gets, and who may call at all."""

import json
import queue
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.exceptions import ConnectionClosedError, InvalidStatus

from emulator.keys import DEFAULT_SEED
from emulator.persons import person
from emulator.terminal.instrument import TerminalInstrument
from onecard.emulate.slots import EmbeddedSlots
from onecard.emulate.websocket import WebSocketDesk, WebSocketService
from onecard.errors import UserError
from tests.driver.support import DATE, embedded
from tests.support.command import onecard, started
from tests.websocket.support import called, desk, library, messages, page, serving, told

BASIC = '{"function": "iReadCardBas", "iType": 1}'
REFUSED = {"functionName": "iReadCardBas", "success": "-14", "pOutInfo": "参数错误"}
UNREADABLE = {"functionName": "", "success": "-23", "pOutInfo": "传入数据不合法"}


def _name() -> str:
    return person(DEFAULT_SEED, 0).name


def test_the_literal_exchange_of_a_page() -> None:
    """As the published client tells it, byte for byte on the way in."""
    with serving(embedded()) as url, page(url) as connection:
        answer = told(connection, '{"function":"iReadCardBas","iType":1}')
        assert list(answer) == ["functionName", "success", "pOutInfo"]
        assert answer["functionName"] == "iReadCardBas"
        assert answer["success"] == "1"
        assert answer["pOutInfo"].split("|")[4] == _name()


def test_both_steps_by_encryptor_keep_the_card_between_them() -> None:
    with serving(embedded()) as url, page(url) as connection:
        success, request = called(connection, "iReadCardBas_HSM_Step1", iType="1")
        assert (success, request.count("|")) == ("1", 8)
        # A card that did not compute what the encryptor says is an illegal one.
        fields = request.split("|")
        wrong = f"{'0' * 16}{fields[5]}|{'0' * 16}{fields[7]}|"
        assert called(connection, "iReadCardBas_HSM_Step2", pkey=wrong)[0] == "-21"
        assert called(connection, "iReadCardBas_HSM_Step2", pKey=wrong)[0] == "-13", "the session is over"


def test_an_error_is_its_code_as_text() -> None:
    with serving(embedded(card=None)) as url, page(url) as connection:
        assert called(connection, "iReadCardBas", iType=1) == ("-2", "无卡")


@pytest.mark.parametrize(
    ("message", "answer"),
    [
        ("", UNREADABLE),
        ("nonsense", UNREADABLE),
        ("[]", UNREADABLE),
        ("1", UNREADABLE),
        ("[" * 5000, UNREADABLE),
        (BASIC.encode(), UNREADABLE),
        ("{}", {**REFUSED, "functionName": ""}),
        ('{"function": 1}', {**REFUSED, "functionName": ""}),
        ('{"function": "iNothing"}', {"functionName": "iNothing", "success": "-13", "pOutInfo": "命令不支持"}),
        ('{"function": "\\ud800"}', {"functionName": "\ud800", "success": "-13", "pOutInfo": "命令不支持"}),
        ('{"function": "iReadCardBas"}', REFUSED),
        ('{"function": "iReadCardBas", "iType": true}', REFUSED),
        ('{"function": "iReadCardBas", "iType": 1.5}', REFUSED),
        ('{"function": "iReadCardBas", "iType": "one"}', REFUSED),
        ('{"function": "iReadCardBas", "iType": 1' + "0" * 5000 + "}", UNREADABLE),
        ('{"function": "iReadCardBas", "iType": 10000000000}', REFUSED),
        ('{"function": "iReadCardBas", "iType": null}', REFUSED),
        (
            '{"function": "iReadCardBas_HSM_Step2", "pKey": 5}',
            {**REFUSED, "functionName": "iReadCardBas_HSM_Step2"},
        ),
        (
            '{"function": "iReadCardBas_HSM_Step2", "pKey": "\\ud800"}',
            {**REFUSED, "functionName": "iReadCardBas_HSM_Step2"},
        ),
        ('{"function": "iReadCardBas", "iType": 1, "more": "' + "x" * 65536 + '"}', {**REFUSED, "functionName": ""}),
    ],
    ids=lambda value: str(value)[:40] if isinstance(value, str | bytes) else "",
)
def test_what_is_no_call_is_answered_and_the_connection_stays(message: str | bytes, answer: dict[str, str]) -> None:
    with serving(embedded()) as url, page(url) as connection:
        assert told(connection, message) == answer
        assert told(connection, BASIC)["success"] == "1"


def test_published_quirks() -> None:
    """A member written otherwise is taken; another function's name is not guessed."""
    with serving(embedded()) as url, page(url) as connection:
        for quirk in messages().members:
            signature = next(
                one for one in library().signatures.values() if quirk.meant in {each.name for each in one.inputs}
            )
            given = {
                one.name: 1 if one.type == "number" else "x" for one in signature.inputs if one.name != quirk.meant
            }
            code = called(connection, signature.call, **given, **{quirk.sent: "x"})[0]
            assert (code == "-14") is not quirk.understood
        wrapper = {"iType": 1, "pCardInfo": "x", "pFileAddr": "x"}
        assert called(connection, "iReadCard", **wrapper)[0] == "-14", "iAuthType is missing: step 1 was meant"
        assert called(connection, "ReadCard_HSM_Step2", pKey="x")[0] == "-13"


def test_a_message_beyond_all_measure_ends_its_connection_alone() -> None:
    with serving(embedded()) as url, page(url) as one, page(url) as other:
        with pytest.raises(ConnectionClosedError) as closed:
            told(one, "x" * (messages().largest * 16 + 1))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1009
        assert told(other, BASIC)["success"] == "1"


ORIGINS = {
    None: True,
    "http://localhost": True,
    "http://localhost:8080": True,
    "https://127.0.0.1:8443": True,
    "http://[::1]:80": True,
    "https://window.example": True,
    "https://window.example.evil.example": False,
    "https://evil.example": False,
    "http://localhost.evil.example": False,
    "http://evil.example:localhost": False,
    "http://127.0.0.1.evil.example": False,
    "null": False,
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_which_pages_may_call(origin: str | None) -> None:
    said: list[str] = []
    with serving(embedded(), said, origins=("https://window.example",)) as url:
        if ORIGINS[origin]:
            with page(url, origin) as connection:
                assert told(connection, BASIC)["success"] == "1"
        else:
            with pytest.raises(InvalidStatus) as refused:
                page(url, origin)
            assert refused.value.response.status_code == 403
            assert said == []


def test_several_connections_are_served_one_after_the_other() -> None:
    answers: list[str] = []
    with serving(embedded()) as url:

        def read() -> None:
            with page(url) as connection:
                answers.extend(told(connection, BASIC)["success"] for _ in range(5))

        threads = [threading.Thread(target=read) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert answers == ["1"] * 30


class _Slow(EmbeddedSlots):
    """Cards that take their time, and see who uses them at once."""

    def __init__(self) -> None:
        instrument = TerminalInstrument()
        instrument.configure({})
        super().__init__(instrument, lambda: DATE)
        self.users: list[int] = []
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.closed = 0

    def power_on(self, slot: str) -> bytes:
        if slot == "card":
            self.users.append(threading.get_ident())
            self.begun.set()
            assert self.go_on.wait(20)
        return super().power_on(slot)

    def close(self) -> None:
        self.closed += 1


def test_a_page_that_left_gets_no_card() -> None:
    slots = _Slow()
    one = desk(slots)
    answers: dict[str, str] = {}

    def call(who: str) -> None:
        answers[who] = one.answer(BASIC, lambda: who != "gone")

    threads = [threading.Thread(target=call, args=("first",))]
    threads[0].start()
    assert slots.begun.wait(20)
    threads += [threading.Thread(target=call, args=(who,)) for who in ("second", "gone")]
    for thread in threads[1:]:
        thread.start()
    assert len(slots.users) == 1, "nobody else is with the card"
    slots.go_on.set()
    for thread in threads:
        thread.join(20)
    assert {who: bool(answer) for who, answer in answers.items()} == {"first": True, "second": True, "gone": False}
    assert len(slots.users) == 2


def test_the_end_waits_for_the_call_and_takes_no_other() -> None:
    slots = _Slow()
    one = desk(slots)
    answers: list[str] = []
    call = threading.Thread(target=lambda: answers.append(one.answer(BASIC)))
    call.start()
    assert slots.begun.wait(20)
    end = threading.Thread(target=one.close, args=(slots,))
    end.start()
    assert slots.closed == 0
    slots.go_on.set()
    call.join(20)
    end.join(20)
    assert (len(answers), slots.closed) == (1, 1)
    assert one.answer(BASIC) == "", "nothing is done after the end"


class _Broken(EmbeddedSlots):
    """A reader whose software fails."""

    def power_on(self, slot: str) -> bytes:
        raise RuntimeError("the reader's number 123456")


def test_a_failing_reader_is_a_code() -> None:
    said: list[str] = []
    instrument = TerminalInstrument()
    one = desk(_Broken(instrument, lambda: DATE), said)
    assert json.loads(one.answer(BASIC))["success"] == "-11"
    assert said == ["iReadCardBas: RuntimeError"]


def test_nothing_personal_is_logged() -> None:
    said: list[str] = []
    with serving(embedded(), said) as url, page(url) as connection:
        text = called(connection, "iReadCardBas", iType=1)[1]
        called(connection, "iReadCard", iType=1, iAuthType=1, pCardInfo="340100D1|X|", pFileAddr="SSSEEF05|07|$")
        told(connection, '{"function": "secret-in-the-name"}')
    logged = "\n".join(said)
    assert logged.startswith("iReadCardBas: 0, ")
    assert re.search(r"^iReadCard: -\d+, \d+ ms$", logged, re.MULTILINE)
    assert not any(field in logged for field in (*text.split("|"), "340100D1", "EF05", "secret") if len(field) > 3)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_MEMBERS = st.sampled_from(["function", "iType", "iAuthType", "pCardInfo", "pFileAddr", "pKey", "pkey", "pOutInfo"])
_FUNCTIONS = st.sampled_from(sorted(library().signatures))
_NEAR = st.builds(
    lambda rest, function: {**rest, "function": function},
    st.dictionaries(_MEMBERS, _JSON | st.integers(0, 5) | st.sampled_from(["1", "x|y|"]), max_size=6),
    _FUNCTIONS | _JSON,
)


@lru_cache(maxsize=1)
def _ready() -> WebSocketDesk:
    """One terminal for all messages: what one of them does to it the next must bear."""
    return desk(embedded())


@given(st.text() | st.binary() | _JSON.map(json.dumps) | _NEAR.map(json.dumps))
def test_every_message_has_an_answer(message: str | bytes) -> None:
    answer: Any = json.loads(_ready().answer(message))
    assert set(answer) == {"functionName", "success", "pOutInfo"}
    assert answer["success"] == "1" or int(answer["success"]) < 0
    assert int(answer["success"]) != messages().broken.code, "nothing fails inside"


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match="cannot listen on"):
            WebSocketService(desk(embedded()), embedded(), messages().largest, port=port, origins=())


def _url(log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = re.search(r"ws://127\.0\.0\.1:\d+/", log.read_text(encoding="utf-8"))
        if found is not None:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))


def test_the_command(tmp_path: Path) -> None:
    log = tmp_path / "log"
    process = started(
        "emulate", "terminal", "--ws", "--embedded", "card-3.0", "--declare", "declared", "--lang", "en", cwd=tmp_path,
        log=log,
    )  # fmt: skip
    try:
        url = _url(log)
        with page(url) as connection:
            assert called(connection, "iReadCardBas", iType=1)[0] == "1"
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0, "Ctrl-C ends it, whoever is connected"
    finally:
        process.kill()
        process.wait(20)
    ixit, ics = ((tmp_path / "declared" / name).read_text(encoding="utf-8") for name in ("ixit.yaml", "ics.yaml"))
    assert f"ws:{url}" in ixit
    assert "terminal.contactless: false" in ics
    assert "Traceback" not in log.read_text(encoding="utf-8")


def test_options_that_do_not_go_together(tmp_path: Path) -> None:
    wrong = {
        ("--driver", "--ws"): "exclude each other",
        ("--ws", "--link", "x"): "--driver only",
        ("--driver", "--origin", "https://x.example"): "--ws only",
        ("--origin", "https://x.example"): "--driver only, or --ws",
        ("--ws", "--origin", "https://x.example/"): "without a path",
        ("--ws", "--origin", "*"): "what a browser sends",
    }
    for words, told_ in wrong.items():
        run = onecard("emulate", "terminal", *words, "--lang", "en", cwd=tmp_path)
        assert (run.returncode, told_ in run.stderr) == (2, True), run.stderr


@pytest.mark.browser
def test_a_page_in_a_browser_reads_the_card(tmp_path: Path) -> None:
    """A page of this machine calls the service and shows what it got."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here")
    with serving(embedded()) as url, _website(_PAGE.replace("URL", url)) as (address, shown):
        browser = subprocess.Popen(
            [
                *(chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"),
                *("--remote-debugging-port=0", address),
            ],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            text = shown.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait(20)
    assert text.startswith("iReadCardBas 1 ")
    assert _name() in text


@contextmanager
def _website(html: str) -> Iterator[tuple[str, "queue.SimpleQueue[str]"]]:
    """A page on this machine, and what it says that it shows."""
    shown: queue.SimpleQueue[str] = queue.SimpleQueue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode("utf-8"))

        def do_POST(self) -> None:
            shown.put(self.rfile.read(int(self.headers["Content-Length"])).decode("utf-8"))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/", shown
        finally:
            server.shutdown()
            thread.join(20)


_PAGE = """<!doctype html><meta charset="utf-8"><p>nothing</p><script>
const socket = new WebSocket("URL");
socket.onopen = () => socket.send(JSON.stringify({function: "iReadCardBas", iType: "1"}));
socket.onmessage = (event) => {
  const answer = JSON.parse(event.data);
  const place = document.querySelector("p");
  place.innerText = [answer.functionName, answer.success, answer.pOutInfo].join(" ");
  fetch("/shown", {method: "POST", body: place.innerText});
};
</script>"""
