"""Every error of a document names the file and the line, and no file of any content gets past as something else."""

import datetime as dt
import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from onecard.spec.document import dotted, parse_document, read_document
from onecard.spec.errors import SpecError

WRONG = {
    "duplicate key": ("a: 1\nb: 2\na: 3\n", 3, "(a)", "stands twice"),
    "duplicate key, nested": ("a:\n  - {b: 1}\n  - {c: 1,\n     c: 2}\n", 4, "(a[1].c)", "stands twice"),
    "duplicate key, text and number": ('1: a\n"1": b\n', 2, "(1)", "stands twice"),
    "unquoted date": ("a:\n  issued: 2015-03-27\n", 2, "(a.issued)", "in quotes"),
    "unquoted time": ("a: 2015-03-27 10:00:00\n", 1, "(a)", "in quotes"),
    "date that is none": ("a: 2015-13-27\n", 1, "(a)", "in quotes"),
    "number that is none": ("a: 1\nb: 0b_\n", 2, "(b)", "in quotes"),
    "not a number": ("a: .nan\n", 1, "(a)", "in quotes"),
    "infinity": ("a: 1\nb: [.inf]\n", 2, "(b[0])", "in quotes"),
    "binary": ("a: !!binary aGk=\n", 1, "(a)", "in quotes"),
    "unclosed list": ("a: 1\nb: [1, 2\n", 3, "", "broken YAML"),
    "tab as indentation": ("a:\n\t- b\n", 2, "", "broken YAML"),
    "bad indentation": ("a: 1\n b: 2\n", 2, "", "broken YAML"),
    "two documents": ("a: 1\n---\nb: 2\n", 2, "", "broken YAML"),
    "object of a program": ("a: 1\nb: !!python/object/apply:os.system [x]\n", 2, "", None),
    "tag of a program": ("a: !!python/name:os.system x\n", 1, "", "broken YAML"),
    "document in itself": ("a:\n  &x {b: *x}\n", 2, "(a.b)", "aliases"),
    "alias": ("a: &x [1]\nb: *x\n", 1, "(b)", "aliases"),
    "key that is a list": ("a: 1\n? [b]\n: 2\n", 2, "", "single word"),
    "list at the top": ("- a\n", 1, "", "mapping"),
    "text at the top": ("hello\n", 1, "", "mapping"),
    "nothing": ("", 1, "", "mapping"),
    "comment only": ("# nothing\n", 1, "", "mapping"),
}


@pytest.mark.parametrize("name", sorted(WRONG.keys() - {"object of a program"}))
def test_error_names_file_and_line(name: str) -> None:
    text, line, where, said = WRONG[name]
    with pytest.raises(SpecError) as caught:
        parse_document(text, "vendor/ics.yaml")
    error = caught.value
    assert (error.file, error.line) == ("vendor/ics.yaml", line)
    assert str(error).startswith(f"vendor/ics.yaml:{line}")
    assert where in error.text.en
    assert where in error.text.zh
    assert said is not None
    assert said in error.text.en
    assert "\n" not in error.text.en


def test_a_tag_never_builds_an_object() -> None:
    text, *_ = WRONG["object of a program"]
    assert parse_document(text, "f").data == {"a": 1, "b": ["x"]}


def test_control_character_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^f\.yaml: not YAML: .*#x0007") as caught:
        parse_document("a: \x07\n", "f.yaml")
    assert "\n" not in caught.value.text.zh


def test_endless_nesting_is_refused() -> None:
    with pytest.raises(SpecError, match=r"^f\.yaml: nested too deeply"):
        parse_document("a: " + "[" * 2000 + "]" * 2000, "f.yaml")


def test_lines_of_every_value() -> None:
    document = parse_document("# note\na: 1\nb:\n  c:\n    - x\n    - {d: y,\n       e: z}\n", "f.yaml")
    assert document.data == {"a": 1, "b": {"c": ["x", {"d": "y", "e": "z"}]}}
    found = {dotted(path): line for path, line in document.lines.items() if path}
    assert found == {"a": 2, "b": 4, "b.c": 5, "b.c[0]": 5, "b.c[1]": 6, "b.c[1].d": 6, "b.c[1].e": 7}


def test_line_of_something_absent_is_that_of_what_would_hold_it() -> None:
    document = parse_document("a: 1\nb:\n  c: {d: 1}\n", "f.yaml")
    assert document.line(("b", "c", "nope", 0)) == 3
    assert document.line(("nope",)) == 1
    error = document.error(("b", "c"), zh="错", en="wrong")
    assert (error.text.en, error.text.zh) == ("f.yaml:3 (b.c): wrong", "f.yaml:3 (b.c): 错")
    assert error.exit_code == 2


def test_byte_order_mark_of_a_windows_editor(tmp_path: Path) -> None:
    path = tmp_path / "ics.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_document(path).data == {"a": 1, "b": 2}


def test_not_utf8_names_file_and_byte(tmp_path: Path) -> None:
    path = tmp_path / "ics.yaml"
    path.write_bytes("a: 社".encode("gbk"))
    with pytest.raises(SpecError, match=r"not UTF-8 text \(byte 3\)") as caught:
        read_document(path)
    assert caught.value.file == str(path)


def test_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    with pytest.raises(SpecError, match=r"none\.yaml: there is no such file"):
        read_document(path)


def test_unreadable_file_is_named_as_shown(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"^specs/x\.yaml: cannot be read: "):
        read_document(tmp_path, "specs/x.yaml")


SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(categories=("L", "N", "P", "S", "Zs")))
KEYS = st.text("abcxyz-._", min_size=1, max_size=6)
TREES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))


@given(st.dictionaries(KEYS, TREES, max_size=5))
def test_what_yaml_writes_reads_back(data: dict[str, object]) -> None:
    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    text = yaml.dump(data, Dumper=Dumper, allow_unicode=True)
    assert parse_document(text, "f").data == data


@given(st.dictionaries(KEYS, TREES, max_size=5))
def test_json_is_a_document_and_every_value_has_a_line(data: dict[str, object]) -> None:
    document = parse_document(json.dumps(data, indent=1, ensure_ascii=False), "f")
    assert document.data == data

    def paths(node: object, path: tuple[str | int, ...]) -> None:
        assert path in document.lines
        if isinstance(node, dict):
            for key, child in node.items():
                paths(child, (*path, key))
        elif isinstance(node, list):
            for index, child in enumerate(node):
                paths(child, (*path, index))

    paths(data, ())


@given(st.text(max_size=60) | st.text("a:-[]{}&*!#\n \"'|>?0123456789._", max_size=60))
def test_any_text_is_a_document_or_a_named_error(text: str) -> None:
    outcome: dict[str, object] | str
    try:
        outcome = parse_document(text, "f").data
    except SpecError as error:
        outcome = error.text.en
    assert isinstance(outcome, dict) or outcome.startswith("f")


@given(st.dates(min_value=dt.date(1000, 1, 1)))
def test_no_date_is_ever_read_as_a_date(day: dt.date) -> None:
    with pytest.raises(SpecError, match="in quotes, as text"):
        parse_document(f"a: {day.isoformat()}\n", "f")
    assert parse_document(f'a: "{day.isoformat()}"\n', "f").data == {"a": day.isoformat()}
