"""Columns of a terminal: East Asian wide characters take two."""

import unicodedata


def width(text: str) -> int:
    """How many columns ``text`` takes."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def padded(text: str, columns: int) -> str:
    """``text`` with spaces up to ``columns``; longer text as it is."""
    return text + " " * max(0, columns - width(text))
