"""INIT SAM FOR PURCHASE and CREDIT SAM FOR PURCHASE. Source: 2011 draft, part 9; the data name the inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from emulator.card.purse.crypto import MARKER, assemble, session_key
from emulator.crypto import marked
from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.state import Purchase
from onecard.spec.psam_command import PsamCommand

SEQUENCE, TERMINAL = "PSAM/EF0019", "PSAM/EF0016"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An initialisation that was taken: root key, fields by name, factors in order of application."""

    root: bytes = field(repr=False)
    fields: Mapping[str, bytes]
    factors: tuple[bytes, ...]


class InitPurchase:
    """``80 70 01 00``: the card's data and factors in, terminal sequence and MAC1 out; it can be completed then."""

    __slots__ = ("_chip", "_command", "_levels")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        key = chip.spec.purchase.key
        self._levels = key.levels if key is not None else 0

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command = self._chip, self._command
        right = chip.behaviour.accepts_parameters(command.id, p1, p2, (p1, p2) == (command.p1, 0))
        asked = self._asked(data) if right else "parameters"
        made = asked if isinstance(asked, str) else self._made(asked)
        if isinstance(made, str):
            chip.purchase = chip.behaviour.purchase_after_init(chip.purchase, None)
            return chip.refuse(command, made)
        return chip.announce(command, made)

    def _asked(self, data: bytes) -> _Asked | str:
        """What the data say, or the condition that refuses them."""
        chip, behaviour, purchase = self._chip, self._chip.behaviour, self._chip.spec.purchase
        width = chip.spec.diversification.factor
        count, odd = divmod(len(data) - purchase.head, width)
        if not behaviour.accepts_purchase_length(self._command.id, len(data), not odd and count >= 0):
            return "length"
        fields = split(purchase.fields, data)
        version, identifier = (int.from_bytes(fields[name], "big") for name in ("version", "algorithm"))
        root = behaviour.purchase_key_found(version, chip.position.application, chip.image.purchase)
        if root is None:
            return "key"
        if not behaviour.accepts_identifier(identifier, purchase.identifiers[chip.algorithm.code]):
            return "algorithm"
        if not behaviour.accepts_purchase_levels(count, self._levels):
            return "levels"
        factors = [data[at : at + width] for at in range(purchase.head, purchase.head + count * width, width)]
        return _Asked(root, fields, tuple(crypto.in_order(chip.spec.diversification, factors)))

    def _made(self, asked: _Asked) -> bytes | str:
        """Terminal sequence and MAC1, or the condition that refuses them."""
        chip, purchase = self._chip, self._chip.spec.purchase
        stored = chip.image.files[SEQUENCE]
        before = int.from_bytes(stored, "big")
        following = before + purchase.step
        if following > purchase.limit:
            return "counter"
        answered, kept = chip.behaviour.sequence(before, following)
        # The file before the answer: a number that was given never comes again.
        chip.image.files[SEQUENCE] = _number(kept, len(stored))
        sequence = _number(answered, len(stored))
        fields = {**asked.fields, "terminal-serial": sequence, "terminal": chip.image.files[TERMINAL]}
        key = crypto.diversify(chip.algorithm, chip.spec.diversification, asked.root, asked.factors)
        session = session_key(chip.algorithm.code, key, self._inputs("session", fields))
        mac1, mac2 = (self._mac(session, self._inputs(gives, fields)) for gives in ("mac1", "mac2"))
        chip.purchase = chip.behaviour.purchase_after_init(chip.purchase, Purchase(mac2))
        return sequence + chip.behaviour.purchase_mac1(mac1)

    def _inputs(self, gives: str, fields: Mapping[str, bytes]) -> bytes:
        right = assemble(self._chip.spec.purchase.inputs[gives], fields)
        return self._chip.behaviour.purchase_inputs(gives, self._chip.algorithm.block, right)

    def _mac(self, session: bytes, data: bytes) -> bytes:
        algorithm = self._chip.algorithm
        return crypto.mac(algorithm, session, bytes(algorithm.block) + marked(data, MARKER, algorithm.block))


class CreditPurchase:
    """``80 72 00 00 04``: the card's MAC2; right or wrong, it completes the purchase that was initialised."""

    __slots__ = ("_chip", "_command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, behaviour = self._chip, self._chip.behaviour
        condition = self._refusal(p1, p2, data)
        chip.purchase = behaviour.purchase_after_credit(chip.purchase, condition is None)
        if condition is not None:
            return chip.refuse(self._command, condition)
        stored = chip.image.files[SEQUENCE]
        kept = behaviour.sequence_after_credit(int.from_bytes(stored, "big"), chip.spec.purchase.step)
        chip.image.files[SEQUENCE] = _number(kept, len(stored))
        return chip.ok()

    def _refusal(self, p1: int, p2: int, data: bytes) -> str | None:
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        if not behaviour.accepts_parameters(command.id, p1, p2, (p1, p2) == (command.p1, 0)):
            return "parameters"
        if not behaviour.accepts_purchase_length(command.id, len(data), len(data) == command.length):
            return "length"
        purchase = behaviour.purchase_to_complete(chip.purchase)
        if purchase is None:
            return "sequence"
        return None if behaviour.accepts_mac2(data, purchase.mac2) else "mac"


def split(fields: Sequence[tuple[str, int]], data: bytes) -> dict[str, bytes]:
    """The fields at the beginning of ``data`` by name; each has a name and a length in bytes."""
    found, start = {}, 0
    for name, length in fields:
        found[name] = data[start : start + length]
        start += length
    return found


def _number(value: int, length: int) -> bytes:
    return (value % (1 << 8 * length)).to_bytes(length, "big")
