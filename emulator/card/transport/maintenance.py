"""APPLICATION BLOCK and UPDATE BINARY with a MAC of the transport application."""

from emulator.card.binary import BinaryCommand
from emulator.card.chip import Chip
from emulator.card.memory import Octets
from emulator.card.transport.cells import PurseCell
from emulator.card.transport.crypto import BLOCK, maintenance_mac
from emulator.card.transport.session import session_of
from onecard.spec.card import Command, FileSpec
from onecard.spec.card_messaging import MAINTENANCE


class Secured:
    """Judges the MAC at the end of a command's data, over header and data, made with the card's challenge."""

    __slots__ = ("_chip", "_command", "_session")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._session = session_of(chip)

    @property
    def length(self) -> int:
        """Bytes of the MAC."""
        return self._session.data.messaging.length

    def blocked(self) -> bool:
        """Whether the application is blocked for this command."""
        return self._chip.behaviour.application_blocked(self._command.id, self._session.image.blocked)

    def refusal(self, p1: int, p2: int, data: bytes) -> str | None:
        """The condition that refuses the MAC, or None; the challenge is used up."""
        chip, command, behaviour, rule = self._chip, self._command, self._chip.behaviour, self._session.data.messaging
        challenge = behaviour.maintenance_challenge(chip.security)
        if challenge is None or len(challenge) != rule.challenge:
            return "no-challenge"
        chip.security = behaviour.challenge_after_maintenance(chip.security)
        body, given = data[: -rule.length], data[-rule.length :]
        signed = bytes((command.cla, command.ins, p1, p2, len(data))) + body
        initial = behaviour.maintenance_initial(challenge + rule.pad)
        named, mine = chip.spec.keys.get(rule.key), self._session.data.purse.application
        if named is None or (named.function, named.application) != (MAINTENANCE, mine):
            return "mac"
        root = chip.image.keys[rule.key][self._session.data.purse.key_version]
        key = behaviour.transport_key(root, self._session.image.keys[rule.key])
        computed = maintenance_mac(key, initial[:BLOCK].ljust(BLOCK, b"\x00"), signed, rule.last_block)[: rule.length]
        return None if behaviour.accepts_maintenance_mac(command.id, computed, given) else "mac"


class Block:
    """``84 1E 00 00 04`` MAC: the purse works no more."""

    __slots__ = ("_chip", "_command", "_secured")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._secured = Secured(chip, command)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        right = (p1, p2) == (command.number("p1"), command.number("p2"))
        if not behaviour.accepts_parameters(command.id, p1, p2, right):
            return chip.refuse(command, "parameters")
        if self._secured.blocked():
            return chip.refuse(command, "blocked")
        refusal = self._secured.refusal(p1, p2, data)
        if refusal:
            return chip.refuse(command, refusal)
        chip.memory.put((PurseCell("blocked"), behaviour.blocked_after(True)))
        return chip.ok()


class SecureUpdate(BinaryCommand):
    """``04 D6 P1 P2 Lc`` data MAC: bytes of one of the files that the MAC opens."""

    __slots__ = ("_secured",)

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command)
        self._secured = Secured(chip, command)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        if self._secured.blocked():
            return chip.refuse(command, "blocked")
        addressed = self._addressed(p1, p2)
        if isinstance(addressed, str):
            return chip.refuse(command, addressed)
        file, offset = addressed
        if file.id not in command.words("files"):
            return chip.refuse(command, "security")
        refusal = self._secured.refusal(p1, p2, data)
        body = data[: -self._secured.length]
        return self._write(file, offset, body, refusal)

    def _write(self, file: FileSpec, offset: int, body: bytes, refusal: str | None) -> bytes:
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        content = chip.image.binary(file.id).data
        if refusal is None and offset + len(body) > len(content):
            refusal = "offset"
        old = bytes(content[offset : offset + len(body)])
        new = behaviour.octets_after_bad_mac(old, body) if refusal else behaviour.secured_octets(old, body)
        chip.memory.put((Octets(file.id, offset, len(old)), new[: len(old)]))
        return chip.refuse(command, refusal) if refusal else chip.ok()
