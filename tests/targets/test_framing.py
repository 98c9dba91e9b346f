"""The framing of the virtual reader: two implementations, one stream."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulator.transport import framing as emulated
from onecard.targets import framing

MESSAGES = st.lists(st.binary(max_size=300), max_size=6)


def _cut(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    return [stream[start:end] for start, end in pairwise(places)]


@given(MESSAGES, st.lists(st.integers(min_value=0, max_value=3000), max_size=8))
def test_any_cut_of_the_stream_gives_the_same_messages(messages: list[bytes], cuts: list[int]) -> None:
    pieces = _cut(b"".join(emulated.frame(message) for message in messages), cuts)
    deframer, reader = emulated.Deframer(), framing.FrameReader()
    by_emulator: list[bytes] = []
    by_tester: list[bytes] = []
    for piece in pieces:
        by_emulator += deframer.feed(piece)
        reader.feed(piece)
        while (message := reader.take()) is not None:
            by_tester.append(message)
    assert by_emulator == messages
    assert by_tester == messages
    assert reader.pending == 0


@given(st.binary(max_size=70))
def test_both_implementations_frame_alike(message: bytes) -> None:
    assert framing.encode(message) == emulated.frame(message) == len(message).to_bytes(2, "big") + message


def test_length_is_two_bytes_big_endian() -> None:
    assert framing.encode(b"\xaa" * 0x0102)[:2] == b"\x01\x02"
    assert len(framing.encode(bytes(65535))) == len(emulated.frame(bytes(65535))) == 65537


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="65536"):
        framing.encode(bytes(65536))
    with pytest.raises(ValueError, match="65536"):
        emulated.frame(bytes(65536))
