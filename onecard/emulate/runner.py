"""Keeps links between emulated cards and their readers running until the user ends them."""

import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TextIO

from emulator.transport.base import LinkEvent, LinkReport
from onecard.errors import UserError
from onecard.spec.text import Language, Text

_EVENTS = {
    LinkEvent.WAITING: Text(
        zh="{where}：等待虚拟读卡器（pcscd 没有运行，或没有安装 vsmartcard-vpcd）",
        en="{where}: waiting for the virtual reader (pcscd is not running, or vsmartcard-vpcd is not installed)",
    ),
    LinkEvent.CONNECTED: Text(zh="{where}：已连接", en="{where}: connected"),
    LinkEvent.POWERED_ON: Text(zh="{where}：上电，ATR {detail}", en="{where}: powered on, ATR {detail}"),
    LinkEvent.RESET: Text(zh="{where}：热复位，ATR {detail}", en="{where}: warm reset, ATR {detail}"),
    LinkEvent.POWERED_OFF: Text(zh="{where}：下电", en="{where}: powered off"),
    LinkEvent.DISCONNECTED: Text(zh="{where}：连接结束", en="{where}: disconnected"),
    LinkEvent.REFUSED: Text(
        zh="{where}：已有测试端连接，拒绝第二个", en="{where}: refused, another tester is connected"
    ),
}
_POLL = 0.5


class Link(Protocol):
    """A transport: ``run`` blocks until ``stop``, which may come from any thread."""

    def run(self) -> None: ...

    def stop(self) -> None: ...


# A tester powers and resets a card hundreds of times; a line for each would fill a pipe that nobody reads.
_ONCE = frozenset((LinkEvent.POWERED_ON, LinkEvent.RESET, LinkEvent.POWERED_OFF))


class EventLog:
    """Writes one line an event, from any thread, in one language; power events once a connection."""

    def __init__(self, out: TextIO, language: Language) -> None:
        self._out = out
        self._language: Language = language
        self._lock = threading.Lock()
        self._told: set[tuple[str, LinkEvent]] = set()

    def __call__(self, report: LinkReport) -> None:
        if report.event in _ONCE:
            if (report.where, report.event) in self._told:
                return
            self._told.add((report.where, report.event))
        elif report.event is LinkEvent.DISCONNECTED:
            self._told -= {(report.where, event) for event in _ONCE}
        words = _EVENTS[report.event].in_(self._language)
        self.say_line(words.format(where=report.where, detail=report.detail))

    def say(self, text: Text) -> None:
        """A line of our own."""
        self.say_line(text.in_(self._language))

    def say_line(self, line: str) -> None:
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


def run_until_stopped(links: Sequence[Link], *, stop: threading.Event | None = None) -> None:
    """Run every link in a thread until Ctrl-C, SIGTERM or ``stop``; then end them all.

    Raises UserError (exit code 3) when an emulated card fails by itself.
    """
    ending = stop if stop is not None else threading.Event()
    faults: list[Exception] = []

    def keep(link: Link) -> None:
        try:
            link.run()
        except Exception as fault:  # noqa: BLE001 - whatever a card raises ends the command with one message
            faults.append(fault)
        finally:
            ending.set()

    threads = [threading.Thread(target=keep, args=(link,), daemon=True) for link in links]
    with _signals_set(ending):
        for thread in threads:
            thread.start()
        # A wait without limit cannot be interrupted by Ctrl-C on Windows.
        while not ending.wait(_POLL):
            pass
        for link in links:
            link.stop()
        for thread in threads:
            thread.join()
    if faults:
        fault = faults[0]
        raise UserError(
            zh=f"仿真出错并停止：{type(fault).__name__}: {fault}。这是本软件的缺陷，请报告",
            en=f"the emulation failed and stopped: {type(fault).__name__}: {fault}. Please report it",
            exit_code=3,
        ) from fault


@contextmanager
def _signals_set(ending: threading.Event) -> Iterator[None]:
    """SIGINT and SIGTERM set ``ending``; only the main thread may, and need, arrange this."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, lambda *_: ending.set()) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
