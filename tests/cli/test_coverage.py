"""``onecard spec coverage``: the clause matrix, planned and executed."""

import json
from pathlib import Path
from typing import Any

import pytest

from onecard.cli.coverage import Coverage, Row, tell_coverage
from onecard.cli.settings import Settings
from onecard.evidence import JsonObject, NullSealer
from onecard.spec.load import Spec
from tests.cli.running import Line
from tests.views.samples import END, Recorder, header, run_body, whole_bundle


def test_every_testable_requirement_has_a_case(line: Line, spec: Spec) -> None:
    ran = line("spec", "coverage", "--json")
    body = json.loads(ran.out)
    assert (ran.code, ran.err, body["missing"]) == (0, "", [])
    rows = {row["id"]: row for row in body["requirements"]}
    assert rows.keys() == spec.requirements.keys()
    listed = [row["clause"] for row in body["requirements"] if row["document"] == "LD/T 32.6-2015" and row["clause"]]
    assert listed == ["8.1.1.1", "A"], "clauses in their order"
    for name, requirement in spec.requirements.items():
        assert (rows[name]["cases"] > 0) is requirement.testable, name
        assert rows[name]["excluded"] == (str(requirement.excluded) if requirement.excluded else None)


def rows(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in body["requirements"]}


def test_the_matrix_in_words(spec: Spec, capsys: pytest.CaptureFixture[str]) -> None:
    names = ("CARD-ATR-TIMING", "CARD-ATR-CONVENTION", "CARD-T0-MORE-DATA", "CARD-T0-WRONG-LE")
    rows = tuple(Row(spec.requirements[name], cases, None, not cases) for cases, name in enumerate(names, 0))
    tell_coverage(Settings("en"), Coverage(rows, executed=False))
    assert [row.split() for row in capsys.readouterr().out.splitlines()] == [
        ["document", "clause", "kind", "basis", "requirement", "cases"],
        ["LD/T", "32.2-2015", "card", "draft", "CARD-ATR-TIMING", "0", "missing"],
        ["LD/T", "32.2-2015", "8.3", "card", "draft", "CARD-ATR-CONVENTION", "1"],
        ["LD/T", "32.2-2015", "9.3", "card", "draft", "CARD-T0-MORE-DATA", "2"],
        ["LD/T", "32.2-2015", "9.3", "card", "draft", "CARD-T0-WRONG-LE", "3"],
        [],
        ["document", "clause", "kind", "basis", "requirements", "testable", "cases"],
        ["LD/T", "32.2-2015", "card", "draft", "1", "1", "0"],
        ["LD/T", "32.2-2015", "8.3", "card", "draft", "1", "1", "1"],
        ["LD/T", "32.2-2015", "9.3", "card", "draft", "2", "2", "5"],
        [],
        ["4", "requirements,", "4", "testable,", "1", "without", "a", "case"],
    ]


def test_what_a_bundle_executed(line: Line, tmp_path: Path) -> None:
    whole_bundle(tmp_path / "run.bundle")
    ran = line("spec", "coverage", tmp_path, "--json")
    body = json.loads(ran.out)
    assert ran.code == 1
    assert body["other_specs"] is True
    undecided = {"CARD-PIN-WRONG", "CARD-PIN-VERIFY", "CARD-PIN-QUERY"}
    assert set(body["missing"]) == undecided, "what the run was to decide"
    found = rows(body)
    counts = {name: (found[name]["executed"], found[name]["pass"], found[name]["fail"]) for name in found}
    assert counts["CARD-EF06-READ"] == (1, 0, 1)
    assert counts["CARD-SELECT-NAME"] == (1, 1, 0)
    assert counts["CARD-PIN-VERIFY"] == (0, 0, 0)
    assert found["CARD-PIN-VERIFY"]["cases"] == 1
    assert sum(cell["executed"] for cell in body["matrix"]) == 3
    assert {cell["kind"] for cell in body["matrix"]} == {"card"}, "no other kind ran"


@pytest.mark.parametrize(("lang", "said"), [("en", "3 without an executed case"), ("zh", "无已执行的用例 3 条")])
def test_a_bundle_in_words(line: Line, tmp_path: Path, lang: str, said: str) -> None:
    whole_bundle(tmp_path / "run.bundle")
    ran = line("spec", "coverage", tmp_path / "run.bundle", lang=lang)
    assert ran.code == 1
    assert said in ran.out.splitlines()[-2]
    row = next(row for row in ran.out.splitlines() if " CARD-EF06-READ " in row)
    assert row.split()[-4:] == ["1", "1", "0", "1"]
    assert ran.out.splitlines()[-1].startswith(("note: the bundle was made with another", "注意"))


def test_a_failure_speaks_for_one_requirement(line: Line, tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "run.bundle", header(synthetic=True), NullSealer())
    recorder.writer.append("run", run_body(plan={"cases": ["card/select/test_ssse"]}))
    recorder.begin("card/select/test_ssse", "CARD-SELECT-NAME", "CARD-FCI-ADF")
    recorder.end("fail", "status", {"requirement": "CARD-FCI-ADF", "of": 3})
    both = ("CARD-SELECT-NAME", "CARD-FCI-ADF")
    requirements: list[JsonObject] = [{"id": name, "verdict": "fail", "cases": []} for name in both]
    recorder.writer.append("endrun", {**END, "requirements": requirements})
    recorder.close()
    found = rows(json.loads(line("spec", "coverage", tmp_path, "--json").out))
    assert (found["CARD-FCI-ADF"]["executed"], found["CARD-SELECT-NAME"]["executed"]) == (1, 0)
    assert found["CARD-SELECT-NAME"]["cases"] == 1


def test_a_bundle_that_is_not_there(line: Line) -> None:
    line("spec", "coverage", "none.bundle").refused("none.bundle")
