"""The reference e-card service: what its own conformance cases do not show."""

from pathlib import Path

import pytest
import yaml

from emulator.service import Clock
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.oracle.ecard import card_proof
from onecard.planning.declaration import ixit_text, read_ixit, reference_ixit
from onecard.reference import card, ecard
from onecard.spec.ecard import ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.targets.asgi import AsgiTarget
from onecard.targets.base import TargetAbsent, TargetOptions

PROFILE = "ecard-default"


def request(method: str, path: str, **headers: str) -> dict[str, object]:
    return {"do": "http", "method": method, "path": path, "headers": headers, "body": None}


def test_without_a_token_there_is_no_control() -> None:
    for token, status in ((None, 404), ("secret", 401)):
        target = AsgiTarget(ecard.service(PROFILE, control_token=token).app, description="e-card service")
        target.connect()
        assert target.exchange(request("POST", "/test-control/reset"))["status"] == status
        target.close()


def test_time_is_the_clock_that_is_passed_in() -> None:
    clock = Clock(source=lambda: 1_700_000_000.9)
    made = ecard.service(PROFILE, control_token="secret", clock=clock)
    target = AsgiTarget(made.app, description="e-card service")
    target.connect()
    advance = {**request("POST", "/test-control/advance", **{"x-test-control": "secret"}), "body": '{"seconds":60}'}
    assert target.exchange(advance)["body"] == '{"now":1700000060}'
    made.clock.reset()
    assert clock.now() == 1_700_000_000
    target.close()


def test_the_declaration_fits_its_schema(tmp_path: Path) -> None:
    declared = reference_ixit("ecard", PROFILE)
    path = tmp_path / "ixit.yaml"
    path.write_text(ixit_text(declared, "http://127.0.0.1:1"), encoding="utf-8")
    assert read_ixit(path, "ecard").parameters == declared.parameters
    cards = declared.parameters["cards"]
    assert {each["algorithm"] for each in cards} == {"3des", "sm4"}
    assert len({each["aaz501"] for each in cards}) == len(cards) >= 2
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    del document["parameters"]["credentials"]["channel"]
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(Exception, match="channel"):
        read_ixit(path, "ecard")


def test_the_seed_chooses_cards_and_keys() -> None:
    one, other = (ecard.reference_ixit(PROFILE, seed)["parameters"] for seed in ("onecard", "another"))
    assert one != other
    assert one == ecard.reference_ixit(PROFILE)["parameters"]


def test_the_proof_is_that_of_the_reference_card(spec: Spec) -> None:
    """The oracle's proof is what the embedded reference card itself answers to INTERNAL AUTHENTICATE."""
    declared = card.reference_declaration("card-3.0").ixit
    target = card.open_target("card-3.0", TargetOptions())
    target.connect()
    target.power_on()
    target.transmit(bytes.fromhex("00A4040007") + b"sx1.sh.")
    random, data = bytes(range(8)), bytes(range(8, 16))
    target.transmit(bytes.fromhex("0088000010") + random + data)
    answer = target.transmit(bytes.fromhex("00C0000008"))
    target.close()
    cards = reference_ixit("ecard", PROFILE).parameters["cards"]
    record = next(each for each in cards if each["aaz501"] == declared["identification"])
    root = bytes.fromhex(reference_ixit("ecard", PROFILE).key_source["keys"]["IRK"]["1"])
    assert record["aaz507"] == declared["historical"]
    assert card_proof(spec.card_of_profile("card-3.0"), root, "IRK", record, random, data) == answer[:-2]


def test_wrong_names_and_variants_are_told() -> None:
    with pytest.raises(TargetAbsent, match="ecard-default"):
        ecard.open_target("ecard-nothing", TargetOptions())
    with pytest.raises(UserError, match="profile"):
        ecard.open_target("", TargetOptions())
    with pytest.raises(TypeError, match="variant"):
        ecard.open_target(PROFILE, TargetOptions(variant=object()))
    with pytest.raises(TypeError, match="behaviour"):
        ecard.service(PROFILE, variant=Variant(behaviour=object()))


def test_both_code_sets_resolve(spec: Spec) -> None:
    declared = spec.profile(PROFILE).ics
    codes = {}
    for chosen in ("a", "b"):
        resolved = spec.resolve("ecard", {**declared, "ecard.card_state_codes": chosen}, PROFILE)
        assert isinstance(resolved, InterfaceSpec)
        codes[chosen] = {state.id: state.code for state in ecard_spec(resolved).states.values()}
    assert codes["a"]["TEMPORARILY-LOST"] == "B"
    assert codes["b"]["TEMPORARILY-LOST"] == "4"
    assert "LOCKED" not in codes["a"]
    for found in codes.values():
        assert len(set(found.values())) == len(found)
