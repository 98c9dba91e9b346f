"""JUnit XML: of the form that CI servers read, and never greener than the run."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from onecard.errors import UserError
from onecard.spec.load import load_spec
from onecard.views import read_bundle, write_junit
from tests.views.samples import HOLDER_CASE, NUMBER, passing_bundle, whole_bundle

SPEC = load_spec()

# Jenkins' junit-10 schema, as far as this program uses it: element -> (children, required, optional attributes).
SCHEMA = {
    "testsuites": ({"testsuite"}, set(), {"name", "time", "tests", "failures", "errors"}),
    "testsuite": (
        {"properties", "testcase", "system-out", "system-err"},
        {"name", "tests", "failures", "errors"},
        {"time", "skipped", "timestamp", "hostname", "id", "package"},
    ),
    "properties": ({"property"}, set(), set()),
    "property": (set(), {"name", "value"}, set()),
    "testcase": (
        {"skipped", "error", "failure", "system-out", "system-err"},
        {"name"},
        {"time", "classname", "group"},
    ),
    "skipped": (set(), set(), {"type", "message"}),
    "error": (set(), set(), {"type", "message"}),
    "failure": (set(), set(), {"type", "message"}),
    "system-out": (set(), set(), set()),
}  # fmt: skip
TIME = re.compile(r"[0-9]+\.[0-9]{3}")


def written(bundle_path: Path, language: str = "en") -> ET.Element:
    path = bundle_path.with_name("junit.xml")
    write_junit(whole_bundle(bundle_path), SPEC, path, "zh" if language == "zh" else "en")
    return ET.parse(path).getroot()


def result_of(root: ET.Element, case: str) -> ET.Element:
    module, _, name = case.rpartition("/")
    found = [
        t for t in root.iter("testcase") if (t.get("classname"), t.get("name")) == (module.replace("/", "."), name)
    ]
    assert len(found) == 1
    return found[0]


def test_it_has_the_shape_of_the_schema(tmp_path: Path) -> None:
    for element in (root := written(tmp_path / "run.bundle")).iter():
        children, required, optional = SCHEMA[element.tag]
        assert {child.tag for child in element} <= children
        assert required <= set(element.attrib) <= required | optional
        if "time" in element.attrib:
            assert TIME.fullmatch(element.attrib["time"])
    suite = root[0]
    cases = suite.findall("testcase")
    assert suite.get("tests") == str(len(cases)) == "8"
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        assert int(suite.attrib[attribute]) == sum(case.find(tag) is not None for case in cases)
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "3", "3")
    assert suite.get("timestamp") == "2026-03-04T05:06:07"


@pytest.mark.parametrize(
    ("case", "tag", "kind"),
    [
        (HOLDER_CASE, "failure", "fail"),
        ("card/pin/test_silent", "error", "error"),
        ("card/pin/test_wrong_pin", "error", "inconclusive"),
        ("card/pin/test_never_reached", "error", "not-run"),
        ("card/select/test_failed_select_keeps_state", "skipped", "differs"),
        ("card/holder/test_free", "skipped", "not-applicable"),
        ("card/blocking/test_pin_blocks", "skipped", "out-of-scope"),
    ],
)
def test_what_becomes_of_each_outcome(tmp_path: Path, case: str, tag: str, kind: str) -> None:
    result = result_of(written(tmp_path / "run.bundle"), case)
    found = result.find(tag)
    assert found is not None
    assert found.get("type") == kind
    assert found.get("message")


def test_a_failure_explains_itself(tmp_path: Path) -> None:
    result = result_of(written(tmp_path / "run.bundle", "zh"), HOLDER_CASE)
    failure = result.find("failure")
    assert failure is not None
    assert "三代卡在未通过 RKSSSE" in (failure.text or "")
    assert "onecard replay run.bundle --from" in (failure.text or "")
    out = result.findtext("system-out") or ""
    assert "requirements: CARD-EF06-READ" in out
    assert "> 00B2080014  READ RECORD 标识 08" in out


def test_properties_name_digests_and_requirements(tmp_path: Path) -> None:
    properties = {p.get("name"): p.get("value") for p in written(tmp_path / "run.bundle").iter("property")}
    assert properties["verdict"] == "fail"
    assert properties["digest.specs"] == "sm3:" + "1" * 64
    assert properties["digest.ics"] == "sm3:" + "4" * 64
    assert properties["requirement.CARD-EF06-READ"] == "fail"
    assert properties["excluded.CARD-ATR-TIMING"] == "needs laboratory equipment"
    assert "检测报告" in (properties["notice"] or "")


def test_sealed_values_and_illegal_characters_stay_out(tmp_path: Path) -> None:
    written(tmp_path / "run.bundle")
    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert NUMBER.hex().upper() not in text
    assert NUMBER.decode() not in text
    assert "\x07" not in text
    assert "\ufffd" in text


def test_a_passed_case_has_no_result_element(tmp_path: Path) -> None:
    view = read_bundle(passing_bundle(tmp_path / "run.bundle"), SPEC)
    write_junit(view, SPEC, tmp_path / "junit.xml")
    root = ET.parse(tmp_path / "junit.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "0")
    assert [child.tag for child in result_of(root, "card/select/test_ssse")] == ["system-out"]


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot write"):
        write_junit(whole_bundle(tmp_path / "run.bundle"), SPEC, tmp_path / "none" / "junit.xml")
