"""Overlays replace value and basis together, and every product follows."""

from pathlib import Path

import pytest

from emulator.card.factory import variant_card
from emulator.card.variant import VariantSpec
from onecard.oracle.session import rules_of
from onecard.spec.errors import SpecError
from onecard.spec.leaves import leaves
from onecard.spec.lint import lint
from onecard.spec.load import Spec
from onecard.spec.model import BasisClass
from onecard.spec.overlay import apply_overlay, load_overlaid
from tests.spec.trees import overlay_of

STATUS = '- {target: GENERAL, set: {instruction: "6E00"}, basis: {class: published, document: LD/T 32.5-2015}}'


def test_value_and_basis_change_together(spec: Spec) -> None:
    before = {leaf.path: leaf for leaf in leaves(spec)}
    changed = apply_overlay(spec, overlay_of(STATUS))
    after = {leaf.path: leaf for leaf in leaves(changed)}
    assert before["GENERAL.instruction"].value == "6D00"
    assert (after["GENERAL.instruction"].value, after["GENERAL.instruction"].basis.label()) == (
        "6E00",
        "published (LD/T 32.5-2015)",
    )
    assert {path for path in before if before[path] != after[path]} == {
        path for path in before if path.startswith("GENERAL.")
    }
    assert changed.overlays == ("test",)
    assert lint(changed) == []
    assert spec.card_of_profile("card-3.0").general.instruction.text == "6D00"


def test_the_resolved_card_and_the_reference_follow(spec: Spec) -> None:
    for overlaid, expected in ((spec, "6D00"), (apply_overlay(spec, overlay_of(STATUS)), "6E00")):
        card = overlaid.card_of_profile("card-3.0")
        assert card.general.instruction.text == expected
        reference = variant_card(VariantSpec(card_spec=card), spec=card, seed="overlay")
        reference.power_on()
        assert reference.process(bytes.fromhex("0002000000")) == bytes.fromhex(expected)


def test_the_oracle_follows(spec: Spec) -> None:
    changed = apply_overlay(
        spec,
        overlay_of(
            "- target: AUTHENTICATION-DATA\n  set: {fold: left-half}\n"
            "  basis: {class: published, document: LD/T 32.4-2015}"
        ),
    )
    assert rules_of(spec.card_of_profile("card-3.0")) != rules_of(changed.card_of_profile("card-3.0"))


def test_a_statement_and_its_basis(spec: Spec) -> None:
    changed = apply_overlay(
        spec,
        overlay_of(
            "- target: CARD-INS\n  set: {statement: {zh: 另文, en: x}, keyword: may}\n"
            "  basis: {class: published, document: LD/T 32.5-2015}"
        ),
    )
    requirement = changed.requirement("CARD-INS")
    assert (requirement.statement.zh, requirement.keyword) == ("另文", "may")
    assert requirement.basis.cls is BasisClass.PUBLISHED
    assert requirement.about == spec.requirement("CARD-INS").about


def test_inner_data_and_lists(spec: Spec) -> None:
    changed = apply_overlay(
        spec,
        overlay_of(
            "- {target: SSSE/EF05/07, set: {length: 10}, basis: {class: published, document: LD/T 32.6-2015}}\n"
            "- {target: READ-RECORD/MODE-5, set: {mode: 7}, basis: {class: published, document: LD/T 32.5-2015}}\n"
            "- {target: SSSE/EF06, set: {read.1.value: free}, basis: {class: published, document: LD/T 32.6-2015}}"
        ),
    )
    card = changed.card_of_profile("card-3.0")
    assert card.file("SSSE/EF05").item(7).length == 10
    assert card.command("READ-RECORD").modes[5].number == 7
    assert card.file("SSSE/EF06").read.access == "free"
    bases = {leaf.path: leaf.basis.cls for leaf in leaves(changed)}
    assert (bases["SSSE/EF05/07.length"], bases["SSSE/EF05/06.length"]) == ("published", "notice")
    assert (bases["READ-RECORD/MODE-5.takes"], bases["READ-RECORD/MODE-4.takes"]) == ("published", "draft")


def test_the_basis_alone_may_change(spec: Spec) -> None:
    changed = apply_overlay(spec, overlay_of("- {target: T0, basis: {class: published, document: LD/T 32.2-2015}}"))
    assert {leaf.basis.cls for leaf in leaves(changed) if leaf.path.startswith("T0.")} == {BasisClass.PUBLISHED}
    assert changed.card_of_profile("card-3.0") == spec.card_of_profile("card-3.0")


def test_missing_basis_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^overlay\.yaml:6 \(changes\[0\]\): .*'basis' is a required property"):
        overlay_of('- {target: GENERAL, set: {instruction: "6E00"}}')


def test_nothing_to_change_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^overlay\.yaml:"):
        overlay_of("[]")


@pytest.mark.parametrize("cls", ["report", "inference"])
def test_hearsay_is_refused(spec: Spec, cls: str) -> None:
    overlay = overlay_of(f'- {{target: GENERAL, set: {{instruction: "6E00"}}, basis: {{class: {cls}, document: X}}}}')
    with pytest.raises(SpecError, match=r"^overlay\.yaml:6 \(changes\[0\]\.basis\): .*cannot be report or inference"):
        apply_overlay(spec, overlay)


@pytest.mark.parametrize(
    "change",
    [
        "{target: SSSE/EF99, set: {sfi: 1}",
        "{target: SSSE/EF06, set: {nope.sfi: 1}",
        "{target: SSSE/EF06, set: {read.9.value: free}",
        "{target: SSSE/EF06, set: {sfi.deeper: 1}",
        "{target: SSSE/EF06, set: {read.first.value: free}",
    ],
)
def test_unknown_target_is_named(spec: Spec, change: str) -> None:
    target = change.split()[1].rstrip(",")
    overlay = overlay_of(f"{STATUS}\n- {change}, basis: {{class: published, document: LD/T 32.6-2015}}}}")
    with pytest.raises(SpecError, match=rf"^overlay\.yaml:7 \(changes\[1\]\): there is no {target}"):
        apply_overlay(spec, overlay)


@pytest.mark.parametrize(
    "change",
    [
        "{target: SSSE, set: {fid: 3F00x}, basis: {class: published, document: X}}",
        "{target: SSSE/EF06, set: {read: perhaps}, basis: {class: published, document: X}}",
        '{target: GENERAL, set: {instruction: "6D"}, basis: {class: published, document: X}}',
        "{target: GENERAL, set: {instructions: X}, basis: {class: published, document: X}}",
        "{target: CARD-INS, set: {keyword: must}, basis: {class: published, document: X}}",
        "{target: GENERAL, basis: {class: profile}}",
        "{target: GENERAL, basis: {class: field}}",
        "{target: GENERAL, basis: {class: published}}",
    ],
)
def test_what_the_schema_would_refuse_is_refused(spec: Spec, change: str) -> None:
    target = change.split()[1].rstrip(",")
    with pytest.raises(SpecError, match=rf"^overlay\.yaml:6 \(changes\[0\]\): {target} would be malformed: specs/"):
        apply_overlay(spec, overlay_of(f"- {change}"))


def test_what_no_longer_holds_together_is_found_by_lint(spec: Spec) -> None:
    changed = apply_overlay(
        spec,
        overlay_of(
            '- {target: GENERAL, set: {instruction: "6D99"}, basis: {class: published, document: LD/T 32.5-2015}}'
        ),
    )
    assert [finding.text.en for finding in lint(changed)] == ["GENERAL uses the status word 6D99, which is not listed"]


def test_files_apply_in_order(tmp_path: Path) -> None:
    for name, value in (("first", "6E00"), ("second", "6A81")):
        (tmp_path / f"{name}.yaml").write_text(
            f"format: 1\nkind: overlay\nid: {name}\ntitle: {{zh: 甲, en: a}}\nchanges:\n"
            f'  - target: GENERAL\n    set: {{instruction: "{value}"}}\n'
            "    basis: {class: published, document: LD/T 32.5-2015}\n",
            encoding="utf-8",
        )
    overlaid = load_overlaid([tmp_path / "first.yaml", tmp_path / "second.yaml"])
    assert overlaid.overlays == ("first", "second")
    assert overlaid.card_of_profile("card-1.0").general.instruction.text == "6A81"
    with pytest.raises(SpecError, match="kind must be overlay"):
        load_overlaid([Path(__file__).resolve().parents[2] / "specs" / "profiles" / "card-1.0.yaml"])
