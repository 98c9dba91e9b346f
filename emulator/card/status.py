"""Status words as bytes."""

from onecard.spec.card import Status


def word(status: Status, number: int = 0) -> int:
    """The status word; ``number`` fills the ``x`` digits of one like ``63Cx``."""
    return status.base | (number & ~status.mask & 0xFFFF)


def octets(sw: int) -> bytes:
    """A status word as its two bytes."""
    return sw.to_bytes(2, "big")
