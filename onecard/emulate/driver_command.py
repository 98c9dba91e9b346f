"""What ``onecard emulate terminal --driver`` puts together: data, slots, the terminal, and its service."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from emulator.terminal.installation import card_data, interface_data
from emulator.terminal.instrument import DEFAULT_CARD, TerminalInstrument
from emulator.terminal.terminal import ReferenceTerminal
from onecard.emulate.driver import DriverService, write_link
from onecard.emulate.keypad import FileKeypad
from onecard.emulate.runner import EventLog, run_until_stopped
from onecard.emulate.slots import NO_KEYPAD, EmbeddedSlots, PcscSlots, system_date
from onecard.spec.terminal import terminal_spec
from onecard.spec.terminal_library import library_spec
from onecard.spec.text import Language, Text

DEVICE_NUMBER = "ONECARD-REFERENCE-1"
NOON = "120000"


@dataclass(frozen=True, slots=True)
class DriverOrder:
    """What the user asked for.

    ``readers``: PC/SC reader by slot; ``embedded``: profile of a synthetic card in this process instead, with a PSAM.
    ``link``: where port and token are written, None to print them. ``clock``: CCYYMMDD in place of the system's date.
    ``keypad``: file with what the user enters, None for a terminal without keypad.
    """

    profile: str
    readers: Mapping[str, str] = field(default_factory=dict)
    embedded: str | None = None
    seed: str | None = None
    port: int = 0
    link: Path | None = None
    clock: str | None = None
    timeout: float = 5.0
    keypad: Path | None = None


def workplace(order: DriverOrder, tell: Callable[[Text], None]) -> tuple[ReferenceTerminal, PcscSlots | EmbeddedSlots]:
    """The terminal that was asked for, and its slots, which the caller closes; ``tell`` hears of a keypad's file that
    cannot be read any more. Raises UserError, SpecError.
    """
    fixed = order.clock

    def today() -> str:
        return fixed or system_date()

    keypad = NO_KEYPAD if order.keypad is None else FileKeypad(order.keypad, tell)
    slots: PcscSlots | EmbeddedSlots
    if order.embedded is None:
        slots = PcscSlots(order.readers, order.timeout, today, keypad)
    else:
        instrument = TerminalInstrument(order.seed) if order.seed else TerminalInstrument()
        instrument.configure({"card": order.embedded, "clock": today() + NOON})
        slots = EmbeddedSlots(instrument, today, keypad)
    data = terminal_spec(interface_data(order.profile))
    return ReferenceTerminal(data, card_data(DEFAULT_CARD), slots, device_number=DEVICE_NUMBER), slots


def emulate_driver(order: DriverOrder, language: Language, out: TextIO | None = None) -> int:
    """Serve until Ctrl-C; returns 0. Raises UserError for a port that is taken, SpecError for an unknown profile."""
    log = EventLog(out if out is not None else sys.stderr, language)
    terminal, slots = workplace(order, log.say)
    service = DriverService(terminal, slots, library_spec(interface_data(order.profile)), log.say_line, port=order.port)
    written: Path | None = None
    if order.link is None:
        log.say_line(f"ONECARD_DRIVER={service.link}")
    else:
        written = write_link(service.link, order.link)
    port = service.link.partition(" ")[0]
    log.say(
        Text(
            zh=f"终端进程在 127.0.0.1:{port} 上等待动态库的调用。按 Ctrl-C 结束",
            en=f"the terminal process waits for calls of the library on 127.0.0.1:{port}. Ctrl-C ends this command",
        )
    )
    try:
        run_until_stopped([service])
    finally:
        if written is not None:
            written.unlink(missing_ok=True)
    return 0
