"""The three forms of a line of evidence: header, event, footer.

::

    {"header":{"format":1, ...}}
    {"<kind>":{...},"case":"...","n":1,"prev":"sm3:...","t":0.0123}
    {"footer":{"complete":true,"counts":{...},"digest":"sm3:...","events":1,"final":"sm3:..."}}

``prev`` and ``final`` are the SM3 digests of the preceding line's bytes, its LF included, so that
``sed -n 5p run.bundle | openssl dgst -sm3`` gives what line 6 holds. ``digest`` covers the footer's own line as it is
without that member.
"""

import re
from dataclasses import dataclass
from typing import Final

from onecard.evidence.canonical import JsonObject, NotCanonical, canonical_line, parse_line
from onecard.evidence.digests import is_digest, sm3_name

FORMAT: Final = 1
MAX_LINE: Final = 16 << 20
"""Longest line accepted, in bytes: a bound on memory, far above any exchange."""

_KIND: Final = re.compile(r"[a-z][a-z0-9_-]*")
_RESERVED: Final = frozenset({"case", "n", "prev", "t", "header", "footer"})
_FOOTER_KEYS: Final = frozenset({"complete", "counts", "digest", "events", "final"})


@dataclass(frozen=True, slots=True)
class Header:
    """Line 1: what the run was made of (``body``; ``format`` is always there)."""

    body: JsonObject


@dataclass(frozen=True, slots=True)
class Event:
    """One recorded event.

    ``n`` counts from 1; ``kind`` names what ``body`` holds; ``case`` is the case that caused it, or None; ``t`` is in
    seconds since the run began (four decimals); ``line`` is the line in the file; ``prev`` the preceding line's digest.
    """

    n: int
    kind: str
    body: JsonObject
    case: str | None
    t: float
    line: int
    prev: str


@dataclass(frozen=True, slots=True)
class Footer:
    """The last line: whether the run came to its end, its counts, and the digests that close the chain."""

    complete: bool
    counts: JsonObject
    events: int
    final: str
    digest: str

    def body(self) -> JsonObject:
        """The members as they stand in the line."""
        return {
            "complete": self.complete,
            "counts": self.counts,
            "digest": self.digest,
            "events": self.events,
            "final": self.final,
        }


def check_kind(kind: str) -> None:
    """Raise ValueError unless ``kind`` may name an event."""
    if _KIND.fullmatch(kind) is None or kind in _RESERVED:
        raise ValueError(f"{kind!r} cannot name an event")


def header_line(body: JsonObject) -> bytes:
    """The bytes of line 1; ``format`` is set here."""
    return canonical_line({"header": {**body, "format": FORMAT}})


def event_line(event: Event) -> bytes:
    """The bytes of an event's line."""
    members: JsonObject = {event.kind: event.body, "n": event.n, "prev": event.prev, "t": event.t}
    if event.case is not None:
        members["case"] = event.case
    return canonical_line(members)


def make_footer(*, complete: bool, counts: JsonObject, events: int, final: str) -> Footer:
    """The footer with its own digest."""
    digest = _footer_digest({"complete": complete, "counts": counts, "events": events, "final": final})
    return Footer(complete=complete, counts=counts, events=events, final=final, digest=digest)


def footer_line(footer: Footer) -> bytes:
    """The bytes of the last line."""
    return canonical_line({"footer": footer.body()})


def _footer_digest(members: JsonObject) -> str:
    return sm3_name(canonical_line({"footer": {key: value for key, value in members.items() if key != "digest"}}))


def parse(raw: bytes, line: int) -> Header | Event | Footer:
    """The line ``raw`` (with its LF), number ``line``, as what it is; raises NotCanonical with the reason.

    The form is checked and a footer's own digest; links between lines are the scanner's business.
    """
    members = parse_line(raw)
    if "header" in members:
        return _header(members)
    if "footer" in members:
        return _footer(members)
    return _event(members, line)


def _header(members: JsonObject) -> Header:
    body = members["header"]
    if len(members) != 1 or not isinstance(body, dict):
        raise NotCanonical(zh="头行应只有“header”一个对象", en="a header line holds one object, 'header'")
    found = body.get("format")
    if found != FORMAT or isinstance(found, bool | float):
        raise NotCanonical(
            zh=f"格式版本为 {found!r}，本程序只认识 {FORMAT}", en=f"format is {found!r}; this program knows {FORMAT}"
        )
    return Header(body)


def _footer(members: JsonObject) -> Footer:
    body = members["footer"]
    if len(members) != 1 or not isinstance(body, dict) or body.keys() != _FOOTER_KEYS:
        raise NotCanonical(
            zh="尾行应只有“footer”，且恰有 complete、counts、digest、events、final",
            en="a footer line holds 'footer' alone, with exactly complete, counts, digest, events and final",
        )
    well_formed = (
        isinstance(body["complete"], bool)
        and isinstance(body["counts"], dict)
        and _is_count(body["events"])
        and is_digest(body["final"])
    )
    if not well_formed:
        raise NotCanonical(zh="尾行的成员类型不对", en="a member of the footer is of the wrong type")
    if body["digest"] != _footer_digest(body):
        raise NotCanonical(
            zh="尾行与其自身摘要不符：尾行被改动", en="the footer does not match its own digest: it was changed"
        )
    return Footer(**body)


def _event(members: JsonObject, line: int) -> Event:
    kinds = members.keys() - {"case", "n", "prev", "t"}
    kind = next(iter(kinds), "")
    if len(kinds) != 1 or _KIND.fullmatch(kind) is None:
        raise NotCanonical(zh="事件行应恰有一个事件种类", en="an event line holds exactly one kind of event")
    case = members.get("case")
    well_formed = (
        isinstance(members[kind], dict)
        and _is_count(members.get("n"))
        and is_digest(members.get("prev"))
        and _is_seconds(members.get("t"))
        and ("case" not in members or isinstance(case, str))
    )
    if not well_formed:
        raise NotCanonical(
            zh="事件行缺少 n、prev、t，或成员类型不对",
            en="the event lacks n, prev or t, or a member is of the wrong type",
        )
    return Event(
        n=members["n"],
        kind=kind,
        body=members[kind],
        case=case,
        t=float(members["t"]),
        line=line,
        prev=members["prev"],
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
