"""What a case sees of a target that answers command APDUs: a card, a PSAM."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from onecard.harness.subject import Subject
from onecard.harness.verdict import Check, PreambleFailed
from onecard.spec.card import T0, Status
from onecard.spec.text import Text

HEADER = 5
"""CLA, INS, P1, P2 and P3 of a command."""


@dataclass(frozen=True)
class Response:
    """An answer: data, status word, the command that was sent, and the number of its event."""

    subject: "ApduSubject"
    command: bytes
    data: bytes
    sw: int
    event: int

    @property
    def judged(self) -> bytes:
        """What a check looks at: data and status word."""
        return self.data + self.sw.to_bytes(2, "big")

    @property
    def is_ok(self) -> bool:
        """Status 9000."""
        return self.subject.success.matches(self.sw)

    def shown(self) -> str:
        """Short form for a check: the status word and how many bytes came with it."""
        return f"{self.sw:04X}" if not self.data else f"{len(self.data)} bytes, {self.sw:04X}"


class ApduSubject(Subject):
    """A target behind APDUs. Each kind says which status is success and how T=0 announces data."""

    loss_ends_run: ClassVar[bool] = True

    @property
    @abstractmethod
    def success(self) -> Status:
        """The status word of success."""

    @property
    @abstractmethod
    def t0(self) -> T0:
        """How T=0 announces data and a wrong Le."""

    @property
    @abstractmethod
    def historical_length(self) -> int:
        """How many historical bytes the ATR ends in."""

    def get_response(self, length: int) -> bytes:
        """The GET RESPONSE command for ``length`` bytes (ISO/IEC 7816-4)."""
        return bytes((0x00, 0xC0, 0x00, 0x00, length))

    @property
    def raw_t0(self) -> bool:
        """Whether the reader shows T=0 status bytes."""
        return self._sample.raw_t0

    @property
    def historical(self) -> bytes:
        """The historical bytes of the last answer to reset."""
        return self._sample.historical

    def power_on(self) -> bytes:
        """Cold reset; the ATR."""
        return self._reset("cold")

    def reset(self) -> bytes:
        """Warm reset; the ATR."""
        return self._reset("warm")

    def power_on_contactless(self) -> bytes:
        """Take the card off its contacts and into the field; the ATS."""
        return self._wire.reset("contactless")

    def transmit_and_cut(self, command: bytes, step: int) -> Response | None:
        """Send a command and cut the supply before the card's persistent step ``step`` (from 1); None where it was
        cut, and the card is then without supply.
        """
        raw, event = self._wire.transmit_and_cut(command, step)
        self.last_event, self.last_answer = event, raw or b""
        return None if raw is None else Response(self, command, raw[:-2], int.from_bytes(raw[-2:], "big"), event)

    def _reset(self, kind: str) -> bytes:
        atr = self._wire.reset(kind)
        self._sample.saw_atr(atr, self.historical_length)
        return atr

    def noted(self, secret: str, response: Response) -> None:
        """Remember that the target refused a right PIN or key: the tester tries such a one once only."""
        if response.sw & 0xFFF0 == 0x63C0 or response.sw == 0x6983:
            self._sample.refused.add(secret)

    def was_refused(self, secret: str) -> bool:
        """Whether the target refused this right PIN or key before, in this run or before a resume."""
        return secret in self._sample.refused

    def transmit(self, command: bytes) -> Response:
        """One raw exchange."""
        raw, event = self._wire.transmit(command)
        self.last_event, self.last_answer = event, raw
        if len(raw) < 2:
            check = Check(
                event, self.default_requirement, "response", "at least a status word", raw.hex(), False, "data", raw
            )
            self.record(check)
        return Response(self, command, raw[:-2], int.from_bytes(raw[-2:], "big"), event)

    def send(self, command: bytes) -> Response:
        """As a terminal sends: 6Cxx is repeated once with that Le, data announced by 61xx is fetched."""
        response = self.transmit(command)
        t0 = self.t0
        if response.sw >> 8 == t0.wrong_le and len(command) == 5:
            response = self.transmit(command[:4] + bytes((response.sw & 0xFF,)))
        data = response.data
        for _ in range(16):
            if response.sw >> 8 != t0.more_data:
                break
            response = self.transmit(self.get_response(response.sw & 0xFF))
            data += response.data
        return Response(self, command, data, response.sw, response.event)

    def preamble(self, response: Response, step: Text, length: int | None = None) -> Response:
        """A step before the tested one: a target that does not do it is judged by that step's own cases.

        ``length``: bytes that must come with success, where the case computes with them.
        """
        ok = response.is_ok and length in (None, len(response.data))
        self._wire.check(
            Check(
                response.event,
                None,
                f"preamble: {step.en}",
                "9000" if length is None else f"{length} bytes, 9000",
                response.shown(),
                ok,
                "sw" if length is None else "data",
                response.judged,
            )
        )
        if not ok:
            # The header alone: what follows may be a PIN.
            header = response.command[:HEADER].hex(" ").upper() + " …" * (len(response.command) > HEADER)
            raise PreambleFailed(
                zh=f"前置步骤“{step.zh}”未成功：{header} → {response.shown()}",
                en=f"the step before the tested one did not work: {step.en}: {header} -> {response.shown()}",
            )
        return response
