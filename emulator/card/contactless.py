"""The card in the field: complete answers instead of those of T=0 (ISO/IEC 14443-4 carries whole APDUs)."""

from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from onecard.spec.card import CardSpec

GET_RESPONSE = "GET-RESPONSE"
HEADER = 4
WHOLE = 256
STATUS = 2
MOST_PARTS = 16
Process = Callable[[bytes], bytes | None]


class Field:
    """Makes complete answers of what ``process`` answers over T=0: it fetches 61xx and repeats 6Cxx by itself."""

    __slots__ = ("_behaviour", "_more", "_process", "_response", "_wrong")

    def __init__(self, spec: CardSpec, process: Process, behaviour: CardBehaviour) -> None:
        command = spec.command(GET_RESPONSE)
        self._process = process
        self._behaviour = behaviour
        self._more = spec.t0.more_data
        self._wrong = spec.t0.wrong_le
        self._response = bytes((command.cla, command.ins, 0, 0))

    def process(self, apdu: bytes) -> bytes | None:
        """Answer one command APDU: data as far as Le asks for them, and the status word; None is silence."""
        command, expected = _split(apdu)
        raw = self._process(command)
        if raw is None or not self._behaviour.completes(raw):
            return raw
        data = b""
        for _ in range(MOST_PARTS):
            if raw is None or raw[-STATUS] not in (self._more, self._wrong):
                break
            data += raw[:-STATUS]
            repeated = self._response if raw[-STATUS] == self._more else command[:HEADER]
            raw = self._process(repeated + raw[-1:])
        return None if raw is None else (data + raw[:-STATUS])[:expected] + raw[-STATUS:]


def _split(apdu: bytes) -> tuple[bytes, int]:
    """The command as T=0 carries it (case 4 without Le), and how many bytes are expected at most."""
    if len(apdu) == HEADER + 1:
        return apdu, apdu[HEADER] or WHOLE
    behind = HEADER + 1 + apdu[HEADER] if len(apdu) > HEADER else len(apdu)
    if len(apdu) == behind + 1:
        return apdu[:-1], apdu[-1] or WHOLE
    return apdu, WHOLE
