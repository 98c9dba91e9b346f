"""What the commands of the certificate application share."""

from abc import ABC, abstractmethod

from emulator.card.certificate.memory import CertificatePinTries, content
from emulator.card.chip import Chip
from emulator.card.memory import Cell, KeyTries
from onecard.spec.card import Command, KeySpec
from onecard.spec.card_certificate import APPLICATION, CertificatePin, certificate_of, word

MASTER = "master"


class CertificateSession:
    """Volatile: the session key imported, and the public key file chosen for export."""

    __slots__ = ("chosen", "key")

    def __init__(self) -> None:
        self.key: bytes | None = None
        self.chosen: str | None = None

    def reset(self) -> None:
        """Both end with the supply and with a reset."""
        self.key = self.chosen = None

    def selected(self, before: str, after: str) -> None:
        """Both end where another application is selected."""
        if before != after:
            self.reset()

    def command(self, command_id: str) -> None:
        """A choice serves the export that follows it at once."""
        if command_id not in ("CERT-EXPORT", "GET-RESPONSE"):
            self.chosen = None


def session_of(chip: Chip) -> CertificateSession:
    """The one session of a card."""
    for follower in chip.followers:
        if isinstance(follower, CertificateSession):
            return follower
    session = CertificateSession()
    chip.followers.append(session)
    return session


class CertificateCommand(ABC):
    """A command with the data that it reads, prepared once."""

    __slots__ = ("_chip", "_coding", "_command", "_data", "_expected", "_right")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._data = certificate_of(chip.spec)
        self._coding = self._data.coding
        parameters = command.parameters
        self._right = word(command, "right") if "right" in parameters else ""
        self._expected = (
            (command.number("p1"), command.number("p2")) if "p1" in parameters and "p2" in parameters else None
        )

    @abstractmethod
    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is P3."""

    def _refusal(self, p1: int, p2: int) -> bytes | None:
        """The answer to wrong parameters, or where the right is missing."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if self._expected is not None:
            right = (p1, p2) == self._expected
            if not behaviour.accepts_parameters(command.id, p1, p2, right):
                return chip.refuse(command, "parameters")
        if self._right and not behaviour.certificate_allowed(command.id, self._right, chip.security):
            return chip.refuse(command, "security")
        return None

    def _file(self, fid: bytes) -> str | None:
        """The id of the file of the application with this identifier."""
        file = self._chip.files.file_by_fid(APPLICATION, int.from_bytes(fid, "big"))
        return None if file is None or len(fid) != 2 else file.id

    def _challenge(self) -> bytes | None:
        """The challenge that waits, used up."""
        chip, behaviour = self._chip, self._chip.behaviour
        challenge = behaviour.challenge_to_use(chip.security)
        if challenge is None:
            return None
        chip.security = behaviour.consume_challenge(chip.security)
        return behaviour.certificate_challenge(self._coding.challenge_lengths, challenge)

    def _master_key(self) -> KeySpec | None:
        here = self._chip.position.application
        keys = self._chip.spec.keys.values()
        return next((key for key in keys if (key.application, key.function) == (here, MASTER)), None)


class Attempt:
    """One try at a secret: its counter goes down before the comparison, and up again where it was right."""

    __slots__ = ("_cell", "_chip", "_counted", "_limit", "name")

    def __init__(self, chip: Chip, name: str, cell: Cell, limit: int, *, counted: bool) -> None:
        self.name = name
        self._counted = counted
        self._chip = chip
        self._cell = cell
        self._limit = limit

    @classmethod
    def at_pin(cls, chip: Chip, pin: CertificatePin) -> "Attempt":
        """A try at a PIN."""
        return cls(chip, pin.id, CertificatePinTries(pin.id), content(chip.image).limits[pin.id], counted=True)

    @classmethod
    def at_key(cls, chip: Chip, key: KeySpec) -> "Attempt":
        """A try at a key."""
        return cls(chip, key.id, KeyTries(key.id), key.tries or chip.image.key_limit, counted=key.counted)

    @property
    def left(self) -> int:
        """Tries left."""
        return int(self._cell.get(self._chip.image))

    @property
    def reported(self) -> int:
        """Tries left, as 63Cx says them."""
        return self._chip.behaviour.tries_reported(self.name, self.left)

    @property
    def blocked(self) -> bool:
        """Whether no try is left."""
        return self._chip.behaviour.blocked(self.name, self.left)

    def judge(self, computed: bytes, given: bytes) -> bool:
        """Compare and count."""
        behaviour = self._chip.behaviour
        self.count(behaviour.tries_before_comparison(self.name, self.left))
        right = behaviour.accept_authentication(computed, given)
        self.settle(right=right)
        return right

    def settle(self, *, right: bool) -> None:
        """What the comparison leaves of the counter."""
        behaviour = self._chip.behaviour
        if right:
            self.count(behaviour.tries_after_success(self.name, self.left, self._limit))
        else:
            self.count(behaviour.tries_after_failure(self.name, self.left))

    def count(self, tries: int) -> None:
        """Write the counter, where failures are counted."""
        if self._chip.behaviour.counted(self.name, self._counted):
            self._chip.memory.put((self._cell, max(tries, 0)))
