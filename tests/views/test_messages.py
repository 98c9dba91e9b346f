"""Views of runs on services and terminals: HTTP exchanges, function calls, and several kinds in one bundle."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from onecard.evidence import Bundle, JsonObject, NullSealer, Sealer, Sealing, mask_message
from onecard.spec.load import load_spec
from onecard.views import explain_case, read_bundle, read_run, render_html, write_allure, write_junit
from onecard.views.excerpt import excerpt
from onecard.views.fields import UnexpectedEvidence
from onecard.views.model import Message
from tests.views.samples import Recorder, header, run_body

SPEC = load_spec()
HOLDER = "110101199001011237"
TWICE = "ecard/codes/test_second_use"
READ = "terminal/reading/test_no_psam"
VERIFY: JsonObject = {
    "do": "http",
    "method": "POST",
    "path": f"/v1/code-verifications?who={HOLDER}",
    "headers": {"content-type": "application/json", "authorization": "Bearer t"},
    "body": '{"code": "ABC"}',
}
ACCEPTED: JsonObject = {
    "status": 200,
    "headers": {"content-type": "application/json"},
    "body": f'{{"aac002": "{HOLDER}", "aac003": "<script>alert(1)</script>"}}',
}
HTML: JsonObject = {"status": 502, "headers": {"content-type": "text/html"}, "body": "<h1>Bad \x1b[31mGateway</h1>"}
SELECT = "00A404000F7378312E73682EC9E7BBE1B1A3D5CF"
CALL: JsonObject = {"do": "call", "call": "iReadCardBas", "args": {"iType": 1}}
RESULT: JsonObject = {
    "return": -2,
    "out": "",
    "trace": [
        {"ask": {"ask": "power-on", "slot": "card"}, "answer": {"atr": "3B00"}},
        {"ask": {"transmit": {"slot": "card", "apdu": SELECT}}, "answer": {"response": "611E"}},
        {"ask": {"transmit": {"slot": "psam", "apdu": "00A40000023F00"}}, "answer": {"error": "empty"}},
        {"ask": {"transmit": {"slot": "card", "apdu": "0084000008"}}, "answer": {"response": "01020304050607089000"}},
    ],
}


def message(recorder: Recorder, request: JsonObject, response: JsonObject | None, **error: Any) -> int:
    body = {**mask_message(recorder.sealing, request, response), "ms": 3.5, **error}
    return recorder.writer.append("exchange", body, recorder.case)


def open_run(recorder: Recorder, number: int, kind: str, *cases: str, target: str) -> None:
    profile = SPEC.profile(f"{kind}-default")
    ics = {"profile": profile.id, "device": {}, "claims": [profile.id], "items": profile.ics}
    body = run_body(number, kind=kind, profile=profile.id, target=target, ics=ics, plan={"cases": list(cases)})
    recorder.writer.append("run", body)
    recorder.writer.append("identity", {"run": number, "raw_t0": True, "service": {"name": "e-card", "version": "1"}})


def end_run(recorder: Recorder, number: int, requirement: str, case: str) -> None:
    entry = {"id": requirement, "verdict": "fail", "cases": [case], "decides": True}
    recorder.writer.append("endrun", {"run": number, "verdict": "fail", "requirements": [entry]})


def second_use(recorder: Recorder) -> None:
    recorder.begin(TWICE, "ECARD-VERIFY-ONCE", title="A code is accepted once.")
    recorder.writer.append("secret", {"name": "ixit:credentials", "value": "00"}, TWICE)
    n = message(recorder, VERIFY, ACCEPTED)
    shown = f"200 {ACCEPTED['body']}"
    recorder.check(n, "ECARD-VERIFY-ONCE", "refusal", "refused with 422, code replayed", shown, False)
    recorder.end("fail", "refusal", {"requirement": "ECARD-VERIFY-ONCE", "of": n})


def no_psam(recorder: Recorder) -> None:
    recorder.begin(READ, "TERMINAL-SAM-ABSENT", title="Without a PSAM the terminal says so.")
    message(recorder, {"do": "instrument", "settings": {"card": "card-3.0", "psam": None}}, {})
    n = message(recorder, CALL, RESULT)
    recorder.check(n, "TERMINAL-SAM-ABSENT", "return value", "-2201", "-2, ''", False)
    recorder.end("fail", "return value", {"requirement": "TERMINAL-SAM-ABSENT", "of": n})


def two_kinds(path: Path, sealing: Sealing | None = None) -> Bundle:
    """A card, an e-card service and a terminal, recorded in another order than that of a report."""
    recorder = Recorder(path, header(synthetic=sealing is None), sealing or NullSealer())
    recorder.writer.append("run", run_body(1, plan={"cases": ["card/select/test_ssse"]}))
    recorder.passing()
    recorder.writer.append("endrun", {"run": 1, "verdict": "pass", "requirements": []})
    open_run(recorder, 2, "ecard", TWICE, target="http://127.0.0.1:8080")
    second_use(recorder)
    end_run(recorder, 2, "ECARD-VERIFY-ONCE", TWICE)
    open_run(recorder, 3, "terminal", READ, target="command:node terminal.js")
    no_psam(recorder)
    end_run(recorder, 3, "TERMINAL-SAM-ABSENT", READ)
    return recorder.close()


def silent(path: Path, **error: Any) -> Bundle:
    recorder = Recorder(path, header(synthetic=True), NullSealer())
    open_run(recorder, 1, "ecard", TWICE, target="http://127.0.0.1:8080")
    recorder.begin(TWICE, "ECARD-VERIFY-ONCE")
    message(recorder, VERIFY, None if error else HTML, **error)
    recorder.end("error", "it went wrong")
    return recorder.close()


def test_a_failed_request_word_for_word(tmp_path: Path) -> None:
    lines = explain_case(two_kinds(tmp_path / "run.bundle"), SPEC, 2, TWICE, "en").splitlines()
    requirement = SPEC.requirements["ECARD-VERIFY-ONCE"]
    assert lines[0].startswith("FAIL  ECARD-VERIFY-ONCE   basis: profile")
    assert lines[1] == f"  {requirement.statement.en}"
    assert lines[2:] == [
        f'  sent      POST /v1/code-verifications?who={HOLDER} {{"code":"ABC"}}',
        "  header    authorization: Bearer t",
        "  expected  refused with 422, code replayed   refusal",
        f"  received  200 {ACCEPTED['body']}",
        f"  likely    {requirement.hints[0].text.en}",
        "  replay    onecard replay run.bundle --from 9",
    ]


def test_a_failed_call_with_what_the_terminal_asked(tmp_path: Path) -> None:
    lines = explain_case(two_kinds(tmp_path / "run.bundle"), SPEC, 3, READ, "en").splitlines()
    named = "SELECT SSSE (social security system environment), by name"
    assert lines[2:-1] == [
        "  sent       iReadCardBas(iType=1)",
        "  meanwhile  (1 more before; see the trace)",
        f"  meanwhile  card: {SELECT}  {named} -> 611E  61 1E: 0x1E bytes of data are waiting",
        "  meanwhile  psam: 00A40000023F00  SELECT, by file identifier, 2 bytes -> error: empty",
        "  meanwhile  card: 0084000008  GET CHALLENGE 8 bytes -> 01020304050607089000  challenge of 8 bytes; 90 00: ok",
        "  expected   -2201    return value",
        "  received   -2, ''   no card",
        f"  likely     {SPEC.requirements['TERMINAL-SAM-ABSENT'].hints[0].text.en}",
    ]


def test_an_answer_that_is_no_json_cannot_steer_the_terminal(tmp_path: Path) -> None:
    told = explain_case(silent(tmp_path / "run.bundle"), SPEC, 1, TWICE, "zh")
    assert "  收到  502 text/html <h1>Bad \ufffd[31mGateway</h1>" in told.splitlines()
    assert "\x1b" not in told


def test_a_service_that_does_not_answer(tmp_path: Path) -> None:
    text = {"zh": "超时", "en": "no answer within 5 s"}
    told = explain_case(silent(tmp_path / "run.bundle", error="silent", text=text), SPEC, 1, TWICE, "en")
    assert "  received  no answer within 5 s" in told.splitlines()
    told = explain_case(silent(tmp_path / "2.bundle", error="removed"), SPEC, 1, TWICE, "en")
    assert "  received  the connection ended" in told.splitlines()


def test_a_sealed_bundle_shows_nobody(tmp_path: Path) -> None:
    bundle = two_kinds(tmp_path / "run.bundle", Sealer(bytes(range(32))))
    told = explain_case(bundle, SPEC, 2, TWICE, "en")
    assert "  sent      POST /v1/code-verifications, sealed" in told.splitlines()
    everything = render_html(bundle, SPEC, "zh") + told
    write_junit(bundle, SPEC, tmp_path / "junit.xml")
    assert SELECT not in everything
    assert "Bearer" not in everything
    case = read_run(bundle, SPEC, 2).case(TWICE)
    assert isinstance(case.exchanges[0], Message)
    assert case.exchanges[0].told.en == "200 OK, sealed"


def test_an_excerpt_has_both_sides(tmp_path: Path) -> None:
    bundle = two_kinds(tmp_path / "run.bundle")
    run = read_run(bundle, SPEC, 3)
    lines = excerpt(bundle, SPEC, run.cases[0].first or 0, "en")
    assert lines[2].endswith('> set the tester\'s side: {"card":"card-3.0","psam":null}')
    assert lines[4].endswith("> iReadCardBas(iType=1)")
    assert lines[5].endswith("| card > ask: power-on")
    assert lines[13].endswith('< returns -2, out ""  no card')
    ecard = excerpt(bundle, SPEC, read_run(bundle, SPEC, 2).cases[0].first or 0, "en")
    assert ecard[2].endswith("* IXIT parameter: credentials")


def test_the_report_groups_the_kinds_and_escapes_answers(tmp_path: Path) -> None:
    page = render_html(two_kinds(tmp_path / "run.bundle"), SPEC, "en")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    places = [page.index(f'<a href="#run{number}">') for number in (1, 3, 2)]
    assert places == sorted(places), "card, terminal, e-card"
    assert page.index('<h2 id="run3">') < page.index('<h2 id="run2">')
    assert "authorization: Bearer t" in page
    assert "Reader capability" not in page.partition('<h2 id="run3">')[2]
    assert "sent" in page


def test_junit_and_allure(tmp_path: Path) -> None:
    bundle = two_kinds(tmp_path / "run.bundle")
    write_junit(bundle, SPEC, tmp_path / "junit.xml")
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert [suite.get("name") for suite in root] == [
        "card card-3.0",
        "ecard ecard-default",
        "terminal terminal-default",
    ]
    out = root.find(".//testcase[@name='test_no_psam']/system-out")
    assert out is not None
    assert out.text is not None
    assert "| card > 0084000008  GET CHALLENGE 8 bytes" in out.text
    write_allure(bundle, SPEC, tmp_path / "allure")
    results = [json.loads(path.read_text(encoding="utf-8")) for path in (tmp_path / "allure").glob("*-result.json")]
    steps = next(result["steps"] for result in results if result["name"] == "test_second_use")
    assert steps[1]["name"].startswith("POST /v1/code-verifications")
    assert steps[1]["parameters"][1]["value"].startswith("200 {")


@pytest.mark.parametrize(
    ("body", "field"), [({"do": "http"}, "exchange.c"), ({"c": {}}, "exchange.do"), ({"do": "x", "c": {}, "r": 1}, "r")]
)
def test_an_exchange_of_another_form_is_named(tmp_path: Path, body: JsonObject, field: str) -> None:
    recorder = Recorder(tmp_path / "run.bundle", header(synthetic=True), NullSealer())
    open_run(recorder, 1, "ecard", TWICE, target="reference:")
    recorder.writer.append("exchange", body, TWICE)
    with pytest.raises(UnexpectedEvidence, match=field):
        read_bundle(recorder.close(), SPEC)
