"""The JSON summary of a campaign: names and shape are a contract with scripts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from onecard.harness.campaign import CampaignResult, RunResult
from onecard.harness.context import Identity
from onecard.harness.judgement import Judgement
from onecard.harness.verdict import Verdict
from onecard.planning.plan import Plan


def judged_summary(plan: Plan, judgement: Judgement, target: str, identity: Identity) -> dict[str, Any]:
    """What was judged in one run, whether it was made or replayed."""
    executed = [entry for entry in judgement.requirements if entry.executed]
    by_basis = Counter(str(entry.requirement.basis.cls) for entry in executed)
    differs = [e.requirement.id for e in judgement.requirements if e.verdict is Verdict.FAIL and not e.decides]
    return {
        "verdict": str(judgement.verdict),
        "kind": plan.kind,
        "profile": plan.profile,
        "target": target,
        "scope": str(plan.scope),
        "cases": judgement.case_counts(),
        "requirements": {
            "applicable": len(plan.applicable),
            "executed": len(executed),
            "by_basis": dict(sorted(by_basis.items())),
            "excluded": len(plan.excluded),
            "failed": [e.requirement.id for e in judgement.requirements if e.verdict is Verdict.FAIL and e.decides],
            "differs_from_profile": differs,
            "undecided": [
                e.requirement.id for e in judgement.requirements if e.verdict not in (Verdict.PASS, Verdict.FAIL)
            ],
            "out_of_scope": sorted(
                {r for case in plan.out_of_scope for r in case.requirements if not plan.in_scope(r)}
            ),
        },
        "identity": {"atr": identity.atr, "identification": identity.identification},
    }


def run_summary(result: RunResult, bundle: str, certificate: str | None) -> dict[str, Any]:
    """One run, with all keys."""
    prepared = result.prepared
    return {
        **judged_summary(prepared.plan, result.judgement, prepared.request.target, result.identity),
        "stopped": result.stopped.en if result.stopped else None,
        "not_restored": list(result.unrestored),
        "bundle": bundle,
        "certificate": certificate,
        "seconds": round(result.seconds, 3),
    }


def campaign_summary(result: CampaignResult, certificate: Path | None) -> dict[str, Any]:
    """The whole campaign: one run flat, several under ``runs``."""
    bundle = str(result.bundle)
    signed = str(certificate) if certificate is not None else None
    runs = [run_summary(run, bundle, signed) for run in result.runs]
    if len(runs) == 1 and result.lost is None:
        return {**runs[0], "seconds": round(result.seconds, 3)}
    return {
        "verdict": str(result.verdict),
        "scope": scope_of(runs) or str(result.header["scope"]),
        "bundle": bundle,
        "certificate": signed,
        "lost": result.lost.text.en if result.lost else None,
        "seconds": round(result.seconds, 3),
        "runs": runs,
    }


def scope_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """The scope of several runs: one word where they agree."""
    return "+".join(sorted({run["scope"] for run in runs}))
