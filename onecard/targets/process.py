"""A helper process that answers lines with lines and is killed when it is silent.

A blocking call into a driver cannot be interrupted from within its own process; a process can always be killed.
Threads, not select: pipes cannot be polled on Windows.
"""

import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

_LAST_WORDS = 1.0


class WorkerSilent(Exception):
    """No line within the limit; the process was killed."""


class WorkerEnded(Exception):
    """The process ended by itself; ``exit_code`` says how (negative: a signal)."""

    def __init__(self, exit_code: int) -> None:
        super().__init__(f"the helper process ended with code {exit_code}")
        self.exit_code = exit_code


class LineWorker:
    """``sys.executable`` running ``script`` with ``arguments``: one line in, one line out, both without the newline."""

    def __init__(self, script: str, arguments: Sequence[str]) -> None:
        # -P: a folder named like one of the worker's libraries in the working directory must not be imported.
        # A session of its own: Ctrl-C reaches only the tester, who then still needs the worker to restore the card.
        self._process = subprocess.Popen(
            [sys.executable, "-P", script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input = self._process.stdin
        self._output = self._process.stdout
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._pump = threading.Thread(target=self._collect, name="line-worker", daemon=True)
        self._pump.start()

    def ask(self, line: bytes, limit: float) -> bytes:
        """Send ``line`` and return the next line; raises WorkerSilent after ``limit`` seconds, or WorkerEnded."""
        try:
            self._input.write(line + b"\n")
            self._input.flush()
        except (OSError, ValueError):  # broken pipe; or closed by kill()
            raise WorkerEnded(self.kill()) from None
        return self.hear(limit)

    def hear(self, limit: float) -> bytes:
        """The next line without asking (the greeting); raises as ``ask`` does."""
        try:
            answer = self._lines.get(timeout=limit)
        except queue.Empty:
            self.kill()
            raise WorkerSilent from None
        if answer is None:
            raise WorkerEnded(self.kill())
        return answer

    def finish(self) -> None:
        """Close its input, give it a second to end by itself, then kill it."""
        with suppress(OSError):
            self._input.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_LAST_WORDS)
        self.kill()

    def kill(self) -> int:
        """End the process now and release the pipes; returns its exit code; may be called again."""
        if self._process.poll() is None:
            # An ending process closes its output before it has an exit code: let it say its own.
            if not self._pump.is_alive():
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_LAST_WORDS)
            self._process.kill()
        exit_code = self._process.wait()
        self._pump.join()
        with suppress(OSError):
            self._input.close()
        self._output.close()
        return exit_code

    def _collect(self) -> None:
        for line in self._output:
            self._lines.put(line.rstrip(b"\r\n"))
        self._lines.put(None)
