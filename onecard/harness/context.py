"""What one run knows: data, declaration, keys, nonce; and what it learns of a sample."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from onecard.spec.card import CardSpec
from onecard.spec.expr import Value
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, TargetSpec


class KeySource(Protocol):
    """Where keys and PIN come from: card keys, root keys with factors, or none. Its answers are recorded."""

    @property
    def diversified(self) -> bool:
        """Whether keys come from root keys by diversification."""

    def card_key(self, spec: CardSpec, name: str, version: int, historical: bytes) -> bytes | None:
        """The card's key (16 bytes); None when this source has none."""

    def pin(self) -> bytes | None:
        """The PIN in BCD; None when this source has none."""

    def root_key(self, name: str, version: int, algorithm: str | None = None) -> bytes | None:
        """A root key (16 bytes), of one algorithm or of all; None when this source has none."""

    def region_code(self) -> bytes | None:
        """The region of the root keys in ASCII; None when this source names none."""


@dataclass(frozen=True)
class RunContext:
    """One (kind, profile) run. ``parameters``: those of the IXIT."""

    number: int
    kind: str
    profile: str
    target: TargetSpec
    ics: Mapping[str, Value]
    keys: KeySource
    nonce: bytes
    spec: Spec
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _cards: dict[str, CardSpec] = field(default_factory=dict, repr=False, compare=False)

    @property
    def card(self) -> CardSpec:
        """The data of a run on cards."""
        assert isinstance(self.target, CardSpec)
        return self.target

    @property
    def interface(self) -> InterfaceSpec:
        """The data of a run on any other kind."""
        assert isinstance(self.target, InterfaceSpec)
        return self.target

    def card_of(self, profile: str) -> CardSpec:
        """The data of the card of a project profile; resolved once."""
        if profile not in self._cards:
            self._cards[profile] = self.spec.card_of_profile(profile)
        return self._cards[profile]


@dataclass
class Identity:
    """What identifies a sample: ATR and card identification code, where they could be read."""

    atr: str = ""
    identification: str | None = None


@dataclass
class Sample:
    """One sample card: what its reader shows, its last ATR, and the secrets of the IXIT that it refused."""

    label: str
    raw_t0: bool = True
    historical: bytes = b""
    atr: bytes = b""
    refused: set[str] = field(default_factory=set)

    def saw_atr(self, atr: bytes, length: int) -> None:
        """Take the historical bytes, of which there are ``length``."""
        self.atr = atr
        self.historical = historical_in(atr, length)


def historical_in(atr: bytes, length: int) -> bytes:
    """The last ``length`` bytes of an answer to reset, TCK left out where the interface bytes announce one."""
    body = atr[:-1] if _has_tck(atr) else atr
    return body[-length:]


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
