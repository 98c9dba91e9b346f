"""An OpenAPI 3.1 document as data: operations with their paths and schemas. It imports nothing of OpenAPI's tooling."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from onecard.spec.document import read_document
from onecard.spec.errors import SpecError
from onecard.spec.location import data_root

Schema = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. ``request``: JSON Schema of its body, None without one. ``responses``: schemas by status, or
    ``default``. Schemas are complete in themselves: references are resolved.
    """

    id: str
    method: str
    path: str
    request: Schema | None
    responses: Mapping[str, Schema]

    def response(self, status: int) -> Schema | None:
        """The schema of an answer with ``status``; that of ``default`` for a status not listed, but never for a
        success.
        """
        listed = self.responses.get(str(status))
        return listed if listed is not None or 200 <= status < 300 else self.responses.get("default")


@dataclass(frozen=True, slots=True)
class Interface:
    """The operations of a document by id, in its order; ``document`` is the plain data."""

    operations: Mapping[str, Operation]
    document: Mapping[str, Any]

    def operation(self, identifier: str) -> Operation:
        """An operation; raises SpecError."""
        if identifier not in self.operations:
            raise SpecError(zh=f"接口文档没有操作 {identifier}", en=f"the document has no operation {identifier}")
        return self.operations[identifier]


@lru_cache(maxsize=4)
def load_interface(kind: str) -> Interface:
    """The interface document of a kind (``specs/KIND/openapi.yaml``), read once; raises SpecError."""
    raw = read_document(data_root("specs") / kind / "openapi.yaml", f"specs/{kind}/openapi.yaml")
    return interface_from(raw.data)


def interface_from(document: Mapping[str, Any]) -> Interface:
    """The operations of a document; raises SpecError for a reference that leads nowhere or an id that stands twice."""
    found: dict[str, Operation] = {}
    for path, entry in document["paths"].items():
        for method in METHODS:
            node = entry.get(method)
            if node is None:
                continue
            operation = _operation(document, path, method, node)
            if operation.id in found:
                raise SpecError(zh=f"操作 {operation.id} 重复", en=f"the operation {operation.id} stands twice")
            found[operation.id] = operation
    return Interface(found, document)


def _operation(document: Mapping[str, Any], path: str, method: str, node: Mapping[str, Any]) -> Operation:
    resolved = cast(Mapping[str, Any], _inlined(document, node, ()))
    responses = {
        str(status): schema for status, response in resolved["responses"].items() if (schema := _json_schema(response))
    }
    body = resolved.get("requestBody")
    return Operation(str(node["operationId"]), method.upper(), path, _json_schema(body) if body else None, responses)


def _json_schema(node: Mapping[str, Any]) -> Schema | None:
    return cast(Schema | None, node.get("content", {}).get("application/json", {}).get("schema"))


def _inlined(document: Mapping[str, Any], node: object, within: tuple[str, ...]) -> object:
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if reference is None:
            return {key: _inlined(document, child, within) for key, child in node.items()}
        if reference in within:
            raise SpecError(zh=f"引用 {reference} 包含自身", en=f"the reference {reference} contains itself")
        return _inlined(document, _referred(document, str(reference)), (*within, str(reference)))
    if isinstance(node, list):
        return [_inlined(document, child, within) for child in node]
    return node


def _referred(document: Mapping[str, Any], reference: str) -> object:
    node: object = document
    for step in reference.removeprefix("#/").split("/"):
        if not reference.startswith("#/") or not isinstance(node, Mapping) or step not in node:
            raise SpecError(zh=f"引用 {reference} 不存在", en=f"the reference {reference} leads nowhere")
        node = node[step]
    return node
