"""Does a signer's certificate lead to a trusted authority? (RFC 5280 section 6, without revocation and policies.)"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from onecard.certificate import sm2
from onecard.certificate.x509 import X509
from onecard.spec.text import Text

_LONGEST_PATH: Final = 4


def signer_fault(signer: X509, at: datetime) -> Text | None:
    """Why ``signer`` may not sign at the time ``at``, or None."""
    if "digital_signature" not in signer.usages:
        return Text(
            zh=f"证书 {signer.subject_text} 不得用于签名",
            en=f"the certificate of {signer.subject_text} is not for signing",
        )
    return _validity_fault(signer, at)


def path_fault(signer: X509, others: Sequence[X509], anchors: Sequence[X509], at: datetime) -> Text | None:
    """Why no path leads from ``signer`` through ``others`` to one of the trusted ``anchors`` at ``at``, or None."""
    current = signer
    for below in range(_LONGEST_PATH):
        anchor = next((candidate for candidate in anchors if _issued(candidate, current, below)), None)
        if anchor is not None:
            return _validity_fault(anchor, at)
        parent = next((candidate for candidate in others if _issued(candidate, current, below)), None)
        if parent is None or parent.der == current.der:
            break
        fault = _validity_fault(parent, at)
        if fault is not None:
            return fault
        current = parent
    return Text(
        zh=f"证书 {current.subject_text} 不是由所给 CA 签发的（签发者：{current.issuer_text}）",
        en=f"the certificate of {current.subject_text} was not issued by the given CA (issuer: {current.issuer_text})",
    )


def _issued(authority: X509, child: X509, below: int) -> bool:
    """Whether ``authority`` signed ``child``, with ``below`` authorities already under it."""
    return (
        authority.subject == child.issuer
        and authority.is_authority
        and "key_cert_sign" in authority.usages
        and (authority.path_length is None or authority.path_length >= below)
        and (
            None in (identifiers := (authority.key_identifier, child.authority_identifier)) or len({*identifiers}) == 1
        )
        and sm2.verify(authority.point, child.tbs, child.signature)
    )


def _validity_fault(certificate: X509, at: datetime) -> Text | None:
    if certificate.covers(at):
        return None
    span = f"{certificate.not_before:%Y-%m-%d} – {certificate.not_after:%Y-%m-%d}"
    return Text(
        zh=f"证书 {certificate.subject_text} 不在有效期内（{span}）",
        en=f"the certificate of {certificate.subject_text} is not valid at this time ({span})",
    )
