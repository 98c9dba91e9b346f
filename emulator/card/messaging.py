"""Commands with secure messaging: the right that opens them, the challenge, and the MAC that closes their data."""

from dataclasses import replace

from emulator.card.binary import UpdateBinary
from emulator.card.chip import Chip
from emulator.card.memory import KeyTries
from emulator.card.records import UpdateRecord
from emulator.crypto_card import session_key
from emulator.crypto_messaging import covered, decipher, mac
from onecard.spec.card import Command, KeySpec
from onecard.spec.card_messaging import keys_granting, maintenance_key, messaging_of

NO_CHALLENGE, WRONG_MAC, SECURITY = "no-challenge", "mac", "security"
ENVIRONMENT = "environment"


class Seal:
    """Judges the MAC at the end of a command's data and deciphers what stands before it, once for each challenge."""

    __slots__ = ("_chip", "_command", "_rules")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._rules = messaging_of(chip.spec)

    @property
    def length(self) -> int:
        """Bytes of the MAC."""
        return self._rules.mac.length

    def session(self) -> bytes | str:
        """The session key of the waiting challenge, which is used up by it; or the condition that refuses."""
        chip, behaviour = self._chip, self._chip.behaviour
        challenge = behaviour.challenge_for_mac(chip.security)
        if challenge is None or len(challenge) != self._rules.command.challenge:
            return NO_CHALLENGE
        chip.security = behaviour.security_after_mac(chip.security)
        right = self._key()
        if right is None or (right.counted and behaviour.blocked(right.id, chip.image.key_tries[right.id])):
            return SECURITY
        # The command names no version: it is the default one.
        versions = chip.image.keys[behaviour.maintenance_key(right.id)]
        key = versions.get(chip.spec.default_key_version)
        return SECURITY if key is None else session_key(chip.spec, key, challenge)

    def broken(self, session: bytes, p1: int, p2: int, data: bytes) -> bool:
        """Whether the MAC that ends ``data`` is wrong."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        header = bytes((command.cla, command.ins, p1, p2))
        signed = behaviour.mac_input(command.id, covered(self._rules, header, data[: -self.length]))
        computed = mac(self._rules.mac, chip.spec.algorithm, session, signed)
        given = data[-self.length :]
        right = behaviour.accepts_mac(command.id, behaviour.command_mac(command.id, computed), given)
        self._count(right)
        return not right

    def _key(self) -> KeySpec | None:
        return maintenance_key(self._chip.spec, self._chip.spec.lineage(self._chip.position.application))

    def _count(self, right: bool) -> None:
        # No source states a counter of these keys; the data may declare one.
        chip, key = self._chip, self._key()
        if key is None or not key.counted:
            return
        limit = key.tries or chip.image.key_limit
        chip.memory.put((KeyTries(key.id), limit if right else max(chip.image.key_tries[key.id] - 1, 0)))

    def plain(self, session: bytes, data: bytes) -> bytes | None:
        """The enciphered data before the MAC as plain text; None where they are not enciphered by the rule."""
        deciphered = decipher(self._rules.encipherment, self._chip.spec.algorithm, session, data[: -self.length])
        return self._chip.behaviour.deciphered(deciphered)


class Right:
    """The keys of which one must have been authenticated before a command."""

    __slots__ = ("_chip", "_command", "keys")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        environments = {found.id for found in chip.spec.applications.values() if found.level == ENVIRONMENT}
        only = command.parameters.get("keys-of") == ENVIRONMENT
        granting = keys_granting(chip.spec, str(command.parameters["right"]))
        self.keys = frozenset(key.id for key in granting if not only or key.application in environments)

    def shown(self) -> bool:
        """Whether one of them is authenticated."""
        chip = self._chip
        return chip.behaviour.right_shown(self._command.id, not self.keys.isdisjoint(chip.security.keys))


class _SecureUpdate:
    """What both updates with secure messaging share: the MAC is taken off and the plain update carried out."""

    __slots__ = ("_chip", "_command", "_plain", "_seal")

    def __init__(self, chip: Chip, command: Command, plain: UpdateRecord | UpdateBinary) -> None:
        self._chip = chip
        self._command = command
        self._plain = plain
        self._seal = Seal(chip, command)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, seal = self._chip, self._command, self._seal
        if length <= seal.length:
            return chip.refuse(command, "length")
        session = seal.session()
        if isinstance(session, str):
            return chip.refuse(command, session)
        if seal.broken(session, p1, p2, data):
            return chip.refuse(command, WRONG_MAC)
        if not chip.behaviour.writes_secured(command.id):
            return chip.ok()
        return self._plain(p1, p2, length - seal.length, data[: -seal.length])


def _worded(chip: Chip, command: Command, plain: str) -> Command:
    # The secured command refuses with its own words, and with those of the plain one where it names none.
    found = chip.spec.command(plain)
    return replace(found, statuses={**found.statuses, **command.statuses})


class SecureUpdateRecord(_SecureUpdate):
    """``04 DC P1 P2 Lc``: UPDATE RECORD with a MAC behind the record."""

    __slots__ = ()

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command, UpdateRecord(chip, _worded(chip, command, "UPDATE-RECORD")))


class SecureUpdateBinary(_SecureUpdate):
    """``04 D6 P1 P2 Lc``: UPDATE BINARY with a MAC behind the bytes."""

    __slots__ = ()

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command, UpdateBinary(chip, _worded(chip, command, "UPDATE-BINARY")))
