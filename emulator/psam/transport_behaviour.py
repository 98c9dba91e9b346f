"""Decisions about the transport application of a PSAM."""

from collections.abc import Mapping, Sequence
from hmac import compare_digest

from emulator.psam.state import Position, Purchase

_KEEP = frozenset(("PSAM/TRANSPORT-INIT", "PSAM/TRANSPORT-CREDIT", "PSAM/GET-RESPONSE"))


class TransportBehaviour:
    """80 1A and 80 FA 05 for MACs, 80 70 and 80 72 for purchases."""

    def finds_transport(self, position: Position) -> bool:
        """Whether the transport application is found from ``position``."""
        return True

    def transport_here(self, position: Position) -> bool:
        """Whether the commands of the transport application are taken."""
        return position.transport

    def mac_key_found(self, usage: int, version: int, roots: Mapping[tuple[int, int], bytes]) -> bytes | None:
        """The root of usage and version; None where there is none."""
        return roots.get((usage, version))

    def accepts_mac_factors(self, length: int, levels: int, factor: int) -> bool:
        """Whether so many bytes are the factors of ``levels`` levels; ``factor``: bytes of one."""
        return length == levels * factor

    def transport_order(self, factors: Sequence[bytes], right: Sequence[bytes]) -> Sequence[bytes]:
        """The factors in order of application; ``factors`` as they stand in the command."""
        return right

    def mac_key_after_refusal(self, before: bytes | None) -> bytes | None:
        """The key that is delivered after a refused 80 1A."""
        return None

    def mac_key_after_reset(self, before: bytes | None) -> bytes | None:
        """The key that is delivered after a warm reset."""
        return None

    def mac_key_after_select(self, before: bytes | None) -> bytes | None:
        """The key that is delivered after a DF was selected."""
        return None

    def mac_key_to_use(self, key: bytes | None) -> bytes | None:
        """The key of a computation; None where none was delivered."""
        return key

    def mac_key_after_use(self, key: bytes) -> bytes | None:
        """The key that is delivered after a computation."""
        return None

    def accepts_mac_data(self, length: int, right: bool) -> bool:
        """Whether so many bytes are an initial value and whole blocks."""
        return right

    def mac_data(self, right: bytes) -> bytes:
        """Initial value and blocks as they are used."""
        return right

    def final_cipher(self, right: str) -> str:
        """How the last block of a MAC is enciphered: 3des or des."""
        return right

    def transport_mac(self, right: bytes) -> bytes:
        """The MAC as it is answered."""
        return right

    def transport_root(self, version: int, roots: Mapping[int, bytes]) -> bytes | None:
        """The root of the purchase key in this version, of ``roots`` by version; None where there is none."""
        return roots.get(version)

    def accepts_transport_length(self, command: str, length: int, right: bool) -> bool:
        """Whether Lc is that of the command."""
        return right

    def transport_sequence(self, stored: int, following: int) -> tuple[int, int]:
        """The terminal sequence that is answered, and the one that is kept from now on."""
        return following, following

    def transport_sequence_after_reset(self, stored: int) -> int:
        """The terminal sequence that is kept after a reset."""
        return stored

    def transport_inputs(self, gives: str, right: bytes) -> bytes:
        """What a session key, mac1 or mac2 is made of."""
        return right

    def accepts_transport_mac2(self, given: bytes, right: bytes) -> bool:
        """Whether the card's MAC2 is accepted."""
        # In constant time: how long the answer takes says nothing of the MAC.
        return compare_digest(given, right)

    def transport_to_complete(self, purchase: Purchase | None) -> Purchase | None:
        """The purchase that 80 72 completes; None where there is none."""
        return purchase

    def transport_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        """The purchase that can be completed after a completion was tried."""
        return None

    def transport_after_init(self, before: Purchase | None, made: Purchase | None) -> Purchase | None:
        """The purchase that can be completed after an initialisation; ``made``: what it began, None where refused."""
        return made

    def transport_after_reset(self, before: Purchase | None) -> Purchase | None:
        """The purchase that can be completed after a warm reset."""
        return None

    def breaks_transport(self, command: str) -> bool:
        """Whether a command ends a purchase that was initialised."""
        return command not in _KEEP
