"""Exchanges of messages in words: HTTP, function calls, the tester's instrument.

A message is the JSON object of the evidence, ``{"clear": {...}}`` where it is sealed. What is shown is shortened: the
whole of it stands in the evidence.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from onecard.explain.words import joined, same
from onecard.spec.interface import InterfaceSpec
from onecard.spec.text import Text

Message = Mapping[str, Any]

LIMIT: Final = 600
"""Characters of a body or an argument that are shown."""

_SHORT: Final = 48
"""Text below this length holds nothing that would be cut."""

_BEGINNING: Final = 40
"""Characters by which the body of an answer is known."""

_LONG_HEX: Final = re.compile(r"(?<![0-9A-Za-z+/=_-])[0-9A-Fa-f]{48,}(?![0-9A-Za-z+/=_-])")
_LONG_RUN: Final = re.compile(r"[0-9A-Za-z+/_-]{96,}={0,2}")
_UNPRINTABLE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Control characters and overrides of the writing direction: a target must not steer the reader's terminal."""

_AROUND_MARKS: Final = re.compile(r"\s*([{}\[\]:,])\s*")
_NUMBER: Final = re.compile(r"-?[0-9]+")
_ONE_BELOW_ZERO: Final = re.compile(r"-[0-9]")
_ROW_OF_DIGITS: Final = 6
_JSON: Final = "application/json"
_HEADERS_LEFT_OUT: Final = frozenset(("content-type", "content-length", "accept", "user-agent", "host", "connection"))
_SEALED: Final = Text(zh="已密封", en="sealed")


def request_text(request: Message) -> Text:
    """What was asked, in one line: ``POST /v1/codes/verify {"code":"…"}``, ``iReadCardBas(iType=1)``."""
    message, sealed = _opened(request)
    told = _REQUESTS.get(str(message.get("do")), _other)(message)
    return joined([told, _SEALED], zh="，", en=", ") if sealed else told


def response_text(response: Message | None) -> Text:
    """What was answered, in one line: ``200 {"result":"accepted"}``, ``returns 0, out "…"`` (see ``code_of`` too)."""
    if response is None:
        return Text(zh="无应答", en="no answer")
    message, sealed = _opened(response)
    told = next((tell(message) for name, tell in _RESPONSES.items() if name in message), _other(message))
    if not sealed:
        return told
    return joined([told, _SEALED], zh="，", en=", ") if message else _SEALED


def details(message: Message | None) -> tuple[str, ...]:
    """Headers of note and the body over several lines, for a report; nothing where the one line says it all."""
    if message is None:
        return ()
    lines = list(headers_of_note(message))
    shown = _body(message, indent=2)
    if "\n" in shown:
        lines += shown.split("\n")
    return tuple(lines)


def code_of(response: Message | None) -> int | str | None:
    """The code that an answer names: a function's return value, or the member ``code`` of an error."""
    if response is None:
        return None
    message, _ = _opened(response)
    returned = message.get("return")
    if isinstance(returned, int):
        return returned
    body = _parsed(str(message.get("body") or ""))
    code = body.get("code") if isinstance(body, Mapping) else None
    return code if isinstance(code, str) else None


def code_names(spec: InterfaceSpec | None) -> Mapping[int | str, Text]:
    """The names of return codes and error codes by code, from the data of a kind of target."""
    tables = spec.tables.values() if spec is not None else ()
    nodes = [node for table in tables for node in table.values() if {"code", "name"} <= node.keys()]
    return {
        node["code"]: Text(zh=node["name"]["zh"], en=node["name"]["en"])
        for node in nodes
        if isinstance(node["code"], int | str)
    }


def headers_of_note(message: Message) -> tuple[str, ...]:
    """``name: value`` of each header that is more than a matter of transport."""
    headers = message.get("headers")
    found = headers.items() if isinstance(headers, Mapping) else ()
    return tuple(f"{name}: {shortened(str(value))}" for name, value in found if name not in _HEADERS_LEFT_OUT)


def comparable(response: Message | None) -> str:
    """All that an answer says, as one text in which a hint is looked for (see ``fits``)."""
    if response is None:
        return ""
    message, _ = _opened(response)
    parts = [str(message[name]) for name in ("status", "return") if name in message]
    parts += [_compact(str(message[name])) for name in ("body", "body_hex", "out") if message.get(name) is not None]
    parts += [_compact(json.dumps(message["trace"], ensure_ascii=False))] if message.get("trace") else []
    return " ".join(parts)


def fits(hint: str, received: str, response: Message | None) -> bool:
    """Whether a hint of a requirement fits what was ``received`` (as a comparison tells it) in an answer.

    A number (``20``, ``-27``) is how the HTTP status, the return value or the compared number begins; a negative digit
    alone (``-2``) is the whole number. Any other hint begins what was compared or stands somewhere in the text, as does
    a long row of digits.
    """
    hint = hint.strip()
    if not hint:
        return False
    if _NUMBER.fullmatch(hint) is None:
        return received.startswith(hint) or _holds(received, hint) or _holds(comparable(response), hint)
    message, _ = _opened(response) if response is not None else ({}, False)
    numbers = [str(message[name]) for name in ("status", "return") if name in message]
    leading = _NUMBER.match(received)
    numbers += [leading[0]] if leading is not None else []
    if hint in numbers or (_ONE_BELOW_ZERO.fullmatch(hint) is None and any(text.startswith(hint) for text in numbers)):
        return True
    return len(hint) >= _ROW_OF_DIGITS and (_holds(received, hint) or _holds(comparable(response), hint))


def _holds(text: str, hint: str) -> bool:
    """Whether ``text`` holds ``hint`` as whole words; spaces around the marks of JSON do not count."""
    wanted = re.escape(_spaceless(hint))
    found = re.search(rf"(?<!\w){wanted}(?!\w)" if _is_word(hint) else wanted, _spaceless(text))
    return found is not None


def told_in(text: str, response: Message) -> bool:
    """Whether ``text`` tells the answer itself: its status or return value, and how its body or output begins."""
    message, sealed = _opened(response)
    head = str(message.get("status", message.get("return", "")))
    body = next((str(message[name]) for name in ("body", "body_hex", "out") if message.get(name)), "")
    return sealed or (head in text and _spaceless(body)[:_BEGINNING] in _spaceless(text))


def shortened(text: str, limit: int = LIMIT) -> str:
    """``text`` without control characters, long hex and base64 cut in the middle, all cut at ``limit`` characters."""
    if len(text) < _SHORT and text.isprintable():
        return text
    told = _UNPRINTABLE.sub("\ufffd", _LONG_RUN.sub(_cut, _LONG_HEX.sub(_cut, text[: limit * 4])))
    if len(told) <= limit and len(text) <= limit * 4:
        return told
    return f"{told[:limit]}… ({len(text)})"


def _cut(match: re.Match[str]) -> str:
    found = match[0]
    return f"{found[:16]}…{found[-8:]}"


def _opened(message: Message) -> tuple[Message, bool]:
    clear = message.get("clear")
    return (clear, True) if isinstance(clear, Mapping) and len(message) == 1 else (message, False)


def _http(request: Message) -> Text:
    return same(f"{request.get('method', '')} {request.get('path', '')} {_body(request)}".strip())


def _call(request: Message) -> Text:
    given = request.get("args")
    args = given if isinstance(given, Mapping) else {}
    told = ", ".join(f"{name}={shortened(_json(value))}" for name, value in args.items())
    return same(f"{request.get('call', '')}({told})")


def _instrument(request: Message) -> Text:
    settings = shortened(_json(request.get("settings", {})))
    return Text(zh=f"设置测试仪一侧：{settings}", en=f"set the tester's side: {settings}")


def _receive(request: Message) -> Text:
    count, within = request.get("count", 0), _seconds(request.get("within_ms"))
    return Text(
        zh=f"等待被测方的 {count} 个请求，至多 {within} 秒", en=f"await {count} request(s) for up to {within} s"
    )


def _wait(request: Message) -> Text:
    taken = _seconds(request.get("ms"))
    return Text(zh=f"等待 {taken} 秒", en=f"wait {taken} s")


def _measurement(request: Message) -> Text:
    quantity = str(request.get("quantity", ""))
    return Text(zh=f"实验室测量值：{quantity}", en=f"the laboratory's values of {quantity}")


def _other(message: Message) -> Text:
    return same(shortened(_json(message)))


def _seconds(milliseconds: object) -> str:
    return f"{milliseconds / 1000:g}" if isinstance(milliseconds, int | float) else "?"


def _status(response: Message) -> Text:
    status = response["status"]
    kind = _kind(response)
    known = isinstance(status, int) and status in set(HTTPStatus)
    head = f"{status}" if _body(response) else f"{status} {HTTPStatus(status).phrase if known else ''}"
    told = same(" ".join(part for part in (head.strip(), "" if kind == _JSON else kind, _body(response)) if part))
    if not response.get("truncated"):
        return told
    cut = Text(zh="（应答过长，仅留开头）", en=" (too long an answer; this is its beginning)")
    return Text(zh=told.zh + cut.zh, en=told.en + cut.en)


def _returned(response: Message) -> Text:
    value = response["return"]
    out = f'"{shortened(str(response["out"]))}"' if "out" in response else None
    return Text(
        zh=f"返回 {value}" + (f"，输出 {out}" if out is not None else ""),
        en=f"returns {value}" + (f", out {out}" if out is not None else ""),
    )


def _faulted(response: Message) -> Text:
    told = response["fault"] if isinstance(response["fault"], Mapping) else {}
    words = f"; stderr: {told['words']}" if told.get("words") else ""
    return Text(zh=shortened(f"{told.get('zh', '')}{words}"), en=shortened(f"{told.get('en', '')}{words}"))


def _measured(response: Message) -> Text:
    values = response["values"] if isinstance(response["values"], list) else ()
    if not values:
        return Text(zh="没有测量值", en="no value")
    instrument = response.get("instrument")
    named = instrument.get("name", "") if isinstance(instrument, Mapping) else ""
    told = f"{', '.join(map(str, values))} {response.get('unit', '')}, U = {response.get('uncertainty', '')}"
    return same(shortened(f"{told} (k = {response.get('k', '')}), {named}, {response.get('date', '')}"))


def _received(response: Message) -> Text:
    count = len(response["trace"]) if isinstance(response["trace"], list) else 0
    return Text(zh=f"收到 {count} 个请求", en=f"{count} request(s) came")


def _frames(request: Message) -> Text:
    sent = request.get("sent")
    told = " ".join(map(str, sent)) if isinstance(sent, list) else ""
    return same(shortened(f"TCP {told}".rstrip()))


def _octets(response: Message) -> Text:
    try:
        data = bytes.fromhex(str(response["received"]))
    except ValueError:
        return _other(response)
    return same(shortened(f"TCP {data.decode('utf-8', 'replace')}"))


_REQUESTS: Final[Mapping[str, Callable[[Message], Text]]] = {
    "http": _http,
    "call": _call,
    "instrument": _instrument,
    "receive": _receive,
    "wait": _wait,
    "measurement": _measurement,
    "frame": _frames,
}
_RESPONSES: Final[Mapping[str, Callable[[Message], Text]]] = {
    "status": _status,
    "return": _returned,
    "fault": _faulted,
    "trace": _received,
    "values": _measured,
    "received": _octets,
}
"""By the member that tells what kind of answer it is."""


def _kind(message: Message) -> str:
    headers = message.get("headers")
    found = headers.get("content-type") if isinstance(headers, Mapping) else None
    return str(found).partition(";")[0].strip() if found is not None else ""


def _body(message: Message, indent: int | None = None) -> str:
    """The body for people: JSON compact, or over several lines; what is no JSON as it is."""
    if message.get("body_hex") is not None:
        return f"(not UTF-8) {shortened(str(message['body_hex']))}"
    body = message.get("body")
    if body is None or body == "":
        return ""
    value = _parsed(str(body))
    if value is None:
        return shortened(" ".join(str(body).split()) if indent is None else str(body))
    return shortened(_json(value, indent))


def _parsed(text: str) -> object:
    """The object or list that ``text`` is in JSON, else None."""
    if text[:1] not in ("{", "["):
        return None
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value


def _json(value: object, indent: int | None = None) -> str:
    marks = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, ensure_ascii=False, indent=indent, separators=marks)
    # Half a character (JSON may escape one) fits in no file: its escape stands for it again.
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _compact(text: str) -> str:
    value = _parsed(text)
    return _json(value) if value is not None else _spaceless(text)


def _spaceless(text: str) -> str:
    return _AROUND_MARKS.sub(r"\1", text)


def _is_word(hint: str) -> bool:
    return hint[:1].isalnum() and hint[-1:].isalnum()


def requests_in(response: Message | None) -> Iterator[tuple[Message, Message]]:
    """What the target asked of the tester meanwhile, and the answers, as far as they have that form."""
    trace = response.get("trace") if response is not None else None
    for entry in trace if isinstance(trace, list) else ():
        ask, answer = (entry.get("ask"), entry.get("answer")) if isinstance(entry, Mapping) else (None, None)
        if isinstance(ask, Mapping) and isinstance(answer, Mapping):
            yield ask, answer
