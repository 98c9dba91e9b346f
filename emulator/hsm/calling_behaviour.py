"""Decisions about callers: rights, channels, rates, frames; one small method each."""


class CallingBehaviour:
    """Who may ask for what, and how often."""

    def grants(self, right_to: str, granted: bool) -> bool:
        """Whether a caller has a right to a ``service``, an ``address`` or a ``region``."""
        return granted

    def accepts_channel(self, named: str, known: bool) -> bool:
        """Whether a caller may use the channel that it names (empty: it names none)."""
        return known

    def narrows(self, granted: bool) -> bool:
        """Whether the rights of the channel allow what those of the institution do."""
        return granted

    def within_rate(self, served: int, limit: int) -> bool:
        """Whether one more is served after ``served`` requests within a minute."""
        return served < limit

    def retry_after(self, seconds: int) -> int | None:
        """After how many seconds a refused caller is told to come again."""
        return seconds


class FrameBehaviour:
    """Frames of the TCP interface."""

    def accepts_frame(self, length: int, longest: int) -> bool:
        """Whether a frame of ``length`` bytes is read."""
        return length <= longest

    def waits_for_rest(self) -> bool:
        """Whether the rest of a frame that arrived in part is waited for."""
        return True

    def serves_another(self, served: int) -> bool:
        """Whether a connection serves one more request after ``served`` of them."""
        return True
