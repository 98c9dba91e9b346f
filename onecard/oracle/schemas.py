"""JSON Schemas as judge and as source of malformed requests."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator

Schema = Mapping[str, Any]

KINDS = ("missing", "type", "unknown", "form")
"""Kinds of malformation: a required field left out, a value of another type, a field too many, a value out of form."""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A request body with one thing wrong. ``place``: dotted path of what was changed."""

    kind: str
    place: str
    body: Any


def problem_of(schema: Schema, value: object) -> str | None:
    """Where and how a value does not fit its schema; None when it fits."""
    problems = sorted(Draft202012Validator(dict(schema)).iter_errors(value), key=lambda each: list(each.absolute_path))
    if not problems:
        return None
    where = ".".join(str(step) for step in problems[0].absolute_path)
    return f"{where or 'the whole'}: {problems[0].message}"


def malformations(schema: Schema, good: Mapping[str, Any], wanted: str) -> Iterator[Malformed]:
    """Every way of the ``wanted`` kind to spoil one place of a good body that its schema forbids."""
    validator = Draft202012Validator(dict(schema))
    for kind, path, value in _spoilt(schema, good, ()):
        if kind != wanted:
            continue
        body = copy.deepcopy(dict(good))
        _put(body, path, value)
        if not validator.is_valid(body):
            yield Malformed(kind, ".".join(path), body)


_ABSENT = object()


def _spoilt(schema: Schema, value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...], object]]:
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is False:
            yield "unknown", (*path, "extraField"), "x"
        for name, child in schema.get("properties", {}).items():
            if name in schema.get("required", ()):
                yield "missing", (*path, name), _ABSENT
            if name in value:
                yield from _spoilt(child, value[name], (*path, name))
    if path:
        for other in (None, True, 7, ["x"], {"x": "y"}):
            yield "type", path, other
    if schema.get("type") == "string" and path:
        for text in ("", f"{value} ", f"{value}\n", f"<{value}>", str(value) * 40):
            yield "form", path, text


def _put(body: dict[str, Any], path: tuple[str, ...], value: object) -> None:
    node = body
    for step in path[:-1]:
        node = node[step]
    if value is _ABSENT:
        del node[path[-1]]
    else:
        node[path[-1]] = value
