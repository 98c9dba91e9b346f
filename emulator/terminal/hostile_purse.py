"""Cards that do not pay as they should."""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

from emulator.card.behaviour import CardBehaviour

INITIALISE = bytes((0xB0, 0x28))


class _WrongMac2(CardBehaviour):
    """Answers a MAC2 that no PSAM takes."""

    def purse_mac(self, transaction: str, gives: str, right: bytes) -> bytes:
        return bytes(octet ^ 0xA5 for octet in right)


class _TakesNoMac(CardBehaviour):
    """Finds every MAC1 wrong."""

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return False


class _DoesNotBegin(CardBehaviour):
    """Refuses to initialise a purchase."""

    def __init__(self, status: str) -> None:
        self._status = bytes.fromhex(status)

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return self._status if command[:2] == INITIALISE else right


PURSE_BEHAVIOURS: Mapping[str, Callable[[], CardBehaviour]] = MappingProxyType(
    {
        "wrong-mac2": _WrongMac2,
        "purchase-refused": _TakesNoMac,
        **{f"purchase-not-begun-{status}": partial(_DoesNotBegin, status) for status in ("6901", "9303")},
    }
)
"""Behaviours by the name of the hostile card."""
