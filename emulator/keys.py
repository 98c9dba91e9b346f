"""Test keys: roots from a seed, card keys by diversification. None of them is, or resembles, a key in use."""

from emulator.crypto import sm3
from emulator.crypto_card import diversify
from onecard.spec.card import CardSpec

DEFAULT_SEED = "onecard"
KEY_BYTES = 16


def root_key(seed: str, name: str, version: int) -> bytes:
    """The 16-byte test root key ``name`` (IRK, UKSSSE, ...) of a key version (from 1)."""
    return sm3(f"onecard test root key|{seed}|{name}|{version}".encode())[:KEY_BYTES]


def root_keys(spec: CardSpec, seed: str) -> dict[str, dict[int, bytes]]:
    """The test root keys of every key of the card, by name and version."""
    return {name: {version: root_key(seed, name, version) for version in spec.key_versions} for name in spec.keys}


def card_keys(spec: CardSpec, seed: str, region: str, historical: bytes) -> dict[str, dict[int, bytes]]:
    """The card's own keys below the test roots; ``region`` six digits, ``historical`` the ATR's historical bytes."""
    return {
        name: {
            version: diversify(spec, root, spec.keys[name].levels, region, historical)
            for version, root in versions.items()
        }
        for name, versions in root_keys(spec, seed).items()
    }
