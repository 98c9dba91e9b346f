"""The reference partner, sans-IO: bodies in, answers out, notifications to be sent."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.envelope.codec import Envelope, Party
from emulator.partner.behaviour import PartnerBehaviour
from emulator.partner.checks import PROTOCOL_CHECKS, Received, Refusal, check_business, read
from emulator.partner.delivery import OK, Delivery, common_fields
from emulator.partner.transactions import Transaction, Transactions
from onecard.spec.partner import ACTIVATE, NOTIFY, PartnerSpec


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: HTTP status, JSON object, and the notification that it brings about, if any."""

    status: int
    body: dict[str, Any]
    delivery: Delivery | None = None


class ReferencePartner:
    """A partner of one platform. ``now`` gives milliseconds since 1970, ``draw`` n random bytes."""

    def __init__(
        self,
        spec: PartnerSpec,
        party: Party,
        *,
        now: Callable[[], int],
        behaviour: PartnerBehaviour | None = None,
        draw: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self.spec = spec
        self.behaviour = behaviour or PartnerBehaviour()
        self.envelope = Envelope(spec, party, self.behaviour)
        self._now = now
        self._draw = draw
        self._used: set[str] = set()
        self._transactions = Transactions(spec, self.behaviour)

    def reset(self) -> None:
        """Forget every message and transaction."""
        self._used.clear()
        self._transactions.clear()

    def activate(self, body: bytes) -> Answer:
        """The operation that the platform calls."""
        try:
            message = read(self.spec, self.behaviour, body)
        except Refusal as refusal:
            return self._answer(None, refusal.code)
        operation = self.spec.operations[ACTIVATE]
        received = Received(message, operation, self.envelope, self.behaviour, self._used, self._now())
        try:
            self._check(received)
        except Refusal as refusal:
            if self.behaviour.takes_effect(refusal.code):
                return self._accepted(received, refusal.code)
            return self._answer(received, refusal.code)
        return self._accepted(received, OK)

    def _check(self, received: Received) -> None:
        stages: dict[str, Callable[[Received], None]] = {
            "protocol": self._check_protocol,
            "business": check_business,
            "state": lambda received: self._transactions.check(self._asked(received)),
        }
        for stage in self.spec.stages:
            stages[stage](received)

    def _check_protocol(self, received: Received) -> None:
        checks = self.spec.protocol_checks
        if self.behaviour.keeps_before_checks():
            PROTOCOL_CHECKS["replay"](received)
            checks = tuple(check for check in checks if check != "replay")
        for check in checks:
            PROTOCOL_CHECKS[check](received)

    def _asked(self, received: Received) -> Transaction:
        fields = self.spec.business_fields(ACTIVATE, "request")
        named = {field.id.rpartition("/")[2]: field.key for field in fields}
        data = received.opened.data
        content = {field.key: data[field.key] for field in fields if data.get(field.key) not in (None, "")}
        return Transaction(str(data.get(named["BUSI-SEQ"])), str(data.get(named["AAZ500"])), content)

    def _accepted(self, received: Received, code: str) -> Answer:
        asked = self._asked(received)
        first = self._transactions.accept(asked)
        delivery = None
        if (first or self.behaviour.notifies_again()) and self.behaviour.notifies():
            delivery = self._delivery(asked)
        if code != OK:
            return self._answer(received, code, delivery=delivery)
        values = {"ANSWER-BUSI-SEQ": asked.busi_seq, "ANSWER-STATUS": "accepted"}
        data = self._business("answer", ACTIVATE, values)
        return self._answer(received, OK, self.behaviour.answer_data(data), delivery)

    def _delivery(self, asked: Transaction) -> Delivery:
        state = self._transactions.processed(asked)
        values = {"BUSI-SEQ": asked.busi_seq, "AAZ500": asked.card, "STATUS": state}
        return Delivery(self.envelope, self.behaviour, self._draw, self._business("request", NOTIFY, values))

    def _business(self, message: str, operation: str, values: dict[str, str]) -> dict[str, str]:
        fields = self.spec.business_fields(operation, message)
        return {field.key: values[field.id.rpartition("/")[2]] for field in fields}

    def _answer(
        self,
        received: Received | None,
        name: str,
        data: dict[str, str] | None = None,
        delivery: Delivery | None = None,
    ) -> Answer:
        code = self.spec.code(self.behaviour.code(name))
        values = {"CODE": code.code, "MESSAGE": f"{code.name.zh} / {code.name.en}"}
        known = received is not None and received.application_is_known
        if received is not None and known:
            msg_id, trans_type = received.message_id, received.operation.trans_type
            values |= common_fields(self.spec, self.envelope.party.app_id, msg_id, trans_type, received.now)
        fields = {
            field.key: value
            for field in self.spec.fields
            if field.answer == "mandatory" and (value := values.get(field.id.rpartition("/")[2]))
        }
        fields = self.behaviour.answer_fields(fields)
        signed = known and self.behaviour.answer_is_signed(name)
        body = self.envelope.sealed(fields, data) if signed else {**fields}
        return Answer(self.behaviour.status(name, code.status), self.behaviour.sent(body), delivery)
