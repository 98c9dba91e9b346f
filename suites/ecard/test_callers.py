"""Who may call what, and what a request must hold."""

import re
from typing import Any

from onecard.oracle.ecard_client import AUTHORISED_BY, Client
from onecard.spec.ecard import ANYONE, EcardSpec, Operation, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import EcardUnderTest, Reply, expect, for_each, verifies

ORDER = 100
UNKNOWN_NUMBER = "0123456789ABCDEF" * 2
MARKUP = "<script>alert(1)</script>"
# None: the field is left out. The others have the form of no field.
WRONG: tuple[object, ...] = (None, 7, True, [], "", "\x00", "0" * 600)


def closed(spec: InterfaceSpec) -> list[str]:
    """Operations that need a key of the caller."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.role != ANYONE]


def with_fields(spec: InterfaceSpec) -> list[str]:
    """Operations with fields in their request."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.request]


def on_one_ecard(spec: InterfaceSpec) -> list[str]:
    """Operations on one e-card."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.at("") != found.path]


def refused(reply: Reply, spec: EcardSpec, error: str) -> None:
    """The named refusal of the data."""
    wanted = spec.error(error)
    expect(reply).refused(wanted.status, code=wanted.code)


def right_body(client: Client[Reply], operation: Operation, essc_no: str) -> dict[str, Any] | None:
    """A request of right form for an operation."""
    fields = {
        **client.issue_body(client.card),
        "aaz502": client.spec.state("NORMAL").code,
        "sceneType": AUTHORISED_BY,
        "code": client.code_text(essc_no) if "code" in operation.request else "",
    }
    return {key: fields[key] for key in operation.request} or None


def wrong_values(spec: EcardSpec, key: str, right: str) -> list[object]:
    """Values that do not fit a field: of no form at all, and one character short or long where its form forbids it."""
    pattern = spec.fields[key].pattern
    near = [value for value in (right[:-1], right + "0", right.lower()) if re.fullmatch(pattern, value) is None]
    return [*WRONG, *near]


@verifies("ECARD-CALLER")
@for_each("name", closed)
def test_caller(ecard: EcardUnderTest, name: str) -> None:
    """Without a key, with an unknown, an empty or a lengthened one, a call answers 401 and says so in its code."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    essc_no = client.issued()
    body = right_body(client, operation, essc_no)
    right = client.keys[operation.role]
    for key in ("", "unknown", right[:-1], right + "0", right + " x", right.swapcase()):
        refused(client.call(operation, body, essc_no=essc_no, key=key), client.spec, "CALLER")
    for header in ("Bearer", right, f"Basic {right}", f"Bearer{right}"):
        reply = ecard.request(operation.method, operation.at(essc_no), json=body, headers={"authorization": header})
        refused(reply, client.spec, "CALLER")


@verifies("ECARD-ROLE")
@for_each("name", closed)
def test_role(ecard: EcardUnderTest, name: str) -> None:
    """Under the key of every other role a call answers 403."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    essc_no = client.issued()
    body = right_body(client, operation, essc_no)
    for role in client.spec.roles:
        if role != operation.role:
            reply = client.call(operation, body, essc_no=essc_no, key=client.keys[role])
            refused(reply, client.spec, "ROLE")


@verifies("ECARD-REQUEST")
@for_each("name", with_fields)
def test_fields(ecard: EcardUnderTest, name: str) -> None:
    """A field that is missing, of another type, or of another form makes the call answer 400."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    essc_no = client.issued()
    body = right_body(client, operation, essc_no) or {}
    for key in operation.request:
        for value in wrong_values(client.spec, key, body[key]):
            changed = {**body, key: value} if value is not None else {k: v for k, v in body.items() if k != key}
            refused(client.call(operation, changed, essc_no=essc_no), client.spec, "REQUEST")


@verifies("ECARD-REQUEST")
@for_each("name", with_fields)
def test_no_object(ecard: EcardUnderTest, name: str) -> None:
    """A body that is no JSON object (none, broken, a list, very deep) makes the call answer 400."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    essc_no = client.issued()
    headers = {"authorization": f"Bearer {client.keys[operation.role]}"}
    for body in (None, "", "{", "[]", "null", "a=b", "[" * 5000, "<xml/>"):
        reply = ecard.request(operation.method, operation.at(essc_no), body=body, headers=headers)
        refused(reply, client.spec, "REQUEST")


@verifies("ECARD-ERROR-BODY")
def test_error_body(ecard: EcardUnderTest) -> None:
    """Refusals are JSON with code and message in both languages, and markup that was sent does not come back."""
    client = Client(ecard)
    operations = client.spec.operations
    verify, report = operations["VERIFY"], operations["REPORT"]
    replies = (
        client.verify(MARKUP),
        client.verify(client.spec.code.prefix + MARKUP),
        client.call(verify, {"code": MARKUP}, key=MARKUP),
        client.call(report, {"aaz501": MARKUP, "aaz502": MARKUP}),
        client.issue(client.card, aac003=MARKUP),
        client.status(UNKNOWN_NUMBER),
    )
    for reply in replies:
        expect(reply).json().has("code").has("message.zh").has("message.en").without("<", "markup that was sent")


@verifies("ECARD-UNKNOWN")
@for_each("name", on_one_ecard)
def test_unknown_ecard(ecard: EcardUnderTest, name: str) -> None:
    """An e-card number that was never issued answers 404, and still does when it is asked again."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    essc_no = client.issued()
    body = right_body(client, operation, essc_no)
    for number in (UNKNOWN_NUMBER, UNKNOWN_NUMBER, essc_no[:-1], essc_no + "0", client.card["aaz501"]):
        refused(client.call(operation, body, essc_no=number), client.spec, "ECARD")
