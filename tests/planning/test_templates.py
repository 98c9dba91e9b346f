"""What ``plan --init`` writes: valid as it stands, explained item by item, and every example usable."""

import re

import pytest

from onecard.planning.declaration import ics_template, ixit_template, read_ics, read_ixit
from onecard.planning.keysource import key_source
from onecard.spec.document import parse_document
from onecard.spec.load import Spec, check_schema
from tests.planning.conftest import Write

PROFILES = ("card-1.0", "card-2.0", "card-3.0")


@pytest.mark.parametrize("profile", PROFILES)
def test_templates_are_valid(spec: Spec, write: Write, profile: str) -> None:
    ics, ixit = ics_template(spec, profile), ixit_template(spec, profile)
    check_schema(parse_document(ics, "ics.yaml"), "ics")
    check_schema(parse_document(ixit, "ixit.yaml"), "ixit")
    declared = read_ics(spec, write("ics.yaml", ics), profile)
    assert declared.items == spec.profile(profile).ics
    assert [type(value) for value in declared.items.values()] == [type(v) for v in spec.profile(profile).ics.values()]
    found = read_ixit(write("ixit.yaml", ixit))
    assert (found.target, found.pin, found.key_source["kind"]) == ("pcsc:0", None, "none")


@pytest.mark.parametrize("profile", PROFILES)
def test_every_item_is_explained_above_it(spec: Spec, profile: str) -> None:
    lines = ics_template(spec, profile).splitlines()
    for item in spec.questionnaires["card"].items:
        (at,) = [index for index, line in enumerate(lines) if line.startswith(f"  {item.id}:")]
        zh, en = lines[at - 2], lines[at - 1]
        assert zh.startswith("  #")
        assert en.startswith("  #")
        assert item.question.zh in zh
        assert item.explain.zh in zh
        assert item.question.en in en
        assert item.explain.en in en
        for value in item.values:
            assert value in en
        if item.minimum is not None:
            assert f"{item.minimum}..{item.maximum}" in en


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("kind", ["card-keys", "root-keys"])
def test_commented_examples_of_the_ixit_work(spec: Spec, write: Write, profile: str, kind: str) -> None:
    text = ixit_template(spec, profile)
    text = re.sub(r"(?m)^key-source: .*\n", "", text)
    text = re.sub(r"(?m)^# pin:", "pin:", text)
    blocks = re.split(r"(?m)^(?=# key-source:)", text)
    (chosen,) = [block for block in blocks if f"kind: {kind}" in block]
    opened = re.sub(r"(?m)^# ?(?=(key-source| {2,}))", "", chosen)
    found = read_ixit(write("ixit.yaml", blocks[0] + opened))
    assert (found.key_source["kind"], found.pin) == (kind, "123456")
    card = spec.card_of_profile(profile)
    source = key_source(found, card)
    for name in card.keys:
        key = source.card_key(card, name, 1, bytes(13))
        assert key is not None
        assert len(key) == 16
    assert source.pin() == bytes.fromhex("123456")
