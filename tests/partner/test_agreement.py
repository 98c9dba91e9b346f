"""Emulator and oracle, written apart, agree on every calculation of the envelope."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.envelope import cipher, normal, times
from emulator.envelope.codec import Envelope, EnvelopeBehaviour, Party
from emulator.envelope.sm2 import PrivateKey, PublicKey
from emulator.partner.keys import partner_keys
from onecard.oracle import envelope as oracle
from onecard.oracle import sm2
from onecard.spec.partner import PartnerSpec

VECTORS = Path(__file__).parents[2] / "vectors" / "partner-envelope.json"
KEYS = partner_keys("agreement")
SCALARS = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text("aZ0 中é", max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
)
DATA = st.dictionaries(st.text("abcxyz", min_size=1, max_size=4), VALUES, max_size=5)


def vectors_of(kind: str) -> list[dict[str, Any]]:
    """The vectors of one type."""
    groups = json.loads(VECTORS.read_text(encoding="utf-8"))["testGroups"]
    return [test for group in groups if group["type"] == kind for test in group["tests"]]


def both(spec: PartnerSpec) -> tuple[Envelope, oracle.Side]:
    """The partner's side by the emulator, the platform's by the oracle."""
    point = KEYS.partner.public.octets
    side = oracle.Side(
        spec, KEYS.app_id, KEYS.secret, KEYS.platform.octets, sm2.PublicKey(point[:32], point[32:])
    )  # fmt: skip
    return Envelope(spec, KEYS.partner_side, EnvelopeBehaviour()), side


def variants(spec: PartnerSpec) -> list[PartnerSpec]:
    """The envelope of the reference code, and the one with every other choice."""
    other = replace(
        spec,
        encipherment=replace(spec.encipherment, mode="cbc", coding="base64"),
        key=replace(spec.key, coding="lower-hex"),
        signature=replace(spec.signature, user_id="default"),
        timestamp=replace(spec.timestamp, form="epoch-ms"),
    )
    return [spec, other]


@settings(max_examples=25)
@given(values=DATA)
def test_string_to_sign(data: PartnerSpec, values: dict[str, Any]) -> None:
    fields = {"appId": KEYS.app_id, "msgId": "1", "note": "", "extra": {"a": 1}, "signData": "x"}
    ours = normal.string_to_sign(
        data.normal_form, {"appId": KEYS.app_id, "msgId": "1", "note": "", "data": values}, KEYS.secret, lambda _, r: r
    )
    assert ours == both(data)[1].string_to_sign(fields, values)


@settings(max_examples=8)
@given(values=DATA)
def test_messages_pass_both_ways(data: PartnerSpec, values: dict[str, Any]) -> None:
    for spec in variants(data):
        partner, platform = both(spec)
        sent = partner.sealed({"appId": KEYS.app_id, "msgId": "A1"}, values)
        assert platform.opened(sent) == values
        platform.check_signature(sent, platform.opened(sent))
        back = platform.sealed({"appId": KEYS.app_id, "msgId": "A2"}, values)
        opened = partner.opened(back)
        assert json.loads(opened.text) == values
        assert partner.holds(back, opened)
        assert not partner.holds({**back, "msgId": "A3"}, opened)
        with pytest.raises(oracle.WrongSignature):
            platform.check_signature({**sent, "msgId": "A3"}, values)


@pytest.mark.parametrize("at", [0, 1_767_225_599_000, 1_767_225_600_000, 1_772_323_200_000])
def test_time_stamps(data: PartnerSpec, at: int) -> None:
    for spec in variants(data):
        side = both(spec)[1]
        text = side.stamp(at)
        assert times.stamp(spec.timestamp, at) == text
        assert times.moment(spec.timestamp, text) == side.moment(text) == at


@pytest.mark.parametrize("test", vectors_of("PartnerEncipherment"), ids=lambda test: test["tcId"])
def test_vectors_of_the_cipher(data: PartnerSpec, test: dict[str, Any]) -> None:
    rule = replace(data.encipherment, mode=test["mode"], coding=test["coding"])
    key = cipher.message_key(replace(data.key, coding=test["keyCoding"]), test["appId"], test["appSecret"])
    plain = bytes.fromhex(test["plain"])
    made = (key.hex(), cipher.encipher(rule, key, plain))
    assert (made == (test["key"], test["encData"])) is (test["result"] == "valid")
    if test["result"] == "valid":
        assert cipher.decipher(rule, key, test["encData"]) == plain


@pytest.mark.parametrize("test", vectors_of("PartnerNormalForm"), ids=lambda test: test["tcId"])
def test_vectors_of_the_normal_form(data: PartnerSpec, test: dict[str, Any]) -> None:
    party = Party("", test["appSecret"], KEYS.partner, KEYS.platform.public)
    found = Envelope(data, party, EnvelopeBehaviour())._string(test["fields"], test["data"])
    assert (found == test["stringToSign"]) is (test["result"] == "valid")


@pytest.mark.parametrize("test", vectors_of("Sm2Verify"), ids=lambda test: test["tcId"])
def test_vectors_of_the_signature(test: dict[str, Any]) -> None:
    key = PublicKey(bytes.fromhex(test["publicKey"])[1:])
    holds = key.verify(*(bytes.fromhex(test[name]) for name in ("msg", "sig", "identity")))
    assert holds is (test["result"] == "valid")


def test_signatures_of_one_message_differ_and_hold() -> None:
    key, message, identity = PrivateKey(bytes(31) + b"\x07"), b"message", b"somebody"
    first, second = key.sign(message, identity), key.sign(message, identity)
    assert first != second
    point = sm2.PublicKey(key.public.octets[:32], key.public.octets[32:])
    assert sm2.verify(point, message, identity, first)
    assert not sm2.verify(point, message, sm2.DEFAULT_ID, first)
