"""A card or PSAM that answers by a script: rules as plain data, so that they stand in the evidence of the case.

A rule is an object of strings and numbers: ``slot`` (card, contactless, psam), which command it meets (``number``: so
many of the slot since it was laid out, from 1; ``ins``: instruction byte; ``nth``: so many that meet the rest), and one
action. Of several rules the first that meets a command acts.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

GET_RESPONSE = 0xC0
MORE_DATA, WRONG_LE = 0x61, 0x6C
OK = bytes((0x90, 0x00))
SLOTS = ("card", "contactless", "psam")
LONGEST_DELAY = 5000
"""Milliseconds; a longer silence is a silence."""
Data = Callable[[bytes], bytes]


class Chip(Protocol):
    """A card or PSAM."""

    def power_on(self) -> bytes:
        """Cold reset; the answer to reset."""

    def process(self, command: bytes) -> bytes | None:
        """One command; None when it keeps silent."""


class Pulled(Exception):
    """From here on nothing is in the slot."""


class Exchanged(Exception):
    """From here on the card of another ``holder`` is in the slot, not powered yet."""

    def __init__(self, holder: int) -> None:
        super().__init__(holder)
        self.holder = holder


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; None for what it does not ask. ``action``: its name, ``value``: of the action."""

    slot: str
    number: int | None
    ins: int | None
    nth: int | None
    action: str
    value: Any


def rules_of(given: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules of a script; raises ValueError naming the rule (from 1) and what is wrong with it."""
    return tuple(_rule(place, one) for place, one in enumerate(given, start=1))


def _rule(place: int, given: Mapping[str, Any]) -> Rule:
    known = {"slot", "number", "ins", "nth", *ACTIONS}
    unknown = sorted(set(given) - known)
    actions = [name for name in ACTIONS if name in given]
    if unknown or len(actions) != 1:
        raise ValueError(f"rule {place} of the script: one action of {', '.join(ACTIONS)}, and no {unknown or 'other'}")
    if given.get("slot") not in SLOTS:
        raise ValueError(f"rule {place} of the script: slot is one of {', '.join(SLOTS)}")
    (action,) = actions
    try:
        counts = [_count(given.get(name)) for name in ("number", "nth")]
        ins = None if given.get("ins") is None else int(str(given["ins"]), 16)
        return Rule(given["slot"], counts[0], ins, counts[1], action, ACTIONS[action].read(given[action]))
    except (TypeError, ValueError) as error:
        raise ValueError(f"rule {place} of the script: {error}") from None


def _count(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0):
        return value
    raise ValueError(f"{value!r} is no number from 1")


@dataclass(slots=True)
class ScriptedChip:
    """``chip`` by the rules of its slot. Answers of a case-4 command come by 61xx, altered ones too."""

    chip: Chip
    rules: Sequence[Rule]
    numbered: int = 0
    met: dict[int, int] = field(default_factory=dict)
    waiting: bytes | None = None
    piece: int = 0
    repeated: bytes = b""

    def power_on(self) -> bytes:
        """The answer to reset, or the one of the script; a reset counts no command."""
        right = self.chip.power_on()
        self.waiting = None
        return next((rule.value for rule in self.rules if rule.action == "atr"), right)

    def process(self, command: bytes) -> bytes | None:
        """One command; raises Pulled, Exchanged."""
        self.numbered += 1
        if self.waiting is not None and command[1:2] == bytes((GET_RESPONSE,)):
            return self._fetched(command[-1])
        self.waiting = None
        rule = next((rule for place, rule in enumerate(self.rules) if self._meets(place, rule, command)), None)
        return self.chip.process(command) if rule is None else ACTIONS[rule.action].act(self, command, rule.value)

    def _meets(self, place: int, rule: Rule, command: bytes) -> bool:
        if rule.action == "atr" or rule.number not in (None, self.numbered) or rule.ins not in (None, command[1]):
            return False
        self.met[place] = self.met.get(place, 0) + 1
        return rule.nth in (None, self.met[place])

    # --- actions ---

    def whole(self, command: bytes) -> tuple[bytes, bytes]:
        """Data and status word of a command, fetched where they wait."""
        answer = self.chip.process(command) or b""
        if len(answer) == 2 and answer[0] == MORE_DATA:
            answer = self.chip.process(bytes((0x00, GET_RESPONSE, 0x00, 0x00, answer[1]))) or b""
        return answer[:-2], answer[-2:]

    def altered(self, command: bytes, change: Data) -> bytes:
        """The answer with its data changed, where there are any."""
        data, status = self.whole(command)
        return self.given(command, change(data) if data else data, status)

    def given(self, command: bytes, data: bytes, status: bytes) -> bytes:
        """Data and status as T=0 gives them: behind 61xx for a command that brought data itself."""
        if len(command) <= 5 or not data:
            return data + status
        self.waiting, self.piece = data, len(data)
        return bytes((MORE_DATA, len(data) & 0xFF))

    def in_pieces(self, command: bytes, size: int) -> bytes:
        """The answer's data in pieces of ``size`` bytes, each behind its own 61xx."""
        data, status = self.whole(command)
        if len(data) <= size or status != OK:
            return self.given(command, data, status)
        if len(command) > 5:
            self.waiting, self.piece = data, size
            return bytes((MORE_DATA, size))
        self.waiting, self.piece = data[size:], size
        return data[:size] + bytes((MORE_DATA, min(size, len(data) - size)))

    def wrong_le(self, command: bytes) -> bytes | None:
        """6Cxx once: with this Le, the right one, the card asks for the command again."""
        if len(command) != 5 or command[:4] == self.repeated:
            self.repeated = b""
            return self.chip.process(command)
        self.repeated = command[:4]
        data, status = self.whole(command)
        return data + status if status != OK else bytes((WRONG_LE, len(data) & 0xFF))

    def _fetched(self, wanted: int) -> bytes:
        waiting = self.waiting or b""
        data, rest = waiting[:wanted], waiting[wanted:]
        self.waiting = rest or None
        return data + (bytes((MORE_DATA, min(self.piece, len(rest)))) if rest else OK)


@dataclass(frozen=True, slots=True)
class Action:
    """``read``: its value from a rule, raises ValueError or TypeError; ``act``: the answer to a command."""

    read: Callable[[Any], Any]
    act: Callable[[ScriptedChip, bytes, Any], bytes | None]


def _hex(value: object) -> bytes:
    return bytes.fromhex(str(value))


def _status(value: object) -> bytes:
    octets = _hex(value)
    if len(octets) != 2:
        raise ValueError(f"{value!r} is no status word")
    return octets


def _flag(value: object) -> bool:
    if value is not True:
        raise ValueError("the action's value is true")
    return True


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{value!r} is no number")
    return value


def _milliseconds(value: object) -> int:
    if _number(value) > LONGEST_DELAY:
        raise ValueError(f"at most {LONGEST_DELAY} milliseconds")
    return _number(value)


def _flipped(data: bytes, place: int) -> bytes:
    at = min(place, len(data) - 1)
    return data[:at] + bytes((data[at] ^ 0x01,)) + data[at + 1 :]


def _pull(chip: ScriptedChip, command: bytes, value: object) -> bytes | None:
    raise Pulled


def _exchange(chip: ScriptedChip, command: bytes, holder: int) -> bytes | None:
    raise Exchanged(holder)


def _delayed(chip: ScriptedChip, command: bytes, milliseconds: int) -> bytes | None:
    time.sleep(milliseconds / 1000)
    return chip.chip.process(command)


ACTIONS: Mapping[str, Action] = MappingProxyType(
    {
        "atr": Action(_hex, lambda chip, command, value: None),
        "sw": Action(_status, lambda chip, command, value: value),
        "silent": Action(_flag, lambda chip, command, value: None),
        "pulled": Action(_flag, _pull),
        "exchange": Action(_number, _exchange),
        "delay": Action(_milliseconds, _delayed),
        "flip": Action(_number, lambda chip, command, place: chip.altered(command, lambda data: _flipped(data, place))),
        "cut": Action(_number, lambda chip, command, left: chip.altered(command, lambda data: data[:left])),
        "append": Action(_hex, lambda chip, command, more: chip.altered(command, lambda data: data + more)),
        "data": Action(_hex, lambda chip, command, value: chip.altered(command, lambda _: value)),
        "pieces": Action(_number, lambda chip, command, size: chip.in_pieces(command, max(1, size))),
        "wrong-le": Action(_flag, lambda chip, command, value: chip.wrong_le(command)),
    }
)
"""What a rule may do: another answer to reset; a status word in place of an answer; silence; a pulled card; the card of
another synthetic person in its place; an answer after so many milliseconds; a flipped bit in byte ``flip`` of the data;
data cut after so many bytes, followed by more, or replaced; data in pieces; 6Cxx once.
"""
