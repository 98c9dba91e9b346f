"""Mistakes of business fields, codes, states and repeated business."""

from collections.abc import Mapping
from typing import Any

from emulator.mutants.model import mutant
from emulator.partner.behaviour import PartnerBehaviour
from onecard.spec.partner import BusinessField
from onecard.spec.text import Text


@mutant(
    "partner/other-sequence-number",
    breaks="PARTNER-ACTIVATE",
    because=Text("应答给出自己的流水号", "the answer gives the partner's own sequence number"),
)
class OtherSequenceNumber(PartnerBehaviour):
    """The partner numbers its business itself."""

    def answer_data(self, right: dict[str, str]) -> dict[str, str]:
        return {**right, "busiSeq": right["busiSeq"][::-1] + "0"}


@mutant(
    "partner/business-fields-not-checked",
    breaks="PARTNER-BUSINESS-FIELDS",
    because=Text("业务字段取值未检查", "the form of business fields is not checked"),
)
class BusinessFieldsNotChecked(PartnerBehaviour):
    """They are stored as they come."""

    def business_fits(self, field: BusinessField, value: object, right: bool) -> bool:
        return right or bool(value)


@mutant(
    "partner/empty-field-taken",
    breaks="PARTNER-BUSINESS-FIELDS",
    because=Text("只判断键是否存在", "only the key is looked for"),
)
class EmptyFieldTaken(PartnerBehaviour):
    """An empty card number is a card number."""

    def business_fits(self, field: BusinessField, value: object, right: bool) -> bool:
        return right or value == ""


@mutant(
    "partner/one-code-for-all",
    breaks="PARTNER-CODES",
    because=Text("业务错误一律返回同一代码", "every business error has the same code"),
)
class OneCodeForAll(PartnerBehaviour):
    """The caller cannot tell a conflict from a wrong field."""

    def code(self, name: str) -> str:
        return "BUSINESS" if name in ("SEQUENCE", "STATE") else name


@mutant(
    "partner/always-200",
    breaks="PARTNER-CODES",
    because=Text(
        "声明随返回码变化的 HTTP 状态恒为 200", "the HTTP status is always 200 although it is declared to follow"
    ),
)
class Always200(PartnerBehaviour):
    """The framework's exception handler forgot the status."""

    def status(self, code: str, right: int) -> int:
        return 200


@mutant(
    "partner/business-before-signature",
    breaks="PARTNER-CHECK-ORDER",
    because=Text("业务字段先于签名检查", "business fields are checked before the signature"),
)
class BusinessBeforeSignature(PartnerBehaviour):
    """Validation by the framework comes before the handler; it tells of any message with a wrong field."""

    def __init__(self) -> None:
        self._lacks_name = False

    def deciphered(self, text: str, right: bytes) -> bytes:
        self._lacks_name = b"aac003" not in right
        return right

    def code(self, name: str) -> str:
        return "BUSINESS" if self._lacks_name and name in ("SIGNATURE", "REPLAY") else name


@mutant(
    "partner/activated-twice",
    breaks="PARTNER-STATE",
    because=Text("未检查卡的状态", "the state of the card is not checked"),
)
class ActivatedTwice(PartnerBehaviour):
    """Activating what is active is held to be harmless."""

    def may_begin(self, state: str, right: bool) -> bool:
        return True


@mutant(
    "partner/repetition-is-new",
    breaks="PARTNER-IDEMPOTENT",
    because=Text("重发被当作新业务", "a repetition is taken for new business"),
)
class RepetitionIsNew(PartnerBehaviour):
    """The sequence number is not looked up."""

    def is_known(self, right: bool) -> bool:
        return False


@mutant(
    "partner/repetition-notified-again",
    breaks="PARTNER-IDEMPOTENT",
    because=Text("重发后再次通知", "a repetition brings a second notification"),
)
class RepetitionNotifiedAgain(PartnerBehaviour):
    """The notifier is started by every accepted request."""

    def notifies_again(self) -> bool:
        return True


@mutant(
    "partner/other-content-taken",
    breaks="PARTNER-IDEMPOTENT",
    because=Text("流水号相同即视为重发，不比较内容", "the same sequence number is a repetition, whatever it holds"),
)
class OtherContentTaken(PartnerBehaviour):
    """Only the sequence number is compared."""

    def same_business(self, known: Mapping[str, Any], given: Mapping[str, Any], right: bool) -> bool:
        return True
