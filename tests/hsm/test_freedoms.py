"""What the sources leave open: PSAMs and encryptors that take such a freedom pass all cases."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.hsm.behaviour import HsmBehaviour
from emulator.hsm.factory import specification
from emulator.psam.behaviour import PsamBehaviour
from emulator.variant import Variant
from onecard.harness.campaign import Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec


class SingleTail(HsmBehaviour):
    """Without the external part the answer ends in one separator."""

    def response(self, right: str) -> str:
        return right.replace("||", "|")


class WholeBlockMac(PsamBehaviour):
    """The MAC stands at the beginning of a whole block."""

    def mac(self, key: bytes, data: bytes, right: bytes) -> bytes:
        return right.ljust(len(key), b"\x5a")


@pytest.mark.parametrize(("profile", "behaviour", "declared"), [
    ("hsm-default", SingleTail, {}),
    ("hsm-default", HsmBehaviour, {"hsm.level": "city"}),
    ("psam-sm4", WholeBlockMac, {}),
])  # fmt: skip
def test_freedom(tmp_path: Path, profile: str, behaviour: type[object], declared: Mapping[str, Value]) -> None:
    spec = specification()
    kind = spec.profile(profile).target
    ics = ics_of_profile(spec, profile)
    ics = replace(ics, items={**ics.items, **declared})
    data = spec.resolve(kind, ics.items, profile)
    assert isinstance(data, InterfaceSpec)
    request = RunRequest(ics, reference_ixit(kind, profile), f"reference:{profile}")
    variant = Variant(behaviour=behaviour(), spec=data)
    result = run_campaign(Order(spec, [request], tmp_path / "out", secrets.token_bytes(16), variant=variant))
    assert result.verdict is Campaign.PASS
