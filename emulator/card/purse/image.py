"""What a purse keeps without supply, and how it is written."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from emulator.card.image import CardImage


@dataclass(frozen=True, slots=True)
class Proof:
    """MAC and TAC of the last transaction of its type, with the transaction's serial number."""

    serial: bytes
    mac: bytes
    tac: bytes


@dataclass(slots=True)
class PurseImage:
    """``values``: the stored fields by name, big-endian as commands show them; ``proofs`` by transaction."""

    values: dict[str, bytes]
    proofs: dict[str, Proof] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PurseValue:
    """A stored field of a purse."""

    purse: str
    name: str
    atomic: ClassVar[bool] = False

    def get(self, image: "CardImage") -> bytes:
        """Its bytes."""
        return image.purses[self.purse].values[self.name]

    def set(self, image: "CardImage", value: bytes) -> None:
        """Write them."""
        image.purses[self.purse].values[self.name] = value


@dataclass(frozen=True, slots=True)
class LastProof:
    """The proof of a purse's last transaction of one type."""

    purse: str
    transaction: str
    atomic: ClassVar[bool] = False

    def get(self, image: "CardImage") -> Proof | None:
        """The proof, None before the first transaction."""
        return image.purses[self.purse].proofs.get(self.transaction)

    def set(self, image: "CardImage", value: Proof) -> None:
        """Write it."""
        image.purses[self.purse].proofs[self.transaction] = value
