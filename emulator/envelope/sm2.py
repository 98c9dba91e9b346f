"""SM2 signatures under any user id, GB/T 32918.2-2016: tongsuopy signs the digest SM3(Z, message) by its low level.

Keys: D of 32 bytes, a public key x then y of 64 bytes. A signature is r then s, 64 bytes, all big-endian. Where
tongsuopy has no wheel (Linux on Arm) gmssl does the arithmetic.
"""

import importlib.util
import secrets
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from asn1crypto.algos import DSASignature

from emulator.crypto import sm3

R = TypeVar("R")

DEFAULT_ID: Final = b"1234567812345678"
"""The user identity that GM/T 0009 sets when nothing else is agreed."""

_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
_G: Final = bytes.fromhex(
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"
)
_CURVE: Final = _A.to_bytes(32, "big") + _B.to_bytes(32, "big") + _G


class BadKey(ValueError):
    """A private key outside 1 to n - 2, or a public key that is no point of the curve."""


class _Engine(Protocol):
    """Signs and verifies digests of 32 bytes."""

    def sign(self, private: bytes, digest: bytes) -> bytes: ...

    def verify(self, public: bytes, digest: bytes, signature: bytes) -> bool: ...

    def public(self, private: bytes) -> bytes: ...


class PrivateKey:
    """A private key of 32 bytes. Raises BadKey."""

    def __init__(self, private: bytes) -> None:
        if len(private) != 32 or not 0 < int.from_bytes(private, "big") < _N - 1:
            raise BadKey("a private key has 32 bytes and lies in 1 to n - 2")
        self.octets = private
        self.public = PublicKey(_ENGINE.public(private))

    def sign(self, message: bytes, identity: bytes = DEFAULT_ID) -> bytes:
        """The signature of ``message`` under the user id ``identity``; every call draws another k."""
        return _ENGINE.sign(self.octets, self.public.digest(message, identity))


class PublicKey:
    """A public key, x then y. Raises BadKey."""

    def __init__(self, point: bytes) -> None:
        x, y = int.from_bytes(point[:32], "big"), int.from_bytes(point[32:], "big")
        if len(point) != 64 or x >= _P or y >= _P or (y * y - (x * x * x + _A * x + _B)) % _P:
            raise BadKey("a public key is a point of the SM2 curve, 64 bytes")
        self.octets = point

    def digest(self, message: bytes, identity: bytes) -> bytes:
        """SM3(Z, message), Z over the identity's bit length, the identity, the curve and this point."""
        z = sm3((8 * len(identity)).to_bytes(2, "big") + identity + _CURVE + self.octets)
        return sm3(z + message)

    def verify(self, message: bytes, signature: bytes, identity: bytes = DEFAULT_ID) -> bool:
        """Whether the signature holds; one of another length or with r or s out of range does not."""
        r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        if len(signature) != 64 or not (0 < r < _N and 0 < s < _N):
            return False
        return _ENGINE.verify(self.octets, self.digest(message, identity), signature)


class _Tongsuo:
    """The arithmetic by tongsuopy."""

    def sign(self, private: bytes, digest: bytes) -> bytes:
        from tongsuopy.crypto.asymciphers import ec

        key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SM2())
        backend = key._backend

        def signed(context: Any) -> bytes:
            length = backend._ffi.new("size_t *", 128)
            buffer = backend._ffi.new("unsigned char[]", length[0])
            backend.openssl_assert(
                backend._lib.EVP_PKEY_sign_init(context) == 1
                and backend._lib.EVP_PKEY_sign(context, buffer, length, digest, len(digest)) == 1
            )
            return bytes(backend._ffi.buffer(buffer)[: length[0]])

        numbers = DSASignature.load(_with_context(key, signed), strict=True)
        return b"".join(int(numbers[name]).to_bytes(32, "big") for name in ("r", "s"))

    def verify(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        from tongsuopy.crypto.asymciphers import ec

        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SM2(), b"\x04" + public)
        backend = key._backend
        der = DSASignature(
            {"r": int.from_bytes(signature[:32], "big"), "s": int.from_bytes(signature[32:], "big")}
        ).dump()

        def holds(context: Any) -> bool:
            backend.openssl_assert(backend._lib.EVP_PKEY_verify_init(context) == 1)
            right: bool = backend._lib.EVP_PKEY_verify(context, der, len(der), digest, len(digest)) == 1
            backend._consume_errors()
            return right

        return _with_context(key, holds)

    def public(self, private: bytes) -> bytes:
        from tongsuopy.crypto.asymciphers import ec

        numbers = ec.derive_private_key(int.from_bytes(private, "big"), ec.SM2()).public_key().public_numbers()
        return bytes(numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big"))


def _with_context(key: Any, use: Callable[[Any], R]) -> R:
    backend = key._backend
    context = backend._lib.EVP_PKEY_CTX_new(key._evp_pkey, backend._ffi.NULL)
    try:
        return use(context)
    finally:
        backend._lib.EVP_PKEY_CTX_free(context)


class _Gmssl:
    """The arithmetic by gmssl, which signs and verifies digests in hexadecimal."""

    def sign(self, private: bytes, digest: bytes) -> bytes:
        signature = None
        while signature is None:
            k = secrets.randbelow(_N - 1) + 1
            signature = self._engine(private.hex()).sign(digest, f"{k:064x}")
        return bytes.fromhex(str(signature))

    def verify(self, public: bytes, digest: bytes, signature: bytes) -> bool:
        engine = self._engine("")
        # The constructor strips leading digits 0 and 4 of a key, so the key is put in afterwards.
        engine.public_key = public.hex()
        try:
            return bool(engine.verify(signature.hex(), digest))
        except TypeError:  # gmssl has no point at infinity: it computes with None
            return False

    def public(self, private: bytes) -> bytes:
        return bytes.fromhex(self._engine("")._kg(int.from_bytes(private, "big"), _G.hex()))

    def _engine(self, private: str) -> Any:
        from gmssl.sm2 import CryptSM2

        return CryptSM2(private_key=private, public_key="")


_ENGINE: Final[_Engine] = _Tongsuo() if importlib.util.find_spec("tongsuopy") is not None else _Gmssl()
