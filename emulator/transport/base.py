"""What the transports ask of a card, and what they tell about themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class SmartCard(Protocol):
    """A sans-IO card. Every transport drives any object of this shape."""

    def power_on(self) -> bytes:
        """Cold reset: volatile state is lost; returns the ATR."""

    def reset(self) -> bytes:
        """Warm reset: volatile state is lost; returns the ATR."""

    def power_off(self) -> None:
        """Take the supply away: volatile state is lost."""

    def process(self, command: bytes) -> bytes | None:
        """Answer one command with data and two status bytes; None stays silent, as a card that hangs does."""


class LinkEvent(Enum):
    """What happened on the way to the card."""

    WAITING = "waiting"
    CONNECTED = "connected"
    POWERED_ON = "powered-on"
    RESET = "reset"
    POWERED_OFF = "powered-off"
    DISCONNECTED = "disconnected"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One event; ``where`` is the other end as HOST:PORT, ``detail`` the ATR in hex or a reason, else empty."""

    event: LinkEvent
    where: str
    detail: str = ""


LinkObserver = Callable[[LinkReport], None]
