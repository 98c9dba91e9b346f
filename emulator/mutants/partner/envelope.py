"""Mistakes of key, encipherment, string to sign and signature."""

from collections.abc import Mapping
from typing import Any

from emulator.envelope.sm2 import DEFAULT_ID
from emulator.mutants.model import mutant
from emulator.partner.behaviour import PartnerBehaviour
from onecard.spec.partner import Field
from onecard.spec.text import Text


@mutant(
    "partner/key-in-lower-case",
    breaks="PARTNER-KEY",
    because=Text("导出密钥时用了小写十六进制", "the key is cut from lower-case hexadecimal"),
)
class KeyInLowerCase(PartnerBehaviour):
    """A library's default is lower case."""

    def message_key(self, right: bytes) -> bytes:
        return right.lower()


@mutant(
    "partner/ciphertext-errors-ignored",
    breaks="PARTNER-ENCIPHERMENT-WRONG",
    because=Text("密文出错时按空数据处理", "where deciphering fails the data count as empty"),
)
class CiphertextErrorsIgnored(PartnerBehaviour):
    """An error handler that returns an empty object."""

    def code(self, name: str) -> str:
        return "BUSINESS" if name == "ENCIPHERMENT" else name


@mutant(
    "partner/last-of-two-keys-in-data",
    breaks="PARTNER-ENCIPHERMENT-WRONG",
    because=Text("业务数据中的重复键取最后一个", "the last of two equal keys of the business data counts"),
)
class LastOfTwoKeysInData(PartnerBehaviour):
    """The parser's default, where the outer message is parsed strictly."""

    def refuses_twice(self, key: str) -> bool:
        return key != "busiSeq"


@mutant(
    "partner/lower-case-hex-refused",
    breaks="PARTNER-HEX-CASE",
    because=Text("声明接受小写密文却拒绝", "lower-case ciphertext is declared and refused"),
)
class LowerCaseHexRefused(PartnerBehaviour):
    """The hexadecimal is compared with its own re-encoding."""

    def field_fits(self, field: Field, value: str | None, right: bool) -> bool:
        return right and (field.id != "PARTNER/FIELD/ENC-DATA" or value is None or value == value.upper())


@mutant(
    "partner/data-in-clear-taken",
    breaks="PARTNER-PLAIN-DATA",
    because=Text("明文 data 与密文签名相同而被接受", "data in clear have the same signature and pass"),
)
class DataInClearTaken(PartnerBehaviour):
    """A field of tests that was never closed: data beside encData are passed over."""

    def field_fits(self, field: Field, value: str | None, right: bool) -> bool:
        return right or field.id == "PARTNER/FIELD/DATA"


@mutant(
    "partner/signature-not-verified",
    breaks="PARTNER-SIGNATURE",
    because=Text("验签失败只记日志", "a wrong signature is only logged"),
)
class SignatureNotVerified(PartnerBehaviour):
    """Verification was switched off for a test."""

    def signature_fits(self, message: Mapping[str, Any], right: bool) -> bool:
        return True


@mutant(
    "partner/empty-signature-taken",
    breaks="PARTNER-SIGNATURE",
    because=Text("签名为空时跳过验签", "verification is skipped where the signature is empty"),
)
class EmptySignatureTaken(PartnerBehaviour):
    """``if signData:`` around the verification."""

    def signature_fits(self, message: Mapping[str, Any], right: bool) -> bool:
        return right or not message.get("signData")


@mutant(
    "partner/refused-takes-effect",
    breaks="PARTNER-SIGNATURE",
    because=Text("先办理再验签", "the business is done before the signature is verified"),
)
class RefusedTakesEffect(PartnerBehaviour):
    """The answer is right, the effect is not."""

    def takes_effect(self, refusal: str) -> bool:
        return refusal == "SIGNATURE"


@mutant(
    "partner/default-user-id",
    breaks="PARTNER-USER-ID",
    because=Text("用了默认用户标识", "the library's default user id is used"),
)
class DefaultUserId(PartnerBehaviour):
    """The library takes no user id, or nobody gave it one."""

    def user_id(self, right: bytes) -> bytes:
        return DEFAULT_ID


@mutant(
    "partner/zero-counts-as-empty",
    breaks="PARTNER-NORMAL-FORM",
    because=Text("0 与 false 被当作空值剔除", "0 and false are dropped as empty"),
)
class ZeroCountsAsEmpty(PartnerBehaviour):
    """``if not value``."""

    def drops(self, value: object, right: bool) -> bool:
        return right or value in ("0", "false")


@mutant(
    "partner/empty-items-kept",
    breaks="PARTNER-NORMAL-FORM",
    because=Text("数组中的空元素未剔除", "empty items of arrays are kept"),
)
class EmptyItemsKept(PartnerBehaviour):
    """Only null is dropped, empty texts stay."""

    def drops(self, value: object, right: bool) -> bool:
        return right and value != ""


@mutant(
    "partner/received-text-verified",
    breaks="PARTNER-NORMAL-FORM",
    because=Text("以解密所得原文代替规范化数据验签", "the deciphered text is verified in place of its normal form"),
)
class ReceivedTextVerified(PartnerBehaviour):
    """Data go into the string to sign as they were deciphered."""

    def text_to_verify(self, received: str, right: str) -> str:
        head, marker, rest = right.partition("&data=")
        tail = rest.partition("&encType=")[2]
        return f"{head}{marker}{received}&encType={tail}" if marker and received else right


@mutant(
    "partner/extra-is-signed",
    breaks="PARTNER-NORMAL-FORM",
    because=Text("附加信息 extra 也参与签名", "extra enters the string to sign"),
)
class ExtraIsSigned(PartnerBehaviour):
    """Everything but the signature itself is signed."""

    def signs(self, field: str, right: bool) -> bool:
        return right or field == "EXTRA"


@mutant(
    "partner/refusals-unsigned",
    breaks="PARTNER-ANSWER-SIGNED",
    because=Text("错误应答走了不签名的分支", "refusals are answered on a branch that does not sign"),
)
class RefusalsUnsigned(PartnerBehaviour):
    """An exception handler answers, and knows no key."""

    def answer_is_signed(self, code: str) -> bool:
        return code == "OK"


@mutant(
    "partner/code-set-after-signing",
    breaks="PARTNER-ANSWER-SIGNED",
    because=Text("签名之后又改了应答字段", "a field of the answer is changed after it was signed"),
)
class MessageSetAfterSigning(PartnerBehaviour):
    """A filter rewrites the explanation."""

    def sent(self, right: dict[str, Any]) -> dict[str, Any]:
        return {**right, "message": "ok"}
