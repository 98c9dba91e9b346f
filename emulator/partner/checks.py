"""What a partner checks of a message, each check by its name in the data."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from emulator.envelope.cipher import CannotDecipher
from emulator.envelope.codec import Envelope, Opened
from emulator.envelope.reading import NotAMessage, read_object
from emulator.envelope.times import moment
from emulator.partner.behaviour import PartnerBehaviour
from onecard.spec.partner import Operation, PartnerSpec


class Refusal(ValueError):
    """A message is refused. ``code``: last part of the code's id in the data."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Received:
    """A message on its way through the checks; ``now`` in milliseconds since 1970."""

    message: Mapping[str, Any]
    operation: Operation
    envelope: Envelope
    behaviour: PartnerBehaviour
    used: set[str]
    now: int

    @property
    def spec(self) -> PartnerSpec:
        """The data."""
        return self.envelope.spec

    def value(self, name: str) -> str:
        """A protocol field as text, empty where it is absent."""
        value = self.message.get(self.spec.field(name).key)
        return value if isinstance(value, str) else ""

    @property
    def message_id(self) -> str:
        """The message id as an answer repeats it: empty where it has not the form of one."""
        given = self.value("MSG-ID")
        return given if re.fullmatch(self.spec.field("MSG-ID").pattern, given) else ""

    @property
    def application_is_known(self) -> bool:
        """Whether it names the agreed application."""
        given = self.value("APP-ID")
        return self.behaviour.knows_application(given, given == self.envelope.party.app_id)

    @cached_property
    def opened(self) -> Opened:
        """The business data; raises Refusal."""
        try:
            return self.envelope.opened(self.message)
        except (CannotDecipher, NotAMessage):
            raise Refusal("ENCIPHERMENT") from None


def read(spec: PartnerSpec, behaviour: PartnerBehaviour, body: bytes) -> dict[str, Any]:
    """The message in a body; raises Refusal."""
    if not behaviour.body_fits(len(body), len(body) <= spec.largest_body):
        raise Refusal("FORM")
    try:
        return read_object(behaviour.repaired(body).decode("utf-8"), behaviour.refuses_twice)
    except (UnicodeDecodeError, NotAMessage):
        raise Refusal("FORM") from None


def _fields(received: Received) -> None:
    for field in received.spec.fields:
        value = received.message.get(field.key)
        present = isinstance(value, str) and re.fullmatch(field.pattern, value, re.DOTALL) is not None
        right = {
            "mandatory": present,
            "optional": True,
            "absent": field.key not in received.message,
        }[field.request]
        if not received.behaviour.field_fits(field, value if isinstance(value, str) else None, right):
            raise Refusal("FIELDS")
    if not received.behaviour.transaction_fits(received.value("TRANS-TYPE"), received.operation.trans_type):
        raise Refusal("FIELDS")


def _application(received: Received) -> None:
    if not received.application_is_known:
        raise Refusal("APPLICATION")


def _timestamp(received: Received) -> None:
    rule = received.spec.timestamp
    try:
        age = received.now - moment(rule, received.value("TIMESTAMP"))
    except (ValueError, OverflowError):
        raise Refusal("FIELDS") from None
    if not received.behaviour.timestamp_fits(age, -rule.future * 1000 <= age <= rule.past * 1000):
        raise Refusal("TIMESTAMP")


def _encipherment(received: Received) -> None:
    _ = received.opened


def _signature(received: Received) -> None:
    right = received.envelope.holds(received.message, received.opened)
    if not received.behaviour.signature_fits(received.message, right):
        raise Refusal("SIGNATURE")


def _replay(received: Received) -> None:
    msg_id = received.value("MSG-ID")
    if received.behaviour.is_replay(msg_id, msg_id in received.used):
        raise Refusal("REPLAY")
    received.used.add(msg_id)


def check_business(received: Received) -> None:
    """Presence and form of the business fields; raises Refusal."""
    data = received.opened.data
    for field in received.spec.business_fields(received.operation.id, "request"):
        value = data.get(field.key)
        if value is None or value == "":
            right = not field.mandatory
        else:
            right = isinstance(value, str) and re.fullmatch(field.pattern, value) is not None
        if not received.behaviour.business_fits(field, value, right):
            raise Refusal("BUSINESS")


PROTOCOL_CHECKS: Mapping[str, Callable[[Received], None]] = MappingProxyType(
    {
        "fields": _fields,
        "application": _application,
        "timestamp": _timestamp,
        "encipherment": _encipherment,
        "signature": _signature,
        "replay": _replay,
    }
)
"""By the name in the data; each raises Refusal."""
