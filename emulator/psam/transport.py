"""The transport application: 80 1A and 80 FA 05 for MACs of maintenance commands, 80 70 and 80 72 for purchases.

Source: programs that serve transport cards; see the basis of the data. Everything big-endian, as it stands in commands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulator.card.purse.crypto import assemble, mac4, session_key
from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.purchase import TERMINAL, split
from emulator.psam.state import Purchase, TransportStore
from onecard.spec.psam import PsamAlgorithm
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_transport import PsamTransport

SEQUENCE = 4
"""Bytes of the terminal sequence."""


class TransportCommand:
    """What the four commands share."""

    __slots__ = ("chip", "command")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self.chip = chip
        self.command = command

    @property
    def data(self) -> PsamTransport:
        """The data of the application, which a PSAM with such a command has."""
        assert self.chip.spec.transport is not None
        return self.chip.spec.transport

    @property
    def store(self) -> TransportStore:
        """What the application keeps."""
        return self.chip.image.transport

    def right_parameters(self, p1: int, p2: int) -> bool:
        """Whether P1 and P2 are those of the command."""
        command = self.command
        return self.chip.behaviour.accepts_parameters(command.id, p1, p2, (p1, p2) == (command.p1, 0))

    def diversified(self, root: bytes, octets: bytes) -> bytes:
        """The card's key below ``root`` by the factors of a command."""
        chip, rule = self.chip, self.chip.spec.diversification
        factors = [octets[at : at + rule.factor] for at in range(0, len(octets), rule.factor)]
        ordered = chip.behaviour.transport_order(factors, crypto.in_order(rule, factors))
        return crypto.diversify(chip.algorithm, rule, root, ordered)


class Deliver(TransportCommand):
    """``80 1A usage version``: factors, lowest level first; the card's key serves 80 FA then."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, behaviour = self.chip, self.chip.behaviour
        root = behaviour.mac_key_found(p1, p2, self.store.keys)
        condition = "key" if root is None else self._refusal(p1, length)
        if root is None or condition is not None:
            chip.mac_key = behaviour.mac_key_after_refusal(chip.mac_key)
            return chip.refuse(self.command, condition or "key")
        chip.mac_key = self.diversified(root, data)
        return chip.ok()

    def _refusal(self, usage: int, length: int) -> str | None:
        factor, levels = self.chip.spec.diversification.factor, self.chip.spec.usage.levels(usage)
        if self.chip.behaviour.accepts_mac_factors(length, levels, factor):
            return None
        return "length" if length % factor else "levels"


class Cipher(TransportCommand):
    """``80 FA 05 00``: initial value and whole blocks; the MAC by the key that was delivered."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, behaviour, block = self.chip, self.chip.behaviour, self.chip.algorithm.block
        if not self.right_parameters(p1, p2):
            return chip.refuse(self.command, "parameters")
        key = behaviour.mac_key_to_use(chip.mac_key)
        if key is None:
            return chip.refuse(self.command, "no-session-key")
        if not behaviour.accepts_mac_data(length, length >= 2 * block and length % block == 0):
            return chip.refuse(self.command, "length")
        # Only a product that takes less has anything to fill.
        whole = data.ljust(max(2 * block, len(data) + -len(data) % block), b"\x00")
        last = _LAST[behaviour.final_cipher(self.data.final_cipher)](chip.algorithm, key, behaviour.mac_data(whole))
        chip.mac_key = behaviour.mac_key_after_use(key)
        return chip.announce(self.command, behaviour.transport_mac(crypto.fold(chip.algorithm, last)))


_LAST: Mapping[str, Callable[[PsamAlgorithm, bytes, bytes], bytes]] = MappingProxyType(
    {
        "3des": crypto.loading_block,
        "des": lambda algorithm, key, data: crypto.cbc(algorithm, key[: algorithm.block], data),
    }
)


@dataclass(frozen=True, slots=True)
class _Asked:
    """An initialisation that was taken: root key, fields by name, factors as they stand."""

    root: bytes = field(repr=False)
    fields: Mapping[str, bytes]
    factors: bytes


class Init(TransportCommand):
    """``80 70 00 00 24``: the card's data and factors in, terminal sequence and MAC1 out; it can be completed then."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip = self.chip
        asked = self._asked(data) if self.right_parameters(p1, p2) else "parameters"
        made = asked if isinstance(asked, str) else self._made(asked)
        if isinstance(made, str):
            chip.transport = chip.behaviour.transport_after_init(chip.transport, None)
            return chip.refuse(self.command, made)
        return chip.announce(self.command, made)

    def _asked(self, data: bytes) -> _Asked | str:
        """What the data say, or the condition that refuses them."""
        behaviour, rules, key = self.chip.behaviour, self.data, self.data.purchase_key
        width = (key.levels if key is not None else 0) * self.chip.spec.diversification.factor
        if not behaviour.accepts_transport_length(self.command.id, len(data), len(data) == rules.head + width):
            return "length"
        fields = split(rules.fields, data)
        version = int.from_bytes(fields["key-version"], "big")
        root = behaviour.transport_root(version, self.store.purchase)
        return "key" if root is None else _Asked(root, fields, data[rules.head : rules.head + width])

    def _made(self, asked: _Asked) -> bytes | str:
        """Terminal sequence and MAC1, or the condition that refuses them."""
        chip, behaviour, counter = self.chip, self.chip.behaviour, self.chip.spec.purchase
        following = self.store.sequence + counter.step
        if following > counter.limit:
            return "counter"
        # Kept before the answer: a number that was given never comes again.
        answered, self.store.sequence = behaviour.transport_sequence(self.store.sequence, following)
        sequence = (answered % (1 << 8 * SEQUENCE)).to_bytes(SEQUENCE, "big")
        fields = {**asked.fields, "terminal-sequence": sequence, "terminal": chip.image.files[TERMINAL]}
        inputs = {
            gives: behaviour.transport_inputs(gives, assemble(names, fields))
            for gives, names in self.data.inputs.items()
        }
        code = chip.algorithm.code
        session = session_key(code, self.diversified(asked.root, asked.factors), inputs["session"])
        mac1, mac2 = (mac4(code, session, inputs[gives]) for gives in ("mac1", "mac2"))
        chip.transport = behaviour.transport_after_init(chip.transport, Purchase(mac2))
        return sequence + mac1


class Credit(TransportCommand):
    """``80 72 00 00 04``: the card's MAC2; right or wrong, it completes the purchase that was initialised."""

    __slots__ = ()

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip = self.chip
        condition = self._refusal(p1, p2, data)
        chip.transport = chip.behaviour.transport_after_credit(chip.transport, condition is None)
        return chip.ok() if condition is None else chip.refuse(self.command, condition)

    def _refusal(self, p1: int, p2: int, data: bytes) -> str | None:
        chip, behaviour, command = self.chip, self.chip.behaviour, self.command
        if not self.right_parameters(p1, p2):
            return "parameters"
        if not behaviour.accepts_transport_length(command.id, len(data), len(data) == command.length):
            return "length"
        purchase = behaviour.transport_to_complete(chip.transport)
        if purchase is None:
            return "sequence"
        return None if behaviour.accepts_transport_mac2(data, purchase.mac2) else "mac"
