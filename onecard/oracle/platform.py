"""What a platform should do, computed from the data: which controls refuse, how cards and activations go on, masks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from onecard.oracle.errors import OracleError
from onecard.spec.platform import OK, PlatformSpec

UNKNOWN = "zz-unknown"
"""A channel, item or scene that no platform has."""

UNKNOWN_CARD = "000000000"


class BrokenLog(OracleError):
    """The log of an activation does not tell one course of steps."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call as the six controls see it. ``state``: of the card, None for a card that does not exist.

    ``in_flow``: its predecessor was completed for this institution, card and item, or it needs none.
    """

    role: str
    operation: str
    channel: str
    state: str | None
    item: str
    scene: str
    event: str | None = None
    suspended: bool = False
    in_flow: bool = True


def refusals(spec: PlatformSpec, attempt: Attempt) -> tuple[str, ...]:
    """The controls that refuse an attempt, in the order of evaluation; none when it is to be admitted."""
    role, item = spec.roles[attempt.role], spec.items.get(attempt.item)
    scenes_of_channel = spec.channels.get(attempt.channel)
    scenes = {scene for known in spec.channels.values() for scene in known}
    if item is not None:
        scenes &= set(item.scenes)
    if scenes_of_channel is not None:
        scenes &= set(scenes_of_channel)
    offered = item is not None and attempt.operation in item.flow and attempt.event in (None, *item.events)
    admitted = {
        "institution": not attempt.suspended,
        "channel": scenes_of_channel is not None and attempt.channel in role.channels,
        "card": attempt.state is not None and (item is None or attempt.state in item.states),
        "item": offered and attempt.item in role.items,
        "scene": attempt.scene in scenes,
        "flow": attempt.in_flow,
    }
    return tuple(str(refusal.control) for refusal in spec.controls if not admitted[str(refusal.control)])


def ways(spec: PlatformSpec, role: str, item: str) -> list[tuple[str, str]]:
    """The channels and scenes through which a role may use an item."""
    return [
        (channel, scene)
        for channel in spec.roles[role].channels
        for scene in spec.channels[channel]
        if scene in spec.items[item].scenes
    ]


def occurring(spec: PlatformSpec, item: str) -> list[str]:
    """The card states that an item takes and the declared code set has."""
    return [state for state in spec.items[item].states if state in spec.states]


def changes(spec: PlatformSpec, control: str, attempt: Attempt) -> Iterator[Attempt]:
    """Attempts that differ in what one control looks at: every value of the data, and an unknown one."""
    match control:
        case "institution":
            yield replace(attempt, suspended=True)
        case "channel":
            for channel in (*spec.channels, UNKNOWN):
                yield replace(attempt, channel=channel)
        case "card":
            for state in (*spec.states, None):
                yield replace(attempt, state=state)
        case "item":
            for item in (*spec.items, UNKNOWN):
                yield replace(attempt, item=item)
        case "scene":
            for scene in sorted({scene for known in spec.channels.values() for scene in known} | {UNKNOWN}):
                yield replace(attempt, scene=scene)
        case "flow":
            yield replace(attempt, in_flow=False)


def refused_by(spec: PlatformSpec, attempt: Attempt, *controls: str) -> Iterator[Attempt]:
    """Changed attempts that exactly these controls refuse."""
    found = [attempt]
    for control in controls:
        found = [changed for before in found for changed in changes(spec, control, before)]
    return (changed for changed in found if set(refusals(spec, changed)) == set(controls))


def after(spec: PlatformSpec, state: str, event: str) -> str | None:
    """The state of a card after an event; None when the table does not have it."""
    transition = spec.transitions.get((state, event))
    return transition.to if transition is not None else None


def masked(spec: PlatformSpec, field: str, plain: str) -> str:
    """A name or number as answers must show it."""
    mask = spec.masks[field]
    last = len(plain) - mask.keep_last
    return "".join(
        character if at < mask.keep_first or at >= last else mask.filler for at, character in enumerate(plain)
    )


@dataclass(frozen=True, slots=True)
class Course:
    """How an activation goes: its log entries as (from, party, action, result, to), its last state, the card's state,
    and the parties at which the card is active at the end.
    """

    steps: tuple[tuple[str, str, str, str, str], ...]
    state: str
    card: str
    active: frozenset[str]


def course(
    spec: PlatformSpec,
    start: str,
    card: str,
    active: frozenset[str],
    result: Callable[[str, str, int], str],
) -> Course:
    """The course from the saga state ``start`` with the card in state ``card``.

    ``result(party, action, n)``: how the n-th request (from 0) for an action of a party ends. A party whose answer is
    lost has acted.
    """
    counts: dict[tuple[str, str], int] = {}
    steps: list[tuple[str, str, str, str, str]] = []
    state = start
    while (node := spec.saga[state]).party is not None:
        asked = counts.get((node.party, node.action), 0)
        counts[node.party, node.action] = asked + 1
        outcome = result(node.party, node.action, asked)
        if outcome != "failed":
            active = active | {node.party} if node.action == "activate" else active - {node.party}
        if outcome == OK and node.card_event is not None:
            card = spec.transitions[card, node.card_event].to
        steps.append((state, node.party, node.action, outcome, node.after[outcome]))
        if node.after[outcome] == state:
            break
        state = node.after[outcome]
    return Course(tuple(steps), state, card, active)


def steps_of(log: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str, str, str, str], ...]:
    """The entries of an answered log; raises BrokenLog where the numbers or the states do not follow one another."""
    steps: list[tuple[str, str, str, str, str]] = []
    for number, entry in enumerate(log, start=1):
        if entry["n"] != number:
            raise BrokenLog(zh=f"第 {number} 条的序号为 {entry['n']}", en=f"entry {number} has the number {entry['n']}")
        if steps and steps[-1][-1] != entry["from"]:
            raise BrokenLog(
                zh=f"第 {number} 条始于 {entry['from']}，前一条止于 {steps[-1][-1]}",
                en=f"entry {number} begins in {entry['from']}, the one before ended in {steps[-1][-1]}",
            )
        steps.append((entry["from"], entry["party"], entry["action"], entry["result"], entry["to"]))
    return tuple(steps)
