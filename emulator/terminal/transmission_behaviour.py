"""Decisions about single commands that real terminals get wrong; as they stand they are right."""


class TransmissionBehaviour:
    """Answers of card and PSAM over T=0."""

    def repeats_with_le(self) -> bool:
        """Whether a command that was answered 6Cxx is sent again with that Le."""
        return True

    def fetches(self, had: int) -> bool:
        """Whether data that wait behind 61xx are fetched; ``had``: bytes that came before."""
        return True

    def refusal_ends(self, slot: str, ins: int, sw: int) -> bool:
        """Whether the refusal of a command that must succeed ends the function."""
        return True

    def takes_atr(self, right: bool) -> bool:
        """Whether an answer to reset is taken; ``right``: whether it begins as one does."""
        return right

    def authentications(self, sw: int) -> int:
        """How often an external authentication is sent again after ``sw``."""
        return 0
