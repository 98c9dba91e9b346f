"""The certificate application of a new card: synthetic key pairs, PINs, and certificates of a test authority."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from emulator.card.certificate.image import CertificateImage
from emulator.card.certificate.pairs import scalar
from emulator.card.certificate.x509 import certificate
from emulator.card.image import BinaryFile, FileImage, RecordFile
from emulator.codec import bcd
from emulator.crypto import sm3
from emulator.envelope.sm2 import PrivateKey
from onecard.spec.card import CardSpec, FileSpec, Structure
from onecard.spec.card_certificate import certificate_of, has_certificate


@dataclass(frozen=True, slots=True)
class CertifiedKey:
    """A key pair and its certificate (DER)."""

    private: bytes
    public: bytes
    certificate: bytes


@lru_cache(maxsize=4)
def authority(seed: str) -> PrivateKey:
    """The test authority's key: no secret, as all that comes from a seed."""
    return PrivateKey(scalar(sm3(f"onecard test card authority|{seed}".encode())))


# Fresh samples of one holder are made by the hundred; their keys are the same.
@lru_cache(maxsize=64)
def certified_key(seed: str, holder: str, use: str) -> CertifiedKey:
    """The key pair of a holder (any text that names one) for a use, with its certificate."""
    key = PrivateKey(scalar(sm3(f"onecard test certificate key|{seed}|{holder}|{use}".encode())))
    return CertifiedKey(key.octets, key.public.octets, certificate(key.public, holder, use, authority(seed)))


def certificate_content(
    spec: CardSpec, seed: str, holder: str
) -> tuple[CertificateImage | None, Mapping[str, FileImage]]:
    """The application's part of the image and the content of its transparent files; None and nothing without it."""
    if not has_certificate(spec):
        return None, {}
    data = certificate_of(spec)
    pairs = [(pair, certified_key(seed, holder, pair.use)) for pair in data.pairs.values()]
    image = CertificateImage(
        pins={pin.id: bcd(pin.default) for pin in data.pins.values()},
        limits={pin.id: pin.limit for pin in data.pins.values()},
        tries={pin.id: pin.limit for pin in data.pins.values()},
        private={pair.private: key.private for pair, key in pairs},
    )
    files: dict[str, FileImage] = {}
    for pair, key in pairs:
        public = data.coding.header + key.public
        files.update(_files(spec, {pair.public: public, pair.certificate: key.certificate}))
    return image, files


def _files(spec: CardSpec, contents: Mapping[str, bytes]) -> Mapping[str, FileImage]:
    return {name: _content(spec.files[name], octets) for name, octets in contents.items() if name in spec.files}


def _content(file: FileSpec, octets: bytes) -> FileImage:
    filled = octets[: file.size].ljust(file.size, b"\x00")
    return BinaryFile(bytearray(filled)) if file.structure == Structure.TRANSPARENT else RecordFile.full([filled])
