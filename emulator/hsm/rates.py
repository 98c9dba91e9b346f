"""How many requests an institution had served within the last minute. Basis: profile."""

from collections import deque
from collections.abc import Callable

MINUTE = 60_000
"""Milliseconds for which a limit holds."""
_SECOND = 1000


class Rates:
    """Counts what was served, by institution, in a window that moves. ``now``: whole milliseconds, never going
    back.

    What is remembered is bounded by the limits: of each institution no more moments than it may have requests.
    """

    def __init__(self, now: Callable[[], int]) -> None:
        self._now = now
        self._served: dict[str, deque[int]] = {}

    def served(self, caller: str) -> int:
        """Requests of ``caller`` within the last minute."""
        moments = self._served.setdefault(caller, deque())
        before = self._now() - MINUTE
        while moments and moments[0] <= before:
            moments.popleft()
        return len(moments)

    def count(self, caller: str) -> None:
        """One more was served now."""
        self._served.setdefault(caller, deque()).append(self._now())

    def seconds_left(self, caller: str) -> int:
        """Whole seconds until the oldest counted request is a minute ago; at least 1."""
        moments = self._served.get(caller)
        left = moments[0] + MINUTE - self._now() if moments else 0
        return max(1, -(-left // _SECOND))

    def reset(self) -> None:
        """Forget everything."""
        self._served.clear()
