"""After a run: views beside the bundle, and the certificate."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from onecard import __version__
from onecard.certificate.issue import Issued, issue
from onecard.certificate.keys import KeySet, key_set
from onecard.certificate.payload import CertificateClass, CertificateRequest
from onecard.errors import UserError
from onecard.evidence.bundle import read, verify_bundle
from onecard.evidence.files import make_folder, write_whole
from onecard.harness.campaign import BUNDLE, CampaignResult
from onecard.harness.judgement import Campaign
from onecard.harness.replay import ReplayResult
from onecard.harness.summary import judged_summary, scope_of
from onecard.planning.plan import Plan
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from onecard.views.allure import write_allure
from onecard.views.build import read_bundle
from onecard.views.html import write_html
from onecard.views.junit import write_junit
from onecard.views.model import BundleView

VALIDITY = timedelta(days=365)


def view_of_result(spec: Spec, result: CampaignResult) -> tuple[BundleView | None, list[Text]]:
    """What the evidence of a campaign shows, read once for all that tell of it; or why it cannot be read."""
    try:
        return read_bundle(read(result.bundle), spec), []
    except UserError as error:
        return None, [error.text]


def write_views(view: BundleView, spec: Spec, folder: Path, language: Language) -> list[Text]:
    """JUnit, Allure results and the HTML report beside the bundle; returns what could not be written (evidence is
    safe all the same).
    """
    try:
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
    runs = [
        (judged_summary(run.prepared.plan, run.judgement, run.prepared.request.target, run.identity), run.prepared.plan)
        for run in result.runs
    ]
    kind = CertificateClass.CHALLENGED if result.header["challenge"] else CertificateClass.SELF_DECLARED
    return _sign(result.header, result.bundle, str(result.verdict), runs, kind, keys)


def certify_replay(
    header: Mapping[str, Any], bundle: Path, result: ReplayResult, out: Path, folder: Path | None
) -> tuple[Path | None, Text | None]:
    """Sign what a replay re-derived, in a folder of its own with a copy of the bundle (class re-derived).

    Returns the certificate's path, or why there is none. Raises UserError without a signing key, or where ``out`` holds
    a bundle or certificate already.
    """
    keys = key_set(folder if folder is not None else default_keys())
    require_signing_key(keys.signer_key.parent)
    if result.exit_code != 0 or result.verdict is not Campaign.PASS or result.other_suite:
        return None, Text(
            zh="未签发证书：未能以同一版本重新得出“通过”",
            en="no certificate: a pass was not re-derived with the same version",
        )
    make_folder(out)
    copy = out / BUNDLE
    if copy.exists():
        raise UserError(zh=f"{copy} 已存在：请换一个目录", en=f"{copy} exists: choose another folder")
    write_whole(copy, bundle.read_bytes())
    runs = [(judged_summary(run.plan, run.judgement, run.target, run.identity), run.plan) for run in result.runs]
    return _sign(header, copy, str(result.verdict), runs, CertificateClass.RE_DERIVED, keys)


def _sign(
    header: Mapping[str, Any],
    bundle: Path,
    verdict: str,
    judged: Sequence[tuple[dict[str, Any], Plan]],
    kind: CertificateClass,
    keys: KeySet,
) -> tuple[Path | None, Text | None]:
    now = datetime.now(UTC)
    request = _request(header, bundle, verdict, judged, kind, now)
    issued = issue(request, bundle.parent, keys.signer_key, keys.signer, now)
    if isinstance(issued, Issued):
        return issued.files.payload, None
    return None, issued.reason


def _request(
    header: Mapping[str, Any],
    bundle: Path,
    verdict: str,
    judged: Sequence[tuple[dict[str, Any], Plan]],
    kind: CertificateClass,
    now: datetime,
) -> CertificateRequest:
    report = verify_bundle(bundle)
    runs = [run for run, _ in judged]
    basis: Counter[str] = Counter()
    for run in runs:
        basis.update(run["requirements"]["by_basis"])
    digests = {
        "bundle": report.digest,
        "final": report.footer.final if report.footer else "",
        **header["digests"],
        **{f"ics-{run['run']}": run["ics"] for run in header["runs"]},
        **{f"laboratory-{run['run']}": run["laboratory"] for run in header["runs"] if "laboratory" in run},
    }
    return CertificateRequest(
        issued=now,
        valid_until=now + VALIDITY,
        tool=f"onecard-conformance {__version__}",
        verdict=verdict,
        scope=scope_of(runs),
        synthetic=bool(header["synthetic"]),
        runs=tuple(runs),
        basis=dict(basis),
        exclusions=dict(Counter(str(reason) for _, plan in judged for reason in plan.excluded.values())),
        digests=digests,
        not_tested=tuple(sorted({name for run in runs for name in run["requirements"]["out_of_scope"]})),
        certificate_class=kind,
        challenge=header["challenge"] if kind is CertificateClass.CHALLENGED else None,
    )
