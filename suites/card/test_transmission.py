"""T=0: data announced by 61xx, lengths named by 6Cxx, GET RESPONSE."""

from collections.abc import Callable

from onecard.spec.card import CardSpec, Item
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 80
Maker = Callable[[CardUnderTest], bytes]
Named = tuple[str, Maker]


def select_ssse(card: CardUnderTest) -> bytes:
    """SELECT the environment: its FCI waits."""
    return card.apdu.select_name(card.spec.applications["SSSE"].aid)


def select_df01(card: CardUnderTest) -> bytes:
    """SELECT an application: its FCI waits."""
    return card.apdu.select_fid(card.spec.applications["DF01"].fid, 0x00)


def internal(card: CardUnderTest) -> bytes:
    """INTERNAL AUTHENTICATE: eight bytes wait."""
    return card.internal_authentication(card.random.bytes(8), card.random.bytes(8))


WITH_DATA: tuple[Named, ...] = (("environment", select_ssse), ("application", select_df01), ("internal", internal))
OTHERS: tuple[Named, ...] = (
    ("get-challenge", lambda card: card.apdu.get_challenge(8)),
    ("select-file", lambda card: card.apdu.select_ef(card.spec.file("SSSE/EF05").fid)),
    ("read-record", lambda card: card.apdu.read_record(1, 4, card.spec.file("SSSE/EF05").sfi, 0x12)),
    ("verify-query", lambda card: card.apdu.verify(b"")),
    ("refused-select", lambda card: card.apdu.select_ef(0xFFFF)),
)


def named(entry: Named) -> str:
    """A command in a case id."""
    return entry[0]


def nothing_waits(card: CardUnderTest) -> None:
    """GET RESPONSE answers that no data waits."""
    none = card.spec.command("GET-RESPONSE").statuses["nothing"].text
    expect(card.transmit(card.apdu.get_response(0x08))).refused_with(none)


def announce(card: CardUnderTest, command: bytes) -> int:
    """Send a command whose data must be announced; how many bytes it announces."""
    response = card.transmit(command)
    expect(response).sw(f"{card.spec.t0.more_data:02X}xx").length(0)
    return response.sw & 0xFF


@verifies("CARD-T0-MORE-DATA")
@for_each("entry", WITH_DATA, ids=named)
def test_announced_data(card: CardUnderTest, entry: Named) -> None:
    """A case-4 command answers 61xx without data, and GET RESPONSE gives exactly xx bytes."""
    card.require_raw_t0()
    if entry[1] is not select_ssse:
        card.select_environment()
    count = announce(card, entry[1](card))
    expect(card.transmit(card.apdu.get_response(count))).ok().length(count)


@verifies("CARD-T0-MORE-DATA")
def test_announced_authentication_data(card: CardUnderTest) -> None:
    """INTERNAL AUTHENTICATE announces the eight bytes of its authentication data."""
    card.require_raw_t0()
    card.select_environment()
    wanted = card.spec.authentication_data.length
    count = announce(card, internal(card))
    check(card, count == wanted, what="announced length", expected=f"{wanted:02X}", received=f"{count:02X}")


@verifies("CARD-T0-MORE-DATA")
def test_nothing_announced(card: CardUnderTest) -> None:
    """A command without data to give answers 9000 at once."""
    card.require_raw_t0()
    card.select_environment()
    expect(card.transmit(card.apdu.select_ef(card.spec.file("SSSE/EF05").fid))).ok().length(0)


def issuer_items(spec: CardSpec) -> tuple[Item, ...]:
    """The items of the issuer file, which reads freely."""
    return spec.file("SSSE/EF05").items


@verifies("CARD-T0-WRONG-LE")
@for_each("item", issuer_items, ids=lambda item: f"{item.tag:02X}")
def test_wrong_le(card: CardUnderTest, item: Item) -> None:
    """Any Le but the true length answers 6Cxx with the true length and no data; repeated with it the record comes."""
    card.require_raw_t0()
    card.open_for_reading("SSSE/EF05")
    true = item.length + 2
    for le in (0, 1, true - 1, true + 1, 0x7F, 0xFF):
        response = card.transmit(card.apdu.read_record(item.tag, 0, le=le))
        expect(response).refused_with(f"{card.spec.t0.wrong_le:02X}{true:02X}")
    expect(card.transmit(card.apdu.read_record(item.tag, 0, le=true))).ok().length(true)


def record_files(spec: CardSpec) -> list[str]:
    """The files of records in SSSE itself; those of the areas have families of their own."""
    return [file.id for file in spec.files.values() if file.application == "SSSE" and file.record_order]


@verifies("CARD-T0-WRONG-LE")
@for_each("mode", (5, 6), ids=lambda mode: f"mode-{mode}")
@for_each("file", record_files, ids=lambda file: str(file).replace("/", "-"))
def test_wrong_le_of_a_range(card: CardUnderTest, file: str, mode: int) -> None:
    """Reading all records with Le 00 names the length of all of them together."""
    card.require_raw_t0()
    card.open_for_reading(file)
    true = sum(item.length + 2 for item in card.spec.file(file).items)
    expect(card.transmit(card.apdu.read_record(1, mode))).refused_with(f"{card.spec.t0.wrong_le:02X}{true:02X}")
    expect(card.transmit(card.apdu.read_record(1, mode, le=true))).ok().length(true)


@verifies("CARD-T0-WRONG-LE")
def test_wrong_le_changes_nothing(card: CardUnderTest) -> None:
    """A read refused for its Le is no read: "next" still gives the record that it would have given."""
    card.require_raw_t0()
    file = card.spec.file("SSSE/EF05")
    card.open_for_reading(file.id)
    tag, true = file.record_order[1], file.item(file.record_order[1]).length + 2
    for _ in range(2):
        expect(card.transmit(card.apdu.read_record(tag, 2))).refused_with(f"{card.spec.t0.wrong_le:02X}{true:02X}")
    expect(card.transmit(card.apdu.read_record(tag, 2, le=true))).ok().starts_with(bytes((tag,)))


@verifies("CARD-GET-RESPONSE-NONE")
def test_nothing_waits_after_file(card: CardUnderTest) -> None:
    """After a command without data GET RESPONSE answers 6F00."""
    card.require_raw_t0()
    card.select_environment()
    card.select_file("SSSE/EF05")
    nothing_waits(card)


@verifies("CARD-GET-RESPONSE-NONE")
@for_each("entry", WITH_DATA, ids=named)
def test_data_is_fetched_once(card: CardUnderTest, entry: Named) -> None:
    """Data that was fetched is gone: the next GET RESPONSE answers 6F00."""
    card.require_raw_t0()
    card.select_environment()
    expect(card.transmit(card.apdu.get_response(announce(card, entry[1](card))))).ok()
    nothing_waits(card)


@verifies("CARD-GET-RESPONSE-NONE")
@for_each("kind", ("cold", "warm"))
def test_nothing_waits_after_reset(card: CardUnderTest, kind: str) -> None:
    """A reset takes waiting data away."""
    card.require_raw_t0()
    announce(card, select_ssse(card))
    if kind == "cold":
        card.power_on()
    else:
        card.reset()
    nothing_waits(card)


@verifies("CARD-GET-RESPONSE-LE")
@for_each("entry", WITH_DATA, ids=named)
def test_get_response_asks_the_length(card: CardUnderTest, entry: Named) -> None:
    """GET RESPONSE with Le 00 names the length of what waits, and the data can still be fetched."""
    card.require_raw_t0()
    card.select_environment()
    count = announce(card, entry[1](card))
    for _ in range(2):
        expect(card.transmit(card.apdu.get_response(0))).refused_with(f"{card.spec.t0.wrong_le:02X}{count:02X}")
    expect(card.transmit(card.apdu.get_response(count))).ok().length(count)


@verifies("CARD-GET-RESPONSE-STALE")
@for_each("other", OTHERS, ids=named)
def test_stale_data(card: CardUnderTest, other: Named) -> None:
    """After any other command the data that waited is gone."""
    card.require_raw_t0()
    announce(card, select_ssse(card))
    card.transmit(other[1](card))
    nothing_waits(card)


@verifies("CARD-GET-RESPONSE-STALE")
def test_stale_authentication_data(card: CardUnderTest) -> None:
    """Authentication data left waiting does not answer a GET RESPONSE that follows another command."""
    card.require_raw_t0()
    card.select_environment()
    announce(card, internal(card))
    card.transmit(card.apdu.get_challenge(8))
    nothing_waits(card)
