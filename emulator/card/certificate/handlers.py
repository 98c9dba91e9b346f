"""The commands of the certificate application by their ids in the data."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.card.certificate.command import CertificateCommand
from emulator.card.certificate.pairs import (
    CertificateExport,
    CertificateGenerate,
    CertificateImportKey,
    CertificateImportSession,
)
from emulator.card.certificate.proofs import (
    CertificateAuthenticate,
    CertificateChangeKey,
    CertificateChangePin,
    CertificateVerify,
)
from emulator.card.certificate.using import CertificateDigest, CertificateSign, CertificateUnwrap

CERTIFICATE_HANDLERS: Mapping[str, type[CertificateCommand]] = MappingProxyType(
    {
        "CERT-VERIFY": CertificateVerify,
        "CERT-AUTHENTICATE": CertificateAuthenticate,
        "CERT-CHANGE-PIN": CertificateChangePin,
        "CERT-CHANGE-KEY": CertificateChangeKey,
        "CERT-DIGEST": CertificateDigest,
        "CERT-GENERATE": CertificateGenerate,
        "CERT-EXPORT": CertificateExport,
        "CERT-UNWRAP": CertificateUnwrap,
        "CERT-IMPORT-SESSION": CertificateImportSession,
        "CERT-IMPORT-KEY": CertificateImportKey,
        "CERT-SIGN": CertificateSign,
    }
)
