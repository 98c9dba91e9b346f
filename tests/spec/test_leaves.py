"""Leaves: every value that drives behaviour, under a path that is stable, unique and leads back to it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onecard.spec.build import KNOWN_SECTIONS
from onecard.spec.leaves import covers, leaves
from onecard.spec.load import CARD_PART, PART_SUFFIX, Spec, load_spec
from onecard.spec.overlay import with_values
from tests.spec.trees import broken

KINDS = ("card", *load_spec().interfaces)


def test_paths_are_unique(spec: Spec) -> None:
    counted = Counter(leaf.path for leaf in leaves(spec))
    assert [path for path, count in counted.items() if count > 1] == []


def test_known_leaves_have_known_paths(spec: Spec) -> None:
    found = {leaf.path: leaf for leaf in leaves(spec)}
    assert found["SSSE/EF06.sfi"].value == 6
    assert found["SSSE/EF05/01.length"].value == 16
    assert found["SSSE/EF06.read.1.value"].value == "key RKSSSE"
    assert found["READ-RECORD.statuses.security"].value == "6982"
    assert found["READ-RECORD/MODE-5.takes"].value == "from"
    assert found["ATR.plain-formats"].value == [6, 2, 7, 3]
    assert found["VERIFY.query.set"].value == "63Cx"
    assert found["DIVERSIFY/LEVEL-3.source"].value == "historical"
    assert found["SSSE/EF06.sfi"].basis.label() == "notice (人社信息函〔2012〕37号)"
    assert found["IRK.key-id"].basis.label() == "draft (2011-9)"
    assert found["UPDATE-RECORD.ins"].basis.label() == "draft (2011-5)"


def test_names_bases_and_notes_are_no_leaves(spec: Spec) -> None:
    for leaf in leaves(spec):
        steps = leaf.path.split(".")[1:]
        assert not {"id", "name", "basis", "note", "personal"} & set(steps), leaf.path


def test_paths_survive_an_unrelated_edit(spec: Spec) -> None:
    before = {leaf.path: leaf.value for leaf in leaves(spec)}
    more = broken(
        spec,
        "ldt32/part6-data.yaml",
        "  - id: CODES/SEX\n",
        '  - {id: CODES/ANEW, name: {zh: 新, en: new}, ranges: [["1", "2"]]}\n  - id: CODES/SEX\n',
    )
    after = {leaf.path: leaf.value for leaf in leaves(more)}
    assert after.pop("CODES/ANEW.ranges") == [["1", "2"]]
    assert after == before


@pytest.mark.parametrize("kind", KINDS)
def test_every_leaf_can_be_changed_by_its_path_and_nothing_else_changes(spec: Spec, kind: str) -> None:
    part = CARD_PART if kind == "card" else kind + PART_SUFFIX
    for document in spec.documents_raw:
        if document.data["kind"] != part:
            continue
        own = Spec(documents_raw=(document,))
        before = {leaf.path: leaf.value for leaf in leaves(own)}
        for path in before:
            identifier, _, rest = path.partition(".")
            after = {leaf.path: leaf.value for leaf in leaves(with_values(own, identifier, {rest: "mutated"}))}
            assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {path}
        assert {leaf.path: leaf.value for leaf in leaves(own)} == before


def test_leaves_of_a_kind_are_those_of_its_parts(spec: Spec) -> None:
    by_kind = [leaf.path for kind in KINDS for leaf in leaves(spec, kind)]
    assert by_kind == [leaf.path for leaf in leaves(spec)]
    assert all(leaves(spec, kind) for kind in KINDS)


def test_every_section_of_data_has_leaves(spec: Spec) -> None:
    paths = [leaf.path for leaf in leaves(spec)]
    counted = Counter(
        section
        for section in KNOWN_SECTIONS
        for datum in spec.data[section]
        for path in paths
        if path.startswith(str(datum.node["id"]))
    )
    assert set(KNOWN_SECTIONS) - counted.keys() == {"status-words"}


def test_several_values_change_at_once(spec: Spec) -> None:
    changed = with_values(spec, "SSSE/EF06", {"sfi": 7, "read.1.value": "free"})
    file = changed.card_of_profile("card-3.0").file("SSSE/EF06")
    assert (file.sfi, file.read.access) == (7, "free")
    assert spec.card_of_profile("card-3.0").file("SSSE/EF06").sfi == 6


def test_unknown_id_or_branch(spec: Spec) -> None:
    with pytest.raises(KeyError, match="SSSE/EF99"):
        with_values(spec, "SSSE/EF99", {"sfi": 1})
    with pytest.raises(KeyError):
        with_values(spec, "SSSE/EF06", {"nope.sfi": 1})
    with pytest.raises(IndexError):
        with_values(spec, "SSSE/EF06", {"read.9.value": "free"})


def test_places_lead_to_the_nodes(spec: Spec) -> None:
    number, path = spec.places["SSSE/EF06/4E"]
    document = spec.documents_raw[number]
    assert document.file.endswith("part6-data.yaml")
    node: object = document.data
    for step in path:
        node = node[step]  # type: ignore[index]  # a path of the document by construction
    assert isinstance(node, dict)
    assert node["tag"] == 0x4E
    assert "ldt32-part6" not in spec.places


def test_altered_data_share_all_the_rest(spec: Spec) -> None:
    altered = with_values(spec, "SSSE/EF06/4E", {"length": 21})
    before, after = spec.card_of_profile("card-3.0"), altered.card_of_profile("card-3.0")
    assert (before.file("SSSE/EF06").item(0x4E).length, after.file("SSSE/EF06").item(0x4E).length) == (20, 21)
    assert before.file("SSSE/EF05") is after.file("SSSE/EF05")


@pytest.mark.parametrize(
    ("about", "leaf", "covered"),
    [
        ("SSSE/EF06.read", "SSSE/EF06.read.1.value", True),
        ("SSSE/EF06", "SSSE/EF06.sfi", True),
        ("SSSE/EF06.re", "SSSE/EF06.read", False),
        ("SSSE/EF06", "SSSE/EF06/08.tag", False),
        ("SSSE/EF06/*", "SSSE/EF06/08.tag", True),
        ("SSSE/EF06/*.tag", "SSSE/EF06/08.tag", True),
        ("SSSE/EF06/*.tag", "SSSE/EF06/08.length", False),
        ("SSSE", "SSSE/EF06.sfi", False),
        ("SELECT", "SELECT.statuses.length", True),
        ("select", "SELECT.statuses.length", False),
    ],
)
def test_about_covers(about: str, leaf: str, covered: bool) -> None:
    assert covers(about, leaf) is covered


WORDS = st.text("ABEF/06-", min_size=1, max_size=5)


@given(st.lists(WORDS, min_size=1, max_size=4), st.lists(WORDS, max_size=3))
def test_a_branch_covers_what_is_below_it(branch: list[str], below: list[str]) -> None:
    assert covers(".".join(branch), ".".join([*branch, *below]))
    if below:
        assert not covers(".".join([*branch, *below]), ".".join(branch))
