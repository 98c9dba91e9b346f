"""The card's side of one connection, without any socket."""

import pytest

from emulator.transport.base import LinkEvent
from emulator.transport.framing import frame
from emulator.transport.session import CardSession
from tests.targets.toy import ATR, WARM_ATR, ToyCard


@pytest.fixture
def heard() -> list[tuple[LinkEvent, str]]:
    return []


@pytest.fixture
def card() -> ToyCard:
    return ToyCard()


@pytest.fixture
def session(card: ToyCard, heard: list[tuple[LinkEvent, str]]) -> CardSession:
    return CardSession(card, lambda event, detail: heard.append((event, detail)))


def test_power_on_then_atr_then_command(session: CardSession, heard: list[tuple[LinkEvent, str]]) -> None:
    assert session.answer(b"\x01") is None
    assert session.answer(b"\x04") == frame(ATR)
    assert session.answer(b"\x00\xa4\x00\x00") == frame(b"\x00\x00\xa4\x00\x90\x00")
    assert heard == [(LinkEvent.POWERED_ON, ATR.hex().upper())]


def test_the_atr_can_be_asked_before_power_and_leaves_the_card_without(session: CardSession, card: ToyCard) -> None:
    assert session.answer(b"\x04") == frame(ATR)
    assert card.events == ["on", "off"]


def test_warm_reset_changes_the_atr_that_is_told(session: CardSession, card: ToyCard) -> None:
    session.answer(b"\x01")
    session.answer(b"\x02")
    assert session.answer(b"\x04") == frame(WARM_ATR)
    assert card.events == ["on", "reset"]


def test_reset_without_power_is_a_cold_one(session: CardSession, card: ToyCard) -> None:
    session.answer(b"\x02")
    assert card.events == ["on"]


def test_power_is_taken_away_once(session: CardSession, card: ToyCard, heard: list[tuple[LinkEvent, str]]) -> None:
    session.answer(b"\x01")
    session.answer(b"\x00")
    session.power_off()
    assert card.events == ["on", "off"]
    assert heard[-1] == (LinkEvent.POWERED_OFF, "")


def test_a_card_that_was_switched_off_does_not_answer(session: CardSession, card: ToyCard) -> None:
    session.answer(b"\x00")
    assert session.answer(b"\x00\xa4\x00\x00") is None
    assert card.commands == 0


def test_a_reader_that_never_noticed_the_exchange_gets_an_answer_from_a_fresh_card(
    session: CardSession, card: ToyCard
) -> None:
    session.answer(b"\x04")
    assert session.answer(b"\x00\xa4") == frame(b"\xa4\x00\x90\x00")
    assert card.events == ["on", "off", "on"]
    session.power_off()
    assert card.events == ["on", "off", "on", "off"]


@pytest.mark.parametrize("message", [b"", b"\x03", b"\xff"])
def test_unknown_control_does_nothing(session: CardSession, card: ToyCard, message: bytes) -> None:
    session.answer(b"\x01")
    assert session.answer(message) is None
    assert card.events == ["on"]
    assert card.commands == 0


def test_a_card_that_returns_nothing_is_silent(session: CardSession, card: ToyCard) -> None:
    session.answer(b"\x01")
    card.misbehave = lambda _: None
    assert session.answer(b"\x00\xb0\x00\x00\x00") is None
