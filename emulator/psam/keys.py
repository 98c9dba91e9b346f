"""DELIVERY SESSION KEY."""

from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.state import LoadedKey, Session
from emulator.psam.store import KeyStore
from onecard.spec.psam_command import PsamCommand


class DeliverySessionKey:
    """``BF DE usage id``: factors, lowest level first, then the session factor; keeps the session key."""

    __slots__ = ("_chip", "_command", "_keys")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._keys = KeyStore(chip.spec, chip.image)

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
        keys, environment = self._keys, chip.environment
        found = behaviour.key_found(usage, number, chip.position.application, keys.name(environment.id, usage, number))
        key = None if found is None else keys.named(environment.id, found)
        if found is None or key is None:
            found, key = "PSAM/DPK", self._purchase_key(usage, number)
        if key is None:
            return "key"
        if not behaviour.accepts_levels(count, chip.spec.usage.levels(usage)):
            return "levels"
        given = [data[at : at + rule.factor] for at in range(0, count * rule.factor, rule.factor)]
        factors = behaviour.order(given, crypto.in_order(rule, given))
        root = behaviour.root(found, key.value)
        child = crypto.diversify(algorithm, rule, root, factors)
        factor = data[len(data) - algorithm.block :]
        session = behaviour.session_key(child, factor, crypto.session_key(algorithm, child, factor))
        uses = chip.spec.session_uses
        chip.session = Session(session, usage, uses) if uses > 0 else None
        return None

    def _purchase_key(self, usage: int, number: int) -> LoadedKey | None:
        # It lies among the other keys, but serves purchases alone.
        root = self._chip.image.purchase.get(number) if self._chip.behaviour.delivers_purchase_key(usage) else None
        return None if root is None else LoadedKey(usage, number, 0, root)
