"""The emulator's own MAC and encipherment against the vectors, and against what the data may change."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.codec import bcd
from emulator.crypto_messaging import covered, decipher, encipher, mac
from onecard.spec.card import CardSpec
from onecard.spec.card_messaging import keys_granting, maintenance_key, messaging_of

VECTORS = Path(__file__).parents[2] / "vectors"
PROFILES = {"3des": "card-2.0", "sm4": "card-3.0"}


def vectors(file: str) -> list[Any]:
    document = json.loads((VECTORS / f"{file}.json").read_text(encoding="utf-8"))
    return [
        pytest.param(group.get("algorithm"), test, id=f"{test['tcId']}-{test['result']}")
        for group in document["testGroups"]
        for test in group["tests"]
    ]


def octets(test: dict[str, str], name: str) -> bytes:
    return bytes.fromhex(test[name])


@pytest.mark.parametrize(("algorithm", "test"), vectors("mac"))
def test_mac(algorithm: str, test: dict[str, str], card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[PROFILES[algorithm]]
    initial = octets(test, "iv")
    if len(set(initial)) > 1 or len(initial) != spec.algorithm.block:
        pytest.skip("an initial value that commands do not have")
    rule = replace(messaging_of(spec).mac, initial=initial[0])
    computed = mac(rule, spec.algorithm, octets(test, "session"), octets(test, "msg"))
    assert (computed == octets(test, "mac")) == (test["result"] == "valid")


@pytest.mark.parametrize(("algorithm", "test"), vectors("encipherment"))
def test_encipherment(algorithm: str, test: dict[str, str], card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[PROFILES[algorithm]]
    rule = messaging_of(spec).encipherment
    session, plain, ciphertext = octets(test, "session"), octets(test, "plain"), octets(test, "ct")
    right = decipher(rule, spec.algorithm, session, ciphertext) == plain
    assert right == (test["result"] == "valid")
    assert right == (encipher(rule, spec.algorithm, session, plain) == ciphertext)


@pytest.mark.parametrize(("algorithm", "test"), vectors("pin-block"))
def test_pin_coding(algorithm: None, test: dict[str, str]) -> None:
    if test["result"] == "valid":
        assert bcd(test["digits"]) == octets(test, "coded")


@pytest.mark.parametrize("profile", PROFILES.values())
def test_changed_data_are_followed(profile: str, card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs[profile]
    rules = messaging_of(spec)
    session = bytes(range(spec.algorithm.block))
    header = bytes.fromhex("84240000")
    assert covered(rules, header, b"\x01") == header + b"\x05\x01"
    assert covered(replace(rules, command=replace(rules.command, counts_mac=False)), header, b"\x01")[4] == 1
    assert covered(replace(rules, command=replace(rules.command, header=False)), header, b"\x01") == b"\x01"
    for changed in (replace(rules.mac, initial=1), replace(rules.mac, marker=0), replace(rules.mac, length=3)):
        assert mac(changed, spec.algorithm, session, header) != mac(rules.mac, spec.algorithm, session, header)
    bare = replace(rules.encipherment, counted=False)
    whole = bytes(spec.algorithm.block)
    always = replace(bare, fill="always")
    assert len(encipher(bare, spec.algorithm, session, whole)) == len(whole)
    assert decipher(always, spec.algorithm, session, encipher(always, spec.algorithm, session, whole + b"\x07"))
    assert len(encipher(always, spec.algorithm, session, whole)) == 2 * len(whole)
    assert decipher(rules.encipherment, spec.algorithm, session, whole + b"\x00") is None


def test_keys_are_found_by_what_they_are_for(card_specs: dict[str, CardSpec]) -> None:
    spec = card_specs["card-3.0"]
    names = [maintenance_key(spec, lineage) for lineage in (("SSSE",), ("DF01", "SSSE"), ("PKI",))]
    assert [key.id if key is not None else None for key in names] == ["STK", "STKDF01", None]
    assert "PUK" in {key.id for key in keys_granting(spec, "unblock")}
    assert "BK" in {key.id for key in keys_granting(spec, "block")}
