"""Headers and lengths that the card must refuse: class, instruction, Lc, P1 and P2."""

from collections.abc import Callable

from onecard.spec.card import Command
from onecard.testing import CardUnderTest, check, expect, for_each, verifies

ORDER = 90
# Classes reserved for future use or proprietary without meaning here; FF belongs to the reader.
UNSUPPORTED_CLASSES = (0x20, 0xE0)
UNSUPPORTED_INSTRUCTIONS = (0x02, 0x3A, 0x5A, 0x7A, 0xBA, 0xFA)
Maker = Callable[[CardUnderTest], bytes]


def right_internal(card: CardUnderTest) -> bytes:
    """A right INTERNAL AUTHENTICATE."""
    return card.internal_authentication(card.random.bytes(8), card.random.bytes(8))


def right_external(card: CardUnderTest) -> bytes:
    """A right EXTERNAL AUTHENTICATE over a fresh challenge."""
    return card.external_authentication("UKSSSE", card.get_challenge(8))


def rewritten_record(card: CardUnderTest) -> bytes:
    """An UPDATE RECORD that changes nothing."""
    file = card.spec.file("SSSE/EF05")
    card.select_file(file.id)
    return card.apdu.update_record(2, 4, card.read_item(file.id, file.record_order[1]).data)


# Every command as it would be right, without a PIN or key being at risk where the card overlooks the fault.
RIGHT: dict[str, Maker] = {
    "SELECT": lambda card: card.apdu.select_name(card.spec.applications["SSSE"].aid),
    "READ-RECORD": lambda card: card.apdu.read_record(1, 4, card.spec.file("SSSE/EF05").sfi, 0x12),
    "UPDATE-RECORD": rewritten_record,
    "READ-BINARY": lambda card: card.apdu.read_binary(0, 0x08),
    "UPDATE-BINARY": lambda card: card.apdu.update_binary(0, b"\xff", 0x04),
    "GET-RESPONSE": lambda card: card.apdu.get_response(0x08),
    "GET-CHALLENGE": lambda card: card.apdu.get_challenge(0x08),
    "INTERNAL-AUTHENTICATE": right_internal,
    "EXTERNAL-AUTHENTICATE": right_external,
    "VERIFY": lambda card: card.apdu.verify(b""),
}


@verifies("CARD-CLA")
@for_each("command", [name for name in RIGHT if name != "EXTERNAL-AUTHENTICATE"])
def test_class(card: CardUnderTest, command: str) -> None:
    """A right command with an unsupported class answers 6E00 and no data."""
    card.select_environment()
    right = RIGHT[command](card)
    for cla in UNSUPPORTED_CLASSES:
        expect(card.transmit(bytes((cla,)) + right[1:])).refused_with(card.spec.general.cla.text)


@verifies("CARD-CLA")
@for_each("cla", UNSUPPORTED_CLASSES, ids=lambda cla: f"{cla:02X}")
def test_class_of_external_authentication(card: CardUnderTest, cla: int) -> None:
    """An authentication with an unsupported class answers 6E00; without a challenge no try is at risk."""
    command = card.spec.command("EXTERNAL-AUTHENTICATE")
    card.select_environment()
    apdu = bytes((cla, command.ins, 0x00, card.spec.keys["UKSSSE"].key_id, 0x10)) + card.random.bytes(16)
    expect(card.transmit(apdu)).refused_with(card.spec.general.cla.text)


@verifies("CARD-INS")
def test_instruction(card: CardUnderTest) -> None:
    """An instruction that the card does not have answers 6D00 and no data."""
    card.select_environment()
    for ins in UNSUPPORTED_INSTRUCTIONS:
        expect(card.transmit(bytes((0x00, ins, 0x00, 0x00, 0x00)))).refused_with(card.spec.general.instruction.text)


@verifies("CARD-INS")
def test_instruction_changes_nothing(card: CardUnderTest) -> None:
    """After an unknown instruction the file that was current is read on."""
    file = card.spec.file("SSSE/EF05")
    card.open_for_reading(file.id)
    before = card.read_item(file.id, file.record_order[0])
    expect(before, "CARD-EF05-READ").ok()
    expect(card.transmit(bytes((0x00, UNSUPPORTED_INSTRUCTIONS[0], 0x00, 0x00, 0x00)))).refused()
    expect(card.read_item(file.id, file.record_order[0])).ok().data(before.data, "the record read before")


def wrong_lengths(command: Command) -> list[int]:
    """Lengths just outside the allowed ones, and some further off."""
    allowed = command.lengths
    return [n for n in (1, 8, min(allowed) - 1, max(allowed) + 1, 2 * min(allowed)) if n not in allowed]


@verifies("CARD-LENGTH")
@for_each("length", lambda spec: wrong_lengths(spec.command("INTERNAL-AUTHENTICATE")), ids=lambda n: f"Lc-{n:02X}")
def test_length_of_internal_authentication(card: CardUnderTest, length: int) -> None:
    """INTERNAL AUTHENTICATE with another Lc than 10 or 11 answers 6700 and no data."""
    card.select_environment()
    response = card.send(card.apdu.internal_authenticate(card.random.bytes(length)))
    expect(response).refused_with(card.spec.command("INTERNAL-AUTHENTICATE").statuses["length"].text)


@verifies("CARD-LENGTH")
@for_each("length", lambda spec: wrong_lengths(spec.command("EXTERNAL-AUTHENTICATE")), ids=lambda n: f"Lc-{n:02X}")
def test_length_of_external_authentication(card: CardUnderTest, length: int) -> None:
    """EXTERNAL AUTHENTICATE with another Lc than 10 or 11 answers 6700, although a challenge was taken."""
    card.select_environment()
    right = card.external_authentication("UKSSSE", card.get_challenge(8))
    command = right[:4] + bytes((length,)) + right[5:].ljust(length, b"\x00")[:length]
    response = card.wrong_external_authentication("UKSSSE", command)
    expect(response).refused_with(card.spec.command("EXTERNAL-AUTHENTICATE").statuses["length"].text)


@verifies("CARD-LENGTH")
@for_each("name", ("INTERNAL-AUTHENTICATE", "EXTERNAL-AUTHENTICATE"))
def test_allowed_lengths(card: CardUnderTest, name: str) -> None:
    """Lc 10, and 11 with the key version behind the data, are accepted."""
    version = card.spec.default_key_version
    card.select_environment()
    for stated in (None, version):
        if name == "INTERNAL-AUTHENTICATE":
            response = card.send(card.internal_authentication(card.random.bytes(8), card.random.bytes(8), stated))
        else:
            right = card.external_authentication("UKSSSE", card.get_challenge(8), version=stated)
            response = card.wrong_external_authentication("UKSSSE", right)
        expect(response).ok()


@verifies("CARD-LENGTH")
@for_each("name", ("INTERNAL-AUTHENTICATE", "EXTERNAL-AUTHENTICATE"))
def test_length_zero(card: CardUnderTest, name: str) -> None:
    """An authentication without data answers 6700."""
    command = card.spec.command(name)
    card.select_environment()
    if name == "INTERNAL-AUTHENTICATE":
        response = card.send(card.apdu.internal_authenticate(b""))
    else:
        card.get_challenge(8)
        empty = card.apdu.external_authenticate(card.spec.keys["UKSSSE"].key_id, b"")
        response = card.wrong_external_authentication("UKSSSE", empty)
    expect(response).refused_with(command.statuses["length"].text)


# (command, P1, P2): None leaves the right value. P2 of both authentications names a key: see test_absent_key.
PARAMETERS = (
    ("GET-CHALLENGE", 0x01, None),
    ("GET-CHALLENGE", None, 0x01),
    ("GET-CHALLENGE", 0xFF, 0xFF),
    ("INTERNAL-AUTHENTICATE", 0x01, None),
    ("INTERNAL-AUTHENTICATE", 0xFF, None),
    ("EXTERNAL-AUTHENTICATE", 0x01, None),
    ("EXTERNAL-AUTHENTICATE", 0xFF, None),
    ("VERIFY", 0x01, None),
    ("VERIFY", None, 0x7F),
)
Wrong = tuple[str, int | None, int | None]


def wrong_id(wrong: Wrong) -> str:
    """A wrong header in a case id."""
    name, p1, p2 = wrong
    return f"{name}-P1-{p1:02X}" if p1 is not None else f"{name}-P2-{p2:02X}"


@verifies("CARD-PARAMETERS")
@for_each("wrong", PARAMETERS, ids=wrong_id)
def test_parameters(card: CardUnderTest, wrong: Wrong) -> None:
    """P1 or P2 outside the rules answers 6A86 and no data, although all else is right."""
    name, p1, p2 = wrong
    card.select_environment()
    right = RIGHT[name](card)
    header = bytes((*right[:2], right[2] if p1 is None else p1, right[3] if p2 is None else p2))
    apdu = header + right[4:]
    keyed = name == "EXTERNAL-AUTHENTICATE"
    response = card.wrong_external_authentication("UKSSSE", apdu) if keyed else card.send(apdu)
    expect(response).refused_with(card.spec.command(name).statuses["parameters"].text)


@verifies("CARD-PARAMETERS")
@for_each("wrong", ((0x01, 0x00), (0x00, 0x01)), ids=lambda wrong: f"{wrong[0]:02X}{wrong[1]:02X}")
def test_parameters_of_get_response(card: CardUnderTest, wrong: tuple[int, int]) -> None:
    """GET RESPONSE with P1 or P2 other than 00 answers 6A86 while data waits."""
    card.require_raw_t0()
    waiting = card.transmit(card.apdu.select_name(card.spec.applications["SSSE"].aid))
    expect(waiting).sw("61xx")
    right = card.apdu.get_response(waiting.sw & 0xFF)
    response = card.transmit(right[:2] + bytes(wrong) + right[4:])
    expect(response).refused_with(card.spec.command("GET-RESPONSE").statuses["parameters"].text)


# Half a header, and VERIFY that announces more, or less, than it brings. None is a PIN to any card.
MALFORMED = ("00B2", "002000", "002000000812", "0020000002121212")


@verifies("CARD-MALFORMED")
@for_each("line", MALFORMED)
def test_malformed(card: CardUnderTest, line: str) -> None:
    """Half a header, or an Lc that disagrees with the bytes that follow: 6700 and no data, and no try is lost."""
    card.select_environment()
    before = card.pin_tries()
    expect(card.transmit(bytes.fromhex(line))).refused_with(card.spec.general.malformed.text)
    check(
        card, card.pin_tries() == before, what="tries of the PIN", expected=str(before), received=str(card.pin_tries())
    )
