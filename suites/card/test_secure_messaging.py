"""UPDATE RECORD and UPDATE BINARY with CLA 04: the plain update with a MAC behind its data. All is put back."""

from onecard.spec.card import Access, CardSpec, FileSpec, Structure
from onecard.spec.card_messaging import MAINTENANCE
from onecard.testing import CardUnderTest, Inconclusive, IssuerDesk, expect, files, for_each, verifies

ORDER = 95
RECORD, BINARY = "SECURE-UPDATE-RECORD", "SECURE-UPDATE-BINARY"
FILE = "SSSE/EF05"
TAKEN = 8
ABSENT = (0xFE, 4)


def commands(spec: CardSpec) -> list[str]:
    """The secured updates that the card's files allow."""
    return [RECORD, BINARY] if binary_file(spec) is not None else [RECORD]


def binary_file(spec: CardSpec) -> FileSpec | None:
    """A transparent file of SSSE that a key opens for writing."""
    for file in spec.files.values():
        updatable = file.update.access == Access.KEY and file.read.access != Access.NEVER
        if file.application == "SSSE" and file.structure == Structure.TRANSPARENT and updatable:
            return file
    return None


def areas(spec: CardSpec) -> list[str]:
    """The applications of SSSE that have a maintenance key of their own and a file that a key opens for writing."""
    own = {key.application for key in spec.keys.values() if key.function == MAINTENANCE}
    return [area for area in files.AREAS if area in own and files_of_records(spec, area)]


def files_of_records(spec: CardSpec, area: str) -> list[FileSpec]:
    """The files of TLV records in the area that a key opens for writing."""
    return [
        file
        for file in spec.files.values()
        if file.application == area and file.record_order and file.update.access == Access.KEY
    ]


class Place:
    """What a case writes: a record of EF05, or the first bytes of a transparent file."""

    def __init__(self, card: CardUnderTest, command: str) -> None:
        self.card, self.command = card, command
        file = card.spec.file(FILE) if command == RECORD else binary_file(card.spec)
        if file is None:
            raise Inconclusive(zh="没有可改写的透明文件", en="no transparent file can be updated")
        self.file = file
        self.parameters = (2, 4) if command == RECORD else (0, 0)
        self.open()
        self.before = self.content()
        last = 0x31 if self.before[-1] == 0x30 else 0x30
        self.after = self.before[:-1] + bytes((last,))

    def open(self) -> None:
        """The file with the right to update it."""
        self.card.open_file(self.file.id, "update")

    def content(self) -> bytes:
        """What stands there."""
        card = self.card
        if self.command == BINARY:
            return card.send(card.apdu.read_binary(0, TAKEN)).data
        return card.send(card.apdu.read_record(self.parameters[0], self.parameters[1])).data

    def plain(self, data: bytes) -> bytes:
        """The update without a MAC."""
        apdu = self.card.apdu
        return apdu.update_binary(0, data) if self.command == BINARY else apdu.update_record(*self.parameters, data)

    def undone(self) -> None:
        """Put back what stood there at the end."""

        def restore() -> None:
            self.open()
            if self.content() != self.before:
                self.card.send(self.plain(self.before))

        self.card.at_end(f"put {self.file.id} back", restore)


@verifies("CARD-SECURE-UPDATE")
@for_each("command", commands)
def test_update(card: CardUnderTest, command: str) -> None:
    """With the update key and the right MAC the data are written, without the MAC, and read back."""
    place, desk = Place(card, command), IssuerDesk(card)
    place.undone()
    session = desk.session(desk.challenge())
    expect(card.send(desk.secured(command, place.parameters, session, place.after))).ok().length(0)
    place.open()
    read = card.apdu.read_binary(0, TAKEN) if command == BINARY else card.apdu.read_record(*place.parameters)
    expect(card.send(read), "CARD-SECURE-UPDATE").data(place.after)


@verifies("CARD-SECURE-UPDATE-KEY")
@for_each("area", areas)
def test_key_of_the_area(card: CardUnderTest, area: str) -> None:
    """A record is written as it stands, with the MAC of the area's maintenance key: 9000; with that of STK: 6988. Where
    the files hold no record yet, only the wrong MAC is tried: a right one might leave a record behind.
    """
    record, held = card.apdu.read_record(1, 4), b""
    for file in files_of_records(card.spec, area):
        card.open_file(file.id, "update")
        found = card.send(record)
        if found.is_ok:
            held = found.data
            break
    desk, wrong_mac = IssuerDesk(card), card.spec.command(RECORD).statuses["mac"]
    place, data = ((1, 4), held) if held else (ABSENT, bytes((0x01, 0x01, 0x00)))
    if held:
        session = desk.session_in(area, desk.challenge())
        expect(card.send(desk.secured(RECORD, place, session, data))).ok().length(0)
    wrong = card.send(desk.secured(RECORD, place, desk.session(desk.challenge()), data))
    if held:
        expect(wrong).refused_with(wrong_mac.text)
    else:
        expect(wrong).refused()


@verifies("CARD-SECURE-UPDATE-REFUSED")
@for_each("command", commands)
@for_each("way", ("mac", "data", "no-challenge", "right", "nothing"))
def test_refused(card: CardUnderTest, command: str, way: str) -> None:
    """A wrong MAC, or one over other data, answers 6988, no challenge 6984, no right 6982; nothing is written.

    A command with its MAC alone is refused.
    """
    place, desk = Place(card, command), IssuerDesk(card)
    place.undone()
    if way == "right":
        card.reset()
        card.select_environment()
        reading = place.file.read.key
        if reading is not None:
            card.authenticate_external(reading)
        card.select_file(place.file.id)
    challenge = desk.challenge() if way != "no-challenge" else bytes(card.rules.command.challenge)
    session = desk.session(challenge)
    data = b"" if way == "nothing" else place.after
    secured = desk.secured(command, place.parameters, session, data, spoil=way == "mac")
    if way == "data":
        other = desk.secured(command, place.parameters, session, place.before)
        size = card.rules.mac.length
        secured = secured[:-size] + other[-size:]
    if way == "no-challenge":
        place.open()
    expected = {"mac": "mac", "data": "mac", "no-challenge": "no-challenge", "right": "security"}.get(way)
    answer = expect(card.send(secured)).refused()
    if expected is not None:
        answer.refused_with(card.spec.command(command).statuses[expected].text)
    place.open()
    read = card.apdu.read_binary(0, TAKEN) if command == BINARY else card.apdu.read_record(*place.parameters)
    expect(card.send(read), "CARD-SECURE-UPDATE-REFUSED").data(place.before)
