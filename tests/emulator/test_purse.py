"""The medical purse of the reference: its computations against the vectors, and what random commands may do to it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.card.factory import reference_card
from emulator.card.purse.crypto import assemble, mac4, session_key, tac
from emulator.card.purse.numbers import bcd, decimal
from onecard.spec.card import CardSpec
from onecard.spec.load import load_spec

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "purse.json").read_text(encoding="utf-8"))
GROUPS = VECTORS["testGroups"]
SELECT = (
    "00A404000F7378312E73682EC9E7BBE1B1A3D5CF",
    "00A4040006D15600000503",
    "0020000003123456",
)


def of_type(kind: str) -> list[Any]:
    return [
        pytest.param(group["algorithm"], test, id=f"{test['tcId']}-{test['result']}")
        for group in GROUPS
        if group["type"] == kind
        for test in group["tests"]
    ]


def octets(fields: Mapping[str, str]) -> dict[str, bytes]:
    return {name: bytes.fromhex(value) for name, value in fields.items()}


@pytest.mark.parametrize(("algorithm", "test"), of_type("PurseMac"))
def test_macs(algorithm: str, test: Mapping[str, Any]) -> None:
    fields = octets(test["fields"])
    session = session_key(algorithm, bytes.fromhex(test["key"]), assemble(test["sessionInputs"], fields))
    mac = mac4(algorithm, session, assemble(test["inputs"], fields))
    assert ((session.hex(), mac.hex()) == (test["session"], test["mac"])) is (test["result"] == "valid")


@pytest.mark.parametrize(("algorithm", "test"), of_type("PurseTac"))
def test_tacs(algorithm: str, test: Mapping[str, Any]) -> None:
    made = tac(algorithm, bytes.fromhex(test["key"]), assemble(test["inputs"], octets(test["fields"])))
    assert (made.hex() == test["tac"]) is (test["result"] == "valid")


@given(st.integers(min_value=0, max_value=9999))
def test_decimal_numbers_come_back(number: int) -> None:
    assert decimal(bcd(number, 2)) == number


@cache
def card_spec() -> CardSpec:
    return load_spec().card_of_profile("card-3.0")


COMMANDS = st.one_of(
    st.binary(min_size=4, max_size=24).map(lambda rest: b"\xb0" + rest),
    st.tuples(
        st.sampled_from((0x26, 0x28, 0x2A, 0x2C, 0x2E, 0x56)),
        st.sampled_from((0, 1)),
        st.sampled_from((0, 1, 2, 0x31, 0x32)),
        st.one_of(st.sampled_from((2, 11, 15, 19)).flatmap(lambda n: st.binary(min_size=n, max_size=n)), st.just(b"")),
    ).map(lambda it: bytes((0xB0, it[0], it[1], it[2], len(it[3]))) + it[3]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(COMMANDS, min_size=1, max_size=20))
def test_no_sequence_changes_the_books_without_a_right_mac(commands: list[bytes]) -> None:
    card = reference_card("card-3.0", spec=card_spec())
    card.power_on()
    for step in SELECT:
        card.process(bytes.fromhex(step))
    before = dict(card.image.purses["MEDICAL"].values)
    for command in commands:
        answer = card.process(command)
        assert answer is not None
        assert len(answer) >= 2
    assert card.image.purses["MEDICAL"].values == before
