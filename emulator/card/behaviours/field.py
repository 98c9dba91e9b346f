"""Decisions of the contactless side."""

from emulator.card.state import SecurityState
from onecard.spec.card import CardSpec


class FieldBehaviour:
    """Activation, complete answers, and what the field may do."""

    def ats(self, right: bytes) -> bytes:
        """The answer to activation."""
        return right

    def completes(self, answer: bytes) -> bool:
        """Whether an answer of T=0 (61xx, 6Cxx) is made complete in the field."""
        return True

    def card_in_field(self, contact: CardSpec, right: CardSpec) -> CardSpec:
        """The rules by which the card works in the field; ``contact`` are those of the contacts."""
        return right

    def security_in_field(self, contact: SecurityState) -> SecurityState:
        """What counts as proved when the card comes into the field; ``contact`` is what was over the contacts."""
        return SecurityState()
