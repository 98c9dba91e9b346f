"""Equivalent mutants: those that nothing can tell from the right reference, each with a written reason.

The reasons stand in equivalents.yaml. A reason alone does not make a mutant equivalent: over everything that the suite
sends (the recorded corpus) and 10,000 sequences generated from it the mutant must answer byte for byte as the right
reference does. This is looked at in every proof anew.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from importlib import resources
from typing import Any

import yaml

from emulator.card.variant import VariantSpec
from emulator.mutants.model import AnyVariant
from emulator.variant import Variant
from onecard.errors import UserError
from onecard.prove.corpus import Answer, Ask, Session, answer_of, sequences
from onecard.prove.stage import Stage
from onecard.prove.trial import SEED, Table
from onecard.spec.text import Text
from onecard.targets.base import Target

SEQUENCES = 10_000
PER_SAMPLE = 50
"""Generated sequences that one sample takes: later ones find counters at their end and applications blocked."""
FILE = "equivalents.yaml"


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Mutants (ids, with ``*`` for any part) that are taken for equivalent, and why."""

    mutants: tuple[str, ...]
    reason: Text


@cache
def equivalents() -> tuple[Equivalent, ...]:
    """What equivalents.yaml holds. Raises UserError where an entry is not of its form."""
    text = resources.files("onecard.prove").joinpath(FILE).read_text(encoding="utf-8")
    found = []
    for number, entry in enumerate(yaml.safe_load(text) or ()):
        try:
            reason = Text(entry["reason"]["zh"], entry["reason"]["en"])
            found.append(Equivalent(tuple(map(str, entry["mutants"])), reason))
        except (KeyError, TypeError) as error:
            raise UserError(
                zh=f"{FILE} 第 {number + 1} 条缺少 {error}：需要 mutants 与 reason.zh、reason.en",
                en=f"{FILE}, entry {number + 1}, lacks {error}: it needs mutants, reason.zh and reason.en",
            ) from None
    return tuple(found)


def reason_of(mutant: str) -> Text | None:
    """Why a mutant should be equivalent; None for one of which nobody says so."""
    named = (each for each in equivalents() if any(fnmatchcase(mutant, pattern) for pattern in each.mutants))
    return next((each.reason for each in named), None)


@dataclass
class Right:
    """The right reference of one stage, with all that it answered; recorded when first asked for."""

    stage: Stage
    _corpus: list[Session] = field(default_factory=list)
    _generated: list[Session] = field(default_factory=list)

    def difference(self, variant: Callable[[], AnyVariant]) -> str | None:
        """The first answer in which a variant differs, in words; None where there is none."""
        self._record()
        for session in (*self._corpus, *self._generated):
            for at, (ask, right, answer) in enumerate(self._answers(variant, session)):
                if answer != right:
                    return f"{ask.do} {_shown(ask.arguments)} (step {at + 1}): {_shown(answer)}, not {_shown(right)}"
        return None

    def _answers(self, variant: Callable[[], AnyVariant], session: Session) -> Iterator[tuple[Ask, Answer, Answer]]:
        target = _opened(Table(self.stage, variant))
        try:
            for ask, right in zip(session.asks, session.answers, strict=True):
                yield ask, right, answer_of(target, ask)
        finally:
            target.close()

    def _variant(self) -> AnyVariant:
        return VariantSpec(holder=self.stage.holder) if self.stage.context.kind == "card" else Variant()

    def _record(self) -> None:
        if self._corpus:
            return
        right = self._variant
        table = Table(self.stage, right, self._corpus)
        for _outcome in table.outcomes(self.stage.cases()):
            pass
        drawn = list(sequences(self._corpus, SEQUENCES, SEED))
        for at in range(0, len(drawn), PER_SAMPLE):
            asks = [*_first(self._corpus), *(ask for sequence in drawn[at : at + PER_SAMPLE] for ask in sequence)]
            target = _opened(Table(self.stage, right))
            self._generated.append(Session(asks, [answer_of(target, ask) for ask in asks]))
            target.close()


def _first(corpus: Sequence[Session]) -> list[Ask]:
    """How a sample is begun: a card is switched on."""
    return [ask for ask in corpus[0].asks[:1] if ask.do == "power_on"]


def _opened(table: Table) -> Target:
    target = table.open()
    target.connect()
    return target


def _shown(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    return value.hex().upper() if isinstance(value, bytes) else str(value)[:200]
