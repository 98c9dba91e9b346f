"""``ws:``: the right service passes; each wrong one fails where it is wrong, and the bench stays usable."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from websockets.sync.server import ServerConnection, serve

from emulator.keys import DEFAULT_SEED
from onecard.emulate.keypad import FileKeypad
from onecard.emulate.slots import PcscSlots, system_date
from onecard.errors import UserError
from onecard.harness.verdict import Outcome, Verdict
from onecard.reference.terminal import DEVICE_NUMBER, instrument
from onecard.targets.base import ExchangeTarget, SilentTarget, TargetAbsent, TargetOptions, TargetRefused
from onecard.targets.websocket import open_target
from tests.support.command import WHOLE, onecard, started
from tests.support.pcscd import VirtualReader
from tests.terminal.bench import outcomes
from tests.websocket.support import faulty, page, serving

READERS = {"card": "Virtual PCD 00 00", "psam": "Virtual PCD 00 01"}
CALLED = "terminal/reading_by_psam/test_basic_data[card-2.0-holder-0]"
CALL = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}


@pytest.fixture(scope="module")
def keypad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file that the right service's keypad reads."""
    file = tmp_path_factory.mktemp("keypad") / "keypad"
    file.touch(0o600)
    return file


@pytest.fixture(scope="module")
def service(reader: VirtualReader, keypad: Path) -> Iterator[str]:
    """The right service, on the virtual reader."""
    with serving(PcscSlots(READERS, 2.0, system_date, FileKeypad(keypad, print)), device=DEVICE_NUMBER) as url:
        yield url


def _target(url: str, timeout: float = 5.0, **given: Any) -> ExchangeTarget:
    parameters = {"websocket": given, "seed": DEFAULT_SEED}
    options = TargetOptions(timeout=timeout, instrument=instrument(parameters), parameters=parameters)
    return open_target(url, options)


def _ended(url: str, *wanted: str, timeout: float = 5.0, **given: Any) -> dict[str, Outcome]:
    ended = outcomes(lambda: _target(url, timeout, **given), lambda case: case.startswith(wanted))
    assert ended, "no such case"
    return ended


def _why(outcome: Outcome) -> str:
    return outcome.why.en if outcome.why is not None else ""


@pytest.mark.pcsc
def test_the_right_service_passes(service: str) -> None:
    wanted = (
        "terminal/literals",
        "terminal/reading_by_psam/test_basic_data",
        "terminal/reading_by_encryptor/test_read",
        "terminal/refusals/test_no_card",
        "terminal/refusals/test_pulled_card[card-3.0",
        "terminal/release",
        "terminal/pin_messages/test_unblocked_pin[card-3.0",
    )
    ended = _ended(service, *wanted)
    assert {case: _why(one) for case, one in ended.items() if one.verdict is not Verdict.PASS} == {}
    assert len(ended) > 20


@pytest.mark.pcsc
def test_a_keypad_that_reads_a_file(service: str, keypad: Path) -> None:
    wrong, paid = "terminal/pin/test_no_second_try[card-3.0-CHANGE-PIN]", "terminal/debit/test_literal"
    ended = _ended(service, wrong, paid, keypad=str(keypad))
    assert {case: _why(one) for case, one in ended.items() if one.verdict is not Verdict.PASS} == {}
    assert len(ended) > 1


@pytest.mark.pcsc
def test_numbers_as_texts_and_a_page_of_this_machine(service: str) -> None:
    ended = _ended(service, CALLED, numbers="text", origin="http://localhost:8000")
    assert ended[CALLED].verdict is Verdict.PASS


@pytest.mark.pcsc
def test_what_the_card_saw_is_the_trace(service: str) -> None:
    target = _target(service)
    try:
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0"}})
        answer = target.exchange(CALL)
        assert answer["held"] == []
        assert answer["trace"][0]["ask"] == {"ask": "power-on", "slot": "card"}
        sent = [one["ask"]["transmit"] for one in answer["trace"] if "transmit" in one["ask"]]
        assert {one["slot"] for one in sent} == {"card", "psam"}
        for settings, words in (({"slots": ["contactless"]}, "contactless"), ({"reader": False}, "not connected")):
            target.exchange({"do": "instrument", "settings": settings})
            with pytest.raises(TargetRefused, match=words):
                target.exchange(CALL)
        target.exchange({"do": "instrument", "settings": {}})
        with pytest.raises(ValueError, match="iReadCardBas"):
            target.exchange({"do": "call", "call": "iReadCardBas", "args": {}})
        assert "Virtual PCD 00 00" in target.reader_name()
    finally:
        target.close()


def _answering(*answers: str | bytes) -> Callable[[ServerConnection], None]:
    """Answers of any content, one after the other."""
    left = list(answers)

    def handle(connection: ServerConnection) -> None:
        for _ in connection:
            connection.send(left.pop(0) if len(left) > 1 else left[0])

    return handle


def _closing(connection: ServerConnection) -> None:
    connection.recv()
    connection.close(1011)


def _dropping(connection: ServerConnection) -> None:
    connection.recv()
    connection.socket.close()


def _never(connection: ServerConnection) -> None:
    for _ in connection:
        pass


def _said(**members: object) -> str:
    return json.dumps({"functionName": "iReadCardBas", "success": "1", "pOutInfo": "x", **members})


WRONG: Mapping[str, tuple[Callable[[ServerConnection], None], str]] = {
    "closes": (_closing, "the WebSocket service closed the connection during the call (code 1011)"),
    "drops": (_dropping, "the WebSocket service closed the connection during the call"),
    "never answers": (_never, "the WebSocket service did not answer within 0.5 s"),
    "binary": (_answering(_said().encode()), "is a binary message"),
    "no JSON": (_answering("1|2|3"), "is no JSON"),
    "no object": (_answering("[1]"), "is no JSON object"),
    "deep": (_answering("[" * 50_000), "is no JSON"),
    "long": (_answering(_said(pOutInfo="x" * 0x100000)), "is longer than 1048576 bytes"),
    "another function": (_answering(_said(functionName="iReadCard")), "has another functionName"),
    "no function": (_answering(json.dumps({"success": "1", "pOutInfo": "x"})), "has another functionName"),
    "true": (_answering(_said(success=True)), "has in success neither 1 nor a return code"),
    "zero": (_answering(_said(success="0")), "has in success neither 1 nor a return code"),
    "words": (_answering(_said(success="成功")), "has in success neither 1 nor a return code"),
    "no text": (_answering(_said(pOutInfo=None)), "has in pOutInfo no text"),
    "half a character": (_answering(_said(pOutInfo="\ud800")), "has in pOutInfo no text"),
}


@pytest.mark.pcsc
@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_service_fails_and_the_bench_goes_on(service: str, kind: str) -> None:
    handle, words = WRONG[kind]
    with faulty(handle) as url:
        outcome = _ended(url, CALLED, timeout=0.5)[CALLED]
    assert outcome.verdict is Verdict.FAIL
    assert words in _why(outcome)
    assert outcome.failed is not None
    assert outcome.failed.requirement == "TERMINAL-READ-BASIC"
    assert _ended(service, CALLED)[CALLED].verdict is Verdict.PASS


@pytest.mark.pcsc
def test_codes_are_texts_or_numbers(service: str) -> None:
    answers = [_said(success=code) for code in ("1", 1, "-2", -2, "5")]
    with faulty(_answering(*answers)) as url:
        target = _target(url)
        try:
            assert [target.exchange(CALL)["return"] for _ in answers] == [0, 0, -2, -2, 5]
        finally:
            target.close()


@pytest.mark.pcsc
def test_a_service_that_closes_after_each_answer(service: str) -> None:
    """What was closed before the call is no fault of the call."""

    def once(connection: ServerConnection) -> None:
        connection.recv()
        connection.send(_said())

    with faulty(once) as url:
        target = _target(url)
        try:
            assert [target.exchange(CALL)["return"] for _ in range(4)] == [0, 0, 0, 0]
        finally:
            target.close()


@pytest.mark.pcsc
def test_hanging_again_and_again_ends_the_run(service: str) -> None:
    with faulty(_never) as url:
        target = _target(url, timeout=0.3)
        try:
            assert [target.exchange(CALL)["fault"]["kind"] for _ in range(3)] == ["silent"] * 3
            with pytest.raises(SilentTarget):
                target.exchange(CALL)
        finally:
            target.close()


@pytest.mark.pcsc
def test_a_service_that_is_gone_says_nothing_of_the_function(service: str) -> None:
    with faulty(_closing) as url:
        target = _target(url)
        target.connect()
        assert target.exchange(CALL)["fault"]["kind"] == "ended"
    try:
        with pytest.raises(SilentTarget, match="cannot be reached"):
            target.exchange(CALL)
    finally:
        target.close()


@pytest.mark.pcsc
def test_a_service_that_ends_itself_ends_the_run(service: str) -> None:
    """The case in which it ended fails, the next says nothing, the others are not run."""
    ending: list[Callable[[], None]] = []

    def end(connection: ServerConnection) -> None:
        connection.recv()
        connection.send(_said(success="-2"))  # to the setup, which only looks
        connection.recv()
        threading.Thread(target=ending[0]).start()
        connection.close(1011)

    with serve(end, "127.0.0.1", 0, close_timeout=0.2) as server:
        ending.append(server.shutdown)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        ended = _ended(f"127.0.0.1:{server.socket.getsockname()[1]}", "terminal/reading_by_psam/test_basic_data[card-")
        thread.join(20)
    verdicts = [one.verdict for one in ended.values()]
    assert verdicts[:2] == [Verdict.FAIL, Verdict.ERROR]
    assert set(verdicts[2:]) == {Verdict.NOT_RUN}
    assert "cannot be reached" in _why(list(ended.values())[1])


@pytest.mark.pcsc
def test_a_service_that_is_not_there_or_takes_no_page(service: str) -> None:
    for target in (_target("ws://127.0.0.1:1/"), _target(service, origin="https://evil.example")):
        with pytest.raises(TargetAbsent, match="cannot be reached"):
            target.connect()
        target.close()


@pytest.mark.pcsc
def test_a_card_that_never_answers(service: str) -> None:
    """The tester's own card keeps silent: the service answers in time, and the next card is read."""
    target = _target(service, timeout=20)
    try:
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0", "hostile": "silent"}})
        begun = time.monotonic()
        assert target.exchange(CALL)["return"] < 0
        assert time.monotonic() - begun < 15
        target.exchange({"do": "instrument", "settings": {"card": "card-2.0"}})
        assert target.exchange(CALL)["return"] == 0
    finally:
        target.close()


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "ws://", "wss://127.0.0.1:1/", "127.0.0.1:0", "127.0.0.1:99999", "ws://127.0.0.1/", "a b:1"],
)
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(UserError, match="needs the address"):
        _target(address)


def test_a_short_address() -> None:
    for address in ("127.0.0.1:8765", "[::1]:8765", "ws://reader.local:8765/path?query"):
        target = _target(address)
        assert target.description == f"ws:ws://{address.removeprefix('ws://')}"
        target.close()


@pytest.mark.nightly
@pytest.mark.pcsc
def test_certified_as_a_user_does_it(service: str, tmp_path: Path) -> None:
    """``certify --target ws:`` with the declaration that ``emulate terminal --ws`` writes, over PC/SC: every case."""
    log = tmp_path / "log"
    (tmp_path / "keypad").touch()
    process = started(
        "emulate", "terminal", "--ws", "--keypad", "keypad", "--declare", "declared", cwd=tmp_path, log=log
    )
    try:
        deadline = time.monotonic() + 60
        while process.poll() is None and "ws://" not in log.read_text(encoding="utf-8") and time.monotonic() < deadline:
            time.sleep(0.05)
        ics = tmp_path / "declared" / "ics.yaml"
        declared = yaml.safe_load(ics.read_text(encoding="utf-8"))
        assert declared["items"]["terminal.contactless"] is False
        ixit = yaml.safe_load((tmp_path / "declared" / "ixit.yaml").read_text(encoding="utf-8"))
        with page(ixit["target"].removeprefix("ws:")):
            pass
        run = onecard(
            "certify", "terminal", "--ics", "declared/ics.yaml", "--ixit", "declared/ixit.yaml", "--json", "--out",
            "out", cwd=tmp_path, limit=WHOLE,
        )  # fmt: skip
    finally:
        process.terminate()
        process.wait(20)
    assert run.stdout, run.stderr
    summary = json.loads(run.stdout)
    told = run.stdout + run.stderr
    # A service's reader cannot be taken away by the tester.
    assert (run.returncode, summary["verdict"], summary["scope"]) == (0, "pass", "without-unplugging"), told
    assert "TERMINAL-READER" in summary["requirements"]["out_of_scope"]
    assert summary["cases"]["pass"] > 800
    again = onecard("replay", "out/run.bundle", "--json", cwd=tmp_path)
    assert (again.returncode, json.loads(again.stdout)["verdict"]) == (0, "pass")
