"""Photo (EF08) and fingerprint (EF07) of SSSE: transparent files that RKSSSE opens and UKSSSE writes.

The commands are spelled as personalisation programs send them, in pieces of at most 255 bytes.
"""

from onecard.testing import CardUnderTest, expect, for_each, verifies

ORDER = 152
SELECT_PHOTO = "00A4020002EF08"
SELECT_FINGERPRINT = "00A4020002EF07"
PHOTO_BYTES, FINGERPRINT_BYTES = 0x1000, 0x300
# P1, P2 and Le of the pieces in which programs read and write: the first, one in the middle, the last.
PHOTO_PIECES = (("0000", 0xFF), ("07F8", 0xFF), ("0FF0", 0x10))


def octets(text: str) -> bytes:
    """Bytes from hexadecimal."""
    return bytes.fromhex(text)


def opened(card: CardUnderTest, select: str, *keys: str) -> None:
    """The file current, with the rights of the keys; first-generation cards have no reading key."""
    card.select_environment()
    for key in keys:
        if key in card.spec.keys:
            card.authenticate_external(key)
    expect(card.send(octets(select)), "CARD-SELECT-EF").ok()


@verifies("CARD-PHOTO-READ-REFUSED")
@for_each("command", ("00B0000010", "00B0000000", "00B0880010", "00B00FFF01"))
def test_photo_refused(card: CardUnderTest, command: str) -> None:
    """Without RKSSSE the photo answers 6982, from any offset and by SFI 08 (fact: files of SSSE)."""
    opened(card, SELECT_PHOTO)
    expect(card.transmit(octets(command))).refused_with("6982")


@verifies("CARD-FINGERPRINT-READ-REFUSED")
@for_each("command", ("00B0000010", "00B0000000", "00B0870010", "00B002FF01"))
def test_fingerprint_refused(card: CardUnderTest, command: str) -> None:
    """Without RKSSSE the fingerprint answers 6982, from any offset and by SFI 07 (fact: files of SSSE)."""
    opened(card, SELECT_FINGERPRINT)
    expect(card.transmit(octets(command))).refused_with("6982")


@verifies("CARD-PHOTO-READ-REFUSED", "CARD-UPDATE-BINARY-REFUSED")
def test_photo_is_not_opened_by_its_update_key(card: CardUnderTest) -> None:
    """UKSSSE writes the photo and does not read it; RKSSSE reads and does not write (fact: files of SSSE)."""
    opened(card, SELECT_PHOTO, "UKSSSE")
    expect(card.transmit(octets("00B0000010"))).refused_with("6982")
    card.select_application(next(name for name, found in card.spec.applications.items() if found.parent == "SSSE"))
    opened(card, SELECT_PHOTO, "RKSSSE")
    piece = card.send(octets("00B0000010"))
    expect(piece, "CARD-PHOTO-READ").ok().length(16)
    expect(card.transmit(octets("00D6000010") + piece.data), "CARD-UPDATE-BINARY-REFUSED").refused_with("6982")


@verifies("CARD-PHOTO-READ")
def test_photo_reads_whole(card: CardUnderTest) -> None:
    """With RKSSSE the photo reads in pieces to its 1000 (hex) bytes (fact: files of SSSE)."""
    opened(card, SELECT_PHOTO, "RKSSSE")
    for offset in range(0, PHOTO_BYTES, 0xFF):
        length = min(0xFF, PHOTO_BYTES - offset)
        expect(card.send(octets(f"00B0{offset:04X}{length:02X}"))).ok().length(length)


@verifies("CARD-FINGERPRINT-READ")
def test_fingerprint_reads_whole(card: CardUnderTest) -> None:
    """With RKSSSE the fingerprint reads in pieces to its 300 (hex) bytes (fact: files of SSSE)."""
    opened(card, SELECT_FINGERPRINT, "RKSSSE")
    for offset in range(0, FINGERPRINT_BYTES, 0x80):
        expect(card.send(octets(f"00B0{offset:04X}80"))).ok().length(0x80)


def written_back(card: CardUnderTest, select: str, command: str, before: bytes) -> None:
    """The bytes as they were are written back at the end of the case."""

    def restore() -> None:
        opened(card, select, "UKSSSE")
        expect(card.send(octets(command) + before), "CARD-UPDATE-BINARY").ok()

    card.at_end(f"restore {select[-4:]}", restore)


@verifies("CARD-PHOTO-UPDATE")
@for_each("piece", PHOTO_PIECES, ids=lambda piece: piece[0])
def test_photo_is_written(card: CardUnderTest, piece: tuple[str, int]) -> None:
    """00D6 from an offset with at most FF bytes, after 0082000410...: the piece reads back, its neighbours are as
    before (fact: patterns on cards in use, photo).
    """
    at, length = piece
    opened(card, SELECT_PHOTO, "RKSSSE", "UKSSSE")
    before = card.send(octets(f"00B0{at}{length:02X}"))
    expect(before, "CARD-PHOTO-READ").ok().length(length)
    edge = f"00B0{max(int(at, 16) - 16, 0):04X}10"
    beside = card.send(octets(edge)).data
    write = f"00D6{at}{length:02X}"
    written_back(card, SELECT_PHOTO, write, before.data)
    data = bytes(octet ^ 0xA5 for octet in before.data)
    expect(card.send(octets(write) + data)).ok().length(0)
    expect(card.send(octets(f"00B0{at}{length:02X}"))).ok().data(data, "the piece as written")
    if int(at, 16):
        expect(card.send(octets(edge))).ok().data(beside, "the bytes before it")


@verifies("CARD-FINGERPRINT-UPDATE")
def test_fingerprint_is_written(card: CardUnderTest) -> None:
    """00D6 from offset 0000 after UKSSSE, and by SFI 07 from offset 80: both read back (fact: files of SSSE)."""
    for read, write in (("00B0000010", "00D6000010"), ("00B0878010", "00D6878010")):
        opened(card, SELECT_FINGERPRINT, "RKSSSE", "UKSSSE")
        before = card.send(octets(read))
        expect(before, "CARD-FINGERPRINT-READ").ok().length(16)
        written_back(card, SELECT_FINGERPRINT, write, before.data)
        data = bytes(octet ^ 0x5A for octet in before.data)
        expect(card.send(octets(write) + data)).ok().length(0)
        expect(card.send(octets(read))).ok().data(data, "the bytes as written")


@verifies("CARD-PHOTO-SIZE")
def test_photo_size(card: CardUnderTest) -> None:
    """The last byte of the photo is at 0FFF, and nothing is behind it (fact: files of SSSE)."""
    opened(card, SELECT_PHOTO, "RKSSSE")
    expect(card.send(octets("00B00FFF01"))).ok().length(1)
    expect(card.transmit(octets("00B0100001"))).refused_with("6B00")
    expect(card.transmit(octets("00B2010400")), "CARD-PHOTO-READ").refused_with("6981")


@verifies("CARD-FINGERPRINT-SIZE")
def test_fingerprint_size(card: CardUnderTest) -> None:
    """The last byte of the fingerprint is at 02FF, and nothing is behind it (fact: files of SSSE)."""
    opened(card, SELECT_FINGERPRINT, "RKSSSE")
    expect(card.send(octets("00B002FF01"))).ok().length(1)
    expect(card.transmit(octets("00B0030001"))).refused_with("6B00")
    expect(card.transmit(octets("00B2010400")), "CARD-FINGERPRINT-READ").refused_with("6981")
