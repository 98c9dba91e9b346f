"""A partner that does otherwise what it declares otherwise is not at fault."""

from dataclasses import replace

import pytest

from emulator.variant import Variant
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.prove.stage import stage_for
from onecard.prove.trial import Table
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from tests.partner.conftest import PROFILE

OTHER_ENVELOPE: dict[str, Value] = {
    "partner.user_id": "default",
    "partner.timestamp": "epoch-ms",
    "partner.version": "1.0.0",
    "partner.mode": "cbc",
    "partner.coding": "base64",
    "partner.key_coding": "lower-hex",
    "partner.http_status": False,
}
STRICT: dict[str, Value] = {"partner.lower_hex_accepted": False, "partner.notify_attempts": 2}
NO_CONTROL: dict[str, Value] = {"partner.control": False}
STRICT_CASES = frozenset(("PARTNER-HEX-CASE", "PARTNER-NOTIFY-RETRY", "PARTNER-NOTIFY-ANSWER"))
NO_CONTROL_CASES = frozenset(("PARTNER-TIMESTAMP", "PARTNER-TIMESTAMP-EDGE", "PARTNER-STATE", "PARTNER-NOTIFY"))


@pytest.mark.parametrize(
    ("declared", "requirements", "least"),
    [(OTHER_ENVELOPE, None, 100), (STRICT, STRICT_CASES, 8), (NO_CONTROL, NO_CONTROL_CASES, 8)],
    ids=["other-envelope", "strict", "no-control"],
)
def test_declared_freedom_passes(
    spec: Spec, declared: dict[str, Value], requirements: frozenset[str] | None, least: int
) -> None:
    own = ics_of_profile(spec, PROFILE)
    ics = replace(own, items={**own.items, **declared})
    ixit = reference_ixit("partner", PROFILE)
    if not ics.items["partner.control"]:
        ixit = replace(ixit, parameters={name: value for name, value in ixit.parameters.items() if name != "control"})
    staged = stage_for(spec, ics, ixit)
    target = staged.context.target
    assert isinstance(target, InterfaceSpec)
    found = list(Table(staged, lambda: Variant(spec=target)).outcomes(staged.cases(requirements)))
    assert len(found) >= least
    assert {case.id: str(outcome.why) for case, outcome in found if outcome.verdict is not Verdict.PASS} == {}
