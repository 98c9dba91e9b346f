"""Which data describe a card that nobody declared: generation by the version it states, algorithm by its FCI."""

from collections.abc import Mapping
from types import MappingProxyType

from onecard.oracle.errors import OracleError
from onecard.oracle.tlv import fci_decode
from onecard.show.session import CardSession
from onecard.spec.card import CardSpec
from onecard.spec.errors import SpecError
from onecard.spec.expr import Value
from onecard.spec.load import Spec

NEWEST = "card-3.0"
VERSION_FILE, VERSION_TAG = "SSSE/EF05", 0x03
_PROFILES: Mapping[bytes, str] = MappingProxyType({b"1": "card-1.0", b"2": "card-2.0", b"3": NEWEST})
# Optional parts: what a card may have is asked for, and what it has not is no fault.
OPTIONAL = (
    *("card.df05", "card.df06", "card.df07", "card.fingerprint_file", "card.photo_file", "card.reserved_files"),
    *("card.medical_offline", "card.financial", "card.certificate", "card.transport", "card.db34t4047"),
)


def widest(spec: Spec, profile: str, fci: bytes = b"") -> CardSpec:
    """The data of a profile with every optional part, and with algorithm and directory as the FCI of SSSE says.

    Raises SpecError for an unknown profile.
    """
    declared = {**spec.profile(profile).ics, **_told(spec, fci)}
    wide = {**declared, **dict.fromkeys((name for name in OPTIONAL if name in declared), True)}
    try:
        return spec.card(wide, profile)
    except SpecError:
        return spec.card(declared, profile)


def _told(spec: Spec, fci: bytes) -> dict[str, Value]:
    try:
        found = fci_decode(fci)
    except OracleError:
        return {}
    codes = {datum.node["identifier"]: str(datum.node["code"]) for datum in spec.data["algorithms"]}
    told: dict[str, Value] = {"card.directory_sfi": found.directory_sfi or 0}
    return {**told, "card.algorithm": codes[found.algorithm]} if found.algorithm in codes else told


def detected(spec: Spec, session: CardSession) -> str:
    """The profile by the first digit of the specification version (EF05, item 03); the newest where none is read."""
    card = session.spec
    session.select("SSSE")
    session.select_file(card.file(VERSION_FILE).fid)
    answer = session.send(session.apdu.read_record(VERSION_TAG, 0))
    return _PROFILES.get(answer.data[2:3], NEWEST)
