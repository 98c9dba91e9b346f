"""The chain of a bundle, checked line by line without reading a file (sans-IO).

A changed line breaks the link to the line after it, and, if the change touched ``prev``, the link before it too. In a
run of broken links the changed line is therefore the one on the left of the last of them. Form (canonical JSON,
members, numbers) names its own line directly.
"""

from typing import Final, NamedTuple

from onecard.evidence.canonical import LF, NotCanonical
from onecard.evidence.digests import sm3_name
from onecard.evidence.lines import MAX_LINE, Event, Footer, Header, parse
from onecard.spec.text import Text

_TORN: Final = Text(zh="最后一行不完整（没有行结束符）", en="the last line is torn (it has no line end)")
_TOO_LONG: Final = Text(
    zh=f"该行超过 {MAX_LINE} 字节，其后未检查",
    en=f"the line is longer than {MAX_LINE} bytes; nothing after it was checked",
)
_AFTER_FOOTER: Final = Text(zh="尾行之后还有内容", en="there is something after the footer")
_NO_FOOTER: Final = Text(
    zh="没有尾行：记录到此中断，证据不完整",
    en="the footer is missing: the record breaks off after this line, the evidence is incomplete",
)
_EMPTY: Final = Text(zh="文件为空，没有头行", en="the file is empty: there is no header")
_NO_HEADER: Final = Text(zh="第一行应为头行", en="the first line is not a header")
_SECOND_HEADER: Final = Text(zh="头行只能是第一行", en="a header can only be the first line")
_CHANGED: Final = Text(
    zh="该行被改动：其字节与后一行所记的摘要不符",
    en="this line was changed: its bytes do not match the digest that follows",
)
_CHANGED_AT_END: Final = Text(
    zh="该行或后一行被改动（没有尾行，无法分辨是哪一行）",
    en="this line or the one after it was changed (without a footer one cannot tell which)",
)


class Problem(NamedTuple):
    """What is wrong and in which line (from 1)."""

    line: int
    text: Text


class Scanner:
    """Feed every line in order, then ``finish``; one problem at most is reported for a line."""

    def __init__(self) -> None:
        self.header: Header | None = None
        self.footer: Footer | None = None
        self.lines = 0
        self.events = 0
        self.torn = False
        self.last_digest = ""
        self._problems: dict[int, Text] = {}
        self._broken_links: list[int] = []
        self._expected_n = 1
        self._count_is_known = True
        self._gave_up = False

    def feed(self, raw: bytes) -> Header | Event | Footer | None:
        """Take the next line (with its LF); returns it parsed, or None if its form is wrong."""
        if self._gave_up:
            return None
        self.lines += 1
        if self.footer is not None:
            self._blame(self.lines, _AFTER_FOOTER)
            return None
        if len(raw) > MAX_LINE:
            self._blame(self.lines, _TOO_LONG)
            self._gave_up = True
            return None
        if not raw.endswith(LF):
            self.torn = True
            return None
        parsed = self._parse(raw)
        if parsed is not None:
            self._check(parsed)
        self.last_digest = sm3_name(raw)
        return parsed

    def finish(self, *, may_be_unfinished: bool = False) -> tuple[Problem, ...]:
        """All problems, by line; with ``may_be_unfinished`` a record that breaks off is none."""
        if self.lines == 0:
            self._blame(1, _EMPTY)
        elif self.torn and (self.lines == 1 or not may_be_unfinished):
            self._blame(self.lines, _TORN)
        elif self.footer is None and self.lines not in self._problems and not may_be_unfinished:
            self._blame(self.lines, _NO_FOOTER)
        for link in self._last_of_each_run():
            open_end = self.footer is None and link + 1 == self.lines - self.torn
            self._blame(link, _CHANGED_AT_END if open_end else _CHANGED)
        return tuple(Problem(line, self._problems[line]) for line in sorted(self._problems))

    def _parse(self, raw: bytes) -> Header | Event | Footer | None:
        try:
            parsed = parse(raw, self.lines)
        except NotCanonical as error:
            self._blame(self.lines, error.text)
            self._count_is_known = False
            return None
        if isinstance(parsed, Header) != (self.lines == 1):
            self._blame(self.lines, _NO_HEADER if self.lines == 1 else _SECOND_HEADER)
            self._count_is_known = False
            return None
        return parsed

    def _check(self, parsed: Header | Event | Footer) -> None:
        if isinstance(parsed, Header):
            self.header = parsed
            return
        link = parsed.final if isinstance(parsed, Footer) else parsed.prev
        if link != self.last_digest:
            self._broken_links.append(self.lines - 1)
        if isinstance(parsed, Event):
            self._count(parsed)
        else:
            self._close(parsed)

    def _count(self, event: Event) -> None:
        self.events += 1
        if not self._count_is_known:
            # An unreadable line hides how many events it held: counting starts again here.
            self._expected_n = event.n
            self._count_is_known = True
        if event.n != self._expected_n:
            self._blame(
                self.lines,
                Text(
                    zh=f"事件编号应为 {self._expected_n}，实为 {event.n}",
                    en=f"the event's number is {event.n}, expected {self._expected_n}",
                ),
            )
        self._expected_n += 1

    def _close(self, footer: Footer) -> None:
        self.footer = footer
        if footer.events != self.events:
            self._blame(
                self.lines,
                Text(
                    zh=f"尾行记 {footer.events} 个事件，实有 {self.events} 个",
                    en=f"the footer counts {footer.events} events, there are {self.events}",
                ),
            )

    def _blame(self, line: int, text: Text) -> None:
        self._problems.setdefault(line, text)

    def _last_of_each_run(self) -> list[int]:
        links = self._broken_links
        return [link for at, link in enumerate(links) if at + 1 == len(links) or links[at + 1] != link + 1]
