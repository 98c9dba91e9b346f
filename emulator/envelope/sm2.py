"""SM2 signatures under any user id, GB/T 32918.2-2016: tongsuopy signs the digest SM3(Z, message) by its low level.

Keys: D of 32 bytes, a public key x then y of 64 bytes. A signature is r then s, 64 bytes, all big-endian. Where
tongsuopy has no wheel (Linux on Arm) gmssl does the arithmetic.
"""

import importlib.util
import secrets
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from asn1crypto import core
from asn1crypto.algos import DSASignature

from emulator.codec import ber_tlv
from emulator.crypto import sm3, xor

R = TypeVar("R")

DEFAULT_ID: Final = b"1234567812345678"
"""The user identity that GM/T 0009 sets when nothing else is agreed."""

_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
ORDER: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
"""Order of the curve's base point."""
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

    def decrypt(self, private: bytes, point: bytes, digest: bytes, enciphered: bytes) -> bytes | None: ...


class PrivateKey:
    """A private key of 32 bytes. Raises BadKey."""

    def __init__(self, private: bytes) -> None:
        if len(private) != 32 or not 0 < int.from_bytes(private, "big") < ORDER - 1:
            raise BadKey("a private key has 32 bytes and lies in 1 to n - 2")
        self.octets = private
        self.public = PublicKey(_ENGINE.public(private))

    def sign(self, message: bytes, identity: bytes = DEFAULT_ID) -> bytes:
        """The signature of ``message`` under the user id ``identity``; every call draws another k."""
        return _ENGINE.sign(self.octets, self.public.digest(message, identity))

    def sign_digest(self, digest: bytes, k: bytes) -> bytes:
        """The signature of 32 bytes under ``k`` (32 bytes, secret, never used twice). Raises BadKey."""
        d, number = int.from_bytes(self.octets, "big"), int.from_bytes(k, "big")
        r = (int.from_bytes(digest, "big") + int.from_bytes(PrivateKey(k).public.octets[:32], "big")) % ORDER
        s = pow(1 + d, -1, ORDER) * (number - r * d) % ORDER
        if r == 0 or r + number == ORDER or s == 0:
            raise BadKey("this k gives no signature")
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def decrypt(self, point: bytes, digest: bytes, enciphered: bytes) -> bytes | None:
        """The plain text of a ciphertext C1 (x then y), C3 (32 bytes) and C2; None where they do not agree."""
        try:
            PublicKey(point)
        except BadKey:
            return None
        return _ENGINE.decrypt(self.octets, point, digest, enciphered)


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
        if len(signature) != 64 or not (0 < r < ORDER and 0 < s < ORDER):
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

    def decrypt(self, private: bytes, point: bytes, digest: bytes, enciphered: bytes) -> bytes | None:
        from tongsuopy.crypto.asymciphers import ec

        key = ec.derive_private_key(int.from_bytes(private, "big"), ec.SM2())
        backend = key._backend
        # SM2Cipher of GM/T 0009: x, y, hash, cipher.
        numbers = [core.Integer(int.from_bytes(half, "big")) for half in (point[:32], point[32:])]
        parts = [*numbers, core.OctetString(digest), core.OctetString(enciphered)]
        der = ber_tlv(0x30, b"".join(part.dump() for part in parts))

        def deciphered(context: Any) -> bytes | None:
            length = backend._ffi.new("size_t *", len(der))
            buffer = backend._ffi.new("unsigned char[]", len(der))
            backend.openssl_assert(backend._lib.EVP_PKEY_decrypt_init(context) == 1)
            right = backend._lib.EVP_PKEY_decrypt(context, buffer, length, der, len(der)) == 1
            backend._consume_errors()
            return bytes(backend._ffi.buffer(buffer)[: length[0]]) if right else None

        return _with_context(key, deciphered)


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
            k = secrets.randbelow(ORDER - 1) + 1
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

    def decrypt(self, private: bytes, point: bytes, digest: bytes, enciphered: bytes) -> bytes | None:
        shared = bytes.fromhex(self._engine("")._kg(int.from_bytes(private, "big"), point.hex()))
        stream = b"".join(sm3(shared + count.to_bytes(4, "big")) for count in range(1, len(enciphered) // 32 + 2))
        plain = xor(enciphered, stream[: len(enciphered)])
        return plain if sm3(shared[:32] + plain + shared[32:]) == digest else None

    def _engine(self, private: str) -> Any:
        from gmssl.sm2 import CryptSM2

        return CryptSM2(private_key=private, public_key="")


_ENGINE: Final[_Engine] = _Tongsuo() if importlib.util.find_spec("tongsuopy") is not None else _Gmssl()
