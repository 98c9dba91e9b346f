"""Every decision of a partner that real implementations get wrong, as one small method each.

The core asks these methods and takes their answer; as they stand they are right. A mutant is a subclass that overrides
a few of them. Methods receive what the decision needs and the right value where one was computed already.
"""

from collections.abc import Mapping
from typing import Any

from emulator.envelope.codec import EnvelopeBehaviour
from onecard.spec.partner import BusinessField, Field


class ReceivingBehaviour(EnvelopeBehaviour):
    """What is refused of a platform's message."""

    def body_fits(self, length: int, right: bool) -> bool:
        """Whether a body of ``length`` bytes is read at all."""
        return right

    def repaired(self, body: bytes) -> bytes:
        """The body as it is read."""
        return body

    def field_fits(self, field: Field, value: str | None, right: bool) -> bool:
        """Whether a protocol field's value (None: absent) is acceptable."""
        return right

    def transaction_fits(self, given: str, expected: str) -> bool:
        """Whether the kind of transaction is that of the operation."""
        return given == expected

    def knows_application(self, app_id: str, right: bool) -> bool:
        """Whether the application id is the agreed one."""
        return right

    def timestamp_fits(self, age: int, right: bool) -> bool:
        """Whether a message of ``age`` milliseconds (negative: from the future) is in the window."""
        return right

    def signature_fits(self, message: Mapping[str, Any], right: bool) -> bool:
        """Whether the signature is taken for right."""
        return right

    def is_replay(self, msg_id: str, right: bool) -> bool:
        """Whether the message id was used before."""
        return right

    def keeps_before_checks(self) -> bool:
        """Whether a message id counts as used before the message is verified."""
        return False

    def business_fits(self, field: BusinessField, value: object, right: bool) -> bool:
        """Whether a business field's value (None: absent) is acceptable."""
        return right


class TransactionBehaviour:
    """What becomes of an accepted request."""

    def may_begin(self, state: str, right: bool) -> bool:
        """Whether a card in ``state`` may be activated."""
        return right

    def same_business(self, known: Mapping[str, Any], given: Mapping[str, Any], right: bool) -> bool:
        """Whether a repeated sequence number comes with the same content."""
        return right

    def is_known(self, right: bool) -> bool:
        """Whether a sequence number is recognised as one that was accepted before."""
        return right

    def notifies_again(self) -> bool:
        """Whether a repeated request brings a second notification."""
        return False

    def takes_effect(self, refusal: str) -> bool:
        """Whether a request that is refused with the code ``refusal`` is carried out all the same."""
        return False

    def answer_data(self, right: dict[str, str]) -> dict[str, str]:
        """The business data of an acceptance."""
        return right


class AnsweringBehaviour:
    """The answers to the platform."""

    def answer_is_signed(self, code: str) -> bool:
        """Whether an answer with this code (last part of its id) is signed, its application being known."""
        return True

    def answer_fields(self, right: dict[str, str]) -> dict[str, str]:
        """The protocol fields of an answer, by key, before they are signed."""
        return right

    def sent(self, right: dict[str, Any]) -> dict[str, Any]:
        """The answer as it leaves."""
        return right

    def code(self, name: str) -> str:
        """The code (last part of its id) that is told in place of ``name``."""
        return name

    def status(self, code: str, right: int) -> int:
        """The HTTP status of an answer with the code."""
        return right


class NotifyingBehaviour:
    """Notifications, their delivery and repetition."""

    def notifies(self) -> bool:
        """Whether the result is notified at all."""
        return True

    def notified_data(self, right: dict[str, str]) -> dict[str, str]:
        """The business data of a notification."""
        return right

    def notification(self, right: dict[str, Any]) -> dict[str, Any]:
        """The notification as it leaves."""
        return right

    def notify_path(self, right: str) -> str:
        """Where the notification goes."""
        return right

    def notify_time(self, begun: int, now: int) -> int:
        """The moment in a notification's time stamp; ``begun``: when its first attempt was made."""
        return now

    def message_id(self, first: str, fresh: str) -> str:
        """The message id of an attempt; ``first``: that of the first attempt."""
        return fresh

    def delivered(self, answered: "Answered", right: bool) -> bool:
        """Whether the platform's answer means that the notification arrived."""
        return right

    def attempts(self, right: int) -> int:
        """How often a notification is sent at most."""
        return right

    def stops_when_delivered(self) -> bool:
        """Whether nothing is sent after delivery."""
        return True


class Answered:
    """What can be said of the platform's answer to a notification."""

    __slots__ = ("code_is_ok", "is_signed", "status", "this_message")

    def __init__(self, status: int, *, is_signed: bool, code_is_ok: bool, this_message: bool) -> None:
        self.status = status
        self.is_signed = is_signed
        self.code_is_ok = code_is_ok
        self.this_message = this_message

    @property
    def is_right(self) -> bool:
        """Rightly signed, code 0, the message's own id."""
        return self.is_signed and self.code_is_ok and self.this_message


class PartnerBehaviour(ReceivingBehaviour, TransactionBehaviour, AnsweringBehaviour, NotifyingBehaviour):
    """All decisions; right as they stand."""
