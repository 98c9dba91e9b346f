"""How a case reads a file of any structure, and which rights open it.

The commands follow from the data: by number and by identifier for files of TLV records, by number alone for records
without tags, by offset for transparent files; the file being current or named by its SFI.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType

from onecard.harness.apdu import Apdu
from onecard.harness.apdu_subject import Response
from onecard.harness.card import CardUnderTest
from onecard.spec.card import Access, AccessRule, CardSpec, FileSpec, Structure

PIN = "PIN"
AREAS = ("DF01", "DF02", "DF03", "DF04", "DF05", "DF06", "DF07", "DF0A")
"""The information areas of the V2.0 notice, and the local one (DB34/T 4047, profile)."""

_PICTURES = {"SSSE/EF07": "FINGERPRINT", "SSSE/EF08": "PHOTO"}

Right = tuple[str, ...]
"""What is proved together: names of keys, and PIN."""

_PIECE = 0x10
_MODE_FIRST, _MODE_NUMBER, _MODE_ONWARDS = 0, 4, 5


def area_of(file: FileSpec) -> str:
    """The name of an information area in the ids of requirements, empty for a file of none; fingerprint and photo count
    as areas.
    """
    return file.application if file.application in AREAS else _PICTURES.get(file.id, "")


def area_files(spec: CardSpec) -> list[FileSpec]:
    """The files of the information areas that commands read or update."""
    return [file for file in spec.files.values() if area_of(file) and file.structure != Structure.INTERNAL]


def keys_of(spec: CardSpec, application: str) -> list[str]:
    """The external authentication keys of one application."""
    return [
        key.id
        for key in spec.keys.values()
        if key.application == application and key.function == "external-authentication"
    ]


def namesakes(spec: CardSpec, key: str) -> list[str]:
    """Keys of other information areas with the number of ``key``."""
    own = spec.keys[key]
    others = [name for area in AREAS if area != own.application for name in keys_of(spec, area)]
    return [name for name in others if spec.keys[name].key_id == own.key_id]


# --- rights ---


def _sufficient(rule: AccessRule) -> tuple[Right, ...]:
    key = rule.key or ""
    table: Mapping[Access, tuple[Right, ...]] = {
        Access.FREE: ((),),
        Access.NEVER: (),
        Access.KEY: ((key,),),
        Access.PIN: ((PIN,),),
        Access.PIN_OR_KEY: ((PIN,), (key,)),
        Access.PIN_AND_KEY: ((PIN, key),),
    }
    return table[rule.access]


def _parts(rule: AccessRule) -> tuple[Right, ...]:
    # What is asked for, each alone: not enough where both are needed.
    return ((PIN,), (rule.key or "",)) if rule.access is Access.PIN_AND_KEY else ()


def needs_pin(rule: AccessRule) -> bool:
    """Whether nothing but the PIN, alone or with a key, opens."""
    return rule.access in (Access.PIN, Access.PIN_AND_KEY)


def opening(spec: CardSpec, rule: AccessRule) -> list[Right]:
    """Each right that opens; without a PIN on the card those that need one are left out: no source says what they
    mean there.
    """
    return [right for right in _sufficient(rule) if PIN not in right or spec.ics["card.pin"]]


def lacking(spec: CardSpec, rule: AccessRule, application: str) -> list[Right]:
    """Rights that do not open: nothing, the PIN alone, part of what is asked for, and every other key of the
    application; for what is never open, all of them together.
    """
    pin = bool(spec.ics["card.pin"])
    if rule.access is Access.FREE or (not pin and rule.access in (Access.PIN, Access.PIN_OR_KEY, Access.PIN_AND_KEY)):
        return []
    others = tuple(key for key in keys_of(spec, application) if key != rule.key)
    everything = ((PIN, *others) if pin else others,)
    if rule.access is Access.NEVER:
        return [(), *everything]
    single: list[Right] = [(PIN,)] if pin and rule.access is Access.KEY else []
    return [(), *single, *_parts(rule), *([others] if others else [])]


def prove(card: CardUnderTest, right: Right) -> None:
    """Prove a right in the current application, as a preamble."""
    for part in right:
        if part == PIN:
            card.present_pin()
        else:
            card.authenticate_external(part)


def right_id(right: Right) -> str:
    """A right in a case id."""
    return "+".join(right) or "nothing"


# --- reading ---


def is_tagged(file: FileSpec) -> bool:
    """Whether the records of a file are TLVs."""
    return bool(file.items) and file.structure in (Structure.LINEAR_VARIABLE, Structure.LINEAR_FIXED)


def _by_offset(apdu: Apdu, file: FileSpec) -> Iterator[bytes]:
    yield apdu.read_binary(0, min(file.size, _PIECE))
    yield apdu.read_binary(0, 0)
    yield apdu.read_binary(file.size - 1, 1)
    if file.sfi:
        yield apdu.read_binary(0, min(file.size, _PIECE), file.sfi)


def _by_record(apdu: Apdu, file: FileSpec) -> Iterator[bytes]:
    for sfi in dict.fromkeys((0, file.sfi)):
        yield apdu.read_record(1, _MODE_NUMBER, sfi)
        yield apdu.read_record(1, _MODE_ONWARDS, sfi)
        if is_tagged(file):
            yield apdu.read_record(file.items[0].tag, _MODE_FIRST, sfi, file.items[0].length + 2)
            yield apdu.read_record(file.items[-1].tag, _MODE_FIRST, sfi)


def reading(apdu: Apdu, file: FileSpec) -> list[bytes]:
    """READ commands for a file in each way of addressing it, to be sent while it is current."""
    return list((_by_offset if file.structure == Structure.TRANSPARENT else _by_record)(apdu, file))


def contents(card: CardUnderTest, file: FileSpec) -> list[Response]:
    """The whole of the current file: its records by number until the first that is not there, or its pieces."""
    return list(_READERS.get(file.structure, _records)(card, file))


def _pieces(card: CardUnderTest, file: FileSpec) -> Iterator[Response]:
    for start, end in pairwise((*range(0, file.size, 0xFF), file.size)):
        yield card.send(card.apdu.read_binary(start, end - start))


def _records(card: CardUnderTest, file: FileSpec) -> Iterator[Response]:
    # Local items may follow those of the rules: reading goes on until the card has no more.
    missing = card.spec.command("READ-RECORD").statuses["record-not-found"]
    for number in range(1, 0xFF):
        response = card.send(card.apdu.read_record(number, _MODE_NUMBER))
        if missing.matches(response.sw):
            return
        yield response
        if not response.is_ok:
            return


_READERS: Mapping[str, Callable[[CardUnderTest, FileSpec], Iterator[Response]]] = MappingProxyType(
    {Structure.TRANSPARENT: _pieces}
)
