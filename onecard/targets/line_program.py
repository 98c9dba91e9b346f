"""A vendor's program that speaks in lines: started without a shell, watched, and never left behind.

Threads, not select: pipes cannot be polled on Windows.
"""

import os
import queue
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

LONGEST_LINE = 1024 * 1024
"""Bytes of one line; no message of the protocol needs a hundredth of it."""

_LAST_WORDS = 1.0
_KEPT_LINES, _KEPT_CHARACTERS = 5, 400


class ProgramSilent(Exception):
    """No line within the limit."""


class ProgramEnded(Exception):
    """The program ended, or closed its output."""


class LineTooLong(Exception):
    """A line of more than LONGEST_LINE bytes."""


class LineProgram:
    """A running program: one line in, lines out, both without the newline. Raises OSError when it cannot be started.

    ``environment``: in place of ours.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        # A session of its own: Ctrl-C reaches the tester alone, who still has to end the exchange and the program.
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            env=environment,
        )  # fmt: skip
        if self._process.stdin is None or self._process.stdout is None or self._process.stderr is None:
            raise OSError("the program has no pipes")
        self._input, self._output, self._errors = self._process.stdin, self._process.stdout, self._process.stderr
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._closed = False
        self._said: deque[str] = deque(maxlen=_KEPT_LINES)
        self._pumps = [threading.Thread(target=pump, daemon=True) for pump in (self._collect, self._listen)]
        for pump in self._pumps:
            pump.start()

    def tell(self, line: bytes) -> None:
        """Send a line; raises ProgramEnded."""
        try:
            self._input.write(line + b"\n")
            self._input.flush()
        except (OSError, ValueError):  # broken pipe; or closed by kill()
            raise ProgramEnded from None

    def hear(self, limit: float) -> bytes:
        """The next line; raises ProgramSilent after ``limit`` seconds, ProgramEnded, LineTooLong."""
        try:
            line = self._lines.get(timeout=limit)
        except queue.Empty:
            raise ProgramSilent from None
        if line is None:
            raise ProgramEnded
        if len(line) > LONGEST_LINE:
            raise LineTooLong
        return line

    def last_words(self) -> str:
        """The last lines that the program wrote to its standard error, on one line; empty when it wrote none."""
        return " / ".join(self._said)[-_KEPT_CHARACTERS:]

    def finish(self) -> int:
        """Close its input, give it a second to end by itself, then kill it; returns its exit code."""
        with suppress(OSError):
            self._input.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_WORDS)
        return self.kill()

    def kill(self) -> int:
        """End the program and what it started, release the pipes; returns its exit code; may be called again."""
        if self._process.poll() is None:
            # A program that ends closes its output before it has an exit code: let it say its own.
            if self._closed:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_LAST_WORDS)
            self._end()
        exit_code = self._process.wait()
        for pump in self._pumps:
            # A grandchild that left the session may hold the pipes open: do not wait for it for ever.
            pump.join(_LAST_WORDS)
        for pipe in (self._input, self._output, self._errors):
            with suppress(OSError, ValueError):
                pipe.close()
        return exit_code

    def _end(self) -> None:
        if os.name != "posix":
            self._process.kill()
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            self._process.kill()

    def _collect(self) -> None:
        with suppress(OSError, ValueError):
            # One byte more than allowed tells a line that is too long from one that just fits.
            while line := self._output.readline(LONGEST_LINE + 1):
                self._lines.put(line if len(line) > LONGEST_LINE else line.rstrip(b"\r\n"))
                if len(line) > LONGEST_LINE:
                    return
        self._closed = True
        self._lines.put(None)

    def _listen(self) -> None:
        with suppress(OSError, ValueError):
            while line := self._errors.readline(LONGEST_LINE):
                text = line.decode("utf-8", errors="replace").strip()
                if text:
                    self._said.append(text[:_KEPT_CHARACTERS])
