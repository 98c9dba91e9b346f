"""Issuing a certificate: only for a run that passed."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from onecard.certificate.payload import CertificateRequest, payload
from onecard.certificate.signed import SignedFiles, load_signer, write_signed
from onecard.certificate.sm2 import can_sign
from onecard.certificate.x509 import public_key_pem
from onecard.errors import UserError
from onecard.evidence.bundle import verify_bundle
from onecard.evidence.canonical import JsonObject
from onecard.evidence.files import write_whole
from onecard.spec.text import Text

CERTIFICATE: Final = "certificate.json"
BUNDLE: Final = "run.bundle"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate that was written: its files, and what it says."""

    files: SignedFiles
    public_key: Path
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class NotIssued:
    """No certificate, and why."""

    reason: Text


def certificate_files(folder: Path) -> SignedFiles:
    """Where a certificate's files lie in ``folder``."""
    return SignedFiles(folder / CERTIFICATE, folder / "certificate.sig", folder / "chain.pem")


def issue(request: CertificateRequest, folder: Path, key: Path, chain: Path, now: datetime) -> Issued | NotIssued:
    """Write certificate.json, certificate.sig, chain.pem and pub.pem into ``folder``, where run.bundle must lie.

    Valid until the request's end or the signer's, whichever is earlier. Raises UserError for a key or chain that cannot
    be used, and for a bundle that is not the one the request speaks of, broken or unfinished.
    """
    if request.verdict != "pass":
        return NotIssued(
            Text(
                zh=f"结论为 {request.verdict}，只有通过（pass）才签发证书",
                en=f"the verdict is {request.verdict}: a certificate is issued for a pass only",
            )
        )
    if not can_sign():
        return NotIssued(
            Text(zh="本机没有 tongsuopy，不能签发证书", en="tongsuopy is not installed: no certificate is issued")
        )
    report = verify_bundle(folder / BUNDLE)
    if not report.ok or not report.records_pass or report.digest != request.digests["bundle"]:
        raise UserError(
            zh=f"{folder / BUNDLE} 不完整、已损坏、未通过，或不是本次运行的证据：不签发证书",
            en=f"{folder / BUNDLE} is unfinished, broken, no pass, or not of this run: no certificate is issued",
            exit_code=3,
        )
    signer = load_signer(key, chain, now)
    body = payload(
        request,
        test=any(certificate.is_test for certificate in signer.chain),
        valid_until=min(request.valid_until, signer.certificate.not_after),
    )
    files = certificate_files(folder)
    public_key = folder / "pub.pem"
    write_whole(public_key, public_key_pem(signer.certificate.point))
    write_signed(body, signer, files)
    return Issued(files, public_key, body)
