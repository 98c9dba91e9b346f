from dataclasses import replace
from functools import reduce
from operator import xor

import pytest

from emulator.card.atr import answer_to_reset, historical_bytes
from onecard.spec.card import Atr, CardSpec
from tests.emulator.conftest import BenchMaker

HISTORICAL = bytes.fromhex("00814A44468660110100000001")


@pytest.fixture
def rules(card_specs: dict[str, CardSpec]) -> Atr:
    return card_specs["card-3.0"].atr


def test_typical_atr(rules: Atr) -> None:
    """3B 6D 00 00 and 13 historical bytes (2011 draft, part 2, table 7)."""
    assert answer_to_reset(rules, HISTORICAL) == bytes.fromhex("3B6D0000") + HISTORICAL


def test_historical_fields(rules: Atr) -> None:
    own = HISTORICAL[:7] + bytes(2) + HISTORICAL[9:]
    assert historical_bytes(rules, own, {"REGION": b"\x11\x01"}) == HISTORICAL


@pytest.mark.parametrize(
    ("fmt", "head"),
    [
        (0x2, "3B2D00"),
        (0x7, "3B7D110000"),
        (0x3, "3B3D1100"),
        (0x9, "3B9D11801F03"),
        (0xD, "3BDD1100801F03"),
        (0xC, "3BCD00801F03"),
        (0x8, "3B8D801F03"),
    ],
)
def test_every_format(fmt: int, head: str, rules: Atr) -> None:
    reference = "indicated" if fmt & 0x8 else "plain"
    shaped = replace(rules, reference=reference, plain_formats=(fmt,), indicated_formats=(fmt,))
    atr = answer_to_reset(shaped, HISTORICAL)
    body = bytes.fromhex(head) + HISTORICAL
    indicated = fmt & 0x8
    assert atr == body + (bytes([reduce(xor, body[1:])]) if indicated else b"")


def test_cold_and_warm_reset_give_the_same(bench: BenchMaker) -> None:
    card = bench().card
    atr = bytes.fromhex("3B6D000000814A44468660340100000001")
    assert (card.power_on(), card.reset(), card.power_on()) == (atr, atr, atr)


def test_reset_without_supply_is_a_cold_reset(bench: BenchMaker) -> None:
    table = bench()
    table.card.power_off()
    assert table.send("0084000008") == "silence"
    table.card.reset()
    assert table.send("0084000008").endswith("9000")
