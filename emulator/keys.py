"""Test keys: roots from a seed, card keys by diversification. None of them is, or resembles, a key in use."""

from collections.abc import Iterator, Mapping

from emulator.crypto import sm3
from emulator.crypto_card import diversify
from onecard.spec.card import CardSpec
from onecard.spec.card_transport import has_own_factors

DEFAULT_SEED = "onecard"
KEY_BYTES = 16


def root_key(seed: str, name: str, version: int) -> bytes:
    """The 16-byte test root key ``name`` (IRK, UKSSSE, ...) of a key version (from 1)."""
    return sm3(f"onecard test root key|{seed}|{name}|{version}".encode())[:KEY_BYTES]


def root_keys(spec: CardSpec, seed: str) -> dict[str, dict[int, bytes]]:
    """The test root keys of every key of the card, by name and version."""
    return {name: {version: root_key(seed, name, version) for version in spec.key_versions} for name in spec.keys}


class CardKeys(Mapping[str, dict[int, bytes]]):
    """The card's own keys below the test roots, by name and version; each is derived when it is first asked for.

    Most cards are made for a few commands, and a card has a hundred keys.
    """

    def __init__(self, spec: CardSpec, seed: str, region: str, historical: bytes) -> None:
        self._spec = spec
        self._seed = seed
        self._place = (region, historical)
        self._derived: dict[str, dict[int, bytes]] = {}

    def __getitem__(self, name: str) -> dict[int, bytes]:
        if name not in self._derived:
            spec, (region, historical) = self._spec, self._place
            # What the transport application's files say diversifies its keys: here stands their root.
            levels = 0 if has_own_factors(spec, name) else spec.keys[name].levels
            self._derived[name] = {
                version: diversify(spec, root_key(self._seed, name, version), levels, region, historical)
                for version in spec.key_versions
            }
        return self._derived[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._spec.keys)

    def __len__(self) -> int:
        return len(self._spec.keys)


def card_keys(spec: CardSpec, seed: str, region: str, historical: bytes) -> CardKeys:
    """The card's own keys; ``region`` six digits, ``historical`` the ATR's historical bytes."""
    return CardKeys(spec, seed, region, historical)
