"""What the model knows of the card between two commands. Immutable: every answer leads to a new state."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import Any, TypeAlias

from onecard.oracle.model.data import ExpectedData


class Held(Enum):
    """Whether the card holds something: no, yes, or no public rule says."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Place(Enum):
    """A place that is no known elementary file."""

    NO_FILE = "no elementary file is current"
    UNCERTAIN = "which file is current is not fixed by a rule"


class Pointer(Enum):
    """A record pointer that is no known record."""

    UNSET = "no record was addressed since the file became current"
    UNCERTAIN = "whether the last command moved the pointer is not fixed by a rule"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Data that GET RESPONSE may fetch; ``fresh``: no other command came in between; ``learn``: what they teach."""

    data: ExpectedData
    length: int
    fresh: bool
    learn: "Learn"


def _empty() -> Mapping[Any, Any]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class State:
    """The state of the card as far as the rules and the answers fix it.

    ``application``: id of the current application, None where it is not fixed. ``file``: id of the current file.
    ``pointer``: index of the current record from 0. ``challenge``: the last one, ``challenge_held`` whether the card
    still has it. ``granted``: keys authenticated (absent: no). ``pin_tries`` and ``key_tries``: tries left where known.
    ``records``: values of records by file and index from 0. ``fcis``: FCI by application.
    """

    application: str | None = None
    file: str | Place = Place.UNCERTAIN
    pointer: int | Pointer = Pointer.UNCERTAIN
    challenge: bytes = b""
    challenge_held: Held = Held.NO
    granted: Mapping[str, Held] = field(default_factory=_empty)
    pin_verified: Held = Held.NO
    pin_tries: int | None = None
    key_tries: Mapping[str, int] = field(default_factory=_empty)
    records: Mapping[tuple[str, int], bytes] = field(default_factory=_empty)
    fcis: Mapping[str, bytes] = field(default_factory=_empty)
    waiting: Waiting | None = None

    def key_granted(self, key: str) -> Held:
        """Whether the rights of ``key`` are granted."""
        return self.granted.get(key, Held.NO)

    def with_key(self, key: str, held: Held) -> "State":
        """``key`` granted, or not, or perhaps."""
        return replace(self, granted={**self.granted, key: held})

    def with_tries(self, key: str, tries: int) -> "State":
        """``key`` with so many tries left."""
        return replace(self, key_tries={**self.key_tries, key: tries})

    def between(self) -> "State":
        """Before any command but GET RESPONSE: waiting data is perhaps gone."""
        return self if self.waiting is None else replace(self, waiting=replace(self.waiting, fresh=False))

    def challenge_in_doubt(self) -> "State":
        """After a command other than EXTERNAL AUTHENTICATE: whether a challenge outlives it is not fixed."""
        return replace(self, challenge_held=Held.MAYBE) if self.challenge_held is Held.YES else self

    def rights_in_doubt(self) -> "State":
        """Rights and challenge that no rule keeps and no rule takes away."""
        doubtful = {key: Held.NO if held is Held.NO else Held.MAYBE for key, held in self.granted.items()}
        return replace(self.challenge_in_doubt(), granted=doubtful)

    def lost(self) -> "State":
        """After an answer that no rule fixes: nothing about place and rights is known, contents and tries are."""
        return replace(self.rights_in_doubt(), application=None, file=Place.UNCERTAIN, pointer=Pointer.UNCERTAIN)

    def unwatched(self) -> "State":
        """After a command that the model does not follow: what it may have changed is not known."""
        return replace(self, pin_verified=Held.MAYBE, pin_tries=None, key_tries=_empty(), records=_empty())

    def after_reset(self) -> "State":
        """Cold or warm reset: keys and challenge are gone; where the card stands is not fixed."""
        return replace(
            self,
            application=None,
            file=Place.UNCERTAIN,
            pointer=Pointer.UNCERTAIN,
            challenge=b"",
            challenge_held=Held.NO,
            granted=_empty(),
            pin_verified=Held.NO,
            waiting=None,
        )


Learn: TypeAlias = Callable[[State, bytes, int], State]
"""From the state of an alternative, the data and the status word received, the state that knows them."""


def learn_nothing(state: State, data: bytes, sw: int) -> State:
    """The state as it is."""
    del data, sw
    return state
