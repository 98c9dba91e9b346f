"""What ``onecard emulate terminal --ws`` puts together: the terminal and its slots behind a WebSocket service."""

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from emulator.terminal.installation import interface_data
from onecard.emulate.driver_command import DriverOrder, workplace
from onecard.emulate.runner import EventLog, run_until_stopped
from onecard.emulate.websocket import WebSocketDesk, WebSocketService
from onecard.spec.terminal_library import library_spec
from onecard.spec.terminal_websocket import websocket_spec
from onecard.spec.text import Language, Text


def emulate_websocket(
    order: DriverOrder,
    origins: Sequence[str],
    language: Language,
    *,
    declare: Callable[[str], None] = lambda _url: None,
    out: TextIO | None = None,
) -> int:
    """Serve until Ctrl-C; returns 0. ``declare`` is told the URL before the first call.

    Raises UserError for a port that is taken, SpecError for an unknown profile.
    """
    log = EventLog(out if out is not None else sys.stderr, language)
    data = interface_data(order.profile)
    messages = websocket_spec(data)
    terminal, slots = workplace(order, log.say)
    desk = WebSocketDesk(terminal, messages, library_spec(data), log.say_line)
    service = WebSocketService(desk, slots, messages.largest, port=order.port, origins=origins)
    declare(service.url)
    log.say(
        Text(
            zh=f"终端在 {service.url} 上等待网页的调用。按 Ctrl-C 结束",
            en=f"the terminal waits for calls of web pages on {service.url}. Ctrl-C ends this command",
        )
    )
    run_until_stopped([service])
    return 0
