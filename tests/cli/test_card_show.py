"""``onecard card show``: everything readable, in words, and the card as it was."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from emulator.card.image import CardImage
from emulator.card.variant import VariantSpec
from onecard.planning.declaration import reference_ixit
from tests.cli.running import Line
from tests.support.cards import VERIFY, WatchedCard, on_port, watched_card

PIN = "123456"


@pytest.fixture
def ixit(tmp_path: Path) -> Path:
    declared = reference_ixit("card", "card-3.0")
    path = tmp_path / "ixit.yaml"
    body = {"format": 1, "kind": "ixit", "key-source": dict(declared.key_source), "synthetic": True}
    path.write_text(yaml.safe_dump(body), encoding="utf-8")
    return path


def shown(line: Line, card: WatchedCard, *arguments: str | Path) -> dict[str, Any]:
    with on_port(card) as server:
        ran = line("card", "show", "--target", f"tcp:127.0.0.1:{server.port}", "--json", *arguments)
    assert ran.code == 0, ran
    assert ran.err == ""
    found: dict[str, Any] = json.loads(ran.out)
    return found


def file_of(found: dict[str, Any], name: str) -> dict[str, Any]:
    files = {file["id"]: file for application in found["applications"] for file in application["files"]}
    return dict(files[name])


def values(file: dict[str, Any]) -> dict[str, str]:
    return {item["label"]: item["value"] for item in file["items"]}


@pytest.mark.parametrize("profile", ["card-1.0", "card-2.0", "card-3.0"])
def test_a_card_says_its_generation_and_stays_as_it_was(line: Line, profile: str) -> None:
    card = watched_card(profile)
    before = card.memory()
    found = shown(line, card)
    assert found["profile"] == profile
    assert values(file_of(found, "SSSE/EF05"))["03"] == f"{profile.removeprefix('card-')}0"
    assert card.memory() == before
    assert card.failed[VERIFY] == 0
    assert not found["notes"]


def test_without_keys_a_file_says_what_it_needs(line: Line) -> None:
    file = file_of(shown(line, watched_card("card-3.0")), "SSSE/EF06")
    assert not file["read"]
    assert "6982" in file["why"]
    assert "RKSSSE" in file["why"]


def test_keys_of_the_ixit_open_files(line: Line, ixit: Path) -> None:
    card = watched_card("card-3.0")
    before = card.memory()
    found = shown(line, card, "--ixit", ixit)
    holder = file_of(found, "SSSE/EF06")
    assert holder["read"]
    assert len(values(holder)["0D"].split("-")) == 3
    assert "certificate" in file_of(found, "CERT/0018")["items"][0]["value"]
    assert not file_of(found, "CERT/0013")["read"]
    assert card.memory() == before


def test_a_wrong_pin_is_tried_once(line: Line) -> None:
    card = watched_card("card-3.0")
    found = shown(line, card, "--pin", "654321")
    assert card.failed[VERIFY] == 1
    assert card.lowest == card.card.image.pin_limit - 1
    assert ["PIN" in note for note in found["notes"]] == [True]


def one_try_left(image: CardImage) -> None:
    image.pin_tries = 1


def test_a_pin_with_one_try_left_is_not_tried(line: Line) -> None:
    card = watched_card("card-3.0", VariantSpec(edit=one_try_left))
    found = shown(line, card, "--pin", "654321")
    assert card.failed[VERIFY] == 0
    assert found["notes"]


def test_text_in_both_languages(line: Line) -> None:
    told = {
        lang: line("card", "show", "--target", "reference:card-3.0", "--pin", PIN, lang=lang) for lang in ("zh", "en")
    }
    assert all(ran.code == 0 for ran in told.values())
    assert "发卡机构数据" in told["zh"].out
    assert "issuer data" in told["en"].out
    assert "RKSSSE" in told["zh"].out


def test_bytes_that_break_the_rules_are_told(line: Line) -> None:
    def spoil(image: CardImage) -> None:
        file = image.linear("SSSE/EF05")
        file.write(4, bytes.fromhex("050420231399"))

    file = file_of(shown(line, watched_card("card-3.0", VariantSpec(edit=spoil))), "SSSE/EF05")
    assert [item["label"] for item in file["items"] if item["problem"]] == ["05"]


def test_control_characters_do_not_reach_the_terminal(line: Line) -> None:
    def spoil(image: CardImage) -> None:
        image.binary("CERT/0018").data[:] = bytes(range(0x20)) * 32

    with on_port(watched_card("card-3.0", VariantSpec(edit=spoil))) as server:
        ran = line("card", "show", "--target", f"tcp:127.0.0.1:{server.port}")
    assert ran.code == 0
    assert not any(ord(character) < 0x20 and character != "\n" for character in ran.out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--target", "reference:card-9.9"), "card-9.9"),
        (("--target", "reference:card-3.0", "--pin", "12ab"), "--pin"),
        (("--target", "reference:card-3.0", "--ixit", "none.yaml"), "none.yaml"),
        (("--target", "tcp:127.0.0.1:1"), "127.0.0.1"),
        ((), "--target"),
    ],
)
def test_wrong_input(line: Line, arguments: tuple[str, ...], said: str) -> None:
    line("card", "show", *arguments).refused(said)
