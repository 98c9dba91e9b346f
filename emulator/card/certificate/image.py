"""What the certificate application keeps without supply, beside its transparent files."""

from dataclasses import dataclass


@dataclass(slots=True)
class CertificateImage:
    """``pins`` in BCD, their limits and the tries left, by the id of the PIN; private keys (32 bytes) by file id."""

    pins: dict[str, bytes]
    limits: dict[str, int]
    tries: dict[str, int]
    private: dict[str, bytes]
