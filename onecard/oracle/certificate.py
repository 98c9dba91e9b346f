"""The certificate application: proofs of PINs and keys, secured changes, public keys and certificates.

Source: two published personalisation programs (the standard's text is not public); X.509 with SM2 by GB/T 20518.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from asn1crypto import x509 as asn1
from asn1crypto.algos import DSASignature

from onecard.oracle.blocks import Algorithm, cbc_last_block, ecb_encrypt, encrypt_block, pad_80, xor
from onecard.oracle.codec import bcd_encode
from onecard.oracle.errors import DecodeError
from onecard.oracle.sm2 import DEFAULT_ID, PublicKey, verify
from onecard.oracle.sm3 import sm3

BLOCK: Final = 16
POINT_LENGTH: Final = 64
SM2_CURVE: Final = "1.2.156.10197.1.301"
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"


class WrongPublicKey(DecodeError):
    """A public key file that does not end in 64 bytes of a point behind its header."""


class WrongCertificate(DecodeError):
    """Not an X.509 certificate with an SM2 key, signed with SM2 and SM3."""


def pin_key(digits: str, length: int = BLOCK) -> bytes:
    """The key that proves a PIN: the first bytes of the SM3 of its BCD, two digits a byte."""
    return sm3(bcd_encode(digits, (len(digits) + 1) // 2))[:length]


def proof(key: bytes, challenge: bytes) -> bytes:
    """The challenge, filled with 00 to 16 bytes, enciphered with SM4."""
    return encrypt_block(Algorithm.SM4, key, challenge.ljust(BLOCK, b"\x00"))


def secured(key: bytes, challenge: bytes, header: bytes, plain: bytes) -> bytes:
    """Data of a change: ``plain`` padded with 80 00 … and enciphered block by block, then a MAC of 4 bytes.

    ``header``: CLA INS P1 P2; Lc counts the MAC. The MAC is CBC from the challenge (filled with 00) on, over header and
    ciphertext padded with 80 00 …, its last block folded by exclusive or of its words.
    """
    enciphered = ecb_encrypt(Algorithm.SM4, key, pad_80(Algorithm.SM4, plain))
    covered = header + bytes((len(enciphered) + 4,)) + enciphered
    last = cbc_last_block(Algorithm.SM4, key, challenge.ljust(BLOCK, b"\x00"), pad_80(Algorithm.SM4, covered))
    return enciphered + xor(xor(last[:4], last[4:8]), xor(last[8:12], last[12:]))


def data_object(tag: int, value: bytes, *, long: bool = False) -> bytes:
    """An object of command data: tag, length in one byte (``long``: 82 and two), value."""
    return bytes((tag,)) + (b"\x82" + len(value).to_bytes(2) if long else bytes((len(value),))) + value


def public_key(octets: bytes) -> PublicKey:
    """The point of a public key file: X and Y behind a header of two bytes of any value.

    Raises WrongPublicKey for another length, NotAPoint for bytes that are none.
    """
    header = len(octets) - POINT_LENGTH
    if header != 2:
        raise WrongPublicKey(
            offset=0,
            zh=f"公钥文件应为 2 字节头与 64 字节公钥，实为 {len(octets)} 字节",
            en=f"a public key file has a header of two bytes and 64 bytes of key, this one {len(octets)} bytes",
        )
    return PublicKey(octets[header : header + 32], octets[header + 32 :])


@dataclass(frozen=True, slots=True)
class CardCertificate:
    """What a certificate file holds: key, validity (UTC), names as text; ``signed`` and ``signature`` (r then s)."""

    key: PublicKey
    not_before: datetime
    not_after: datetime
    subject: str
    issuer: str
    signed: bytes
    signature: bytes

    def issued_by(self, issuer: PublicKey) -> bool:
        """Whether ``issuer`` signed it (SM2 with SM3, default identity)."""
        return verify(issuer, self.signed, DEFAULT_ID, self.signature)


def card_certificate(octets: bytes) -> CardCertificate:
    """The certificate at the beginning of a file; what follows it is filling. Raises WrongCertificate."""
    try:
        return _certificate(asn1.Certificate.load(_der(octets), strict=True))
    except WrongCertificate:
        raise
    except (ValueError, TypeError, KeyError) as error:
        # asn1crypto parses lazily and reports malformed input in these three ways.
        raise WrongCertificate(
            offset=0, zh=f"不是 X.509 证书（{error}）", en=f"this is no X.509 certificate ({error})"
        ) from None


def _der(octets: bytes) -> bytes:
    if octets[:1] != b"\x30" or len(octets) < 4 or octets[1] not in (0x81, 0x82):
        raise WrongCertificate(offset=0, zh="文件不以 DER 证书开头", en="the file begins with no DER certificate")
    count = octets[1] & 0x0F
    end = 2 + count + int.from_bytes(octets[2 : 2 + count])
    if end > len(octets):
        raise WrongCertificate(offset=2, zh="证书被截断", en="the certificate is cut")
    return octets[:end]


def _certificate(found: asn1.Certificate) -> CardCertificate:
    tbs = found["tbs_certificate"]
    for place in (found["signature_algorithm"], tbs["signature"]):
        if place["algorithm"].native != SM2_WITH_SM3:
            raise WrongCertificate(offset=0, zh="证书不是 SM2 签名", en="the certificate is not signed with SM2")
    info = tbs["subject_public_key_info"]
    curve = info["algorithm"]["parameters"].native if info["algorithm"]["algorithm"].native == "ec" else None
    point = info["public_key"].native
    if curve != SM2_CURVE or len(point) != 1 + POINT_LENGTH or point[0] != 0x04:
        raise WrongCertificate(offset=0, zh="证书中的公钥不是 SM2 公钥", en="the key in the certificate is no SM2 key")
    numbers = DSASignature.load(found["signature_value"].native, strict=True)
    return CardCertificate(
        key=PublicKey(point[1:33], point[33:]),
        not_before=tbs["validity"]["not_before"].native,
        not_after=tbs["validity"]["not_after"].native,
        subject=tbs["subject"].human_friendly,
        issuer=tbs["issuer"].human_friendly,
        signed=tbs.dump(),
        signature=b"".join(int(numbers[name]).to_bytes(32) for name in ("r", "s")),
    )
