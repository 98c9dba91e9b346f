"""The transport application as data: purse, transactions, maintenance MAC and diversification of its keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from onecard.spec.card import CardSpec

Node = Mapping[str, object]
PURSES, FACTORS = "transport-purses", "transport-factors"


@dataclass(frozen=True, slots=True)
class TransportPurse:
    """The purse of ``application``: its ``algorithm`` and that one's ``identifier``, the ``key_version`` of its keys,
    the ``log`` file; ``keeps``: commands that leave an initialised transaction as it is.
    """

    application: str
    algorithm: str
    identifier: int
    key_version: int
    log: str
    keeps: frozenset[str]


@dataclass(frozen=True, slots=True)
class BalanceQuery:
    """GET BALANCE with ``p1`` and ``p2``; ``readings``: what its answer means to one source or another, ours first."""

    id: str
    p1: int
    p2: int
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Transaction:
    """A kind of transaction, by the P1 of its initialisation.

    ``type``: its byte in MAC, TAC and log. ``key`` and ``tac_key`` name keys of the card. ``counter`` online or
    offline; ``effect`` credit or debit. The rest are lists of inputs: ``name``, ``name:last-2`` (its last
    bytes), ``=8000``.
    """

    id: str
    p1: int
    type: int
    key: str
    tac_key: str
    counter: str
    effect: str
    answer: tuple[str, ...]
    session: tuple[str, ...]
    mac1: tuple[str, ...]
    mac2: tuple[str, ...]
    tac: tuple[str, ...]
    log: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MaintenanceMac:
    """The MAC of maintenance commands: ``length`` bytes under ``key``; initial value: ``challenge`` bytes of the card,
    then ``pad``; ``last_block`` 3des: single DES before it, or des throughout.
    """

    key: str
    challenge: int
    pad: bytes
    length: int
    last_block: str


@dataclass(frozen=True, slots=True)
class TransportFactor:
    """A diversification factor: ``length`` bytes of a transparent ``file`` from ``offset``, then ``suffix``."""

    file: str
    offset: int
    length: int
    suffix: bytes


@dataclass(frozen=True, slots=True)
class Transport:
    """All data of the transport application; ``factors`` from the root downwards."""

    purse: TransportPurse
    balances: tuple[BalanceQuery, ...]
    transactions: tuple[Transaction, ...]
    messaging: MaintenanceMac
    factors: tuple[TransportFactor, ...]

    def transaction(self, name: str) -> Transaction:
        """A transaction by its id, e.g. ``TRANSPORT-LOAD``; raises KeyError."""
        for found in self.transactions:
            if found.id == name:
                return found
        raise KeyError(name)


def has_own_factors(spec: CardSpec, key: str) -> bool:
    """Whether a key is diversified by the factors of the transport application instead of those of the card."""
    return any(purse.get("application") == spec.keys[key].application for purse in spec.table(PURSES).values())


def transport_of(spec: CardSpec) -> Transport | None:
    """The transport application of a card; None for a card without one."""
    purses = list(spec.table(PURSES).values())
    if not purses:
        return None
    purse = purses[0]
    messaging = next(iter(spec.table("transport-messaging").values()))
    factors = sorted(spec.table(FACTORS).values(), key=lambda node: _int(node, "level"))
    return Transport(
        purse=TransportPurse(
            application=_text(purse, "application"),
            algorithm=_text(purse, "algorithm"),
            identifier=_int(purse, "algorithm-identifier"),
            key_version=_int(purse, "key-version"),
            log=_text(purse, "log"),
            keeps=frozenset(_texts(purse, "keeps")),
        ),
        balances=tuple(
            BalanceQuery(name, _int(node, "p1"), _int(node, "p2"), _texts(node, "readings"))
            for name, node in spec.table("transport-balances").items()
        ),
        transactions=tuple(_transaction(name, node) for name, node in spec.table("transport-transactions").items()),
        messaging=MaintenanceMac(
            key=_text(messaging, "key"),
            challenge=_int(messaging, "challenge"),
            pad=_hex(messaging, "pad"),
            length=_int(messaging, "length"),
            last_block=_text(messaging, "last-block"),
        ),
        factors=tuple(
            TransportFactor(_text(node, "file"), _int(node, "offset"), _int(node, "length"), _hex(node, "suffix"))
            for node in factors
        ),
    )


def _transaction(name: str, node: Node) -> Transaction:
    return Transaction(
        id=name,
        p1=_int(node, "p1"),
        type=_int(node, "type"),
        key=_text(node, "key"),
        tac_key=_text(node, "tac-key"),
        counter=_text(node, "counter"),
        effect=_text(node, "effect"),
        answer=_texts(node, "answer"),
        session=_texts(node, "session"),
        mac1=_texts(node, "mac1"),
        mac2=_texts(node, "mac2"),
        tac=_texts(node, "tac"),
        log=_texts(node, "log"),
    )


def _int(node: Node, key: str) -> int:
    return cast(int, node[key])


def _text(node: Node, key: str) -> str:
    return cast(str, node[key])


def _texts(node: Node, key: str) -> tuple[str, ...]:
    return tuple(cast(list[str], node[key]))


def _hex(node: Node, key: str) -> bytes:
    return bytes.fromhex(_text(node, key))
