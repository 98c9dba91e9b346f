"""After a run: views beside the bundle, and the certificate."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from onecard import __version__
from onecard.certificate.issue import Issued, issue
from onecard.certificate.keys import key_set
from onecard.certificate.payload import CertificateClass, CertificateRequest
from onecard.errors import UserError
from onecard.evidence.bundle import read, verify_bundle
from onecard.harness.campaign import CampaignResult
from onecard.harness.judgement import Campaign
from onecard.harness.summary import campaign_summary, run_summary
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from onecard.views.allure import write_allure
from onecard.views.build import read_bundle
from onecard.views.html import write_html
from onecard.views.junit import write_junit

VALIDITY = timedelta(days=365)


def write_views(spec: Spec, result: CampaignResult, language: Language) -> list[Text]:
    """JUnit, Allure results and the HTML report beside the bundle; returns what could not be written (evidence is
    safe all the same).
    """
    folder = result.bundle.parent
    try:
        view = read_bundle(read(result.bundle), spec)
        write_junit(view, spec, folder / "junit.xml", language)
        write_allure(view, spec, folder / "allure-results", language)
        write_html(view, spec, folder / "report.html", language)
    except OSError as error:
        return [
            Text(
                zh=f"报告无法写出：{error.strerror}；证据不受影响",
                en=f"a report could not be written: {error.strerror}; the evidence is not affected",
            )
        ]
    except UserError as error:
        return [error.text]
    return []


def default_keys() -> Path:
    """Where ``onecard keys new`` puts keys unless told otherwise."""
    return Path(click.get_app_dir("onecard")) / "keys"


def require_signing_key(folder: Path) -> None:
    """A folder that was named must hold a signing key; raises UserError before anything is sent."""
    if not key_set(folder).signer_key.exists():
        raise UserError(
            zh=f"{folder} 中没有签名密钥；先运行 onecard keys new --dir {folder}",
            en=f"there is no signing key in {folder}; run onecard keys new --dir {folder}",
        )


def certify_result(result: CampaignResult, folder: Path | None) -> tuple[Path | None, Text | None]:
    """Sign a certificate for a passed campaign. Returns its path, or why there is none."""
    keys = key_set(folder if folder is not None else default_keys())
    if result.verdict is not Campaign.PASS or result.lost is not None:
        return None, Text(zh="未签发证书：结论不是通过", en="no certificate: the verdict is not pass")
    if not keys.signer_key.exists():
        return None, Text(
            zh="未签发证书：没有签名密钥（onecard keys new）",
            en="no certificate: there is no signing key (onecard keys new)",
        )
    now = datetime.now(UTC)
    issued = issue(_request(result, now), result.bundle.parent, keys.signer_key, keys.signer, now)
    if isinstance(issued, Issued):
        return issued.files.payload, None
    return None, issued.reason


def _request(result: CampaignResult, now: datetime) -> CertificateRequest:
    header = result.header
    summary = campaign_summary(result, None)
    report = verify_bundle(result.bundle)
    basis: Counter[str] = Counter()
    exclusions: Counter[str] = Counter()
    outside: set[str] = set()
    runs: list[dict[str, Any]] = []
    for run in result.runs:
        one = run_summary(run, result.bundle.name, None)
        basis.update(one["requirements"]["by_basis"])
        exclusions.update(str(reason) for reason in run.prepared.plan.excluded.values())
        outside.update(one["requirements"]["out_of_scope"])
        runs.append(
            {key: value for key, value in one.items() if key not in ("bundle", "certificate", "seconds", "stopped")}
        )
    digests = {
        "bundle": report.digest,
        "final": report.footer.final if report.footer else "",
        **header["digests"],
        **{f"ics-{run['run']}": run["ics"] for run in header["runs"]},
    }
    challenge = header["challenge"]
    return CertificateRequest(
        issued=now,
        valid_until=now + VALIDITY,
        tool=f"onecard-conformance {__version__}",
        verdict=str(result.verdict),
        scope=summary["scope"],
        synthetic=bool(header["synthetic"]),
        runs=tuple(runs),
        basis=dict(basis),
        exclusions=dict(exclusions),
        digests=digests,
        not_tested=tuple(sorted(outside)),
        certificate_class=CertificateClass.CHALLENGED if challenge else CertificateClass.SELF_DECLARED,
        challenge=challenge,
    )
