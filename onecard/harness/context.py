"""What one run knows: data, declaration, keys, nonce; and what it learns of a sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from onecard.spec.card import CardSpec
from onecard.spec.expr import Value


class KeySource(Protocol):
    """Where keys and PIN come from: card keys, root keys with factors, or none. Its answers are recorded."""

    @property
    def diversified(self) -> bool:
        """Whether keys come from root keys by diversification."""

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key (16 bytes); None when this source has none."""

    def pin(self) -> bytes | None:
        """The PIN in BCD; None when this source has none."""


@dataclass(frozen=True)
class RunContext:
    """One (kind, profile) run."""

    number: int
    kind: str
    profile: str
    card: CardSpec
    ics: Mapping[str, Value]
    keys: KeySource
    nonce: bytes


@dataclass
class Sample:
    """One sample card: what its reader shows, its last ATR, and the secrets of the IXIT that it refused."""

    label: str
    raw_t0: bool = True
    historical: bytes = b""
    atr: bytes = b""
    refused: set[str] = field(default_factory=set)

    def saw_atr(self, atr: bytes, length: int) -> None:
        """Take the historical bytes (the last ``length``, TCK left out where the interface bytes announce one)."""
        self.atr = atr
        body = atr[:-1] if _has_tck(atr) else atr
        self.historical = body[-length:]


def _has_tck(atr: bytes) -> bool:
    """TCK is present when any TDi offers a protocol other than T=0 (ISO/IEC 7816-3)."""
    indicator, position = (atr[1] if len(atr) > 1 else 0), 2
    protocols = set()
    while indicator & 0x80:
        position += (indicator >> 4).bit_count()
        if position > len(atr):
            return False
        indicator = atr[position - 1]
        protocols.add(indicator & 0x0F)
    return bool(protocols - {0})
