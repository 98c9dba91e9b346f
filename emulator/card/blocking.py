"""APPLICATION BLOCK and CARD BLOCK, and what a blocked application or card answers."""

from dataclasses import dataclass
from typing import ClassVar

from emulator.card.chip import Chip
from emulator.card.image import CardImage
from emulator.card.messaging import SECURITY, WRONG_MAC, Right, Seal
from onecard.spec.card import Command

APPLICATION_BLOCK, CARD_BLOCK, SELECT = "APPLICATION-BLOCK", "CARD-BLOCK", "SELECT"
BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class BlockedApplications:
    """The applications that are blocked for ever."""

    atomic: ClassVar[bool] = True

    def get(self, image: CardImage) -> tuple[str, ...]:
        """Their ids."""
        return image.blocked

    def set(self, image: CardImage, value: tuple[str, ...]) -> None:
        """Block others."""
        image.blocked = value


@dataclass(frozen=True, slots=True)
class BlockedCard:
    """Whether the card is blocked."""

    atomic: ClassVar[bool] = True

    def get(self, image: CardImage) -> bool:
        """Whether it is."""
        return image.card_blocked

    def set(self, image: CardImage, value: bool) -> None:
        """Block it."""
        image.card_blocked = value


class Gate:
    """Stands before every command: a blocked card takes none, a blocked application and those below it only SELECT."""

    __slots__ = ("_chip",)

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    def stopped(self, command: str) -> bytes | None:
        """The answer to ``command`` (GENERAL for an unknown one) where it is stopped."""
        chip = self._chip
        if chip.image.card_blocked and chip.behaviour.card_stopped(command, True):
            return _answer(chip, CARD_BLOCK)
        if not chip.image.blocked or command == SELECT:
            return None
        return self.stopped_in(chip.position.application, command)

    def stopped_in(self, application: str, command: str) -> bytes | None:
        """The answer to ``command`` in ``application`` where that one, or one above it, is blocked."""
        chip = self._chip
        right = not set(chip.image.blocked).isdisjoint(chip.spec.lineage(application))
        return (
            _answer(chip, APPLICATION_BLOCK) if right and chip.behaviour.application_stopped(command, right) else None
        )

    def power_off(self) -> None:
        """The supply goes: what was blocked stays so."""
        image, behaviour = self._chip.image, self._chip.behaviour
        image.blocked = behaviour.blocks_after_power_off(image.blocked)
        image.card_blocked = behaviour.card_blocked_after_power_off(image.card_blocked)


def _answer(chip: Chip, command: str) -> bytes | None:
    found = chip.spec.commands.get(command)
    return None if found is None else chip.refuse(found, BLOCKED)


class _Block:
    """What both commands share: parameters, right, challenge and MAC, in this order."""

    __slots__ = ("_chip", "_command", "_right", "_seal")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._right = Right(chip, command)
        self._seal = Seal(chip, command)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        right = (p1, p2) == (command.number("p1"), command.number("p2"))
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        if not self._right.shown():
            return chip.refuse(command, SECURITY)
        session = self._seal.session()
        if isinstance(session, str):
            return chip.refuse(command, session)
        if self._seal.broken(session, p1, p2, data):
            return chip.refuse(command, WRONG_MAC)
        if chip.behaviour.blocks(command.id):
            self._block()
        return chip.ok()

    def _block(self) -> None:
        raise NotImplementedError


class ApplicationBlock(_Block):
    """``84 1E 00 01 04`` MAC: the current application, and with it what lies below, answers no more."""

    __slots__ = ()

    def _block(self) -> None:
        chip = self._chip
        blocked = chip.behaviour.scope_of_block((chip.position.application,))
        chip.memory.put((BlockedApplications(), tuple(dict.fromkeys((*chip.image.blocked, *blocked)))))


class CardBlock(_Block):
    """``84 16 00 00 04`` MAC: the card answers no command any more."""

    __slots__ = ()

    def _block(self) -> None:
        self._chip.memory.put((BlockedCard(), True))
