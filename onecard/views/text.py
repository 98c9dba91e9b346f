"""A failure in plain lines: what was sent, expected and received, what is likely, and how to see it again."""

import re
from dataclasses import dataclass
from typing import Final

from onecard.errors import UserError
from onecard.evidence import Bundle
from onecard.explain import shortened, spaced
from onecard.explain.messages import fits, headers_of_note, told_in
from onecard.explain.octets import octets
from onecard.explain.status import status_name
from onecard.explain.words import joined
from onecard.spec.load import Spec
from onecard.spec.model import BasisClass, Requirement
from onecard.spec.text import Language, Text
from onecard.views.build import read_run
from onecard.views.columns import padded, width
from onecard.views.model import BundleView, CaseView, Check, Exchange, Message, RunView, Sent, Verdict
from onecard.views.words import APDU_KINDS, MAY_DIFFER, VERDICTS, basis_with_clause, source_text

BUNDLE_NAME: Final = "run.bundle"

_GET_RESPONSE: Final = 0xC0
"""Instruction byte, ISO/IEC 7816-4."""

_SEALED: Final = "sealed"
"""What the evidence holds in place of a compared value that must not be told."""

_ASIDES: Final = 3
"""How many exchanges of the target with the tester's side an explanation shows."""

_STATUS: Final = re.compile(r"\b[0-9A-F]{2}[0-9A-Fx]{2}\b")
_STATUSES: Final = re.compile(rf"(?:\d+ bytes, )?{_STATUS.pattern}(?: or {_STATUS.pattern})*")
_HEX: Final = re.compile(r"(?:[0-9A-F]{2}|__)+")

LABELS: Final = {
    "sent": Text(zh="发送", en="sent"),
    "headers": Text(zh="首部", en="header"),
    "meanwhile": Text(zh="其间", en="meanwhile"),
    "answer": Text(zh="应答", en="answer"),
    "expected": Text(zh="期望", en="expected"),
    "received": Text(zh="收到", en="received"),
    "likely": Text(zh="可能", en="likely"),
    "reason": Text(zh="原因", en="reason"),
    "replay": Text(zh="重放", en="replay"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: its label (a key of LABELS), the value as it is, and what it means."""

    label: str
    value: Text
    meaning: Text | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A case that did not pass, explained.

    ``requirement`` is None where none is at fault or the specification does not know it.
    """

    verdict: Verdict
    requirement_id: str | None
    requirement: Requirement | None
    basis: Text | None
    source: str
    statement: Text
    lines: tuple[Line, ...]


def explain_case(
    source: Bundle | BundleView,
    spec: Spec,
    run: int,
    case_id: str,
    language: Language,
    *,
    bundle_name: str = BUNDLE_NAME,
) -> str:
    """The explanation of one case of run number ``run``, several lines; ``bundle_name`` is what the replay line names.

    Raises UserError when the bundle holds no such run or case.
    """
    view = read_run(source, spec, run)
    try:
        case = view.case(case_id)
    except KeyError:
        raise UserError(zh=f"证据中没有用例 {case_id}", en=f"the evidence holds no case {case_id}") from None
    return rendered(explanation(spec, view, case, bundle_name), language)


def explanation(spec: Spec, run: RunView, case: CaseView, bundle_name: str = BUNDLE_NAME) -> Explanation:
    """The parts of the explanation, for every kind of view."""
    check = case.failing
    name = case.failed_requirement or (check.requirement if check is not None else None)
    name = name or next(iter(case.requirements), None)
    requirement = spec.requirements.get(name) if name is not None else None
    exchange = _judged(case, check)
    lines = [*_sent(case, exchange), *_compared(run, check, exchange), *_reason(case, check)]
    lines += _likely(run, requirement, exchange, check)
    if case.first is not None:
        command = f"onecard replay {bundle_name} --from {case.first}"
        lines.append(Line("replay", _as_is(command)))
    return Explanation(
        verdict=case.verdict,
        requirement_id=name,
        requirement=requirement,
        basis=basis_with_clause(requirement) if requirement is not None else None,
        source=_source(requirement),
        statement=requirement.statement if requirement is not None else Text(zh=case.title, en=case.title),
        lines=tuple(lines),
    )


def rendered(found: Explanation, language: Language) -> str:
    """Plain lines, the values aligned."""
    head = f"{VERDICTS[found.verdict].in_(language).upper()}  {found.requirement_id or ''}"
    if found.basis is not None:
        head += f"   {Text(zh='依据', en='basis').in_(language)}: {found.basis.in_(language)}"
    if found.source:
        head += f"   {found.source}"
    out = [head.rstrip(), f"  {found.statement.in_(language)}"]
    if found.requirement is not None and found.requirement.basis.cls is BasisClass.DRAFT:
        out.append(f"  {MAY_DIFFER.in_(language)}")
    labels = max((width(LABELS[line.label].in_(language)) for line in found.lines), default=0)
    aside = [line for line in found.lines if line.meaning is not None and width(line.value.in_(language)) <= 24]
    column = max((width(line.value.in_(language)) for line in aside), default=0)
    for line in found.lines:
        label, value = LABELS[line.label].in_(language), line.value.in_(language)
        text = f"  {padded(label, labels)}  {value}"
        if line.meaning is not None:
            text = f"  {padded(label, labels)}  {padded(value, column)}   {line.meaning.in_(language)}"
        out.append(text.rstrip())
    return "\n".join(out)


def _judged(case: CaseView, check: Check | None) -> Sent | None:
    """The exchange that the comparison judged; without one, the last."""
    exact = case.exchange(check.of) if check is not None else None
    if exact is not None:
        return exact
    if check is not None and check.of is not None:
        return None  # a reset was judged: no command stands behind it
    last = case.exchanges[-1] if case.exchanges else None
    if check is None and last is not None and last.error is None and case.verdict is not Verdict.ERROR:
        return None  # a case that could not decide: its last exchange is not what stopped it
    return last


def _sent(case: CaseView, exchange: Sent | None) -> list[Line]:
    if exchange is None:
        return []
    if isinstance(exchange, Message):
        headers = [Line("headers", _as_is(line)) for line in headers_of_note(exchange.request)]
        return [Line("sent", exchange.asked), *headers, *_meanwhile(exchange)]
    before = [step for step in case.exchanges if isinstance(step, Exchange) and step.n < exchange.n]
    # GET RESPONSE only fetches: the command that it fetches for belongs to the explanation.
    chain = [*before[-1:], exchange] if octets(exchange.command)[1:2] == (_GET_RESPONSE,) else [exchange]
    return [Line("sent", _as_is(spaced(step.command)), step.asked) for step in chain]


def _meanwhile(exchange: Message) -> list[Line]:
    """The last that the target asked of the tester's side; the trace has it all."""
    shown = exchange.asides[-_ASIDES:]
    lines = [
        Line(
            "meanwhile",
            Text(
                zh=f"{aside.side}：{aside.asked.zh} → {aside.told.zh}",
                en=f"{aside.side}: {aside.asked.en} -> {aside.told.en}",
            ),
        )
        for aside in shown
    ]
    left = len(exchange.asides) - len(shown)
    if left:
        told = Text(zh=f"（之前还有 {left} 次，见交互记录）", en=f"({left} more before; see the trace)")
        lines.insert(0, Line("meanwhile", told))
    return lines


def _compared(run: RunView, check: Check | None, exchange: Sent | None) -> list[Line]:
    if isinstance(exchange, Message):
        return _messages_compared(run, check, exchange)
    if check is None:
        if exchange is None:
            return []
        if exchange.received is None:
            return [Line("received", _as_is("—"), exchange.told)]
        answer, name = value_text(run, exchange.received)
        return [Line("received", answer, name or exchange.told)]
    expected, meaning = value_text(run, check.expected)
    received, found = value_text(run, check.received)
    return [
        Line("expected", expected, meaning or _as_is(check.what)),
        Line("received", received, _told(exchange, check) or found),
    ]


def _messages_compared(run: RunView, check: Check | None, exchange: Message) -> list[Line]:
    if check is None:
        return [Line("received", exchange.told, exchange.meaning)]
    (expected, _), (received, _) = value_text(run, check.expected), value_text(run, check.received)
    wanted = Line("expected", expected, _as_is(check.what))
    if exchange.n != check.of or exchange.response is None:
        return [wanted, Line("received", received)]
    if told_in(check.received, exchange.response):
        return [wanted, Line("received", received, exchange.meaning)]
    # A comparison of one member does not show what stood around it.
    return [wanted, Line("received", received), Line("answer", exchange.told, exchange.meaning)]


def _told(exchange: Exchange | None, check: Check) -> Text | None:
    """The answer in words, where it holds more than a status word."""
    if exchange is None or exchange.n != check.of or exchange.received is None or len(exchange.received) <= 4:
        return None
    return exchange.told


def _reason(case: CaseView, check: Check | None) -> list[Line]:
    # A failed comparison is its own reason; every other verdict needs the words of the record.
    if case.why is None or (check is not None and case.verdict is Verdict.FAIL):
        return []
    return [Line("reason", case.why)]


def value_text(run: RunView, value: str) -> tuple[Text, Text | None]:
    """A recorded value for people: bytes spaced, and the meaning of the status words in it."""
    if value == _SEALED:
        return Text(zh="已密封", en="sealed"), None
    if run.kind not in APDU_KINDS:
        return _as_is(shortened(value) or '""'), None
    found = _STATUSES.fullmatch(value)
    if found is None:
        return _as_is(spaced(value) if _HEX.fullmatch(value) else value), None
    patterns = _STATUS.findall(value)
    names = [name for name in (_name_of(run, pattern) for pattern in patterns) if name is not None]
    shown = _as_is(_STATUS.sub(lambda match: f"{match[0][:2]} {match[0][2:]}", value))
    return shown, joined(names, zh="；", en="; ") if names else None


def _name_of(run: RunView, pattern: str) -> Text | None:
    """The meaning of a status word, or of a pattern such as 63Cx, if the specification knows it."""
    known = run.card.status_words if run.card is not None else ()
    exact = next((entry.name for entry in known if entry.status.text == pattern), None)
    if exact is not None or "x" in pattern:
        return exact
    word = int(pattern, 16)
    return status_name(run.card, octets(pattern)) if any(entry.status.matches(word) for entry in known) else None


def _as_is(text: str) -> Text:
    return Text(zh=text, en=text)


def _likely(run: RunView, requirement: Requirement | None, exchange: Sent | None, check: Check | None) -> list[Line]:
    """Hints of the requirement that fit what was received.

    Of APDUs: whose bytes begin or end the status word, the answer or the value compared; of messages see ``fits``.
    """
    if requirement is None or check is None or check.ok:
        return []
    if run.kind not in APDU_KINDS:
        answer = exchange.response if isinstance(exchange, Message) else None
        return [Line("likely", hint.text) for hint in requirement.hints if fits(hint.received, check.received, answer)]
    candidates = [check.received.replace(" ", "").upper()]
    if isinstance(exchange, Exchange) and exchange.received is not None:
        candidates.append(exchange.received.upper())
    return [
        Line("likely", hint.text)
        for hint in requirement.hints
        if any(text.startswith(hint.received.upper()) or text.endswith(hint.received.upper()) for text in candidates)
    ]


def _source(requirement: Requirement | None) -> str:
    if requirement is None:
        return ""
    return "   ".join([source_text(requirement), *requirement.official_items])
