"""``http:`` against servers that do what no service should."""

import gzip
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from onecard.errors import UserError
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetError, TargetOptions
from onecard.targets.http import HttpTarget, open_secure_target, open_target
from tests.targets import hostile
from tests.targets.hostile import Talk, answering

ASK = {"do": "http", "method": "POST", "path": "/x", "headers": {}, "body": '{"a":1}'}


@contextmanager
def _at(talk: Talk, timeout: float = 5.0) -> Iterator[HttpTarget]:
    with hostile.hostile(talk) as url:
        target = open_target(url.removeprefix("http:"), TargetOptions(timeout=timeout))
        target.connect()
        try:
            yield target
        finally:
            target.close()
            target.close()


def test_html_is_an_answer_for_the_case_to_judge() -> None:
    with _at(hostile.html) as target:
        answer = target.exchange(ASK)
    assert answer == {
        "status": 200, "headers": {"content-type": "text/html"}, "body": "<html><body>502</body></htm"
    }  # fmt: skip


@pytest.mark.parametrize("talk", [hostile.hang, hostile.drip])
def test_silence_and_a_dripping_answer_end_in_time_and_the_target_goes_on(talk: Talk) -> None:
    with _at(talk, timeout=0.3) as target:
        for _ in range(2):
            started = time.monotonic()
            with pytest.raises(SilentTarget, match=r"POST /x within 0\.3 s"):
                target.exchange(ASK)
            assert time.monotonic() - started < 2
            target.close()
            target.connect()


def test_200_megabytes_are_cut_and_fill_no_memory() -> None:
    with _at(hostile.endless) as target:
        target.exchange(ASK)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = target.exchange(ASK)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert answer["truncated"] is True
    assert answer["body"] == " " * 1024
    assert grown < 30 * 1024  # kilobytes


@pytest.mark.parametrize(("talk", "error"), [
    (hostile.reset, CardRemoved),
    (hostile.cut, TargetError),
    (hostile.no_http, TargetError),
    (answering("HTTP/1.1 200 OK\nX-Big: " + "x" * 200_000), TargetError),
])  # fmt: skip
def test_what_is_not_http_is_named_and_the_target_goes_on(talk: Talk, error: type[TargetError]) -> None:
    with _at(talk) as target:
        for _ in range(2):
            with pytest.raises(error, match="POST /x") as caught:
                target.exchange(ASK)
            assert "POST /x" in caught.value.text.zh


def test_nothing_is_unpacked() -> None:
    bomb = gzip.compress(bytes(50 * 1024 * 1024), 9)
    head = f"HTTP/1.1 200 OK\nContent-Encoding: gzip\nContent-Type: application/json\nContent-Length: {len(bomb)}"
    with _at(answering(head, bomb)) as target:
        answer = target.exchange(ASK)
    assert answer["headers"]["content-encoding"] == "gzip"
    assert answer["body_hex"] == bomb[:1024].hex().upper()
    assert answer["truncated"] is True


def test_a_redirect_is_an_answer() -> None:
    with _at(answering("HTTP/1.1 307 Go\nLocation: http://192.0.2.1/\nSet-Cookie: a=b\nContent-Length: 0")) as target:
        answer = target.exchange(ASK)
    assert answer == {"status": 307, "headers": {"location": "http://192.0.2.1/"}, "body": ""}


def test_a_service_that_went_away() -> None:
    with hostile.hostile(hostile.html) as url:
        target = open_target(url.removeprefix("http:"), TargetOptions())
        target.connect()
    with pytest.raises(CardRemoved, match=r"refused"):
        target.exchange(ASK)
    target.close()
    with pytest.raises(TargetAbsent, match="refused"):
        target.connect()
    with pytest.raises(CardRemoved, match="not connected"):
        target.exchange(ASK)


@pytest.mark.parametrize("rest", [
    "", "//", "example", "///x", "//h:0x1", "//h:99999", "//h/?q", "//h/#f", "//h /", "//主机", "//u:p@h",
])  # fmt: skip
def test_addresses_that_are_none(rest: str) -> None:
    with pytest.raises(UserError) as caught:
        open_target(rest, TargetOptions())
    assert caught.value.exit_code == 2
    assert "u:p" not in caught.value.text.en


def test_a_name_that_nobody_knows() -> None:
    target = open_target("//nobody.invalid", TargetOptions())
    with pytest.raises(TargetAbsent) as caught:
        target.connect()
    assert caught.value.exit_code == 2


def test_no_tls_where_tls_is_expected() -> None:
    with hostile.hostile(hostile.no_http) as url:
        target = open_secure_target(url.removeprefix("http:"), TargetOptions())
        with pytest.raises(TargetAbsent, match="cannot connect"):
            target.connect()


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        with _at(hostile.html) as target:
            assert target.exchange(ASK)["status"] == 200
