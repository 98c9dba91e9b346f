"""HTTP requests and answers as messages of the evidence, whatever carried them."""

import codecs
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from onecard.targets.base import Message

LARGEST_BODY = 1024 * 1024
"""Longest answer that is taken, in bytes; no operation of these interfaces needs a hundredth of it."""

EXCERPT = 1024
"""Characters (or bytes, of what is not UTF-8) kept of an answer that is too large or no text."""

# A compressed answer would have to be unpacked before its size is known: none is asked for, and none is unpacked.
_HEADERS = {"user-agent": "onecard-conformance", "accept": "*/*", "accept-encoding": "identity", "connection": "close"}
_FIELD_VALUE = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")
_WITHOUT_BODY = frozenset(("GET", "HEAD", "DELETE", "OPTIONS", "TRACE"))
_KEPT = frozenset(("content-type", "content-encoding", "location", "retry-after", "www-authenticate"))


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request to be sent: ``path`` begins with a slash and may hold a query; ``body`` is UTF-8, None for no body."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes | None

    def raw_headers(self, host: str) -> list[tuple[bytes, bytes]]:
        """The header lines to send to ``host``; what the case gives goes before what is set here."""
        lines = {"host": host, **_HEADERS, **self.headers}
        if self.body is not None or self.method not in _WITHOUT_BODY:
            lines.setdefault("content-length", str(len(self.body or b"")))
        return [(name.encode("latin-1"), value.encode("utf-8")) for name, value in lines.items()]


def request_of(message: Message) -> HttpRequest:
    """The request in an exchange ``{"do": "http", method, path, headers, body}``; ValueError where it is none.

    A wrong message is a mistake of the case that built it, never of the target.
    """
    path, body = message["path"], message.get("body")
    if not isinstance(path, str) or not path.startswith("/"):
        raise ValueError(f"the path of a request begins with a slash, not {path!r}")
    headers = {name.lower(): value for name, value in (message.get("headers") or {}).items()}
    for name, value in headers.items():
        if value != value.strip() or not _FIELD_VALUE.fullmatch(value):
            raise ValueError(f"no header can carry {name}: {value!r}")
    return HttpRequest(
        method=str(message["method"]).upper(),
        path=path,
        headers=headers,
        body=None if body is None else body.encode("utf-8"),
    )


def answer_of(status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> Message:
    """An answer as a message.

    Of the headers only those that mean something to a case stay (what changes by itself, as ``date``, does not). A
    ``body`` above LARGEST_BODY, of which the caller need not have read the rest, is cut to an excerpt and marked
    ``truncated``; one that is not UTF-8 stands as ``body_hex``.
    """
    message: Message = {"status": status, "headers": kept_headers(headers)}
    if len(body) > LARGEST_BODY:
        message["truncated"] = True
        # A character that the cut splits is left out; anything else that is not UTF-8 raises.
        text = _text(body[: EXCERPT * 4], final=False)
        cut = None if text is None else text[:EXCERPT]
    else:
        cut = _text(body, final=True)
    if cut is not None:
        return {**message, "body": cut}
    if len(body) > EXCERPT:
        message["truncated"] = True
    return {**message, "body_hex": body[:EXCERPT].hex().upper()}


def kept_headers(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers that go into the evidence: names in lower case, several of one name joined by a comma."""
    kept: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        if name in _KEPT or name.startswith("x-"):
            kept[name] = f"{kept[name]}, {value}" if name in kept else value
    return kept


def _text(data: bytes, *, final: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final)
    except UnicodeDecodeError:
        return None
