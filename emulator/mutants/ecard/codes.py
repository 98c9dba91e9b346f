"""Mistakes in making dynamic codes and publishing keys."""

import base64

from asn1crypto.algos import DSASignature

from emulator.ecard.behaviour import EcardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.ecard import CodeField, CodeFormat
from onecard.spec.text import Text

HALF = 32


@mutant(
    "ecard/expires-in-minutes",
    breaks="ECARD-CODE",
    because=Text("有效期单位误作分钟", "the validity is taken for minutes"),
)
class ExpiresInMinutes(EcardBehaviour):
    """The answer tells an expiry of an hour."""

    def expires(self, issued: int, right: int) -> int:
        return issued + (right - issued) * 60


@mutant(
    "ecard/padded-base64",
    breaks="ECARD-CODE-LAYOUT",
    because=Text("使用库默认的 Base64", "the library's plain base64 is used"),
)
class PaddedBase64(EcardBehaviour):
    """The code is standard base64 with padding."""

    def text(self, format_: CodeFormat, body: bytes, right: str) -> str:
        return format_.prefix + base64.b64encode(body).decode("ascii")

    def decoded(self, format_: CodeFormat, text: str, right: bytes | None) -> bytes | None:
        try:
            return base64.b64decode(text[len(format_.prefix) :], validate=True)
        except ValueError:
            return None


@mutant(
    "ecard/little-endian-time",
    breaks="ECARD-CODE-LAYOUT",
    because=Text("时间按主机字节序写入", "the time is written in the host's byte order"),
)
class LittleEndianTime(EcardBehaviour):
    """The time of issue stands the other way round."""

    def field_bytes(self, field: CodeField, right: bytes) -> bytes:
        return right[::-1] if field.id == "ISSUED" else right


@mutant(
    "ecard/prefix-not-signed",
    breaks="ECARD-CODE-SIGNED",
    because=Text("签名范围漏掉前缀", "the prefix is left out of what is signed"),
)
class PrefixNotSigned(EcardBehaviour):
    """The signature covers the fields only."""

    def signed(self, prefix: bytes, body: bytes, right: bytes) -> bytes:
        return body


@mutant(
    "ecard/s-before-r",
    breaks="ECARD-CODE-SIGNED",
    because=Text("r 与 s 次序颠倒", "s is written before r"),
)
class SBeforeR(EcardBehaviour):
    """The halves of the signature are exchanged."""

    def signature_form(self, right: bytes) -> bytes:
        return right[HALF:] + right[:HALF]


@mutant(
    "ecard/der-signature-cut",
    breaks="ECARD-CODE-SIGNED",
    because=Text("DER 签名被截为 64 字节", "the DER signature is cut to 64 bytes"),
)
class DerSignature(EcardBehaviour):
    """The signature is DER, of which the last 64 bytes stand in the code."""

    def signature_form(self, right: bytes) -> bytes:
        numbers = {"r": int.from_bytes(right[:HALF], "big"), "s": int.from_bytes(right[HALF:], "big")}
        return bytes(DSASignature(numbers).dump())


@mutant(
    "ecard/nonce-from-the-clock",
    breaks="ECARD-CODE-UNIQUE",
    because=Text("随机数取自当前时间", "the random value is the time"),
)
class NonceFromTheClock(EcardBehaviour):
    """Codes of one second share their random value."""

    def nonce(self, now: int, right: bytes) -> bytes:
        return now.to_bytes(len(right), "big")


@mutant(
    "ecard/keys-of-last-year",
    breaks="ECARD-KEYS",
    because=Text("轮换密钥后未更新公布的公钥", "the published key was not changed when keys were rotated"),
)
class KeysOfLastYear(EcardBehaviour):
    """The published key has another id than that of the codes."""

    def published(self, right: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**key, "keyId": key["keyId"][::-1]} for key in right]


@mutant(
    "ecard/compressed-key",
    breaks="ECARD-KEYS",
    because=Text("公钥以压缩形式导出", "the key is exported in compressed form"),
)
class CompressedKey(EcardBehaviour):
    """The published key is a compressed point."""

    def published(self, right: list[dict[str, str]]) -> list[dict[str, str]]:
        return [{**key, "publicKey": "02" + key["publicKey"][2:66]} for key in right]
