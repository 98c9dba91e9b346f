"""What the commands of the medical purse share: parameters, state, fields of data and answer."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from emulator.card.chip import Chip
from emulator.card.purse.numbers import octets
from emulator.card.purse.session import purse_session
from onecard.spec.card import Command
from onecard.spec.card_purse import names, p1_p2


class PurseCommand(ABC):
    """Checks P1, P2 and the state, then does the command's own work."""

    __slots__ = ("_answer", "_chip", "_command", "_data", "_p1", "_p2", "_purse")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._purse = purse_session(chip)
        self._p1, self._p2 = p1_p2(command)
        self._data, self._answer = names(command, "data"), names(command, "answer")

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc or Le."""
        chip, command = self._chip, self._command
        right = p1 == self._p1 and self._knows(p2)
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        if not self._purse.allows(command):
            return chip.refuse_with(command.id, "state", self._purse.spec.forbidden)
        answer = self._work(p2, self._fields(data))
        if isinstance(answer, str):
            return chip.refuse(command, answer)
        return self._give(answer, length)

    def _knows(self, p2: int) -> bool:
        return self._p2 is None or p2 == self._p2

    @abstractmethod
    def _work(self, p2: int, fields: dict[str, bytes]) -> bytes | str:
        """The data of the answer; or the condition that refuses."""

    def _give(self, answer: bytes, length: int) -> bytes:
        self._purse.succeeded(self._command)
        return self._chip.announce(self._command.id, answer) if answer else self._chip.ok()

    def _fields(self, data: bytes) -> dict[str, bytes]:
        found, start = {}, 0
        for name in self._data:
            end = start + self._purse.spec.lengths[name]
            found[name] = data[start:end]
            start = end
        return found

    def _joined(self, fields: Mapping[str, bytes]) -> bytes:
        return b"".join([self._sized(name, fields[name]) for name in self._answer])

    def _sized(self, name: str, value: bytes) -> bytes:
        length = self._purse.spec.lengths[name]
        return value[:length].ljust(length, b"\x00")

    def _octets(self, name: str, value: int) -> bytes:
        return octets(value, self._purse.spec.lengths[name])


class Reading(PurseCommand):
    """A command without data, whose Le must be the length of its answer."""

    __slots__ = ()

    def _give(self, answer: bytes, length: int) -> bytes:
        chip, command = self._chip, self._command
        if not chip.behaviour.accepts_expected_length(command.id, length, len(answer), length == len(answer)):
            return chip.wrong_length(command.id, length, len(answer))
        self._purse.succeeded(command)
        return chip.ok(answer[: length or len(answer)])
