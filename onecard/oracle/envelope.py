"""The SM4/SM2 envelope of partner interfaces: string to sign, key, encipherment, signature, time stamps.

Basis: reference code and programs of medical insurance mobile payment (field); see specs/partner.
"""

import base64
import binascii
import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Self

from onecard.oracle import sm2
from onecard.oracle.blocks import Algorithm, decrypt_block, ecb_encrypt, split_blocks, xor
from onecard.oracle.errors import ComputationError, OracleError
from onecard.oracle.signer import signer
from onecard.spec.partner import KeyDerivation, NormalForm, PartnerSpec

BLOCK: Final = 16
_DATETIME: Final = "%Y%m%d%H%M%S"
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_HEX: Final = re.compile(r"([0-9A-F]{2})+")


class EnvelopeError(OracleError):
    """A message that breaks a rule of the envelope."""


class WrongSignature(EnvelopeError):
    """No signature, or not that of the peer over this message."""


class CannotOpen(EnvelopeError):
    """Business data that do not decipher to a JSON object."""


class WrongField(EnvelopeError):
    """A protocol field that is missing or has an impossible value."""


def compact(value: object) -> str:
    """JSON without spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def normal_form(rule: NormalForm, value: object) -> object:
    """The value with scalars as text, keys in order, and empty values left out; None where nothing is left."""
    match value:
        case dict():
            made = {key: normal_form(rule, child) for key, child in sorted(value.items())}
            return {key: child for key, child in made.items() if child is not None} or _unless(
                rule.drop_empty_object, {}
            )
        case list():
            items = [normal_form(rule, child) for child in value]
            return [child for child in items if child is not None] or _unless(rule.drop_empty_list, [])
        case None:
            return _unless(rule.drop_null, "null")
        case bool():
            return "true" if value else "false"
        case str():
            return value or _unless(rule.drop_empty_text, "")
        case int():
            return str(value)
    raise ComputationError(zh=f"待签名串中没有 {value!r} 的写法", en=f"the string to sign has no form for {value!r}")


def _unless(dropped: bool, value: object) -> object:
    return None if dropped else value


@lru_cache(maxsize=16)
def message_key(rule: KeyDerivation, app_id: str, secret: str) -> bytes:
    """The 16-byte key of the business data: cut from the application secret, enciphered under the application id."""
    first = app_id.encode()[rule.first_key_start : rule.first_key_start + BLOCK]
    digits = ecb_encrypt(Algorithm.SM4, first, pkcs7(secret.encode())).hex()
    digits = digits if rule.coding == "lower-hex" else digits.upper()
    return digits[rule.key_start : rule.key_start + BLOCK].encode()


def pkcs7(data: bytes) -> bytes:
    """``data`` filled to whole blocks by as many bytes as are missing, 1 to 16, each of that value."""
    missing = BLOCK - len(data) % BLOCK
    return data + bytes((missing,)) * missing


def without_pkcs7(data: bytes) -> bytes:
    """The data before the filling; raises CannotOpen."""
    count = data[-1] if data else 0
    if not 1 <= count <= BLOCK or data[-count:] != bytes((count,)) * count:
        raise CannotOpen(zh="填充不是 PKCS7", en="the padding is not PKCS7")
    return data[:-count]


def _encrypt(mode: str, key: bytes, data: bytes) -> bytes:
    if mode == "ecb":
        return ecb_encrypt(Algorithm.SM4, key, data)
    chained, out = key, b""
    for block in split_blocks(Algorithm.SM4, data):
        chained = ecb_encrypt(Algorithm.SM4, key, xor(chained, block))
        out += chained
    return out


def _decrypt(mode: str, key: bytes, data: bytes) -> bytes:
    blocks = split_blocks(Algorithm.SM4, data)
    plain = [decrypt_block(Algorithm.SM4, key, block) for block in blocks]
    if mode == "cbc":
        plain = [xor(block, before) for block, before in zip(plain, [key, *blocks], strict=False)]
    return b"".join(plain)


def public_key(text: str) -> sm2.PublicKey:
    """A public key from base64 of 64 or 65 bytes; raises EnvelopeError, NotAPoint."""
    octets = _base64(text)
    if len(octets) not in (64, 65) or (len(octets) == 65 and octets[0] != 0x04):
        raise EnvelopeError(zh="公钥应为 64 或 65 字节", en="a public key has 64 or 65 bytes")
    return sm2.PublicKey(octets[-64:-32], octets[-32:])


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EnvelopeError(zh="不是 base64", en=f"not base64: {error}") from None


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the conversation: what both know, its own private key, and the public key of the other."""

    spec: PartnerSpec
    app_id: str
    secret: str
    private: bytes
    peer: sm2.PublicKey

    @classmethod
    def of(cls, spec: PartnerSpec, app: Mapping[str, str], own: Mapping[str, str], peer: Mapping[str, str]) -> Self:
        """From the parameters of an IXIT: ``app`` {id, secret}, ``own`` {private-key}, ``peer`` {public-key}."""
        return cls(spec, app["id"], app["secret"], _base64(own["private-key"]), public_key(peer["public-key"]))

    def signing_with(self, private: bytes) -> Self:
        """The same side with another private key."""
        return replace(self, private=private)

    @property
    def own_public(self) -> sm2.PublicKey:
        """The public key of this side."""
        return signer(self.private, self.user_id).public

    @property
    def user_id(self) -> bytes:
        """The agreed user id of signatures."""
        return self.secret.encode() if self.spec.signature.user_id == "app-secret" else sm2.DEFAULT_ID

    @property
    def other_user_id(self) -> bytes:
        """The user id that was not agreed."""
        return sm2.DEFAULT_ID if self.spec.signature.user_id == "app-secret" else self.secret.encode()

    def key_of(self, name: str) -> str:
        """Key of the protocol field with this last part of its id."""
        return self.spec.field(name).key

    def string_to_sign(self, message: Mapping[str, Any], data: object = None) -> str:
        """The string to sign of a message's protocol fields and its business data in clear."""
        unsigned = {field.key for field in self.spec.fields if not field.signed}
        values = {key: value for key, value in message.items() if key not in unsigned}
        if data is not None and self.spec.field("DATA").signed:
            values[self.key_of("DATA")] = data
        rule = self.spec.normal_form
        found = {key: made for key in sorted(values) if (made := normal_form(rule, values[key])) is not None}
        pairs = [f"{key}{rule.pair}{made if isinstance(made, str) else compact(made)}" for key, made in found.items()]
        return rule.join.join([*pairs, f"{rule.secret_name}{rule.pair}{self.secret}"])

    def enciphered(self, plain: bytes) -> str:
        """``plain`` as business data travel."""
        rule = self.spec.encipherment
        out = _encrypt(rule.mode, message_key(self.spec.key, self.app_id, self.secret), pkcs7(plain))
        return out.hex().upper() if rule.coding == "upper-hex" else base64.b64encode(out).decode()

    def signature(self, text: str, user_id: bytes | None = None) -> str:
        """The signature over a string to sign, by this side's key."""
        identity = self.user_id if user_id is None else user_id
        octets = signer(self.private, identity).sign(text.encode())
        return base64.b64encode(octets).decode() if self.spec.signature.coding == "base64" else octets.hex()

    def sealed(self, fields: Mapping[str, Any], data: object) -> dict[str, Any]:
        """A message with protocol fields (by key) and business data."""
        return self.signed({**fields, self.key_of("ENC-DATA"): self.enciphered(compact(data).encode())}, data)

    def signed(self, message: Mapping[str, Any], data: object) -> dict[str, Any]:
        """The message with its signature."""
        return {**message, self.key_of("SIGN-DATA"): self.signature(self.string_to_sign(message, data))}

    def opened(self, message: Mapping[str, Any]) -> dict[str, Any]:
        """The business data of the other side's message; raises CannotOpen."""
        text, rule = message.get(self.key_of("ENC-DATA")), self.spec.encipherment
        if not isinstance(text, str):
            raise CannotOpen(zh="没有业务数据", en="there are no business data")
        if rule.coding == "upper-hex" and not _HEX.fullmatch(text):
            raise CannotOpen(zh="密文不是大写十六进制", en="the ciphertext is not upper-case hexadecimal")
        try:
            octets = bytes.fromhex(text) if rule.coding == "upper-hex" else _base64(text)
            plain = _decrypt(rule.mode, message_key(self.spec.key, self.app_id, self.secret), octets)
            found = json.loads(without_pkcs7(plain).decode("utf-8"))
        except CannotOpen:
            raise
        except (ValueError, RecursionError) as error:
            raise CannotOpen(zh="业务数据无法解密", en=f"the business data do not decipher: {error}") from None
        if not isinstance(found, dict):
            raise CannotOpen(zh="业务数据不是 JSON 对象", en="the business data are no JSON object")
        return found

    def check_signature(self, message: Mapping[str, Any], data: object) -> None:
        """That the message is signed by the other side; raises WrongSignature."""
        self._check(message, data, self.peer)

    def check_own_signature(self, message: Mapping[str, Any], data: object) -> None:
        """That the message is signed by this side; raises WrongSignature."""
        self._check(message, data, self.own_public)

    def _check(self, message: Mapping[str, Any], data: object, key: sm2.PublicKey) -> None:
        given = message.get(self.key_of("SIGN-DATA"))
        if not isinstance(given, str):
            raise WrongSignature(zh="没有签名", en=f"there is no {self.key_of('SIGN-DATA')}")
        try:
            octets = _base64(given) if self.spec.signature.coding == "base64" else bytes.fromhex(given)
        except ValueError as error:
            raise WrongSignature(zh="签名编码错误", en=f"the signature is not of its coding: {error}") from None
        text = self.string_to_sign(message, data)
        if not sm2.verify(key, text.encode(), self.user_id, octets):
            raise WrongSignature(
                zh=f"签名与待签名串不符：{self._shown(text)}",
                en=f"the signature is not over the string to sign {self._shown(text)}",
            )

    def _shown(self, text: str) -> str:
        return text[: -len(self.secret)] + "…"

    def stamp(self, at: int) -> str:
        """The time stamp of a moment, ``at`` in milliseconds since 1970, UTC."""
        rule = self.spec.timestamp
        if rule.form == "epoch-ms":
            return str(at)
        local = _EPOCH + dt.timedelta(seconds=at // 1000, hours=rule.offset_hours)
        return local.strftime(_DATETIME)

    def moment(self, text: object) -> int:
        """Milliseconds since 1970 of a time stamp; raises WrongField."""
        rule = self.spec.timestamp
        try:
            if rule.form == "epoch-ms":
                return int(str(text))
            local = dt.datetime.strptime(str(text), _DATETIME).replace(tzinfo=dt.UTC)
        except ValueError:
            raise WrongField(zh=f"时间戳 {text!r} 不合格式", en=f"{text!r} is no time stamp") from None
        return (local - dt.timedelta(hours=rule.offset_hours) - _EPOCH) // dt.timedelta(milliseconds=1)
