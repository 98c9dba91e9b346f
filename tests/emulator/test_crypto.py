"""Toy vectors of the derivation rules (fact sheet 5.7): root key, region and historical bytes are synthetic."""

from dataclasses import replace

import pytest

from emulator.crypto import encrypt, sm3
from emulator.crypto_card import authentication_data, child_key, diversify, factors, session_key
from onecard.spec.card import CardSpec

ROOT = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
REGION = "110100"
HISTORICAL = bytes.fromhex("00814A44468660110100000001")

VECTORS = {
    "card-2.0": (
        "2A4575B60EB144711DFA2A7F7AA021FB",
        "8728244612954628283D4FD45709DF02",
        "849FC9142F554FC7961D9A223DAD1DC2",
        "27675F4F14CD526B",
        "D138A8EC9BE2FFFE",
    ),
    "card-3.0": (
        "31B260EC31201FC36345970A50FB5D19",
        "465D0BE87DBFB6B569DFF444B0FF213B",
        "43A616F348481CD0F4BD830380823B58",
        "1577901B3E97ABCECCC0A6A8576BF3CD",
        "8147B851C08532EA",
    ),
}


def test_factors(card_specs: dict[str, CardSpec]) -> None:
    found = factors(card_specs["card-3.0"].diversification, REGION, HISTORICAL)
    assert [factor.hex().upper() for factor in found] == ["3131303030307368", "3131303130307378", "8660110100000001"]


@pytest.mark.parametrize("profile", VECTORS)
def test_every_level_session_and_authentication(profile: str, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[profile]
    key, derived = ROOT, []
    for factor in factors(spec.diversification, REGION, HISTORICAL):
        key = child_key(spec, key, factor)
        derived.append(key.hex().upper())
    session = session_key(spec, key, bytes.fromhex("1122334455667788"))
    proof = authentication_data(spec, session, bytes.fromhex("0102030405060708"))
    assert (*derived, session.hex().upper(), proof.hex().upper()) == VECTORS[profile]


@pytest.mark.parametrize("profile", VECTORS)
def test_levels_are_counted_from_the_card_upwards(profile: str, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[profile]
    province, city, card = (bytes.fromhex(value) for value in VECTORS[profile][:3])
    assert diversify(spec, ROOT, 3, REGION, HISTORICAL) == card
    assert diversify(spec, province, 2, REGION, HISTORICAL) == card
    assert diversify(spec, city, 1, REGION, HISTORICAL) == card
    assert diversify(spec, card, 0, REGION, HISTORICAL) == card


@pytest.mark.parametrize("profile", VECTORS)
def test_short_random_is_padded_on_the_right(profile: str, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[profile]
    short = bytes.fromhex("11223344")
    assert session_key(spec, ROOT, short) == session_key(spec, ROOT, short + bytes(4))
    padded = replace(spec, session_key=replace(spec.session_key, random_pad=0xFF))
    assert session_key(padded, ROOT, short) == session_key(spec, ROOT, short + b"\xff" * (spec.algorithm.block - 4))


def test_fold_and_length_of_the_data_are_followed(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    session = bytes.fromhex(VECTORS["card-3.0"][3])
    block = encrypt("sm4", session, bytes(range(1, 9)) + bytes(8))
    left = replace(spec, authentication_data=replace(spec.authentication_data, fold="left-half"))
    short = replace(spec, authentication_data=replace(spec.authentication_data, length=4))
    assert authentication_data(left, session, bytes(range(1, 9))) == block[:8]
    assert authentication_data(short, session, bytes(range(1, 9))).hex().upper() == "8147B851"


def test_published_block_and_hash_vectors() -> None:
    # GB/T 32907-2016 example 1 and GB/T 32905-2016 example 1.
    assert encrypt("sm4", ROOT, ROOT).hex().upper() == "681EDF34D206965E86B3E94F536E4246"
    assert sm3(b"abc").hex().upper() == "66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0"
    # Single DES, the classical worked example.
    des = encrypt("3des", bytes.fromhex("133457799BBCDFF1"), bytes.fromhex("0123456789ABCDEF"))
    assert des.hex().upper() == "85E813540F0AB405"
