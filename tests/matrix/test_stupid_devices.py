"""Devices that do nothing sensible: none passes, what they break fails, and no case breaks over them."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from emulator.partner.behaviour import PartnerBehaviour
from emulator.variant import Variant
from onecard.harness import opening
from onecard.harness.campaign import Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.verdict import Verdict
from onecard.oracle.platform_calls import CHANGING
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.spec.openapi import load_interface
from onecard.targets.base import CardTarget, ExchangeTarget, Message, Target
from onecard.targets.registry import open_target
from tests.harness.running import spec


@dataclass(frozen=True)
class Seen:
    """Verdict of a run, and of its requirements. ``errors``: cases that broke."""

    verdict: Campaign
    requirements: Mapping[str, Verdict]
    errors: tuple[str, ...]

    def of(self, *verdicts: Verdict) -> set[str]:
        return {name for name, found in self.requirements.items() if found in verdicts}


@dataclass
class Between:
    """Something between the tester and a reference; the control interface and the tester's instrument stay whole."""

    inner: Any
    between: Callable[[Any, Any], Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def exchange(self, request: Message) -> Message:
        """A service or a terminal."""
        tested = request["do"] in ("call", "frame") or (request["do"] == "http" and "control" not in request["path"])
        answer: Message = self.between(self.inner, request) if tested else self.inner.exchange(request)
        return answer

    def transmit(self, command: bytes) -> bytes:
        """A PSAM."""
        answer: bytes = self.between(self.inner, command)
        return answer


@pytest.fixture
def certified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Seen]:
    """Certify the reference of a profile, altered, or with something before it."""

    def run(
        kind: str,
        profile: str,
        between: Callable[[Any, Any], Any] | None,
        variant: object = None,
        lacking: str | None = None,
    ) -> Seen:
        def opened(text: str, *, timeout: float, context: Mapping[str, object]) -> Target:
            inner = open_target(text, timeout=timeout, context=context)
            return inner if between is None else Between(inner, between)

        monkeypatch.setattr(opening, "open_target", opened)
        ixit = reference_ixit(kind, profile)
        ixit = replace(ixit, parameters={name: told for name, told in ixit.parameters.items() if name != lacking})
        request = RunRequest(ics_of_profile(spec(), profile), ixit, f"reference:{profile}")
        result = run_campaign(Order(spec(), (request,), tmp_path, secrets.token_bytes(16), variant=variant))
        (only,) = result.runs
        assert only.stopped is None, only.stopped
        return Seen(
            result.verdict,
            {judged.requirement.id: judged.verdict for judged in only.judgement.requirements},
            tuple(f"{name}: {found.why}" for name, found in only.outcomes.items() if found.verdict is Verdict.ERROR),
        )

    return run


def _json(status: int, body: str) -> Message:
    return {"status": status, "headers": {"content-type": "application/json"}, "body": body}


def _empty(_inner: ExchangeTarget, _request: Message) -> Message:
    return _json(200, "{}")


def _echo(_inner: ExchangeTarget, request: Message) -> Message:
    if request["do"] == "frame":
        return {"received": "".join(request["sent"])}
    return _json(200, request["body"] or "{}")


SERVICES = {
    "hsm": "hsm-default",
    "ecard": "ecard-default",
    "platform": "platform-default",
    "partner": "partner-default",
}
# What a service that says 200 to everything fails for itself; the rest asks for something that it never does.
FAILING = {
    "hsm": {"HSM-CREDENTIAL", "HSM-SERVICE-01", "HSM-FIELD-COUNT", "HSM-REGION", "HSM-TRANSPORT"},
    "ecard": {
        *("ECARD-CALLER", "ECARD-ROLE", "ECARD-REQUEST", "ECARD-ERROR-BODY", "ECARD-UNKNOWN", "ECARD-ISSUE"),
        *("ECARD-ISSUE-PROOF", "ECARD-ISSUE-CARD", "ECARD-REPORT", "ECARD-VERIFY-MALFORMED"),
    },
}


@pytest.mark.parametrize("kind", sorted(FAILING))
def test_service_that_agrees_to_everything(kind: str, certified: Callable[..., Seen]) -> None:
    seen = certified(kind, SERVICES[kind], _echo if kind == "hsm" else _empty)
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    assert seen.of(Verdict.PASS) == set()
    assert seen.of(Verdict.FAIL) >= FAILING[kind]


class NeverVerifies(PartnerBehaviour):
    """Whatever comes is taken."""

    def field_fits(self, field: object, value: object, right: bool) -> bool:
        return True

    def transaction_fits(self, given: str, expected: str) -> bool:
        return True

    def timestamp_fits(self, age: int, right: bool) -> bool:
        return True

    def signature_fits(self, message: Mapping[str, Any], right: bool) -> bool:
        return True

    def is_replay(self, msg_id: str, right: bool) -> bool:
        return False

    def business_fits(self, field: object, value: object, right: bool) -> bool:
        return True

    def may_begin(self, state: str, right: bool) -> bool:
        return True

    def delivered(self, answered: object, right: bool) -> bool:
        return True


def test_partner_that_never_verifies(certified: Callable[..., Seen]) -> None:
    seen = certified("partner", SERVICES["partner"], None, Variant(behaviour=NeverVerifies()))
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    assert seen.of(Verdict.FAIL) >= {
        *("PARTNER-SIGNATURE", "PARTNER-USER-ID", "PARTNER-FIELDS", "PARTNER-TIMESTAMP", "PARTNER-TIMESTAMP-EDGE"),
        *("PARTNER-REPLAY", "PARTNER-BUSINESS-FIELDS", "PARTNER-STATE", "PARTNER-NOTIFY-ANSWER", "PARTNER-CODES"),
    }


def _yes(_inner: CardTarget, command: bytes) -> bytes:
    return secrets.token_bytes(command[4] if len(command) == 5 else 0) + b"\x90\x00"


# A step before the tested one already fails (a key that should be absent is there, no sequence is answered).
UNDECIDED = {
    *("PSAM-KEY-CREATE", "PSAM-KEY-DATA", "PSAM-KEY-RANGES", "PSAM-KEY-ROOM", "PSAM-KEY-SM4", "PSAM-KEY-TYPES"),
    *("PSAM-PURCHASE-CREDIT", "PSAM-PURCHASE-ENDS", "PSAM-PURCHASE-MAC2", "PSAM-PURCHASE-ONCE"),
}
UNDECIDED_IN_TRANSPORT = {f"PSAM-TRANSPORT-{what}" for what in ("CREDIT", "ENDS", "MAC2", "ONCE")}


@pytest.mark.parametrize("profile", ["psam-sm4", "psam-transport"])
def test_psam_that_agrees_to_everything(profile: str, certified: Callable[..., Seen]) -> None:
    seen = certified("psam", profile, _yes)
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    # The answer to reset is not its doing.
    assert seen.of(Verdict.PASS) == {"PSAM-ATR"}
    undecided = (UNDECIDED | UNDECIDED_IN_TRANSPORT) & set(seen.requirements)
    assert set(seen.requirements) - seen.of(Verdict.FAIL) == {"PSAM-ATR"} | undecided


# What a card that answers one and the same passes: its answer to reset, and that the MF is selected.
RESET = ("CARD-ATR-", "CARD-PPS-", "CARD-T0-WAITING", "CARD-SELECT-MF")


@pytest.mark.parametrize("answer", ["9000", "6D00"])
def test_card_that_answers_one_word(answer: str, certified: Callable[..., Seen]) -> None:
    seen = certified("card", "card-1.0", lambda _inner, _command: bytes.fromhex(answer))
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    assert [name for name in seen.of(Verdict.PASS) if not name.startswith(RESET)] == []


def test_card_that_echoes(certified: Callable[..., Seen]) -> None:
    seen = certified("card", "card-1.0", lambda _inner, command: command + b"\x90\x00")
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    assert [name for name in seen.of(Verdict.PASS) if not name.startswith(RESET)] == []


def _unread(inner: ExchangeTarget, request: Message) -> Message:
    return {**inner.exchange(request), "trace": []}


def _silent(inner: ExchangeTarget, request: Message) -> Message:
    return {**inner.exchange(request), "out": ""}


def _more(inner: ExchangeTarget, request: Message) -> Message:
    answer = inner.exchange(request)
    return {**answer, "out": answer["out"] + "x|x|" if answer["return"] == 0 else answer["out"]}


STRINGS = {"TERMINAL-READ-BASIC", "TERMINAL-HOLDER-NAME", "TERMINAL-HSM-REQUEST", "TERMINAL-ALGORITHM"}
READING = {"TERMINAL-INTERNAL-AUTH", "TERMINAL-EXTERNAL-AUTH", "TERMINAL-SAM-FACTORS", "TERMINAL-SAM-LEVELS"}


@pytest.mark.parametrize(
    ("between", "failing"),
    [
        (_unread, {*STRINGS, *READING, "TERMINAL-NUMBER", "TERMINAL-HSM-READ", "TERMINAL-INTERNAL-FRESH"}),
        (_silent, {*STRINGS, "TERMINAL-NUMBER", "TERMINAL-FALLBACK"}),
        (_more, {*STRINGS, "TERMINAL-HSM-READ", "TERMINAL-NUMBER"}),
    ],
    ids=("reads-no-card", "tells-nothing", "tells-more"),
)
def test_terminal(
    between: Callable[[ExchangeTarget, Message], Message], failing: set[str], certified: Callable[..., Seen]
) -> None:
    seen = certified("terminal", "terminal-default", between)
    assert (seen.verdict, seen.errors) == (Campaign.FAIL, ())
    assert seen.of(Verdict.FAIL) >= failing


def test_leak_in_escapes(certified: Callable[..., Seen]) -> None:
    names = [card["name"] for card in reference_ixit("platform", SERVICES["platform"]).parameters["cards"]]

    def told(inner: ExchangeTarget, request: Message) -> Message:
        answer = inner.exchange(request)
        # As most JSON writers write it: letters beyond ASCII as escapes.
        return _json(answer["status"], json.dumps({**json.loads(answer["body"]), "told": names}))

    seen = certified("platform", SERVICES["platform"], told)
    assert seen.of(Verdict.FAIL) >= {"PLATFORM-HOLDER-MASKED", "PLATFORM-HOLDER-MISMATCH"}


def test_without_control_no_card_changes(certified: Callable[..., Seen]) -> None:
    def state_of(inner: ExchangeTarget, request: Message) -> Message:
        answer = inner.exchange(request)
        if answer["status"] == 200:
            done.append(request["path"])
        return answer

    done: list[str] = []
    seen = certified("platform", SERVICES["platform"], state_of, lacking="control")
    interface = load_interface("platform")
    assert not {interface.operation(name).path for name in CHANGING} & set(done)
    assert seen.verdict is Campaign.INCOMPLETE
    assert "PLATFORM-STATE-LEGAL" in seen.of(Verdict.INCONCLUSIVE)
