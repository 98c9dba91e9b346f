"""Certificates of the reference card: X.509 with SM2 keys (GB/T 20518), issued by a test authority of its own.

Written in DER by hand: thousands of cards are personalised at a time, and a library takes ten milliseconds for each.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from asn1crypto.core import Integer, ObjectIdentifier

from emulator.crypto import sm3
from emulator.envelope.sm2 import PrivateKey, PublicKey

SM2_CURVE = "1.2.156.10197.1.301"
SM2_WITH_SM3 = "1.2.156.10197.1.501"
EC_PUBLIC_KEY = "1.2.840.10045.2.1"
COUNTRY, COMMON_NAME = "2.5.4.6", "2.5.4.3"
BASIC_CONSTRAINTS, KEY_USAGE = "2.5.29.19", "2.5.29.15"
ISSUER = "OneCard TEST card authority"
NOT_BEFORE, NOT_AFTER = b"200101000000Z", b"450101000000Z"
USES: Mapping[str, bytes] = MappingProxyType({"signature": b"\x06\xc0", "encryption": b"\x04\x30"})
"""Key usage by the use of the pair, as bit string (unused bits first): digital signature and non-repudiation; key and
data encipherment.
"""

BOOLEAN, BIT_STRING, OCTET_STRING = 0x01, 0x03, 0x04
UTF8_STRING, PRINTABLE_STRING, UTC_TIME = 0x0C, 0x13, 0x17
SEQUENCE, SET, VERSION, EXTENSIONS = 0x30, 0x31, 0xA0, 0xA3
TRUE = b"\xff"
V3 = 2
SERIAL_BYTES = 15


def certificate(public: PublicKey, holder: str, use: str, issuer: PrivateKey) -> bytes:
    """The DER of a certificate for ``public``, of a key pair for ``use`` (signature or encryption).

    The serial number comes from the key.
    """
    algorithm = _der(SEQUENCE, _oid(SM2_WITH_SM3))
    tbs = _der(
        SEQUENCE,
        _der(VERSION, _integer(V3)),
        _integer(int.from_bytes(sm3(public.octets)[:SERIAL_BYTES], "big")),
        algorithm,
        _name(ISSUER),
        _der(SEQUENCE, _der(UTC_TIME, NOT_BEFORE), _der(UTC_TIME, NOT_AFTER)),
        _name(holder),
        _public_key(public),
        _der(EXTENSIONS, _der(SEQUENCE, _extension(BASIC_CONSTRAINTS, _der(SEQUENCE)), _key_usage(use))),
    )
    signature = issuer.sign(tbs)
    numbers = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    return _der(SEQUENCE, tbs, algorithm, _bits(_der(SEQUENCE, *map(_integer, numbers))))


def _der(tag: int, *parts: bytes) -> bytes:
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(octets))) + octets + content


@lru_cache(maxsize=16)
def _oid(dotted: str) -> bytes:
    return bytes(ObjectIdentifier(dotted).dump())


def _integer(value: int) -> bytes:
    return bytes(Integer(value).dump())


def _bits(content: bytes) -> bytes:
    return _der(BIT_STRING, b"\x00", content)


def _name(common_name: str) -> bytes:
    country = _der(SEQUENCE, _oid(COUNTRY), _der(PRINTABLE_STRING, b"CN"))
    common = _der(SEQUENCE, _oid(COMMON_NAME), _der(UTF8_STRING, common_name.encode()))
    return _der(SEQUENCE, _der(SET, country), _der(SET, common))


def _public_key(public: PublicKey) -> bytes:
    return _der(SEQUENCE, _der(SEQUENCE, _oid(EC_PUBLIC_KEY), _oid(SM2_CURVE)), _bits(b"\x04" + public.octets))


def _extension(name: str, value: bytes) -> bytes:
    return _der(SEQUENCE, _oid(name), _der(BOOLEAN, TRUE), _der(OCTET_STRING, value))


def _key_usage(use: str) -> bytes:
    # Data may be altered to name another use: then the certificate allows none.
    return _extension(KEY_USAGE, _der(BIT_STRING, USES.get(use, b"\x00")))
