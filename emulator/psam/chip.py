"""The PSAM's inside that all commands share: its data, its memory, and the answers they build."""

from collections.abc import Callable, Set

from emulator.card.status import octets, word
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Position, PsamImage, Purchase, Session
from onecard.spec.card import Status
from onecard.spec.psam import Environment, PsamAlgorithm, PsamSpec
from onecard.spec.psam_command import PsamCommand

GENERAL = "PSAM/GENERAL"
WITH_ANSWER = 4
"""ISO case of a command that takes data and gives some."""


class Chip:
    """Persistent ``image``; volatile ``position``, ``session``, ``waiting`` (what GET RESPONSE may fetch),
    ``challenge`` (the last random value, until it served), ``rights`` (own keys proved), ``purchase`` (initialised
    and not completed), ``transport`` (such a purchase of the transport application) and ``mac_key`` (delivered there).
    """

    __slots__ = (
        *("_environments", "_ok", "behaviour", "challenge", "image", "mac_key", "position", "purchase", "random"),
        *("rights", "session", "spec", "transport", "waiting"),
    )

    def __init__(
        self, spec: PsamSpec, image: PsamImage, behaviour: PsamBehaviour, random: Callable[[int], bytes]
    ) -> None:
        self.spec = spec
        self.image = image
        self.behaviour = behaviour
        self.random = random
        self.position = self.initial()
        self.session: Session | None = None
        self.waiting = b""
        self.challenge = b""
        self.rights: Set[str] = frozenset()
        self.purchase: Purchase | None = None
        self.transport: Purchase | None = None
        self.mac_key: bytes | None = None
        self._environments = {environment.id: environment for environment in spec.environments}
        self._ok = octets(word(spec.general.ok))

    def initial(self) -> Position:
        """Where the PSAM stands after a reset: the master file."""
        return Position(self.spec.master.id)

    @property
    def environment(self) -> Environment:
        """The current environment."""
        return self._environments[self.position.environment]

    @property
    def algorithm(self) -> PsamAlgorithm:
        """The algorithm of the current environment."""
        return self.spec.algorithms[self.environment.algorithm]

    def ok(self, data: bytes = b"") -> bytes:
        """``data`` and 9000."""
        return data + self._ok

    def refuse(self, command: PsamCommand, condition: str, number: int = 0) -> bytes:
        """The status word of ``condition`` in the command's table; ``number``: tries left, where it tells them."""
        return self.refuse_with(command.id, condition, command.statuses[condition], number)

    def refuse_with(self, command: str, condition: str, status: Status, number: int = 0) -> bytes:
        """A status word, after the behaviour had its say."""
        return octets(self.behaviour.status(command, condition, word(status, number)))

    def wrong_length(self, command: PsamCommand, actual: int) -> bytes:
        """6Cxx with the true length."""
        return bytes((self.spec.t0.wrong_le, self.behaviour.reported_length(command.id, actual) & 0xFF))

    def announce(self, command: PsamCommand, data: bytes) -> bytes:
        """T=0, case 4: keep ``data`` for GET RESPONSE and say its length, 61xx; in other cases, and without data, 9000
        alone.
        """
        if command.case != WITH_ANSWER or not data:
            return self.ok()
        self.waiting = data
        return bytes((self.spec.t0.more_data, self.behaviour.announced_length(command.id, len(data)) & 0xFF))
