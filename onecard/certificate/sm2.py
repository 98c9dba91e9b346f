"""SM2 signatures with SM3 (GB/T 32918.2, signature form of GB/T 35276) under the default user id 1234567812345678.

Keys and signatures are made by tongsuopy. Signatures are checked by tongsuopy or, where that library has no wheel
(Linux on Arm), by gmssl. A signature is the DER sequence of r and s; a public key is the uncompressed point, 65 bytes
``04 ‖ X ‖ Y``.
"""

import importlib.util
from pathlib import Path
from typing import Any, Final

from asn1crypto.algos import DSASignature
from gmssl import sm2 as gmssl_sm2

from onecard.errors import UserError

_P: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_A: Final = _P - 3
_B: Final = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
_N: Final = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
POINT_LENGTH: Final = 65


class SigningUnavailable(UserError):
    """There is no tongsuopy here: nothing can be signed (exit code 2)."""

    def __init__(self) -> None:
        super().__init__(
            zh="本机没有 tongsuopy，无法生成 SM2 密钥或签名：请在 Linux x86-64、Windows 或 macOS 上进行",
            en="tongsuopy is not installed, so no SM2 key or signature can be made here: "
            "use Linux x86-64, Windows or macOS",
        )


def can_sign() -> bool:
    """Whether SM2 keys and signatures can be made here."""
    return importlib.util.find_spec("tongsuopy") is not None


class PrivateKey:
    """An SM2 private key. ``generate`` or ``load`` one; both raise SigningUnavailable without tongsuopy."""

    def __init__(self, key: Any) -> None:
        self._key = key

    @classmethod
    def generate(cls) -> "PrivateKey":
        """A new key from the operating system's randomness."""
        _require_tongsuo()
        from tongsuopy.crypto.asymciphers import ec

        return cls(ec.generate_private_key(ec.SM2()))

    @classmethod
    def load(cls, path: Path) -> "PrivateKey":
        """The key in a PEM file, unencrypted. Raises UserError naming the file."""
        _require_tongsuo()
        from tongsuopy.crypto import serialization
        from tongsuopy.crypto.asymciphers import ec
        from tongsuopy.crypto.exceptions import InternalError, UnsupportedAlgorithm

        try:
            data = path.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise UserError(zh=f"无法读取私钥 {path}：{reason}", en=f"cannot read the key {path}: {reason}") from error
        try:
            key = serialization.load_pem_private_key(data, None)
        except (ValueError, TypeError, InternalError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SM2):
            raise UserError(
                zh=f"{path} 不是未加密的 SM2 私钥（PEM）", en=f"{path} is not an unencrypted SM2 private key in PEM"
            )
        return cls(key)

    def pem(self) -> bytes:
        """The key as unencrypted PKCS#8 in PEM: a secret."""
        from tongsuopy.crypto import serialization

        pem: bytes = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return pem

    def point(self) -> bytes:
        """The public key, 65 bytes."""
        from tongsuopy.crypto import serialization

        point: bytes = self._key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        return point

    def sign(self, message: bytes) -> bytes:
        """The DER signature of ``message``."""
        from tongsuopy.crypto import hashes
        from tongsuopy.crypto.asymciphers import ec

        signature: bytes = self._key.sign(message, ec.ECDSA(hashes.SM3()))
        return signature


def verify(point: bytes, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` (DER) of ``message`` holds under the key ``point`` (65 bytes)."""
    check = verify_with_tongsuo if can_sign() else verify_with_gmssl
    return check(point, message, signature)


def verify_with_tongsuo(point: bytes, message: bytes, signature: bytes) -> bool:
    """``verify`` by tongsuopy."""
    from tongsuopy.crypto import hashes
    from tongsuopy.crypto.asymciphers import ec
    from tongsuopy.crypto.exceptions import InternalError, InvalidSignature

    if _numbers(signature) is None or not _on_curve(point):
        return False
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SM2(), point)
        key.verify(signature, message, ec.ECDSA(hashes.SM3()))
    except (InvalidSignature, InternalError, ValueError):
        return False
    return True


def verify_with_gmssl(point: bytes, message: bytes, signature: bytes) -> bool:
    """``verify`` by gmssl, which checks neither the range of r and s nor the point: both are checked here."""
    numbers = _numbers(signature)
    if numbers is None or not _on_curve(point):
        return False
    checker = gmssl_sm2.CryptSM2(private_key="", public_key="")
    # The constructor strips every leading 0 and 4 of a key that begins with 04, so the key is put in afterwards.
    checker.public_key = point[1:].hex()
    r, s = numbers
    try:
        return bool(checker.verify_with_sm3(f"{r:064x}{s:064x}", message))
    except TypeError:  # gmssl has no point at infinity: it computes with None
        return False


def _numbers(signature: bytes) -> tuple[int, int] | None:
    """r and s of a strict DER signature, both in 1..n-1; None for anything else."""
    try:
        parsed = DSASignature.load(signature, strict=True)
        r, s = int(parsed["r"]), int(parsed["s"])
        is_der = DSASignature({"r": r, "s": s}).dump() == signature
    except (ValueError, TypeError):
        return None
    return (r, s) if is_der and 0 < r < _N and 0 < s < _N else None


def _on_curve(point: bytes) -> bool:
    if len(point) != POINT_LENGTH or point[0] != 0x04:
        return False
    x, y = int.from_bytes(point[1:33], "big"), int.from_bytes(point[33:], "big")
    return x < _P and y < _P and (y * y - (x * x * x + _A * x + _B)) % _P == 0


def _require_tongsuo() -> None:
    if not can_sign():
        raise SigningUnavailable
