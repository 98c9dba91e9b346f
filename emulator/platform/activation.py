"""The saga of one-stop activation: steps by the state table of the data, one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass

from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.parties import NoAnswer, Port
from onecard.spec.platform import FAILED, LOST, OK, PlatformSpec


@dataclass(frozen=True, slots=True)
class Entry:
    """A step taken: in which state, what was asked of whom, how it ended, and the state after it."""

    before: str
    party: str
    action: str
    result: str
    after: str


def steps(
    spec: PlatformSpec, start: str, activation: str, card_no: str, send: Port, behaviour: PlatformBehaviour
) -> Iterator[tuple[Entry, str | None]]:
    """Take steps from ``start`` until a final state, or until one leads back to itself (it waits for a resumption).

    With each step comes the event that it means for the card, if any.
    """
    state = spec.saga[start]
    while state.party is not None:
        request = {"action": state.action, "activationId": activation, "cardNo": card_no}
        right = _ask(send, state.party, request) if behaviour.asks(state.party, state.action) else OK
        result = behaviour.result(state.party, state.action, right)
        after = behaviour.next(state.state, result, state.after[result])
        event = behaviour.card_event(state.action, state.card_event) if result == OK else None
        yield Entry(state.state, state.party, state.action, result, after), event
        if after == state.state:
            return
        state = spec.saga[after]


def _ask(send: Port, party: str, request: dict[str, str]) -> str:
    try:
        return OK if send(party, request).get("result") == OK else FAILED
    except NoAnswer:
        return LOST
