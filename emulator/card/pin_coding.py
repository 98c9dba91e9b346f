"""The digits of a PIN as the bytes that commands hold, by the packing that the data name."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from emulator.codec import bcd, bcd_digits
from onecard.spec.card import PinSpec

_Packing = tuple[Callable[[str, int], bytes], Callable[[bytes, int], str]]
_PACKINGS: Mapping[str, _Packing] = MappingProxyType(
    {
        "bcd": (bcd, bcd_digits),
        "ascii": (lambda digits, _: digits.encode("ascii"), lambda pin, _: pin.decode("ascii", errors="replace")),
    }
)


def pin_octets(digits: str, rule: PinSpec) -> bytes:
    """A PIN of ``digits`` as bytes."""
    return _PACKINGS[rule.packing][0](digits, rule.pad_nibble)


def pin_digits(pin: bytes, rule: PinSpec) -> str:
    """The digits of a PIN of bytes; characters that are no digits where it is none."""
    return _PACKINGS[rule.packing][1](pin, rule.pad_nibble)
