"""JSON as it comes in: strict, and numbers by their text, as the string to sign has them."""

import json
from collections.abc import Callable
from typing import Any


class NotAMessage(ValueError):
    """A text that is no JSON object, or has a key twice."""


def read_object(text: str, twice: Callable[[str], bool]) -> dict[str, Any]:
    """The object in ``text``; raises NotAMessage. ``twice(key)``: whether a repeated key is refused."""

    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in found:
            if key in made and twice(key):
                raise NotAMessage(f"the key {key} stands twice")
            made[key] = value
        return made

    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=str, parse_float=str, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise NotAMessage(str(error)) from None
    if not isinstance(value, dict):
        raise NotAMessage("not an object")
    return value


def _no_number(name: str) -> Any:
    raise NotAMessage(f"{name} is no JSON")
