"""Places of the certificate application in the persistent memory."""

from dataclasses import dataclass
from typing import ClassVar

from emulator.card.certificate.image import CertificateImage
from emulator.card.image import CardImage


def content(image: CardImage) -> CertificateImage:
    """The application's own part of the image; raises TypeError where the card has none."""
    if image.certificate is None:
        raise TypeError("the card has no certificate application")
    return image.certificate


@dataclass(frozen=True, slots=True)
class CertificatePinTries:
    """Tries left of a PIN."""

    pin: str
    atomic: ClassVar[bool] = True

    def get(self, image: CardImage) -> int:
        """Tries left."""
        return content(image).tries[self.pin]

    def set(self, image: CardImage, value: int) -> None:
        """Set them."""
        content(image).tries[self.pin] = value


@dataclass(frozen=True, slots=True)
class CertificatePinValue:
    """A PIN in BCD."""

    pin: str
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes:
        """The PIN."""
        return content(image).pins[self.pin]

    def set(self, image: CardImage, value: bytes) -> None:
        """Set another one."""
        content(image).pins[self.pin] = value


@dataclass(frozen=True, slots=True)
class PrivateKeyValue:
    """The private key in a file."""

    file: str
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes | None:
        """32 bytes, None before there is one."""
        return content(image).private.get(self.file)

    def set(self, image: CardImage, value: bytes) -> None:
        """Write it."""
        content(image).private[self.file] = value


@dataclass(frozen=True, slots=True)
class MasterKey:
    """A version of a master key."""

    key: str
    version: int
    atomic: ClassVar[bool] = False

    def get(self, image: CardImage) -> bytes:
        """16 bytes."""
        return image.keys[self.key][self.version]

    def set(self, image: CardImage, value: bytes) -> None:
        """Write another one."""
        image.keys[self.key][self.version] = value
