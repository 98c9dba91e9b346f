"""What a card forgets when its supply goes: where it stands in its files, and what was proved to it."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Position:
    """The current application (its id, or ``MF`` for a master file that is no application), EF and record.

    ``file`` is the id of the current EF or None; ``record`` the index (from 0) of the current record or None.
    """

    application: str
    file: str | None = None
    record: int | None = None


@dataclass(frozen=True, slots=True)
class SecurityState:
    """Names of the keys authenticated, whether the PIN was verified, and the challenge that waits to be used."""

    keys: frozenset[str] = frozenset()
    pin: bool = False
    challenge: bytes | None = None

    def with_key(self, key: str) -> "SecurityState":
        """The state after ``key`` was proved."""
        return replace(self, keys=self.keys | {key})

    def without_key(self, key: str) -> "SecurityState":
        """The state without the right of ``key``."""
        return replace(self, keys=self.keys - {key})

    def without_keys(self) -> "SecurityState":
        """The state without the right of any key."""
        return replace(self, keys=frozenset())

    def with_pin(self, verified: bool) -> "SecurityState":
        """The state with the PIN verified or not."""
        return replace(self, pin=verified)

    def with_challenge(self, challenge: bytes | None) -> "SecurityState":
        """The state with another challenge waiting, or none."""
        return replace(self, challenge=challenge)
