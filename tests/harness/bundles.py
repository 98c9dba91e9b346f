"""Forging bundles: events are altered and every digest is made again, as one who knows the format would."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from onecard.evidence.bundle import Bundle, read
from onecard.evidence.digests import sm3_name
from onecard.evidence.lines import Event, event_line, footer_line, header_line, make_footer


def forge(
    source: Bundle,
    path: Path,
    *,
    events: Mapping[int, Event] | None = None,
    header: Callable[[dict[str, Any]], dict[str, Any]] = dict,
    footer: bool = True,
) -> Bundle:
    """Write ``source`` anew to ``path`` with ``events`` (by number) in place of its own; the chain holds again."""
    lines = [header_line(header(source.header))]
    for event in source.events:
        altered = (events or {}).get(event.n, event)
        lines.append(event_line(replace(altered, prev=sm3_name(lines[-1]))))
    if footer and source.footer is not None:
        end = make_footer(
            complete=source.footer.complete,
            counts=source.footer.counts,
            events=len(source.events),
            final=sm3_name(lines[-1]),
        )
        lines.append(footer_line(end))
    path.write_bytes(b"".join(lines))
    return read(path)


def keep(source: Bundle, wanted: Callable[[Event], bool]) -> Bundle:
    """``source`` without the events that are not wanted, numbered anew (forge makes its chain)."""
    kept = [event for event in source.events if wanted(event)]
    return replace(source, events=tuple(replace(event, n=at, line=at + 1) for at, event in enumerate(kept, start=1)))
