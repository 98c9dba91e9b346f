"""The business operations, by the ids that the interface document gives them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from emulator.platform.activation import Entry, steps
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.database import Activation, Card, Transaction
from emulator.platform.messages import Call, Refused
from emulator.platform.parties import Port
from emulator.service import Clock
from onecard.spec.platform import PlatformSpec

SECONDS_OF_A_DAY = 86400
IDENTIFIER_BYTES = 12
Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the operations work with."""

    spec: PlatformSpec
    behaviour: PlatformBehaviour
    send: Port
    clock: Clock
    random: Callable[[int], bytes]

    def code_table(self) -> Body:
        """Every state of a card with its code."""
        return {"states": [{"state": state, "code": self.code(state)} for state in self.spec.states]}

    def code(self, state: str) -> str:
        """The code that is shown of a state."""
        return self.behaviour.shown_code(state, self.spec.states[state])

    def card(self, data: Transaction, card_no: str) -> Card | None:
        """A card as it is now: what happens by itself has happened."""
        card = data.card(card_no)
        timer = self.spec.timers.get(card.state) if card is not None else None
        if card is None or timer is None or card.until is None:
            return card
        expired = self.behaviour.expired(self.clock.now(), card.until)
        return self.happen(data, card, timer.event) if expired else card

    def happen(self, data: Transaction, card: Card, event: str) -> Card:
        """The card after an event; Refused when the state table does not have it."""
        transition = self.spec.transitions.get((card.state, event))
        state = self.behaviour.next_state(card.state, event, transition.to if transition else None)
        if state is None:
            raise Refused(self.spec.error("illegal-transition"))
        timer = self.spec.timers.get(state)
        until = self.clock.now() + timer.days * SECONDS_OF_A_DAY if timer else None
        if self.behaviour.event_done(event):
            data.move(card.card_no, state, until)
        return replace(card, state=state, until=until)

    def masked(self, card: Card) -> Body:
        """The holder as answers show him."""
        plain = {"name": card.name, "number": card.number}
        return {field: self.behaviour.masked(field, value, self.spec.masks[field]) for field, value in plain.items()}

    def view(self, card: Card) -> Body:
        """A card as answers show it."""
        return {
            "cardNo": card.card_no,
            "state": card.state,
            "stateCode": self.code(card.state),
            "holder": self.masked(card),
        }


def _card(desk: Desk, data: Transaction, call: Call) -> Card:
    card = desk.card(data, call.card_no)
    if card is None:
        raise Refused(desk.spec.control("card"))
    return card


def _query(desk: Desk, data: Transaction, call: Call, _body: Body) -> Body:
    return desk.view(_card(desk, data, call))


def _authenticate(desk: Desk, data: Transaction, call: Call, body: Body) -> Body:
    card = _card(desk, data, call)
    known = {"name": card.name, "number": card.number}
    if not desk.behaviour.holder_matches(known, body["holder"]):
        raise Refused(desk.spec.error("holder-mismatch"), desk.behaviour.mismatch_told(known, body["holder"]))
    return {"authenticated": True, "flow": call.sequence, "holder": desk.masked(card)}


def _apply_event(desk: Desk, data: Transaction, call: Call, body: Body) -> Body:
    return desk.view(desk.happen(data, _card(desk, data, call), body["event"]))


def _activate(desk: Desk, data: Transaction, call: Call, _body: Body) -> Body:
    card, start = _card(desk, data, call), desk.spec.saga[desk.spec.saga_start]
    legal = start.card_event is None or (card.state, start.card_event) in desk.spec.transitions
    if not desk.behaviour.may_start(data.earlier(card.card_no), legal):
        raise Refused(desk.spec.error("illegal-transition"))
    opened = Activation(desk.random(IDENTIFIER_BYTES).hex(), card.card_no, start.state, ())
    data.open_activation(opened.id, opened.card_no, opened.state)
    return _shown(desk, _run(desk, data, opened, card))


def _run(desk: Desk, data: Transaction, activation: Activation, card: Card) -> Activation:
    for entry, event in steps(desk.spec, activation.state, activation.id, card.card_no, desk.send, desk.behaviour):
        activation = replace(activation, state=entry.after, log=(*activation.log, entry))
        data.advance(activation.id, len(activation.log), entry)
        if event is not None:
            card = desk.happen(data, card, event)
        # Each step stands before the next party is asked: after a crash the activation can be resumed.
        data.commit()
    return activation


def _shown(desk: Desk, activation: Activation) -> Body:
    log = [_logged(n, entry) for n, entry in enumerate(activation.log, start=1)]
    return {
        "activationId": activation.id,
        "cardNo": activation.card_no,
        "state": activation.state,
        "log": list(desk.behaviour.log(log)),
    }


def _logged(n: int, entry: Entry) -> Body:
    course = {"from": entry.before, "party": entry.party, "action": entry.action}
    return {"n": n, **course, "result": entry.result, "to": entry.after}


def _activation(desk: Desk, data: Transaction, call: Call, body: Body) -> Activation:
    found = data.activation(body["activationId"])
    if found is None or found.card_no != call.card_no:
        raise Refused(desk.spec.error("unknown-activation"))
    return found


def _query_activation(desk: Desk, data: Transaction, call: Call, body: Body) -> Body:
    return _shown(desk, _activation(desk, data, call, body))


def _resume(desk: Desk, data: Transaction, call: Call, body: Body) -> Body:
    found = _activation(desk, data, call, body)
    if desk.spec.saga[found.state].final:
        raise Refused(desk.spec.error("activation-finished"))
    if desk.behaviour.resumes(found.state):
        found = _run(desk, data, found, _card(desk, data, call))
    return _shown(desk, found)


OPERATIONS: Mapping[str, Callable[[Desk, Transaction, Call, Body], Body]] = MappingProxyType(
    {
        "queryCard": _query,
        "authenticateHolder": _authenticate,
        "applyCardEvent": _apply_event,
        "activateCard": _activate,
        "queryActivation": _query_activation,
        "resumeActivation": _resume,
    }
)
"""By operationId. Each returns the body of its 200 answer, or raises Refused."""
