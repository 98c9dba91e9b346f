"""Canonical JSON lines: one object, one form of bytes.

Keys sorted by code point, separators ``,`` and ``:``, UTF-8 without escapes that JSON does not demand, finite numbers
in Python's shortest form, and one LF at the end. Two writers that hold the same object write the same bytes, so a
digest of the line is a digest of the object.
"""

import json
from typing import Any, Final, NoReturn

from onecard.spec.text import Text

JsonObject = dict[str, Any]

LF: Final = b"\n"
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


class NotCanonical(ValueError):
    """A line that is not the canonical form of a JSON object; ``text`` says what is wrong with it."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


def canonical_line(body: JsonObject) -> bytes:
    """The canonical bytes of ``body``, ending in LF. Raises ValueError or TypeError for what JSON cannot hold."""
    return canonical_value(body) + LF


def canonical_value(value: object) -> bytes:
    """The canonical bytes of any JSON value, without a line end."""
    return _ENCODER.encode(value).encode("utf-8")


def parse_line(raw: bytes) -> JsonObject:
    """The object that the canonical line ``raw`` (with its LF) holds; raises NotCanonical with the reason."""
    if not raw.endswith(LF):
        raise NotCanonical(zh="该行不完整：没有行结束符", en="the line is torn: it has no line end")
    try:
        text = raw[:-1].decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotCanonical(
            zh=f"第 {error.start} 字节处不是 UTF-8", en=f"not UTF-8 at byte {error.start} of the line"
        ) from None
    try:
        body = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except NotCanonical:
        raise
    except (ValueError, RecursionError) as error:
        raise NotCanonical(zh=f"不是有效的 JSON（{error}）", en=f"not valid JSON ({error})") from None
    if not isinstance(body, dict):
        raise NotCanonical(zh="不是 JSON 对象", en="not a JSON object")
    if not _round_trips(body, raw):
        raise NotCanonical(
            zh="不是规范形式：键未排序、有多余空格或转义，或数字写法不同",
            en="not in canonical form: unsorted keys, needless spaces or escapes, or another way to write a number",
        )
    return body


def _round_trips(body: JsonObject, raw: bytes) -> bool:
    try:
        return canonical_line(body) == raw
    except (ValueError, RecursionError):  # a lone surrogate, or a number that overflowed to infinity
        return False


def _unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    body: JsonObject = {}
    for key, value in pairs:
        if key in body:
            raise NotCanonical(zh=f"键“{key}”重复", en=f"the key {key!r} occurs twice")
        body[key] = value
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise NotCanonical(zh=f"{name} 不是 JSON 数字", en=f"{name} is not a JSON number")
