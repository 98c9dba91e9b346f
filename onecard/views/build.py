"""From the events of a bundle to what the views show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from onecard.errors import UserError
from onecard.evidence import Bundle, Event
from onecard.explain import Memo, Trace
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.expr import Value
from onecard.spec.load import Spec
from onecard.spec.model import Keyword
from onecard.spec.text import Text
from onecard.views.fields import Fields, UnexpectedEvidence
from onecard.views.model import (
    BundleView,
    CaseView,
    Check,
    Exchange,
    Left,
    Note,
    RequirementView,
    Reset,
    RunVerdict,
    RunView,
    Secret,
    Step,
    Verdict,
)
from onecard.views.words import ERRORS, EXCLUSIONS

_HEADER_LINE: Final = 1
_INTERRUPTED: Final = Text(zh="运行在此用例中断", en="the run was interrupted in this case")
_NOT_REACHED: Final = Text(zh="未执行到", en="not reached")

# What a requirement's verdict is when its cases differ: the first of these that occurs.
_WORST: Final = (Verdict.FAIL, Verdict.ERROR, Verdict.NOT_RUN, Verdict.INCONCLUSIVE, Verdict.PASS)

E = TypeVar("E", Verdict, RunVerdict)


def read_bundle(bundle: Bundle, spec: Spec) -> BundleView:
    """Everything the views show, of a finished or an interrupted run. Verdicts are those that the bundle states.

    Raises UnexpectedEvidence for a line that is not of the form this program writes.
    """
    header = Fields(bundle.header, _HEADER_LINE)
    tool = header.part("tool")
    footer = bundle.footer
    digests = {run.optional_int("run") or 0: run.words("ics") for run in header.parts("runs")}
    runs = tuple(_finish(draft, spec, digests) for draft in _runs(bundle.events))
    # What a run could cover (no destruction without leave) may be less than what was asked for.
    covered = sorted({run.scope for run in runs if run.scope})
    return BundleView(
        tool=f"{tool.text('name', '')} {tool.text('version', '')}".strip(),
        started=header.text("started", ""),
        nonce=header.words("nonce"),
        challenge=header.part("challenge").pairs() if "challenge" in header else None,
        synthetic=header.flag("synthetic", False),
        independent=header.flag("independent", False),
        digests=header.part("digests").pairs(),
        scope="+".join(covered) or header.words("scope"),
        overlays=tuple(line for line in (header.words("overlays"),) if line),
        runs=runs,
        complete=bundle.complete,
        interrupted=sum(event.kind == "resume" for event in bundle.events),
        final=footer.final if footer is not None else bundle.last_digest,
        events=len(bundle.events),
    )


def view_of(source: Bundle | BundleView, spec: Spec) -> BundleView:
    """``source`` as a view: a bundle is read, a view is taken as it is (so that several views share one reading)."""
    return source if isinstance(source, BundleView) else read_bundle(source, spec)


def read_run(source: Bundle | BundleView, spec: Spec, number: int = 1) -> RunView:
    """One run of the bundle by its number; raises UserError when there is none."""
    view = view_of(source, spec)
    try:
        return view.run(number)
    except KeyError:
        raise UserError(zh=f"证据中没有第 {number} 次运行", en=f"the evidence holds no run {number}") from None


@dataclass
class _Draft:
    """The events of one run, as they come."""

    number: int
    body: Fields
    cases: dict[str, list[Event]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    identity: Fields = field(default_factory=lambda: Fields({}, _HEADER_LINE))
    end: Fields | None = None


def _runs(events: Sequence[Event]) -> list[_Draft]:
    drafts: dict[int, _Draft] = {}
    current: _Draft | None = None
    for event in events:
        body = Fields(event.body, event.line, event.kind)
        if event.kind == "run":
            number = body.optional_int("run")
            if number is None:
                raise UnexpectedEvidence(event.line, "run.run", "a number")
            # A resumed run states itself again and goes on; what it stated of its end does not hold then.
            current = drafts.setdefault(number, _Draft(number, body))
            current.end = None
        elif current is None:
            continue
        elif event.kind == "endrun":
            current.end = body
        elif event.kind == "identity":
            current.identity = body
        elif event.case is not None:
            if event.kind == "begin":
                # A case that was interrupted is run again after a resume: its last session counts.
                current.cases[event.case] = []
            current.cases.setdefault(event.case, []).append(event)
        elif event.kind == "note":
            current.notes.append(Note(event.n, _text_of(body)))
    return list(drafts.values())


def _finish(draft: _Draft, spec: Spec, stated: Mapping[int, str]) -> RunView:
    body = draft.body
    plan = body.part("plan")
    ics = body.part("ics")
    items = ics.raw("items")
    profile = body.text("profile", "")
    card = _card(spec, body.text("kind", ""), profile, items)
    planned = plan.texts("cases")
    memo: Memo = {}
    cases = tuple(_case(case, draft.cases.get(case, []), Trace(card, memo)) for case in planned)
    beside = tuple(
        _case(case, events, Trace(card, memo)) for case, events in draft.cases.items() if case not in frozenset(planned)
    )
    claims = ics.texts("claims")
    requirements = _requirements(draft, spec, cases, claims, profile)
    return RunView(
        number=draft.number,
        kind=body.text("kind", ""),
        profile=profile,
        target=body.words("target"),
        reader=body.words("reader"),
        device=ics.part("device").pairs(),
        ics_digest=stated.get(draft.number, ""),
        declaration=Fields(items or {}, _HEADER_LINE, "run.ics.items").pairs(),
        claims=claims,
        raw_t0=draft.identity.optional_flag("raw_t0"),
        scope=body.words("scope"),
        identity=tuple(pair for pair in draft.identity.pairs() if pair[1] and pair[0] not in ("run", "raw_t0")),
        preparation=beside,
        cases=cases,
        not_applicable=_inapplicable(plan, "not_applicable", "case"),
        inapplicable=_inapplicable(plan, "inapplicable", "requirement"),
        excluded=tuple(_excluded(entry, spec) for entry in plan.parts("excluded")),
        out_of_scope=plan.texts("out_of_scope"),
        requirements=requirements,
        verdict=_enum(RunVerdict, draft.end, "verdict") if draft.end is not None else _unfinished(requirements),
        ended=draft.end is not None,
        card=card,
        notes=tuple(draft.notes),
    )


def _unfinished(requirements: Sequence[RequirementView]) -> RunVerdict:
    """The verdict of a run without its end: a failure that decides stays one, everything else is incomplete."""
    failed = any(entry.verdict is Verdict.FAIL and entry.decides for entry in requirements)
    return RunVerdict.FAIL if failed else RunVerdict.INCOMPLETE


def _card(spec: Spec, kind: str, profile: str, items: object) -> CardSpec | None:
    """The card's data for the declaration; None if this specification cannot resolve it: then APDUs stay in hex."""
    if kind != "card" or not isinstance(items, Mapping):
        return None
    environment: dict[str, Value] = {
        str(name): value for name, value in items.items() if isinstance(value, str | int | bool)
    }
    try:
        return spec.card(environment, profile)
    except (SpecError, TypeError):
        # A declaration made for another version of the questionnaire lacks an item, or has one of another type.
        return None


def _inapplicable(plan: Fields, name: str, key: str) -> tuple[Left, ...]:
    return tuple(
        Left(
            entry.text(key),
            Text(
                zh=f"不适用：ICS 不满足 {entry.words('expression')}",
                en=f"not applicable: the ICS does not satisfy {entry.words('expression')}",
            ),
        )
        for entry in plan.parts(name)
    )


def _excluded(entry: Fields, spec: Spec) -> Left:
    reason = entry.text("reason", "")
    requirement = spec.requirements.get(entry.text("requirement"))
    told = EXCLUSIONS.get(reason, Text(zh=reason, en=reason))
    note = requirement.excluded_note if requirement is not None else None
    if note is not None:
        told = Text(zh=f"{told.zh}：{note.zh}", en=f"{told.en}: {note.en}")
    return Left(entry.text("requirement"), told)


def _requirements(
    draft: _Draft, spec: Spec, cases: Sequence[CaseView], claims: tuple[str, ...], profile: str
) -> tuple[RequirementView, ...]:
    stated = draft.end.parts("requirements") if draft.end is not None else []
    if stated:
        return tuple(
            RequirementView(
                id=entry.text("id"),
                requirement=spec.requirements.get(entry.text("id")),
                verdict=_enum(Verdict, entry, "verdict"),
                cases=entry.texts("cases"),
                decides=entry.flag("decides", _decides(spec, entry.text("id"), claims, profile)),
            )
            for entry in stated
        )
    names = dict.fromkeys(name for case in cases for name in case.requirements)
    return tuple(_derived(name, spec, cases, _decides(spec, name, claims, profile)) for name in names)


def _derived(name: str, spec: Spec, cases: Sequence[CaseView], decides: bool) -> RequirementView:
    """The verdict so far, of a run that did not come to its end: the worst of its cases."""
    own = [case for case in cases if name in case.requirements]
    verdicts = {
        Verdict.INCONCLUSIVE
        if case.verdict is Verdict.FAIL and case.failed_requirement not in (None, name)
        else case.verdict
        for case in own
    }
    verdict = next((worst for worst in _WORST if worst in verdicts), Verdict.NOT_RUN)
    return RequirementView(name, spec.requirements.get(name), verdict, tuple(case.id for case in own), decides)


def _decides(spec: Spec, name: str, claims: tuple[str, ...], profile: str) -> bool:
    requirement = spec.requirements.get(name)
    if requirement is None:
        return True
    return requirement.keyword is Keyword.SHALL and (requirement.basis.decides or profile in claims)


def _case(case_id: str, events: Sequence[Event], trace: Trace) -> CaseView:
    begin = next((event for event in events if event.kind == "begin"), None)
    end = next((event for event in reversed(events) if event.kind == "end"), None)
    told = Fields(begin.body, begin.line, "begin") if begin is not None else Fields({}, _HEADER_LINE)
    outcome = Fields(end.body, end.line, "end") if end is not None else None
    failed = outcome.part("failed") if outcome is not None else Fields({}, _HEADER_LINE)
    missing = _INTERRUPTED if begin is not None else _NOT_REACHED
    steps = [step for step in (_step(event, trace) for event in events) if step is not None]
    return CaseView(
        id=case_id,
        title=told.text("title", ""),
        sample=told.words("sample"),
        requirements=told.texts("requirements"),
        verdict=_enum(Verdict, outcome, "verdict") if outcome is not None else Verdict.NOT_RUN,
        why=outcome.both("why") if outcome is not None else missing,
        failed_requirement=failed.optional_text("requirement"),
        failed_of=failed.optional_int("of") if "of" in failed else failed.optional_int("check"),
        steps=tuple(steps),
        first=begin.n if begin is not None else None,
        last=events[-1].n if events else None,
        began=begin.t if begin is not None else None,
        ended=end.t if end is not None else None,
    )


def _step(event: Event, trace: Trace) -> Step | None:
    make = _STEPS.get(event.kind)
    return make(event, Fields(event.body, event.line, event.kind), trace) if make is not None else None


def _exchange(event: Event, body: Fields, trace: Trace) -> Exchange:
    command, received = body.text("c"), body.optional_text("r")
    error = body.optional_text("error")
    asked, told = trace.feed(command, received)
    if error is not None:
        told = body.both("text") or ERRORS.get(error, Text(zh=error, en=error))
    return Exchange(event.n, event.t, command, received, body.optional_number("ms"), error, asked, told)


def _reset(event: Event, body: Fields, trace: Trace) -> Reset:
    error = body.optional_text("error")
    text = (body.both("text") or ERRORS.get(error, Text(zh=error, en=error))) if error is not None else None
    trace.reset()
    return Reset(event.n, event.t, body.text("kind", ""), body.optional_text("atr"), body.optional_number("ms"), text)


def _check(event: Event, body: Fields, trace: Trace) -> Check:
    return Check(
        n=event.n,
        of=body.optional_int("of"),
        requirement=body.optional_text("requirement"),
        what=body.text("what"),
        expected=body.text("expected"),
        received=body.text("received"),
        ok=body.flag("ok"),
    )


def _note(event: Event, body: Fields, trace: Trace) -> Note:
    return Note(event.n, _text_of(body))


def _secret(event: Event, body: Fields, trace: Trace) -> Secret:
    return Secret(event.n, body.text("name"), "value" in body)


_STEPS: Final[Mapping[str, Callable[[Event, Fields, Trace], Step]]] = {
    "apdu": _exchange,
    "reset": _reset,
    "check": _check,
    "note": _note,
    "secret": _secret,
}


def _text_of(body: Fields) -> Text:
    return Text(zh=body.text("zh"), en=body.text("en"))


def _enum(kind: type[E], body: Fields, name: str) -> E:
    value = body.text(name)
    try:
        return kind(value)
    except ValueError:
        allowed = " | ".join(kind)
        raise UserError(
            zh=f"证据中的判定 {value!r} 不是 {allowed} 之一",
            en=f"the verdict {value!r} in the evidence is none of {allowed}",
            exit_code=1,
        ) from None
