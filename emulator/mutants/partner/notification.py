"""Mistakes of notifications: their content, their repetition, and what counts as delivered."""

from typing import Any

from emulator.mutants.model import mutant
from emulator.partner.behaviour import Answered, PartnerBehaviour
from onecard.spec.text import Text


@mutant(
    "partner/no-notification",
    breaks="PARTNER-NOTIFY",
    because=Text("通知进程未运行", "the notifier does not run"),
)
class NoNotification(PartnerBehaviour):
    """Nothing comes."""

    def notifies(self) -> bool:
        return False


@mutant(
    "partner/notification-signature-in-hex",
    breaks="PARTNER-NOTIFY",
    because=Text("通知的签名用了另一种编码", "the notification's signature is coded otherwise"),
)
class NotificationSignatureAltered(PartnerBehaviour):
    """Notifications are signed by older code, which pads nothing."""

    def notification(self, right: dict[str, Any]) -> dict[str, Any]:
        return {**right, "signData": right["signData"].rstrip("=")}


@mutant(
    "partner/notification-of-other-card",
    breaks="PARTNER-NOTIFY",
    because=Text("通知中的卡号被截断", "the card number in the notification is cut"),
)
class NotificationOfOtherCard(PartnerBehaviour):
    """A column of eight characters."""

    def notified_data(self, right: dict[str, str]) -> dict[str, str]:
        return {**right, "aaz500": right["aaz500"][:8]}


@mutant(
    "partner/notify-path-without-version",
    breaks="PARTNER-NOTIFY",
    because=Text("回调路径漏了版本", "the path lacks the version"),
)
class NotifyPathWithoutVersion(PartnerBehaviour):
    """The base address was configured otherwise."""

    def notify_path(self, right: str) -> str:
        return "/" + right.rpartition("/")[2]


@mutant(
    "partner/notification-at-time-of-utc",
    breaks="PARTNER-NOTIFY-FRESH",
    because=Text("通知的时间戳用 UTC", "notifications are stamped in UTC"),
)
class NotificationInUtc(PartnerBehaviour):
    """The notifier runs in a container without a zone."""

    def notify_time(self, begun: int, now: int) -> int:
        return now - 8 * 3_600_000


@mutant(
    "partner/same-message-id-again",
    breaks="PARTNER-NOTIFY-FRESH",
    because=Text("重发沿用原报文编号", "a repetition has the first message id"),
)
class SameMessageIdAgain(PartnerBehaviour):
    """The stored bytes are sent again."""

    def message_id(self, first: str, fresh: str) -> str:
        return first


@mutant(
    "partner/sent-once-only",
    breaks="PARTNER-NOTIFY-RETRY",
    because=Text("失败后不重发", "a failed notification is not repeated"),
)
class SentOnceOnly(PartnerBehaviour):
    """Fire and forget."""

    def attempts(self, right: int) -> int:
        return 1


@mutant(
    "partner/sent-for-ever",
    breaks="PARTNER-NOTIFY-RETRY",
    because=Text("超过声明次数仍重发", "it is repeated beyond the declared number"),
)
class SentTooOften(PartnerBehaviour):
    """The count begins at the repetitions."""

    def attempts(self, right: int) -> int:
        return right + 1


@mutant(
    "partner/answer-signature-not-verified",
    breaks="PARTNER-NOTIFY-ANSWER",
    because=Text("未验证平台应答的签名", "the signature of the platform's answer is not verified"),
)
class AnswerSignatureNotVerified(PartnerBehaviour):
    """Code 0 is enough."""

    def delivered(self, answered: Answered, right: bool) -> bool:
        return answered.code_is_ok and answered.this_message


@mutant(
    "partner/answer-code-ignored",
    breaks="PARTNER-NOTIFY-ANSWER",
    because=Text("签名正确即视为送达，不看返回码", "any signed answer counts, whatever its code"),
)
class AnswerCodeIgnored(PartnerBehaviour):
    """The platform's refusal is lost."""

    def delivered(self, answered: Answered, right: bool) -> bool:
        return answered.is_signed and answered.this_message


@mutant(
    "partner/answer-of-other-message",
    breaks="PARTNER-NOTIFY-ANSWER",
    because=Text("未比较应答的报文编号", "the message id of the answer is not compared"),
)
class AnswerOfOtherMessage(PartnerBehaviour):
    """An old answer, played back, ends the repetition."""

    def delivered(self, answered: Answered, right: bool) -> bool:
        return answered.is_signed and answered.code_is_ok


@mutant(
    "partner/http-status-is-enough",
    breaks="PARTNER-NOTIFY-ANSWER",
    because=Text("HTTP 200 即视为送达", "HTTP 200 counts as delivered"),
)
class HttpStatusIsEnough(PartnerBehaviour):
    """The answer is not read."""

    def delivered(self, answered: Answered, right: bool) -> bool:
        return answered.status == 200


@mutant(
    "partner/repeated-after-delivery",
    breaks="PARTNER-NOTIFY-ONCE",
    because=Text("送达后未停止重发", "it is repeated after delivery"),
)
class RepeatedAfterDelivery(PartnerBehaviour):
    """Every attempt of the plan is made."""

    def stops_when_delivered(self) -> bool:
        return False
