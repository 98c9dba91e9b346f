"""What the encryptor refuses, and how."""

from onecard.oracle.hsm import CardSide, fields_of, request
from onecard.spec.hsm import HsmSpec, hsm_spec
from onecard.testing import HsmUnderTest, Reply, expect, for_each, verifies

ORDER = 60
SERVICES = ("01", "02")


def headers(hsm: HsmUnderTest) -> dict[str, str]:
    """The credential of the IXIT."""
    transport, credentials = hsm_spec(hsm.spec).transport, hsm.parameter("credentials")
    return {transport.id_header: credentials["id"], transport.key_header: credentials["key"]}


def ask(hsm: HsmUnderTest, text: str) -> Reply:
    """Send a string, with the credential of the IXIT."""
    transport = hsm_spec(hsm.spec).transport
    return hsm.request(transport.method, transport.path, json={transport.request: text}, headers=headers(hsm))


def right(hsm: HsmUnderTest, number: str) -> dict[str, str]:
    """Fields of a right request for a third-generation card, with the external pair."""
    spec = hsm_spec(hsm.spec)
    card = CardSide(hsm.region, hsm.random.bytes(13), "03", hsm.card_of(spec.algorithms["03"].card))
    drawn = {
        field.role: hsm.random.bytes(field.length // 2).hex().upper()
        for field in spec.service(number).fields
        if field.form == "hexadecimal"
    }
    return drawn | fields_of(card, key_address=spec.keys["HSM/UKSSSE"].address or "")


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
    (one, name), (two, key) = good.items()
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
@for_each("number", SERVICES)
def test_answers_are_json(hsm: HsmUnderTest, number: str) -> None:
    """A right request is answered 200 with a JSON object that has the answer's string and no error."""
    member = hsm_spec(hsm.spec).transport.response
    expect(ask(hsm, text_of(hsm, number))).status(200).json().has(member).lacks("code")


@verifies("HSM-SERVICE-UNKNOWN")
@for_each("number", ("00", "09", "1", "001", "", "AA"), ids=lambda number: number or "empty")
def test_unknown_service(hsm: HsmUnderTest, number: str) -> None:
    """A service number that the encryptor does not have is refused."""
    refused(hsm, ask(hsm, number + text_of(hsm, "01")[2:]), "UNKNOWN-SERVICE")


@verifies("HSM-FIELD-COUNT")
@for_each("number", SERVICES)
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
def test_region_in_hexadecimal(hsm: HsmUnderTest) -> None:
    """A region is six digits: hexadecimal letters in it are refused."""
    refused(hsm, ask(hsm, text_of(hsm, "01", region=hsm.region[:-1] + "A")), "FIELD-FORM")


@verifies("HSM-EXTERNAL-PAIR")
@for_each("missing", ("external_factor", "external_original"))
def test_half_external_pair(hsm: HsmUnderTest, missing: str) -> None:
    """One of the external pair without the other is refused."""
    refused(hsm, ask(hsm, text_of(hsm, "01", **{missing: ""})), "EXTERNAL-PAIR")


@verifies("HSM-ALGORITHM-UNKNOWN")
@for_each("number", SERVICES)
@for_each("algorithm", ("00", "02", "04", "FF"))
def test_unknown_algorithm(hsm: HsmUnderTest, number: str, algorithm: str) -> None:
    """An algorithm that is not 01 or 03 is refused: there is no default (02, SSF33, is not published)."""
    refused(hsm, ask(hsm, text_of(hsm, number, algorithm=algorithm)), "UNKNOWN-ALGORITHM")


@verifies("HSM-KEY-UNKNOWN")
@for_each("address", ("0000", "FFFF", "EFC0"))
def test_unknown_key(hsm: HsmUnderTest, address: str) -> None:
    """A key address that nothing lies at is refused: there is no default key."""
    refused(hsm, ask(hsm, text_of(hsm, "02", key_address=address)), "UNKNOWN-KEY")


@verifies("HSM-REGION")
@for_each("number", SERVICES)
def test_region_not_served(hsm: HsmUnderTest, number: str) -> None:
    """A card of another province is refused."""
    own = hsm.region
    other = own[0] + ("5" if own[1] != "5" else "6") + own[2:]
    refused(hsm, ask(hsm, text_of(hsm, number, region=other)), "REGION")


@verifies("HSM-REGION")
@for_each("number", SERVICES)
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
