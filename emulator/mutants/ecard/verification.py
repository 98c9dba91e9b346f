"""Mistakes in verifying dynamic codes."""

import base64
from collections.abc import Callable
from typing import Any

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.register import CardRecord, Ecard
from emulator.mutants.model import mutant
from onecard.spec.ecard import CodeFormat, Mask, Operation
from onecard.spec.text import Text

MINUTE = 60


@mutant(
    "ecard/verified-without-region",
    breaks="ECARD-VERIFY",
    because=Text("验码结果沿用旧报文，缺地区", "the answer is of an older version, without the region"),
)
class WithoutRegion(EcardBehaviour):
    """The result lacks the region."""

    def answer(self, operation: Operation, record: CardRecord | None, right: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in right.items() if operation.id != "VERIFY" or key != "aab301"}


@mutant(
    "ecard/number-not-masked",
    breaks="ECARD-VERIFY-MASK",
    because=Text("遮盖交由前端完成", "masking is left to the verifier's screen"),
)
class NumberNotMasked(EcardBehaviour):
    """The social security number stands in full."""

    def masked(self, mask: Mask, value: str, right: str) -> str:
        return value if mask.field == "aac002" else right


@mutant(
    "ecard/long-names-not-masked",
    breaks="ECARD-VERIFY-MASK",
    because=Text("只遮盖姓名第二个字", "only the second character of a name is masked"),
)
class SecondCharacterMasked(EcardBehaviour):
    """Of a long name one character is masked."""

    def masked(self, mask: Mask, value: str, right: str) -> str:
        return value[:1] + mask.character + value[2:] if mask.field == "aac003" else right


@mutant(
    "ecard/full-data-beside-the-mask",
    breaks="ECARD-VERIFY-MASK",
    because=Text("调试字段随应答返回", "a field for debugging goes out with the answer"),
)
class FullDataBeside(EcardBehaviour):
    """Another field carries the identification code."""

    def answer(self, operation: Operation, record: CardRecord | None, right: dict[str, Any]) -> dict[str, Any]:
        return {**right, "trace": dict(record.data)} if operation.id == "VERIFY" and record else right


@mutant(
    "ecard/code-replayed",
    breaks="ECARD-VERIFY-ONCE",
    because=Text("多节点部署，已用记录未共享", "several nodes do not share what was verified"),
)
class CodeReplayed(EcardBehaviour):
    """A code can be verified again."""

    def used(self, right: bool) -> bool:
        return False


@mutant(
    "ecard/only-the-last-code-remembered",
    breaks="ECARD-VERIFY-ONCE",
    because=Text("每张电子卡只记最近一次验证的码", "of each e-card only the code verified last is remembered"),
)
class OnlyTheLastCode(EcardBehaviour):
    """A code can be verified again after another one was."""

    def __init__(self) -> None:
        self._last = b""
        self._current = b""

    def used_key(self, text: str, right: bytes) -> bytes:
        self._current = right
        return right

    def used(self, right: bool) -> bool:
        known, self._last = self._last, self._current
        return right and known == self._current


@mutant(
    "ecard/lenient-decoder",
    breaks="ECARD-VERIFY-MALFORMED",
    because=Text("Base64 解码忽略非法字符与填充", "the base64 decoder skips what it does not know, and padding"),
)
class LenientDecoder(EcardBehaviour):
    """One code has several spellings."""

    def decoded(self, format_: CodeFormat, text: str, right: bytes | None) -> bytes | None:
        encoded = text.strip()[len(format_.prefix) :].rstrip("=").replace("+", "-").replace("/", "_")
        whole = sum(field.length for field in format_.layout)
        try:
            body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            return None
        return body if len(body) == whole and text.strip().startswith(format_.prefix) else right


@mutant(
    "ecard/signature-not-checked",
    breaks="ECARD-VERIFY-SIGNATURE",
    because=Text("在线验码以为查库即可", "on line, looking the code up was thought to be enough"),
)
class SignatureNotChecked(EcardBehaviour):
    """No signature is checked."""

    def signature_holds(self, body: bytes, verify: Callable[[bytes], bool], right: bool) -> bool:
        return True


@mutant(
    "ecard/key-id-not-checked",
    breaks="ECARD-VERIFY-SIGNATURE",
    because=Text("密钥标识未知时不验签，交由上级", "a code under an unknown key id is left to the next level to check"),
)
class KeyIdNotChecked(EcardBehaviour):
    """What names a key that nobody has is not verified at all."""

    def __init__(self) -> None:
        self._known = True

    def key_known(self, right: bool) -> bool:
        self._known = right
        return right

    def signature_holds(self, body: bytes, verify: Callable[[bytes], bool], right: bool) -> bool:
        return right or not self._known


@mutant(
    "ecard/lookup-before-signature",
    breaks="ECARD-VERIFY-SIGNATURE",
    because=Text(
        "先查电子卡再验签，可探测卡号是否存在",
        "the e-card is looked up first, which tells strangers which numbers exist",
    ),
)
class LookupBeforeSignature(EcardBehaviour):
    """An altered e-card number is answered as unknown."""

    def lookup_first(self) -> bool:
        return True


@mutant(
    "ecard/never-expires",
    breaks="ECARD-VERIFY-EXPIRED",
    because=Text(
        "由前端定时刷新保证有效期，验码方不检查",
        "the app refreshes codes in time, so the service does not look at their age",
    ),
)
class NeverExpires(EcardBehaviour):
    """A code holds for ever."""

    def expired(self, age: int, validity: int, right: bool) -> bool:
        return False


@mutant(
    "ecard/five-minutes-of-grace",
    breaks="ECARD-VERIFY-EXPIRED",
    because=Text("为容忍时钟误差放宽五分钟", "five minutes are granted for clocks that differ"),
)
class FiveMinutesOfGrace(EcardBehaviour):
    """A code holds five minutes longer."""

    def expired(self, age: int, validity: int, right: bool) -> bool:
        return age > validity + 5 * MINUTE


@mutant(
    "ecard/one-second-short",
    breaks="ECARD-VERIFY-LAST-SECOND",
    because=Text("边界比较用了大于等于", "the comparison at the end is of the wrong kind"),
)
class OneSecondShort(EcardBehaviour):
    """The last second does not count."""

    def expired(self, age: int, validity: int, right: bool) -> bool:
        return age >= validity


@mutant(
    "ecard/one-second-long",
    breaks="ECARD-VERIFY-LAST-SECOND",
    because=Text("边界多算一秒", "one second more is granted at the end"),
)
class OneSecondLong(EcardBehaviour):
    """A code holds one second longer."""

    def expired(self, age: int, validity: int, right: bool) -> bool:
        return age > validity + 1


@mutant(
    "ecard/signature-is-enough",
    breaks="ECARD-VERIFY-UNKNOWN",
    because=Text("签名正确即视为有效，不查电子卡", "a right signature is thought to be enough, nothing is looked up"),
)
class SignatureIsEnough(EcardBehaviour):
    """A well-signed code of an unknown e-card is verified."""

    def unknown_ecard(self, essc_no: str) -> Ecard | None:
        return Ecard(essc_no, essc_no, "")
