"""The interface document, and how it is read."""

from typing import Any

import pytest
from openapi_spec_validator import validate

from onecard.oracle.schemas import KINDS, malformations, problem_of
from onecard.spec.errors import SpecError
from onecard.spec.openapi import Interface, interface_from
from onecard.spec.platform import PlatformSpec


def test_document_is_openapi(interface: Interface) -> None:
    validate(interface.document)


def test_flows_name_operations_of_the_document(interface: Interface, data: PlatformSpec) -> None:
    used = {operation for item in data.items.values() for operation in item.flow}
    assert used <= interface.operations.keys()
    assert interface.operations.keys() - used == {"listCardStates"}


def test_references_are_resolved(interface: Interface) -> None:
    schema = interface.operation("queryCard").request
    assert schema is not None
    assert "$ref" not in str(schema)
    assert schema["properties"]["call"]["properties"]["cardNo"]["pattern"] == "^[0-9A-Z]{9}$"


def test_a_success_that_is_not_listed_has_no_schema(interface: Interface) -> None:
    operation = interface.operation("queryCard")
    assert operation.response(201) is None
    refusal = operation.response(403)
    assert refusal is not None
    assert "code" in refusal["required"]


def small(schema: dict[str, Any], *ids: str) -> dict[str, Any]:
    content = {"application/json": {"schema": schema}}
    operation = {"responses": {"200": {"content": content}}}
    return {"paths": {f"/{at}": {"get": {**operation, "operationId": name}} for at, name in enumerate(ids)}}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (small({}, "same", "same"), "stands twice"),
        (small({"$ref": "#/components/none"}, "one"), "leads nowhere"),
        (small({"$ref": "other.yaml#/x"}, "one"), "leads nowhere"),
        ({**small({"$ref": "#/loop"}, "one"), "loop": {"items": {"$ref": "#/loop"}}}, "contains itself"),
    ],
)
def test_broken_documents(document: dict[str, Any], told: str) -> None:
    with pytest.raises(SpecError, match=told):
        interface_from(document)


def test_unknown_operation(interface: Interface) -> None:
    with pytest.raises(SpecError, match="no operation nothing"):
        interface.operation("nothing")


GOOD = {"a": "AB", "b": {"c": 3}}
SCHEMA = {
    "type": "object",
    "properties": {
        "a": {"type": "string", "pattern": "^[A-Z]{2}$"},
        "b": {"type": "object", "properties": {"c": {"type": "integer"}}, "required": ["c"]},
    },
    "required": ["a"],
    "additionalProperties": False,
}


def test_malformations_are_malformed_and_complete() -> None:
    found = {kind: list(malformations(SCHEMA, GOOD, kind)) for kind in KINDS}
    assert problem_of(SCHEMA, GOOD) is None
    assert all(problem_of(SCHEMA, each.body) for several in found.values() for each in several)
    assert [each.place for each in found["missing"]] == ["a", "b.c"]
    assert [each.place for each in found["unknown"]] == ["extraField"]
    assert {each.place for each in found["type"]} == {"a", "b", "b.c"}
    assert {each.place for each in found["form"]} == {"a"}
    assert GOOD == {"a": "AB", "b": {"c": 3}}
