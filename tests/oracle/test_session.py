"""Computations: properties over generated operands, and the rules that the specification's data state."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onecard.oracle import session
from onecard.oracle.blocks import Algorithm, WrongBlockLength, WrongKeyLength, decrypt_block, encrypt_block
from onecard.oracle.errors import OracleError
from onecard.spec.load import load_spec

RULES = st.sampled_from(list(session.DRAFT_RULES.values()))
KEY = st.binary(min_size=16, max_size=16)
PROFILES = ("card-1.0", "card-2.0", "card-3.0")


@settings(max_examples=30)
@given(RULES, KEY, st.data())
def test_block_round_trip(rules: session.Rules, key: bytes, data: st.DataObject) -> None:
    block = data.draw(st.binary(min_size=rules.block, max_size=rules.block))
    assert decrypt_block(rules.algorithm, key, encrypt_block(rules.algorithm, key, block)) == block


@settings(max_examples=30)
@given(RULES, KEY, st.binary(max_size=40))
def test_encipherment_round_trip(rules: session.Rules, key: bytes, plain: bytes) -> None:
    process = session.session_key(rules, key, b"\x01\x02\x03\x04")
    assert session.decipher(rules, process, session.encipher(rules, process, plain)) == plain


@settings(max_examples=30)
@given(RULES, KEY, st.binary(max_size=33))
def test_decipher_refuses_or_gives_what_encipher_makes(rules: session.Rules, key: bytes, ciphertext: bytes) -> None:
    process = session.session_key(rules, key, bytes(8))
    try:
        plain = session.decipher(rules, process, ciphertext)
    except OracleError:
        return
    assert session.encipher(rules, process, plain) == ciphertext


@pytest.mark.parametrize("profile", PROFILES)
def test_the_data_state_the_drafts_rules(profile: str) -> None:
    spec = load_spec().card_of_profile(profile)
    assert session.rules_of(spec) == session.DRAFT_RULES[Algorithm(spec.algorithm.code)]


def test_altered_data_alter_the_rules() -> None:
    spec = load_spec().card_of_profile("card-3.0")
    altered = replace(
        spec,
        diversification=replace(spec.diversification, second_half="repeat"),
        session_key=replace(spec.session_key, random_pad=0xFF),
        authentication_data=replace(spec.authentication_data, fold="left-half"),
    )
    true, other = session.rules_of(spec), session.rules_of(altered)
    historical, key = bytes(range(13)), bytes(range(16))
    assert session.card_key(true, key, 3, "110100", historical) != session.card_key(other, key, 3, "110100", historical)
    assert session.session_key(true, key, bytes(8)) != session.session_key(other, key, bytes(8))
    assert session.authentication_data(true, key, bytes(8)) != session.authentication_data(other, key, bytes(8))


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_levels_are_counted_from_the_card(algorithm: Algorithm) -> None:
    rules = session.DRAFT_RULES[algorithm]
    national, historical = bytes(range(16)), bytes(range(13))
    factors = session.factors_of(rules, "340100", historical)
    province = session.diversify(rules, national, factors[:1])
    city = session.diversify(rules, national, factors[:2])
    card = session.card_key(rules, national, 3, "340100", historical)
    assert session.card_key(rules, province, 2, "340100", historical) == card
    assert session.card_key(rules, city, 1, "340100", historical) == card
    assert session.card_key(rules, card, 0, "340100", historical) == card


def test_tac() -> None:
    dtk = bytes(range(16))
    tdes, sm4 = session.DRAFT_RULES[Algorithm.TDES], session.DRAFT_RULES[Algorithm.SM4]
    folded = bytes(left ^ right for left, right in zip(dtk[:8], dtk[8:], strict=True))
    assert session.tac(tdes, dtk, b"data") == session.mac4(tdes, folded, b"data", bytes(8))
    assert session.tac(sm4, dtk, b"data") == session.mac4(sm4, dtk, b"data", bytes(16))


def test_wrong_operands_are_refused() -> None:
    rules = session.DRAFT_RULES[Algorithm.TDES]
    with pytest.raises(session.WrongOperandLength):
        session.session_key(rules, bytes(16), bytes(16))
    with pytest.raises(WrongKeyLength):
        session.session_key(rules, bytes(24), bytes(8))
    with pytest.raises(WrongBlockLength):
        encrypt_block(Algorithm.SM4, bytes(16), bytes(8))
    with pytest.raises(session.NotDigits):
        session.factors_of(rules, "3401", bytes(13))
    with pytest.raises(session.WrongOperandLength):
        session.factors_of(rules, "340100", bytes(8))
    with pytest.raises(session.WrongOperandLength):
        session.encipher(rules, bytes(8), bytes(256))
