"""SM2 signatures over the recommended curve, GB/T 32918.2-2016 with the parameters of GB/T 32918.5-2017.

gmssl signs and verifies given digests only with its default identity, checks no range and no point, and loses leading
digits 0 and 4 of a public key: digest, ranges and point are therefore formed and checked here.
"""

from dataclasses import dataclass
from typing import Final

from gmssl.sm2 import CryptSM2, default_ecc_table

from onecard.oracle.errors import ComputationError
from onecard.oracle.sm3 import sm3

DEFAULT_ID: Final = b"1234567812345678"
"""The user identity that GM/T 0009 sets when nothing else is agreed."""

_N: Final = int(default_ecc_table["n"], 16)
_P: Final = int(default_ecc_table["p"], 16)
_A: Final = int(default_ecc_table["a"], 16)
_B: Final = int(default_ecc_table["b"], 16)
_CURVE: Final = bytes.fromhex(default_ecc_table["a"] + default_ecc_table["b"] + default_ecc_table["g"])


class NotAPoint(ComputationError):
    """The public key is no point of the curve."""


class UnusableScalar(ComputationError):
    """A private key or a k outside its range, or a k that the standard tells to draw again."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A point of the curve: ``x`` and ``y`` of 32 bytes each, big-endian. Raises NotAPoint."""

    x: bytes
    y: bytes

    def __post_init__(self) -> None:
        x, y = int.from_bytes(self.x), int.from_bytes(self.y)
        in_range = len(self.x) == len(self.y) == 32 and x < _P and y < _P
        if not in_range or (y * y - (x * x * x + _A * x + _B)) % _P:
            raise NotAPoint(zh="公钥不是 SM2 推荐曲线上的点", en="the public key is no point of the SM2 curve")

    @property
    def octets(self) -> bytes:
        """x then y, 64 bytes."""
        return self.x + self.y


def identity_digest(public_key: PublicKey, identity: bytes) -> bytes:
    """Z (32 bytes): SM3 over the identity's bit length (2 bytes), the identity, a, b, G and the public key."""
    return sm3((8 * len(identity)).to_bytes(2) + identity + _CURVE + public_key.octets)


def message_digest(public_key: PublicKey, message: bytes, identity: bytes) -> bytes:
    """The 32 bytes that are signed: SM3(Z, message)."""
    return sm3(identity_digest(public_key, identity) + message)


def _engine(private_key: str, public_key: PublicKey | None) -> CryptSM2:
    engine = CryptSM2(private_key=private_key, public_key="")
    engine.public_key = "" if public_key is None else public_key.octets.hex()
    return engine


def public_key_of(private_key: bytes) -> PublicKey:
    """The point that belongs to a 32-byte private key. Raises UnusableScalar."""
    d = _scalar(private_key, _N - 1)
    point = bytes.fromhex(_engine("", None)._kg(d, default_ecc_table["g"]))
    return PublicKey(point[:32], point[32:])


def _scalar(octets: bytes, bound: int) -> int:
    value = int.from_bytes(octets)
    if len(octets) != 32 or not 1 <= value < bound:
        raise UnusableScalar(zh="标量不在允许范围内", en="the scalar is outside its range")
    return value


def sign(private_key: bytes, message: bytes, identity: bytes, k: bytes) -> bytes:
    """r then s, 32 bytes each, big-endian.

    ``k``: 32 bytes, secret and drawn anew from a cryptographic source for every signature: whoever learns it learns the
    private key. Raises UnusableScalar when ``k`` gives r = 0, r + k = n or s = 0: draw another.
    """
    public_key = public_key_of(private_key)
    _scalar(k, _N)
    digest = message_digest(public_key, message, identity)
    signature = _engine(private_key.hex(), public_key).sign(digest, k.hex())
    if signature is None:
        raise UnusableScalar(zh="该 k 不可用，应重新取值", en="this k cannot be used, draw another")
    return bytes.fromhex(str(signature))


def verify(public_key: PublicKey, message: bytes, identity: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (r then s, 64 bytes) is right. A signature of another length is wrong, not an error."""
    return verify_digest(public_key, message_digest(public_key, message, identity), signature)


def verify_digest(public_key: PublicKey, digest: bytes, signature: bytes) -> bool:
    """As ``verify``, over the 32 bytes that were signed."""
    r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
    if len(signature) != 64 or not (0 < r < _N and 0 < s < _N) or (r + s) % _N == 0:
        return False
    try:
        return bool(_engine("", public_key).verify(signature.hex(), digest))
    except TypeError:
        # gmssl fails so when sG + tP is the point at infinity, which has no x and fits no r.
        return False


def encrypt(public_key: PublicKey, message: bytes, k: bytes) -> bytes:
    """C1 (x then y, 64 bytes), C3 (32 bytes), C2 (as long as ``message``), GB/T 32918.4-2016.

    ``k``: 32 bytes, secret and drawn anew for every message. Raises UnusableScalar for a k out of range.
    """
    number = _scalar(k, _N)
    engine = _engine("", None)
    shared = bytes.fromhex(engine._kg(number, public_key.octets.hex()))
    stream = b"".join(sm3(shared + count.to_bytes(4)) for count in range(1, len(message) // 32 + 2))
    enciphered = bytes(left ^ right for left, right in zip(message, stream, strict=False))
    return (
        bytes.fromhex(engine._kg(number, default_ecc_table["g"]))
        + sm3(shared[:32] + message + shared[32:])
        + enciphered
    )
