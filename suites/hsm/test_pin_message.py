"""Service 03 of the encryptor: secured commands that reload or unblock the PIN of a card."""

from onecard.oracle.hsm import CardSide, answers, fields_of, request
from onecard.spec.hsm import HsmKey, HsmMessage, HsmService, HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 30
NUMBER = "03"
# A PIN as the card codes it, by the number of its bytes; five and seven digits are filled with F.
PINS = {2: "1234", 3: "12345F", 4: "1234567F", 5: "0987654321", 6: "000000000000", 7: "98765432109876", 8: "1" * 16}


def identifiers(spec: InterfaceSpec) -> list[str]:
    """The identifiers of the algorithms."""
    return list(hsm_spec(spec).algorithms)


def pins(spec: InterfaceSpec) -> list[tuple[str, str]]:
    """Algorithm and PIN: with 8-byte blocks up to seven bytes, which with their length fill the block."""
    return [("01", pin) for count, pin in PINS.items() if count < 8] + [("03", pin) for pin in PINS.values()]


def other_keys(spec: InterfaceSpec) -> list[HsmKey]:
    """Keys with an address whose use is another than messages; none where the service is not offered."""
    found = hsm_spec(spec)
    offered = any(service.number == NUMBER for service in found.services.values())
    return [key for key in found.keys.values() if offered and key.address is not None and key.use != "message"]


def side(hsm: HsmUnderTest, identifier: str) -> CardSide:
    """A card of the encryptor's region with drawn historical bytes."""
    card = hsm.card_of(hsm_spec(hsm.spec).algorithms[identifier].card)
    return CardSide(hsm.region, hsm.random.bytes(13), identifier, card)


def header_of(spec: HsmSpec, card: CardSide | None) -> HsmMessage:
    """The message that reloads the PIN of a card; without a card the one that unblocks."""
    block = None if card is None else card.spec.algorithm.block
    return next(each for each in spec.messages.values() if each.plain == (card is not None) and each.block == block)


def fields(hsm: HsmUnderTest, card: CardSide, plain: str, factor: str | None = None) -> dict[str, str]:
    """Fields of a right request: a reload, or with an empty plain text an unblocking."""
    spec = hsm_spec(hsm.spec)
    return fields_of(
        card,
        key_address=spec.keys["HSM/STK"].address or "",
        factor=factor or hsm.random.bytes(8).hex().upper(),
        header=header_of(spec, card if plain else None).header.hex().upper(),
        plain=plain,
    )


def ask(hsm: HsmUnderTest, given: dict[str, str]) -> Reply:
    """Send a request, with the credential of the IXIT."""
    spec = hsm_spec(hsm.spec)
    transport = spec.transport
    text = request(spec, spec.service(NUMBER), given)
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=hsm.caller())


def answered(hsm: HsmUnderTest, card: CardSide, given: dict[str, str]) -> None:
    """The answer is one of the right ones, which differ in the header only."""
    spec = hsm_spec(hsm.spec)
    service: HsmService = spec.service(NUMBER)
    roots = {key.key: hsm.root_key(key.key) for key in spec.keys.values()}
    right, reply = answers(spec, service, given, roots, card), ask(hsm, given)
    found = reply.find(spec.transport.response)
    expect(reply).status(200).json().field(spec.transport.response, found if found in right else right[0])


def refused(hsm: HsmUnderTest, given: dict[str, str], name: str) -> None:
    """Refused with the code of the data, and no answer beside it."""
    spec = hsm_spec(hsm.spec)
    error, reply = spec.error(name), ask(hsm, given)
    expect(reply).refused(error.status, code=error.code).json().has("message.zh").has("message.en")
    expect(reply).lacks(spec.transport.response)


@verifies("HSM-PIN-RELOAD")
@for_each("pin", pins, ids=lambda pin: f"{pin[0]}-{len(pin[1]) // 2}-bytes")
def test_reload(hsm: HsmUnderTest, pin: tuple[str, str]) -> None:
    """A new PIN comes back as the command that the card takes: header, enciphered with its length, MAC over both."""
    identifier, plain = pin
    card = side(hsm, identifier)
    answered(hsm, card, fields(hsm, card, plain))


@verifies("HSM-PIN-RELOAD")
@for_each("identifier", identifiers)
@for_each("factor", ("00" * 8, "FF" * 8, "1122334455667788"))
def test_reload_with_a_fixed_factor(hsm: HsmUnderTest, identifier: str, factor: str) -> None:
    """The session key is made of the card's challenge as it stands."""
    card = side(hsm, identifier)
    answered(hsm, card, fields(hsm, card, "123456", factor))


@verifies("HSM-PIN-UNBLOCK")
@for_each("identifier", identifiers)
def test_unblock(hsm: HsmUnderTest, identifier: str) -> None:
    """Without a plain text the command is header and MAC: the PIN keeps its value."""
    card = side(hsm, identifier)
    answered(hsm, card, fields(hsm, card, ""))


@verifies("HSM-MESSAGE-HEADER")
@for_each("identifier", identifiers)
@for_each("header", ("8416000004", "841E000104", "8424000204", "0424000004", "8424000005", "84D6000004"))
def test_header_of_another_command(hsm: HsmUnderTest, identifier: str, header: str) -> None:
    """No MAC is made for a command that blocks or writes, or for another form of the unblocking."""
    card = side(hsm, identifier)
    refused(hsm, fields(hsm, card, "") | {"header": header}, "HEADER")


@verifies("HSM-MESSAGE-HEADER")
@for_each("identifier", identifiers)
def test_header_of_the_other_algorithm(hsm: HsmUnderTest, identifier: str) -> None:
    """The header that tells the other block size is refused: the card could not take the command."""
    card, other = side(hsm, identifier), side(hsm, "03" if identifier == "01" else "01")
    header = header_of(hsm_spec(hsm.spec), other).header.hex().upper()
    # With 8-byte blocks a PIN of eight bytes takes two: the length of the other header, and yet not its command.
    refused(hsm, fields(hsm, card, "1" * 16) | {"header": header}, "HEADER")


@verifies("HSM-MESSAGE-HEADER")
@for_each("identifier", identifiers)
@for_each("plain", ("", "123456"), ids=lambda plain: "with-a-PIN" if plain else "without-a-PIN")
def test_header_and_plain_text(hsm: HsmUnderTest, identifier: str, plain: str) -> None:
    """A reload without a new PIN, which would take the PIN away, and an unblocking with one are refused."""
    card = side(hsm, identifier)
    header = header_of(hsm_spec(hsm.spec), None if plain else card).header.hex().upper()
    refused(hsm, fields(hsm, card, plain) | {"header": header}, "HEADER")


@verifies("HSM-MESSAGE-HEADER")
def test_plain_text_longer_than_the_header(hsm: HsmUnderTest) -> None:
    """With 8-byte blocks a PIN of eight bytes takes two blocks, and the header says one."""
    refused(hsm, fields(hsm, side(hsm, "01"), "1" * 16), "HEADER")


@verifies("HSM-KEY-USE")
@for_each("key", other_keys, ids=lambda key: key.key)
def test_key_of_another_use(hsm: HsmUnderTest, key: HsmKey) -> None:
    """No PIN message is made under a key of authentication or of purchases."""
    refused(hsm, fields(hsm, side(hsm, "03"), "123456") | {"key-address": key.address or ""}, "UNKNOWN-KEY")
