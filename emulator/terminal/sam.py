"""The PSAM in the terminal: terminal number, environments, and the keys that it proves or checks."""

from emulator.crypto import xor
from emulator.terminal.behaviour import TerminalBehaviour
from emulator.terminal.channel import Channel
from onecard.spec.terminal import CardAlgorithm, TerminalSpec
from onecard.spec.terminal_sam import SamCommand

MASTER_FILE = 0x3F00
RANDOM = 8
FACTORS_SHIFT = 5
"""Above the five low bits of the usage byte stand the levels of diversification (2011 draft, part 9)."""


class Sam:
    """A powered PSAM."""

    def __init__(self, channel: Channel, spec: TerminalSpec, behaviour: TerminalBehaviour) -> None:
        self._channel = channel
        self._spec = spec
        self._behaviour = behaviour

    def number(self) -> str:
        """The terminal number, digits of its file below the master file; raises Failure."""
        self._channel.select_file(MASTER_FILE)
        self._channel.select_file(self._spec.sam.number_file)
        command = self._spec.sam_commands["READ-BINARY"]
        data = self._channel.must(bytes((command.cla, command.ins, command.p1, 0, self._spec.sam.number_length)))
        return data.hex().upper()

    def open(self, algorithm: CardAlgorithm) -> bool:
        """Select the environment of the algorithm and its application; False when the PSAM has none."""
        names = (self._behaviour.environment(algorithm.environment), self._spec.sam.application)
        return all(self._channel.is_ok(self._channel.select_name(name)[1]) for name in names)

    def random(self) -> bytes:
        """Eight random bytes of the PSAM; raises Failure."""
        return self._behaviour.random(self._channel.challenge(RANDOM))

    def proof(
        self, key: str, algorithm: CardAlgorithm, factors: tuple[bytes, ...], random: bytes, original: bytes
    ) -> bytes | None:
        """Authentication data of ``key`` over ``original`` under the session key made of ``random``.

        ``factors``: card, city, province. None when the PSAM has the key with no usage; raises Failure.
        """
        block = self.computed("CIPHER", key, algorithm, factors, random, original.ljust(algorithm.block, b"\x00"))
        return block if block is None or len(block) == RANDOM else xor(block[:RANDOM], block[RANDOM:])

    def computed(
        self, what: str, key: str, algorithm: CardAlgorithm, factors: tuple[bytes, ...], random: bytes, data: bytes
    ) -> bytes | None:
        """What the command ``what`` (CIPHER, MAC) makes of ``data`` in whole blocks, of a MAC the first the initial
        value. None when the PSAM has the key with no usage; raises Failure.
        """
        if not self._deliver(key, algorithm, factors, random):
            return None
        command = self._spec.sam_commands[what]
        return self._channel.must(_command(command, command.p1, 0, data))

    def sent(self, what: str, data: bytes) -> tuple[bytes, int]:
        """Data and status word of the command ``what`` (INIT-PURCHASE, CREDIT-PURCHASE) with ``data``."""
        command = self._spec.sam_commands[what]
        return self._channel.send(_command(command, command.p1, 0, data))

    def _deliver(self, key: str, algorithm: CardAlgorithm, factors: tuple[bytes, ...], random: bytes) -> bool:
        held, command = self._spec.sam_keys[key], self._spec.sam_commands["DELIVER"]
        for usage in held.usages:
            used = self._behaviour.factors(factors[: usage >> FACTORS_SHIFT])
            data = b"".join(used) + random.ljust(algorithm.block, b"\x00")
            _, sw = self._channel.send(_command(command, usage, held.key_id, data))
            if self._channel.is_ok(sw):
                return True
            if not self._behaviour.tries_next_usage(sw, sw in self._spec.sam.retry_on):
                break
        return False


def _command(command: SamCommand, p1: int, p2: int, data: bytes) -> bytes:
    return bytes((command.cla, command.ins, p1, p2, len(data))) + data
