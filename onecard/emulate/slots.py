"""The slots of a running reference terminal: real readers by PC/SC, or the synthetic cards in this process."""

import time
from collections.abc import Callable, Mapping

from emulator.terminal.access import CardGone, Keypad, NoPin, ReaderGone, SlotEmpty
from emulator.terminal.instrument import TerminalInstrument
from onecard.targets.base import CardRemoved, TargetAbsent, TargetError
from onecard.targets.pcsc import PcscTarget, SlotIsEmpty

Clock = Callable[[], str]


def system_date() -> str:
    """The system's date, CCYYMMDD."""
    return time.strftime("%Y%m%d")


class NoKeypad:
    """There is no keypad."""

    def pin(self, prompt: str) -> str:
        """Raises NoPin."""
        raise NoPin("absent")


NO_KEYPAD = NoKeypad()


class PcscSlots:
    """Each slot is a PC/SC reader, held exclusively from power-on until ``release``.

    ``readers``: index or part of the name, by slot; a slot without a reader is empty. ``timeout``: longest wait for one
    answer of a card, in seconds; a card that keeps silent counts as gone, and its helper process is ended.
    """

    def __init__(
        self,
        readers: Mapping[str, str],
        timeout: float,
        clock: Clock = system_date,
        keypad: Keypad = NO_KEYPAD,
    ) -> None:
        self._targets = {slot: PcscTarget(reader, timeout=timeout) for slot, reader in readers.items()}
        self._clock = clock
        self._keypad = keypad

    def power_on(self, slot: str) -> bytes:
        """Cold reset; raises SlotEmpty, ReaderGone, CardGone."""
        target = self._targets.get(slot)
        if target is None:
            raise SlotEmpty(slot)
        try:
            target.connect()
            return target.power_on()
        except (SlotIsEmpty, CardRemoved):
            target.release()
            raise SlotEmpty(slot) from None
        except TargetAbsent as absent:
            target.release()
            raise ReaderGone(absent.text.en) from None
        except TargetError as error:
            raise CardGone(error.text.en) from None

    def transmit(self, slot: str, apdu: bytes) -> bytes:
        """One command; raises CardGone."""
        try:
            return self._targets[slot].transmit(apdu)
        except (KeyError, TargetError) as error:
            raise CardGone(str(error)) from None

    def release(self) -> None:
        """Let go of all readers; never raises."""
        for target in self._targets.values():
            target.release()

    def pin(self, prompt: str) -> str:
        """Asked of the keypad; raises NoPin."""
        return self._keypad.pin(prompt)

    def today(self) -> str:
        """The date, CCYYMMDD."""
        return self._clock()

    def close(self) -> None:
        """End the helper processes."""
        for target in self._targets.values():
            target.close()


class EmbeddedSlots:
    """Synthetic cards of this project, in this process."""

    def __init__(self, instrument: TerminalInstrument, clock: Clock = system_date, keypad: Keypad = NO_KEYPAD) -> None:
        self._instrument = instrument
        self._clock = clock
        self._keypad = keypad

    def power_on(self, slot: str) -> bytes:
        """Cold reset; raises SlotEmpty."""
        answer = self._instrument.answer({"ask": "power-on", "slot": slot})
        if "atr" not in answer:
            raise SlotEmpty(slot)
        return bytes.fromhex(answer["atr"])

    def transmit(self, slot: str, apdu: bytes) -> bytes:
        """One command; raises CardGone."""
        answer = self._instrument.answer({"transmit": {"slot": slot, "apdu": apdu.hex().upper()}})
        if "response" not in answer:
            raise CardGone(str(answer.get("error")))
        return bytes.fromhex(answer["response"])

    def release(self) -> None:
        """Nothing is held."""

    def pin(self, prompt: str) -> str:
        """Asked of the keypad; raises NoPin."""
        return self._keypad.pin(prompt)

    def today(self) -> str:
        """The date, CCYYMMDD."""
        return self._clock()

    def close(self) -> None:
        """Nothing is open."""
