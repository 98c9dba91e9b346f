"""``replay:BUNDLE`` as a target: recorded answers in order, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from onecard.evidence.bundle import read
from onecard.harness.campaign import BUNDLE, CampaignResult, Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.targets.base import CardTarget, TargetAbsent, TargetError
from onecard.targets.registry import open_target
from tests.harness.running import spec

NONCE = bytes(range(16))
PROFILE = "card-1.0"


def campaign(out: Path, target: str, nonce: bytes = NONCE, profile: str = PROFILE) -> CampaignResult:
    ics = ics_of_profile(spec(), profile)
    ixit = replace(reference_ixit(ics.kind, profile), synthetic=False)  # so that what is no reference's is sealed
    ask = RunRequest(ics, ixit, target)
    return run_campaign(Order(spec(), [ask], out, nonce))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("recorded")
    assert campaign(out, f"reference:{PROFILE}").verdict is Campaign.PASS
    return out / BUNDLE


def opened(rest: object) -> CardTarget:
    target = open_target(f"replay:{rest}")
    assert isinstance(target, CardTarget)
    target.connect()
    return target


def test_a_campaign_on_its_own_evidence_passes(recorded: Path, tmp_path: Path) -> None:
    result = campaign(tmp_path / "again", f"replay:{recorded}")
    assert result.verdict is Campaign.PASS
    assert result.runs[0].reader == f"evidence {BUNDLE}"
    # What was made on evidence is sealed like any device's, and is evidence in turn.
    assert campaign(tmp_path / "third", f"replay:{result.bundle}").verdict is Campaign.PASS
    (tmp_path / "again" / "run.key").unlink()
    with pytest.raises(TargetAbsent, match=r"run\.key"):
        opened(result.bundle)


@pytest.mark.parametrize(
    "profile",
    ["psam-sm4", "hsm-default", "terminal-default", "ecard-default", "platform-default", "partner-default"],
)
def test_every_form_of_exchange_is_answered(tmp_path: Path, profile: str) -> None:
    """APDUs, HTTP, calls, and what came in on the tester's side; every run is bound to its nonce."""
    first = campaign(tmp_path / "first", f"reference:{profile}", profile=profile)
    again = campaign(tmp_path / "again", f"replay:{first.bundle}", profile=profile)
    assert (again.verdict, again.runs[0].stopped) == (Campaign.PASS, None)
    other = campaign(tmp_path / "other", f"replay:{first.bundle}", nonce=bytes(16), profile=profile)
    assert other.verdict is Campaign.INCOMPLETE


def test_another_nonce_sends_other_commands(recorded: Path, tmp_path: Path) -> None:
    result = campaign(tmp_path / "other", f"replay:{recorded}", nonce=bytes(16))
    assert result.verdict is Campaign.INCOMPLETE
    stopped = result.runs[0].stopped
    assert stopped is not None
    assert "holds" in stopped.en


def test_answers_come_in_their_order(recorded: Path) -> None:
    target = opened(recorded)
    events = [event for event in read(recorded).events if event.kind in ("apdu", "reset")]
    assert target.power_on().hex().upper() == events[0].body["atr"]
    first = bytes.fromhex(events[1].body["c"])
    with pytest.raises(TargetError, match="line"):
        target.transmit(first + b"\x00")
    target = opened(recorded)
    with pytest.raises(TargetError, match="cold reset, not warm reset"):
        target.reset()
    with pytest.raises(TargetError, match="holds apdu"):
        target.reset()


@pytest.mark.parametrize(("suffix", "said"), [("#2", "holds no run 2"), (".absent", "absent")])
def test_what_is_not_there(recorded: Path, suffix: str, said: str) -> None:
    with pytest.raises(TargetAbsent, match=said):
        opened(f"{recorded}{suffix}")
