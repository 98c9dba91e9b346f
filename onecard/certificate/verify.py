"""Checking a certificate: signature, signer, dates, and the bundle beside it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from onecard.certificate.issue import BUNDLE, CERTIFICATE, certificate_files
from onecard.certificate.payload import CertificateClass, Statement, read_statement
from onecard.certificate.signed import SignedFiles, SignedObject, read_signed
from onecard.certificate.x509 import X509, public_key_pem
from onecard.evidence.bundle import BundleReport, verify_bundle
from onecard.evidence.canonical import JsonObject
from onecard.spec.text import Text

CLOCK_SKEW: Final = timedelta(minutes=5)

_NOT_TRUSTED: Final = Text(
    zh="完整性成立，签发者未经信任（用 --ca 给出 CA 证书）",
    en="integrity holds, issuer not trusted (give its CA with --ca)",
)
_NO_BUNDLE: Final = Text(
    zh=f"旁边没有 {BUNDLE}：未核对证据", en=f"there is no {BUNDLE} beside it: the evidence was not checked"
)
_TEST: Final = Text(zh="TEST：由测试 CA 签发，没有效力", en="TEST: issued by a test CA, of no effect")
_SYNTHETIC: Final = Text(
    zh="被测对象是内置的参考实现，不是设备", en="the target was an embedded reference, not a device"
)


@dataclass(frozen=True, slots=True)
class CertificateReport:
    """What was found. ``trusted`` is None when no CA was given; ``notes`` qualify a result, ``problems`` refute it."""

    payload: JsonObject | None
    problems: tuple[Text, ...]
    notes: tuple[Text, ...]
    trusted: bool | None
    test: bool
    signer: str | None
    bundle: BundleReport | None

    @property
    def ok(self) -> bool:
        """Whether everything that could be checked holds."""
        return not self.problems

    @property
    def exit_code(self) -> int:
        """0 holds, 1 does not."""
        return 0 if self.ok else 1


def verify_certificate(place: Path, ca: Path | None, now: datetime) -> CertificateReport:
    """Check the certificate in the folder or file ``place`` at the time ``now`` (aware).

    ``ca`` is a PEM file of trusted authorities. Raises UserError (exit code 2) for files that cannot be read.
    """
    payload_path = place / CERTIFICATE if place.is_dir() else place
    files = certificate_files(payload_path.parent)
    signed = read_signed(SignedFiles(payload_path, files.signature, files.chain), ca, now)
    problems = list(signed.problems)
    notes: list[Text] = []
    statement = None if signed.body is None else read_statement(signed.body)
    bundle: BundleReport | None = None
    if isinstance(statement, Text):
        problems.append(statement)
    elif statement is not None:
        problems += _statement_problems(statement, signed, now)
        bundle_path = payload_path.with_name(BUNDLE)
        if bundle_path.exists():
            bundle = verify_bundle(bundle_path)
            problems += _bundle_problems(statement, bundle)
        else:
            notes.append(_NO_BUNDLE)
        if statement.synthetic:
            notes.append(_SYNTHETIC)
        covers = ", ".join(f"{kind} ({profile})" for kind, profile in statement.covers)
        notes.append(Text(zh=f"所涉对象：{covers}", en=f"it speaks of: {covers}"))
    if signed.signer is not None:
        problems += _public_key_problems(files.payload.with_name("pub.pem"), signed.signer)
    test = (signed.signer is not None and signed.signer.is_test) or (
        isinstance(statement, Statement) and statement.test
    )
    if test:
        notes.insert(0, _TEST)
    if signed.trusted is None and not problems:
        notes.insert(0, _NOT_TRUSTED)
    return CertificateReport(
        payload=signed.body,
        problems=tuple(problems),
        notes=tuple(notes),
        trusted=signed.trusted,
        test=test,
        signer=None if signed.signer is None else signed.signer.subject_text,
        bundle=bundle,
    )


def _statement_problems(statement: Statement, signed: SignedObject, now: datetime) -> Iterator[Text]:
    if statement.verdict != "pass":
        yield Text(
            zh=f"证书的结论是 {statement.verdict}，不是 pass",
            en=f"the certificate's verdict is {statement.verdict}, not pass",
        )
    if now + CLOCK_SKEW < statement.issued:
        yield Text(zh="证书的签发时间在将来", en="the certificate was issued in the future")
    if now > statement.valid_until:
        yield Text(
            zh=f"证书已于 {statement.valid_until:%Y-%m-%d} 到期",
            en=f"the certificate expired on {statement.valid_until:%Y-%m-%d}",
        )
    signer = signed.signer
    if signer is None:
        return
    if signer.is_test and not statement.test:
        yield Text(
            zh="签发者是测试 CA，证书却未标明 TEST", en="a test CA signed it, yet the certificate does not say TEST"
        )
    if not signer.covers(statement.issued):
        yield Text(
            zh="签发时间不在签发者证书的有效期内", en="it was issued outside the validity of its signer's certificate"
        )


def _bundle_problems(statement: Statement, bundle: BundleReport) -> Iterator[Text]:
    for line, text in bundle.problems:
        yield Text(zh=f"{BUNDLE} 第 {line} 行：{text.zh}", en=f"{BUNDLE} line {line}: {text.en}")
    if bundle.digest != statement.digests["bundle"]:
        yield Text(zh=f"{BUNDLE} 不是证书所指的证据", en=f"{BUNDLE} is not the evidence this certificate speaks of")
    if bundle.header is None or bundle.footer is None:
        return
    if not bundle.complete:
        yield Text(zh=f"{BUNDLE} 是中断的运行", en=f"{BUNDLE} is of an interrupted run")
    if not bundle.records_pass:
        yield Text(zh=f"{BUNDLE} 记录的结论不是 pass", en=f"the verdict that {BUNDLE} records is not pass")
    if bundle.footer.final != statement.digests["final"]:
        yield Text(zh="证书的 final 摘要与尾行不符", en="the certificate's digest 'final' is not the footer's")
    yield from _header_problems(statement, bundle.header)


def _header_problems(statement: Statement, header: JsonObject) -> Iterator[Text]:
    recorded = header.get("digests")
    if not isinstance(recorded, dict):
        recorded = {}
    for name in sorted(statement.digests.keys() & recorded.keys()):
        if statement.digests[name] != recorded[name]:
            yield Text(
                zh=f"证书的 {name} 摘要与证据头行不符",
                en=f"the certificate's digest {name!r} is not that of the bundle's header",
            )
    runs = header.get("runs")
    declared = [run.get("ics") for run in runs if isinstance(run, dict)] if isinstance(runs, list) else []
    for name, digest in sorted(statement.digests.items()):
        if name.startswith("ics") and name not in recorded and digest not in declared:
            yield Text(
                zh=f"证据中没有摘要为 {name} 的 ICS", en=f"the bundle was not made with the ICS of the digest {name!r}"
            )
    if header.get("synthetic", statement.synthetic) != statement.synthetic:
        yield Text(
            zh="证书与证据对“是否合成对象”的说法不一",
            en="the certificate and the bundle disagree on whether the run was synthetic",
        )
    challenged = statement.certificate_class is CertificateClass.CHALLENGED
    if challenged and header.get("challenge") != statement.challenge:
        yield Text(
            zh="证据头行没有证书所说的质询", en="the bundle was not made for the challenge that the certificate names"
        )


def _public_key_problems(path: Path, signer: X509) -> Iterator[Text]:
    if path.exists() and path.read_bytes() != public_key_pem(signer.point):
        yield Text(zh="pub.pem 不是签发者的公钥", en="pub.pem is not the signer's public key")
