"""Exchanges of messages: recorded, told again, waited for, and cases that go on when a service drops one request."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from onecard.evidence.lines import Event
from onecard.evidence.sealing import NullSealer
from onecard.harness.bench import TargetBench
from onecard.harness.case import Case
from onecard.harness.context import RunContext
from onecard.harness.engine import Diverged, Engine
from onecard.harness.expect import expect
from onecard.harness.interrupt import Gate
from onecard.harness.messages import Reply
from onecard.harness.opening import context_of
from onecard.harness.replay import ReplayWire
from onecard.harness.service import HsmUnderTest
from onecard.harness.subject import Subject
from onecard.harness.verdict import Outcome, Verdict
from onecard.harness.wire import LiveWire, MemoryLog
from onecard.planning.declaration import Ixit, ics_of_profile
from onecard.spec.load import Spec
from onecard.spec.text import Text
from onecard.targets.base import CardRemoved, Message, SilentTarget, TargetError

CASE = Case("hsm/x/y", "", ("HSM-X",), None)
OK: Message = {"status": 200, "headers": {"content-type": "application/json"}, "body": '{"a":{"b":[7]}}'}


@dataclass
class Scripted:
    """A service that gives its answers in turn; an error is raised, the last answer stays."""

    answers: Sequence[Message | TargetError]
    description: str = "scripted:"
    asked: list[Message] = field(default_factory=list)

    def connect(self) -> None:
        """Always there."""

    def close(self) -> None:
        """Nothing to release."""

    def reader_name(self) -> str:
        """Nothing between."""
        return "-"

    def exchange(self, request: Message) -> Message:
        """The next answer."""
        self.asked.append(request)
        answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
        if isinstance(answer, TargetError):
            raise answer
        return answer


@pytest.fixture
def context(spec: Spec) -> RunContext:
    """A run on an encryptor whose IXIT has one parameter."""
    ixit = Ixit(None, 1.0, None, None, {"kind": "none"}, parameters={"places": ["甲", {"b": 1}]})
    return context_of(spec, ics_of_profile(spec, "hsm-default"), ixit, bytes(16))


def engine(context: RunContext, target: Scripted, log: MemoryLog) -> Engine:
    """An engine on one scripted service."""
    gate = Gate()
    bench = TargetBench(target, lambda any_target: LiveWire(any_target, log, NullSealer(), frozenset(), gate))
    return Engine(context, bench, gate)


def run(context: RunContext, target: Scripted, body: Callable[[HsmUnderTest], object]) -> tuple[Outcome, MemoryLog]:
    """One case on one scripted service."""
    log = MemoryLog()
    return engine(context, target, log).run(CASE, typed(body)), log


def typed(body: Callable[[HsmUnderTest], object]) -> Callable[[Subject], None]:
    """A body for the engine."""

    def inner(subject: Subject) -> None:
        assert isinstance(subject, HsmUnderTest)
        body(subject)

    return inner


def recorded(log: MemoryLog) -> list[Event]:
    """The events as a bundle holds them."""
    return [
        Event(n=n, line=n + 1, t=0.0, kind=kind, body=body, case=case, prev="")
        for n, (kind, body, case) in enumerate(log.events, start=1)
    ]


def replayed(context: RunContext, log: MemoryLog, body: Callable[[HsmUnderTest], object]) -> Outcome:
    """The case told again from its record."""

    wire = ReplayWire(recorded(log), NullSealer(), keyless=False)
    # The wire answers from the record: the target is never asked.
    bench = TargetBench(Scripted([]), lambda _: wire)
    return Engine(context, bench, Gate()).run(CASE, typed(body))


def ask(hsm: HsmUnderTest, number: int = 1) -> Reply:
    """A request with a judged answer."""
    reply = hsm.request("POST", "/v1/x", json={"n": number, "name": "张"})
    expect(reply).status(200).json().field("a.b.0", 7).has("a.b").lacks("a.c")
    return reply


def test_an_exchange_is_recorded_and_told_again(context: RunContext) -> None:
    target = Scripted([OK])
    outcome, log = run(context, target, ask)
    assert outcome.verdict is Verdict.PASS
    [body] = [body for kind, body, _ in log.events if kind == "exchange"]
    assert (body["do"], body["c"]["body"], body["r"]) == ("http", '{"n":1,"name":"张"}', OK)
    assert replayed(context, log, ask).verdict is Verdict.PASS


def test_a_replay_names_another_request(context: RunContext) -> None:
    _, log = run(context, Scripted([OK]), ask)
    with pytest.raises(Diverged) as raised:
        replayed(context, log, lambda hsm: ask(hsm, number=2))
    divergence = raised.value.args[0]
    assert '{\\"n\\":2' in divergence.text.en
    assert '{\\"n\\":1' in divergence.text.en


def test_an_altered_answer_is_a_divergence(context: RunContext) -> None:
    _, log = run(context, Scripted([OK]), ask)
    for kind, body, _ in log.events:
        if kind == "exchange":
            body["r"] = {**OK, "body": OK["body"] + " "}
    with pytest.raises(Diverged):
        replayed(context, log, ask)


def test_a_parameter_is_recorded_and_a_replay_needs_no_ixit(context: RunContext, spec: Spec) -> None:
    def body(hsm: HsmUnderTest) -> None:
        assert hsm.parameter("places") == ["甲", {"b": 1}]
        assert not hsm.has_parameter("control")
        ask(hsm)

    outcome, log = run(context, Scripted([OK]), body)
    assert outcome.verdict is Verdict.PASS
    without = context_of(
        spec, ics_of_profile(spec, "hsm-default"), Ixit(None, 1.0, None, None, {"kind": "none"}), bytes(16)
    )
    assert replayed(without, log, body).verdict is Verdict.PASS


def test_a_missing_parameter_is_inconclusive(context: RunContext) -> None:
    outcome, _ = run(context, Scripted([OK]), lambda hsm: hsm.parameter("nowhere"))
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.why is not None
    assert "nowhere" in outcome.why.en


def test_a_replay_does_not_wait(context: RunContext) -> None:
    def body(hsm: HsmUnderTest) -> None:
        hsm.wait(60)
        ask(hsm)

    _, log = run(context, Scripted([OK]), ask)
    waited = ("exchange", {"do": "wait", "c": {"do": "wait", "ms": 60_000}, "r": {}, "ms": 60_000.0}, CASE.id)
    log.events.insert(next(at for at, event in enumerate(log.events) if event[0] == "exchange"), waited)
    # Numbers in the checks are those of the events: the answer that they judge has moved on by one.
    for kind, checked, _ in log.events:
        if kind == "check":
            checked["of"] += 1
    assert replayed(context, log, body).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html><body>Login</body></html>"},
        {"status": 200, "headers": {}, "body": '{"a":{"b":[7]}}'},
        {"status": 200, "headers": {"content-type": "application/json"}, "body": '{"a":'},
        {"status": 200, "headers": {"content-type": "application/json"}, "body": "[1]"},
        {"status": 200, "headers": {"content-type": "application/json"}, "body": '{"a"', "truncated": True},
        {"status": 200, "headers": {"content-type": "application/json"}, "body_hex": "FFFE"},
        {"status": 200, "headers": {"content-type": "application/json"}, "body": "[" * 100_000},
    ],
    ids=["html", "undeclared", "torn", "no-object", "too-large", "not-utf-8", "deep"],
)
def test_what_is_no_json_object_fails_with_its_beginning(context: RunContext, answer: Message) -> None:
    outcome, log = run(context, Scripted([answer]), ask)
    assert outcome.verdict is Verdict.FAIL
    assert outcome.failed is not None
    assert outcome.failed.expected == "an application/json object"
    assert len(outcome.failed.received) < 500
    assert replayed(context, log, ask).verdict is Verdict.FAIL


@pytest.mark.parametrize(
    ("expected", "ok"), [(7, True), (7.0, False), (True, False), ("7", False), (None, False)], ids=str
)
def test_a_field_is_compared_with_its_type(context: RunContext, expected: object, ok: bool) -> None:
    outcome, _ = run(context, Scripted([OK]), lambda hsm: expect(hsm.request("GET", "/")).field("a.b.0", expected))
    assert (outcome.verdict is Verdict.PASS) == ok


def test_credentials_that_are_not_taken_are_inconclusive(context: RunContext) -> None:
    answer: Message = {"status": 401, "headers": {"content-type": "application/json"}, "body": '{"code":"no"}'}
    outcome, _ = run(context, Scripted([answer]), lambda hsm: hsm.must(hsm.request("GET", "/"), Text("步骤", "a step")))
    assert outcome.verdict is Verdict.INCONCLUSIVE
    assert outcome.why is not None
    assert "credentials" in outcome.why.en


LOST = CardRemoved(zh="断开", en="dropped")
SILENT = SilentTarget(zh="无应答", en="silent")


def test_a_service_may_drop_a_request(context: RunContext) -> None:
    table = engine(context, Scripted([LOST, SILENT, OK, LOST, LOST, OK]), MemoryLog())
    verdicts = [table.run(CASE, typed(ask)).verdict for _ in range(6)]
    assert verdicts == [Verdict.ERROR, Verdict.ERROR, Verdict.PASS, Verdict.ERROR, Verdict.ERROR, Verdict.PASS]
    assert table.stop is None


def test_a_dead_service_ends_the_run(context: RunContext) -> None:
    table = engine(context, Scripted([SILENT]), MemoryLog())
    verdicts = [table.run(CASE, typed(ask)).verdict for _ in range(4)]
    assert verdicts == [Verdict.ERROR, Verdict.ERROR, Verdict.ERROR, Verdict.NOT_RUN]
