"""Writing to the persistent memory."""

from collections.abc import Sequence
from typing import Any, TypeVar

W = TypeVar("W")


class MemoryBehaviour:
    """The journal."""

    def journals(self, writes: int) -> bool:
        """Whether a change of so many cells goes through the journal; without it they are written one by one."""
        return True

    def carried_out(self, journal: Sequence[W]) -> Sequence[W]:
        """What is written of a whole journal, in order."""
        return journal

    def pages(self, old: Any, new: Any) -> Sequence[Any]:
        """The values that a cell takes one after the other, a step each, when it is written: the new one at once."""
        return (new,)

    def recovers(self, *, whole: bool) -> bool:
        """Whether a journal found with the supply back is carried out: a whole one only."""
        return whole
