"""Requests checked against the interface document."""

import json
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator

from onecard.spec.openapi import Interface

LARGEST = 65536
"""Bytes of a request body. Basis: profile; the largest lawful request has below 1 KiB."""


class Validator:
    """Compiled once for all requests of an interface."""

    def __init__(self, interface: Interface) -> None:
        self._schemas = {
            operation.id: Draft202012Validator(dict(operation.request))
            for operation in interface.operations.values()
            if operation.request is not None
        }

    def check(self, operation: str, body: bytes) -> tuple[Mapping[str, Any] | None, str | None]:
        """The content of a body (None: no JSON object), and where it is not as it should be (None: nowhere)."""
        try:
            content = json.loads(body, parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
        except (ValueError, RecursionError):
            return None, ""
        if len(body) > LARGEST or not isinstance(content, dict):
            return None, ""
        for problem in self._schemas[operation].iter_errors(content):
            return content, "/".join(str(step) for step in problem.absolute_path)
        return content, None


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
