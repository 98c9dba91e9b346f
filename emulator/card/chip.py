"""The card's inside that all commands share: its data, its memory, and the answers they build."""

from collections.abc import Callable
from typing import Protocol

from emulator.card.behaviour import CardBehaviour
from emulator.card.filesystem import FileSystem
from emulator.card.image import CardImage
from emulator.card.memory import Memory
from emulator.card.state import Position, SecurityState
from emulator.card.status import octets, word
from onecard.spec.card import CardSpec, Command, Status

GENERAL = "GENERAL"
DATA_AND_ANSWER = 4
"""ISO/IEC 7816 case of the commands that bring data and fetch data."""


class Follower(Protocol):
    """A group of commands with volatile state of its own, told what ends it."""

    def reset(self) -> None:
        """The card was reset, or its supply went."""

    def selected(self, before: str, after: str) -> None:
        """An application was selected (ids in the data), perhaps the same again."""

    def command(self, command_id: str) -> None:
        """A command is about to be carried out; GENERAL for one that is unknown here or badly formed."""


class Chip:
    """Persistent ``image``, written through ``memory`` only; volatile ``position``, ``security`` and ``waiting`` (what
    GET RESPONSE may fetch); ``followers`` have volatile state of their own.
    """

    __slots__ = (
        "_ok",
        "behaviour",
        "files",
        "followers",
        "image",
        "memory",
        "position",
        "random",
        "security",
        "spec",
        "waiting",
    )

    def __init__(
        self, spec: CardSpec, image: CardImage, behaviour: CardBehaviour, random: Callable[[int], bytes]
    ) -> None:
        self.spec = spec
        self.image = image
        self.behaviour = behaviour
        self.random = random
        self.files = FileSystem(spec)
        self.position: Position = self.files.initial()
        self.security = SecurityState()
        self.waiting = b""
        self.memory = Memory(image, behaviour)
        self.followers: list[Follower] = []
        self._ok = octets(word(spec.general.ok))

    def lineage(self) -> tuple[str, ...]:
        """The current application and those above it, nearest first."""
        return self.files.lineage(self.position.application)

    def ok(self, data: bytes = b"") -> bytes:
        """``data`` and 9000."""
        return data + self._ok

    def refuse(self, command: Command, condition: str, number: int = 0) -> bytes:
        """The status word of ``condition`` in the command's table; ``number`` fills a counter."""
        return self.refuse_with(command.id, condition, command.statuses[condition], number)

    def refuse_with(self, command: str, condition: str, status: Status, number: int = 0) -> bytes:
        """A status word, after the behaviour had its say."""
        return octets(self.behaviour.status(command, condition, word(status, number)))

    def wrong_length(self, command: str, expected: int, actual: int) -> bytes:
        """6Cxx with the true length (00 for 256)."""
        reported = self.behaviour.reported_length(command, expected, actual)
        return bytes((self.spec.t0.wrong_le, reported & 0xFF))

    def announce(self, command: str, data: bytes) -> bytes:
        """T=0, case 4: keep ``data`` for GET RESPONSE and say its length, 61xx. Another case gives no data."""
        if self.spec.command(command).case != DATA_AND_ANSWER:
            return self.ok()
        if not self.behaviour.announces(command):
            return self.ok(data)
        self.waiting = data
        return bytes((self.spec.t0.more_data, self.behaviour.announced_length(command, len(data)) & 0xFF))
