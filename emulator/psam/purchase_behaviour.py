"""Decisions about medical purchases and the closed key files."""

from collections.abc import Mapping
from hmac import compare_digest

from emulator.psam.state import Purchase

_KEEP = frozenset(("PSAM/INIT-PURCHASE", "PSAM/CREDIT-PURCHASE", "PSAM/GET-RESPONSE"))


class PurchaseBehaviour:
    """INIT SAM FOR PURCHASE, CREDIT SAM FOR PURCHASE, and what lies in the key files."""

    def closed_content(self, file: str) -> bytes | None:
        """What READ BINARY gives of a key file; None where it refuses."""
        return None

    def accepts_purchase_length(self, command: str, length: int, right: bool) -> bool:
        """Whether Lc is that of the command."""
        return right

    def purchase_key_found(self, version: int, in_application: bool, roots: Mapping[int, bytes]) -> bytes | None:
        """The root of the purchase key in this version, of ``roots`` by version; None when there is none."""
        return roots.get(version) if in_application else None

    def accepts_purchase_levels(self, given: int, expected: int) -> bool:
        """Whether the number of factors fits the purchase key."""
        return given == expected

    def accepts_identifier(self, given: int, expected: int) -> bool:
        """Whether the algorithm identifier is that of the environment."""
        return given == expected

    def sequence(self, stored: int, following: int) -> tuple[int, int]:
        """The terminal sequence that is answered, and the one that file 0019 holds from now on."""
        return following, following

    def sequence_after_credit(self, stored: int, step: int) -> int:
        """What file 0019 holds after a completion."""
        return stored

    def sequence_after_reset(self, stored: int) -> int:
        """What file 0019 holds after a reset."""
        return stored

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        """What a session key, mac1 or mac2 is made of by an algorithm with blocks of so many bytes."""
        return right

    def purchase_mac1(self, right: bytes) -> bytes:
        """MAC1 as it is answered."""
        return right

    def accepts_mac2(self, given: bytes, right: bytes) -> bool:
        """Whether the card's MAC2 is accepted."""
        # In constant time: how long the answer takes says nothing of the MAC.
        return compare_digest(given, right)

    def purchase_to_complete(self, purchase: Purchase | None) -> Purchase | None:
        """The purchase that CREDIT SAM FOR PURCHASE completes; None where there is none."""
        return purchase

    def purchase_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        """The purchase that can be completed after a completion was tried."""
        return None

    def purchase_after_init(self, before: Purchase | None, made: Purchase | None) -> Purchase | None:
        """The purchase that can be completed after an initialisation; ``made``: what it began, None where refused."""
        return made

    def purchase_after_reset(self, before: Purchase | None) -> Purchase | None:
        """The purchase that can be completed after a warm reset."""
        return None

    def breaks_purchase(self, command: str) -> bool:
        """Whether a command ends a purchase that was initialised."""
        return command not in _KEEP

    def delivers_purchase_key(self, usage: int) -> bool:
        """Whether DELIVERY SESSION KEY with this usage takes the purchase key of a version too."""
        return False
