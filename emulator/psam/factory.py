"""Reference PSAMs ready to use."""

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from functools import lru_cache, partial
from types import MappingProxyType

from emulator.codec import bcd
from emulator.crypto import sm3
from emulator.keys import DEFAULT_SEED, root_key
from emulator.persons import person
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.psam import ReferencePsam
from emulator.psam.state import PsamImage, TransportStore
from emulator.variant import Variant
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import Spec, load_spec
from onecard.spec.psam import PsamFile, PsamSpec, psam_spec
from onecard.spec.psam_transport import PsamTransport

KEY_VERSION = 1
"""The PSAM holds the first of the three versions of each key (profile: no source says which)."""
MAKER = b"ONECARD PSAM"
FIRST_SEQUENCE = 0x01010101
"""The terminal sequence of a new PSAM (profile: any number serves)."""
LEVEL_DATA: Mapping[str, str] = MappingProxyType(
    {"INDEX": "01", "VERSION": "01", "START": "20200101", "END": "20391231"}
)
"""Digits of the level file's fields (profile: any valid ones serve)."""


@lru_cache(maxsize=1)
def specification() -> Spec:
    """The data of this installation, which do not change: read once, though every fresh PSAM asks for them."""
    return load_spec()


@lru_cache(maxsize=8)
def _interface(profile: str) -> InterfaceSpec:
    found = specification().resolve_profile(profile)
    if not isinstance(found, InterfaceSpec) or found.kind != "psam":
        raise ValueError(f"{profile} is not a profile of a PSAM")
    return found


def psam(
    profile: str, *, seed: str = DEFAULT_SEED, variant: Variant | None = None, lacks: Set[str] = frozenset()
) -> ReferencePsam:
    """The reference PSAM of a project profile with the test root keys of ``seed``, which open the cards of that seed.

    ``variant``: other behaviour, data or random values. ``lacks``: names of keys (``RKSSSE``) that are not loaded, and
    codes of algorithms (``sm4``) whose environment is missing. Raises onecard.spec.errors.SpecError for an unknown
    profile or broken data, ValueError for a profile of another kind.
    """
    altered = variant or Variant()
    spec = _without(psam_spec(altered.spec or _interface(profile)), lacks)
    if altered.behaviour is not None and not isinstance(altered.behaviour, PsamBehaviour):
        raise TypeError(f"the behaviour of a PSAM is a PsamBehaviour, not {altered.behaviour!r}")
    return ReferencePsam(spec, psam_image(spec, seed, lacks), altered.behaviour, altered.random)


def psam_image(spec: PsamSpec, seed: str, lacks: Set[str] = frozenset()) -> PsamImage:
    """What a PSAM of ``spec`` holds: files of the synthetic issuer of ``seed``, test root keys."""
    names = {key.key for key in spec.keys.values()} - lacks
    return PsamImage(
        historical=MAKER[: spec.atr.historical_length].ljust(spec.atr.historical_length, b"\x00"),
        files={file.id: _content(spec, file, seed) for file in spec.files.values()},
        keys={name: root_key(seed, name, KEY_VERSION) for name in names},
        own={name: root_key(seed, name, KEY_VERSION) for name in spec.loading.own},
        purchase=_purchase_keys(spec, seed, lacks),
        transport=_transport_store(spec, partial(root_key, seed), lacks),
    )


def _purchase_keys(spec: PsamSpec, seed: str, lacks: Set[str]) -> dict[int, bytes]:
    key = spec.purchase.key
    if key is None or key.key in lacks:
        return {}
    return {version: root_key(seed, key.key, version) for version in key.versions}


def _transport_store(spec: PsamSpec, root: Callable[[str, int], bytes], lacks: Set[str]) -> TransportStore:
    return TransportStore() if spec.transport is None else transport_store(spec.transport, root, lacks)


def transport_store(
    data: PsamTransport, root: Callable[[str, int], bytes], lacks: Set[str] = frozenset()
) -> TransportStore:
    """What the transport application holds: roots that ``root`` gives by name and version.

    ``lacks``: names of keys that are not loaded.
    """
    mac, purchase = data.mac_key, data.purchase_key
    store = TransportStore(sequence=FIRST_SEQUENCE)
    if mac is not None and mac.key not in lacks:
        # The byte in the command names the key in this PSAM; its value is the root of the cards.
        store.keys = {(mac.usage, mac.version): root(mac.key, KEY_VERSION)}
    if purchase is not None and purchase.key not in lacks:
        store.purchase = {version: root(purchase.key, version) for version in purchase.versions}
    return store


def terminal_number(seed: str) -> str:
    """The terminal number in the PSAM of ``seed``: the region of its first person, then six digits."""
    return person(seed, 0).region + _digits(seed, "terminal", 6)


def serial_number(seed: str) -> str:
    """The serial number of the PSAM of ``seed``: 20 digits."""
    return _digits(seed, "serial", 20)


def _digits(seed: str, what: str, count: int) -> str:
    return str(int.from_bytes(sm3(f"onecard psam|{seed}|{what}".encode()), "big"))[-count:]


def _content(spec: PsamSpec, file: PsamFile, seed: str) -> bytes:
    contents = {"SERIAL": serial_number(seed), "NUMBER": terminal_number(seed), **LEVEL_DATA}
    of_level = file.id == spec.purchase.level_file
    # What no field is: a counter, an issuer, a version. Their values are the maker's.
    out = bytearray((b"\xff" if of_level else b"\x01") * file.length)
    for field in spec.purchase.level_fields if of_level else file.fields:
        value = bcd(contents[field.id.rpartition("/")[2]])
        # A number stands at the end of its field.
        out[field.offset : field.offset + field.length] = value[: field.length].rjust(field.length, b"\x00")
    return bytes(out[: file.length])


def _without(spec: PsamSpec, lacks: Set[str]) -> PsamSpec:
    return replace(spec, environments=tuple(found for found in spec.environments if found.algorithm not in lacks))
