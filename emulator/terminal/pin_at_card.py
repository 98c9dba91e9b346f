"""Commands with a PIN to the card, and what its refusal means."""

from emulator.terminal.failure import Failure
from emulator.terminal.reading import Card
from emulator.terminal.steps import Steps

TRIES = 0x0F
"""The low nibble of 63Cx: tries left (2011 draft, part 5)."""


class PinAtCard:
    """The card's side of a PIN."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def present(self, card: Card, identifier: str, data: bytes) -> None:
        """Send a command that holds the card's PIN, once; raises Failure."""
        behaviour, command = self._steps.behaviour, self._steps.card_spec.command(identifier)
        p1, p2 = (command.number(name) if name in command.parameters else 0 for name in ("p1", "p2"))
        if identifier == "VERIFY" and behaviour.verifies_with_query() and self.has_none(card):
            return
        sw = 0
        for attempt in (data, *behaviour.further_tries(data)):
            _, sw = card.channel.command(identifier, p1, p2, attempt)
            if card.channel.is_ok(sw) or not behaviour.looks_at_pin_answer(sw):
                return
        raise self._refused(identifier, sw)

    def has_none(self, card: Card) -> bool:
        """Whether the card says that it has no PIN (VERIFY without data)."""
        return card.channel.is_ok(card.channel.command("VERIFY", 0, 0, b"")[1])

    def _refused(self, identifier: str, sw: int) -> Failure:
        steps, statuses = self._steps, self._steps.card_spec.command(identifier).statuses
        outcomes = {"failed": "PIN-WRONG", "blocked": "PIN-LOCKED"}
        found = next((outcome for name, outcome in outcomes.items() if statuses[name].matches(sw)), None)
        told = None if found is None else steps.behaviour.pin_refusal(sw, found)
        if told is None:
            return Failure(steps.reader.code_of_status(sw))
        left = sw & TRIES
        text = steps.behaviour.tries_text(left, f"，剩余 {left} 次") if told == "PIN-WRONG" else ""
        return Failure(steps.reader.failure(told).code, text)
