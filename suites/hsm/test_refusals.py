"""What the encryptor refuses, and how."""

from collections.abc import Callable

from onecard.oracle.hsm import CardSide, fields_of, request
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 60
ALL = ("01", "02", "03", "04")
KEYS = {"02": "HSM/UKSSSE", "03": "HSM/STK", "04": "HSM/DPK"}
NEVER = ("00", "09", "1", "001", "", "AA")
# Amounts as long as either of the two known forms.
AMOUNTS = ("00" * 8, "00" * 12)
# The digits of services 03 and 04 beside the region.
DIGITS = {"terminal": "341300000001", "time": "20250228235959"}


def headers(hsm: HsmUnderTest) -> dict[str, str]:
    """The credential of the IXIT."""
    return hsm.caller()


def ask(hsm: HsmUnderTest, text: str) -> Reply:
    """Send a string, with the credential of the IXIT."""
    transport = hsm_spec(hsm.spec).transport
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=headers(hsm))


def right(hsm: HsmUnderTest, number: str) -> dict[str, str]:
    """Fields of a right request for a third-generation card, with the external pair, and with a new PIN."""
    spec = hsm_spec(hsm.spec)
    card = CardSide(hsm.region, hsm.random.bytes(13), "03", hsm.card_of(spec.algorithms["03"].card))
    drawn = {
        field.role: hsm.random.bytes(field.length // 2).hex().upper()
        for field in spec.service(number).fields
        if field.form == "hexadecimal"
    }
    address = spec.keys[KEYS[number]].address or "" if number in KEYS else ""
    message = {"header": "8424000114", "plain": "123456", "type": "32"}
    told = {role: value for role, value in message.items() if role in drawn}
    return drawn | told | DIGITS | fields_of(card, key_address=address)


def services(spec: InterfaceSpec) -> list[str]:
    """The services that are offered."""
    return [service.number for service in hsm_spec(spec).services.values()]


def services_with_address(spec: InterfaceSpec) -> list[str]:
    """Those of them that name a key by its address."""
    return [number for number in services(spec) if number in KEYS]


def not_offered(spec: InterfaceSpec) -> list[str]:
    """Numbers of no service, and of known ones that the encryptor does not offer."""
    return [*NEVER, *(number for number in ALL if number not in services(spec))]


def other_keys(spec: InterfaceSpec) -> list[str]:
    """Keys with an address whose use is another than authentication."""
    return [
        name for name, key in hsm_spec(spec).keys.items() if key.address is not None and key.use != "authentication"
    ]


def forms_of(number: str, *changes: str) -> Callable[[InterfaceSpec], list[tuple[str, str]]]:
    """Each field of a service with each change; nothing where the service is not offered."""

    def pairs(spec: InterfaceSpec) -> list[tuple[str, str]]:
        offered = hsm_spec(spec).services.values()
        fields = [field for service in offered if service.number == number for field in service.fields]
        # An optional field may be empty.
        return [(field.role, how) for field in fields for how in changes if not (field.optional and how == "empty")]

    return pairs


def digit_fields(spec: InterfaceSpec) -> list[str]:
    """The digits of service 04, where it is offered."""
    return list(DIGITS) if ALL[3] in services(spec) else []


def not_served(spec: InterfaceSpec) -> list[int]:
    """Digits of the region, from the first, in which a card that is not served differs: province, and city."""
    return [place for place in (1, 5) if place < hsm_spec(spec).region_digits]


def text_of(hsm: HsmUnderTest, number: str, **changes: str) -> str:
    """The string of a right request, with changed fields (``_`` for ``-``)."""
    spec = hsm_spec(hsm.spec)
    changed = {role.replace("_", "-"): value for role, value in changes.items()}
    return request(spec, spec.service(number), right(hsm, number) | changed)


def refused(hsm: HsmUnderTest, reply: Reply, name: str) -> None:
    """Refused with the code of the data, a message in both languages, and no answer beside it."""
    spec: HsmSpec = hsm_spec(hsm.spec)
    error = spec.error(name)
    expect(reply).refused(error.status, code=error.code).json().has("message.zh").has("message.en")
    expect(reply).lacks(spec.transport.response)


@verifies("HSM-CREDENTIAL")
@for_each("wrong", ("none", "no-key", "no-id", "wrong-key", "wrong-id", "key-begun", "key-longer"))
def test_credential(hsm: HsmUnderTest, wrong: str) -> None:
    """Without the credential, with half of it, or with a wrong one nothing is computed: 401."""
    transport = hsm_spec(hsm.spec).transport
    good = headers(hsm)
    (one, name), (two, key), *_ = good.items()
    sent = {
        "none": {},
        "no-key": {one: name},
        "no-id": {two: key},
        "wrong-key": {one: name, two: "x" * len(key)},
        "wrong-id": {one: "x" * len(name), two: key},
        "key-begun": {one: name, two: key[:-1]},
        "key-longer": {one: name, two: key + "0"},
    }[wrong]
    body = {transport.request: text_of(hsm, "01")}
    refused(hsm, hsm.request(transport.method, transport.path, json=body, headers=sent), "UNAUTHORIZED")


@verifies("HSM-TRANSPORT")
@for_each("body", ("", "01|", "{", "[]", '"01|"', "{}", '{"request": 1}', '{"request": null}', '{"request": ["01|"]}'))
def test_not_the_json_asked_for(hsm: HsmUnderTest, body: str) -> None:
    """What is no JSON object with the string in its member is refused."""
    transport = hsm_spec(hsm.spec).transport
    refused(hsm, hsm.request(transport.method, transport.path, body=body, headers=headers(hsm)), "BAD-REQUEST")


@verifies("HSM-TRANSPORT")
@for_each("number", services)
def test_answers_are_json(hsm: HsmUnderTest, number: str) -> None:
    """A right request is answered 200 with a JSON object that has the answer's string and no error."""
    member = hsm_spec(hsm.spec).transport.response
    expect(ask(hsm, text_of(hsm, number))).status(200).json().has(member).lacks("code")


@verifies("HSM-SERVICE-UNKNOWN")
@for_each("number", not_offered, ids=lambda number: number or "empty")
def test_unknown_service(hsm: HsmUnderTest, number: str) -> None:
    """A service number that the encryptor does not have is refused."""
    refused(hsm, ask(hsm, number + text_of(hsm, "01")[2:]), "UNKNOWN-SERVICE")


@verifies("HSM-FIELD-COUNT")
@for_each("number", services)
@for_each("change", ("missing", "extra", "not-ended", "number-alone"))
def test_field_count(hsm: HsmUnderTest, number: str, change: str) -> None:
    """A field too few, one too many, or a last field without its separator is refused."""
    text, end = text_of(hsm, number), hsm_spec(hsm.spec).strings.separator
    sent = {
        "missing": end.join(text.split(end)[:-2]) + end,
        "extra": text + "00" + end,
        "not-ended": text.removesuffix(end),
        "number-alone": number,
    }[change]
    refused(hsm, ask(hsm, sent), "FIELD-COUNT")


@verifies("HSM-FIELD-FORM")
@for_each("field", ("region", "historical", "identification", "internal-factor", "internal-original"))
@for_each("change", ("short", "long", "not-hexadecimal", "space", "empty"))
def test_field_form(hsm: HsmUnderTest, field: str, change: str) -> None:
    """A field of service 01 with a character too few or too many, or with a wrong one, is refused."""
    value = right(hsm, "01")[field]
    wrong = {
        "short": value[:-1],
        "long": value + "0",
        "not-hexadecimal": value[:-1] + "G",
        "space": value[:-1] + " ",
        "empty": "",
    }
    refused(hsm, ask(hsm, text_of(hsm, "01", **{field.replace("-", "_"): wrong[change]})), "FIELD-FORM")


@verifies("HSM-FIELD-FORM")
@for_each("field", ("region", "historical", "algorithm", "key-address", "factor", "original"))
@for_each("change", ("short", "long", "not-hexadecimal", "empty"))
def test_field_form_of_service_02(hsm: HsmUnderTest, field: str, change: str) -> None:
    """The same of the fields of service 02."""
    value = right(hsm, "02")[field]
    wrong = {"short": value[:-2], "long": value + "00", "not-hexadecimal": value[:-1] + "Z", "empty": ""}
    refused(hsm, ask(hsm, text_of(hsm, "02", **{field.replace("-", "_"): wrong[change]})), "FIELD-FORM")


@verifies("HSM-FIELD-FORM")
@for_each("wrong", forms_of("03", "short", "long", "not-hexadecimal", "odd", "empty"), ids="-".join)
def test_field_form_of_service_03(hsm: HsmUnderTest, wrong: tuple[str, str]) -> None:
    """The same of the fields of service 03: a PIN has two to eight bytes."""
    field, change = wrong
    value = right(hsm, "03")[field]
    least, most = ("12", "1" * 16) if field == "plain" else (value[:-2], value)
    changed = {
        "short": least, "long": most + "00", "not-hexadecimal": value[:-1] + "Z", "odd": value[:-1], "empty": "",
    }  # fmt: skip
    refused(hsm, ask(hsm, text_of(hsm, "03", **{field.replace("-", "_"): changed[change]})), "FIELD-FORM")


@verifies("HSM-FIELD-FORM")
@for_each("wrong", forms_of("04", "short", "long", "not-hexadecimal", "empty"), ids="-".join)
def test_field_form_of_service_04(hsm: HsmUnderTest, wrong: tuple[str, str]) -> None:
    """The same of the fields of service 04; amounts are refused in a length that is neither of the two known ones."""
    field, change = wrong
    value = right(hsm, "04")[field]
    least, most = AMOUNTS if field == "amounts" else (value, value)
    changed = {"short": least[:-2], "long": most + "00", "not-hexadecimal": value[:-1] + "Z", "empty": ""}
    refused(hsm, ask(hsm, text_of(hsm, "04", **{field.replace("-", "_"): changed[change]})), "FIELD-FORM")


@verifies("HSM-FIELD-FORM")
@for_each("field", digit_fields)
def test_letters_in_digits(hsm: HsmUnderTest, field: str) -> None:
    """Terminal number and time are digits: hexadecimal letters in them are refused."""
    refused(hsm, ask(hsm, text_of(hsm, "04", **{field: DIGITS[field][:-1] + "A"})), "FIELD-FORM")


@verifies("HSM-FIELD-FORM")
def test_region_in_hexadecimal(hsm: HsmUnderTest) -> None:
    """A region is six digits: hexadecimal letters in it are refused."""
    refused(hsm, ask(hsm, text_of(hsm, "01", region=hsm.region[:-1] + "A")), "FIELD-FORM")


@verifies("HSM-EXTERNAL-PAIR")
@for_each("missing", ("external_factor", "external_original"))
def test_half_external_pair(hsm: HsmUnderTest, missing: str) -> None:
    """One of the external pair without the other is refused."""
    refused(hsm, ask(hsm, text_of(hsm, "01", **{missing: ""})), "EXTERNAL-PAIR")


@verifies("HSM-ALGORITHM-UNKNOWN")
@for_each("number", services)
@for_each("algorithm", ("00", "02", "04", "FF"))
def test_unknown_algorithm(hsm: HsmUnderTest, number: str, algorithm: str) -> None:
    """An algorithm that is not 01 or 03 is refused: there is no default (02, SSF33, is not published)."""
    refused(hsm, ask(hsm, text_of(hsm, number, algorithm=algorithm)), "UNKNOWN-ALGORITHM")


@verifies("HSM-KEY-UNKNOWN")
@for_each("number", services_with_address)
@for_each("address", ("0000", "FFFF", "EFC0"))
def test_unknown_key(hsm: HsmUnderTest, number: str, address: str) -> None:
    """A key address that nothing lies at is refused: there is no default key."""
    refused(hsm, ask(hsm, text_of(hsm, number, key_address=address)), "UNKNOWN-KEY")


@verifies("HSM-KEY-USE")
@for_each("key", other_keys)
def test_key_of_another_use(hsm: HsmUnderTest, key: str) -> None:
    """The keys of messages and purchases give no authentication data."""
    address = hsm_spec(hsm.spec).keys[key].address or ""
    refused(hsm, ask(hsm, text_of(hsm, "02", key_address=address)), "UNKNOWN-KEY")


@verifies("HSM-REGION")
@for_each("number", services)
@for_each("place", not_served, ids=lambda place: "province" if place == 1 else "city")
def test_region_not_served(hsm: HsmUnderTest, number: str, place: int) -> None:
    """A card of another province is refused, by a city's encryptor one of another city, too."""
    own = hsm.region
    other = own[:place] + ("5" if own[place] != "5" else "6") + own[place + 1 :]
    refused(hsm, ask(hsm, text_of(hsm, number, region=other)), "REGION")


@verifies("HSM-REGION")
@for_each("number", services)
def test_region_served(hsm: HsmUnderTest, number: str) -> None:
    """Another city of a province's encryptor, and a city's own cards, are served."""
    digits = hsm_spec(hsm.spec).region_digits
    own = hsm.region
    expect(ask(hsm, text_of(hsm, number, region=own[:digits] + "991300"[digits:]))).status(200).json()


@verifies("HSM-TOO-LONG")
@for_each("more", (0, 1, 3488), ids=lambda more: f"limit+{more}")
def test_too_long(hsm: HsmUnderTest, more: int) -> None:
    """A string of 512 bytes or more is refused, whatever stands in it."""
    limit = hsm_spec(hsm.spec).strings.limit
    text = text_of(hsm, "01")
    refused(hsm, ask(hsm, text + "0" * (limit + more - len(text))), "TOO-LONG")


@verifies("HSM-TOO-LONG")
def test_just_short_enough(hsm: HsmUnderTest) -> None:
    """A string of 511 bytes is read, and refused for its fields."""
    text = text_of(hsm, "01")
    limit = hsm_spec(hsm.spec).strings.limit
    refused(hsm, ask(hsm, text + "0" * (limit - 1 - len(text))), "FIELD-COUNT")
