"""Cards, holders, calls and activations in a database. SQLite in memory by default; any URL that SQLAlchemy knows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.pool import StaticPool

from emulator.platform.activation import Entry
from emulator.platform.messages import Step

IN_MEMORY = "sqlite://"

METADATA = MetaData()
HOLDERS = Table("holders", METADATA, Column("number", String, primary_key=True), Column("name", String, nullable=False))
CARDS = Table(
    "cards",
    METADATA,
    Column("card_no", String, primary_key=True),
    Column("number", ForeignKey("holders.number"), nullable=False),
    Column("state", String, nullable=False),
    Column("until", Integer),
)
CALLS = Table(
    "calls",
    METADATA,
    Column("institution", String, primary_key=True),
    Column("sequence", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("answer", String, nullable=False),
)
STEPS = Table(
    "steps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("institution", String, nullable=False),
    Column("flow", String, nullable=False, index=True),
    Column("card_no", String, nullable=False),
    Column("item", String, nullable=False),
    Column("operation", String, nullable=False),
)
ACTIVATIONS = Table(
    "activations",
    METADATA,
    Column("id", String, primary_key=True),
    Column("card_no", String, nullable=False, index=True),
    Column("state", String, nullable=False),
)
LOG = Table(
    "activation_log",
    METADATA,
    Column("activation", ForeignKey("activations.id"), primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("before", String, nullable=False),
    Column("party", String, nullable=False),
    Column("action", String, nullable=False),
    Column("result", String, nullable=False),
    Column("after", String, nullable=False),
)

# Statements are made once: making one costs SQLAlchemy more than running it.
_CALL = select(CALLS.c.digest, CALLS.c.status, CALLS.c.answer).where(
    CALLS.c.institution == bindparam("i"), CALLS.c.sequence == bindparam("s")
)
_CALL_AGAIN = update(CALLS).where(CALLS.c.institution == bindparam("i"), CALLS.c.sequence == bindparam("s"))
_CARD = (
    select(CARDS.c.card_no, CARDS.c.state, CARDS.c.until, HOLDERS.c.name, HOLDERS.c.number)
    .join(HOLDERS)
    .where(CARDS.c.card_no == bindparam("c"))
)
_MOVED = update(CARDS).where(CARDS.c.card_no == bindparam("c"))
_DONE = select(STEPS.c.institution, STEPS.c.flow, STEPS.c.card_no, STEPS.c.item, STEPS.c.operation).where(
    STEPS.c.flow == bindparam("f"), STEPS.c.operation == bindparam("o")
)
_ACTIVATION = select(ACTIVATIONS.c.card_no, ACTIVATIONS.c.state).where(ACTIVATIONS.c.id == bindparam("a"))
_ADVANCED = update(ACTIVATIONS).where(ACTIVATIONS.c.id == bindparam("a"))
_LOG = (
    select(LOG.c.before, LOG.c.party, LOG.c.action, LOG.c.result, LOG.c.after)
    .where(LOG.c.activation == bindparam("a"))
    .order_by(LOG.c.n)
)
_EARLIER = select(ACTIVATIONS.c.state).where(ACTIVATIONS.c.card_no == bindparam("c"))
_FORGET = tuple(delete(table) for table in (LOG, ACTIVATIONS, STEPS, CALLS, CARDS, HOLDERS))
_INTO = {table.name: insert(table) for table in METADATA.tables.values()}


@dataclass(frozen=True, slots=True)
class Card:
    """A card with its holder; ``number`` is the social security number (AAC002).

    ``until``: when its state ends by itself, seconds since 1970, None for never.
    """

    card_no: str
    state: str
    until: int | None
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class Kept:
    """An admitted call: digest of operation and content, status and JSON text of its answer."""

    digest: str
    status: int
    answer: str


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation: where it stands, and the steps taken."""

    id: str
    card_no: str
    state: str
    log: tuple[Entry, ...]


class Transaction:
    """Reading and writing; nothing stays that was not committed."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def commit(self) -> None:
        """Keep what was written so far."""
        self._connection.commit()

    def rollback(self) -> None:
        """Forget what was written since the last commit."""
        self._connection.rollback()

    def kept(self, institution: str, sequence: str) -> Kept | None:
        """The call of an institution with a sequence number."""
        row = self._connection.execute(_CALL, {"i": institution, "s": sequence}).first()
        return Kept(*row) if row is not None else None

    def keep(self, institution: str, sequence: str, call: Kept, *, again: bool) -> None:
        """Keep a call; ``again``: in place of the one with this number."""
        values = {"digest": call.digest, "status": call.status, "answer": call.answer}
        if again:
            self._connection.execute(_CALL_AGAIN, {"i": institution, "s": sequence, **values})
        else:
            self._connection.execute(_INTO["calls"], {"institution": institution, "sequence": sequence, **values})

    def card(self, card_no: str) -> Card | None:
        """A card as it was stored."""
        row = self._connection.execute(_CARD, {"c": card_no}).first()
        return Card(*row) if row is not None else None

    def move(self, card_no: str, state: str, until: int | None) -> None:
        """Put a card into a state."""
        self._connection.execute(_MOVED, {"c": card_no, "state": state, "until": until})

    def done(self, flow: str, operation: str) -> list[Step]:
        """The completed steps of any flow with this number and operation."""
        return [Step(*row) for row in self._connection.execute(_DONE, {"f": flow, "o": operation})]

    def complete(self, step: Step) -> None:
        """A step was completed."""
        values = {"institution": step.institution, "flow": step.flow, "card_no": step.card_no}
        self._connection.execute(_INTO["steps"], {**values, "item": step.item, "operation": step.operation})

    def activation(self, identifier: str) -> Activation | None:
        """An activation with its log."""
        row = self._connection.execute(_ACTIVATION, {"a": identifier}).first()
        if row is None:
            return None
        log = tuple(Entry(*each) for each in self._connection.execute(_LOG, {"a": identifier}))
        return Activation(identifier, row.card_no, row.state, log)

    def earlier(self, card_no: str) -> list[str]:
        """The states of a card's activations."""
        return [row.state for row in self._connection.execute(_EARLIER, {"c": card_no})]

    def open_activation(self, identifier: str, card_no: str, state: str) -> None:
        """A new activation."""
        self._connection.execute(_INTO["activations"], {"id": identifier, "card_no": card_no, "state": state})

    def advance(self, identifier: str, n: int, entry: Entry) -> None:
        """The n-th step of an activation was taken."""
        values = {"before": entry.before, "party": entry.party, "action": entry.action, "result": entry.result}
        row = {"activation": identifier, "n": n, **values, "after": entry.after}
        self._connection.execute(_INTO["activation_log"], row)
        self._connection.execute(_ADVANCED, {"a": identifier, "state": entry.after})


class Store:
    """The database."""

    def __init__(self, url: str = IN_MEMORY) -> None:
        if url == IN_MEMORY:
            # A memory database lives in its one connection, which the server's thread uses alone.
            self._engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        else:
            self._engine = create_engine(url)
        METADATA.create_all(self._engine)

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction; what was not committed at its end is forgotten."""
        with self._engine.connect() as connection:
            yield Transaction(connection)

    def empty(self) -> bool:
        """Whether no card is there yet."""
        with self._engine.connect() as connection:
            return connection.execute(select(CARDS.c.card_no).limit(1)).first() is None

    def refill(self, cards: Iterable[Card]) -> None:
        """Forget everything and take up these cards with their holders."""
        found = list(cards)
        with self._engine.connect() as connection:
            for statement in _FORGET:
                connection.execute(statement)
            connection.execute(_INTO["holders"], [{"number": card.number, "name": card.name} for card in found])
            rows = [{"card_no": c.card_no, "number": c.number, "state": c.state, "until": c.until} for c in found]
            connection.execute(_INTO["cards"], rows)
            connection.commit()

    def close(self) -> None:
        """Release the database."""
        self._engine.dispose()
