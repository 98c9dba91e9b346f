"""A purse while the card has its supply: its state, and the transaction that an initialisation began."""

from emulator.card.chip import GENERAL, Chip
from emulator.card.memory import Write
from emulator.card.purse.crypto import assemble, mac4, session_key, tac
from emulator.card.purse.image import PurseImage
from onecard.spec.card import Command
from onecard.spec.card_purse import IDLE, MEDICAL, SAME, PurseSpec, purse_of

TAC = "tac"
"""A transaction code, and the function of its keys."""


class PurseSession:
    """Follower of the chip. ``fields``: what the transaction begun is computed from; ``key``: its session key."""

    __slots__ = ("_before", "_blank", "_chip", "fields", "index", "key", "last_random", "spec", "state")

    def __init__(self, chip: Chip, spec: PurseSpec) -> None:
        self._chip = chip
        self._before = IDLE
        self._blank = {name: bytes(length) for name, length in spec.lengths.items()}
        self.spec = spec
        self.state = IDLE
        self.fields: dict[str, bytes] = {}
        self.key = b""
        self.index = 0
        self.last_random = b""

    @property
    def image(self) -> PurseImage:
        """The stored fields."""
        return self._chip.image.purses[self.spec.id]

    # --- follower ---

    def reset(self) -> None:
        """A reset ends what was begun."""
        self.state = self._chip.behaviour.purse_state_after_reset(self.state)

    def selected(self, before: str, after: str) -> None:
        """So does the selection of an application."""
        self.state = self._chip.behaviour.purse_state_after_select(self.state)

    def command(self, command_id: str) -> None:
        """A command of the purse, or one unknown, ends it too, unless it succeeds and says otherwise."""
        self._before = self.state
        if command_id in self.spec.states or command_id == GENERAL:
            self.state = self._chip.behaviour.purse_state_after_failure(self.state)

    # --- for the commands ---

    def allows(self, command: Command) -> bool:
        """Whether the command is allowed in the state in which it came."""
        rule = self.spec.states.get(command.id)
        right = rule is None or self._before in rule.sources
        return self._chip.behaviour.purse_allows(self._before, command.id, right)

    def succeeded(self, command: Command) -> None:
        """The state that the command's success leads to."""
        rule = self.spec.states.get(command.id)
        if rule is not None:
            right = self._before if rule.target == SAME else rule.target
            self.state = self._chip.behaviour.purse_state_after(command.id, self._before, right)

    def begin(self, index: int, key: bytes, fields: dict[str, bytes]) -> None:
        """Keep the fields of a transaction, others zero; ``key``: the 16-byte key of ``index`` for its session key."""
        self.index = index
        self.fields = self._blank | fields
        self.key = key

    def mac(self, transaction: str, gives: str) -> bytes:
        """MAC1 or MAC2 over the transaction's fields, under a session key made of them."""
        chip, code = self._chip, self._chip.spec.algorithm.code
        random = self._assembled(transaction, "session")
        right = session_key(code, self.key, random, chip.spec.session_key.random_pad)
        session = chip.behaviour.purse_session(transaction, self.fields, right)
        return mac4(code, session, self._assembled(transaction, gives))

    def tac(self, transaction: str) -> bytes:
        """The TAC over the transaction's fields, under the TAC key of the same index."""
        chip = self._chip
        right = tac(chip.spec.algorithm.code, self._tac_key(), self._assembled(transaction, TAC))
        return chip.behaviour.purse_tac(transaction, self.fields, right)

    def _assembled(self, transaction: str, gives: str) -> bytes:
        right = self.spec.computation(transaction, gives).inputs
        return assemble(self._chip.behaviour.purse_inputs(transaction, gives, right), self.fields)

    def _tac_key(self) -> bytes:
        # A card without the key computes with zeros: there is no status word for it.
        chip, zeros = self._chip, bytes(self._chip.spec.algorithm.key_length)
        key = chip.spec.keys.get(self.spec.tac_key)
        if key is None or key.function != TAC or key.application != chip.position.application:
            return zeros
        return chip.image.keys[key.id].get(self.index - key.key_id + 1, zeros)

    def write(self, writes: list[Write]) -> None:
        """All of it or nothing."""
        for group in self._chip.behaviour.purse_writes(writes):
            self._chip.memory.put(*group)


def purse_session(chip: Chip, purse: str = MEDICAL) -> PurseSession:
    """The session of a purse, which all its commands share."""
    for follower in chip.followers:
        if isinstance(follower, PurseSession) and follower.spec.id == purse:
            return follower
    made = PurseSession(chip, purse_of(chip.spec, purse))
    chip.followers.append(made)
    return made
