"""Sealing: secrets and personal data stay in the evidence as a commitment and authenticated ciphertext.

The bundle's key is 32 random bytes that the tester keeps; it never derives from the nonce, which is public. Two keys
are derived from it: one for the boxes, one for digests of judged values. A box is
``01 ‖ nonce (12) ‖ SM4-GCM(salt (32) ‖ plain) ‖ tag (16)`` in base64, the commitment ``SM3(salt ‖ plain)``: without
the key nothing is learnt of a short value such as a PIN, with it the tester can show what was there and cannot show
anything else. Basis: profile (no public text says how a tester keeps such data).
"""

import base64
import os
import re
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from onecard.errors import UserError
from onecard.evidence.canonical import JsonObject
from onecard.evidence.digests import HMAC_SM3_PREFIX, hmac_sm3, same, sm3_name

KEY_LENGTH: Final = 32
"""Length of the bundle's key in bytes."""

MASK: Final = "__"
"""Stands for one sealed byte in a hex string."""

Region = tuple[int, int]
"""Byte offsets, the end exclusive."""

_FORM: Final = re.compile(r"(?:[0-9A-F]{2}|__)*")
_PAIR: Final = re.compile(r"(?s)..?")

_VERSION: Final = b"\x01"
_NONCE: Final = 12
_SALT: Final = 32
_TAG: Final = 16
_CONTEXT: Final = b"onecard evidence "


class SealError(UserError):
    """A box does not open, or what is in it is not what was committed to (exit code 1)."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(zh=zh, en=en, exit_code=1)


class StillSealed(UserError):
    """The value is sealed and there is no key: what depends on it cannot be decided (exit code 3)."""

    def __init__(self) -> None:
        super().__init__(
            zh="该数据已密封，没有密钥无法判定：请用 --unseal 给出密钥文件",
            en="this value is sealed and cannot be judged without the key: give the key file with --unseal",
            exit_code=3,
        )


class WrongKey(UserError):
    """The key is not the one this bundle was sealed with (exit code 2)."""


class Sealing(Protocol):
    """How a run treats sensitive bytes."""

    def mask(self, data: bytes, regions: Iterable[Region], context: str = "") -> tuple[str, list[JsonObject]]:
        """``data`` in upper-case hex with the bytes of ``regions`` as ``__``, and a seal for each region."""

    def restore(self, masked: str, sealed: Sequence[JsonObject], context: str = "") -> bytes:
        """The bytes that ``mask`` took; raises SealError, or StillSealed without a key."""

    def judged_digest(self, data: bytes) -> str:
        """A digest of a judged value that gives nothing away about a sealed one."""

    def commit(self, text: bytes, context: str) -> JsonObject:
        """How the header states a document such as the IXIT."""

    def describe(self) -> JsonObject:
        """What the header says of the sealing."""


class Sealer:
    """Seals under one bundle's key (32 bytes)."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_LENGTH:
            raise ValueError(f"the key of a bundle has {KEY_LENGTH} bytes")
        self._box_key = hmac_sm3(key, _CONTEXT + b"box")[:16]
        self._digest_key = hmac_sm3(key, _CONTEXT + b"judged")
        self._key_check = HMAC_SM3_PREFIX + hmac_sm3(key, _CONTEXT + b"key check").hex()
        _require_sm4_gcm()

    def seal(self, plain: bytes, context: str) -> JsonObject:
        """``{"box", "commitment"}`` of ``plain``; ``context`` must be the same when it is opened."""
        salt = os.urandom(_SALT)
        nonce = os.urandom(_NONCE)
        encryptor = Cipher(algorithms.SM4(self._box_key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(context.encode("utf-8"))
        cipher = encryptor.update(salt + plain) + encryptor.finalize()
        box = _VERSION + nonce + cipher + encryptor.tag
        return {"box": base64.b64encode(box).decode("ascii"), "commitment": sm3_name(salt + plain)}

    def unseal(self, seal: JsonObject, context: str) -> bytes:
        """The bytes in ``seal``; raises SealError if the box or the commitment does not hold."""
        box = _decode_box(seal.get("box"))
        nonce, cipher, tag = box[1 : 1 + _NONCE], box[1 + _NONCE : -_TAG], box[-_TAG:]
        decryptor = Cipher(algorithms.SM4(self._box_key), modes.GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(context.encode("utf-8"))
        try:
            salted = decryptor.update(cipher) + decryptor.finalize()
        except InvalidTag:
            raise SealError(
                zh="密封数据打不开：密钥不对，或数据被改动",
                en="a sealed value does not open: another key, or it was changed",
            ) from None
        if sm3_name(salted) != seal.get("commitment"):
            raise SealError(zh="密封数据与承诺值不符", en="a sealed value is not what the commitment was made for")
        return salted[_SALT:]

    def mask(self, data: bytes, regions: Iterable[Region], context: str = "") -> tuple[str, list[JsonObject]]:
        """See Sealing.mask. Overlapping and adjacent regions become one; raises ValueError for one outside ``data``."""
        masked = data.hex().upper()
        sealed: list[JsonObject] = []
        for start, end in merged(regions, len(data)):
            masked = masked[: 2 * start] + MASK * (end - start) + masked[2 * end :]
            sealed.append({"at": [start, end], **self.seal(data[start:end], _place(context, start, end))})
        return masked, sealed

    def restore(self, masked: str, sealed: Sequence[JsonObject], context: str = "") -> bytes:
        """See Sealing.restore."""
        _check_form(masked)
        for seal in sealed:
            start, end = _at(seal, len(masked) // 2)
            plain = self.unseal(seal, _place(context, start, end))
            if len(plain) != end - start or masked[2 * start : 2 * end] != MASK * (end - start):
                raise _misplaced()
            masked = masked[: 2 * start] + plain.hex().upper() + masked[2 * end :]
        if MASK in masked:
            raise _misplaced()
        return bytes.fromhex(masked)

    def judged_digest(self, data: bytes) -> str:
        """HMAC-SM3 of ``data`` under a key derived from the bundle's."""
        return HMAC_SM3_PREFIX + hmac_sm3(self._digest_key, data).hex()

    def commit(self, text: bytes, context: str) -> JsonObject:
        """``text`` sealed: commitment and box."""
        return self.seal(text, context)

    def describe(self) -> JsonObject:
        """The algorithm, and a value by which the key is recognised without opening a box."""
        return {"box": "SM4-GCM", "commitment": "SM3", "key": self._key_check}

    def check_key(self, description: JsonObject) -> None:
        """Raise WrongKey unless the header's ``description`` was made under this key."""
        recorded = description.get("key")
        if not isinstance(recorded, str) or not same(recorded.encode("utf-8"), self._key_check.encode("utf-8")):
            raise WrongKey(
                zh="密钥不是密封该证据所用的密钥：请用同一次运行的密钥文件",
                en="this is not the key the bundle was sealed with: use the key file of the same run",
            )


class NullSealer:
    """For synthetic runs, where nothing is secret; and for reading a sealed bundle without its key."""

    def mask(self, data: bytes, regions: Iterable[Region], context: str = "") -> tuple[str, list[JsonObject]]:
        """The whole of ``data`` in clear."""
        return data.hex().upper(), []

    def restore(self, masked: str, sealed: Sequence[JsonObject], context: str = "") -> bytes:
        """The bytes of ``masked``; raises StillSealed if any are sealed."""
        _check_form(masked)
        if sealed or MASK in masked:
            raise StillSealed
        return bytes.fromhex(masked)

    def judged_digest(self, data: bytes) -> str:
        """Plain SM3."""
        return sm3_name(data)

    def commit(self, text: bytes, context: str) -> JsonObject:
        """The digest of ``text``: there is nothing to hide in it."""
        return {"digest": sm3_name(text)}

    def describe(self) -> JsonObject:
        """Nothing is sealed."""
        return {"box": None, "commitment": None, "key": None}


def judged_digest(key: bytes | None, data: bytes) -> str:
    """``hmac-sm3:...`` of ``data`` under the bundle's ``key``, or ``sm3:...`` when there is none (synthetic run)."""
    sealing: Sealing = NullSealer() if key is None else Sealer(key)
    return sealing.judged_digest(data)


def merged(regions: Iterable[Region], length: int) -> tuple[Region, ...]:
    """``regions`` sorted, empty ones dropped, touching ones joined. Raises ValueError for one outside 0..``length``."""
    joined: list[Region] = []
    for start, end in sorted(regions):
        if not 0 <= start <= end <= length:
            raise ValueError(f"region {start}..{end} lies outside {length} bytes")
        if start == end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)


def _place(context: str, start: int, end: int) -> str:
    return f"{context}:{start}-{end}"


def _check_form(masked: str) -> None:
    if _FORM.fullmatch(masked) is None:
        wrong = next(part for part in _PAIR.findall(masked) if _FORM.fullmatch(part) is None)
        raise SealError(
            zh=f"“{wrong}”不是两位大写十六进制，也不是密封标记",
            en=f"{wrong!r} is neither two hex digits nor a seal mark",
        )


def _at(seal: JsonObject, length: int) -> Region:
    at = seal.get("at")
    if not isinstance(at, list) or len(at) != 2 or not all(type(offset) is int for offset in at):
        raise _misplaced()
    start, end = at
    if not 0 <= start < end <= length:
        raise _misplaced()
    return start, end


def _misplaced() -> SealError:
    return SealError(zh="密封数据的位置与密封标记不符", en="the seals do not fit the marks in the hex string")


def _decode_box(box: object) -> bytes:
    try:
        raw = base64.b64decode(box, validate=True) if isinstance(box, str) else b""
    except ValueError:
        raw = b""
    if len(raw) < 1 + _NONCE + _SALT + _TAG or raw[:1] != _VERSION:
        raise SealError(zh="密封数据的格式不对", en="a sealed value is malformed")
    return raw


def _require_sm4_gcm() -> None:
    try:
        Cipher(algorithms.SM4(bytes(16)), modes.GCM(bytes(_NONCE))).encryptor()
    except UnsupportedAlgorithm as error:
        raise UserError(
            zh="cryptography 所带的 OpenSSL 不支持 SM4-GCM，无法密封：请安装官方 wheel",
            en="the OpenSSL behind cryptography has no SM4-GCM, nothing can be sealed: install its official wheel",
        ) from error
