"""CHANGE PIN, PIN CHANGE/UNBLOCK, secure messaging and the block commands."""

from emulator.card.state import SecurityState


class PinMaintenanceBehaviour:
    """CHANGE PIN and PIN CHANGE/UNBLOCK."""

    def parts_of_change(self, data: bytes, right: tuple[bytes, bytes] | None) -> tuple[bytes, bytes] | None:
        """Old and new PIN of CHANGE PIN; None for data that are not both."""
        return right

    def old_pin_matches(self, stored: bytes | None, given: bytes) -> bool:
        """Whether the old PIN of CHANGE PIN is right; an empty one is where no PIN is set."""
        return (stored or b"") == given

    def accepts_new_pin(self, command: str, pin: bytes, right: bool) -> bool:
        """Whether a new PIN may be set; ``right``: it is empty, or BCD of an allowed number of digits."""
        return right

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        """The PIN after a change or reload; None: no PIN is set."""
        return new

    def pin_after_refusal(self, command: str, condition: str, old: bytes | None, new: bytes | None) -> bytes | None:
        """The PIN after a refused change or reload."""
        return old

    def tries_after_maintenance(self, command: str, tries: int, limit: int) -> int:
        """The PIN's counter after a change, an unblocking or a reload: the maximum."""
        return limit

    def pin_after_unblock(self, old: bytes | None) -> bytes | None:
        """The PIN after an unblocking, which resets the counter only."""
        return old

    def security_after_new_pin(self, state: SecurityState) -> SecurityState:
        """What stays proved after another PIN was set: the old one's verification does not (profile)."""
        return state.with_pin(False)

    def key_tries_after_bad_mac(self, key: str, tries: int) -> int:
        """Tries left of the unblock key after an unblocking with a wrong MAC (2011 draft, part 7)."""
        return max(tries - 1, 0)


class MessagingBehaviour:
    """The MAC of secured commands, and who may send them."""

    def right_shown(self, command: str, right: bool) -> bool:
        """Whether an authenticated key opens the command."""
        return right

    def challenge_for_mac(self, state: SecurityState) -> bytes | None:
        """The challenge that makes the session key; None when there is none."""
        return state.challenge

    def security_after_mac(self, state: SecurityState) -> SecurityState:
        """The challenge served, whatever the MAC's outcome."""
        return state.with_challenge(None)

    def maintenance_key(self, right: str) -> str:
        """Name of the key that secures the command."""
        return right

    def mac_input(self, command: str, right: bytes) -> bytes:
        """What the MAC is computed over."""
        return right

    def command_mac(self, command: str, right: bytes) -> bytes:
        """The MAC expected."""
        return right

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        """Whether the MAC of a command is right."""
        return computed == given

    def deciphered(self, right: bytes | None) -> bytes | None:
        """The plain text of enciphered data; None for data that are not enciphered by the rule."""
        return right

    def writes_secured(self, command: str) -> bool:
        """Whether an update with secure messaging is carried out; without, it is answered only."""
        return True


class BlockingBehaviour:
    """Blocked applications and blocked cards."""

    def blocks(self, command: str) -> bool:
        """Whether a block command that was accepted takes effect."""
        return True

    def scope_of_block(self, right: tuple[str, ...]) -> tuple[str, ...]:
        """The applications that APPLICATION BLOCK ends: the current one, and with it those below."""
        return right

    def application_stopped(self, command: str, right: bool) -> bool:
        """Whether ``command`` (SELECT among them) is answered with the status of a blocked application."""
        return right

    def card_stopped(self, command: str, right: bool) -> bool:
        """Whether ``command`` is answered with the status of a blocked card."""
        return right

    def blocks_after_power_off(self, blocked: tuple[str, ...]) -> tuple[str, ...]:
        """The blocked applications after the supply was off."""
        return blocked

    def card_blocked_after_power_off(self, blocked: bool) -> bool:
        """Whether the card is still blocked after the supply was off."""
        return blocked
