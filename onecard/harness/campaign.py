"""A campaign: plan, run, evidence; one bundle for all its runs."""

import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from onecard import __version__
from onecard.errors import UserError
from onecard.evidence import keyfile
from onecard.evidence.bundle import Bundle
from onecard.evidence.canonical import canonical_line
from onecard.evidence.digests import sm3_name
from onecard.evidence.files import make_folder
from onecard.evidence.sealing import NullSealer, Sealer, Sealing
from onecard.evidence.writer import EvidenceWriteError, Writer
from onecard.harness.bench import TargetBench, setup
from onecard.harness.case import Case
from onecard.harness.conductor import Runner, collect
from onecard.harness.context import Identity, RunContext
from onecard.harness.engine import Engine, Stop
from onecard.harness.interrupt import Gate
from onecard.harness.judgement import Campaign, Judgement, judge, together
from onecard.harness.opening import context_of, target_of, what_has
from onecard.harness.verdict import Check, Interrupted, Outcome, Verdict
from onecard.harness.wire import LiveWire, Wire
from onecard.laboratory.sheet import Sheet
from onecard.planning.declaration import Ics, Ixit
from onecard.planning.plan import LABORATORY, NEEDS, Plan, Scope, make_plan
from onecard.resources import tree_digest
from onecard.spec.build import nodes
from onecard.spec.load import Spec
from onecard.spec.text import Text
from onecard.targets.base import Target

BUNDLE = "run.bundle"
KEY = "run.key"
TREES = ("specs", "suites", "vectors")
"""Trees whose digests the header holds."""
Progress = Callable[["Prepared", Case, Outcome], None]


@dataclass(frozen=True)
class RunRequest:
    """What to run: a declaration, how to reach the device, its target string, and what a laboratory measured of it."""

    ics: Ics
    ixit: Ixit
    target: str
    laboratory: Sheet | None = None

    @property
    def is_reference(self) -> bool:
        """Whether the target is an embedded reference (synthetic, fresh samples at will)."""
        return self.target.startswith("reference:")

    @property
    def lacking(self) -> frozenset[str]:
        """What this run lacks of what requirements may need."""
        measured = frozenset() if self.laboratory is None else frozenset((LABORATORY,))
        return NEEDS - what_has(self.target, self.ics.kind, self.ixit.parameters) - measured


@dataclass(frozen=True)
class Prepared:
    """A planned run with everything that it needs."""

    number: int
    request: RunRequest
    plan: Plan
    context: RunContext


@dataclass
class RunResult:
    """What came of a run."""

    prepared: Prepared
    judgement: Judgement
    outcomes: Mapping[str, Outcome]
    identity: Identity
    reader: str
    seconds: float
    stopped: Text | None
    unrestored: Sequence[str]


@dataclass
class CampaignResult:
    """What came of a campaign. ``lost``: why evidence could not be written to its end."""

    verdict: Campaign
    runs: list[RunResult]
    bundle: Path
    header: Mapping[str, Any]
    seconds: float
    lost: UserError | None = None


@dataclass
class Order:
    """What the user asked for. ``destroy``: identification code of a card that may be destroyed."""

    spec: Spec
    requests: Sequence[RunRequest]
    out: Path
    nonce: bytes
    scope: Scope = Scope.FULL
    challenge: Mapping[str, Any] | None = None
    destroy: str | None = None
    resume: bool = False
    variant: object | None = None
    progress: Progress = lambda _prepared, _case, _outcome: None
    on_plan: Callable[[Sequence[Prepared]], None] = lambda _prepared: None
    gate: Gate = field(default_factory=Gate)


def prepare(order: Order) -> list[Prepared]:
    """Plan every run; nothing is sent. Raises UserError or SpecError."""
    prepared = []
    for number, request in enumerate(order.requests, start=1):
        context = context_of(order.spec, request.ics, request.ixit, order.nonce, number)
        cases = collect(context.target, context.kind)
        destroy = request.is_reference or order.destroy is not None
        plan = make_plan(
            order.spec, request.ics, request.ixit, cases, order.scope, destroy=destroy, lacking=request.lacking
        )
        prepared.append(Prepared(number, request, plan, context))
    return prepared


def clear_tags(spec: Spec) -> frozenset[int]:
    """Tags whose values tell of nobody: those of items marked ``personal: false``, where no other item has the tag.

    What is not so marked is sealed, so that an item of the holder's work or health is not forgotten.
    """
    marked: set[int] = set()
    others: set[int] = set()
    for datum in spec.data["files"]:
        for item in nodes(datum.node.get("items")):
            tag = item["tag"]
            if isinstance(tag, int):
                (marked if item.get("personal") is False else others).add(tag)
    return frozenset(marked - others)


def run_campaign(order: Order) -> CampaignResult:
    """Run everything and write the bundle. Raises UserError or SpecError (exit 2) as long as nothing was sent."""
    started = time.monotonic()
    prepared = prepare(order)
    order.on_plan(prepared)
    synthetic = all(run.request.is_reference for run in prepared)
    targets = [_connect(run, order) for run in prepared]
    try:
        return _record(order, prepared, targets, synthetic, started)
    finally:
        for target in targets:
            target.close()


def _connect(run: Prepared, order: Order) -> Target:
    target = _open(run, order)
    target.connect()
    return target


def _header(order: Order, prepared: Sequence[Prepared], synthetic: bool, sealing: Sealing) -> dict[str, Any]:
    ixit = canonical_line({str(run.number): run.request.ixit.body() for run in prepared})
    return {
        "tool": {"name": "onecard-conformance", "version": __version__, "python": platform.python_version()},
        "started": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "nonce": order.nonce.hex().upper(),
        "challenge": order.challenge,
        "synthetic": synthetic,
        "test_data": all(run.request.ixit.synthetic for run in prepared),
        # Without a second SM2 implementation the two-implementations rule does not hold on this machine.
        "independent": find_spec("tongsuopy") is not None,
        "digests": {tree: tree_digest(tree) for tree in TREES},
        "ixit": sealing.commit(ixit, "ixit"),
        "scope": str(order.scope),
        "overlays": list(order.spec.overlays),
        "sealing": sealing.describe(),
        "runs": [
            {
                "run": run.number,
                "kind": run.plan.kind,
                "profile": run.plan.profile,
                "target": run.request.target,
                "ics": sm3_name(canonical_line(run.request.ics.body())),
                **({"laboratory": run.request.laboratory.digest} if run.request.laboratory else {}),
            }
            for run in prepared
        ],
    }


def _record(
    order: Order, prepared: Sequence[Prepared], targets: Sequence[Target], synthetic: bool, started: float
) -> CampaignResult:
    make_folder(order.out)
    path = order.out / BUNDLE
    declared = all(run.request.is_reference or run.request.ixit.synthetic for run in prepared)
    sealing = _sealing(order, unsealed=declared)
    header = _header(order, prepared, synthetic, sealing)
    before: Bundle | None = None
    if order.resume:
        writer, before = Writer.resume(path, lambda recorded: _same_run(recorded, header, path))
        header = before.header
    else:
        writer = Writer.create(path, header)
    results: list[RunResult] = []
    lost: UserError | None = None
    with writer, order.gate.signals():
        try:
            done = _done(before)
            for run, target in zip(prepared, targets, strict=True):
                results.append(_one(order, run, target, writer, sealing, done.get(run.number, {}), before))
            verdict = together([result.judgement.verdict for result in results])
            complete = all(not result.judgement.cases.get(Verdict.NOT_RUN) for result in results)
            writer.close_with_footer(_counts(results, verdict), complete=complete)
        except EvidenceWriteError as error:
            lost = error
            verdict = Campaign.INCOMPLETE
    return CampaignResult(verdict, results, path, header, time.monotonic() - started, lost)


def _counts(results: Sequence[RunResult], verdict: Campaign) -> dict[str, Any]:
    total: dict[str, int] = {}
    for result in results:
        for name, count in result.judgement.case_counts().items():
            total[name] = total.get(name, 0) + count
    return {**total, "verdict": str(verdict)}


def _sealing(order: Order, *, unsealed: bool) -> Sealing:
    if unsealed:
        return NullSealer()
    path = order.out / KEY
    if order.resume:
        return Sealer(keyfile.read_key(path))
    if (order.out / BUNDLE).exists():
        raise UserError(
            zh=f"{order.out / BUNDLE} 已存在：请换 --out，或用 --resume 继续",
            en=f"{order.out / BUNDLE} exists: choose another --out, or --resume it",
        )
    key = keyfile.new_key()
    keyfile.write_key(path, key)
    return Sealer(key)


_SAME = ("nonce", "synthetic", "digests", "scope", "overlays", "runs")


def _same_run(recorded: Mapping[str, Any], header: Mapping[str, Any], path: Path) -> None:
    different = [name for name in _SAME if recorded.get(name) != header[name]]
    if different:
        names = ", ".join(different)
        raise UserError(
            zh=f"{path} 不是这次运行的证据（不同：{names}）；请用原来的参数与版本继续，或换 --out 目录",
            en=f"{path} is not the evidence of this run (different: {names}); resume with the same arguments and "
            f"version, or choose another --out",
        )


def _done(before: Bundle | None) -> dict[int, dict[str, Outcome]]:
    """Outcomes that an interrupted run recorded, by run."""
    done: dict[int, dict[str, Outcome]] = {}
    run = 0
    for event in before.events if before else ():
        if event.kind == "run":
            run = event.body["run"]
        elif (
            event.kind == "end"
            and event.body["verdict"] in ("pass", "fail", "inconclusive")
            and event.body["case"] != "setup"
        ):
            done.setdefault(run, {})[event.body["case"]] = outcome_of(event.body)
    return done


def _refused(before: Bundle | None, number: int, sample: str) -> set[str]:
    """What the sample refused of the IXIT's PIN and keys in an interrupted run."""
    found: set[str] = set()
    run, label = 0, None
    for event in before.events if before else ():
        if event.kind == "run":
            run = event.body["run"]
        elif event.kind == "begin":
            label = event.body["sample"]
        elif event.kind == "end" and (run, label) == (number, sample):
            found.update(event.body.get("refused", ()))
    return found


def outcome_of(body: Mapping[str, Any]) -> Outcome:
    """A recorded outcome. The failed check is known by its requirement only."""
    why, failed = body["why"], body["failed"]
    return Outcome(
        Verdict(body["verdict"]),
        Text(zh=why["zh"], en=why["en"]) if why else None,
        Check(failed["of"], failed["requirement"], "", "", "", False) if failed else None,
    )


def _one(
    order: Order,
    run: Prepared,
    target: Target,
    writer: Writer,
    sealing: Sealing,
    done: Mapping[str, Outcome],
    before: Bundle | None,
) -> RunResult:
    started = time.monotonic()
    tags = clear_tags(order.spec)

    def wire_for(any_target: Target) -> Wire:
        return LiveWire(any_target, writer, sealing, tags, order.gate, run.request.laboratory)

    bench = TargetBench(target, wire_for, (lambda: _open(run, order)) if run.request.is_reference else None)
    reader = target.reader_name()
    # A wrong PIN or key of the IXIT costs the card one try in all, however often the run is resumed.
    bench.sample.refused.update(_refused(before, run.number, bench.sample.label))
    writer.append("run", {**run_body(run, reader), "refused": sorted(bench.sample.refused)})
    context = run.context
    engine = Engine(context, bench, order.gate, outcomes=dict(done))
    identity = Identity()
    try:
        identity = setup(context, bench)
    except Interrupted:
        engine.stop = Stop(Text(zh="用户中断（Ctrl-C）", en="interrupted (Ctrl-C)"))
    else:
        _known_card(order, run, identity, before)
    writer.append(
        "identity",
        {
            "run": run.number,
            "atr": identity.atr,
            "identification": identity.identification,
            "raw_t0": bench.sample.raw_t0,
            "sample": bench.sample.label,
        },
    )
    wanted = [case.id for case in run.plan.cases if case.id not in done]
    if wanted:
        Runner(engine, wanted, progress=lambda case, outcome: order.progress(run, case, outcome)).run_all()
    judgement = judge(run.plan, engine.outcomes)
    if engine.stop is not None and isinstance(engine.stop.error, EvidenceWriteError):
        raise engine.stop.error
    writer.append("endrun", {"run": run.number, **judgement.body()})
    stopped = engine.stop.reason if engine.stop is not None else None
    return RunResult(
        run, judgement, engine.outcomes, identity, reader, time.monotonic() - started, stopped, engine.unrestored
    )


def _open(run: Prepared, order: Order) -> Target:
    request = run.request
    variant: object | None = None
    if request.is_reference:
        # The reference follows an overlay as the suite does.
        variant = order.variant if order.variant is not None or not order.spec.overlays else run.context.target
    return target_of(request.target, request.ics, request.ixit, variant)


def run_body(run: Prepared, reader: str) -> dict[str, Any]:
    """The event that opens a run."""
    return {
        "run": run.number,
        "kind": run.plan.kind,
        "profile": run.plan.profile,
        "target": run.request.target,
        "reader": reader,
        "scope": run.plan.scope,
        "ics": run.request.ics.body(),
        "key_source": str(run.request.ixit.key_source["kind"]),
        "plan": run.plan.body(),
        **({"laboratory": run.request.laboratory.body()} if run.request.laboratory else {}),
    }


def _known_card(order: Order, run: Prepared, identity: Identity, before: Bundle | None) -> None:
    found = identity.identification
    if order.destroy is not None and not run.request.is_reference and found != order.destroy.upper():
        raise UserError(
            zh=f"--destroy 给出的识别码 {order.destroy} 与卡片的 {found} 不符；未发送破坏性命令",
            en=f"--destroy names {order.destroy}, the card in the reader is {found}; nothing destructive was sent",
        )
    for event in before.events if before else ():
        if event.kind != "identity" or event.body["run"] != run.number:
            continue
        # None: the run was interrupted before the card was identified.
        if event.body["identification"] not in (None, found):
            raise UserError(
                zh=f"读卡器中的卡（{found}）不是先前测试的卡（{event.body['identification']}）",
                en=f"the card in the reader ({found}) is not the one tested before ({event.body['identification']})",
            )
