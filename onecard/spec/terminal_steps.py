"""Functions in steps with the encryptor, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from onecard.spec.interface import InterfaceSpec
from onecard.spec.terminal_strings import StringFormat, string_format


@dataclass(frozen=True, slots=True)
class PinSteps:
    """Reload and unblocking by encryptor: results of step 1 (``request``) and 2 (``message``), pKey of step 2
    (``key_input``), and key ``addresses`` (four hexadecimal digits) by key.
    """

    request: StringFormat
    key_input: StringFormat
    message: StringFormat
    addresses: Mapping[str, str]


def pin_steps(interface: InterfaceSpec) -> PinSteps:
    """Those of the PIN; raises KeyError, TypeError, ValueError where the data lack something."""
    return PinSteps(
        request=string_format(interface, "TERMINAL/PIN-REQUEST"),
        key_input=string_format(interface, "TERMINAL/PIN-KEY"),
        message=string_format(interface, "TERMINAL/PIN-MESSAGE"),
        addresses={str(node["key"]): str(node["address"]) for node in interface.table("pin-addresses").values()},
    )
