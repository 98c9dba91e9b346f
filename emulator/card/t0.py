"""GET RESPONSE: fetches what a case-4 command left waiting."""

from emulator.card.chip import Chip
from onecard.spec.card import Command


class GetResponse:
    """``00 C0 00 00 Le``. Le 00, or more than waits, is answered 6Cxx and loses nothing (2011 draft, part 5)."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, command = self._chip, self._command
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(command, "parameters")
        waiting = chip.waiting
        if not waiting:
            return chip.refuse(command, "nothing")
        right = 0 < length <= len(waiting)
        if not chip.behaviour.accepts_expected_length(command.id, length, len(waiting), right):
            chip.waiting = chip.behaviour.waiting_after_wrong_length(waiting)
            return chip.wrong_length(command.id, length, len(waiting))
        given = waiting[: length or len(waiting)]
        chip.waiting = chip.behaviour.rest_after_part(waiting[len(given) :])
        if chip.waiting:
            return given + bytes((chip.spec.t0.more_data, len(chip.waiting) & 0xFF))
        return chip.ok(given)
