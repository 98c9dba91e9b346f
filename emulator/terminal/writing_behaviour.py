"""Decisions about writing items by file address; one small method each, right as they stand."""

from collections.abc import Sequence

Values = Sequence[Sequence[str]]
"""The values for each file of an address, in the order of its tags."""


class WritingBehaviour:
    """iWriteCard."""

    def write_data(self, text: str, right: Values | None) -> Values | None:
        """The values of pWriteData; None refuses it."""
        return right

    def authenticates_before_writing(self) -> bool:
        """Whether a card must be genuine before it is written."""
        return True

    def write_info_fits(self, right: bool) -> bool:
        """Whether pCardInfo is that of the card that is to be written."""
        return right

    def opens_for_writing(self, key: str) -> str | None:
        """The key that is proved before an item is written; None for none."""
        return key

    def value_to_write(self, tag: int, text: str, right: bytes | None, length: int) -> bytes | None:
        """The bytes of an item of ``length`` bytes; None where ``text`` does not fit it, which refuses the call."""
        return right

    def codes_all_before_writing(self) -> bool:
        """Whether every value is coded before the first one is written."""
        return True

    def marks_writing(self) -> int | None:
        """The tag of a further item that is written over with itself; None for none."""
        return None

    def looks_at_update_answer(self) -> bool:
        """Whether the status word of an update is looked at."""
        return True
