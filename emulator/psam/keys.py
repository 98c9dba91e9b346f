"""DELIVERY SESSION KEY and CIPHER DATA."""

from collections.abc import Callable

from emulator.crypto import encrypt
from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.state import Session
from onecard.spec.psam import PsamCommand


class DeliverySessionKey:
    """``BF DE usage id``: factors, lowest level first, then the session factor; keeps the session key."""

    __slots__ = ("_chip", "_command", "_keys")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        # A key that the data name may be missing from this PSAM: then it is unknown.
        self._keys = {(key.usage, key.number): key.id for key in chip.spec.keys.values() if key.key in chip.image.keys}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip = self._chip
        condition = self._deliver(p1, p2, data)
        if condition is None:
            return chip.ok()
        chip.session = chip.behaviour.session_after_failed_delivery(chip.session)
        return chip.refuse(self._command, condition)

    def _deliver(self, usage: int, number: int, data: bytes) -> str | None:
        chip, behaviour, algorithm = self._chip, self._chip.behaviour, self._chip.algorithm
        rule = chip.spec.diversification
        count, odd = divmod(len(data) - algorithm.block, rule.factor)
        if not behaviour.accepts_delivery_length(len(data), not odd and count >= 0):
            return "length"
        found = behaviour.key_found(usage, number, chip.position.application, self._keys.get((usage, number)))
        if found is None:
            return "key"
        if not behaviour.accepts_levels(count, chip.spec.usage.levels(usage)):
            return "levels"
        given = [data[at : at + rule.factor] for at in range(0, count * rule.factor, rule.factor)]
        factors = behaviour.order(given, crypto.in_order(rule, given))
        root = behaviour.root(found, chip.image.keys[chip.spec.keys[found].key])
        key = crypto.diversify(algorithm, rule, root, factors)
        factor = data[len(data) - algorithm.block :]
        session = behaviour.session_key(key, factor, crypto.session_key(algorithm, key, factor))
        uses = chip.spec.session_uses
        chip.session = Session(session, usage, uses) if uses > 0 else None
        return None


class CipherData:
    """``80 FA P1 00``: one computation with the session key; enciphers, or makes a MAC."""

    __slots__ = ("_allowed", "_chip", "_command", "_modes", "_work")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._modes = {mode.p1: mode.does for mode in command.modes}
        usage = chip.spec.usage
        self._allowed = {"encipher": usage.enciphers, "mac": usage.macs}
        self._work: dict[str, Callable[[bytes, bytes], bytes]] = {"encipher": self._encipher, "mac": self._mac}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        does = self._modes.get(p1, "")
        if not behaviour.accepts_parameters(command.id, p1, p2, bool(does) and p2 == 0):
            return chip.refuse(command, "parameters")
        does = does or "encipher"
        session = behaviour.session_to_use(chip.session)
        if session is None:
            return chip.refuse(command, "no-session-key")
        right = chip.spec.usage.type(session.usage) in self._allowed[does]
        if not behaviour.allows(session.usage, does, right):
            return chip.refuse(command, "usage")
        block, limit = chip.algorithm.block, chip.algorithm.cipher_limit
        least = block if does == "encipher" else 2 * block
        right = least <= len(data) <= limit and len(data) % block == 0
        if not behaviour.accepts_cipher_length(len(data), block, limit, right):
            return chip.refuse(command, "length")
        chip.session = behaviour.session_after_use(session)
        return chip.announce(command, self._work[does](session.key, data))

    def _encipher(self, key: bytes, data: bytes) -> bytes:
        return self._chip.behaviour.enciphered(key, data, encrypt(self._chip.algorithm.code, key, data))

    def _mac(self, key: bytes, data: bytes) -> bytes:
        chip, block = self._chip, self._chip.algorithm.block
        padded = data + bytes(-len(data) % block)
        return chip.behaviour.mac(key, padded, crypto.mac(chip.algorithm, key, padded))
