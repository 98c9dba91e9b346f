"""VERIFY."""

from emulator.card.behaviour import PIN
from emulator.card.chip import Chip
from emulator.card.memory import PinTries
from emulator.card.pin_coding import pin_digits
from onecard.spec.card import Command, PinQuery


class Verify:
    """``00 20 00 00``: the PIN in BCD, or nothing to ask for the tries left."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(command, "parameters")
        if command.query is not None and length == command.query.length:
            return self._query(command.query)
        stored = chip.image.pin
        if stored is None:
            return chip.refuse(command, "not-set")
        if chip.behaviour.blocked(PIN, chip.image.pin_tries):
            return chip.refuse(command, "blocked")
        return self._compare(stored, data)

    def _query(self, query: PinQuery) -> bytes:
        chip, command = self._chip, self._command
        if chip.image.pin is None:
            return chip.refuse_with(command.id, "query.none", query.none)
        chip.memory.put((PinTries(), chip.behaviour.tries_after_query(chip.image.pin_tries)))
        chip.security = chip.behaviour.security_after_query(chip.security)
        reported = chip.behaviour.tries_reported(PIN, chip.image.pin_tries)
        return chip.refuse_with(command.id, "query.set", query.set, reported)

    def _compare(self, stored: bytes, given: bytes) -> bytes:
        chip, behaviour, image = self._chip, self._chip.behaviour, self._chip.image
        counted, cell = behaviour.counted(PIN, True), PinTries()
        if counted:
            chip.memory.put((cell, behaviour.tries_before_comparison(PIN, image.pin_tries)))
        digits = len(pin_digits(given, chip.spec.pin))
        long_enough = behaviour.pin_long_enough(digits, chip.spec.pin.min_digits)
        if behaviour.pin_matches(stored, given) and long_enough:
            if counted:
                chip.memory.put((cell, behaviour.tries_after_success(PIN, image.pin_tries, image.pin_limit)))
            chip.security = behaviour.security_after_pin(chip.security)
            return chip.ok()
        if counted:
            chip.memory.put((cell, behaviour.tries_after_failure(PIN, image.pin_tries)))
        chip.security = behaviour.security_after_failed_pin(chip.security)
        return chip.refuse(self._command, "failed", behaviour.tries_reported(PIN, image.pin_tries))
