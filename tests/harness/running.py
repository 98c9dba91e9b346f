"""Campaigns within the test's own process, where the test looks into the card or draws many runs."""

import secrets
from dataclasses import replace
from functools import cache
from pathlib import Path

from onecard.harness.campaign import CampaignResult, Order, RunRequest, run_campaign
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.spec.load import Spec, load_spec


@cache
def spec() -> Spec:
    """The specification, read once."""
    return load_spec()


def request(profile: str, target: str | None = None, timeout: float = 5.0) -> RunRequest:
    """A run of the reference card of ``profile``: embedded, or behind ``target``."""
    # As a device is tested: sealed, unless the target is an embedded reference.
    ixit = replace(reference_ixit("card", profile), timeout=timeout, synthetic=False)
    return RunRequest(ics_of_profile(spec(), profile), ixit, target or f"reference:{profile}")


def campaign(out: Path, *requests: RunRequest) -> CampaignResult:
    """Run and record in ``out``."""
    return run_campaign(Order(spec(), requests, out, secrets.token_bytes(16)))
