"""Decisions about iAuthType of iReadCard; one small method each, right as they stand."""


class AuthTypeBehaviour:
    """Reading by PIN or by key."""

    def auth_type(self, number: object, right: str | None) -> str | None:
        """What is proved for an iAuthType, ``pin`` or ``key``; None refuses it."""
        return right

    def pin_serves_for_proof(self) -> bool:
        """Whether a card that is read by PIN need not be genuine."""
        return False

    def reads_after_refused_pin(self) -> bool:
        """Whether data are given though no PIN was accepted."""
        return False
