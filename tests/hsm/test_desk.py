"""Institutions, channels and rates; the same desk over TCP; keys that are kept."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.hsm.app import HsmService
from emulator.hsm.authority import Authority, Institution, Rights
from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.desk import Answer, Call, Desk, Entry
from emulator.hsm.factory import TESTER, hsm, service
from emulator.hsm.hsm import KEPT
from emulator.hsm.rates import MINUTE, Rates
from emulator.hsm.recent import RecentKeys
from emulator.hsm.tcp_server import TcpServer
from onecard.errors import UserError
from onecard.oracle.hsm_frames import framed, objects
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions
from onecard.targets.tcp import TcpTarget, open_target
from onecard.targets.tcp_service import TcpServiceTarget

CARD = "341300|00814A44468660341300000001|03"
FACTORS = "1111111122222222|3333333344444444|"
PROVE = f"02|{CARD}|0094|{FACTORS}"
BANK = Institution("bank", "secret-of-the-bank", Rights(frozenset(("02",)), frozenset(("0094",)), ("3413",)))


class Records:
    """A log that keeps entries; ``full``: it cannot."""

    def __init__(self, full: bool = False) -> None:
        self.entries: list[Entry] = []
        self.full = full

    def record(self, entry: Entry) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.entries.append(replace(entry))


def ask(desk: Desk, text: object, who: Institution = BANK, channel: str = "", key: str | None = None) -> Answer:
    body = {"request": text}
    return desk.take(Call(who.id, who.key if key is None else key, channel, body, len(json.dumps(body)), "http"))


def desk_of(*institutions: Institution, log: Records | None = None, now: int = 0) -> Desk:
    return Desk(hsm("hsm-default"), institutions, now=lambda: now, log=log)


@pytest.mark.parametrize(("text", "code"), [
    (PROVE, None), (f"01|{CARD}|{'0' * 32}|{FACTORS}||", "forbidden"), (PROVE.replace("0094", "0090"), "forbidden"),
    (PROVE.replace("341300", "341400"), "forbidden"), ("02|", "field-count"), (7, "bad-request"),
])  # fmt: skip
def test_rights(text: object, code: str | None) -> None:
    answer = ask(desk_of(BANK), text)
    assert answer.body.get("code") == code
    assert ("response" in answer.body) is (code is None)


@pytest.mark.parametrize(("id_", "key"), [
    ("bank", "secret-of-the-ban"), ("bank", ""), ("", ""), ("bank\nsecret-of-the", "bank"), ("bank", "\ud800"),
    ("banks", "secret-of-the-bank"),
])  # fmt: skip
def test_wrong_credential(id_: str, key: str) -> None:
    log = Records()
    answer = ask(desk_of(BANK, log=log), PROVE, replace(BANK, id=id_), key=key)
    assert (answer.status, dict(answer.headers)) == (401, {})
    assert log.entries == [Entry("http", log.entries[0].size, status=401, code="unauthorized")]


def test_channels_narrow() -> None:
    bank = replace(BANK, channels=(("counter", Rights()), ("machine", Rights(addresses=frozenset(("0090",))))))
    desk = desk_of(bank)
    codes = [ask(desk, PROVE, channel=channel).body.get("code") for channel in ("counter", "machine", "", "other")]
    assert codes == [None, "forbidden", "forbidden", "forbidden"]
    assert ask(desk_of(BANK), PROVE, channel="counter").status == 403


def test_one_institution_or_more() -> None:
    for wrong in ((), (BANK, replace(BANK, key="x"))):
        with pytest.raises(ValueError, match="institution"):
            Authority(wrong, HsmBehaviour())
    assert BANK.key not in repr(BANK)


def test_rate_moves_with_time() -> None:
    now = [100_000]
    made = Desk(hsm("hsm-default"), (replace(BANK, per_minute=2), TESTER), now=lambda: now[0])
    assert [ask(made, PROVE).status for _ in range(3)] == [200, 200, 429]
    assert ask(made, PROVE).headers == {"retry-after": "60"}
    assert ask(made, PROVE, TESTER).status == 200
    now[0] += 59_500
    assert ask(made, PROVE).headers == {"retry-after": "1"}
    now[0] += 500
    assert ask(made, PROVE).status == 200
    made.reset()
    assert [ask(made, PROVE).status for _ in range(3)] == [200, 200, 429]


@settings(max_examples=100)
@given(limit=st.integers(1, 5), steps=st.lists(st.integers(0, 40_000), max_size=60))
def test_never_more_than_the_limit_in_a_minute(limit: int, steps: list[int]) -> None:
    now, served = 0, list[int]()
    rates = Rates(lambda: now)
    for step in steps:
        now += step
        if rates.served("a") < limit:
            rates.count("a")
            served.append(now)
        else:
            left = rates.seconds_left("a")
            assert 1 <= left <= MINUTE // 1000
            now += left * 1000
            assert rates.served("a") < limit
    for first in served:
        assert sum(first <= moment < first + MINUTE for moment in served) <= limit


def test_record_of_a_request() -> None:
    log = Records()
    desk = desk_of(TESTER, log=log)
    reload = f"03|{CARD}|0173|1111111122222222|8424000114|123456|"
    assert ask(desk, reload, TESTER).status == 200
    entry = log.entries[0]
    assert (entry.institution, entry.service, entry.address, entry.region) == ("onecard-tester", "03", "0173", "341300")
    assert entry.text == f"03|{CARD}|0173|1111111122222222|8424000114||"
    ask(desk, reload.replace("|03|", "|03|x"), TESTER)
    assert (log.entries[1].text, log.entries[1].code) == ("", "field-form")


def test_nothing_is_answered_without_a_record() -> None:
    answer = ask(desk_of(BANK, log=Records(full=True)), PROVE)
    assert (answer.status, answer.body["code"], "response" in answer.body) == (500, "internal", False)


def test_a_defect_is_one_refusal() -> None:
    class Broken(HsmBehaviour):
        def response(self, right: str) -> str:
            raise RuntimeError(right)

    device = hsm("hsm-default")
    device.behaviour = Broken()
    log = Records()
    answer = ask(Desk(device, (BANK,), now=lambda: 0, log=log), PROVE)
    assert (answer.status, log.entries[0].code) == (500, "internal")
    assert "Error" not in json.dumps(dict(answer.body))


def test_kept_keys_are_bounded() -> None:
    kept = RecentKeys(2)
    paths = [("card-3.0", "IRK", "341300", bytes((number,))) for number in range(3)]
    for number, path in enumerate(paths[:2]):
        kept.put(path, bytes((number,)))
    assert kept.get(paths[0]) == b"\x00"
    kept.put(paths[2], b"\x02")
    assert (kept.get(paths[1]), kept.get(paths[0]), len(kept)) == (None, b"\x00", 2)
    assert KEPT <= 10_000
    device = hsm("hsm-default")
    assert device.service(PROVE) == device.service(PROVE)


def content(text: str, **more: str) -> bytes:
    return json.dumps({"x-api-id": TESTER.id, "x-api-key": TESTER.key, "request": text, **more}).encode()


@settings(max_examples=50, deadline=None)
@given(cuts=st.lists(st.integers(0, 800), max_size=6))
def test_frames_cut_anywhere(cuts: list[int]) -> None:
    made = service("hsm-default")
    frame = made.desk.spec.frame
    stream = b"".join(framed(frame, each) for each in (content(PROVE), b"{", content("02|"), content(PROVE)))
    talk = made.conversation()
    places = sorted({0, *(min(cut, len(stream)) for cut in cuts), len(stream)})
    received = b"".join(talk.feed(stream[one:two]) for one, two in pairwise(places))
    assert [told["status"] for told in objects(frame, received)] == [200, 400, 400, 200]
    assert not talk.ended


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_waited_for(data: bytes) -> None:
    made = service("hsm-default")
    talk = made.conversation()
    for told in objects(made.desk.spec.frame, talk.feed(data)):
        assert told["status"] >= 400
    assert talk.feed(b"") == b""


@contextmanager
def serving(made: HsmService) -> Iterator[TcpServer]:
    server = TcpServer(made.conversation, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()


def target_of(server: TcpServer, timeout: float = 5.0) -> TcpServiceTarget:
    found = open_target(server.address, TargetOptions(kind="hsm", timeout=timeout))
    assert isinstance(found, TcpServiceTarget)
    found.connect()
    return found


def http(text: str, key: str = TESTER.key, path: str = "/v1/services") -> dict[str, object]:
    headers = {"x-api-id": TESTER.id, "x-api-key": key}
    return {"do": "http", "method": "POST", "path": path, "headers": headers, "body": json.dumps({"request": text})}


def test_target_over_sockets() -> None:
    with serving(service("hsm-default")) as server:
        target = target_of(server)
        assert target.reader_name() == f"TCP {server.address}"
        reply = target.exchange(http(PROVE))
        assert reply["status"] == 200
        assert json.loads(reply["body"])["response"].endswith("3333333344444444|")
        assert reply["headers"] == {"content-type": "application/json"}
        assert target.exchange(http(PROVE, key="x"))["status"] == 401
        assert target.exchange({**http(PROVE), "body": "no object"})["status"] == 400
        limited = Institution("onecard-limited", "synthetic-limited-key")
        replies = [target.exchange({**http(PROVE), "headers": {"x-api-id": limited.id, "x-api-key": limited.key}})
                   for _ in range(6)]  # fmt: skip
        assert [reply["status"] for reply in replies] == [200] * 5 + [429]
        assert replies[-1]["headers"]["retry-after"] in ("59", "60")
        target.close()
        with pytest.raises(CardRemoved):
            target.exchange(http(PROVE))


def test_many_connections_at_once() -> None:
    """Conversations stand beside each other: none answers for another."""
    with serving(service("hsm-default")) as server:
        found: list[int] = []

        def talk() -> None:
            target = target_of(server)
            found.extend(target.exchange(http(PROVE))["status"] for _ in range(20))

        threads = [threading.Thread(target=talk) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert found == [200] * 160


def test_refused_frame_is_answered_before_the_end() -> None:
    with serving(service("hsm-default")) as server:
        octets = (b"\xff" * 4 + b"x" * 100_000).hex()
        received = target_of(server).exchange({"do": "frame", "sent": [octets]})["received"]
        assert b'"too-long"' in bytes.fromhex(received)


def test_server_stops_with_connections_open() -> None:
    made = service("hsm-default")
    with serving(made) as server, socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(b"\x00\x00")
        time.sleep(0.05)
    ended = TcpServer(made.conversation, host="127.0.0.1", port=0)
    ended.stop()
    ended.run()


@contextmanager
def hostile(answer: bytes, *, end: bool = True) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    if connection.recv(10_000):
                        connection.sendall(answer)
                        if not end:
                            time.sleep(1)

    threading.Thread(target=run, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()


@pytest.mark.parametrize("answer", [
    b"", b"\x00\x00", b"\x00\x00\x00\x02{}", b"\x00\x00\x00\x05{}", b'\x00\x00\x00\x0f{"status":"200"}',
    b"HTTP/1.1 400", b"\x00\x00\x00\x02[]",
])  # fmt: skip
def test_answer_that_is_no_frame(answer: bytes) -> None:
    with hostile(answer) as port:
        target = open_target(f"127.0.0.1:{port}", TargetOptions(kind="hsm", timeout=5.0))
        assert isinstance(target, TcpServiceTarget)
        target.connect()
        with pytest.raises((TargetError, CardRemoved)):
            target.exchange(http(PROVE))


def test_silent_encryptor() -> None:
    with hostile(b"", end=False) as port:
        target = open_target(f"127.0.0.1:{port}", TargetOptions(kind="hsm", timeout=0.3))
        assert isinstance(target, TcpServiceTarget)
        target.connect()
        with pytest.raises(SilentTarget):
            target.exchange(http(PROVE))


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    target = open_target(f"127.0.0.1:{port}", TargetOptions(kind="hsm"))
    with pytest.raises(TargetAbsent):
        target.connect()
    with pytest.raises(UserError):
        open_target("127.0.0.1", TargetOptions(kind="hsm"))
    assert isinstance(open_target("127.0.0.1:1", TargetOptions(kind="psam")), TcpTarget)
