"""IXITs without some of the keys, a PSAM without a free id: what needs them is inconclusive, and no case breaks."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from emulator.psam.behaviour import PsamBehaviour
from emulator.variant import Variant
from onecard.harness.campaign import Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.psam_keys import BOTH
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from tests.harness.running import spec

PROFILE = "psam-transport"
# By what the key source lacks: requirements of which it leaves some undecided.
UNDECIDED: Mapping[str, set[str]] = {
    "DDF-MK": {"PSAM-UPDATE", "PSAM-UPDATE-CLOSED", "PSAM-UPDATE-FORM"},
    "KID-01": {"PSAM-KEY-CREATE", "PSAM-LEVEL-UPDATE", "PSAM-UPDATE-NEVER"},
    "UKSSSE": {"PSAM-DELIVERY-UKSSSE", "PSAM-KEY-CHANGE"},
    "DPK": {"PSAM-PURCHASE-INIT", "PSAM-PURCHASE-MAC2", "PSAM-PURCHASE-ORDER", "PSAM-PURCHASE-ONCE"},
    "TRANSPORT-DPK": {"PSAM-TRANSPORT-PURCHASE", "PSAM-TRANSPORT-MAC2", "PSAM-TRANSPORT-ORDER", "PSAM-TRANSPORT-ONCE"},
    "TRANSPORT-DAMK": {"PSAM-TRANSPORT-MAC", "PSAM-TRANSPORT-MAC-LENGTHS", "PSAM-TRANSPORT-MAC-RULE"},
}


def judged(order: Order) -> tuple[Campaign, Mapping[str, object], set[str]]:
    """The verdict, what broke or failed with the reason, and requirements that were left undecided."""
    result = run_campaign(order)
    (only,) = result.runs
    assert only.stopped is None
    broken = {
        name: found.why for name, found in only.outcomes.items() if found.verdict in (Verdict.ERROR, Verdict.FAIL)
    }
    requirements = only.judgement.requirements
    return (
        result.verdict,
        broken,
        {each.requirement.id for each in requirements if each.verdict is Verdict.INCONCLUSIVE},
    )


@pytest.mark.parametrize("lacking", sorted(UNDECIDED))
def test_lacking_key_is_no_error(lacking: str, tmp_path: Path) -> None:
    ixit = reference_ixit("psam", PROFILE)
    keys: dict[str, Any] = {name: given for name, given in ixit.key_source["keys"].items() if name != lacking}
    request = RunRequest(
        ics_of_profile(spec(), PROFILE),
        replace(ixit, key_source={**ixit.key_source, "keys": keys}),
        f"reference:{PROFILE}",
    )
    verdict, broken, undecided = judged(Order(spec(), (request,), tmp_path, secrets.token_bytes(16)))
    assert (verdict, broken) == (Campaign.INCOMPLETE, {})
    assert undecided >= UNDECIDED[lacking]


class Full(PsamBehaviour):
    """Every id has a key of the usage that the cases look for."""

    def key_found(self, usage: int, number: int, in_application: bool, right: str | None) -> str | None:
        full = in_application and usage == BOTH
        return super().key_found(usage, number, in_application, "PSAM/UKSSSE" if full else right)


def test_a_psam_without_a_free_id_is_no_mistake(tmp_path: Path) -> None:
    request = RunRequest(ics_of_profile(spec(), PROFILE), reference_ixit("psam", PROFILE), f"reference:{PROFILE}")
    order = Order(spec(), (request,), tmp_path, secrets.token_bytes(16), variant=Variant(behaviour=Full()))
    verdict, broken, undecided = judged(order)
    assert (verdict, broken) == (Campaign.INCOMPLETE, {})
    assert undecided >= {"PSAM-KEY-UNKNOWN", "PSAM-KEY-CREATE"}


def test_the_transport_application_may_have_a_terminal_number_of_its_own(tmp_path: Path) -> None:
    """What the IXIT says of it is what MAC1 must cover, and nothing beside transport purchases."""
    ixit = reference_ixit("psam", PROFILE)
    other = replace(ixit, parameters={**ixit.parameters, "transport-terminal-number": "990000000099"})
    request = RunRequest(ics_of_profile(spec(), PROFILE), other, f"reference:{PROFILE}")
    verdict, broken, _ = judged(Order(spec(), (request,), tmp_path, secrets.token_bytes(16)))
    assert verdict is Campaign.FAIL
    assert {name.partition("[")[0] for name in broken} == {"psam/transport/test_mac1"}
