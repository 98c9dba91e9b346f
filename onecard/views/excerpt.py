"""A case as lines of text: ``>`` sent, ``<`` received, ``=`` and ``!`` compared, ``*`` everything else."""

from collections.abc import Iterable
from typing import Final

from onecard.errors import UserError
from onecard.evidence import Bundle
from onecard.explain import shortened
from onecard.spec.load import Spec
from onecard.spec.text import Language, Text
from onecard.views.build import view_of
from onecard.views.model import BundleView, CaseView, Check, Exchange, Message, Note, Reset, Secret, Step
from onecard.views.words import VERDICTS

_COMPARED: Final = 160
"""Characters shown of a compared value: the answer itself stands above it."""


def excerpt(source: Bundle | BundleView, spec: Spec, start: int, language: Language) -> list[str]:
    """The case in which event number ``start`` lies, from that event on, in words (``onecard replay BUNDLE --from N``).

    Raises UserError when ``start`` is no event of a case.
    """
    view = view_of(source, spec)
    for run in view.runs:
        for case in (*run.preparation, *run.cases):
            if case.first is not None and case.last is not None and case.first <= start <= case.last:
                steps = [step for step in case.steps if step.n >= start]
                return [f"{run.profile}  {case.id}", f"  {case.title}", *_told(steps, language), *_end(case, language)]
    raise UserError(
        zh=f"证据中没有属于某个用例的事件 {start}（共 {view.events} 个事件）",
        en=f"event {start} belongs to no case of this bundle, which has {view.events} events",
    )


def trace_lines(case: CaseView, language: Language) -> list[str]:
    """The whole of a case, without the numbers of events."""
    return [line for step in case.steps for line in step_lines(step, language)]


def step_lines(step: Step, language: Language) -> list[str]:
    """One step in one or two lines; what the target asked meanwhile (``|``) stands between them."""
    if isinstance(step, Exchange):
        received = step.received if step.received is not None else "-"
        return [f"> {step.command}  {step.asked.in_(language)}", f"< {received}  {step.told.in_(language)}"]
    if isinstance(step, Message):
        return [f"> {step.asked.in_(language)}", *_asides(step, language), f"< {message_told(step).in_(language)}"]
    return [step_text(step).in_(language)]


def message_told(step: Message) -> Text:
    """The answer in one line, with the meaning of its code where the specification names one."""
    if step.meaning is None:
        return step.told
    return Text(zh=f"{step.told.zh}  {step.meaning.zh}", en=f"{step.told.en}  {step.meaning.en}")


def _asides(step: Message, language: Language) -> Iterable[str]:
    for aside in step.asides:
        yield f"| {aside.side} > {aside.asked.in_(language)}"
        yield f"| {aside.side} < {aside.told.in_(language)}"


def step_text(step: Reset | Check | Note | Secret) -> Text:
    """A step without an APDU."""
    match step:
        case Reset(kind=kind, atr=atr, error=error):
            told = error or Text(zh=f"ATR {atr or '-'}", en=f"ATR {atr or '-'}")
            return Text(zh=f"* {'冷' if kind == 'cold' else '热'}复位：{told.zh}", en=f"* {kind} reset: {told.en}")
        case Check(what=what, expected=expected, received=received, ok=ok):
            sign, wanted, found = "=" if ok else "!", shortened(expected, _COMPARED), shortened(received, _COMPARED)
            return Text(
                zh=f"{sign} {what}：期望 {wanted}，收到 {found}",
                en=f"{sign} {what}: expected {wanted}, received {found}",
            )
        case Secret(name=name, available=available):
            missing = Text(zh="" if available else "（无）", en="" if available else " (none)")
            source = secret_source(name)
            return Text(zh=f"* {source.zh}{missing.zh}", en=f"* {source.en}{missing.en}")
        case Note(text=text):
            return Text(zh=f"* {text.zh}", en=f"* {text.en}")


def secret_source(name: str) -> Text:
    """Where a value that stands in no view came from: a parameter of the IXIT, or its key source."""
    _, prefix, parameter = name.partition("ixit:")
    if prefix:
        return Text(zh=f"IXIT 参数：{parameter}", en=f"IXIT parameter: {parameter}")
    return Text(zh=f"取密钥来源：{name}", en=f"key source: {name}")


def _told(steps: Iterable[Step], language: Language) -> Iterable[str]:
    for step in steps:
        first, *others = step_lines(step, language)
        yield f"{step.n:6}  {first}"
        yield from (f"{'':6}  {line}" for line in others)


def _end(case: CaseView, language: Language) -> Iterable[str]:
    verdict = VERDICTS[case.verdict].in_(language)
    yield f"  {verdict}: {case.why.in_(language)}" if case.why is not None else f"  {verdict}"
