"""Certificates of the reference card: X.509 with SM2 keys (GB/T 20518), issued by a test authority of its own."""

from datetime import UTC, datetime
from typing import Any

from asn1crypto import keys
from asn1crypto import x509 as asn1
from asn1crypto.algos import DSASignature

from emulator.crypto import sm3
from emulator.envelope.sm2 import PrivateKey, PublicKey

SM2_CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
ISSUER = "OneCard TEST card authority"
NOT_BEFORE, NOT_AFTER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2045, 1, 1, tzinfo=UTC)
USES = {
    "signature": {"digital_signature", "non_repudiation"},
    "encryption": {"key_encipherment", "data_encipherment"},
}
"""Key usage by the use of the pair."""


def certificate(public: PublicKey, holder: str, use: str, issuer: PrivateKey) -> bytes:
    """The DER of a certificate for ``public``, of a key pair for ``use`` (signature or encryption).

    The serial number comes from the key.
    """
    algorithm = {"algorithm": SM2_WITH_SM3}
    extensions: list[dict[str, Any]] = [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
        {"extn_id": "key_usage", "critical": True, "extn_value": USES.get(use, set())},
    ]
    tbs = asn1.TbsCertificate(
        {
            "version": "v3",
            "serial_number": int.from_bytes(sm3(public.octets)[:15], "big"),
            "signature": algorithm,
            "issuer": _name(ISSUER),
            "validity": {"not_before": {"utc_time": NOT_BEFORE}, "not_after": {"utc_time": NOT_AFTER}},
            "subject": _name(holder),
            "subject_public_key_info": _public_key(public),
            "extensions": extensions,
        }
    )
    signature = issuer.sign(tbs.dump())
    numbers = {"r": int.from_bytes(signature[:32], "big"), "s": int.from_bytes(signature[32:], "big")}
    der: bytes = asn1.Certificate(
        {
            "tbs_certificate": tbs,
            "signature_algorithm": algorithm,
            "signature_value": DSASignature(numbers).dump(),
        }
    ).dump()
    return der


def _name(common_name: str) -> asn1.Name:
    return asn1.Name.build({"country_name": "CN", "common_name": common_name}, use_printable=False)


def _public_key(public: PublicKey) -> keys.PublicKeyInfo:
    parameters = keys.ECDomainParameters(name="named", value=keys.NamedCurve(SM2_CURVE))
    return keys.PublicKeyInfo(
        {
            "algorithm": {"algorithm": "ec", "parameters": parameters},
            "public_key": keys.ECPointBitString(b"\x04" + public.octets),
        }
    )
