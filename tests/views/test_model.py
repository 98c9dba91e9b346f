"""What the views read from a bundle, finished or not."""

from pathlib import Path
from typing import Any

import pytest

from onecard.errors import UserError
from onecard.evidence import Writer, read
from onecard.spec.load import load_spec
from onecard.views import RunVerdict, Verdict, read_bundle, read_run
from onecard.views.fields import UnexpectedEvidence
from onecard.views.model import Exchange, Reset
from tests.evidence.samples import Clock
from tests.views.samples import HOLDER_CASE, Recorder, header, passing_bundle, run_body, whole_bundle

SPEC = load_spec()


def test_a_run_with_every_outcome(tmp_path: Path) -> None:
    view = read_bundle(whole_bundle(tmp_path / "run.bundle"), SPEC)
    run = view.run(1)
    assert view.verdict is RunVerdict.FAIL
    assert view.scope == "non-destructive", "what the run could cover counts, not what was asked for"
    assert {str(verdict): count for verdict, count in run.counts().items() if count} == {
        "pass": 1, "fail": 2, "inconclusive": 1, "error": 1, "not-run": 1, "not-applicable": 1,
    }  # fmt: skip
    assert run.ics_digest == "sm3:" + "4" * 64
    assert run.raw_t0 is True
    assert [case.id for case in run.preparation] == ["setup"], "the preparation is no case"
    assert [entry.id for entry in run.differs] == ["CARD-SELECT-FAILED-KEEPS"]
    assert run.only_differs(run.case("card/select/test_failed_select_keeps_state"))
    assert not run.only_differs(run.case(HOLDER_CASE))
    assert run.excluded[0].reason.en == "needs laboratory equipment"
    never = run.case("card/pin/test_never_reached")
    assert (never.verdict, never.first, never.seconds) == (Verdict.NOT_RUN, None, 0.0)


def test_a_case_holds_its_steps_in_words(tmp_path: Path) -> None:
    case = read_run(whole_bundle(tmp_path / "run.bundle"), SPEC).case(HOLDER_CASE)
    reset, *exchanges = [step for step in case.steps if isinstance(step, Reset | Exchange)]
    assert isinstance(reset, Reset)
    assert [step.asked.en for step in exchanges if isinstance(step, Exchange)] == [
        "SELECT SSSE (social security system environment), by name",
        "SELECT EF06 (holder data), by identifier",
        "READ RECORD identifier 08 (social security number), current EF06, first occurrence",
    ]
    last = case.exchanges[-1]
    assert isinstance(last, Exchange)
    assert last.told.en == "08 social security number = 18 bytes, sealed; 90 00: ok"
    assert last.received == "0812" + "__" * 18 + "9000"
    assert case.failing is not None
    assert case.failing.of == last.n


def test_an_interrupted_run_never_passes(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.bundle")
    recorder.writer.append("run", run_body())
    recorder.passing()
    recorder.begin("card/pin/test_wrong_pin", "CARD-PIN-WRONG")
    recorder.writer.close()
    view = read_bundle(read(tmp_path / "run.bundle"), SPEC)
    run = view.run(1)
    assert (view.verdict, run.verdict, run.ended) == (RunVerdict.INCOMPLETE, RunVerdict.INCOMPLETE, False)
    torn = run.case("card/pin/test_wrong_pin")
    assert torn.verdict is Verdict.NOT_RUN
    assert torn.why is not None
    assert torn.why.en == "the run was interrupted in this case"
    assert {entry.id: str(entry.verdict) for entry in run.requirements} == {
        "CARD-SELECT-NAME": "pass",
        "CARD-PIN-WRONG": "not-run",
    }


def test_a_failure_stays_one_without_the_end(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.bundle")
    recorder.writer.append("run", run_body())
    recorder.holder()
    assert read_bundle(recorder.close(complete=False), SPEC).verdict is RunVerdict.FAIL


def test_a_passed_run_in_an_incomplete_record_does_not_pass(tmp_path: Path) -> None:
    passed = passing_bundle(tmp_path / "whole.bundle")
    assert read_bundle(passed, SPEC).verdict is RunVerdict.PASS
    (tmp_path / "cut.bundle").write_bytes(b"".join((tmp_path / "whole.bundle").read_bytes().splitlines(True)[:-1]))
    assert read_bundle(read(tmp_path / "cut.bundle"), SPEC).verdict is RunVerdict.INCOMPLETE


def test_an_empty_bundle_does_not_pass(tmp_path: Path) -> None:
    Writer.create(tmp_path / "run.bundle", header()).close_with_footer({}, complete=True)
    view = read_bundle(read(tmp_path / "run.bundle"), SPEC)
    assert (view.verdict, view.runs) == (RunVerdict.INCOMPLETE, ())


def test_a_resumed_case_counts_its_last_session(tmp_path: Path) -> None:
    path = tmp_path / "run.bundle"
    recorder = Recorder(path)
    recorder.writer.append("run", run_body())
    recorder.begin("card/select/test_ssse", "CARD-SELECT-NAME")
    recorder.reset()
    recorder.writer.close()
    recorder.writer, _ = Writer.resume(path, lambda header: None, clock=Clock())
    recorder.writer.append("run", run_body())
    recorder.passing()
    view = read_bundle(recorder.close(), SPEC)
    assert view.interrupted == 1
    assert len(view.runs) == 1
    case = view.run(1).case("card/select/test_ssse")
    assert case.verdict is Verdict.PASS
    assert len(case.exchanges) == 1
    assert not any(isinstance(step, Reset) for step in case.steps)


def test_other_specifications_and_declarations_leave_hex(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.bundle")
    body = run_body()
    body["ics"] = {"items": {"card.generation": "9.9"}}
    recorder.writer.append("run", body)
    recorder.holder()
    recorder.writer.append(
        "endrun", {"run": 1, "verdict": "fail", "requirements": [{"id": "NOT-KNOWN", "verdict": "fail", "cases": []}]}
    )
    run = read_run(recorder.close(), SPEC)
    assert run.card is None
    assert run.case(HOLDER_CASE).exchanges[0].asked.en == "unknown command, class 00 instruction A4"
    assert (run.requirements[0].requirement, run.requirements[0].decides) == (None, True)


@pytest.mark.parametrize(
    ("kind", "body", "field"),
    [
        ("run", {"run": "1"}, "run.run"),
        ("run", {}, "run.run"),
        ("run", {"run": 1.5}, "run.run"),
        ("apdu", {"r": "9000"}, "apdu.c"),
        ("apdu", {"c": "00", "ms": "fast"}, "apdu.ms"),
        ("check", {"what": "a", "expected": "b", "received": "c", "ok": 1}, "check.ok"),
        ("note", {"zh": "a"}, "note.en"),
        ("begin", {"requirements": "CARD"}, "begin.requirements"),
        ("end", {"verdict": None}, "end.verdict"),
        ("end", {"verdict": "pass", "why": "because"}, "end.why"),
        ("secret", {}, "secret.name"),
    ],
)
def test_a_line_of_another_form_is_named(tmp_path: Path, kind: str, body: dict[str, Any], field: str) -> None:
    recorder = Recorder(tmp_path / "run.bundle")
    recorder.writer.append("run", run_body())
    line = recorder.writer.append(kind, body, "card/select/test_ssse") + 1
    with pytest.raises(UnexpectedEvidence) as caught:
        read_bundle(recorder.close(), SPEC)
    assert f"line {line} " in caught.value.text.en
    assert field in caught.value.text.en
    assert caught.value.exit_code == 1


def test_an_unknown_verdict_is_named(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.bundle")
    recorder.writer.append("run", run_body())
    recorder.begin("card/select/test_ssse")
    recorder.end("splendid")
    with pytest.raises(UserError, match="splendid"):
        read_bundle(recorder.close(), SPEC)


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no run 7"):
        read_run(passing_bundle(tmp_path / "run.bundle"), SPEC, 7)
