"""What a suite sends to the right reference, recorded, and sequences generated from it: two references are told apart
by their answers, or not at all.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from onecard.prove.around import around
from onecard.targets.base import Target, TargetError

Answer = Any
"""Bytes of an ATR or a response, a message, None of a command that was cut off, or the name of a failure."""
T = TypeVar("T")

LONGEST = 12
"""Asks of a generated sequence."""
_ALTERED = 0.15
"""Share of the commands of a generated sequence in which one byte is another."""
_STARTS = frozenset(("reset", "power_on", "power_on_contactless"))
_DRAWN = _STARTS | {"transmit", "exchange"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing asked of a target: ``do`` names the target's method, ``arguments`` are its own."""

    do: str
    arguments: tuple[Any, ...] = ()


@dataclass
class Session:
    """What was asked of one sample from its first power-on to its last, and what it answered."""

    asks: list[Ask] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)


def answer_of(target: Target, ask: Ask) -> Answer:
    """What a target answers; a refusal to take part is an answer as well, by its class."""
    try:
        return getattr(target, ask.do)(*ask.arguments)
    except TargetError as error:
        return type(error).__name__


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Writes down what is asked of a target."""

    session: Session

    def asked(self, do: str, arguments: tuple[Any, ...], call: Callable[..., T]) -> T:
        self.session.asks.append(Ask(do, arguments))
        try:
            answer = call(*arguments)
        except TargetError as error:
            self.session.answers.append(type(error).__name__)
            raise
        self.session.answers.append(answer)
        return answer


def recorded(target: Target, session: Session) -> Target:
    """A target that writes what it is asked and answers into ``session``."""
    return around(target, _Recorder(session))


def sequences(corpus: Sequence[Session], count: int, seed: int) -> Iterator[tuple[Ask, ...]]:
    """Sequences drawn from what a corpus asks: the beginning of a case, then parts of others, with a byte of a command
    altered here and there. The same corpus, count and seed give the same sequences.
    """
    draw = random.Random(seed)
    pool = [_asked(session) for session in corpus]
    pool = [asks for asks in pool if asks]
    starts = [[at for at, ask in enumerate(asks) if ask.do in _STARTS] or [0] for asks in pool]
    for _ in range(count if pool else 0):
        chosen = draw.randrange(len(pool))
        begin = draw.choice(starts[chosen])
        sequence = list(pool[chosen][begin : begin + draw.randint(2, LONGEST)])
        while len(sequence) < LONGEST:
            asks = draw.choice(pool)
            at = draw.randrange(len(asks))
            sequence += asks[at : at + draw.randint(1, 4)]
        yield tuple(_altered(ask, draw) for ask in sequence[:LONGEST])


def _asked(session: Session) -> list[Ask]:
    # A cut leaves a card without supply, and the rest of its sequence without answers.
    return [ask for ask in session.asks if ask.do in _DRAWN]


def _altered(ask: Ask, draw: random.Random) -> Ask:
    if ask.do != "transmit" or draw.random() >= _ALTERED:
        return ask
    command = bytearray(ask.arguments[0] or b"\x00")
    command[draw.randrange(len(command))] = draw.randrange(256)
    return Ask(ask.do, (bytes(command),))
