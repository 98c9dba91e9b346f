"""Ctrl-C without harm: the signal only sets a flag, which is looked at between two exchanges."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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
