"""A whole run against services that misbehave: clear verdicts, the run goes on where it can, the evidence is whole."""

import secrets
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from emulator.mutants.hsm.computing import OriginalLeftOut
from emulator.service import Clock, Service
from emulator.variant import Variant
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.keyfile import read_key
from onecard.evidence.sealing import Sealer
from onecard.harness.campaign import CampaignResult, Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.replay import replay
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import Ixit, ics_of_profile, reference_ixit
from onecard.targets.base import TargetAbsent
from onecard.targets.serving import HttpServer
from tests.harness.running import spec
from tests.targets import hostile

PROFILE = "hsm-default"
_Event = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Event]]
_Send = Callable[[_Event], Awaitable[None]]


def _certify(
    out: Path, target: str, timeout: float = 5.0, change: Callable[[Ixit], Ixit] = lambda x: x
) -> CampaignResult:
    """Run; the bundle must verify and replay to the same verdict whatever the service did."""
    ixit = change(replace(reference_ixit("hsm", PROFILE), timeout=timeout, synthetic=False))
    declared = ics_of_profile(spec(), PROFILE)
    # HTTP alone; and a limit of requests a minute would be waited for where no clock can be set.
    ics = replace(declared, items={**declared.items, "hsm.tcp": False, "hsm.rate_limit": False})
    request = RunRequest(ics, ixit, target)
    result = run_campaign(Order(spec(), (request,), out, secrets.token_bytes(16)))
    assert verify_bundle(result.bundle).problems == ()
    again = replay(spec(), read(result.bundle), Sealer(read_key(out / "run.key")))
    assert again.verdict == str(result.verdict)
    return result


def _verdicts(result: CampaignResult) -> Counter[Verdict]:
    return Counter(outcome.verdict for outcome in result.runs[0].outcomes.values())


async def _hang(receive: _Receive, _send: _Send) -> None:
    await receive()
    await receive()  # until the tester gives up


async def _html(_receive: _Receive, send: _Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": b"<html>It works!</html>"})


async def _endless(_receive: _Receive, send: _Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
    for _ in range(200):
        await send({"type": "http.response.body", "body": b" " * 1024 * 1024, "more_body": True})


async def _cut(_receive: _Receive, send: _Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"100")]})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


@contextmanager
def _encryptor(
    moments: Mapping[int, Callable[[_Receive, _Send], Awaitable[None]]], variant: Variant | None = None
) -> Iterator[str]:
    """The reference encryptor over HTTP; the requests of those numbers it answers otherwise."""
    service: Service = import_module("onecard.reference.hsm").service(
        PROFILE, control_token="t", clock=Clock(), variant=variant
    )
    asked = 0

    async def app(scope: _Event, receive: _Receive, send: _Send) -> None:
        nonlocal asked
        asked += 1
        if asked in moments:
            await moments[asked](receive, send)
        else:
            await service.app(scope, receive, send)

    server = HttpServer(app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def _without_control(ixit: Ixit) -> Ixit:
    return replace(ixit, parameters={name: value for name, value in ixit.parameters.items() if name != "control"})


def _wrong_credentials(ixit: Ixit) -> Ixit:
    return replace(ixit, parameters={**_without_control(ixit).parameters, "credentials": {"id": "x", "key": "y"}})


def test_nobody_there(tmp_path: Path) -> None:
    with pytest.raises(TargetAbsent, match="refused") as caught:
        _certify(tmp_path, "http://127.0.0.1:9")
    assert caught.value.exit_code == 2


def test_bad_credentials(tmp_path: Path) -> None:
    with _encryptor({}) as url:
        result = _certify(tmp_path, url, change=_wrong_credentials)
    assert result.verdict is not Campaign.PASS
    assert _verdicts(result)[Verdict.ERROR] == 0
    assert any("401" in (outcome.why.en if outcome.why else "") for outcome in result.runs[0].outcomes.values())


def test_no_answers_at_all(tmp_path: Path) -> None:
    with hostile.hostile(hostile.hang) as url:
        result = _certify(tmp_path, url, timeout=0.2, change=_without_control)
    assert result.verdict is Campaign.INCOMPLETE
    assert _verdicts(result)[Verdict.ERROR] == 3
    assert set(_verdicts(result)) == {Verdict.ERROR, Verdict.NOT_RUN}
    stopped = result.runs[0].stopped
    assert stopped is not None
    assert "given up after 3 times" in stopped.en


def test_each_bad_moment_costs_one_case_and_the_run_goes_on(tmp_path: Path) -> None:
    moments = {20: _hang, 40: _html, 60: _endless, 80: _cut}
    with _encryptor(moments) as url:
        result = _certify(tmp_path, url, timeout=3.0, change=_without_control)
    assert result.verdict is Campaign.FAIL
    counts = _verdicts(result)
    assert (counts[Verdict.ERROR], counts[Verdict.FAIL]) == (2, 2)
    assert counts[Verdict.PASS] == sum(counts.values()) - 4
    told = [o.why.en for o in result.runs[0].outcomes.values() if o.verdict is not Verdict.PASS and o.why is not None]
    for words in ("within 3 s", "text/html", "more than the tester takes", "not whole HTTP"):
        assert any(words in why for why in told), (words, told)


def _texts(value: object) -> Iterator[str]:
    """Every longer text in a JSON value: keys, credentials, tokens."""
    if isinstance(value, Mapping):
        for child in value.values():
            yield from _texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from _texts(child)
    elif isinstance(value, str) and len(value) >= 8:
        yield value


def test_sealed_evidence_explains_a_failure_and_gives_no_secret_away(tmp_path: Path) -> None:
    with _encryptor({}, Variant(behaviour=OriginalLeftOut())) as url:
        result = _certify(tmp_path, url, change=_without_control)
    assert result.verdict is Campaign.FAIL
    written = result.bundle.read_text(encoding="utf-8")
    ixit = result.runs[0].prepared.request.ixit
    secrets_known = [*_texts(ixit.key_source["keys"]), *_texts(dict(ixit.parameters))]
    assert secrets_known
    assert [secret for secret in secrets_known if secret in written] == []
    events = read(result.bundle).events
    failed = [event.body for event in events if event.kind == "end" and event.body["verdict"] == "fail"]
    answers = {event.body["received"] for event in events if event.kind == "check" and not event.body["ok"]}
    assert failed
    assert all("sealed" in body["why"]["en"] or "200" in body["why"]["en"] for body in failed)
    assert all(answer == "sealed" or len(answer) < 60 for answer in answers)
