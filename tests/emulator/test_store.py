"""Card images in files: whole or refused, and what a card keeps between runs."""

import json
from pathlib import Path

import pytest

from emulator.card.factory import reference_card
from emulator.card.store import ImageDamaged, Stored, document_of, stored_of
from onecard.emulate.kept import KeptCard, write_image
from onecard.errors import UserError

PROFILES = ("card-1.0", "card-3.0-anhui")
CHANGE_PIN_AWAY = bytes.fromhex("00200000020000")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A stored card."""
    file = tmp_path / "card.json"
    write_image(file, Stored("card-3.0", reference_card("card-3.0").image))
    return file


@pytest.mark.parametrize("profile", PROFILES)
def test_a_document_gives_the_card_back(profile: str) -> None:
    document = document_of(Stored(profile, reference_card(profile).image))
    again = stored_of(document)
    assert again.profile == profile
    assert document_of(again) == document


def test_a_card_lives_on(path: Path) -> None:
    first = KeptCard(path)
    first.power_on()
    assert first.process(CHANGE_PIN_AWAY) == bytes.fromhex("63C2")
    second = KeptCard(path)
    second.power_on()
    assert second.process(bytes.fromhex("0020000000")) == bytes.fromhex("63C2")


def test_reading_writes_nothing(path: Path) -> None:
    before = path.stat()
    card = KeptCard(path)
    card.power_on()
    card.process(bytes.fromhex("0020000000"))
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_a_change_by_someone_else_is_not_written_over(path: Path) -> None:
    one, other = KeptCard(path), KeptCard(path)
    for card in (one, other):
        card.power_on()
    one.process(CHANGE_PIN_AWAY)
    kept = path.read_bytes()
    with pytest.raises(UserError, match="changed by another program"):
        other.process(CHANGE_PIN_AWAY)
    assert path.read_bytes() == kept


@pytest.mark.parametrize("damage", ["{", "[]", '{"format": 2, "kind": "card-image"}', "cut", "altered", "field"])
def test_a_damaged_document_is_refused(path: Path, damage: str) -> None:
    whole = path.read_text()
    read = json.loads(whole)
    text = {
        "cut": whole[:-40],
        "altered": whole.replace('"pin_tries":3', '"pin_tries":9'),
        "field": json.dumps({**read, "image": {}}),
    }.get(damage, damage)
    with pytest.raises(ImageDamaged):
        stored_of(text)
    path.write_text(text)
    with pytest.raises(UserError, match="card image"):
        KeptCard(path)
