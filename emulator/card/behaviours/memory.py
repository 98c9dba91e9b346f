"""Writing to the persistent memory."""

from collections.abc import Sequence
from typing import TypeVar

W = TypeVar("W")


class MemoryBehaviour:
    """The journal."""

    def journals(self, writes: int) -> bool:
        """Whether a change of so many cells goes through the journal; without it they are written one by one."""
        return True

    def carried_out(self, journal: Sequence[W]) -> Sequence[W]:
        """What is written of a whole journal, in order."""
        return journal

    def recovers(self, *, whole: bool) -> bool:
        """Whether a journal found with the supply back is carried out: a whole one only."""
        return whole
