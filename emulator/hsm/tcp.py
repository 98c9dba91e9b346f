"""The encryptor over TCP, without a socket: bytes in, bytes out. Frames as the data say; basis: profile.

The object in a frame has the members of the HTTP body, and those headers that say who asks.
"""

import json
from collections.abc import Mapping

from emulator.hsm.desk import Answer, Call, Desk, object_of
from emulator.service import CONTROL_HEADER, CONTROL_PATH, Control, ServiceError

PATH = "path"
"""Member of a frame for the control interface for tests, and for nothing else."""
_VIA = "tcp"
_DONE = 200


class Conversation:
    """One connection. ``ended``: nothing more is read from it, and it is to be closed.

    ``control``: the control interface for tests, where it is open.
    """

    def __init__(self, desk: Desk, control: Control | None = None) -> None:
        self._desk = desk
        self._frame = desk.spec.frame
        self._behaviour = desk.behaviour
        self._control = control
        self._buffer = bytearray()
        self._served = 0
        self.ended = False

    def feed(self, data: bytes) -> bytes:
        """Take what the stream delivered; returns the frames that answer it, in order."""
        if self.ended:
            return b""
        self._buffer += data
        answers = bytearray()
        while not self.ended and (content := self._next()) is not None:
            answers += self._framed(self._answer(content))
            self._served += 1
            if not self._behaviour.serves_another(self._served):
                self.ended = True
        return bytes(answers)

    def _next(self) -> bytes | None:
        """The content of the next frame, what is left of one that is too long; None while it is not whole."""
        head = self._frame.length_bytes
        if len(self._buffer) < head:
            return None
        length = int.from_bytes(self._buffer[:head], "big")
        if not self._behaviour.accepts_frame(length, self._frame.longest):
            # What follows is neither read nor kept: where the next frame begins is not known any more.
            self.ended = True
            self._buffer.clear()
            return b""
        if len(self._buffer) < head + length and self._behaviour.waits_for_rest():
            return None
        content = bytes(self._buffer[head : head + length])
        del self._buffer[: head + length]
        return content

    def _answer(self, content: bytes) -> Answer:
        if self.ended:
            return self._desk.unreadable("TOO-LONG", _VIA, 0)
        found = object_of(content)
        if found is None:
            return self._desk.unreadable("BAD-REQUEST", _VIA, len(content))
        if self._control is not None and PATH in found:
            return self._controlled(self._control, found)
        spec = self._desk.spec
        channel = spec.channel_header
        return self._desk.take(
            Call(
                id=_text(found, spec.transport.id_header),
                key=_text(found, spec.transport.key_header),
                channel="" if channel is None else _text(found, channel),
                object=found,
                size=len(content),
                via=_VIA,
            )
        )

    def _controlled(self, control: Control, found: Mapping[str, object]) -> Answer:
        action = _text(found, PATH).removeprefix(CONTROL_PATH + "/")
        try:
            return Answer(_DONE, control(action, _text(found, CONTROL_HEADER), found))
        except ServiceError as error:
            return Answer(error.status, error.body)

    def _framed(self, answer: Answer) -> bytes:
        told = {self._frame.status: answer.status, **answer.body, **answer.headers}
        content = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        return len(content).to_bytes(self._frame.length_bytes, "big") + content


def _text(found: Mapping[str, object], name: str) -> str:
    value = found.get(name)
    return value if isinstance(value, str) else ""
