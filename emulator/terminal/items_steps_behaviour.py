"""Decisions about reading and writing items in steps with the encryptor; one small method each, right as they stand."""

from collections.abc import Mapping, Sequence

from onecard.spec.card import FileSpec

Files = Sequence[tuple[str, tuple[int, ...]]]
"""Files of an address with their tags."""
Updates = Sequence[tuple[FileSpec, int, bytes]]
"""File, tag and value of each item that is written."""


class ItemStepBehaviour:
    """iReadCard and iWriteCard by encryptor."""

    def item_step_info_fits(self, right: bool) -> bool:
        """Whether pCardInfo of step 1 is that of the card that lies there."""
        return right

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        """The fields of the result of step 1 by their source."""
        return right

    def asks_without_key(self) -> bool:
        """Whether step 1 gives a request with empty fields where no key is needed, and does not say so by a code."""
        return False

    def item_proof(self, text: str, right: str | None) -> str | None:
        """Authentication data and original data (32 hexadecimal digits) of pKey; None refuses it."""
        return right

    def item_step_may_follow(self, waiting: str | None, right: bool) -> bool:
        """Whether a step 2 may be done; ``waiting``: the one whose turn it is, None for none."""
        return right

    def item_step_ends(self) -> bool:
        """Whether step 2 ends what step 1 began."""
        return True

    def proves_item_key(self) -> bool:
        """Whether the key is proved before the items are read or written."""
        return True

    def looks_at_item_proof(self) -> bool:
        """Whether the card's answer to that proof is looked at."""
        return True

    def item_step_files(self, right: Files) -> Files:
        """The files and tags that step 2 reads."""
        return right

    def item_step_updates(self, right: Updates) -> Updates:
        """What step 2 writes."""
        return right

    def item_step_marks(self) -> bool:
        """Whether a mark is written on a card that was read in steps."""
        return False
