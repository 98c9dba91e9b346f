"""How the purse of the transport application is written."""

from dataclasses import dataclass
from typing import Any, ClassVar

from emulator.card.image import CardImage


@dataclass(frozen=True, slots=True)
class PurseCell:
    """One value of the purse, by its name in TransportImage."""

    name: str
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> Any:
        """What stands there; None on a card without the application."""
        return getattr(image.transport, self.name, None)

    def set(self, image: CardImage, value: Any) -> None:
        """Write it."""
        setattr(image.transport, self.name, value)
