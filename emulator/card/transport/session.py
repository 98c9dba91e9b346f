"""The volatile side of the purse: the transaction that was initialised and what its compound cache holds."""

from dataclasses import dataclass, field

from emulator.card.behaviour import CardBehaviour
from emulator.card.chip import Chip
from emulator.card.transport.image import TransportImage
from onecard.spec.card_transport import Transaction, Transport, transport_of


@dataclass(frozen=True, slots=True)
class Cached:
    """A record that a compound purchase will write: to ``index`` of a linear file, or as the newest of a cyclic one."""

    file: str
    index: int | None
    record: bytes


@dataclass(slots=True)
class Running:
    """An initialised transaction: the index of its keys, its elements by name, and the cached records."""

    transaction: Transaction
    index: int
    fields: dict[str, bytes]
    caches: list[Cached] = field(default_factory=list)


class PurseSession:
    """One card's purse: its data, its image, and the transaction at hand. It follows what happens on the chip."""

    __slots__ = ("_behaviour", "_chip", "_known", "abandoned", "data", "running")

    def __init__(self, chip: Chip, data: Transport) -> None:
        self.data = data
        self.running: Running | None = None
        self.abandoned: list[Cached] = []
        self._chip = chip
        self._behaviour: CardBehaviour = chip.behaviour
        self._known = {each.id: each for each in data.transactions}

    @property
    def image(self) -> TransportImage:
        """What the purse keeps without supply."""
        found = self._chip.image.transport
        if found is None:
            raise TypeError("the card has no transport application")
        return found

    def reset(self) -> None:
        """The card was reset, or its supply went."""
        self._end(self._behaviour.transaction_after_selection(self._name()))

    def selected(self, before: str, after: str) -> None:
        """An application was selected."""
        self._end(self._behaviour.transaction_after_selection(self._name()))

    def command(self, command_id: str) -> None:
        """Commands other than those that go on with a transaction, or only look, end it."""
        if self.running is None:
            return
        right = command_id not in self.data.purse.keeps
        if command_id not in _OWN and self._behaviour.ends_transaction(command_id, right):
            self.end()

    def refused(self) -> None:
        """DEBIT or CREDIT was refused: the transaction is over."""
        self._end(self._behaviour.transaction_after_refusal(self._name() or ""))

    def end(self) -> None:
        """The transaction is over."""
        if self.running is not None:
            self.abandoned = self.running.caches
        self.running = None

    def _name(self) -> str | None:
        return None if self.running is None else self.running.transaction.id

    def _end(self, kept: str | None) -> None:
        if kept is None:
            self.end()


_OWN = frozenset(("TRANSPORT-DEBIT", "TRANSPORT-CREDIT"))


def session_of(chip: Chip) -> PurseSession:
    """The one session of a chip, which all commands of the purse share; raises TypeError without the application."""
    for follower in chip.followers:
        if isinstance(follower, PurseSession):
            return follower
    data = transport_of(chip.spec)
    if data is None:
        raise TypeError("the data hold no transport application")
    session = PurseSession(chip, data)
    chip.followers.append(session)
    return session
