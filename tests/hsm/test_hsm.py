"""The reference encryptor against the oracle and known answers; what it does with any input."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulator.hsm.factory import TESTER, hsm, specification
from emulator.hsm.hsm import ReferenceHsm
from emulator.hsm.reading import Refused
from emulator.keys import DEFAULT_SEED, root_key
from emulator.mutants.registry import mutants_of
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.oracle.hsm import CardSide, answers, fields_of, request
from onecard.reference.common import TEST_TOKEN
from onecard.reference.hsm import open_target, reference_ixit
from onecard.spec.errors import SpecError
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.targets.base import ExchangeTarget, Message, TargetAbsent, TargetOptions

PROFILE = "hsm-default"
CARDS = {"01": "card-2.0", "03": "card-3.0"}
HEADERS = {"01": "842400010C", "03": "8424000114"}
OCTETS = st.binary(min_size=8, max_size=8)


@cache
def at_level(level: str) -> HsmSpec:
    spec = specification()
    found = spec.resolve("hsm", {**spec.profile(PROFILE).ics, "hsm.level": level}, PROFILE)
    assert isinstance(found, InterfaceSpec)
    return hsm_spec(found)


def encryptor(level: str, region: str, root: bytes | None = None) -> ReferenceHsm:
    spec = at_level(level)
    cards = {profile: specification().card_of_profile(profile) for profile in CARDS.values()}
    return ReferenceHsm(
        spec, cards, {key.key: root or root_key(DEFAULT_SEED, key.key, 1) for key in spec.keys.values()}, region
    )


# The toy chain of the fact sheet (root, factors and data synthetic).
@pytest.mark.parametrize("level", ["province", "city"])
@pytest.mark.parametrize(("identifier", "wanted"), [("01", "9BF03BE8A58D589A"), ("03", "0F1ECCDE43BB849C")])
def test_toy_chain(level: str, identifier: str, wanted: str) -> None:
    device = encryptor(level, "341300", bytes(range(16)))
    text = f"01|341300|00814A44468660341300000001|{identifier}|{'0' * 32}|1111111122222222|3333333344444444|||"
    assert device.service(text) == f"{wanted}3333333344444444||"


@settings(max_examples=15)
@given(
    identifier=st.sampled_from(("01", "03")), historical=st.binary(min_size=13, max_size=13), factor=OCTETS,
    original=OCTETS, city=st.integers(0, 9999), external=st.booleans(),
)  # fmt: skip
def test_agrees_with_the_oracle(
    identifier: str, historical: bytes, factor: bytes, original: bytes, city: int, external: bool
) -> None:
    region = f"34{city:04d}"
    card = CardSide(region, historical, identifier, specification().card_of_profile(CARDS[identifier]))
    pair = {"external_factor": original.hex(), "external_original": factor.hex()} if external else {}
    of_card = fields_of(
        card, identification="0" * 32, internal_factor=factor.hex(), internal_original=original.hex(), **pair
    )
    by_address = fields_of(card, key_address="0094", factor=factor.hex(), original=original.hex())
    for level, own in (("province", "340100"), ("city", region)):
        device = encryptor(level, own)
        roots = {key.key: root_key(DEFAULT_SEED, key.key, 1) for key in device.spec.keys.values()}
        message = by_address | {"key-address": "0173", "header": HEADERS[identifier], "plain": "12345F"}
        unblock = message | {"header": "8424000004", "plain": ""}
        purchase = of_card | {"key-address": "017F", "terminal-serial": factor.hex()[:8], "random": original.hex()[:8]}
        purchase |= {"purchase-serial": factor.hex()[8:12], "type": "32", "terminal": "9" * 12, "time": "2" * 14}
        both = [purchase | {"amounts": historical.hex()[:length]} for length in (16, 24)]
        asked = [("01", of_card), ("02", by_address), ("03", message), ("03", unblock)]
        asked += [("04", each) for each in both]
        for number, fields in asked:
            service = device.spec.service(number)
            found = device.service(request(device.spec, service, fields))
            assert found in answers(device.spec, service, fields, roots, card)


@settings(max_examples=60)
@given(st.text(alphabet="0123|ABf é\ud800", max_size=600))
def test_any_string_is_answered_or_refused(text: str) -> None:
    try:
        found = hsm(PROFILE).service(text)
    except Refused:
        return
    assert found.endswith("|")


def post(target: ExchangeTarget, body: str, **headers: str) -> Message:
    sent = {"x-api-id": TESTER.id, "x-api-key": TESTER.key, **headers}
    return target.exchange({"do": "http", "method": "POST", "path": "/v1/services", "headers": sent, "body": body})


@pytest.mark.parametrize("body", [
    "", "[" * 100_000, '{"request": "\\ud800|"}', "NaN", '{"request": {}}', '{"request": "' + "1" * 1_000_000 + '"}',
])  # fmt: skip
def test_hostile_bodies_are_refused(body: str) -> None:
    target = open_target(PROFILE, TargetOptions())
    target.connect()
    reply = post(target, body)
    target.close()
    assert reply["status"] == 400
    assert '"code"' in reply["body"]


def test_credential_with_other_characters() -> None:
    target = open_target(PROFILE, TargetOptions())
    target.connect()
    assert post(target, "{}", **{"x-api-key": "é"})["status"] == 401
    assert (
        target.exchange({"do": "http", "method": "GET", "path": "/v1/services", "headers": {}, "body": None})["status"]
        == 405
    )
    target.close()


def test_declaration() -> None:
    ixit = reference_ixit(PROFILE)
    given = ixit["parameters"]
    assert isinstance(given, dict)
    assert given["credentials"] == {"id": TESTER.id, "key": TESTER.key}
    assert given["control"] == {"path": "/test-control", "token": TEST_TOKEN}
    assert given["restricted"]["services"] == ["01", "02"]
    assert given["restricted"]["narrow"] == {"channel": "self-service", "services": ["02"]}
    assert given["limited"]["per-minute"] == 5
    with pytest.raises(TargetAbsent):
        reference_ixit("psam-sm4")


@pytest.mark.parametrize("rest", ["", "hsm-9"])
def test_unknown_profile(rest: str) -> None:
    with pytest.raises(UserError):
        open_target(rest, TargetOptions())


def test_wrong_variant() -> None:
    for variant in ("hsm/no-limit", Variant(behaviour=object())):
        with pytest.raises(TypeError):
            open_target(PROFILE, TargetOptions(variant=variant))


def test_broken_data_are_told() -> None:
    interface = specification().resolve_profile(PROFILE)
    assert isinstance(interface, InterfaceSpec)
    for section in ("transport", "strings", "regions"):
        with pytest.raises(SpecError):
            hsm_spec(replace(interface, tables={**interface.tables, section: {}}))


def test_each_requirement_has_a_mutant_of_its_own() -> None:
    found = {name for name, each in specification().requirements.items() if each.actor == "hsm" and each.testable}
    assert found == {mutant.breaks for mutant in mutants_of("hsm")}
