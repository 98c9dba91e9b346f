"""Refusals that need no e-card: they are judged even where nothing can be issued."""

from onecard.oracle.ecard_client import AUTHORISED_BY, Client
from onecard.spec.ecard import ANYONE, EcardSpec, Operation, ecard_spec
from onecard.spec.interface import InterfaceSpec
from onecard.testing import EcardUnderTest, Reply, expect, for_each, verifies

ORDER = 90
UNKNOWN_NUMBER = "FEDCBA9876543210" * 2
NO_CODE = "no code at all"
WRONG: tuple[object, ...] = (7, [], "", "\x00")


def closed(spec: InterfaceSpec) -> list[str]:
    """Operations that need a key of the caller."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.role != ANYONE]


def with_fields(spec: InterfaceSpec) -> list[str]:
    """Operations with fields in their request, on no e-card."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.request and found.at("") == found.path]


def on_one_ecard(spec: InterfaceSpec) -> list[str]:
    """Operations on one e-card."""
    return [name for name, found in ecard_spec(spec).operations.items() if found.at("") != found.path]


def refused(reply: Reply, spec: EcardSpec, error: str) -> None:
    """The named refusal of the data."""
    wanted = spec.error(error)
    expect(reply).refused(wanted.status, code=wanted.code)


def body_for(client: Client[Reply], operation: Operation) -> dict[str, object] | None:
    """A request of right form, for an e-card or code that nobody has."""
    fields = {
        **client.issue_body(client.card),
        "aaz502": client.spec.state("NORMAL").code,
        "sceneType": AUTHORISED_BY,
        "code": NO_CODE,
    }
    return {key: fields[key] for key in operation.request} or None


@verifies("ECARD-CALLER")
@for_each("name", closed)
def test_stranger(ecard: EcardUnderTest, name: str) -> None:
    """Whoever has no key learns nothing of an e-card or code, not even that there is none: 401."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    for key in ("", "unknown"):
        reply = client.call(operation, body_for(client, operation), essc_no=UNKNOWN_NUMBER, key=key)
        refused(reply, client.spec, "CALLER")


@verifies("ECARD-ROLE")
@for_each("name", closed)
def test_other_role(ecard: EcardUnderTest, name: str) -> None:
    """A caller of another role learns nothing of an e-card or code either: 403."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    for role in client.spec.roles:
        if role != operation.role:
            body = body_for(client, operation)
            reply = client.call(operation, body, essc_no=UNKNOWN_NUMBER, key=client.keys[role])
            refused(reply, client.spec, "ROLE")


@verifies("ECARD-REQUEST")
@for_each("name", with_fields)
def test_each_field(ecard: EcardUnderTest, name: str) -> None:
    """A field of another type or form makes the call answer 400."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    body = body_for(client, operation) or {}
    for key in operation.request:
        for value in WRONG:
            refused(client.call(operation, {**body, key: value}), client.spec, "REQUEST")


@verifies("ECARD-UNKNOWN")
@for_each("name", on_one_ecard)
def test_never_issued(ecard: EcardUnderTest, name: str) -> None:
    """An e-card number of which nobody ever heard answers 404."""
    client = Client(ecard)
    operation = client.spec.operation(name)
    refused(client.call(operation, body_for(client, operation), essc_no=UNKNOWN_NUMBER), client.spec, "ECARD")


@verifies("ECARD-VERIFY-MALFORMED")
def test_no_code(ecard: EcardUnderTest) -> None:
    """A text that is no code is malformed, with the prefix before it too."""
    client = Client(ecard)
    for text in (NO_CODE, client.spec.code.prefix, client.spec.code.prefix + NO_CODE):
        refused(client.verify(text), client.spec, "MALFORMED")


@verifies("ECARD-REPORT")
def test_state_of_no_code(ecard: EcardUnderTest) -> None:
    """A report with a code of state that the declared set does not have is refused."""
    client = Client(ecard)
    body = {"aaz501": client.card["aaz501"], "aaz502": "Z"}
    refused(client.call(client.spec.operation("REPORT"), body), client.spec, "REQUEST")
