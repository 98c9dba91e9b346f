"""Cards that a terminal should refuse, or survive: the reference card with one thing wrong."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from types import MappingProxyType

from emulator.card.behaviour import CardBehaviour
from emulator.card.image import CardImage
from emulator.card.personalise import historical_of
from emulator.card.variant import VariantSpec
from emulator.persons import person
from emulator.terminal.hostile_kinds import DATED, EDITS, LATELY, Dated, Edit, octets_of
from emulator.terminal.hostile_purse import PURSE_BEHAVIOURS
from onecard.spec.card import CardSpec

ISSUER_FILE, HOLDER_FILE = "SSSE/EF05", "SSSE/EF06"
IDENTIFICATION, CLASS, VERSION, BODY, ISSUED, VALID_UNTIL, NAME = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x09
LONG_AGO = bytes.fromhex("20101231")
FOREIGN = b"MARIA-LUISA O'NEILL GOMEZ"
"""A name in Latin letters, as passports have it; nobody's."""
FOUR_BYTES = "测\U00020000试".encode("gb18030")
"""A name whose second character has four bytes in GB18030, and none in GBK; nobody's."""
LASTS = timedelta(days=365)
"""A card that is not meant to be expired is valid so much longer than the day on which it is laid out."""


class ForgedCard(CardBehaviour):
    """Knows no key: proves nothing, and takes whatever is proved to it."""

    def authentication_data(self, session: bytes, original: bytes, right: bytes) -> bytes:
        return bytes(octet ^ 0xA5 for octet in right)

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return True


class NoEnvironment(CardBehaviour):
    """Knows no DF name."""

    def name_matches(self, asked: bytes, name: bytes, partial: bool) -> bool:
        return False


READ_RECORD = 0xB2
REFUSED_BY = ("6700", "6901", "6981", "6982", "6985", "6A81", "9303")


class _RefusesReading(CardBehaviour):
    """Answers every READ RECORD with one status word."""

    def __init__(self, status: str) -> None:
        self._status = bytes.fromhex(status)

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return self._status if command[1:2] == bytes((READ_RECORD,)) else right


class _Silent(CardBehaviour):
    """Never answers READ RECORD."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return None if command[1:2] == bytes((READ_RECORD,)) else right


@dataclass(frozen=True, slots=True)
class Hostile:
    """What is wrong with a card: its behaviour, or what was written on it; ``dated``: by the day."""

    behaviour: Callable[[], CardBehaviour] | None = None
    edits: tuple[Edit, ...] = ()
    dated: Dated | None = None

    def variant(self, holder: int, today: date) -> VariantSpec:
        """The card's variant for synthetic person ``holder``."""
        edits = (_lasting(today), *self.edits, *(() if self.dated is None else (self.dated(today),)))

        def edit(image: CardImage) -> None:
            for one in edits:
                one(image)

        behaviour = self.behaviour() if self.behaviour is not None else None
        return VariantSpec(behaviour=behaviour, edit=edit, holder=holder)


def _value(file: str, tag: int, change: Callable[[bytes], bytes]) -> Edit:
    def edit(image: CardImage) -> None:
        content = image.linear(file)
        place = content.identifiers.index(tag)
        content.records[place] = content.records[place][:2] + change(content.records[place][2:])

    return edit


def _until(day: date) -> Edit:
    return _value(ISSUER_FILE, VALID_UNTIL, lambda _: octets_of(day))


def _lasting(today: date) -> Edit:
    # Synthetic persons were issued their cards years ago; a terminal goes by the date that it is.
    least = octets_of(today + LASTS)
    return _value(ISSUER_FILE, VALID_UNTIL, lambda until: max(until, least))


def _length(file: str, tag: int, by: int) -> Edit:
    def edit(image: CardImage) -> None:
        content = image.linear(file)
        place = content.identifiers.index(tag)
        record = content.records[place]
        content.records[place] = bytes((record[0], record[1] + by)) + record[2:]

    return edit


def _tag(file: str, tag: int, other: int) -> Edit:
    # The card still finds the record under its tag: what it answers begins with another.
    def edit(image: CardImage) -> None:
        content = image.linear(file)
        place = content.identifiers.index(tag)
        content.records[place] = bytes([other]) + content.records[place][1:]

    return edit


def _locked_read_key(image: CardImage) -> None:
    image.key_tries["RKSSSE"] = 0


_FOREIGN_BODY = _value(ISSUER_FILE, BODY, lambda old: b"\x00" + old[1:])
_EXPIRED = _value(ISSUER_FILE, VALID_UNTIL, lambda _: LONG_AGO)

HOSTILE: Mapping[str, Hostile] = MappingProxyType(
    {
        "forged": Hostile(behaviour=ForgedCard),
        "expired": Hostile(edits=(_EXPIRED,)),
        "forged-and-expired": Hostile(behaviour=ForgedCard, edits=(_EXPIRED,)),
        "unknown-version": Hostile(edits=(_value(ISSUER_FILE, VERSION, lambda old: b"9" + old[1:]),)),
        "unknown-class": Hostile(edits=(_value(ISSUER_FILE, CLASS, lambda _: b"X"),)),
        "foreign-body": Hostile(edits=(_FOREIGN_BODY,)),
        "forged-with-foreign-body": Hostile(behaviour=ForgedCard, edits=(_FOREIGN_BODY,)),
        "no-environment": Hostile(behaviour=NoEnvironment),
        "foreign-identification": Hostile(
            edits=(_value(ISSUER_FILE, IDENTIFICATION, lambda old: old[:3] + b"\xa0" + old[4:]),)
        ),
        "region-not-digits": Hostile(edits=(_value(ISSUER_FILE, IDENTIFICATION, lambda old: b"\xab" + old[1:]),)),
        "long-issue-date": Hostile(edits=(_length(ISSUER_FILE, ISSUED, 1),)),
        "short-name": Hostile(edits=(_length(HOLDER_FILE, NAME, -1),)),
        "foreign-name": Hostile(edits=(_value(HOLDER_FILE, NAME, lambda old: FOREIGN.ljust(len(old), b"\x00")),)),
        "four-byte-name": Hostile(edits=(_value(HOLDER_FILE, NAME, lambda old: FOUR_BYTES.ljust(len(old), b"\x00")),)),
        "name-filled-with-ff": Hostile(
            edits=(_value(HOLDER_FILE, NAME, lambda old: old.rstrip(b"\x00").ljust(len(old), b"\xff")),)
        ),
        "wrong-tag": Hostile(edits=(_tag(ISSUER_FILE, ISSUED, VALID_UNTIL),)),
        "silent": Hostile(behaviour=_Silent),
        "locked-read-key": Hostile(edits=(_locked_read_key,)),
        **{f"reading-refused-{status}": Hostile(behaviour=partial(_RefusesReading, status)) for status in REFUSED_BY},
        "ended-lately": Hostile(dated=lambda today: _until(today - LATELY)),
        "ends-soon": Hostile(dated=lambda today: _until(today + LATELY)),
        **{name: Hostile(edits=(edit,)) for name, edit in EDITS.items()},
        **{name: Hostile(dated=dated) for name, dated in DATED.items()},
        **{name: Hostile(behaviour=made) for name, made in PURSE_BEHAVIOURS.items()},
    }
)
"""Hostile cards by name."""


_RIGHT = Hostile()


def variant_of(name: str | None, holder: int, today: date) -> VariantSpec:
    """The variant of a hostile card, or of a right one for None, that is laid out today; raises ValueError for an
    unknown name.
    """
    if name is not None and name not in HOSTILE:
        raise ValueError(f"there is no hostile card {name!r}; known: {', '.join(HOSTILE)}")
    return (_RIGHT if name is None else HOSTILE[name]).variant(holder, today)


def region_and_historical(spec: CardSpec, holder: int, seed: str) -> tuple[str, bytes]:
    """Region and historical bytes of the card of a synthetic person, for a PSAM of a lower level."""
    someone = person(seed, holder)
    return someone.region, historical_of(spec, someone)
