"""One connection of a reader to a card, sans-IO: messages of the virtual reader in, framed answers out."""

from collections.abc import Callable
from enum import Enum

from emulator.transport.base import LinkEvent, SmartCard
from emulator.transport.framing import frame

PowerObserver = Callable[[LinkEvent, str], None]


class _Power(Enum):
    """UNKNOWN until the reader has said something about it on this connection."""

    UNKNOWN = "unknown"
    ON = "on"
    OFF = "off"


class CardSession:
    """Drives ``card`` by the reader's messages and keeps what the reader may ask at any time: the ATR.

    A one-byte message is always control: 00 power off, 01 power on, 02 reset, 04 send the ATR. Anything longer is a
    command. ``observer`` hears of every change of power.
    """

    __slots__ = ("_atr", "_card", "_control", "_observer", "_power")

    def __init__(self, card: SmartCard, observer: PowerObserver) -> None:
        self._card = card
        self._observer = observer
        self._atr: bytes | None = None
        self._power = _Power.UNKNOWN
        self._control: dict[bytes, Callable[[], bytes | None]] = {
            b"\x00": self.power_off,
            b"\x01": self._power_on,
            b"\x02": self._reset,
            b"\x04": self._send_atr,
        }

    def answer(self, message: bytes) -> bytes | None:
        """The framed answer to ``message``, or None when nothing is to be sent."""
        if len(message) > 1:
            if self._power is _Power.OFF:
                return None  # a card without supply cannot answer
            # A card put in faster than the service looks at its slot is never told to power on: the reader holds
            # it for the card that was there before, and silence would block every reader of the service.
            if self._power is _Power.UNKNOWN:
                self._power_on()
            response = self._card.process(message)
            return None if response is None else frame(response)
        # The reader's driver ignores what it does not know; so do we (an empty message, another control byte).
        action = self._control.get(message)
        return None if action is None else action()

    def power_off(self) -> None:
        """Take the supply away; also called when the reader goes away."""
        if self._power is _Power.ON:
            self._card.power_off()
            self._observer(LinkEvent.POWERED_OFF, "")
        self._power = _Power.OFF

    def _power_on(self) -> None:
        self._atr = self._card.power_on()
        self._power = _Power.ON
        self._observer(LinkEvent.POWERED_ON, self._atr.hex().upper())

    def _reset(self) -> None:
        if self._power is not _Power.ON:
            self._power_on()
            return
        self._atr = self._card.reset()
        self._observer(LinkEvent.RESET, self._atr.hex().upper())

    def _send_atr(self) -> bytes:
        # The driver asks for the ATR to see whether a card is present, also before power: learn it without leaving
        # the card powered.
        if self._atr is None:
            self._atr = self._card.power_on()
            self._card.power_off()
        return frame(self._atr)
