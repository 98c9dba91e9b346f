"""The string to sign: the normal form of a message's values, whatever the text they came in."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from onecard.spec.partner import NormalForm

_ABSENT: Final = object()


def string_to_sign(
    form: NormalForm, signed: Mapping[str, Any], secret: str, drops: Callable[[object, bool], bool]
) -> str:
    """The string to sign of the fields that are signed, by key, ``data`` in clear among them.

    ``drops(value, right)`` decides whether a value counts as empty; ``right`` is what the data say.
    """
    kept = ((key, _normal(form, signed[key], drops)) for key in sorted(signed))
    pairs = [f"{key}{form.pair}{_text(value)}" for key, value in kept if value is not _ABSENT]
    return form.join.join((*pairs, f"{form.secret_name}{form.pair}{secret}"))


def _normal(form: NormalForm, value: object, drops: Callable[[object, bool], bool]) -> object:
    if isinstance(value, Mapping):
        pairs = ((key, _normal(form, value[key], drops)) for key in sorted(value))
        value = {key: child for key, child in pairs if child is not _ABSENT}
    elif isinstance(value, list):
        items = (_normal(form, child, drops) for child in value)
        value = [child for child in items if child is not _ABSENT]
    elif value is not None:
        value = _scalar(value)
    return _ABSENT if drops(value, _is_dropped(form, value)) else value


def _is_dropped(form: NormalForm, value: object) -> bool:
    empties: tuple[tuple[bool, object], ...] = (
        (form.drop_null, None),
        (form.drop_empty_text, ""),
        (form.drop_empty_list, []),
        (form.drop_empty_object, {}),
    )
    return any(dropped and value == empty for dropped, empty in empties)


def _scalar(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
