"""CIPHER DATA: one computation with the session key, at once or in parts."""

from collections.abc import Callable
from dataclasses import replace

from emulator.crypto import encrypt
from emulator.psam import crypto
from emulator.psam.chip import Chip
from emulator.psam.state import Chain, Session
from onecard.spec.psam_command import CipherMode, PsamCommand

ENCIPHER, MAC = "encipher", "mac"


class CipherData:
    """``80 FA P1 00``: a part of a computation with the session key; enciphers, or makes a MAC.

    The parts of one computation follow each other: their answers, or the MAC of the last, are those of the whole.
    """

    __slots__ = ("_allowed", "_chip", "_command", "_default", "_modes", "_work")

    def __init__(self, chip: Chip, command: PsamCommand) -> None:
        self._chip = chip
        self._command = command
        self._modes = {mode.p1: mode for mode in command.modes}
        # What P1 of no mode means to a product that does not look at it.
        self._default = command.modes[0]
        usage = chip.spec.usage
        self._allowed = {ENCIPHER: usage.enciphers, MAC: usage.macs}
        self._work: dict[str, Callable[[CipherMode, Session, bytes], bytes]] = {
            ENCIPHER: self._encipher,
            MAC: self._mac,
        }

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Lc."""
        chip, command, behaviour = self._chip, self._command, self._chip.behaviour
        mode = self._modes.get(p1)
        condition = None
        if not behaviour.accepts_parameters(command.id, p1, p2, mode is not None and p2 == 0):
            condition = "parameters"
        mode = mode or self._default
        session = behaviour.session_to_use(chip.session)
        condition = condition or self._refusal(mode, session, data)
        if condition is not None or session is None:
            chip.session = behaviour.session_after_refusal(chip.session)
            return chip.refuse(command, condition or "no-session-key")
        return chip.announce(command, self._work[mode.does](mode, session, data))

    def _refusal(self, mode: CipherMode, session: Session | None, data: bytes) -> str | None:
        """The condition that refuses this part; None where it is taken."""
        chip, behaviour = self._chip, self._chip.behaviour
        if session is None:
            return "no-session-key"
        right = chip.spec.usage.type(session.usage) in self._allowed[mode.does]
        if not behaviour.allows(session.usage, mode.does, right):
            return "usage"
        if not behaviour.accepts_part(session.chain, mode, _in_sequence(session.chain, mode)):
            return "sequence"
        block, limit = chip.algorithm.block, chip.algorithm.cipher_limit
        least = 2 * block if mode.does == MAC and mode.begins and mode.ends else block
        right = least <= len(data) <= limit and len(data) % block == 0
        return None if behaviour.accepts_cipher_length(len(data), block, limit, right) else "length"

    def _encipher(self, mode: CipherMode, session: Session, data: bytes) -> bytes:
        chip = self._chip
        self._go_on(mode, session, b"")
        answer = chip.behaviour.enciphered(session.key, data, encrypt(chip.algorithm.code, session.key, data))
        return answer if mode.ends else chip.behaviour.part_enciphered(answer)

    def _mac(self, mode: CipherMode, session: Session, data: bytes) -> bytes:
        chip, behaviour, block = self._chip, self._chip.behaviour, self._chip.algorithm.block
        before = b"" if session.chain is None else session.chain.state
        chained = before + data + bytes(-len(data) % block)
        state = crypto.cbc(chip.algorithm, session.key, chained)
        self._go_on(mode, session, behaviour.chain_state(state, chained[:block]))
        if mode.ends:
            return behaviour.mac(session.key, chained, crypto.fold(chip.algorithm, state))
        return behaviour.part_of_mac(state)

    def _go_on(self, mode: CipherMode, session: Session, state: bytes) -> None:
        behaviour = self._chip.behaviour
        following: Session | None = session
        if mode.ends or behaviour.counts_parts():
            following = behaviour.session_after_use(replace(session, chain=None))
        if following is not None and not mode.ends:
            following = replace(following, chain=Chain(mode.does, state))
        self._chip.session = following


def _in_sequence(chain: Chain | None, mode: CipherMode) -> bool:
    return mode.begins if chain is None else mode.continues and chain.does == mode.does
