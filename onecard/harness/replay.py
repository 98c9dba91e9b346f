"""Replay: the recorded answers take the device's place and the judge must reach the same verdicts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from onecard.errors import UserError
from onecard.evidence.bundle import Bundle
from onecard.evidence.canonical import canonical_line, canonical_value
from onecard.evidence.digests import sm3_name
from onecard.evidence.exchange import restore_exchange
from onecard.evidence.lines import Event
from onecard.evidence.messages import restore_message
from onecard.evidence.sealing import NullSealer, Sealing, StillSealed
from onecard.harness.bench import SETUP, setup
from onecard.harness.campaign import TREES
from onecard.harness.case import Case
from onecard.harness.conductor import Runner, collect
from onecard.harness.context import Identity, RunContext, Sample
from onecard.harness.engine import Diverged, Engine
from onecard.harness.interrupt import Gate
from onecard.harness.judgement import Campaign, Judgement, judge, together
from onecard.harness.verdict import Check, Inconclusive, Outcome
from onecard.harness.wire import Wire, check_body, end_body, has_sealed_answer
from onecard.planning.declaration import DIVERSIFIED_SOURCES, Ics, Ixit, ics_of_document
from onecard.planning.plan import Plan, make_plan, scope_of
from onecard.resources import tree_digest
from onecard.spec.card import CardSpec
from onecard.spec.document import RawDocument
from onecard.spec.load import Spec
from onecard.spec.text import Text
from onecard.targets.base import Message
from onecard.targets.replay import raise_recorded

_OWN = ("instrument", "wait")
"""Exchanges with the tester's own side: nobody judges their answers."""


def _told(message: Message) -> str:
    text = canonical_value(message).decode("utf-8")
    return text if len(text) <= _TOLD else f"{text[:_TOLD]}…"


_TOLD = 400
_DONE = ("pass", "fail", "inconclusive", "error")


@dataclass(frozen=True)
class Divergence:
    """A place where the evidence and its re-derivation differ. ``line`` is the bundle's line, ``n`` the event."""

    line: int
    n: int
    case: str
    text: Text


@dataclass(frozen=True)
class Unjudged:
    """An exchange whose answer no case judges: ``part`` all (no check at all) or data (only the status word was
    compared).
    """

    n: int
    case: str
    part: str


@dataclass
class ReplayedRun:
    """One run told again."""

    profile: str
    target: str
    identity: Identity
    plan: Plan
    judgement: Judgement
    recorded: str | None
    outcomes: Mapping[str, Outcome]


@dataclass
class ReplayResult:
    """What a replay found."""

    runs: list[ReplayedRun] = field(default_factory=list)
    divergences: list[Divergence] = field(default_factory=list)
    unjudged: list[Unjudged] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    incomplete: bool = False
    other_suite: bool = False

    @property
    def verdict(self) -> Campaign:
        """The verdict that the replayed answers give."""
        verdict = together([run.judgement.verdict for run in self.runs])
        return Campaign.INCOMPLETE if self.incomplete and verdict is Campaign.PASS else verdict

    @property
    def exit_code(self) -> int:
        """0 re-derived, 1 it differs, 3 undecidable (sealed or incomplete)."""
        if self.divergences:
            return 1
        return 3 if self.sealed or self.incomplete else 0


class ReplayWire:
    """Answers from the recorded events of one attempt at one case, strictly in order."""

    def __init__(self, events: Sequence[Event], sealing: Sealing, *, keyless: bool) -> None:
        self._events = events
        self._sealing = sealing
        # Without the key of a sealed bundle its keyed digests cannot be made again.
        self._ignored = frozenset(("digest", "expected", "received")) if keyless else frozenset[str]()
        self._at = 0
        self._case = ""
        self._still_sealed = False
        self.exchanges: dict[int, bool] = {}
        self.judged: dict[int, set[str]] = {}
        self._last: tuple[int, bytes] | None = None
        self._sealed_events: set[int] = set()

    def _diverge(self, event: Event, zh: str, en: str) -> Diverged:
        return Diverged(Divergence(event.line, event.n, self._case, Text(zh=zh, en=en)))

    def _next(self, kind: str, doing: str) -> Event:
        if self._still_sealed:
            raise self._sealed(StillSealed())
        if self._at >= len(self._events):
            raise self._diverge(
                self._events[-1],
                f"证据到此结束，用例还要{doing}",
                f"the evidence ends here, the case would go on to {doing}",
            )
        event = self._events[self._at]
        self._at += 1
        if event.kind != kind:
            raise self._diverge(
                event,
                f"证据中是 {event.kind}，用例要{doing}",
                f"the evidence holds {event.kind}, the case would {doing}",
            )
        return event

    def begin(self, case: str, body: dict[str, Any]) -> None:
        self._case = case
        event = self._next("begin", f"begin {case}")
        if event.body != body:
            raise self._diverge(event, "用例的描述与证据不同", "the case is described otherwise in the evidence")

    def reset(self, kind: str) -> bytes:
        event = self._next("reset", f"reset ({kind})")
        if event.body["kind"] != kind:
            raise self._diverge(
                event, f"证据中是 {event.body['kind']} 复位", f"the evidence holds a {event.body['kind']} reset"
            )
        raise_recorded(event.body)
        return bytes.fromhex(event.body["atr"])

    def transmit(self, command: bytes) -> tuple[bytes, int]:
        return self._told_again(command, self._next("apdu", f"send {command.hex().upper()}"))

    def transmit_and_cut(self, command: bytes, step: int) -> tuple[bytes | None, int]:
        event = self._next("apdu", f"send {command.hex().upper()} and cut the supply before step {step}")
        if event.body.get("cut") != step:
            raise self._diverge(
                event,
                f"用例要在第 {step} 步前断电，证据中是 {event.body.get('cut')}",
                f"the case would cut the supply before step {step}, the evidence holds {event.body.get('cut')}",
            )
        received, number = self._told_again(command, event)
        return (None if event.body.get("error") == "cut" else received), number

    def _told_again(self, command: bytes, event: Event) -> tuple[bytes, int]:
        body = event.body if "r" in event.body else {**event.body, "r": ""}
        try:
            sent, received = restore_exchange(self._sealing, body)
        except StillSealed as error:
            raise self._sealed(error) from None
        if sent != command:
            raise self._diverge(
                event,
                f"用例要发送 {command.hex().upper()}，证据中是 {sent.hex().upper()}",
                f"the case would send {command.hex().upper()}, the evidence holds {sent.hex().upper()}",
            )
        raise_recorded(event.body)
        self._follow(command)
        self.exchanges[event.n] = len(received) > 2
        self._last = (event.n, received)
        if has_sealed_answer(event.body):
            self._sealed_events.add(event.n)
        return received, event.n

    def _follow(self, command: bytes) -> None:
        """An answer 61xx or 6Cxx decided this very command (its Le): altered, it would have shown here."""
        if self._last is not None:
            number, before = self._last
            if before[-2:-1] in (b"\x61", b"\x6c") and command[4:5] == before[-1:]:
                self.judged.setdefault(number, set()).add("sw")

    def exchange(self, request: Message) -> tuple[Message, int]:
        event = self._next("exchange", f"exchange {_told(request)}")
        try:
            sent, received = restore_message(self._sealing, event.body)
        except StillSealed as error:
            raise self._sealed(error) from None
        if sent != request:
            raise self._diverge(
                event,
                f"用例要发送 {_told(request)}，证据中是 {_told(sent)}",
                f"the case would send {_told(request)}, the evidence holds {_told(sent)}",
            )
        raise_recorded(event.body)
        answer = received or {}
        if request["do"] not in _OWN:
            self.exchanges[event.n] = True
        if "sealed" in event.body:
            self._sealed_events.add(event.n)
        return answer, event.n

    def secret(self, name: str, provide: Callable[[], bytes | None]) -> bytes | None:
        event = self._next("secret", f"ask for {name}")
        if event.body["name"] != name:
            raise self._diverge(
                event,
                f"证据中是 {event.body['name']}",
                f"the evidence holds {event.body['name']}, the case asks for {name}",
            )
        if event.body["value"] is None:
            return None
        try:
            return self._sealing.restore(event.body["value"], event.body.get("sealed", []), f"secret {name}")
        except StillSealed as error:
            raise self._sealed(error) from None

    def _sealed(self, error: StillSealed) -> Inconclusive:
        self._still_sealed = True
        return Inconclusive(zh=error.text.zh, en=error.text.en)

    def check(self, check: Check) -> None:
        event = self._next("check", f"check {check.what}")
        if check.of is not None:
            self.judged.setdefault(check.of, set()).add(check.judges)
        body = check_body(check, self._sealing, self._sealed_events)
        different = [name for name in body if name not in self._ignored and body[name] != event.body.get(name)]
        if different:
            told = "; ".join(f"{name}: {body[name]} / {event.body.get(name)}" for name in different)
            raise self._diverge(
                event,
                f"重新判定与证据不同（重判 / 证据）：{told}",
                f"judged again it differs (again / recorded): {told}",
            )

    def note(self, text: Text) -> None:
        if not self._still_sealed:
            self._next("note", f"note: {text.en}")

    def end(self, outcome: Outcome, refused: Sequence[str] = ()) -> None:
        if self._still_sealed:
            return
        event = self._next("end", f"end with {outcome.verdict}")
        body = end_body(self._case, outcome)
        if body["verdict"] != event.body["verdict"] or body["failed"] != event.body["failed"]:
            raise self._diverge(
                event,
                f"重判为 {outcome.verdict}，证据为 {event.body['verdict']}",
                f"judged again: {outcome.verdict}; recorded: {event.body['verdict']}",
            )

    @property
    def still_sealed(self) -> bool:
        """Whether the case needed a value that no key opened."""
        return self._still_sealed

    def unjudged(self) -> list[Unjudged]:
        """The exchanges of this case that nothing judged, or whose data nothing judged."""
        found = []
        for number, has_data in self.exchanges.items():
            parts = self.judged.get(number, set())
            if not parts:
                found.append(Unjudged(number, self._case, "all"))
            elif has_data and "data" not in parts:
                found.append(Unjudged(number, self._case, "data"))
        return found


@dataclass
class _ReplayBench:
    """Wires from the recorded attempts."""

    attempts: Mapping[str, Sequence[Event]]
    sealing: Sealing
    keyless: bool
    openings: Sequence[Event] = ()
    sample: Sample = field(default_factory=lambda: Sample("A"))
    wires: dict[str, ReplayWire] = field(default_factory=dict)

    @property
    def wire(self) -> Wire:
        """The wire of the setup case."""
        return self._wire(SETUP)

    def _wire(self, case: Case) -> ReplayWire:
        if case.id not in self.wires:
            self.wires[case.id] = ReplayWire(self.attempts[case.id], self.sealing, keyless=self.keyless)
        return self.wires[case.id]

    def sample_for(self, case: Case) -> tuple[Sample, Wire]:
        """The recorded attempt; samples go by their recorded label."""
        first = self.attempts[case.id][0]
        label = first.body.get("sample", self.sample.label)
        # A resumed run began with what the card had refused before it.
        opening = next((event for event in reversed(self.openings) if event.n < first.n), None)
        self.sample.refused.update(opening.body.get("refused", ()) if opening is not None else ())
        sample = self.sample if label == self.sample.label else Sample(label, raw_t0=self.sample.raw_t0)
        return sample, self._wire(case)

    def recover(self) -> None:
        """Nothing to bring back."""


class _Recorded:
    """The key source of a replay: the evidence holds its answers."""

    def __init__(self, kind: str) -> None:
        self.diversified = kind in DIVERSIFIED_SOURCES

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """Never asked: the wire answers."""
        return None

    def pin(self) -> bytes | None:
        """Never asked: the wire answers."""
        return None

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """Never asked: the wire answers."""
        return None

    def region_code(self) -> bytes | None:
        """Never asked: the wire answers."""
        return None


def replay(spec: Spec, bundle: Bundle, sealing: Sealing, *, other_suite: bool = False) -> ReplayResult:
    """Re-derive every verdict of a bundle.

    Raises UserError (exit 2) for a bundle of other specs or suite unless asked for.
    """
    header = bundle.header
    changed = [tree for tree in TREES if header["digests"].get(tree) != tree_digest(tree)]
    if (changed or header["overlays"] != list(spec.overlays)) and not other_suite:
        names = ", ".join(changed or ["overlays"])
        raise UserError(
            zh=f"证据由另一版本产生（{names} 不同）：请用同一版本重放，或加 --other-suite",
            en=f"the bundle was made with other {names}: replay it with the version that made it, or with "
            f"--other-suite",
        )
    result = ReplayResult(incomplete=not bundle.complete, other_suite=bool(changed))
    for events in _runs(bundle):
        _replay_run(spec, bundle, events, sealing, result)
    if not result.runs:
        raise UserError(zh="证据中没有任何运行", en="the bundle holds no run", exit_code=3)
    return result


def _runs(bundle: Bundle) -> list[list[Event]]:
    """The events of each run; a resumed run goes on under its own number."""
    runs: dict[int, list[Event]] = {}
    number = 0
    for event in bundle.events:
        if event.kind == "run":
            number = event.body["run"]
        runs.setdefault(number, []).append(event)
    return [events for number, events in runs.items() if number]


def _attempts(events: Sequence[Event]) -> dict[str, list[Event]]:
    """The last finished attempt at each case."""
    finished: dict[str, list[Event]] = {}
    current: list[Event] = []
    for event in events:
        if event.kind == "begin":
            current = []
        if event.case is not None:
            current.append(event)
        if event.kind == "end" and event.body["verdict"] in _DONE:
            finished[event.body["case"]] = current
            current = []
    return finished


def _replay_run(spec: Spec, bundle: Bundle, events: Sequence[Event], sealing: Sealing, result: ReplayResult) -> None:
    opening = next(event for event in events if event.kind == "run")
    ics, plan = _plan(spec, bundle, opening, result)
    attempts = _attempts(events)
    context = RunContext(
        opening.body["run"],
        ics.kind,
        ics.profile,
        spec.resolve(ics.kind, ics.items, ics.profile),
        ics.items,
        _Recorded(opening.body["key_source"]),
        bytes.fromhex(bundle.header["nonce"]),
        spec,
    )
    keyless = isinstance(sealing, NullSealer) and bundle.header["sealing"] != sealing.describe()
    openings = [event for event in events if event.kind == "run"]
    bench = _ReplayBench(attempts, sealing, keyless, openings)
    outcomes: dict[str, Outcome] = {}
    identity = Identity()
    if SETUP.id in attempts:
        try:
            identity = setup(context, bench)
        except Diverged as divergence:
            result.divergences.append(divergence.args[0])
        except Inconclusive:
            result.sealed.append(SETUP.id)
    order = [name for name in attempts if name != SETUP.id]
    engine = Engine(context, bench, Gate())
    runner = Runner(engine, order, stop_on_divergence=False)
    if order:
        runner.run_all()
    result.divergences.extend(divergence.args[0] for divergence in runner.divergences)
    outcomes.update(engine.outcomes)
    for name, wire in bench.wires.items():
        result.unjudged.extend(wire.unjudged())
        if wire.still_sealed and name != SETUP.id:
            result.sealed.append(name)
    judgement = judge(plan, outcomes)
    # A resumed run ends more than once: its last word counts.
    recorded = next((event for event in reversed(events) if event.kind == "endrun"), None)
    result.runs.append(
        ReplayedRun(
            profile=ics.profile,
            target=opening.body["target"],
            identity=identity,
            plan=plan,
            judgement=judgement,
            recorded=recorded.body["verdict"] if recorded else None,
            outcomes=outcomes,
        )
    )
    if (
        recorded is not None
        and not result.sealed
        and not result.divergences
        and recorded.body["verdict"] != judgement.verdict
    ):
        result.divergences.append(
            Divergence(
                recorded.line,
                recorded.n,
                "",
                Text(
                    zh=f"重判为 {judgement.verdict}，证据为 {recorded.body['verdict']}",
                    en=f"judged again: {judgement.verdict}; recorded: {recorded.body['verdict']}",
                ),
            )
        )


def _plan(spec: Spec, bundle: Bundle, opening: Event, result: ReplayResult) -> tuple[Ics, Plan]:
    body = opening.body["ics"]
    stated = next((run["ics"] for run in bundle.header["runs"] if run["run"] == opening.body["run"]), None)
    if stated != sm3_name(canonical_line(body)):
        result.divergences.append(
            Divergence(
                opening.line,
                opening.n,
                "",
                Text(zh="ICS 与证据头中的摘要不符", en="the ICS is not the one whose digest the header holds"),
            )
        )
    ics = ics_of_document(spec, RawDocument(file="bundle", data=body, lines={(): opening.line}), None)
    ixit = Ixit(None, 5.0, None, None, {"kind": opening.body["key_source"]})
    scope, destroy, lacking = scope_of(opening.body["scope"])
    target = spec.resolve(ics.kind, ics.items, ics.profile)
    cases = collect(target, ics.kind)
    plan = make_plan(spec, ics, ixit, cases, scope, destroy=destroy, lacking=lacking)
    if plan.body() != opening.body["plan"]:
        result.divergences.append(
            Divergence(
                opening.line,
                opening.n,
                "",
                Text(zh="重新计划与证据中的计划不同", en="the plan made again differs from the recorded one"),
            )
        )
    return ics, plan
