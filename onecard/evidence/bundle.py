"""Reading and checking an evidence bundle: one file of canonical JSON lines, chained by SM3."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from onecard.errors import UserError
from onecard.evidence.canonical import JsonObject
from onecard.evidence.digests import RunningSm3
from onecard.evidence.lines import MAX_LINE, Event, Footer
from onecard.evidence.scanner import Problem, Scanner

_LISTED_PROBLEMS: Final = 5


class BrokenBundle(UserError):
    """The file is not an intact bundle: a line was changed, removed or added (exit code 1)."""

    def __init__(self, path: Path, problems: tuple[Problem, ...], *, exit_code: int = 1) -> None:
        listed = problems[:_LISTED_PROBLEMS]
        super().__init__(
            zh=f"证据文件 {path} 已损坏：" + "；".join(f"第 {line} 行：{text.zh}" for line, text in listed),
            en=f"the bundle {path} is broken: " + "; ".join(f"line {line}: {text.en}" for line, text in listed),
            exit_code=exit_code,
        )
        self.problems = problems


class UnreadableBundle(UserError):
    """The file cannot be read at all (exit code 2)."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(zh=f"无法读取证据文件 {path}：{reason}", en=f"cannot read the bundle {path}: {reason}")


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose chain holds as far as it goes.

    ``footer`` is None when the run was killed; ``torn`` counts the bytes of an unfinished last line, which is left out.
    ``size`` is the length in bytes of the whole lines, ``last_digest`` the digest of the last of them.
    """

    header: JsonObject
    events: tuple[Event, ...]
    footer: Footer | None
    torn: int
    size: int
    last_digest: str

    @property
    def complete(self) -> bool:
        """Whether the run came to its end and said so."""
        return self.footer is not None and self.footer.complete


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What ``verify_bundle`` found.

    ``intact``: every line is as it was written, footer included. ``complete``: the footer says the run came to its end.
    ``ok`` needs both. ``digest`` is the digest of the file.
    """

    problems: tuple[Problem, ...]
    header: JsonObject | None
    footer: Footer | None
    events: int
    digest: str

    @property
    def intact(self) -> bool:
        """No line was changed, removed or added, and the footer is there."""
        return not self.problems

    @property
    def complete(self) -> bool:
        """Whether the footer says the run came to its end."""
        return self.footer is not None and self.footer.complete

    @property
    def ok(self) -> bool:
        """Intact and complete."""
        return self.intact and self.complete

    @property
    def records_pass(self) -> bool:
        """Whether the footer's counts do not contradict a pass (their member ``verdict``, where there is one)."""
        return self.footer is not None and self.footer.counts.get("verdict", "pass") == "pass"

    @property
    def exit_code(self) -> int:
        """0 holds, 1 does not, 3 intact but of an interrupted run."""
        if not self.intact:
            return 1
        return 0 if self.complete else 3


def read(path: Path) -> Bundle:
    """The bundle at ``path``, its chain checked; a missing footer or a torn last line is not an error here.

    Raises UnreadableBundle, or BrokenBundle with the lines at fault.
    """
    return scan(path, _lines(path))


def scan(path: Path, lines: Iterable[bytes]) -> Bundle:
    """``read`` on lines that are already open; ``path`` serves messages."""
    scanner = Scanner()
    events: list[Event] = []
    size = torn = 0
    for raw in lines:
        parsed = scanner.feed(raw)
        if isinstance(parsed, Event):
            events.append(parsed)
        if scanner.torn:
            torn = len(raw)
        else:
            size += len(raw)
    problems = scanner.finish(may_be_unfinished=True)
    if problems or scanner.header is None:
        raise BrokenBundle(path, problems)
    return Bundle(
        header=scanner.header.body,
        events=tuple(events),
        footer=scanner.footer,
        torn=torn,
        size=size,
        last_digest=scanner.last_digest,
    )


def verify_bundle(path: Path) -> BundleReport:
    """Check the whole file and name every line at fault. Raises UnreadableBundle only."""
    scanner = Scanner()
    digest = RunningSm3()
    for raw in _lines(path):
        scanner.feed(raw)
        digest.update(raw)
    return BundleReport(
        problems=scanner.finish(),
        header=None if scanner.header is None else scanner.header.body,
        footer=scanner.footer,
        events=scanner.events,
        digest=digest.name(),
    )


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of ``file`` with their line ends; one that is too long comes in pieces of MAX_LINE + 1 bytes."""
    while raw := file.readline(MAX_LINE + 1):
        yield raw


def _lines(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as file:
            yield from lines_of(file)
    except OSError as error:
        raise UnreadableBundle(path, error) from error
