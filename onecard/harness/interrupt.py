"""Ctrl-C without harm: the signal only sets a flag, which is looked at between two exchanges."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import resource_tracker
from types import FrameType

from onecard.harness.verdict import Interrupted


class Gate:
    """Holds a wish to stop until a moment at which nothing is under way."""

    def __init__(self) -> None:
        self.requested = False
        self._closed = 0

    def request(self) -> None:
        """Ask to stop at the next safe moment."""
        self.requested = True

    def check(self) -> None:
        """A safe moment: raises Interrupted when a stop was asked for and the gate is not held."""
        if self.requested and not self._closed:
            raise Interrupted

    @contextmanager
    def held(self) -> Iterator[None]:
        """No interruption within (undoing what a case changed)."""
        self._closed += 1
        try:
            yield
        finally:
            self._closed -= 1

    @contextmanager
    def signals(self) -> Iterator[None]:
        """SIGINT and SIGTERM ask to stop while this is open (main thread only)."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def handler(_number: int, _frame: FrameType | None) -> None:
            self.request()

        before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, previous in before.items():
                signal.signal(number, previous)


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Processes started within inherit that Ctrl-C is held off: a worker imports for seconds before it can say so."""
    if sys.platform == "win32":
        yield
        return
    # Its start sets the mask of this thread back, so it must not come later.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
