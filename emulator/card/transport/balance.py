"""What the purse tells of its balance."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.chip import Chip
from emulator.card.transport.image import TransportImage
from emulator.card.transport.session import session_of
from onecard.spec.card import Command

BALANCE = 4
_VALUES = {
    "without-overdraft": lambda purse: max(purse.balance, 0),
    "with-overdraft": lambda purse: max(purse.balance + purse.overdraft, 0),
    "overdrawn": lambda purse: max(-purse.balance, 0),
}


def told(purse: TransportImage, reading: str, behaviour: CardBehaviour) -> bytes:
    """4 bytes: the balance in a reading of the data (an overdrawn purse has none without its overdraft)."""
    right = _VALUES[reading](purse)
    shown = behaviour.balance_shown(reading, purse.balance, purse.overdraft, right)
    return (shown % (1 << 8 * BALANCE)).to_bytes(BALANCE, "big")


class GetBalance:
    """``80 5C P1 02 04``: the balance; P1 says which."""

    __slots__ = ("_chip", "_command", "_queries", "_session")

    def __init__(self, chip: Chip, command: Command) -> None:
        self._chip = chip
        self._command = command
        self._session = session_of(chip)
        self._queries = {(query.p1, query.p2): query for query in self._session.data.balances}

    def __call__(self, p1: int, p2: int, length: int, data: bytes) -> bytes:
        """Answer the command; ``length`` is Le."""
        chip, behaviour, purse = self._chip, self._chip.behaviour, self._session.image
        query = self._queries.get((p1, p2))
        if query is None:
            return chip.refuse(self._command, "parameters")
        if behaviour.application_blocked(self._command.id, purse.blocked):
            return chip.refuse(self._command, "blocked")
        return chip.ok(behaviour.balance_answer(query.id, told(purse, query.readings[0], behaviour)))
