"""The card's inside that all commands share: its data, its memory, and the answers they build."""

from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from emulator.card.filesystem import FileSystem
from emulator.card.image import CardImage
from emulator.card.state import Position, SecurityState
from emulator.card.status import octets, word
from onecard.spec.card import CardSpec, Command, Status

GENERAL = "GENERAL"


class Chip:
    """Persistent ``image``; volatile ``position``, ``security`` and ``waiting`` (what GET RESPONSE may fetch)."""

    __slots__ = ("_ok", "behaviour", "files", "image", "position", "random", "security", "spec", "waiting")

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
        self._ok = octets(word(spec.general.ok))

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
        """T=0, case 4: keep ``data`` for GET RESPONSE and say its length, 61xx."""
        if not self.behaviour.announces(command):
            return self.ok(data)
        self.waiting = data
        return bytes((self.spec.t0.more_data, self.behaviour.announced_length(command, len(data)) & 0xFF))
