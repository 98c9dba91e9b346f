"""Services 01 and 02 of the encryptor: what it computes for a card."""

from collections.abc import Mapping

from onecard.oracle.hsm import CardSide, answers, fields_of, request
from onecard.spec.hsm import HsmKey, HsmService, HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 20
# (factor, original): None is drawn for each run.
DATA = (
    ("zeros", "00" * 8, "00" * 8),
    ("ones", "FF" * 8, "FF" * 8),
    ("counting", "1112131415161718", "0102030405060708"),
    ("drawn", None, None),
)
Data = tuple[str, str | None, str | None]


def identifiers(spec: InterfaceSpec) -> list[str]:
    """The identifiers of the algorithms."""
    return list(hsm_spec(spec).algorithms)


def field_keys(spec: InterfaceSpec) -> list[HsmKey]:
    """Keys whose address a program shows."""
    return [key for key in hsm_spec(spec).keys.values() if key.address in ("0090", "0094")]


def drawn(hsm: HsmUnderTest) -> str:
    """Eight bytes as hexadecimal."""
    return hsm.random.bytes(8).hex().upper()


def side(hsm: HsmUnderTest, identifier: str, region: str | None = None) -> CardSide:
    """A card of the encryptor's region with drawn historical bytes."""
    card = hsm.card_of(hsm_spec(hsm.spec).algorithms[identifier].card)
    return CardSide(hsm.region if region is None else region, hsm.random.bytes(13), identifier, card)


def ask(hsm: HsmUnderTest, text: str) -> Reply:
    """Send a string, with the credential of the IXIT."""
    transport = hsm_spec(hsm.spec).transport
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=hsm.caller())


def answered(hsm: HsmUnderTest, card: CardSide, service: HsmService, fields: Mapping[str, str]) -> None:
    """The answer to a request is the one that the oracle computes."""
    spec = hsm_spec(hsm.spec)
    roots = {key.key: hsm.root_key(key.key) for key in spec.keys.values()}
    right_answer(ask(hsm, request(spec, service, fields)), spec, answers(spec, service, fields, roots, card))


def right_answer(reply: Reply, spec: HsmSpec, right: tuple[str, ...]) -> None:
    """The answer is one of the right ones, which differ in their tail only."""
    found = reply.find(spec.transport.response)
    expect(reply).status(200).json().field(spec.transport.response, found if found in right else right[0])


def service_of(hsm: HsmUnderTest, number: str) -> tuple[HsmSpec, HsmService]:
    """The data, and one service."""
    spec = hsm_spec(hsm.spec)
    return spec, spec.service(number)


def internal(
    hsm: HsmUnderTest, card: CardSide, factor: str | None = None, original: str | None = None
) -> dict[str, str]:
    """Fields of service 01 without the external pair."""
    return fields_of(
        card,
        identification=hsm.random.bytes(16).hex().upper(),
        internal_factor=factor or drawn(hsm),
        internal_original=original or drawn(hsm),
    )


@verifies("HSM-SERVICE-01")
@for_each("identifier", identifiers)
@for_each("data", DATA, ids=lambda data: str(data[0]))
def test_read_basics(hsm: HsmUnderTest, identifier: str, data: Data) -> None:
    """Service 01 answers what a genuine card answers to INTERNAL AUTHENTICATE, and the original data again."""
    card = side(hsm, identifier)
    _, service = service_of(hsm, "01")
    answered(hsm, card, service, internal(hsm, card, data[1], data[2]))


@verifies("HSM-SERVICE-01-EXTERNAL")
@for_each("data", DATA, ids=lambda data: str(data[0]))
def test_read_basics_with_external(hsm: HsmUnderTest, data: Data) -> None:
    """With the external pair service 01 also answers the proof that opens the holder file of a 3.0 card."""
    card = side(hsm, "03")
    _, service = service_of(hsm, "01")
    pair = {"external-factor": data[1] or drawn(hsm), "external-original": data[2] or drawn(hsm)}
    answered(hsm, card, service, internal(hsm, card) | pair)


@verifies("HSM-SERVICE-01-INTERNAL-ONLY")
@for_each("identifier", identifiers)
def test_read_basics_without_external(hsm: HsmUnderTest, identifier: str) -> None:
    """Without the external pair the answer holds the internal part and nothing else, ended by || or |."""
    card = side(hsm, identifier)
    _, service = service_of(hsm, "01")
    answered(hsm, card, service, internal(hsm, card))


@verifies("HSM-SERVICE-02")
@for_each("identifier", identifiers)
@for_each("data", DATA, ids=lambda data: str(data[0]))
def test_external_authentication(hsm: HsmUnderTest, identifier: str, data: Data) -> None:
    """Service 02 answers the proof that a card accepts for EXTERNAL AUTHENTICATE, and the original data again."""
    card = side(hsm, identifier)
    spec, service = service_of(hsm, "02")
    address = spec.keys["HSM/UKSSSE"].address or ""
    fields = fields_of(card, key_address=address, factor=data[1] or drawn(hsm), original=data[2] or drawn(hsm))
    answered(hsm, card, service, fields)


@verifies("HSM-KEY-ADDRESS")
@for_each("identifier", identifiers)
@for_each("key", field_keys, ids=lambda key: key.key)
def test_key_address(hsm: HsmUnderTest, identifier: str, key: HsmKey) -> None:
    """Each address that programs show stands for its key."""
    card = side(hsm, identifier)
    _, service = service_of(hsm, "02")
    fields = fields_of(card, key_address=key.address or "", factor=drawn(hsm), original=drawn(hsm))
    answered(hsm, card, service, fields)


@verifies("HSM-READ-KEY-ADDRESS")
def test_read_key_address(hsm: HsmUnderTest) -> None:
    """The address of the read key stands for RKSSSE."""
    card = side(hsm, "03")
    spec, service = service_of(hsm, "02")
    address = spec.keys["HSM/RKSSSE"].address or ""
    answered(hsm, card, service, fields_of(card, key_address=address, factor=drawn(hsm), original=drawn(hsm)))


@verifies("HSM-ALGORITHM")
def test_algorithm_field(hsm: HsmUnderTest) -> None:
    """One request for one card under each algorithm in turn: each answer is that of the algorithm it names."""
    _, service = service_of(hsm, "01")
    historical = hsm.random.bytes(13)
    fields = internal(hsm, CardSide(hsm.region, historical, "01", side(hsm, "01").spec))
    for identifier in ("01", "03", "01"):
        card = CardSide(hsm.region, historical, identifier, side(hsm, identifier).spec)
        answered(hsm, card, service, fields | {"algorithm": identifier})


@verifies("HSM-DIVERSIFICATION")
@for_each("identifier", identifiers)
@for_each("place", (0, 4, 5, 12, 11))
def test_historical_bytes(hsm: HsmUnderTest, identifier: str, place: int) -> None:
    """One changed historical byte changes the answer where it lies among bytes 6 to 13, and only there."""
    first = side(hsm, identifier)
    _, service = service_of(hsm, "01")
    fields = internal(hsm, first)
    changed = bytearray(first.historical)
    changed[place] ^= 0x01
    for historical in (first.historical, bytes(changed)):
        card = CardSide(first.region, historical, identifier, first.spec)
        answered(hsm, card, service, fields | {"historical": historical.hex().upper()})


@verifies("HSM-DIVERSIFICATION")
@for_each("identifier", identifiers)
def test_city_of_the_province(hsm: HsmUnderTest, identifier: str) -> None:
    """A card of another city that the encryptor serves is answered with the keys of that city."""
    spec, service = service_of(hsm, "01")
    own = hsm.region
    other = own[: spec.region_digits] + "991300"[spec.region_digits :]
    card = side(hsm, identifier, other)
    answered(hsm, card, service, internal(hsm, card))


@verifies("HSM-CASE")
@for_each("identifier", identifiers)
def test_lower_case(hsm: HsmUnderTest, identifier: str) -> None:
    """Lower-case hexadecimal is worked on as upper-case, and the answer is in upper case."""
    card = side(hsm, identifier)
    spec, service = service_of(hsm, "01")
    factor, original = "a1b2c3d4e5f6abcd", "abcdefabcdefabcd"
    fields = internal(hsm, card, factor.upper(), original.upper())
    text = request(spec, service, {role: value.lower() for role, value in fields.items()})
    roots = {key.key: hsm.root_key(key.key) for key in spec.keys.values()}
    right_answer(ask(hsm, text), spec, answers(spec, service, fields, roots, card))
