"""From the events of a bundle to what the views show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from onecard.errors import UserError
from onecard.evidence import Bundle, Event
from onecard.explain import (
    DEFAULT_CARD,
    Asides,
    Explainer,
    InterfaceTrace,
    Memo,
    Trace,
    request_text,
    response_text,
)
from onecard.explain.messages import code_names, code_of
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, TargetSpec
from onecard.spec.model import Keyword
from onecard.spec.text import Text
from onecard.views.fields import Fields, UnexpectedEvidence
from onecard.views.model import (
    BundleView,
    CaseView,
    Check,
    Exchange,
    Left,
    Message,
    Note,
    RequirementView,
    Reset,
    RunVerdict,
    RunView,
    Secret,
    Step,
    Verdict,
)
from onecard.views.words import APDU_KINDS, ERRORS, EXCLUSIONS, MESSAGE_ERRORS

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
    kind = body.text("kind", "")
    words = _Words(spec, kind, _resolved(spec, kind, profile, items))
    planned = plan.texts("cases")
    known = frozenset(planned)
    cases = tuple(_case(case, draft.cases.get(case, []), words.of_case()) for case in planned)
    beside = tuple(_case(case, events, words.of_case()) for case, events in draft.cases.items() if case not in known)
    claims = ics.texts("claims")
    requirements = _requirements(draft, spec, cases, claims, profile)
    return RunView(
        number=draft.number,
        kind=kind,
        profile=profile,
        target=body.words("target"),
        reader=body.words("reader"),
        device=ics.part("device").pairs(),
        ics_digest=stated.get(draft.number, ""),
        declaration=Fields(items or {}, _HEADER_LINE, "run.ics.items").pairs(),
        claims=claims,
        raw_t0=draft.identity.optional_flag("raw_t0") if kind in APDU_KINDS else None,
        scope=body.words("scope"),
        identity=tuple(pair for pair in draft.identity.pairs() if pair[1] and pair[0] not in _hidden(kind)),
        preparation=beside,
        cases=cases,
        not_applicable=_inapplicable(plan, "not_applicable", "case"),
        inapplicable=_inapplicable(plan, "inapplicable", "requirement"),
        excluded=tuple(_excluded(entry, spec) for entry in plan.parts("excluded")),
        out_of_scope=plan.texts("out_of_scope"),
        requirements=requirements,
        verdict=_enum(RunVerdict, draft.end, "verdict") if draft.end is not None else _unfinished(requirements),
        ended=draft.end is not None,
        card=words.card,
        notes=tuple(draft.notes),
    )


def _hidden(kind: str) -> tuple[str, ...]:
    """Members of the identity that say nothing of the target; there is one service or terminal, and no sample of it."""
    return ("run", "raw_t0") if kind in APDU_KINDS else ("run", "raw_t0", "sample")


def _unfinished(requirements: Sequence[RequirementView]) -> RunVerdict:
    """The verdict of a run without its end: a failure that decides stays one, everything else is incomplete."""
    failed = any(entry.verdict is Verdict.FAIL and entry.decides for entry in requirements)
    return RunVerdict.FAIL if failed else RunVerdict.INCOMPLETE


def _resolved(spec: Spec, kind: str, profile: str, items: object) -> TargetSpec | None:
    """The target's data for the declaration; None if this specification cannot resolve it: then APDUs stay in hex."""
    if not isinstance(items, Mapping):
        return None
    environment: dict[str, Value] = {
        str(name): value for name, value in items.items() if isinstance(value, str | int | bool)
    }
    try:
        return spec.resolve(kind, environment, profile)
    except (SpecError, TypeError):
        # A declaration made for another version of the questionnaire lacks an item, or has one of another type.
        return None


@dataclass(frozen=True, slots=True)
class _CaseWords:
    """What explains one case's exchanges: those with the target, and those of the target with the tester's side."""

    apdus: Explainer
    asides: Asides
    names: Mapping[int | str, Text]


class _Words:
    """What explains the exchanges of one run. Traces of one card share a memo: cases send much the same."""

    def __init__(self, spec: Spec, kind: str, target: TargetSpec | None) -> None:
        self._spec = spec
        self._target = target
        self._memos: dict[str, Memo] = {}
        self._cards: dict[str, CardSpec | None] = {}
        self._profiles = frozenset(profile.id for profile in spec.profiles.values() if profile.target == "card")
        self._is_card = kind == "card"
        self._names = code_names(target if isinstance(target, InterfaceSpec) else None)
        self.card = target if isinstance(target, CardSpec) else self._card(DEFAULT_CARD) if kind == "psam" else None

    def of_case(self) -> _CaseWords:
        """For one more case."""
        if self._is_card:
            return _CaseWords(self._trace("", self.card), self._asides(), self._names)
        interface = self._target if isinstance(self._target, InterfaceSpec) else None
        return _CaseWords(InterfaceTrace(interface, self.card), self._asides(), self._names)

    def _asides(self) -> Asides:
        return Asides(self._slot, self._profiles)

    def _slot(self, slot: str, profile: str) -> Explainer:
        if slot == "psam":
            return InterfaceTrace(self._psam(), self._card(DEFAULT_CARD))
        return self._trace(profile, self._card(profile))

    def _trace(self, profile: str, card: CardSpec | None) -> Trace:
        return Trace(card, self._memos.setdefault(profile, {}))

    def _psam(self) -> InterfaceSpec | None:
        """A PSAM as the first project profile of that kind declares it: the names of its commands are the same."""
        profile = next((found.id for found in self._spec.profiles.values() if found.target == "psam"), None)
        try:
            found = self._spec.resolve_profile(profile) if profile is not None else None
        except SpecError:
            return None
        return found if isinstance(found, InterfaceSpec) else None

    def _card(self, profile: str) -> CardSpec | None:
        if profile not in self._cards:
            try:
                self._cards[profile] = self._spec.card_of_profile(profile)
            except SpecError:
                self._cards[profile] = None
        return self._cards[profile]


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


def _case(case_id: str, events: Sequence[Event], words: _CaseWords) -> CaseView:
    begin = next((event for event in events if event.kind == "begin"), None)
    end = next((event for event in reversed(events) if event.kind == "end"), None)
    told = Fields(begin.body, begin.line, "begin") if begin is not None else Fields({}, _HEADER_LINE)
    outcome = Fields(end.body, end.line, "end") if end is not None else None
    failed = outcome.part("failed") if outcome is not None else Fields({}, _HEADER_LINE)
    missing = _INTERRUPTED if begin is not None else _NOT_REACHED
    steps = [step for step in (_step(event, words) for event in events) if step is not None]
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


def _step(event: Event, words: _CaseWords) -> Step | None:
    make = _STEPS.get(event.kind)
    return make(event, Fields(event.body, event.line, event.kind), words) if make is not None else None


def _apdu(event: Event, body: Fields, words: _CaseWords) -> Exchange:
    command, received = body.text("c"), body.optional_text("r")
    asked, told = words.apdus.feed(command, received)
    error, why = _error(body, ERRORS)
    return Exchange(event.n, event.t, command, received, body.optional_number("ms"), error, asked, why or told)


def _message(event: Event, body: Fields, words: _CaseWords) -> Message:
    request, response = body.mapping("c"), body.mapping("r") if "r" in body else None
    if body.text("do") == "instrument":
        words.asides.configured(request)
    error, why = _error(body, MESSAGE_ERRORS)
    return Message(
        n=event.n,
        t=event.t,
        do=body.text("do"),
        request=request,
        response=response,
        milliseconds=body.optional_number("ms"),
        error=error,
        asked=request_text(request),
        told=why or response_text(response),
        meaning=_meaning(words, response),
        asides=words.asides.of(response),
    )


def _meaning(words: _CaseWords, response: Mapping[str, Any] | None) -> Text | None:
    code = code_of(response)
    return words.names.get(code) if code is not None else None


def _error(body: Fields, words: Mapping[str, Text]) -> tuple[str | None, Text | None]:
    """The word for what went wrong, and the words."""
    error = body.optional_text("error")
    if error is None:
        return None, None
    return error, body.both("text") or words.get(error, Text(zh=error, en=error))


def _reset(event: Event, body: Fields, words: _CaseWords) -> Reset:
    _, text = _error(body, ERRORS)
    words.apdus.reset()
    return Reset(event.n, event.t, body.text("kind", ""), body.optional_text("atr"), body.optional_number("ms"), text)


def _check(event: Event, body: Fields, words: _CaseWords) -> Check:
    return Check(
        n=event.n,
        of=body.optional_int("of"),
        requirement=body.optional_text("requirement"),
        what=body.text("what"),
        expected=body.text("expected"),
        received=body.text("received"),
        ok=body.flag("ok"),
    )


def _note(event: Event, body: Fields, words: _CaseWords) -> Note:
    return Note(event.n, _text_of(body))


def _secret(event: Event, body: Fields, words: _CaseWords) -> Secret:
    return Secret(event.n, body.text("name"), "value" in body)


_STEPS: Final[Mapping[str, Callable[[Event, Fields, _CaseWords], Step]]] = {
    "apdu": _apdu,
    "exchange": _message,
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
