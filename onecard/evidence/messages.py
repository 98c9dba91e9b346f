"""One exchange of messages (HTTP, function call, tester's instrument) as the body of an ``exchange`` event.

In clear: ``{"do", "c": request, "r": response}``. Sealed: ``c`` and ``r`` become ``{"clear": {...}}`` with what nobody
can be known by, and the whole message stands in the seal of its side, as canonical JSON. Basis: profile (what a tester
may keep in clear is this project's choice, a whitelist as for APDUs).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from onecard.evidence.canonical import JsonObject, NotCanonical, canonical_line, parse_line
from onecard.evidence.sealing import MASK, SealError, Sealing
from onecard.spec.text import Text

Side = str
"""``c`` for the request, ``r`` for the response."""

_CLEAR: Final[Mapping[Side, tuple[str, ...]]] = {
    "c": ("do", "method", "path", "call", "count", "within_ms", "ms"),
    "r": ("status", "return", "truncated"),
}
_HARMLESS: Final = re.compile(r"[a-z][a-z_-]*|v[0-9]{1,2}|")
"""Path segments that name an operation or a version; all others may be somebody's number and stand as ``__``."""


MEASUREMENT: Final = "measurement"
"""What a laboratory measured: it tells of nobody, and is never sealed."""

LARGEST: Final = 8 << 20
"""Longest message that a line of evidence takes, as canonical JSON in bytes; sealed it grows by a third."""


class NotRecordable(ValueError):
    """A response that the evidence cannot hold; ``text`` says why. The exchange is then one without a response."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


def mask_message(sealing: Sealing, request: JsonObject, response: JsonObject | None) -> JsonObject:
    """``{"do", "c"[, "r"][, "sealed"]}``; a ``response`` of None (none came) leaves ``r`` out.

    Raises NotRecordable for a response that is too long, or that canonical JSON cannot hold (a lone surrogate, an
    infinite number).
    """
    sides = {"c": request} if response is None else {"c": request, "r": response}
    body: JsonObject = {"do": request["do"], **sides}
    lines = {side: _canonical(message) for side, message in sides.items()}
    if sealing.describe()["box"] is None or request["do"] == MEASUREMENT:
        return body
    body["sealed"] = []
    for side, message in sides.items():
        plain = lines[side]
        _, seals = sealing.mask(plain, [(0, len(plain))], side)
        body[side] = {"clear": clear_part(side, message)}
        body["sealed"] += [{**seal, "in": side} for seal in seals]
    return body


def restore_message(sealing: Sealing, body: JsonObject) -> tuple[JsonObject, JsonObject | None]:
    """The request and the response (None: none came) that ``body`` holds.

    Raises SealError for a body of another form or seals that do not hold, StillSealed without a key.
    """
    seals = body.get("sealed", [])
    if not isinstance(seals, list) or any(not isinstance(seal, dict) or seal.get("in") not in _CLEAR for seal in seals):
        raise SealError(zh="密封数据未注明属于 c 还是 r", en="a sealed value does not say whether it is of c or of r")
    request = _restored(sealing, body, "c", seals)
    if request is None or request.get("do") != body.get("do"):
        raise SealError(
            zh="消息记录应有 do 与 c，且 do 一致", en="an exchange of messages holds do and c, with the same do"
        )
    return request, _restored(sealing, body, "r", seals)


def _canonical(message: JsonObject) -> bytes:
    try:
        line = canonical_line(message)
    except (ValueError, RecursionError) as error:
        raise NotRecordable(
            zh=f"消息无法写成规范 JSON（{error}）", en=f"the message has no canonical JSON form ({error})"
        ) from None
    if len(line) > LARGEST:
        raise NotRecordable(
            zh=f"消息长 {len(line)} 字节，超过证据可记录的 {LARGEST} 字节",
            en=f"the message has {len(line)} bytes, more than the {LARGEST} that the evidence takes",
        )
    return line


def clear_part(side: Side, message: Mapping[str, Any]) -> JsonObject:
    """What of ``message`` may stand in clear: a path without its query and without the numbers in it."""
    found = {name: message[name] for name in _CLEAR[side] if name in message}
    if "path" in found:
        found["path"] = _harmless(str(found["path"]))
    return found


def _harmless(path: str) -> str:
    segments = path.partition("?")[0].split("/")
    return "/".join(segment if _HARMLESS.fullmatch(segment) else MASK for segment in segments)


def _restored(sealing: Sealing, body: JsonObject, side: Side, seals: Sequence[JsonObject]) -> JsonObject | None:
    message = body.get(side)
    own = [seal for seal in seals if seal["in"] == side]
    if message is None and not own:
        return None
    if not isinstance(message, dict):
        raise SealError(zh=f"消息记录的 {side} 应为对象", en=f"{side} of an exchange of messages is not an object")
    if not own:
        return message
    if len(own) != 1:
        raise SealError(zh="一条消息只有一处密封", en="a message has one seal")
    plain = sealing.restore(MASK * _length(own[0]), own, side)
    try:
        restored = parse_line(plain)
    except NotCanonical as error:
        raise SealError(
            zh=f"密封的消息不是 JSON：{error.text.zh}", en=f"a sealed message is not JSON: {error.text.en}"
        ) from None
    if message != {"clear": clear_part(side, restored)}:
        raise SealError(
            zh="消息的明文部分与密封内容不符", en="the clear part of a message is not that of what is sealed"
        )
    return restored


def _length(seal: JsonObject) -> int:
    """How many bytes the seal covers: they are all sealed, so that the record need not hold marks for them."""
    at, box = seal.get("at"), seal.get("box")
    if not isinstance(at, list) or not isinstance(box, str) or len(at) != 2 or at[0] != 0 or type(at[1]) is not int:
        raise SealError(zh="密封的消息应从头到尾密封", en="a sealed message is sealed from its first byte to its last")
    if not 0 < at[1] <= len(box):
        raise SealError(zh="密封的长度与内容不符", en="the length of a seal does not fit what it holds")
    return at[1]
