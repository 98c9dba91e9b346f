"""X.509 certificates with SM2 keys (GB/T 20518; RFC 5280 for the form): built and read by asn1crypto.

Signature algorithm SM2-with-SM3 1.2.156.10197.1.501, curve SM2 1.2.156.10197.1.301 (GB/T 33560).
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from asn1crypto import keys, pem
from asn1crypto import x509 as asn1

from onecard.certificate.sm2 import POINT_LENGTH, PrivateKey
from onecard.errors import UserError
from onecard.evidence.digests import sm3

SM2_CURVE: Final = "1.2.156.10197.1.301"
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"

# Stricter than RFC 7468 asks: one file has one meaning, so a changed byte cannot go unseen.
_PEM: Final = re.compile(rb"-----BEGIN CERTIFICATE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END CERTIFICATE-----")
_KEY_IDENTIFIER_LENGTH: Final = 20
_UNDERSTOOD: Final = frozenset({"basic_constraints", "key_usage"})
"""Critical extensions that the path check honours; any other makes a certificate unusable (RFC 5280 4.2)."""


class BadCertificate(UserError):
    """Not a usable SM2 certificate (exit code 1)."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en, exit_code=1)


@dataclass(frozen=True, slots=True)
class X509:
    """What the path check needs of a certificate; ``subject`` and ``issuer`` are DER, ``point`` is the SM2 key."""

    der: bytes
    tbs: bytes
    signature: bytes
    subject: bytes
    issuer: bytes
    subject_text: str
    issuer_text: str
    not_before: datetime
    not_after: datetime
    point: bytes
    is_authority: bool
    path_length: int | None
    usages: frozenset[str]
    key_identifier: bytes | None
    authority_identifier: bytes | None

    @property
    def is_test(self) -> bool:
        """Whether the certificate or its issuer calls itself a test."""
        return "TEST" in self.subject_text or "TEST" in self.issuer_text

    def covers(self, at: datetime) -> bool:
        """Whether ``at`` lies in the certificate's validity."""
        return self.not_before <= at <= self.not_after


@dataclass(frozen=True, slots=True)
class Identity:
    """A subject that holds a key and may sign certificates of others."""

    name: asn1.Name
    key: PrivateKey


def distinguished_name(common_name: str, organization: str) -> asn1.Name:
    """``C=CN, O=organization, CN=common_name``."""
    return asn1.Name.build(
        {"country_name": "CN", "organization_name": organization, "common_name": common_name}, use_printable=False
    )


def build(
    *, subject: asn1.Name, point: bytes, issuer: Identity, not_before: datetime, not_after: datetime, authority: bool
) -> bytes:
    """The DER of a certificate for ``point``, signed by ``issuer``; an ``authority`` may sign end entities only."""
    extensions: list[dict[str, Any]] = [
        {
            "extn_id": "basic_constraints",
            "critical": True,
            "extn_value": {"ca": True, "path_len_constraint": 0} if authority else {"ca": False},
        },
        {
            "extn_id": "key_usage",
            "critical": True,
            "extn_value": {"key_cert_sign", "crl_sign"} if authority else {"digital_signature", "non_repudiation"},
        },
        {"extn_id": "key_identifier", "critical": False, "extn_value": _key_identifier(point)},
        {
            "extn_id": "authority_key_identifier",
            "critical": False,
            "extn_value": {"key_identifier": _key_identifier(issuer.key.point())},
        },
    ]
    algorithm = {"algorithm": SM2_WITH_SM3}
    tbs = asn1.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(126) | 1 << 126,
            "signature": algorithm,
            "issuer": issuer.name,
            "validity": {"not_before": {"utc_time": not_before}, "not_after": {"utc_time": not_after}},
            "subject": subject,
            "subject_public_key_info": _public_key_info(point),
            "extensions": extensions,
        }
    )
    certificate = asn1.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": algorithm,
            "signature_value": issuer.key.sign(tbs.dump()),
        }
    )
    der: bytes = certificate.dump()
    return der


def public_key_pem(point: bytes) -> bytes:
    """The public key as SubjectPublicKeyInfo in PEM, as ``openssl dgst -verify`` takes it."""
    return to_pem("PUBLIC KEY", _public_key_info(point).dump())


def to_pem(label: str, der: bytes) -> bytes:
    """``der`` in PEM under ``label``."""
    armoured: bytes = pem.armor(label, der)
    return armoured


def read_certificates(path: Path) -> tuple[X509, ...]:
    """All certificates in a PEM file, at least one. Raises UserError (unreadable, exit code 2) or BadCertificate."""
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise UserError(
            zh=f"无法读取证书 {path}：{reason}", en=f"cannot read certificates in {path}: {reason}"
        ) from error
    blocks = _PEM.findall(data)
    if not blocks or len(blocks) != data.count(b"-----BEGIN CERTIFICATE-----"):
        raise BadCertificate(
            zh=f"{path} 中没有 PEM 证书，或证书的 PEM 有误",
            en=f"there is no PEM certificate in {path}, or it is malformed",
        )
    return tuple(_read(block, path) for block in blocks)


def _base64(block: bytes) -> bytes:
    """The bytes of a PEM body; ValueError for a text that is not their only base64 form."""
    text = block.replace(b"\r", b"").replace(b"\n", b"")
    der = base64.b64decode(text, validate=True)
    if base64.b64encode(der) != text:
        raise ValueError("not canonical base64")
    return der


def _read(block: bytes, path: Path) -> X509:
    try:
        return _parse(_base64(block))
    except BadCertificate:
        raise
    except (ValueError, TypeError, KeyError) as error:
        # ValueError also from base64; asn1crypto parses lazily and reports malformed input in these three ways.
        raise BadCertificate(
            zh=f"{path} 中有无法解析的证书（{error}）", en=f"a certificate in {path} is malformed ({error})"
        ) from error


def _parse(der: bytes) -> X509:
    certificate = asn1.Certificate.load(der, strict=True)
    tbs = certificate["tbs_certificate"]
    for algorithm in (certificate["signature_algorithm"], tbs["signature"]):
        if algorithm["algorithm"].native != SM2_WITH_SM3:
            raise BadCertificate(
                zh="证书不是 SM2 签名（SM2-with-SM3）", en="the certificate is not signed with SM2 and SM3"
            )
    for extension in tbs["extensions"]:
        name = extension["extn_id"].native
        if extension["critical"].native and name not in _UNDERSTOOD:
            raise BadCertificate(
                zh=f"证书含有不认识的关键扩展 {name}",
                en=f"the certificate has a critical extension not known here: {name}",
            )
    constraints = certificate.basic_constraints_value
    usages = certificate.key_usage_value
    authority = certificate.authority_key_identifier_value
    return X509(
        der=der,
        tbs=tbs.dump(),
        signature=certificate["signature_value"].native,
        subject=tbs["subject"].dump(),
        issuer=tbs["issuer"].dump(),
        subject_text=tbs["subject"].human_friendly,
        issuer_text=tbs["issuer"].human_friendly,
        not_before=tbs["validity"]["not_before"].native,
        not_after=tbs["validity"]["not_after"].native,
        point=_point(tbs["subject_public_key_info"]),
        is_authority=constraints is not None and bool(constraints["ca"].native),
        path_length=None if constraints is None else constraints["path_len_constraint"].native,
        usages=frozenset() if usages is None else frozenset(usages.native),
        key_identifier=None if certificate.key_identifier_value is None else certificate.key_identifier_value.native,
        authority_identifier=None if authority is None else authority["key_identifier"].native,
    )


def _point(info: keys.PublicKeyInfo) -> bytes:
    algorithm = info["algorithm"]
    curve = algorithm["parameters"].native if algorithm["algorithm"].native == "ec" else None
    point: bytes = info["public_key"].native if curve == SM2_CURVE else b""
    if len(point) != POINT_LENGTH:
        raise BadCertificate(zh="证书中的公钥不是 SM2 公钥", en="the public key in the certificate is not an SM2 key")
    return point


def _public_key_info(point: bytes) -> keys.PublicKeyInfo:
    parameters = keys.ECDomainParameters(name="named", value=keys.NamedCurve(SM2_CURVE))
    return keys.PublicKeyInfo(
        {
            "algorithm": {"algorithm": "ec", "parameters": parameters},
            "public_key": keys.ECPointBitString(point),
        }
    )


def _key_identifier(point: bytes) -> bytes:
    return sm3(point)[:_KEY_IDENTIFIER_LENGTH]
