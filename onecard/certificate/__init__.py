"""Certificates: the signed decision about a run, its keys, and challenges."""

from onecard.certificate.challenge import BadChallenge, Challenge, new_challenge, verify_challenge
from onecard.certificate.issue import Issued, NotIssued, issue
from onecard.certificate.keys import KeySet, key_set, make_keys
from onecard.certificate.payload import CertificateClass, CertificateRequest
from onecard.certificate.sm2 import SigningUnavailable, can_sign
from onecard.certificate.verify import CertificateReport, verify_certificate

__all__ = [
    "BadChallenge",
    "CertificateClass",
    "CertificateReport",
    "CertificateRequest",
    "Challenge",
    "Issued",
    "KeySet",
    "NotIssued",
    "SigningUnavailable",
    "can_sign",
    "issue",
    "key_set",
    "make_keys",
    "new_challenge",
    "verify_certificate",
    "verify_challenge",
]
