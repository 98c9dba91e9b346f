"""One small exception class per rule; each explains itself in both languages."""

from onecard.spec.text import Text


class OracleError(ValueError):
    """Something that breaks a rule of the oracle; ``text`` says which rule and what was found."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


class ComputationError(OracleError):
    """The operands of a computation do not fit its rule: an error of the caller, not of the card."""


class DecodeError(OracleError):
    """Bytes that break a coding rule. ``offset``: the first offending byte, from 0, in the bytes given."""

    def __init__(self, *, offset: int, zh: str, en: str) -> None:
        super().__init__(zh=f"偏移 {offset}：{zh}", en=f"offset {offset}: {en}")
        self.offset = offset


class EncodeError(OracleError):
    """A value that its coding cannot express."""
