"""The persistent memory of a card: every change goes through a journal, so that a cut supply leaves the old or the new.

A change of several cells is first written to the journal, entry by entry, then the journal is declared whole, then the
cells are written, then the journal is cleared. Power may go before any of these steps. With the next supply a whole
journal is carried out again and an unfinished one forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from emulator.card.behaviours.memory import MemoryBehaviour
from emulator.card.image import CardImage


class PowerCut(Exception):
    """The supply went before a step of writing."""


class Cell(Protocol):
    """A place in the image. ``atomic``: one step writes it whole (a counter); alone it needs no journal."""

    atomic: ClassVar[bool]

    def get(self, image: CardImage) -> Any:
        """What stands there."""

    def set(self, image: CardImage, value: Any) -> None:
        """Write it."""


Write = tuple[Cell, Any]


class Memory:
    """Writes to one image. ``changed``: whether anything was written since it was last looked at."""

    __slots__ = ("_behaviour", "_cut", "changed", "image", "steps")

    def __init__(self, image: CardImage, behaviour: MemoryBehaviour) -> None:
        self.image = image
        self.changed = False
        self.steps = 0
        self._behaviour = behaviour
        self._cut = 0

    def cut_before(self, step: int) -> None:
        """Cut the supply before persistent step ``step`` (from 1) from now on; 0 never. Steps are counted anew."""
        self._cut = step
        self.steps = 0

    def put(self, *writes: Write) -> None:
        """Write all cells or none; a value that stands there already is not written. Raises PowerCut where armed."""
        wanted = [write for write in writes if write[0].get(self.image) != write[1]]
        if not wanted:
            return
        self.changed = True
        if (len(wanted) == 1 and wanted[0][0].atomic) or not self._behaviour.journals(len(wanted)):
            self._carry_out(wanted)
            return
        image = self.image
        for write in wanted:
            self._step()
            image.journal.append(write)
        self._step()
        image.journal_whole = True
        self._carry_out(self._behaviour.carried_out(image.journal))
        self._clear()

    def recover(self) -> None:
        """With the supply back: carry out a whole journal, forget an unfinished one."""
        image = self.image
        if not image.journal:
            return
        self.changed = True
        if self._behaviour.recovers(whole=image.journal_whole):
            self._carry_out(image.journal)
        self._clear()

    def _carry_out(self, writes: Sequence[Write]) -> None:
        for cell, value in list(writes):
            for page in self._behaviour.pages(cell.get(self.image), value):
                self._step()
                cell.set(self.image, page)

    def _clear(self) -> None:
        self._step()
        self.image.journal_whole = False
        self.image.journal.clear()

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._cut:
            self._cut = 0
            raise PowerCut


@dataclass(frozen=True, slots=True)
class KeyTries:
    """Tries left of a key."""

    key: str
    atomic: ClassVar[bool] = True

    def get(self, image: CardImage) -> int:
        """Tries left."""
        return image.key_tries[self.key]

    def set(self, image: CardImage, value: int) -> None:
        """Set them."""
        image.key_tries[self.key] = value


@dataclass(frozen=True, slots=True)
class PinTries:
    """Tries left of the PIN."""

    atomic: ClassVar[bool] = True

    def get(self, image: CardImage) -> int:
        """Tries left."""
        return image.pin_tries

    def set(self, image: CardImage, value: int) -> None:
        """Set them."""
        image.pin_tries = value


@dataclass(frozen=True, slots=True)
class Pin:
    """The PIN, or None."""

    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes | None:
        """As VERIFY sends it."""
        return image.pin

    def set(self, image: CardImage, value: bytes | None) -> None:
        """Set another one, or none."""
        image.pin = value


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a linear file; ``index`` (from 0) one beyond the last appends."""

    file: str
    index: int
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes | None:
        """The record, None where there is none yet."""
        records = image.linear(self.file).records
        return records[self.index] if self.index < len(records) else None

    def set(self, image: CardImage, value: bytes) -> None:
        """Write it. Carrying out a journal again finds it written already."""
        image.linear(self.file).write(self.index, value)


@dataclass(frozen=True, slots=True)
class CyclicRecords:
    """All records of a cyclic file, newest first: appending moves them all, which the journal makes one change."""

    file: str
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> tuple[bytes, ...]:
        """The records."""
        return tuple(image.cyclic(self.file).records)

    def set(self, image: CardImage, value: tuple[bytes, ...]) -> None:
        """Write them."""
        image.cyclic(self.file).records[:] = value


@dataclass(frozen=True, slots=True)
class Octets:
    """``length`` bytes of a transparent file from ``offset``."""

    file: str
    offset: int
    length: int
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes:
        """The bytes."""
        return bytes(image.binary(self.file).data[self.offset : self.offset + self.length])

    def set(self, image: CardImage, value: bytes) -> None:
        """Write them."""
        image.binary(self.file).data[self.offset : self.offset + self.length] = value
