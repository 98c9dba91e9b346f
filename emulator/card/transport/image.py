"""What the transport application keeps without supply beside its files."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class TransportImage:
    """The purse: ``balance`` and ``overdraft`` limit in fen (below 0 the balance is overdrawn), the ``online`` and
    ``offline`` sequence numbers of the next transaction.

    ``proof``: type, sequence number, MAC and TAC of the last transaction, or nothing. ``keys``: the card's own.
    """

    balance: int
    overdraft: int
    online: int
    offline: int
    keys: dict[str, bytes] = field(default_factory=dict)
    proof: bytes = b""
    blocked: bool = False
