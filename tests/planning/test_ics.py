"""ICS files: every problem names file, line and item; nothing that is left out counts as a no."""

import re

import pytest

from onecard.planning.declaration import ics_of_profile, ics_text, read_ics
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec
from tests.planning.conftest import Write
from tests.spec.trees import edited


def _line(text: str, of: str) -> int:
    (found,) = [number for number, line in enumerate(text.splitlines(), start=1) if of in line]
    return found


def test_a_filled_template_reads_back(spec: Spec, write: Write, template: str) -> None:
    filled = template.replace('vendor: "?"', "vendor: 某厂").replace('model: "?"', "model: M1, version: '1.2'")
    ics = read_ics(spec, write("ics.yaml", filled), None)
    assert (ics.kind, ics.profile, ics.claims) == ("card", "card-3.0", frozenset())
    assert ics.device == {"vendor": "某厂", "model": "M1", "version": "1.2"}
    assert ics.items == spec.profile("card-3.0").ics


def test_every_item_of_the_questionnaire_must_stand_there(spec: Spec, write: Write, template: str) -> None:
    for item in spec.questionnaires["card"].items:
        without = "".join(line for line in template.splitlines(keepends=True) if not line.startswith(f"  {item.id}:"))
        assert without != template
        path = write("ics.yaml", without)
        with pytest.raises(SpecError) as caught:
            read_ics(spec, path, None)
        error = caught.value
        assert (error.file, error.where) == (str(path), "items")
        assert error.line == _line(without, "items:") + _first_item(without)
        for text in (error.text.en, error.text.zh):
            assert text.startswith(f"{path}:{error.line} (items): ")
            assert item.id in text
        assert item.question.en in error.text.en
        assert item.question.zh in error.text.zh
        assert "declare it" in error.text.en


def _first_item(text: str) -> int:
    """Lines between ``items:`` and its first item, where YAML says that the mapping begins."""
    after = text.split("items:\n", 1)[1].splitlines()
    return next(number for number, line in enumerate(after, start=1) if line.startswith("  card."))


@pytest.mark.parametrize(
    ("old", "new", "of", "said"),
    [
        (
            "  card.pin: true",
            "  card.pin: true\n  card.pni: true",
            "card.pni",
            "card.pni is no item of the questionnaire",
        ),
        ("  card.pin: true", "  card.pin: 'true'", "card.pin:", "'true' does not fit card.pin: it takes bool"),
        ("  card.pin: true", "  card.pin: 1", "card.pin:", "1 does not fit card.pin: it takes bool"),
        ('card.generation: "3.0"', 'card.generation: "4.0"', "card.generation:", "it takes 1.0 | 2.0 | 3.0"),
        ('card.generation: "3.0"', "card.generation: 3", "card.generation:", "3 does not fit card.generation"),
        ("card.pin_try_limit: 3", "card.pin_try_limit: 0", "card.pin_try_limit:", "0 does not fit card.pin_try_limit"),
        ("card.pin_try_limit: 3", "card.pin_try_limit: 16", "card.pin_try_limit:", "16 does not fit"),
        ("card.pin_try_limit: 3", "card.pin_try_limit: true", "card.pin_try_limit:", "True does not fit"),
        ('card.algorithm: "sm4"', "card.algorithm: aes", "card.algorithm:", "it takes 3des | sm4 | ssf33"),
        ("card.pin_try_limit: 3", "card.pin_try_limit: 3.5", "card.pin_try_limit:", "3.5 is not of type"),
        ("card.pin_try_limit: 3", "card.pin_try_limit: 2015-01-01", "card.pin_try_limit:", "in quotes"),
        ("claims: []", "claims: [card-9]", "claims:", "there is no profile card-9 to claim"),
        ("profile: card-3.0\n", "profile: card-9\n", "profile: card-9", "there is no profile card-9; known: card-1.0"),
        ("target: card", "target: kettle", "target:", "there is no questionnaire for kettle"),
        ("kind: ics", "kind: ixit", "kind: ixit", "kind must be ics"),
        ("format: 1", "format: 2", "format:", "1 was expected"),
    ],
)
def test_wrong_values_are_named(
    spec: Spec, write: Write, template: str, old: str, new: str, of: str, said: str
) -> None:
    text = edited(template, old, new)
    path = write("ics.yaml", text)
    with pytest.raises(SpecError, match=re.escape(said)) as caught:
        read_ics(spec, path, None)
    assert (caught.value.file, caught.value.line) == (str(path), _line(text, of))
    assert str(path) in caught.value.text.zh


def test_missing_top_level_key(spec: Spec, write: Write, template: str) -> None:
    text = re.sub(r"(?m)^claims:.*\n", "", template)
    with pytest.raises(SpecError, match=r"ics\.yaml:\d+: .*'claims' is a required property"):
        read_ics(spec, write("ics.yaml", text), None)


def test_device_must_be_named(spec: Spec, write: Write, template: str) -> None:
    with pytest.raises(SpecError, match=r"\(device\.vendor\)"):
        read_ics(spec, write("ics.yaml", edited(template, 'vendor: "?"', 'vendor: ""')), None)


def test_profile_of_the_command_line_must_be_the_declared_one(spec: Spec, write: Write, template: str) -> None:
    path = write("ics.yaml", template)
    assert read_ics(spec, path, "card-3.0").profile == "card-3.0"
    with pytest.raises(SpecError, match=r"\(profile\): the ICS declares card-3\.0, the command line says card-2\.0"):
        read_ics(spec, path, "card-2.0")


def test_claims(spec: Spec, write: Write, template: str) -> None:
    ics = read_ics(spec, write("ics.yaml", edited(template, "claims: []", "claims: [card-3.0]")), None)
    assert ics.claims == {"card-3.0"}


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_a_written_declaration_reads_back(spec: Spec, write: Write, profile: str) -> None:
    ics = ics_of_profile(spec, profile)
    assert read_ics(spec, write("ics.yaml", ics_text(ics)), profile) == ics
    assert ics.claims == {profile}
