"""The PSAM's own keys: EXTERNAL AUTHENTICATE, what it opens, and INITIALIZE ENVIRONMENT."""

from emulator.crypto import encrypt, xor_halves
from emulator.psam import crypto
from emulator.psam.chip import GENERAL, Chip
from onecard.spec.psam import PsamAlgorithm
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_loading import OwnKey

HALF = 8
FREE, NEVER, KEY = "free", "never", "key "
APPLICATION = "application"


def proof(algorithm: PsamAlgorithm, key: bytes, challenge: bytes, original: bytes) -> bytes:
    """The 8 bytes that prove an own key, as on the card: the session key of the challenge over the original data."""
    session = crypto.session_key(algorithm, key, challenge.ljust(algorithm.block, b"\x00")[: algorithm.block])
    block = encrypt(algorithm.code, session, original.ljust(algorithm.block, b"\x00"))
    return block if len(block) == HALF else xor_halves(block)


class ExternalAuthenticate:
    """``00 82 00 id``: authentication data (8) and original data (8), made with the last challenge."""

    __slots__ = ("_chip", "_command", "_keys")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._keys = chip.spec.loading.own

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == 0):
            return chip.refuse(command, "parameters")
        if not behaviour.accepts_length_of_one(command.id, length, length == command.length):
            return chip.refuse(command, "length")
        name = behaviour.own_key_found(p2, self._here(p2))
        if name is None or name not in chip.image.own:
            return chip.refuse(command, "key")
        tries = chip.image.tries.get(name, chip.image.limit)
        if behaviour.own_key_blocked(tries):
            return chip.refuse(command, "blocked")
        challenge = behaviour.challenge_to_use(chip.challenge)
        if not challenge:
            return chip.refuse(command, "no-challenge")
        chip.challenge = behaviour.challenge_after_use(chip.challenge)
        return self._compare(name, tries, challenge, data)

    def _compare(self, name: str, tries: int, challenge: bytes, data: bytes) -> bytes:
        chip, behaviour, image = self._chip, self._chip.behaviour, self._chip.image
        right = proof(chip.algorithm, image.own[name], challenge, data[HALF : 2 * HALF])
        if behaviour.accepts_proof(data[:HALF], right):
            image.tries[name] = behaviour.own_tries_after_success(tries, image.limit)
            chip.rights = behaviour.rights_after_proof(chip.rights, name)
            return chip.ok()
        image.tries[name] = behaviour.own_tries_after_failure(tries)
        chip.rights = behaviour.rights_after_failure(chip.rights, name)
        return chip.refuse(self._command, "failed", image.tries[name])

    def _here(self, number: int) -> str | None:
        here = self._chip.position.application
        return next((key.key for key in self._keys.values() if key.number == number and _lies(key, here)), None)


def _lies(key: OwnKey, in_application: bool) -> bool:
    return (key.place == APPLICATION) is in_application


class UpdateBinary:
    """``00 D6``: bytes of the current file from the offset in P1 P2, where its rule of update allows it."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        file = chip.position.file
        if file is None:
            return chip.refuse(command, "no-current-ef")
        # Key files hold no bytes that could be updated so.
        rule = chip.spec.files[file].update if file in chip.spec.files else NEVER
        right = rule == FREE or (rule.startswith(KEY) and rule.removeprefix(KEY) in chip.rights)
        if not behaviour.may_update(file, right):
            return chip.refuse(command, "security")
        if not length:
            return chip.refuse(command, "length")
        before, offset = chip.image.files[file], p1 << 8 | p2
        if not behaviour.accepts_update(offset, length, len(before)):
            return chip.refuse(command, "offset")
        changed = before[:offset] + data + before[offset + length :]
        chip.image.files[file] = behaviour.content_after_update(file, before, changed[: len(before)])
        return chip.ok()


class InitializeEnvironment:
    """``BF EC 00 00 01``: the first byte of a card's identification code. What it sets no public source says: here it
    ends what was begun.
    """

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.initialises_here(chip.position.application):
            return chip.refuse_with(GENERAL, "instruction", chip.spec.general.instruction)
        if not behaviour.accepts_parameters(command.id, p1, p2, p1 == 0 and p2 == 0):
            return chip.refuse(command, "parameters")
        if not behaviour.accepts_length_of_one(command.id, length, length == command.length):
            return chip.refuse(command, "length")
        chip.session = behaviour.session_after_initialising(chip.session)
        return chip.ok()
