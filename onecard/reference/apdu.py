"""A reference chip (user card or PSAM) in this process as a target."""

from typing import Protocol

from onecard.spec.text import Text
from onecard.targets.base import CardRemoved, SilentTarget


class Chip(Protocol):
    """What a reference card and a reference PSAM have in common."""

    def power_on(self) -> bytes:
        """Cold reset; the ATR."""

    def reset(self) -> bytes:
        """Warm reset; the ATR."""

    def power_off(self) -> None:
        """Take the power away."""

    def process(self, command: bytes) -> bytes | None:
        """One command; None when it keeps silent."""


CARD = Text(zh="参考卡", en="the reference card")
PSAM = Text(zh="参考 PSAM", en="the reference PSAM")


class ReferenceTarget:
    """A reference chip in this process; its image (counters, files) lives as long as the target object."""

    def __init__(self, description: str, chip: Chip, named: Text = CARD) -> None:
        self.description = description
        self._chip = chip
        self._named = named
        self._connected = False

    def connect(self) -> None:
        """Put the chip in; cannot fail."""
        self._connected = True

    def power_on(self) -> bytes:
        """Cold reset; returns the ATR."""
        return self.inserted().power_on()

    def reset(self) -> bytes:
        """Warm reset; returns the ATR."""
        return self.inserted().reset()

    def transmit(self, command: bytes) -> bytes:
        """Send one command; raises SilentTarget where the chip keeps silent (at once: nothing is waited for)."""
        response = self.inserted().process(command)
        if response is None:
            shown = command.hex().upper()
            raise SilentTarget(
                zh=f"{self._named.zh}对命令 {shown} 无应答", en=f"{self._named.en} did not answer {shown}"
            )
        return response

    def close(self) -> None:
        """Take the chip out; may be called again."""
        if self._connected:
            self._chip.power_off()
            self._connected = False

    def reader_name(self) -> str:
        """What stands between us and the chip: nothing."""
        return "in process"

    def inserted(self) -> Chip:
        """The chip; raises CardRemoved when it is not connected."""
        if not self._connected:
            raise CardRemoved(zh=f"{self._named.zh}未连接", en=f"{self._named.en} is not connected")
        return self._chip
