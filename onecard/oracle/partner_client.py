"""The tester as the platform of a partner: messages that it sends, and what it makes of the partner's."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from onecard.oracle.envelope import CannotOpen, EnvelopeError, Side, WrongField, compact
from onecard.oracle.identity import card_number_check, citizen_check
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec
from onecard.spec.partner import ACTIVATE, NOTIFY, Operation, PartnerSpec, partner_spec
from onecard.spec.text import Text

MINUTE = 60_000
"""Milliseconds."""

REGION = "341300"
"""Division of the synthetic holders."""

_CARD_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of card numbers: drawn from so many, no run meets a card that an earlier one activated."""


class Random(Protocol):
    """The tester's randomness."""

    def bytes(self, count: int) -> bytes: ...

    def below(self, bound: int) -> int: ...


class Call(Protocol):
    """A request of the partner to the tester's side, and the answer that it got."""

    @property
    def ask(self) -> dict[str, Any]: ...

    @property
    def answer(self) -> dict[str, Any]: ...


class Answer(Protocol):
    """A reply of the partner."""

    @property
    def json(self) -> Any: ...


A = TypeVar("A", bound=Answer)


class Service(Protocol[A]):
    """What is asked of the partner under test and its circumstances."""

    @property
    def spec(self) -> InterfaceSpec: ...

    @property
    def ics(self) -> Mapping[str, Value]: ...

    @property
    def random(self) -> Random: ...

    def request(self, method: str, path: str, *, body: str | None = None) -> A: ...

    def control(self, action: str, **fields: object) -> A: ...

    def must(self, reply: A, step: Text) -> A: ...

    def prepare(self, settings: Mapping[str, Any]) -> dict[str, Any]: ...

    def received(self, count: int, within_seconds: int) -> Sequence[Call]: ...

    def parameter(self, name: str) -> Any: ...

    def has_parameter(self, name: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Notification:
    """A notification as it came: path, protocol fields, business data, and the answer that our side gave."""

    path: str
    content_type: str
    message: dict[str, Any]
    data: dict[str, Any]
    answer: dict[str, Any]


class Platform(Generic[A]):
    """The platform's side in one case.

    ``answers``: how notifications are answered, one after the other; the last one stays (see the instrument). Without
    any the case does not care for notifications.
    """

    def __init__(self, service: Service[A], answers: Sequence[str] = ()) -> None:
        self._service = service
        self.spec: PartnerSpec = partner_spec(service.spec)
        self.side = Side.of(
            self.spec, service.parameter("app"), service.parameter("platform"), service.parameter("partner")
        )
        told = service.prepare({"answers": list(answers), "ics": dict(service.ics)})
        self.now: int = told["now"]
        if answers and "callback" in told and service.has_parameter("control"):
            step = Text("告知回调地址", "tell the callback address")
            service.must(service.control("callback", url=told["callback"]), step)
        self.business = self.holder()

    # --- what is sent ---

    @property
    def operation(self) -> Operation:
        """The operation that the platform calls."""
        return self.spec.operations[ACTIVATE]

    def holder(self) -> dict[str, str]:
        """The business data of an activation for a synthetic holder whom nobody had before."""
        draw = self._service.random
        body = f"{REGION}19{draw.below(90) + 10}0{draw.below(9) + 1}{draw.below(19) + 10}{draw.below(1000):03}"
        card = "T" + "".join(_CARD_CHARACTERS[draw.below(len(_CARD_CHARACTERS))] for _ in range(7))
        return {
            "busiSeq": f"{int.from_bytes(draw.bytes(10), 'big'):024}"[-24:],
            "aab301": REGION,
            "aac002": body + citizen_check(body),
            "aac003": "测试人员",
            "aaz500": card + card_number_check(card),
        }

    def message_id(self) -> str:
        """A message id that was not used before."""
        return self._service.random.bytes(12).hex().upper()

    def fields(self, **changes: Any) -> dict[str, Any]:
        """The protocol fields of an activation at this moment, by key; ``changes`` by key, None leaves one out."""
        made = {
            self.side.key_of("APP-ID"): self.side.app_id,
            self.side.key_of("ENC-TYPE"): "SM4",
            self.side.key_of("SIGN-TYPE"): "SM2",
            self.side.key_of("TIMESTAMP"): self.side.stamp(self.now),
            self.side.key_of("VERSION"): self.spec.version,
            self.side.key_of("TRANS-TYPE"): self.operation.trans_type,
            self.side.key_of("MSG-ID"): self.message_id(),
        } | changes
        return {key: value for key, value in made.items() if value is not None}

    def message(self, data: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A sealed activation; ``data`` in place of the case's business data, ``changes`` of protocol fields."""
        return self.side.sealed(self.fields(**changes), self.business if data is None else dict(data))

    def send(self, message: Mapping[str, Any]) -> A:
        """Send a message as compact JSON."""
        return self.post(compact(dict(message)))

    def post(self, body: str) -> A:
        """Send a body as it stands."""
        return self._service.request("POST", self.operation.path, body=body)

    def activate(self, data: Mapping[str, Any] | None = None, **changes: Any) -> A:
        """Seal and send an activation."""
        return self.send(self.message(data, **changes))

    def stop_clock(self) -> None:
        """Stop the partner's clock at a whole second; needs the control interface."""
        self.now -= self.now % 1000
        step = Text("停住合作方的时钟", "stop the partner's clock")
        self._service.must(self._service.control("clock", at=self.now), step)

    # --- what comes ---

    def notifications(self, count: int) -> list[Notification]:
        """The next ``count`` notifications of the case's business, or those that came in time.

        Raises EnvelopeError for one that does not open.
        """
        found = [self.notification(call) for call in self._service.received(count, self.wait_seconds(count))]
        return [each for each in found if self._is_ours(each)]

    def heard(self, count: int) -> int:
        """How many calls of the case's business came, ``count`` being waited for; what does not open counts as one."""
        came = 0
        for call in self._service.received(count, self.wait_seconds(count)):
            try:
                came += self._is_ours(self.notification(call))
            except EnvelopeError:
                came += 1
        return came

    def _is_ours(self, found: Notification) -> bool:
        # A late repetition of an earlier case's business is none of this one's.
        return bool(found.data.get("busiSeq") == self.business["busiSeq"])

    def wait_seconds(self, count: int) -> int:
        """How long ``count`` attempts may take."""
        return int(self._service.parameter("notify-within")) + self.spec.retry_seconds * (count - 1)

    def notification(self, call: Call) -> Notification:
        """What the partner sent; raises EnvelopeError for what is no sealed message."""
        request = call.ask["http"]
        headers = {name.lower(): value for name, value in request["headers"].items()}
        message = _object(request.get("body"))
        return Notification(
            request["path"], headers.get("content-type", ""), message, self.side.opened(message), call.answer
        )

    def check_notification(self, found: Notification) -> None:
        """Path, form, protocol fields, signature and business data; raises EnvelopeError."""
        operation = self.spec.operations[NOTIFY]
        form = found.content_type.partition(";")[0].strip()
        for what, told, wanted in (
            ("path", found.path, operation.path),
            ("content-type", form, self.spec.content_type),
            ("transType", found.message.get(self.side.key_of("TRANS-TYPE")), operation.trans_type),
            ("appId", found.message.get(self.side.key_of("APP-ID")), self.side.app_id),
        ):
            if told != wanted:
                raise WrongField(zh=f"{what} 应为 {wanted}，实为 {told}", en=f"{what} is {told!r}, not {wanted!r}")
        self.check_fields(found.message, "request")
        self.check_business(NOTIFY, "request", found.data)
        self.side.check_signature(found.message, found.data)

    def check_fields(self, message: Mapping[str, Any], direction: str) -> None:
        """Presence and form of the protocol fields of a ``request`` or an ``answer``; raises WrongField."""
        for field in self.spec.fields:
            presence = field.request if direction == "request" else field.answer
            value = message.get(field.key)
            if presence == "absent" and field.key in message:
                raise WrongField(zh=f"不应有 {field.key}", en=f"there must be no {field.key}")
            if presence == "mandatory" or (presence == "optional" and value is not None):
                _fits(field.key, value, field.pattern)

    def check_business(self, operation: str, direction: str, data: Mapping[str, Any]) -> None:
        """Presence and form of business data; raises WrongField."""
        for field in self.spec.business_fields(operation, direction):
            if field.mandatory or field.key in data:
                _fits(field.key, data.get(field.key), field.pattern)

    def answered(self, message: object) -> dict[str, Any]:
        """The business data of an answer to an activation (empty where it has none); raises EnvelopeError."""
        found = _as_object(message)
        self.check_fields(found, "answer")
        data = self.side.opened(found) if self.side.key_of("ENC-DATA") in found else {}
        self.side.check_signature(found, data or None)
        return data

    def our_answer_is_right(self, found: Notification) -> bool:
        """Whether our side's answer to a notification is one that counts: recomputed, nothing is taken from it."""
        try:
            message = _object(found.answer.get("body"))
            self.side.check_own_signature(message, None)
        except EnvelopeError:
            return False
        code = message.get(self.side.key_of("CODE")) == self.spec.code("OK").code
        msg_id = self.side.key_of("MSG-ID")
        return code and found.answer.get("status") == 200 and message.get(msg_id) == found.message.get(msg_id)


def _object(text: object) -> dict[str, Any]:
    try:
        return _as_object(json.loads(str(text)))
    except (ValueError, RecursionError) as error:
        raise CannotOpen(zh="不是 JSON", en=f"not JSON: {error}") from None


def _as_object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise CannotOpen(zh="不是 JSON 对象", en="not a JSON object")
    return value


def _fits(key: str, value: object, pattern: str) -> None:
    if not isinstance(value, str) or re.fullmatch(pattern, value, re.DOTALL) is None:
        raise WrongField(zh=f"{key} 不合规定：{value!r}", en=f"{key} does not fit its form: {value!r}")
