"""The exchanges of a bundle in words, from a given event on (``onecard replay BUNDLE --from N``)."""

from collections.abc import Iterator

from onecard.evidence import Bundle
from onecard.explain.octets import spaced
from onecard.spec.load import Spec
from onecard.spec.text import Language
from onecard.views.build import read_bundle
from onecard.views.model import Check, Exchange, Note, Reset


def excerpt(bundle: Bundle, spec: Spec, start: int, language: Language) -> Iterator[str]:
    """Lines for event ``start`` and what follows it in its case: commands, answers, checks."""
    for run in read_bundle(bundle, spec).runs:
        for case in (*run.cases, *run.beside):
            numbers = [step.n for step in case.steps]
            if not numbers or not min(numbers) <= start <= max(numbers):
                continue
            yield f"{case.id}  {case.title}"
            for step in case.steps:
                if step.n < start:
                    continue
                match step:
                    case Exchange():
                        yield f"{step.n:>6}  > {spaced(step.command)}   {step.asked.in_(language)}"
                        yield f"        < {spaced(step.received) if step.received is not None else ''}   {step.told.in_(language)}"
                    case Reset():
                        yield f"{step.n:>6}  {step.kind} reset   {spaced(step.atr) if step.atr else ''}"
                    case Check():
                        yield f"{step.n:>6}  {'ok  ' if step.ok else 'FAIL'} {step.what}: {step.expected}  <- {step.received}"
                    case Note():
                        yield f"{step.n:>6}  {step.text.in_(language)}"
