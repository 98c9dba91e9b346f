"""Framing of the virtual reader (vsmartcard-vpcd), sans-IO: 2-byte big-endian length, then that many bytes.

Source: the protocol of the virtual reader as its driver speaks it (basis: field, 1 program); also used by ``--tcp``.
"""

from collections.abc import Sequence

LENGTH_BYTES = 2
MAXIMUM_LENGTH = 0xFFFF


def frame(message: bytes) -> bytes:
    """``message`` with its length in front; raises ValueError above 65535 bytes."""
    if len(message) > MAXIMUM_LENGTH:
        raise ValueError(f"a message of {len(message)} bytes does not fit a 2-byte length")
    return len(message).to_bytes(LENGTH_BYTES, "big") + message


class Deframer:
    """Cuts a byte stream into messages. Any split of the stream gives the same messages."""

    __slots__ = ("_pending",)

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> Sequence[bytes]:
        """Take what the stream delivered; return the messages that are now complete, in order."""
        stream = self._pending + data if self._pending else data
        # A command nearly always arrives whole and alone: no list, no second copy.
        if len(stream) >= LENGTH_BYTES and len(stream) == LENGTH_BYTES + (stream[0] << 8 | stream[1]):
            self._pending = b""
            return (stream[LENGTH_BYTES:],)
        messages: list[bytes] = []
        start = 0
        while len(stream) - start >= LENGTH_BYTES:
            end = start + LENGTH_BYTES + (stream[start] << 8 | stream[start + 1])
            if end > len(stream):
                break
            messages.append(stream[start + LENGTH_BYTES : end])
            start = end
        self._pending = stream[start:]
        return messages
