from dataclasses import replace

import pytest

from emulator.identity import check_character, code_meaning, code_ordinal, structured, with_check
from onecard.spec.card import CardSpec


@pytest.mark.parametrize(("body", "check"), [("D2143569", "X"), ("X0000001", "9")])
def test_card_number_examples(body: str, check: str, card_specs: dict[str, CardSpec]) -> None:
    """D2143569X is the notice's example (appendix A), X00000019 a published interface sample."""
    assert check_character(card_specs["card-3.0"].checks["CHECK/CARD-NUMBER"], body) == check


def test_citizen_number_example(card_specs: dict[str, CardSpec]) -> None:
    """The teaching example of GB 11643-1999."""
    rule = card_specs["card-3.0"].checks["CHECK/GB11643"]
    assert with_check(rule, "11010519491231002") == "11010519491231002X"


def test_every_part_of_the_rule_counts(card_specs: dict[str, CardSpec]) -> None:
    rule = card_specs["card-3.0"].checks["CHECK/CARD-NUMBER"]
    altered = [
        replace(rule, weights=(4, *rule.weights[1:])),
        replace(rule, modulus=10),
        replace(rule, characters="9X876543210"),
        replace(rule, letters=False),
        replace(rule, first_letter=False),
    ]
    bodies = ["D2143569", "X0000001", "A1234567"]
    right = [with_check(rule, body) for body in bodies]
    assert all([with_check(other, body) for body in bodies] != right for other in altered)


def test_identification_code(card_specs: dict[str, CardSpec]) -> None:
    rule = card_specs["card-3.0"].checks["CHECK/IDENTIFICATION-CODE"]
    fields = {"REGION": "310000", "SERIAL": "00000001", "AUTHCODE": "FFFFFFFF"}
    assert structured(rule, fields) == "310000D15600000500000001FFFFFFFF"


def test_filler_stands_where_no_part_does(card_specs: dict[str, CardSpec]) -> None:
    rule = card_specs["card-3.0"].checks["CHECK/INITIALISING-BODY"]
    moved = replace(rule, fields=(*rule.fields[:-1], replace(rule.fields[-1], offset=12)))
    fields = {"REGION": "110000", "BODY-REGION": "110100", "SEQUENCE": "02"}
    assert structured(moved, fields, 0xFF) == "9156000002110000110100FF02"


def test_initialising_body_example(card_specs: dict[str, CardSpec]) -> None:
    """The notice's example: 91 56 00 00 02 11 00 00 11 01 00 02."""
    rule = card_specs["card-3.0"].checks["CHECK/INITIALISING-BODY"]
    fields = {"REGION": "110000", "BODY-REGION": "110100", "SEQUENCE": "02"}
    assert structured(rule, fields) == "915600000211000011010002"


def test_codes(card_specs: dict[str, CardSpec]) -> None:
    codes = card_specs["card-3.0"].codes
    assert code_meaning(codes["CODES/SEX"], "female") == "2"
    assert code_meaning(codes["CODES/SEX"], "unheard of") == "9"
    assert code_meaning(None, "female") == ""
    assert [code_ordinal(codes["CODES/NATION"], ordinal) for ordinal in (1, 56, 57)] == ["01", "56", "99"]
    assert code_ordinal(codes["CODES/SEX"], 1) == ""
