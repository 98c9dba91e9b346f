"""Framing of the virtual reader seen from the tester, sans-IO: 2-byte big-endian length, then that many bytes.

The emulator has its own implementation of the same framing; the two share no code.
"""

LONGEST = 65535


def encode(message: bytes) -> bytes:
    """``message`` as one frame; raises ValueError above 65535 bytes."""
    if len(message) > LONGEST:
        raise ValueError(f"{len(message)} bytes are more than one frame holds ({LONGEST})")
    return b"%c%c%b" % (len(message) >> 8, len(message) & 0xFF, message)


class FrameReader:
    """Collects one frame at a time from a stream that may be cut anywhere."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what the stream delivered."""
        self._buffer += data

    def take(self) -> bytes | None:
        """The first complete frame without its length, removed from the buffer; None while incomplete."""
        if len(self._buffer) < 2:
            return None
        end = 2 + int.from_bytes(self._buffer[:2], "big")
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[2:end])
        del self._buffer[:end]
        return message

    @property
    def pending(self) -> int:
        """How many bytes wait in the buffer."""
        return len(self._buffer)
