"""UPDATE BINARY with a MAC of the transport application's maintenance key: what it opens, and what it does not."""

from onecard.spec.card import CardSpec, FileSpec, Structure
from onecard.spec.card_transport import transport_of
from onecard.testing import CardUnderTest, TransportDesk, expect, for_each, verifies

ORDER = 605
SECURE = "TRANSPORT-SECURE-UPDATE"


def files(spec: CardSpec) -> list[FileSpec]:
    """The files of the application."""
    data = transport_of(spec)
    mine = data.purse.application if data is not None else None
    return [file for file in spec.files.values() if file.application == mine]


def updated(spec: CardSpec) -> list[FileSpec]:
    """The files that UPDATE BINARY with MAC opens."""
    return [file for file in files(spec) if file.id in spec.command(SECURE).words("files")]


def of_records(spec: CardSpec) -> list[FileSpec]:
    """The files of records."""
    return [file for file in files(spec) if file.structure != Structure.TRANSPARENT]


def file_id(file: FileSpec) -> str:
    """A file in a case id."""
    return file.id.replace("/", "-")


def update(desk: TransportDesk, file: FileSpec, body: bytes, challenge: bytes, *, spoil: bool = False) -> bytes:
    """UPDATE BINARY with MAC of the first bytes of a file."""
    return desk.secured(SECURE, 0x80 | (file.sfi or 0), 0, body, challenge, spoil=spoil)


@verifies("CARD-TRANSPORT-SECURE-UPDATE")
@for_each("file", updated, ids=file_id)
def test_secured_update(card: CardUnderTest, file: FileSpec) -> None:
    """04 D6 with the right MAC writes; the last byte of the file changes and is restored in the same way."""
    desk = TransportDesk(card)
    desk.select()
    before = desk.content(file.id)
    expect(before, "CARD-TRANSPORT-FILES").ok()
    last = file.size - 1
    new = bytes((before.data[last] ^ 0x01,))

    def write(octets: bytes) -> bytes:
        card.send(card.apdu.select_ef(file.fid))
        return desk.secured(SECURE, last >> 8, last & 0xFF, octets, card.get_challenge(4))

    def restore() -> None:
        desk.select()
        card.send(write(before.data[last:]))

    card.at_end(f"restore {file.id}", restore)
    expect(card.send(write(new))).ok().length(0)
    expect(desk.content(file.id)).ok().data(before.data[:last] + new, "content with its last byte changed")
    expect(card.send(write(before.data[last:]))).ok()
    expect(desk.content(file.id)).ok().data(before.data, "content as it was")


@verifies("CARD-TRANSPORT-SECURE-UPDATE")
@for_each("file", updated, ids=file_id)
def test_update_by_sfi(card: CardUnderTest, file: FileSpec) -> None:
    """04 D6 with the file's SFI in P1 writes too: the first eight bytes with what they are, a MAC of two blocks."""
    desk = TransportDesk(card)
    desk.select()
    before = desk.content(file.id)
    expect(card.send(update(desk, file, before.data[:8], card.get_challenge(4)))).ok()
    expect(desk.content(file.id)).ok().data(before.data, "content")


@verifies("CARD-TRANSPORT-SECURE-UPDATE-REFUSED")
@for_each("file", updated, ids=file_id)
def test_wrong_mac(card: CardUnderTest, file: FileSpec) -> None:
    """04 D6 with one bit of the MAC changed is refused, and the file is as before."""
    desk = TransportDesk(card)
    desk.select()
    before = desk.content(file.id)
    other = bytes((before.data[0] ^ 0x01,)) + before.data[1:8]
    expect(card.send(update(desk, file, other, card.get_challenge(4), spoil=True))).refused()
    expect(desk.content(file.id)).ok().data(before.data, "content")


@verifies("CARD-TRANSPORT-SECURE-UPDATE-REFUSED")
@for_each("kind", ("none", "used", "older"))
def test_challenge(card: CardUnderTest, kind: str) -> None:
    """Without a challenge, with one that served before, or with the last but one, the right MAC is refused."""
    desk = TransportDesk(card)
    desk.select()
    file = card.spec.file("TRANSPORT/EF16")
    body = desk.content(file.id).data[:8]
    challenge = bytes(4)
    if kind != "none":
        challenge = card.get_challenge(4)
    if kind == "used":
        expect(card.send(update(desk, file, body, challenge)), "CARD-TRANSPORT-SECURE-UPDATE").ok()
    if kind == "older":
        card.get_challenge(4)
    expect(card.send(update(desk, file, body, challenge))).refused()


@verifies("CARD-TRANSPORT-SECURE-UPDATE-REFUSED")
def test_failed_mac_uses_the_challenge(card: CardUnderTest) -> None:
    """A wrong MAC uses the challenge up: the right one after it is refused."""
    desk = TransportDesk(card)
    desk.select()
    file = card.spec.file("TRANSPORT/EF16")
    body = desk.content(file.id).data[:8]
    challenge = card.get_challenge(4)
    expect(card.send(update(desk, file, body, challenge, spoil=True))).refused()
    expect(card.send(update(desk, file, body, challenge))).refused()


@verifies("CARD-TRANSPORT-SECURE-UPDATE-REFUSED")
@for_each("file", of_records, ids=file_id)
def test_other_files(card: CardUnderTest, file: FileSpec) -> None:
    """04 D6 with the right MAC does not open the files that transactions write."""
    desk = TransportDesk(card)
    desk.select()
    expect(card.send(update(desk, file, bytes(8), card.get_challenge(4)))).refused()
