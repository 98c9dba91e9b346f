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


@dataclass(frozen=True, slots=True)
class ItemSteps:
    """Items read and written by encryptor: result of step 1 (``request``), pKey of step 2 (``key_input``), and the
    ``addresses`` (four hexadecimal digits each) that a terminal may give for a key, the reference's first.
    """

    request: StringFormat
    key_input: StringFormat
    addresses: Mapping[str, tuple[str, ...]]


def item_steps(interface: InterfaceSpec) -> ItemSteps:
    """Those of reading and writing items; raises KeyError, TypeError, ValueError where the data lack something."""
    return ItemSteps(
        request=string_format(interface, "TERMINAL/ITEM-REQUEST"),
        key_input=string_format(interface, "TERMINAL/ITEM-KEY"),
        addresses={str(node["key"]): tuple(node["may-be"]) for node in interface.table("item-addresses").values()},
    )
