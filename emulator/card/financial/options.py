"""GET PROCESSING OPTIONS."""

from emulator.card.chip import Chip
from emulator.codec import ber_tlv
from onecard.spec.card import Command


class GetProcessingOptions:
    """``80 A8 00 00 Lc 83 …``: the interchange profile (AIP) and where the records are (AFL), in template 80."""

    __slots__ = ("_answer", "_chip", "_command", "_expected")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._expected = bytes((command.number("template"), command.number("data")))
        told = [bytes.fromhex(str(command.parameters[name])) for name in ("interchange-profile", "locator")]
        behaviour = chip.behaviour
        self._answer = ber_tlv(
            command.number("answer"), behaviour.interchange_profile(told[0]) + behaviour.file_locator(told[1])
        )

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        right = (p1, p2) == (command.number("p1"), command.number("p2"))
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        wanted = data[:2] == self._expected and len(data) == 2 + self._expected[1]
        if not chip.behaviour.accepts_options(data, wanted):
            return chip.refuse(command, "template")
        return chip.announce(command.id, self._answer)
