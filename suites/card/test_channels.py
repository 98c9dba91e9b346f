"""Forms of command that the rules do not use: other logical channels, chaining, extended length."""

from collections.abc import Callable, Mapping

from onecard.spec.card import CardSpec
from onecard.testing import CardUnderTest, expect, for_each, verifies

ORDER = 95
MANAGE_CHANNEL = bytes.fromhex("0070000001")


def form(spec: CardSpec, name: str) -> Mapping[str, object]:
    """What the data say of a form of command."""
    return spec.table("interchange")[name]


def classes(name: str) -> Callable[[CardSpec], list[int]]:
    """Parameters of a family: the class bytes of a form."""
    return lambda spec: list(bytes.fromhex(str(form(spec, name)["classes"])))


def commands(card: CardUnderTest) -> list[bytes]:
    """Right commands on which neither a PIN nor a key hangs."""
    file = card.spec.file("SSSE/EF05")
    return [
        card.apdu.select_ef(file.fid),
        card.apdu.read_record(file.record_order[0], 0, file.sfi or 0, 0x12),
        card.apdu.read_binary(0, 1),
        card.apdu.get_challenge(8),
        card.apdu.verify(b""),
    ]


def refused_on(card: CardUnderTest, cla: int) -> None:
    """Each command is refused with its class changed, and works as before without the change."""
    file = card.spec.file("SSSE/EF05")
    refusal = card.spec.general.cla.text
    card.select_environment()
    card.select_file(file.id)
    before = card.read_item(file.id, file.record_order[1])
    expect(before, "CARD-READ-IDENTIFIER").ok()
    for command in commands(card):
        expect(card.transmit(bytes((command[0] | cla,)) + command[1:])).refused_with(refusal)
        expect(card.read_item(file.id, file.record_order[1])).ok().data(before.data, "the record read before")


@verifies("CARD-CHANNEL")
@for_each("cla", classes("CHANNELS"), ids=lambda cla: f"{cla:02X}")
def test_other_channel(card: CardUnderTest, cla: int) -> None:
    """A right command on another logical channel answers 6E00; the basic channel stands as before."""
    refused_on(card, cla)


@verifies("CARD-CHANNEL")
def test_manage_channel(card: CardUnderTest) -> None:
    """MANAGE CHANNEL opens nothing: it is refused."""
    card.select_environment()
    expect(card.transmit(MANAGE_CHANNEL)).refused()


@verifies("CARD-CHAINING")
@for_each("cla", classes("CHAINING"), ids=lambda cla: f"{cla:02X}")
def test_chaining(card: CardUnderTest, cla: int) -> None:
    """A right command that says that more follows answers 6E00; the commands after it work as before."""
    refused_on(card, cla)


@verifies("CARD-CHAINING")
@for_each("cla", classes("CHAINING"), ids=lambda cla: f"{cla:02X}")
def test_chained_name(card: CardUnderTest, cla: int) -> None:
    """A name that comes in two parts is not put together: the first part answers 6E00, the second is no name."""
    name = card.spec.applications["SSSE"].df_name
    first, second = card.apdu.select_name(name[:8]), card.apdu.select_name(name[8:])
    expect(card.transmit(bytes((first[0] | cla,)) + first[1:])).refused_with(card.spec.general.cla.text)
    expect(card.transmit(second)).refused()


@verifies("CARD-EXTENDED-LENGTH")
@for_each("kind", ("READ-RECORD", "SELECT", "GET-CHALLENGE"))
def test_extended_length(card: CardUnderTest, kind: str) -> None:
    """A right command with a three-byte length answers 6700 and no data."""
    file, name = card.spec.file("SSSE/EF05"), card.spec.applications["SSSE"].df_name
    select = card.apdu.select_name(name)
    extended = {
        "READ-RECORD": card.apdu.read_record(file.record_order[0], 0, file.sfi or 0)[:4] + b"\x00\x00\x12",
        "SELECT": select[:4] + b"\x00" + len(name).to_bytes(2) + name,
        "GET-CHALLENGE": card.apdu.get_challenge(8)[:4] + b"\x00\x00\x08",
    }
    card.select_environment()
    expect(card.transmit(extended[kind])).refused_with(str(form(card.spec, "EXTENDED-LENGTH")["status"]))
