"""The card resolved for each project profile."""

from typing import Any

import pytest

from onecard.spec.build import access_of, status_of
from onecard.spec.card import Access, AccessRule, CardSpec, Status
from onecard.spec.errors import SpecError
from onecard.spec.load import Spec
from tests.spec.trees import broken

PROFILES = ("card-1.0", "card-2.0", "card-3.0")


@pytest.fixture(scope="session")
def cards(spec: Spec) -> dict[str, CardSpec]:
    return {profile: spec.card_of_profile(profile) for profile in PROFILES}


# Record order and presence of 4E: file structure V2.0 (人社信息函〔2012〕37号); 1.0 cards by two programs.
@pytest.mark.parametrize(
    ("profile", "order"),
    [
        ("card-1.0", (0x08, 0x09, 0x0A, 0x0B, 0x0C, 0x0D)),
        ("card-2.0", (0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D)),
        ("card-3.0", (0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D)),
    ],
)
def test_record_order_of_ef06(cards: dict[str, CardSpec], profile: str, order: tuple[int, ...]) -> None:
    file = cards[profile].file("SSSE/EF06")
    assert file.record_order == order
    assert {item.tag for item in file.items} == set(order)


def test_name_extension_is_absent_from_first_generation_cards(cards: dict[str, CardSpec]) -> None:
    with pytest.raises(KeyError, match="SSSE/EF06 has no item 4E"):
        cards["card-1.0"].file("SSSE/EF06").item(0x4E)
    assert cards["card-2.0"].file("SSSE/EF06").item(0x4E).length == 20


@pytest.mark.parametrize(
    ("profile", "rule"),
    [
        ("card-1.0", AccessRule(Access.FREE)),
        ("card-2.0", AccessRule(Access.FREE)),
        ("card-3.0", AccessRule(Access.KEY, "RKSSSE")),
    ],
)
def test_read_rule_of_ef06(cards: dict[str, CardSpec], profile: str, rule: AccessRule) -> None:
    card = cards[profile]
    assert card.file("SSSE/EF06").read == rule
    assert card.file("SSSE/EF05").read == AccessRule(Access.FREE)
    assert card.file("SSSE/EF06").update == AccessRule(Access.KEY, "UKSSSE")
    assert ("RKSSSE" in card.keys) == (profile != "card-1.0")


@pytest.mark.parametrize(
    ("profile", "code", "block"), [("card-1.0", "3des", 8), ("card-2.0", "3des", 8), ("card-3.0", "sm4", 16)]
)
def test_algorithm(cards: dict[str, CardSpec], profile: str, code: str, block: int) -> None:
    algorithm = cards[profile].algorithm
    assert (algorithm.code, algorithm.block, algorithm.key_length) == (code, block, 16)


@pytest.mark.parametrize(("profile", "version"), [("card-1.0", "1.00"), ("card-2.0", "2.00"), ("card-3.0", "3.00")])
def test_specification_version(cards: dict[str, CardSpec], profile: str, version: str) -> None:
    assert cards[profile].checks["CHECK/VERSION"].value == version


def test_key_versions_are_as_declared(spec: Spec) -> None:
    for declared in (1, 2, 3):
        ics = {**spec.profile("card-3.0").ics, "card.key_versions": declared}
        assert spec.card(ics, "card-3.0").key_versions == (1, 2, 3)[:declared]


def test_mf_is_a_matter_of_the_declaration(spec: Spec) -> None:
    for declared in (True, False):
        card = spec.card({**spec.profile("card-2.0").ics, "card.ssse_is_mf": declared}, "card-2.0")
        assert card.applications["SSSE"].is_mf is declared
        assert card.applications["DF01"].is_mf is False


def test_what_is_read_is_what_stands_there(cards: dict[str, CardSpec]) -> None:
    card = cards["card-3.0"]
    ssse = card.applications["SSSE"]
    assert ssse.aid == "sx1.sh.社会保障".encode("gbk")
    assert ssse.aid.hex().upper() == "7378312E73682EC9E7BBE1B1A3D5CF"
    assert card.applications["DF01"].aid == bytes.fromhex("D15600000500")
    assert (card.file("SSSE/EF05").fid, card.file("SSSE/EF05").sfi) == (0xEF05, 5)
    assert [mode.number for mode in card.command("READ-RECORD").modes] == [0, 1, 2, 3, 4, 5, 6]
    assert card.command("VERIFY").lengths == (2, 3, 4, 5, 6, 7, 8)
    assert card.command("GET-CHALLENGE").lengths == (4, 8, 16)
    query = card.command("VERIFY").query
    assert query is not None
    assert (query.length, query.set.text, query.none.text) == (0, "63Cx", "9000")


# No source gives the longest data of the transport application's update, nor the version that its FCI tells.
def test_what_the_data_leave_open(spec: Spec) -> None:
    card = spec.card_of_profile("card-3.0-anhui")
    assert card.command("TRANSPORT-SECURE-UPDATE").lengths == tuple(range(5, 256))
    objects = {each.tag: each.value for each in card.applications["TRANSPORT"].fci.objects}
    assert objects[0x9F08] == b"\x02"


def test_ssf33_is_not_testable_and_says_so(spec: Spec) -> None:
    ics = {**spec.profile("card-2.0").ics, "card.algorithm": "ssf33"}
    with pytest.raises(SpecError, match="ssf33 is not published"):
        spec.card(ics, "card-2.0")


def test_unknown_profile_names_the_known_ones(spec: Spec) -> None:
    with pytest.raises(SpecError, match=r"no profile card-9; known: card-1\.0, card-2\.0, card-3\.0"):
        spec.card_of_profile("card-9")


def test_unknown_requirement(spec: Spec) -> None:
    assert spec.requirement("CARD-INS").id == "CARD-INS"
    with pytest.raises(SpecError, match="no requirement CARD-NOPE"):
        spec.requirement("CARD-NOPE")


def test_a_gap_between_conditions_is_an_error(spec: Spec) -> None:
    gap = broken(
        spec,
        "ldt32/part6-data.yaml",
        "{when: 'card.generation < \"3.0\"', value: free}",
        "{when: 'card.generation < \"2.0\"', value: free}",
    )
    with pytest.raises(SpecError, match=r"SSSE/EF06\.read: 0 values apply"):
        gap.card_of_profile("card-2.0")


def test_an_overlap_of_conditions_is_an_error(spec: Spec) -> None:
    both = broken(
        spec,
        "ldt32/part6-data.yaml",
        "{when: 'card.generation < \"3.0\"', value: free}",
        "{when: 'card.generation <= \"3.0\"', value: free}",
    )
    with pytest.raises(SpecError, match=r"SSSE/EF06\.read: 2 values apply"):
        both.card_of_profile("card-3.0")


@pytest.mark.parametrize(
    ("text", "yes", "no"),
    [
        ("9000", [0x9000], [0x9001, 0x6000]),
        ("63Cx", [0x63C0, 0x63C3, 0x63CF], [0x63D0, 0x6300, 0x6CC3]),
        ("61xx", [0x6100, 0x611E, 0x61FF], [0x6200, 0x6C1E]),
    ],
)
def test_status_words(text: str, yes: list[int], no: list[int]) -> None:
    status = status_of(text)
    assert status.text == text
    assert all(status.matches(sw) for sw in yes)
    assert not any(status.matches(sw) for sw in no)


def test_equal_status_words_are_equal() -> None:
    assert status_of("6A82") == Status("6A82", 0x6A82, 0xFFFF)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("free", AccessRule(Access.FREE)),
        ("never", AccessRule(Access.NEVER)),
        ("pin", AccessRule(Access.PIN)),
        ("key RKSSSE", AccessRule(Access.KEY, "RKSSSE")),
        ("pin or key UK1", AccessRule(Access.PIN_OR_KEY, "UK1")),
        ("pin and key UK1", AccessRule(Access.PIN_AND_KEY, "UK1")),
    ],
)
def test_access_rules(text: str, rule: AccessRule) -> None:
    assert access_of(text) == rule


@pytest.mark.parametrize("profile", PROFILES)
def test_a_resolved_card_is_frozen(cards: dict[str, CardSpec], profile: str) -> None:
    card: Any = cards[profile]
    with pytest.raises(AttributeError):
        card.profile = "other"


def test_requirements_fall_back_to_their_part(spec: Spec) -> None:
    stated = spec.requirement("CARD-CLA")
    assert (stated.actor, stated.document, stated.basis.label()) == ("card", "LD/T 32.5-2015", "draft (2011-5)")
    own = spec.requirement("CARD-EF06-READ")
    assert own.basis.label() == "field (2 programs)"
    assert own.place.startswith("specs/ldt32/part6-data.yaml:")
