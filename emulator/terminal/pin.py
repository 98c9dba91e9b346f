"""The functions of the PIN: verify and change, reload and unblock by PSAM. A PIN lives in local names only."""

from collections.abc import Mapping

from emulator.terminal.failure import Failure
from emulator.terminal.pin_at_card import PinAtCard
from emulator.terminal.pin_entry import CHANGE, ENTER, RELOAD, PinEntry
from emulator.terminal.pin_messages import PinMessages
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Function, Steps

VERIFY, UNBLOCK = "VERIFY-PIN", "UNBLOCK-PIN"


class PinBySam:
    """iVerifyPIN, iChangePIN, iReloadPIN and iUnblockPIN."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._entry = PinEntry(steps)
        self._at_card = PinAtCard(steps)
        self._messages = PinMessages(steps)

    def functions(self) -> Mapping[str, Function]:
        """The functions by the end of their id in the data."""
        return {VERIFY: self._verify, CHANGE: self._change, RELOAD: self._reload, UNBLOCK: self._unblock}

    def _verify(self, arguments: Arguments) -> str:
        return self._steps.behaviour.pin_result(self.verified(self._card(arguments)))

    def verified(self, card: Card) -> str:
        """The PIN that the user enters and ``card`` accepts; raises Failure."""
        pin = self._entry.entered(ENTER)
        self._at_card.present(card, "VERIFY", self._entry.octets(pin))
        return pin

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
            self._at_card.present(card, command.id, behaviour.change_data(before, after, data))
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
