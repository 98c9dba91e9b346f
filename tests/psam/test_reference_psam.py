"""The reference PSAM as a target, what it declares, and its run."""

from dataclasses import replace

import pytest

from emulator.mutants.registry import mutants_of
from emulator.psam.factory import specification
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.reference.psam import open_target, reference_ixit
from onecard.spec.errors import SpecError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.psam import psam_spec
from onecard.targets.base import CardRemoved, SilentTarget, TargetAbsent, TargetOptions
from onecard.targets.registry import open_target as open_by_name


def test_target() -> None:
    target = open_target("psam-3des", TargetOptions(kind="psam"))
    with pytest.raises(CardRemoved):
        target.transmit(b"")
    target.connect()
    with pytest.raises(SilentTarget):
        target.transmit(bytes.fromhex("0084000008"))
    assert target.power_on() == target.reset()
    assert target.transmit(bytes.fromhex("0084000008"))[-2:] == b"\x90\x00"
    target.close()
    target.close()
    assert (target.description, target.reader_name()) == ("reference:psam-3des", "in process")


def test_found_by_name() -> None:
    assert open_by_name("reference:psam-sm4").description == "reference:psam-sm4"


@pytest.mark.parametrize("rest", ["", "psam-9"])
def test_unknown_profile(rest: str) -> None:
    with pytest.raises(UserError):
        open_target(rest, TargetOptions(kind="psam"))


def test_wrong_variant() -> None:
    with pytest.raises(TypeError):
        open_target("psam-sm4", TargetOptions(variant="psam/any-class"))
    with pytest.raises(TypeError):
        open_target("psam-sm4", TargetOptions(variant=Variant(behaviour=object())))


@pytest.mark.parametrize(
    ("profile", "keys"), [("psam-3des", {"IRK", "UKSSSE"}), ("psam-sm4", {"IRK", "RKSSSE", "UKSSSE"})]
)
def test_declaration(profile: str, keys: set[str]) -> None:
    ixit = reference_ixit(profile)
    source = ixit["key-source"]
    assert isinstance(source, dict)
    assert set(source["keys"]) == keys | {"DDF-MK", "KID-01", "KID-02", "KID-03", "DPK"}
    assert set(source["keys"]["DPK"]) == {"1", "2", "3"}
    with pytest.raises(TargetAbsent):
        reference_ixit("card-3.0")


def test_broken_data_are_told() -> None:
    interface = specification().resolve_profile("psam-sm4")
    assert isinstance(interface, InterfaceSpec)
    for section in ("atr", "algorithms", "applications", "computations", "fci", "general-statuses", "t0", "usages"):
        with pytest.raises(SpecError):
            psam_spec(replace(interface, tables={**interface.tables, section: {}}))


def test_each_requirement_has_a_mutant_of_its_own() -> None:
    requirements = {
        name for name, found in specification().requirements.items() if found.actor == "psam" and found.testable
    }
    assert requirements == {mutant.breaks for mutant in mutants_of("psam")}
