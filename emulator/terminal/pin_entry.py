"""PINs from the keypad: what is refused before anything goes to the card."""

from collections.abc import Mapping
from types import MappingProxyType

from emulator.card.pin_coding import pin_octets
from emulator.terminal.access import NoPin
from emulator.terminal.failure import Failure
from emulator.terminal.reading import Card
from emulator.terminal.steps import Arguments, Steps

CHANGE, RELOAD = "CHANGE-PIN", "RELOAD-PIN"
ENTER, NEW, AGAIN = "enter", "new", "again"
NO_ENTRY: Mapping[str, str] = MappingProxyType({"cancelled": "PIN-CANCELLED", "timeout": "PIN-TIMEOUT"})


class PinEntry:
    """The keypad, and the card that the PINs are for."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def entered(self, prompt: str) -> str:
        """A PIN that may be sent; raises Failure."""
        behaviour, reader, rules = self._steps.behaviour, self._steps.reader, self._steps.spec.pin
        try:
            pin = self._steps.entered(prompt)
        except NoPin as none:
            instead = behaviour.pin_in_place_of_none(none.reason)
            if instead is None:
                raise self._no_entry(none.reason) from None
            return instead
        if not behaviour.pin_is_digits(pin, pin.isascii() and (pin.isdecimal() or not pin)):
            raise reader.failure("PIN-CHARACTERS")
        fits = rules.min_digits <= len(pin) <= rules.max_digits[0]
        if not behaviour.pin_length_fits(pin, fits):
            raise reader.failure("PIN-LENGTH")
        return pin

    def _no_entry(self, reason: str) -> Failure:
        outcome = NO_ENTRY.get(reason)
        if outcome is None:
            return Failure(self._steps.spec.codes["UNSUPPORTED"])
        return self._steps.reader.failure(outcome)

    def entered_twice(self, function: str) -> str:
        """A new PIN, entered as often as ``function`` asks; raises Failure."""
        new = self.entered(NEW)
        if self._steps.behaviour.asks_again(function):
            again = self.entered(AGAIN)
            if not self._steps.behaviour.entries_agree(new, again):
                raise self._steps.reader.failure("PIN-MISMATCH")
        return new

    def octets(self, pin: str) -> bytes:
        """A PIN as the card takes it."""
        right = pin_octets(pin, self._steps.card_spec.pin) if pin.isdecimal() else b""
        return self._steps.behaviour.pin_octets(pin, right)

    def check_card(self, card: Card, function: str, arguments: Arguments) -> None:
        """Raise Failure where pCardInfo is not this card's."""
        fits = self._steps.fits(card, str(arguments.get("pCardInfo", "")))
        if not self._steps.behaviour.belongs_to_card(function, fits):
            raise self._steps.reader.failure("DIFFERS")
