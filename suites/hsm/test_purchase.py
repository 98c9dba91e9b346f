"""Service 04 of the encryptor: MAC1, MAC2 and TAC of a medical purchase."""

from onecard.oracle.hsm import CardSide, answers, fields_of, request
from onecard.spec.hsm import HsmAmounts, HsmKey, HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 40
NUMBER = "04"
TYPE = "32"
"""A purchase: the digit 2 in ASCII."""


def identifiers(spec: InterfaceSpec) -> list[str]:
    """The identifiers of the algorithms."""
    return list(hsm_spec(spec).algorithms)


def forms(spec: InterfaceSpec) -> list[HsmAmounts]:
    """The declared forms of the amounts."""
    return list(hsm_spec(spec).amounts.values())


def other_keys(spec: InterfaceSpec) -> list[HsmKey]:
    """Keys with an address whose use is another than purchases; none where the service is not offered."""
    found = hsm_spec(spec)
    offered = any(service.number == NUMBER for service in found.services.values())
    return [key for key in found.keys.values() if offered and key.address is not None and key.use != "purchase"]


def side(hsm: HsmUnderTest, identifier: str) -> CardSide:
    """A card of the encryptor's region with drawn historical bytes."""
    card = hsm.card_of(hsm_spec(hsm.spec).algorithms[identifier].card)
    return CardSide(hsm.region, hsm.random.bytes(13), identifier, card)


def drawn(hsm: HsmUnderTest, count: int) -> str:
    """So many bytes as hexadecimal."""
    return hsm.random.bytes(count).hex().upper()


def fields(hsm: HsmUnderTest, card: CardSide, **more: str) -> dict[str, str]:
    """Fields of a right request, drawn where ``more`` does not give them."""
    spec = hsm_spec(hsm.spec)
    given = {
        "key_address": spec.keys["HSM/DPK"].address or "",
        "terminal_serial": drawn(hsm, 4),
        "random": drawn(hsm, 4),
        "purchase_serial": drawn(hsm, 2),
        "amounts": drawn(hsm, next(iter(spec.amounts)) // 2),
        "type": TYPE,
        "terminal": f"{int.from_bytes(hsm.random.bytes(6), 'big') % 10**12:012d}",
        "time": "20250228235959",
    }
    return fields_of(card, **(given | more))


def ask(hsm: HsmUnderTest, given: dict[str, str]) -> Reply:
    """Send a request, with the credential of the IXIT."""
    spec = hsm_spec(hsm.spec)
    transport = spec.transport
    text = request(spec, spec.service(NUMBER), given)
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=hsm.caller())


def right_of(hsm: HsmUnderTest, card: CardSide, given: dict[str, str]) -> tuple[HsmSpec, list[str]]:
    """The data, and the five parts of the right answer."""
    spec = hsm_spec(hsm.spec)
    roots = {key.key: hsm.root_key(key.key) for key in spec.keys.values()}
    whole = answers(spec, spec.service(NUMBER), given, roots, card)[0]
    return spec, whole.split(spec.strings.separator)


def answered(hsm: HsmUnderTest, card: CardSide, given: dict[str, str]) -> None:
    """Sequence, time, MAC1 and MAC2 are those that the oracle computes."""
    spec, right = right_of(hsm, card, given)
    end = spec.strings.separator
    parts = ask(hsm, given)
    found = parts.find(spec.transport.response)
    # The TAC is a matter of its own cases: here it is taken as it comes, where it has its form.
    told = found.split(end) if isinstance(found, str) else []
    tac = told[4] if len(told) == len(right) and len(told[4]) == len(right[4]) else right[4]
    expect(parts).status(200).json().field(spec.transport.response, end.join([*right[:4], tac, right[5]]))


@verifies("HSM-PURCHASE")
@for_each("identifier", identifiers)
def test_purchase(hsm: HsmUnderTest, identifier: str) -> None:
    """MAC1 is the one that the card wants before it pays, MAC2 the one that it will answer with."""
    card = side(hsm, identifier)
    answered(hsm, card, fields(hsm, card))


@verifies("HSM-PURCHASE")
@for_each("identifier", identifiers)
@for_each("serial", ("00000000", "0000FFFF", "FFFF0000", "00010203"))
def test_terminal_sequence(hsm: HsmUnderTest, identifier: str, serial: str) -> None:
    """The session key ends in the last two bytes of the terminal sequence, which comes back whole."""
    card = side(hsm, identifier)
    answered(hsm, card, fields(hsm, card, terminal_serial=serial))


@verifies("HSM-PURCHASE-TAC")
@for_each("identifier", identifiers)
@for_each("serial", ("00000001", "80000001"))
def test_tac(hsm: HsmUnderTest, identifier: str, serial: str) -> None:
    """The TAC is the one that the card will answer with: of DTK itself, over the whole terminal sequence."""
    card = side(hsm, identifier)
    given = fields(hsm, card, terminal_serial=serial)
    spec, right = right_of(hsm, card, given)
    expect(ask(hsm, given)).status(200).json().field(spec.transport.response, spec.strings.separator.join(right))


@verifies("HSM-PURCHASE-AMOUNTS")
@for_each("identifier", identifiers)
@for_each("form", forms, ids=lambda form: f"{form.length}-digits")
@for_each("lone", (None, 0, 1, 2), ids=lambda lone: "all" if lone is None else f"amount-{lone + 1}")
def test_amounts(hsm: HsmUnderTest, identifier: str, form: HsmAmounts, lone: int | None) -> None:
    """Each amount counts in its place; one that the form does not tell is zero."""
    card = side(hsm, identifier)
    values = [f"{100 * place + 7:08X}" if lone in (None, place) else "00000000" for place in range(len(form.holds))]
    answered(hsm, card, fields(hsm, card, amounts="".join(values)))


@verifies("HSM-KEY-USE")
@for_each("key", other_keys, ids=lambda key: key.key)
def test_key_of_another_use(hsm: HsmUnderTest, key: HsmKey) -> None:
    """No MAC of a purchase is computed under a key of authentication or of messages."""
    spec = hsm_spec(hsm.spec)
    error = spec.error("UNKNOWN-KEY")
    reply = ask(hsm, fields(hsm, side(hsm, "03"), key_address=key.address or ""))
    expect(reply).refused(error.status, code=error.code)
    expect(reply).lacks(spec.transport.response)
