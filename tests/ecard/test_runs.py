"""Whole runs: a service on a socket where the tester really waits, and one with a planted fault, which is explained."""

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from emulator.mutants.ecard.verification import NumberNotMasked
from emulator.variant import Variant
from onecard.evidence.bundle import read
from onecard.harness.campaign import BUNDLE, CampaignResult, Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.verdict import Verdict
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.reference import ecard
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec
from onecard.spec.overlay import with_values
from onecard.targets.serving import HttpServer
from onecard.views.text import explain_case

PROFILE = "ecard-default"


@contextmanager
def serving(spec: Spec) -> Iterator[str]:
    """A service without control interface, by the data of ``spec``, on a free port; gives its address."""
    data = spec.resolve_profile(PROFILE)
    assert isinstance(data, InterfaceSpec)
    server = HttpServer(ecard.service(PROFILE, variant=Variant(spec=data)).app, host="127.0.0.1", port=0)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server.url
    finally:
        server.stop()
        thread.join()


def certified(spec: Spec, url: str, out: Path) -> CampaignResult:
    """A run against ``url`` whose IXIT lets the tester wait, and offers a card to be cancelled."""
    own, ixit = ics_of_profile(spec, PROFILE), reference_ixit("ecard", PROFILE)
    given = {key: value for key, value in ixit.parameters.items() if key != "control"}
    parameters = {**given, "wait": True, "may_cancel": given["cards"][-1]["aaz501"]}
    ics = replace(own, items={**own.items, "ecard.control": False})
    request = RunRequest(ics, replace(ixit, parameters=parameters), url)
    return run_campaign(Order(spec, [request], out, secrets.token_bytes(16)))


def test_without_control_the_tester_waits_until_a_code_expires(spec: Spec, tmp_path: Path) -> None:
    """Codes of both sides hold three seconds here, by an overlaid datum, so that the wait is short; it is real."""
    short = with_values(spec, "ECARD/CODE", {"validity": 3})
    with serving(short) as url:
        result = certified(short, url, tmp_path)
    outcomes = result.runs[0].outcomes
    unexpected = {name: found for name, found in outcomes.items() if found.verdict is not Verdict.PASS}
    assert not unexpected
    assert "ecard/verification/test_expired" in outcomes
    assert "ecard/verification/test_last_second" not in outcomes
    assert result.verdict is Campaign.PASS


def test_a_planted_fault_is_explained(spec: Spec, tmp_path: Path) -> None:
    """The number goes out in full: requirement, basis, what was sent and received, and the likely cause are told."""
    request = RunRequest(ics_of_profile(spec, PROFILE), reference_ixit("ecard", PROFILE), f"reference:{PROFILE}")
    fault = Variant(behaviour=NumberNotMasked())
    result = run_campaign(Order(spec, [request], tmp_path, secrets.token_bytes(16), variant=fault))
    assert result.verdict is Campaign.FAIL
    failed = {name for name, found in result.runs[0].outcomes.items() if found.verdict is Verdict.FAIL}
    assert "ecard/verification/test_masked" in failed
    told = explain_case(read(tmp_path / BUNDLE), spec, 1, "ecard/verification/test_masked", "en")
    assert re.search(r"FAIL +ECARD-VERIFY-MASK +basis: profile", told), told
    assert "POST /v1/code-verifications" in told
    assert "masked" in told
    for label in ("sent", "expected", "received", "likely", "replay"):
        assert re.search(rf"^ +{label} ", told, re.MULTILINE), told
