"""Loading: the first problem of a document is named with file, line and path."""

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from onecard.spec.document import parse_document
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec, check_schema, has_schema, load_spec, schema
from onecard.spec.location import data_root
from tests.spec.trees import broken, copied_tree

PART5 = "ldt32/part5-commands.yaml"
PART6 = "ldt32/part6-data.yaml"


def _line(file: str, text: str) -> int:
    lines = (data_root("specs") / file).read_text(encoding="utf-8").splitlines()
    (found,) = [number for number, line in enumerate(lines, start=1) if text in line]
    return found


@pytest.mark.parametrize(
    ("file", "old", "new", "where", "said"),
    [
        (PART5, "    ins: 0xB2", "    ins: 0x1B2", "commands[1].ins", "434 is greater than the maximum of 255"),
        (PART5, "    ins: 0xB2", '    ins: "B2"', "commands[1].ins", "is not of type 'integer'"),
        (PART5, 'nothing: "6F00"', 'nothing: "6F0"', "commands[3].statuses.nothing", "does not match"),
        (PART5, "length-rule: exact", "length_rule: exact", "commands[1]", "'length_rule' was unexpected"),
        (
            PART6,
            "    structure: linear-variable\n    read: free",
            "    structure: heap\n    read: free",
            "files[0].structure",
            "is not one of",
        ),
        (PART6, "keyword: should", "keyword: ought", "requirements[", "'ought' is not one of"),
        (PART6, "excluded: text-not-public", "excluded: too-hard", "requirements[", "'too-hard' is not one of"),
    ],
)
def test_problem_is_named(spec: Spec, file: str, old: str, new: str, where: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        broken(spec, file, old, new)
    error = caught.value
    assert error.file == f"specs/{file}"
    assert error.line is not None
    assert error.where.startswith(where)
    assert said in error.text.en
    assert f"specs/{file}:{error.line}" in error.text.zh


def test_line_is_that_of_the_value(spec: Spec) -> None:
    with pytest.raises(SpecError) as caught:
        broken(
            spec,
            PART5,
            'statuses: {parameters: "6A86", nothing: "6F00"}',
            'statuses: {parameters: "6A86", nothing: "X"}',
        )
    assert caught.value.line == _line(PART5, 'nothing: "6F00"')


def test_missing_key_is_named_at_its_place(spec: Spec) -> None:
    with pytest.raises(SpecError, match="'structure' is a required property") as caught:
        broken(spec, PART6, "    sfi: 5\n    structure: linear-variable\n", "    sfi: 5\n")
    assert (caught.value.where, caught.value.line) == ("files[0]", _line(PART6, 'name: {zh: "发卡机构数据"') - 1)


@pytest.mark.parametrize(
    ("basis", "said"),
    [
        ("{class: profile}", "'reason' is a required property"),
        ("{class: field}", "'programs' is a required property"),
        ("{class: notice}", "'document' is a required property"),
        ("{class: draft}", "'document' is a required property"),
        ("{class: published}", "'document' is a required property"),
        ("{class: report, document: X}", "'report' is not one of"),
        ("{class: inference}", "'inference' is not one of"),
        ("{document: X}", "'class' is a required property"),
    ],
)
def test_basis_must_have_its_witness(spec: Spec, basis: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        broken(
            spec, "identity/checks.yaml", "basis: {class: notice, document: 人社信息函〔2012〕37号}", f"basis: {basis}"
        )


def test_unknown_kind_names_the_file() -> None:
    for kind in ("novel", "../schema/part", "1"):
        with pytest.raises(SpecError, match=r"^specs/x\.yaml:2 \(kind\): unknown kind of document|kind` is missing"):
            check_schema(parse_document(f"format: 1\nkind: {kind}x\n", "specs/x.yaml"))


def test_kind_is_needed() -> None:
    with pytest.raises(SpecError, match=r"^specs/x\.yaml:1: the key `kind` is missing"):
        check_schema(parse_document("format: 1\n", "specs/x.yaml"))


def test_kind_must_be_the_one_asked_for() -> None:
    with pytest.raises(SpecError, match=r"^my\.yaml:2 \(kind\): kind must be ics"):
        check_schema(parse_document("format: 1\nkind: ixit\n", "my.yaml"), "ics")


def test_secret_values_stay_out_of_the_message() -> None:
    text = 'format: 1\nkind: ixit\npin: "12AB"\nkey-source: {kind: none}\n'
    with pytest.raises(SpecError, match=r"^ixit\.yaml:3 \(pin\): ") as caught:
        check_schema(parse_document(text, "ixit.yaml"), "ixit", secret=True)
    assert "12AB" not in caught.value.text.en + caught.value.text.zh


def test_broken_file_of_a_tree_is_named(tmp_path: Path) -> None:
    root = copied_tree(tmp_path, "profiles/card-2.0.yaml", "ics:\n", "ics: [\n")
    with pytest.raises(SpecError, match=r"^specs/profiles/card-2\.0\.yaml:\d+: broken YAML"):
        load_spec(root)


def test_a_copy_of_the_tree_loads_the_same(tmp_path: Path, spec: Spec) -> None:
    root = copied_tree(tmp_path, "profiles/card-2.0.yaml", "# The project's profile", "# The profile")
    again = load_spec(root)
    assert again.requirements == spec.requirements
    assert again.card_of_profile("card-2.0") == spec.card_of_profile("card-2.0")


def test_empty_tree_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="no specification documents were found"):
        load_spec(tmp_path)


def test_requirement_id_that_stands_twice(spec: Spec) -> None:
    twice = broken(spec, PART5, "  - id: CARD-CLA\n", "  - id: CARD-INS\n")
    with pytest.raises(SpecError, match=r"part5-commands\.yaml:\d+ .*the requirement id CARD-INS stands twice"):
        _ = twice.requirements


def test_bad_expression_names_its_requirement(spec: Spec) -> None:
    bad = broken(spec, "ldt32/part3-files.yaml", "applies: card.algorithm_identifier", "applies: card.pin and")
    with pytest.raises(
        SpecError, match=r"part3-files\.yaml:\d+ \(requirements\[\d+\]\.applies\): .*syntax error at the end"
    ):
        _ = bad.requirements


@pytest.mark.parametrize(
    "path", sorted((data_root("specs") / "schema").glob("*.json")), ids=lambda path: str(path.name)
)
def test_schemas_are_schemas_and_closed(path: Path) -> None:
    found = schema(path.name.removesuffix(".schema.json"))
    Draft202012Validator.check_schema(found)
    if found["type"] == "array":  # a further section of the card's parts
        assert _open_objects(found["items"]) == []
        return
    sections = path.name == "part.schema.json"  # the card's parts may have such sections
    assert sections or found["additionalProperties"] is False
    if not path.name.startswith("ixit-"):  # those are schemas of the IXIT's `parameters`, not of a document
        assert isinstance(found["required"], list)
        assert {"format", "kind"} <= set(found["required"])


def test_parameters_of_every_kind_have_a_schema(spec: Spec) -> None:
    described = {name for name in spec.questionnaires if has_schema(f"ixit-{name}")}
    assert described == {"card", *spec.interfaces}
    closed = [name for name in described if _open_objects(schema(f"ixit-{name}"))]
    assert closed == []


def _open_objects(node: object) -> list[object]:
    """Objects with properties that let others through."""
    if isinstance(node, list):
        return [found for child in node for found in _open_objects(child)]
    if not isinstance(node, dict):
        return []
    own = [node] if "properties" in node and node.get("additionalProperties") is not False else []
    return own + [found for child in node.values() for found in _open_objects(child)]
