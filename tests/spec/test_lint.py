"""``spec lint`` finds each kind of problem: the real tree with one thing broken at a time."""

import re

import pytest

from onecard.spec.lint import lint, value_fits
from onecard.spec.load import Spec
from onecard.spec.model import IcsItem
from onecard.spec.text import Text
from tests.spec.trees import broken

PART2, PART3, PART4, PART5, PART6 = (
    "ldt32/part2-transmission.yaml", "ldt32/part3-files.yaml", "ldt32/part4-security.yaml", "ldt32/part5-commands.yaml",
    "ldt32/part6-data.yaml",
)  # fmt: skip
CHECKS = "identity/checks.yaml"
PROFILE = "profiles/card-2.0.yaml"

BROKEN = {
    "about names nothing": (
        PART5,
        "about: [GENERAL.instruction]",
        "about: [GENERAL.instructions]",
        PART5,
        "CARD-INS: `about` names GENERAL.instructions, which does not exist",
    ),
    "leaf without requirement": (
        PART5,
        "about: [GENERAL.instruction]",
        "about: [GENERAL.class]",
        PART5,
        "no requirement's `about` names the datum GENERAL.instruction",
    ),
    "testable without about": (
        PART6,
        "about: [SSSE/EF06/0D.check, SSSE/EF06/0D.type]",
        "about: []",
        PART6,
        "CARD-EF06-BIRTHDATE is testable but its `about` is empty",
    ),
    "unknown document of a part": (
        PART2,
        "document: LD/T 32.2-2015",
        "document: LD/T 32.99-2015",
        PART2,
        "CARD-ATR-CONVENTION: LD/T 32.99-2015 is not in the bibliography",
    ),
    "unknown document of a requirement's basis": (
        PART3,
        'about: [SELECT.occurrences]\n    basis: {class: draft, document: "2011-5"}',
        'about: [SELECT.occurrences]\n    basis: {class: draft, document: "2099-5"}',
        PART3,
        "CARD-SELECT-NEXT: the document 2099-5 is not in the bibliography",
    ),
    "unknown document of a datum's basis": (
        CHECKS,
        "basis: {class: notice, document: 人社信息函〔2012〕37号}",
        "basis: {class: notice, document: 某通知}",
        CHECKS,
        "CHECK/GB11643.kind: the document 某通知 is not in the bibliography",
    ),
    "unknown document of a further support": (
        PART3,
        'document: "2011-6"}, {class: field, programs: 5}',
        'document: "2011-66"}, {class: field, programs: 5}',
        PART3,
        "the document 2011-66 is not in the bibliography",
    ),
    "duplicate id of a datum": (
        PART6,
        "- id: CODES/NATION",
        "- id: CODES/SEX",
        PART6,
        "the id CODES/SEX stands at specs/ldt32/part6-data.yaml:",
    ),
    "duplicate id of an inner datum": (
        PART6,
        "id: SSSE/EF05/02,",
        "id: SSSE/EF05/01,",
        PART6,
        "the id SSSE/EF05/01 stands at specs/ldt32/part6-data.yaml:",
    ),
    "unknown item in applies": (
        PART3,
        "applies: card.algorithm_identifier",
        "applies: card.algorithm_name",
        PART3,
        "CARD-FCI-ALGORITHM: `applies` names the unknown item card.algorithm_name",
    ),
    "unknown item in a condition of the data": (
        PART4,
        "when: 'card.generation >= \"2.0\"'",
        "when: 'card.age >= \"2.0\"'",
        "profile",
        "the expression names card.age",
    ),
    "status word that is not listed": (
        PART5,
        'nothing: "6F00"',
        'nothing: "6F01"',
        PART5,
        "GET-RESPONSE uses the status word 6F01, which is not listed",
    ),
    "general status word that is not listed": (
        PART5,
        'instruction: "6D00"',
        'instruction: "6D01"',
        PART5,
        "GENERAL uses the status word 6D01, which is not listed",
    ),
    "clause that nobody can see": (
        PART2,
        'clause: "8.4"',
        'clause: "8.99"',
        PART2,
        "CARD-ATR-HISTORICAL: clause 8.99 of 2011-2 is not visible",
    ),
    "check that does not exist": (
        PART6,
        "check: CHECK/GB11643,",
        "check: CHECK/GB11642,",
        "profile",
        "CHECK/GB11642, which does not exist",
    ),
    "code table that does not exist": (
        PART6,
        "codes: CODES/SEX,",
        "codes: CODES/GENDER,",
        "profile",
        "CODES/GENDER, which does not exist",
    ),
    "access rule with an unknown key": (
        PART6,
        "{when: 'card.generation >= \"3.0\"', value: key RKSSSE}",
        "{when: 'card.generation >= \"3.0\"', value: key RKNONE}",
        "profile",
        "RKNONE, which does not exist",
    ),
    "record order without the item": (
        PART6,
        'record-order: ["01", "02", "03", "04", "05", "06", "07"]',
        'record-order: ["01", "02", "03", "04", "05", "06"]',
        "profile",
        "SSSE/EF05: tag 07 is in the items or in the record order, not in both",
    ),
    "gap between conditions": (
        PART6,
        "{when: 'card.generation < \"3.0\"', value: free}",
        "{when: 'card.generation < \"2.0\"', value: free}",
        "profile",
        "SSSE/EF06.read: 0 values apply",
    ),
    "profile that leaves an item out": (
        PROFILE,
        "  card.citizen: true\n",
        "",
        "profile card-2.0",
        "card-2.0 does not declare card.citizen",
    ),
    "profile without what the builder needs": (
        PROFILE,
        "  card.key_versions: 3\n",
        "",
        "profile card-2.0",
        "card-2.0 does not declare card.key_versions",
    ),
    "profile with an unknown item": (
        PROFILE,
        "  card.citizen: true\n",
        "  card.citizen: true\n  card.colour: red\n",
        "profile card-2.0",
        "card-2.0 declares the unknown item card.colour",
    ),
    "profile with a value out of range": (
        PROFILE,
        "card.key_versions: 3",
        "card.key_versions: 4",
        "profile card-2.0",
        "card-2.0: 4 does not fit card.key_versions",
    ),
    "profile with a value of another type": (
        PROFILE,
        "card.pin: true",
        "card.pin: 1",
        "profile card-2.0",
        "card-2.0: 1 does not fit card.pin",
    ),
    "profile with an unpublished algorithm": (
        PROFILE,
        "card.algorithm: 3des",
        "card.algorithm: ssf33",
        "profile card-2.0",
        "the algorithm ssf33 is not published",
    ),
}


def test_the_real_tree_holds_together(spec: Spec) -> None:
    assert lint(spec) == []


@pytest.mark.parametrize("name", BROKEN)
def test_problem_is_found_at_its_place(spec: Spec, name: str) -> None:
    file, old, new, place, said = BROKEN[name]
    found = [finding for finding in lint(broken(spec, file, old, new)) if said in finding.text.en]
    assert found
    for finding in found:
        assert re.match(
            rf"specs/{re.escape(place)}:\d+$" if place.endswith(".yaml") else re.escape(place), finding.place
        )
        assert finding.text.zh


TEXT = Text("", "")
BOOL = IcsItem("x", "bool", (), None, None, TEXT, TEXT)
INT = IcsItem("x", "int", (), 1, 15, TEXT, TEXT)
OPEN = IcsItem("x", "int", (), None, None, TEXT, TEXT)
ENUM = IcsItem("x", "enum", ("3des", "sm4"), None, None, TEXT, TEXT)


@pytest.mark.parametrize(
    ("item", "value", "fits"),
    [
        (BOOL, True, True), (BOOL, False, True), (BOOL, 1, False), (BOOL, "true", False),
        (INT, 1, True), (INT, 15, True), (INT, 0, False), (INT, 16, False), (INT, True, False), (INT, "3", False),
        (OPEN, 0, True), (OPEN, 99, True), (OPEN, -1, False),
        (ENUM, "sm4", True), (ENUM, "SM4", False), (ENUM, "", False), (ENUM, True, False), (ENUM, 4, False),
    ],
)  # fmt: skip
def test_values_fit_their_item(item: IcsItem, value: bool | int | str, fits: bool) -> None:
    assert value_fits(item, value) is fits
