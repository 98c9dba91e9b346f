"""``onecard spec``: lint, show, overlay."""

import json
from pathlib import Path

import pytest

from onecard.spec.load import Spec
from onecard.targets.registry import open_target
from tests.cli.running import Line

OVERLAY = """\
format: 1
kind: overlay
id: licensed
title: {zh: 正式文本, en: issued text}
changes:
  - target: UPDATE-RECORD
    set: {statuses.tlv: "6A80"}
    basis: {class: published, document: LD/T 32.5-2015}
"""

# What a vendor's PSAM holds instead of the number that this project chose.
OTHER_NUMBER = """\
format: 1
kind: overlay
id: licensed
title: {zh: 正式文本, en: issued text}
changes:
  - target: PSAM/RKSSSE
    set: {number: 0x0B}
    basis: {class: published, document: LD/T 32.9-2015}
"""


@pytest.mark.parametrize(("lang", "said"), [("en", "the specification holds: "), ("zh", "规范数据无误：")])
def test_the_real_specification_holds(line: Line, lang: str, said: str) -> None:
    ran = line("spec", "lint", lang=lang)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(said)


def test_language_before_the_command(line: Line) -> None:
    assert line("--lang", "zh", "spec", "lint", lang=None).out.startswith("规范")
    assert line("--lang", "zh", "spec", "lint", lang="en").out.startswith("the specification")


def test_lint_names_every_finding(line: Line) -> None:
    Path("o.yaml").write_text(OVERLAY.replace("6A80", "6A99"), encoding="utf-8")
    ran = line("spec", "lint", "--overlay", "o.yaml")
    assert ran.code == 1
    assert ran.out.startswith("specs/ldt32/part5-commands.yaml:")
    assert "UPDATE-RECORD uses the status word 6A99, which is not listed" in ran.out


def test_show_requirement(line: Line) -> None:
    ran = line("spec", "show", "CARD-EF06-READ")
    assert (ran.code, ran.err) == (0, "")
    for words in (
        "CARD-EF06-READ  [shall]",
        "三代卡在未通过 RKSSSE",
        "a third-generation card refuses",
        "document: LD/T 32.6-2015",
        "basis: field (2 programs)",
        'applies: card.generation >= "3.0"',
        "about: SSSE/EF06.read",
        "LD/T 6001.3-2023 8.1",
        "specs/ldt32/part6-data.yaml:",
    ):
        assert words in ran.out
    assert "依据: field" in line("spec", "show", "CARD-EF06-READ", lang="zh").out


def test_show_excluded_requirement_and_reason(line: Line) -> None:
    assert "excluded: text-not-public" in line("spec", "show", "CARD-EF05-AUTHCODE").out
    assert "no public text says it" in line("spec", "show", "CARD-ATR-STABLE").out


def test_show_document(line: Line) -> None:
    ran = line("spec", "show", "LD/T 32.5-2015")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("LD/T 32.5-2015\n")
    assert "public text: " in ran.out


@pytest.mark.parametrize(
    ("identifier", "shown", "requirement"),
    [
        ("SSSE/EF06", '"fid": 61190', "CARD-EF06-ORDER"),
        ("SSSE/EF06/4E", '"length": 20', "CARD-EF06-NAME"),
        ("READ-RECORD/MODE-5", '"takes": "from"', "CARD-READ-RANGE"),
        ("GENERAL", '"ok": "9000"', "CARD-CLA"),
    ],
)
def test_show_datum(line: Line, identifier: str, shown: str, requirement: str) -> None:
    ran = line("spec", "show", identifier)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("specs/ldt32/part")
    assert shown in ran.out
    assert f"<- {requirement} " in ran.out


def test_show_with_overlay(line: Line) -> None:
    Path("o.yaml").write_text(OVERLAY, encoding="utf-8")
    assert '"tlv": "6A85"' in line("spec", "show", "UPDATE-RECORD").out
    assert '"tlv": "6A80"' in line("spec", "show", "UPDATE-RECORD", "--overlay", "o.yaml").out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_show_of_an_unknown_id(line: Line, lang: str) -> None:
    ran = line("spec", "show", "CARD-NOPE", lang=lang)
    assert (ran.code, ran.out) == (1, "")
    assert "CARD-NOPE" in ran.err
    assert len(ran.err.splitlines()) == 1


def test_every_id_can_be_shown(line: Line, spec: Spec) -> None:
    for identifier in [*list(spec.requirements)[::20], *list(spec.documents)[::40], "card.pin"]:
        assert line("spec", "show", identifier).code == 0


def test_overlay_tells_what_it_changes(line: Line) -> None:
    Path("o.yaml").write_text(OVERLAY, encoding="utf-8")
    ran = line("spec", "overlay", "o.yaml")
    assert (ran.code, ran.err) == (0, "")
    assert "UPDATE-RECORD.statuses.tlv: '6A85' [draft] -> '6A80' [published]" in ran.out.splitlines()
    assert all(told.startswith("UPDATE-RECORD") for told in ran.out.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    basis: {class: published, document: LD/T 32.5-2015}\n", "", "'basis' is a required property"),
        ("class: published", "class: report", "cannot be report or inference"),
        ("target: UPDATE-RECORD", "target: UPDATE-RECORDS", "there is no UPDATE-RECORDS"),
        ('"6A80"', '"6A"', "UPDATE-RECORD would be malformed"),
        ("kind: overlay", "kind: ics", "kind must be overlay"),
    ],
)
def test_wrong_overlay(line: Line, old: str, new: str, said: str) -> None:
    assert OVERLAY.count(old) == 1
    Path("o.yaml").write_text(OVERLAY.replace(old, new), encoding="utf-8")
    for command in (("spec", "lint", "--overlay", "o.yaml"), ("spec", "overlay", "o.yaml")):
        line(*command).refused("o.yaml:", said)


def test_every_reference_takes_the_data_of_an_overlay(spec: Spec) -> None:
    for profile in spec.profiles.values():
        given = {"kind": profile.target, "variant": spec.resolve_profile(profile.id)}
        target = open_target(f"reference:{profile.id}", context=given)
        target.connect()
        target.close()


@pytest.mark.slow
def test_suite_and_reference_follow_an_overlay_together(line: Line) -> None:
    Path("o.yaml").write_text(OTHER_NUMBER, encoding="utf-8")
    ran = line("certify", "psam", "--profile", "psam-sm4", "--overlay", "o.yaml", "--out", "out", "--json")
    assert (ran.code, json.loads(ran.out)["verdict"]) == (0, "pass")
    line("replay", "out").refused("other overlays")
    assert line("replay", "out", "--overlay", "o.yaml").code == 0
    sent = Path("out/run.bundle").read_text(encoding="utf-8")
    assert ("BFDE670B" in sent, "BFDE670A" in sent) == (True, False)
