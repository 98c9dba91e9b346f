"""All that the terminal sees of the world: slots with cards, a keypad and a clock. Who runs the terminal brings it."""

from typing import Protocol


class SlotEmpty(Exception):
    """There is no card in the slot."""


class ReaderGone(Exception):
    """The reader is not connected."""


class CardGone(Exception):
    """The card was pulled, or does not answer any more."""


class NoPin(Exception):
    """The user entered no PIN; ``reason``: cancelled, timeout, or anything else where there is no keypad."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Keypad(Protocol):
    """Where the user enters a PIN."""

    def pin(self, prompt: str) -> str:
        """What is entered: digits, or other keys of the keypad. Raises NoPin.

        ``prompt``: ``enter`` (the PIN of the card), ``new`` (another one) or ``again`` (that one once more).
        """


class Access(Keypad, Protocol):
    """Slots ``card`` (contact), ``contactless`` and ``psam``. Bytes as on T=0: 61xx and 6Cxx stand as they are."""

    def power_on(self, slot: str) -> bytes:
        """Cold reset; the answer to reset. Raises SlotEmpty, ReaderGone."""

    def transmit(self, slot: str, apdu: bytes) -> bytes:
        """One command; data and the two status bytes. Raises CardGone, ReaderGone."""

    def release(self) -> None:
        """Let go of every slot: other programs may use the reader. Never raises."""

    def today(self) -> str:
        """The date, CCYYMMDD."""
