"""Writing an evidence bundle so that nothing once recorded is lost.

Every line goes to the operating system before ``append`` returns: killing the process loses at most the line being
written. A full disk ends the record at the last whole line. An interrupt (Ctrl-C) inside a write is made good by the
next call, which completes the line that was under way.
"""

import contextlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from onecard.errors import UserError
from onecard.evidence.bundle import BrokenBundle, Bundle, UnreadableBundle, lines_of, scan
from onecard.evidence.canonical import JsonObject
from onecard.evidence.digests import sm3_name
from onecard.evidence.lines import Event, Footer, check_kind, event_line, footer_line, header_line, make_footer

_BINARY: Final[int] = getattr(os, "O_BINARY", 0)  # Windows would turn LF into CR LF
_SHARED: Final = 0o644


class EvidenceExists(UserError):
    """A bundle would be written over (exit code 2)."""


class EvidenceWriteError(UserError):
    """Evidence could not be written; what was recorded before is on disk, whole (exit code 3)."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = error.strerror or str(error)
        super().__init__(
            zh=f"写证据文件 {path} 失败：{reason}。此前的记录完好；腾出空间后可用 --resume 继续。",
            en=f"cannot write the bundle {path}: {reason}. What was recorded before is intact; make room and --resume.",
            exit_code=3,
        )


class ResumeRefused(UserError):
    """This bundle cannot be continued (exit code 2)."""


class _State(NamedTuple):
    """Where the record stands: bytes on disk, events, digest of the last line."""

    size: int
    events: int
    last: str


class _Tail(NamedTuple):
    """The state on disk and, while a line is being written, that line and the state after it."""

    state: _State
    pending: tuple[bytes, _State] | None


class Writer:
    """Appends events to one bundle. Use ``create`` or ``resume``; then ``append``, ``sync``, ``close_with_footer``."""

    def __init__(self, descriptor: int, path: Path, state: _State, clock: Callable[[], float], elapsed: float) -> None:
        self.path = path
        self._descriptor: int | None = descriptor
        self._clock = clock
        self._started = clock() - elapsed
        self._failure: OSError | None = None
        # One attribute holds both, so that an interrupt never sees one without the other.
        self._tail = _Tail(state, None)

    @classmethod
    def create(cls, path: Path, header: JsonObject, *, clock: Callable[[], float] = time.monotonic) -> Self:
        """Begin a bundle with ``header`` (``format`` is added). ``clock`` gives seconds.

        Raises EvidenceExists if there is a file already, UserError if the file or its header cannot be written (both
        exit code 2: nothing was sent).
        """
        line = header_line(header)
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | _BINARY, _SHARED)
        except FileExistsError:
            raise EvidenceExists(
                zh=f"证据文件 {path} 已存在，不会覆盖：请换 --out 目录，或用 --resume 继续",
                en=f"the bundle {path} exists and is not overwritten: choose another --out folder, or --resume it",
            ) from None
        except OSError as error:
            raise _cannot_make(path, error) from error
        writer = cls(descriptor, path, _State(0, 0, ""), clock, 0.0)
        try:
            writer._write(line, _State(len(line), 0, sm3_name(line)))
        except EvidenceWriteError as error:
            writer.close()
            with contextlib.suppress(OSError):
                path.unlink()
            raise _cannot_make(path, writer._failure) from error
        return writer

    @classmethod
    def resume(
        cls,
        path: Path,
        check_header: Callable[[JsonObject], None],
        *,
        note: Mapping[str, object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> tuple[Self, Bundle]:
        """Go on with an unfinished bundle; returns the writer and what was recorded so far.

        ``check_header`` raises UserError if the recorded header is not of this run. A torn last line and the footer of
        an interrupted run are cut off; then an event ``resume`` records that (``after``: last event number, ``torn``:
        bytes cut, ``footer``: whether one was cut, and the members of ``note``). Raises UnreadableBundle, BrokenBundle
        (exit code 2 here: nothing was sent), or ResumeRefused for a bundle that is complete.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | _BINARY)
        except OSError as error:
            raise UnreadableBundle(path, error) from error
        try:
            bundle = _read_open(path, descriptor)
            if bundle.complete:
                raise ResumeRefused(
                    zh=f"证据文件 {path} 已完整，没有可继续的内容",
                    en=f"the bundle {path} is complete: nothing to resume",
                )
            check_header(bundle.header)
            state = _without_footer(bundle)
            os.ftruncate(descriptor, state.size)
        except OSError as error:
            os.close(descriptor)
            raise UnreadableBundle(path, error) from error
        except BaseException:
            os.close(descriptor)
            raise
        elapsed = bundle.events[-1].t if bundle.events else 0.0
        writer = cls(descriptor, path, state, clock, elapsed)
        marks = {"after": state.events, "torn": bundle.torn, "footer": bundle.footer is not None}
        writer.append("resume", {**(note or {}), **marks})
        return writer, bundle

    @property
    def events(self) -> int:
        """How many events are recorded."""
        return self._tail.state.events

    @property
    def last_digest(self) -> str:
        """The digest of the last whole line."""
        return self._tail.state.last

    def elapsed(self) -> float:
        """Seconds since the run began, those before a resume included."""
        return max(0.0, self._clock() - self._started)

    def append(self, kind: str, body: JsonObject, case: str | None = None) -> int:
        """Record one event and return its number (from 1).

        Raises ValueError for a ``kind`` that cannot name an event, EvidenceWriteError when the line cannot be written;
        from then on only a footer of an incomplete run is taken, so that no gap can hide in the record.
        """
        check_kind(kind)
        if self._failure is not None:
            raise EvidenceWriteError(self.path, self._failure)
        self._settle()
        state = self._tail.state
        number = state.events + 1
        event = Event(number, kind, body, case, round(self.elapsed(), 4), number + 1, state.last)
        line = event_line(event)
        self._write(line, _State(state.size + len(line), number, sm3_name(line)))
        return number

    def sync(self) -> None:
        """Wait until everything recorded is on the disk (at the end of a case). Raises EvidenceWriteError."""
        self._settle()
        try:
            os.fsync(self._open_descriptor())
        except OSError as error:
            raise self._fail(error) from error

    def close_with_footer(self, counts: JsonObject, *, complete: bool) -> Footer:
        """End the bundle: write the footer, sync, close. Raises EvidenceWriteError, the file being closed then too."""
        try:
            if self._failure is not None and complete:
                raise EvidenceWriteError(self.path, self._failure)
            self._settle()
            state = self._tail.state
            footer = make_footer(complete=complete, counts=counts, events=state.events, final=state.last)
            line = footer_line(footer)
            self._write(line, _State(state.size + len(line), state.events, sm3_name(line)))
            self.sync()
        finally:
            self.close()
        return footer

    def close(self) -> None:
        """Close the file without a footer, as it stands; a second call does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, line: bytes, after: _State) -> None:
        self._settle()
        self._tail = _Tail(self._tail.state, (line, after))
        self._settle()

    def _settle(self) -> None:
        """Bring the line under way, if any, wholly to the file."""
        state, pending = self._tail
        if pending is None:
            return
        line, after = pending
        descriptor = self._open_descriptor()
        try:
            if self._failure is not None:
                os.ftruncate(descriptor, state.size)
            written = os.fstat(descriptor).st_size - state.size
            os.lseek(descriptor, state.size + written, os.SEEK_SET)
            rest = memoryview(line)[written:]
            while rest:
                rest = rest[os.write(descriptor, rest) :]
        except OSError as error:
            raise self._fail(error) from error
        self._tail = _Tail(after, None)

    def _fail(self, error: OSError) -> EvidenceWriteError:
        """Cut a torn tail off and refuse further events."""
        self._failure = error
        state, _ = self._tail
        self._tail = _Tail(state, None)
        # Where even this fails the tail stays torn: every reader drops a last line without a line end.
        with contextlib.suppress(OSError):
            os.ftruncate(self._open_descriptor(), state.size)
        return EvidenceWriteError(self.path, error)

    def _open_descriptor(self) -> int:
        if self._descriptor is None:
            raise ValueError("the bundle is closed")
        return self._descriptor


def _cannot_make(path: Path, error: OSError | None) -> UserError:
    reason = "" if error is None else error.strerror or str(error)
    return UserError(zh=f"无法建立证据文件 {path}：{reason}", en=f"cannot make the bundle {path}: {reason}")


def _read_open(path: Path, descriptor: int) -> Bundle:
    with os.fdopen(os.dup(descriptor), "rb") as file:
        try:
            return scan(path, lines_of(file))
        except BrokenBundle as error:
            raise BrokenBundle(path, error.problems, exit_code=2) from None


def _without_footer(bundle: Bundle) -> _State:
    if bundle.footer is None:
        return _State(bundle.size, len(bundle.events), bundle.last_digest)
    return _State(bundle.size - len(footer_line(bundle.footer)), len(bundle.events), bundle.footer.final)
