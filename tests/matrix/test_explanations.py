"""One fault of the sort that real products have in each kind of target: what the run prints tells how to find it."""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from emulator.mutants.registry import mutants_of
from onecard.evidence.bundle import read
from onecard.harness.campaign import Order, RunRequest, run_campaign
from onecard.harness.judgement import Campaign
from onecard.harness.kinds import KINDS
from onecard.planning.declaration import ics_of_profile, reference_ixit
from onecard.spec.load import Spec, load_spec
from onecard.spec.text import Language
from onecard.views import explain_case, read_bundle
from onecard.views.model import Verdict
from onecard.views.text import LABELS
from onecard.views.words import basis_with_clause


@dataclass(frozen=True, slots=True)
class Planted:
    """A fault, by its mutant, and what its explanation must hold. ``hint``: the hint by what it is matched on."""

    profile: str
    mutant: str
    requirement: str
    sent: str
    expected: str
    received: str
    hint: str

    @property
    def kind(self) -> str:
        return self.mutant.partition("/")[0]


PLANTED = (
    Planted(
        "card-1.0", "card/challenge-survives-use", "CARD-CHALLENGE-ONCE", "00 82 00", "69 84", "90 00", "9000"
    ),
    Planted("psam-3des", "psam/default-key", "PSAM-DELIVERY-KEY", "BF DE 67 ", "6A 88", "90 00", "9000"),
    Planted("hsm-default", "hsm/credential-id-only", "HSM-CREDENTIAL", "POST ", "refused with 401", "200 {", "200"),
    Planted(
        "terminal-default", "terminal/card-not-compared", "TERMINAL-INTERNAL-AUTH", "iReadCardBas(", "-21", "0, ", "0"
    ),
    Planted("ecard-default", "ecard/code-replayed", "ECARD-VERIFY-ONCE", "POST ", "refused with 4", "200 {", "200"),
    Planted(
        "platform-default", "platform/bank-refusal-not-undone", "PLATFORM-ACTIVATION-COMPENSATED",
        "/activations", "state = 'compensated'", "state = 'failed'", "state = 'failed'",
    ),
    Planted(
        "partner-default", "partner/default-user-id", "PARTNER-USER-ID",
        "POST ", "refused with 401, code 1004", "200 {", '"code":"0"',
    ),
)  # fmt: skip


@cache
def spec() -> Spec:
    return load_spec()


def explained(planted: Planted, folder: Path) -> dict[Language, str]:
    """What is printed of the first case that fails for the broken requirement, in both languages."""
    found = next(each for each in mutants_of(planted.kind) if each.id == planted.mutant)
    assert found.breaks == planted.requirement
    request = RunRequest(
        ics_of_profile(spec(), planted.profile),
        reference_ixit(planted.kind, planted.profile),
        f"reference:{planted.profile}",
    )
    variant = found.variant(spec().resolve_profile(planted.profile))
    result = run_campaign(Order(spec(), (request,), folder, secrets.token_bytes(16), variant=variant))
    assert result.verdict is Campaign.FAIL
    view = read_bundle(read(result.bundle), spec())
    failed = [
        case.id
        for case in view.run(1).cases
        if case.verdict is Verdict.FAIL and case.failed_requirement == planted.requirement
    ]
    assert failed
    return {language: explain_case(view, spec(), 1, failed[0], language) for language in ("zh", "en")}


def test_every_kind_has_a_fault_planted() -> None:
    assert {planted.kind for planted in PLANTED} == set(KINDS)


@pytest.mark.parametrize("planted", PLANTED, ids=lambda planted: planted.kind)
def test_a_planted_fault_is_explained(planted: Planted, tmp_path: Path) -> None:
    requirement = spec().requirements[planted.requirement]
    hint = next(hint.text for hint in requirement.hints if hint.received == planted.hint)
    for language, text in explained(planted, tmp_path / "run").items():
        head, statement, *lines = text.split("\n")
        assert f"  {planted.requirement}   " in head
        assert basis_with_clause(requirement).in_(language) in head
        assert statement.strip() == requirement.statement.in_(language)
        value = {
            name: "\n".join(line for line in lines if line.startswith(f"  {label.in_(language)} "))
            for name, label in LABELS.items()
        }
        assert planted.sent in value["sent"], text
        assert planted.expected in value["expected"], text
        assert planted.received in value["received"], text
        assert [line.split(None, 1)[1] for line in value["likely"].splitlines()] == [hint.in_(language)], text
        assert re.search(r"onecard replay run\.bundle --from \d+$", value["replay"]), text
