"""The functions of the PIN: verify and change, reload and unblock by PSAM. A PIN lives in local names only."""

from collections.abc import Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.pin_entry import CHANGE, ENTER, RELOAD, PinEntry
from emulator.terminal.pin_messages import PinMessages
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Steps

VERIFY, UNBLOCK = "VERIFY-PIN", "UNBLOCK-PIN"
TRIES = 0x0F
"""The low nibble of 63Cx: tries left (2011 draft, part 5)."""


class PinBySam:
    """iVerifyPIN, iChangePIN, iReloadPIN and iUnblockPIN."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._entry = PinEntry(steps)
        self._messages = PinMessages(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {VERIFY: self._verify, CHANGE: self._change, RELOAD: self._reload, UNBLOCK: self._unblock}

    def _verify(self, arguments: Arguments) -> str:
        card = self._card(arguments)
        pin = self._entry.entered(ENTER)
        self._present(card, "VERIFY", self._entry.octets(pin))
        return self._steps.behaviour.pin_result(pin)

    def _change(self, arguments: Arguments) -> str:
        behaviour, initial = self._steps.behaviour, self._steps.spec.pin.initial
        card = self._card(arguments)
        old = self._entry.entered(ENTER)
        if behaviour.refuses_initial(old, initial):
            raise Failure(self._steps.spec.codes["PIN-INITIAL"])
        new = self._entry.entered_twice(CHANGE)
        if not behaviour.may_become(new, initial):
            raise self._steps.reader.failure("PIN-TO-INITIAL")
        before, after = self._entry.octets(old), self._entry.octets(new)
        command = self._steps.card_spec.command("CHANGE-PIN")
        data = before + bytes((command.number("separator"),)) + after
        if behaviour.sends_change():
            self._present(card, command.id, behaviour.change_data(before, after, data))
        return behaviour.pin_result(new)

    def _reload(self, arguments: Arguments) -> str:
        steps = self._steps
        card, sam, algorithm, _ = steps.proved_by_sam(arguments)
        self._entry.check_card(card, RELOAD, arguments)
        new = self._entry.entered_twice(RELOAD)
        block = self._messages.block(self._entry.octets(new), algorithm.block)
        if block is None:
            raise steps.reader.failure("PIN-LENGTH")
        self._messages.send(card, sam, algorithm, self._messages.reload, block)
        return steps.behaviour.pin_result(new)

    def _unblock(self, arguments: Arguments) -> str:
        card, sam, algorithm, _ = self._steps.proved_by_sam(arguments)
        self._entry.check_card(card, UNBLOCK, arguments)
        if self._steps.behaviour.sends_unblock():
            self._messages.send(card, sam, algorithm, self._steps.behaviour.unblocks_by(self._messages.unblock), b"")
        return ""

    def _card(self, arguments: Arguments) -> Card:
        """A card that may learn the PIN; raises Failure."""
        if not self._steps.behaviour.authenticates_before_pin():
            return self._steps.begin(arguments)
        return self._steps.proved_by_sam(arguments)[0]

    # --- the card ---

    def _present(self, card: Card, identifier: str, data: bytes) -> None:
        """Send a command that holds the card's PIN, once; raises Failure."""
        behaviour, command = self._steps.behaviour, self._steps.card_spec.command(identifier)
        p1, p2 = (command.number(name) if name in command.parameters else 0 for name in ("p1", "p2"))
        if identifier == "VERIFY" and behaviour.verifies_with_query() and self._asks_for_none(card):
            return
        sw = 0
        for attempt in (data, *behaviour.further_tries(data)):
            _, sw = card.channel.command(identifier, p1, p2, attempt)
            if card.channel.is_ok(sw) or not behaviour.looks_at_pin_answer(sw):
                return
        raise self._refused(identifier, sw)

    def _asks_for_none(self, card: Card) -> bool:
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
