"""GET CHALLENGE, INTERNAL AUTHENTICATE, EXTERNAL AUTHENTICATE."""

from emulator.card.chip import Chip
from emulator.card.memory import KeyTries
from emulator.crypto_card import authentication_data, session_key
from onecard.spec.card import Command, KeySpec

INTERNAL = "internal-authentication"
EXTERNAL = "external-authentication"
# Bit 8 of a key id: 0 a key of the environment, used from the applications in it too; 1 a key of the current DF.
DF_SPECIFIC = 0x80
DATUM = 8


class GetChallenge:
    """``00 84 00 00 Le``: random bytes, good for one authentication in the current application."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, behaviour = self._chip, self._chip.behaviour
        if not behaviour.accepts_parameters(self._command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(self._command, "parameters")
        challenge = behaviour.challenge_bytes(length, chip.random)
        chip.security = behaviour.security_after_challenge(chip.security, challenge)
        return chip.ok(challenge)


class AuthenticationCommand:
    """What both authentications share: finding the key and its version."""

    __slots__ = ("_chip", "_command", "_keys", "_plain")

    def __init__(self, chip: Chip, command: Command, function: str) -> None:
        self._chip = chip
        self._command = command
        self._keys = [key for key in chip.spec.keys.values() if key.function == function]
        # The longer form carries the key version behind the data (2011 draft, part 9).
        self._plain = min(command.lengths)

    def _key(self, key_id: int) -> KeySpec | None:
        chip = self._chip
        here = chip.position.application
        lineage = chip.files.lineage(here)
        reach = [key for key in self._keys if key.application == here]
        reach += [key for key in self._keys if key.application in lineage[1:] and not key.key_id & DF_SPECIFIC]
        right = next((key.id for key in reach if key.key_id == key_id), None)
        name = chip.behaviour.key_found([key.id for key in reach], key_id, right)
        return None if name is None else chip.spec.keys[name]

    def _material(self, key: KeySpec, data: bytes) -> bytes | None:
        chip = self._chip
        stated = data[self._plain] if len(data) > self._plain else None
        versions = chip.image.keys[key.id]
        wanted = chip.behaviour.key_version(stated, chip.spec.default_key_version)
        used = chip.behaviour.key_of_version(tuple(versions), wanted)
        return None if used is None else versions.get(used)

    def _proof(self, material: bytes, random: bytes, original: bytes) -> bytes:
        spec, behaviour = self._chip.spec, self._chip.behaviour
        used = behaviour.session_random(random)
        session = behaviour.session_key(material, used, session_key(spec, material, used))
        return behaviour.authentication_data(session, original, authentication_data(spec, session, original))


class InternalAuthenticate(AuthenticationCommand):
    """``00 88 00 00``: R ‖ D (8 bytes each) ‖ [version]; answers the authentication data over D."""

    __slots__ = ()

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command, INTERNAL)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        known = any(key.key_id == p2 for key in self._keys)
        if not chip.behaviour.accepts_parameters(command.id, p1, p2, p1 == 0 and known):
            return chip.refuse(command, "parameters")
        key = self._key(p2)
        material = self._material(key, data) if key is not None else None
        if material is None:
            return chip.refuse(command, "key")
        return chip.announce(command.id, self._proof(material, data[:DATUM], data[DATUM : 2 * DATUM]))


class ExternalAuthenticate(AuthenticationCommand):
    """``00 82 00 key-id``: authentication data ‖ D (8) ‖ [version], made with the last challenge."""

    __slots__ = ()

    def __init__(self, chip: Chip, command: Command) -> None:
        super().__init__(chip, command, EXTERNAL)

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == 0):
            return chip.refuse(command, "parameters")
        key = self._key(p2)
        material = self._material(key, data) if key is not None else None
        if key is None or material is None:
            return chip.refuse(command, "key")
        if behaviour.blocked(key.id, chip.image.key_tries[key.id]):
            return chip.refuse(command, "blocked")
        challenge = behaviour.challenge_to_use(chip.security)
        if challenge is None:
            return chip.refuse(command, "no-challenge")
        chip.security = behaviour.consume_challenge(chip.security)
        return self._compare(key, material, challenge, data)

    def _compare(self, key: KeySpec, material: bytes, challenge: bytes, data: bytes) -> bytes:
        chip, behaviour, tries = self._chip, self._chip.behaviour, self._chip.image.key_tries
        counted, cell = behaviour.counted(key.id, key.counted), KeyTries(key.id)
        if counted:
            chip.memory.put((cell, behaviour.tries_before_comparison(key.id, tries[key.id])))
        size = chip.spec.authentication_data.length
        if behaviour.accept_authentication(self._proof(material, challenge, data[size : size + DATUM]), data[:size]):
            if counted:
                limit = key.tries or chip.image.key_limit
                chip.memory.put((cell, behaviour.tries_after_success(key.id, tries[key.id], limit)))
            chip.security = behaviour.security_after_authentication(chip.security, key.id)
            return chip.ok()
        if counted:
            chip.memory.put((cell, behaviour.tries_after_failure(key.id, tries[key.id])))
        chip.security = behaviour.security_after_failed_authentication(chip.security, key.id)
        return chip.refuse(self._command, "failed", behaviour.tries_reported(key.id, tries[key.id]))
