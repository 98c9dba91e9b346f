"""How PINs are entered on a terminal, as data."""

from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec


@dataclass(frozen=True, slots=True)
class PinRules:
    """``min_digits``: fewest digits of a PIN; ``max_digits``: most digits, one number for each reading of the sources,
    the reference's first; ``initial``: the digits of the PIN with which cards are issued.
    """

    min_digits: int
    max_digits: tuple[int, ...]
    initial: str


def pin_rules(interface: InterfaceSpec) -> PinRules:
    """The rules of PIN entry; raises KeyError, IndexError, ValueError where the data lack something."""
    node = interface.datum("pin-rules", "TERMINAL/PIN")
    return PinRules(int(node["min-digits"]), tuple(int(most) for most in node["max-digits"]), str(node["initial"]))
