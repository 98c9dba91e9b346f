"""Business of the partner: what was accepted under which sequence number, and the state of each card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from emulator.partner.behaviour import PartnerBehaviour
from emulator.partner.checks import Refusal
from onecard.spec.partner import PartnerSpec

NONE = "none"


@dataclass(frozen=True, slots=True)
class Transaction:
    """An accepted activation: sequence number, card number, and the whole business data."""

    busi_seq: str
    card: str
    content: Mapping[str, Any]


@dataclass
class Transactions:
    """All of them, by sequence number, and the states of the cards."""

    spec: PartnerSpec
    behaviour: PartnerBehaviour
    _known: dict[str, Transaction] = field(default_factory=dict)
    _states: dict[str, str] = field(default_factory=dict)

    def state(self, card: str) -> str:
        """The state of a card."""
        return self._states.get(card, NONE)

    def check(self, asked: Transaction) -> None:
        """Whether the state allows it; raises Refusal. A repetition of what was accepted is allowed."""
        known = self._known.get(asked.busi_seq)
        if self.behaviour.is_known(known is not None) and known is not None:
            if not self.behaviour.same_business(known.content, asked.content, known.content == asked.content):
                raise Refusal("SEQUENCE")
            return
        state = self.state(asked.card)
        if not self.behaviour.may_begin(state, (state, "activate") in self.spec.transitions):
            raise Refusal("STATE")

    def accept(self, asked: Transaction) -> bool:
        """Take it; False when it was taken before."""
        if self.behaviour.is_known(asked.busi_seq in self._known):
            return False
        self._known[asked.busi_seq] = asked
        self._move(asked.card, "activate")
        return True

    def processed(self, done: Transaction) -> str:
        """The partner's own work is done; returns the card's new state."""
        self._move(done.card, "processed")
        return self.state(done.card)

    def clear(self) -> None:
        """Forget everything."""
        self._known.clear()
        self._states.clear()

    def _move(self, card: str, event: str) -> None:
        # An event that the table does not know in this state changes nothing.
        self._states[card] = self.spec.transitions.get((self.state(card), event), self.state(card))
