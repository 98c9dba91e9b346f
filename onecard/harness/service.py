"""Services and terminals as a case sees them."""

from collections.abc import Mapping
from typing import Any

from onecard.evidence.canonical import canonical_value
from onecard.harness.context import Identity
from onecard.harness.messages import CallResult, Incoming, Octets, Reply, incoming_of
from onecard.harness.subject import Subject
from onecard.harness.verdict import Check, Inconclusive, PreambleFailed
from onecard.spec.hsm import hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text
from onecard.targets.base import Message

CONTROL_HEADER = "x-test-control"


class MessageSubject(Subject):
    """A target that speaks in messages."""

    @property
    def spec(self) -> InterfaceSpec:
        """The target's data for the declaration."""
        return self._context.interface

    def identify(self, identity: Identity) -> None:
        """No interface of these kinds tells which device it is."""

    def _exchange(self, request: Message) -> tuple[Message, int]:
        message, event = self._wire.exchange(request)
        self.last_event, self.last_answer = event, canonical_value(message)
        return message, event

    def prepare(self, settings: Mapping[str, Any]) -> Message:
        """Configure the tester's instrument; an empty mapping brings it back to its defaults."""
        return self._wire.exchange({"do": "instrument", "settings": dict(settings)})[0]


class ServiceUnderTest(MessageSubject):
    """A service behind HTTP during one case."""

    def reset(self) -> None:
        """Bring the service's data back to their beginning, where the IXIT declares a control interface."""
        if self.has_parameter("control"):
            self.must(self.control("reset"), Text("复位测试数据", "reset the test data"))

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request; ``json`` is sent as JSON text, ``body`` as it stands."""
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        try:
            text = canonical_value(json).decode("utf-8") if body is None and json is not None else body
            path.encode("utf-8")
        except UnicodeEncodeError:
            raise PreambleFailed(
                zh="先前应答中的值含有半个字符，无法发送",
                en="a value of an earlier answer holds half a character: it cannot be sent",
            ) from None
        if text is not None:
            sent.setdefault("content-type", "application/json")
        request: Message = {"do": "http", "method": method, "path": path, "headers": sent, "body": text}
        message, event = self._exchange(request)
        return Reply(self, event, request, message)

    def control(self, action: str, **fields: object) -> Reply:
        """A call of the control interface for tests; Inconclusive when the IXIT declares none."""
        control = self.parameter("control")
        return self.request(
            "POST", f"{control['path']}/{action}", json=fields, headers={CONTROL_HEADER: control["token"]}
        )

    def must(self, reply: Reply, step: Text) -> Reply:
        """A step before the tested one: a service that does not do it is judged by that step's own cases."""
        ok = 200 <= reply.status < 300
        self._wire.check(
            Check(
                reply.event,
                None,
                f"preamble: {step.en}",
                "2xx",
                reply.shown(),
                ok,
                "data",
                reply.judged,
                secret=True,
                open_expected="2xx",
                open_received=reply.brief(),
            )
        )
        if ok:
            return reply
        if reply.status in (401, 403):
            raise Inconclusive(
                zh=f"前置步骤“{step.zh}”：被测系统不接受 IXIT 中的凭据（{reply.brief()}）",
                en=f"the step before the tested one, {step.en}: the target does not take the IXIT's credentials "
                f"({reply.brief()})",
            )
        raise PreambleFailed(
            zh=f"前置步骤“{step.zh}”未成功：{reply.brief()}",
            en=f"the step before the tested one did not work: {step.en}: {reply.brief()}",
        )


class HsmUnderTest(ServiceUnderTest):
    """An encryptor."""

    def caller(self, who: str = "credentials", channel: str | None = None) -> dict[str, str]:
        """The headers by which an institution of the IXIT asks: its credential, and its channel where it has one.

        ``channel``: another one in its place; empty for none.
        """
        spec, given = hsm_spec(self.spec), self.parameter(who)
        named = given.get("channel", "") if channel is None else channel
        headers = {spec.transport.id_header: given["id"], spec.transport.key_header: given["key"]}
        return headers | ({spec.channel_header: named} if named and spec.channel_header is not None else {})

    def send_octets(self, *pieces: bytes) -> Octets:
        """Over a TCP connection of its own: the pieces one by one, then the end; returns all that comes back."""
        request: Message = {"do": "frame", "sent": [piece.hex().upper() for piece in pieces]}
        message, event = self._exchange(request)
        return Octets(self, event, message)


class EcardUnderTest(ServiceUnderTest):
    """An electronic card service."""


class PlatformUnderTest(ServiceUnderTest):
    """A platform."""


class PartnerUnderTest(ServiceUnderTest):
    """A partner system; the tester plays the platform that it calls."""

    def reset(self) -> None:
        """Both sides begin anew."""
        self.prepare({})
        super().reset()

    def received(self, count: int, within_seconds: int) -> tuple[Incoming, ...]:
        """What the partner has sent to the tester's side: waits until ``count`` came, or the time is over."""
        request: Message = {"do": "receive", "count": count, "within_ms": within_seconds * 1000}
        message, _ = self._exchange(request)
        return incoming_of(message)


class TerminalUnderTest(MessageSubject):
    """A reader terminal; the tester plays card and PSAM."""

    def prepare(self, settings: Mapping[str, Any]) -> Message:
        """Lay out the tester's card and PSAM; their challenges derive from the nonce, which binds the run to it."""
        return super().prepare({"random": self.random.bytes(16).hex(), **settings})

    def reset(self) -> None:
        """The tester's card and PSAM begin anew."""
        self.prepare({})

    def call(self, name: str, **arguments: object) -> CallResult:
        """Call a function of the terminal; a call that gives no result at all fails the case."""
        request: Message = {"do": "call", "call": name, "args": arguments}
        message, event = self._exchange(request)
        if "fault" in message:
            self._faulted(message["fault"], event)
        return CallResult(self, event, request, message)

    def _faulted(self, fault: Message, event: int) -> None:
        """A library that crashes, hangs or writes what is no text has not done what the case's requirement says."""
        self.record(
            Check(
                of=event,
                requirement=self.default_requirement,
                what="the call",
                expected="a return code and a text in pOutInfo",
                received=str(fault["en"]),
                ok=False,
                judges="data",
                judged=self.last_answer,
            )
        )
