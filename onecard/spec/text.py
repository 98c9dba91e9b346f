"""Text in the two languages of the product."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """A statement in Chinese (``zh``) and English (``en``); both are always present."""

    zh: str
    en: str

    def in_(self, language: Language) -> str:
        """The statement in ``language``."""
        return self.zh if language == "zh" else self.en

    def __str__(self) -> str:
        return self.en
