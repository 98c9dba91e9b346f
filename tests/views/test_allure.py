"""Allure results as Allure reads them."""

import json
from pathlib import Path
from typing import Any

import pytest

from onecard.errors import UserError
from onecard.spec.load import load_spec
from onecard.views import write_allure
from tests.views.samples import HOLDER_CASE, NUMBER, whole_bundle

SPEC = load_spec()


def results(folder: Path) -> dict[str, dict[str, Any]]:
    loaded = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*-result.json")]
    return {entry["fullName"].removeprefix("card-3.0/"): entry for entry in loaded}


def test_one_result_for_each_case(tmp_path: Path) -> None:
    write_allure(whole_bundle(tmp_path / "run.bundle"), SPEC, tmp_path / "allure")
    found = results(tmp_path / "allure")
    assert {name: entry["status"] for name, entry in found.items()} == {
        HOLDER_CASE: "failed",
        "card/select/test_ssse": "passed",
        "card/select/test_failed_select_keeps_state": "failed",
        "card/pin/test_wrong_pin": "unknown",
        "card/pin/test_silent": "broken",
        "card/pin/test_never_reached": "skipped",
    }
    assert len({entry["uuid"] for entry in found.values()}) == len(found)
    assert len({entry["historyId"] for entry in found.values()}) == len(found)
    for entry in found.values():
        assert entry["stop"] >= entry["start"] >= 1772600767000


def test_a_failure_with_its_steps(tmp_path: Path) -> None:
    write_allure(whole_bundle(tmp_path / "run.bundle"), SPEC, tmp_path / "allure", "zh")
    entry = results(tmp_path / "allure")[HOLDER_CASE]
    assert {"name": "tag", "value": "CARD-EF06-READ"} in entry["labels"]
    assert {"name": "suite", "value": "safety"} in entry["labels"]
    assert {"name": "case", "value": "08"} in entry["parameters"]
    assert entry["statusDetails"]["trace"].startswith("不通过  CARD-EF06-READ")
    names = [step["name"] for step in entry["steps"]]
    assert names[-2].startswith(
        "READ RECORD 标识 08（社会保障号码），当前 EF06，第一条 → 08 社会保障号码 = 18 字节，已密封"
    )
    assert [step["status"] for step in entry["steps"]][-2:] == ["passed", "failed"]
    for step in entry["steps"]:
        assert entry["start"] <= step["start"] <= step["stop"] <= entry["stop"]
    attached = (tmp_path / "allure" / entry["attachments"][0]["source"]).read_text(encoding="utf-8")
    assert "> 00B2080014" in attached
    assert NUMBER.hex().upper() not in attached


def test_environment_and_categories(tmp_path: Path) -> None:
    write_allure(whole_bundle(tmp_path / "run.bundle"), SPEC, tmp_path / "allure", "zh")
    lines = (tmp_path / "allure" / "environment.properties").read_bytes().decode("ascii").splitlines()
    assert "verdict=fail" in lines
    assert "target.card-3.0=pcsc\\:0" in lines
    assert f"digest.specs=sm3\\:{'1' * 64}" in lines
    notice = next(line for line in lines if line.startswith("notice="))
    assert "检测报告" in notice.encode("ascii").decode("unicode_escape")
    categories = json.loads((tmp_path / "allure" / "categories.json").read_text(encoding="utf-8"))
    assert all(category["matchedStatuses"] for category in categories)
    message = results(tmp_path / "allure")["card/select/test_failed_select_keeps_state"]["statusDetails"]["message"]
    assert message.startswith("与项目配置不同")
    assert categories[0]["messageRegex"] == "(?s).*与项目配置不同.*"


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError, match="cannot write"):
        write_allure(whole_bundle(tmp_path / "run.bundle"), SPEC, tmp_path / "file" / "allure")
