"""``parameters.library`` of a terminal's IXIT: how a library is loaded, and in which slots the tester's cards stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from onecard.targets.keypad_file import KeypadFile

CDECL = "cdecl"
DECLARED = "parameters.library"
DEFAULT_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class SlotPlace:
    """A slot of the virtual reader: TCP ``port`` of its card, and the ``reader`` as PC/SC names it (or a part)."""

    port: int
    reader: str


@dataclass(frozen=True, slots=True)
class LibrarySetup:
    """How the library is reached.

    ``slots``: by the names card, psam, contactless; ``python``: interpreter that loads it, None for the tester's;
    ``environment``: variables for its process; ``unplugged``: further ones with which it finds no reader, None where
    that cannot be arranged; ``keypad``: the file that its keypad reads, None for a real one.
    """

    convention: str
    host: str
    slots: Mapping[str, SlotPlace]
    python: str | None
    environment: Mapping[str, str]
    unplugged: Mapping[str, str] | None
    keypad: KeypadFile | None


DEFAULT_SLOTS: Mapping[str, SlotPlace] = MappingProxyType(
    {"card": SlotPlace(35963, "Virtual PCD 00 00"), "psam": SlotPlace(35964, "Virtual PCD 00 01")}
)
# pcsc-lite's clients look for the service there; the reference library for its terminal process.
DEFAULT_UNPLUGGED: Mapping[str, str] = MappingProxyType(
    {"PCSCLITE_CSOCK_NAME": "/nonexistent/onecard-unplugged", "ONECARD_DRIVER": "1 unplugged"}
)


def slots_of(given: Mapping[str, Any]) -> Mapping[str, SlotPlace]:
    """The slots that ``slots`` of an IXIT names, or the default."""
    slots = given.get("slots")
    if slots is None:
        return DEFAULT_SLOTS
    return {name: SlotPlace(int(one["port"]), str(one["reader"])) for name, one in slots.items()}


def keypad_of(given: Mapping[str, Any], declared: str) -> KeypadFile | None:
    """The file that ``keypad`` of an IXIT's ``declared`` names; None without one."""
    path = given.get("keypad")
    return None if path is None else KeypadFile(Path(path), f"{declared}.keypad")


def setup_of(given: Mapping[str, Any]) -> LibrarySetup:
    """The setup that an IXIT gives (checked against its schema before); what it leaves out is the default."""
    return LibrarySetup(
        convention=str(given.get("convention", CDECL)),
        host=str(given.get("host", DEFAULT_HOST)),
        slots=slots_of(given),
        python=given.get("python"),
        environment=dict(given.get("environment", {})),
        unplugged=given.get("unplugged", DEFAULT_UNPLUGGED),
        keypad=keypad_of(given, DECLARED),
    )
