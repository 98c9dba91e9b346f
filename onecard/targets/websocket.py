"""``ws:ws://HOST:PORT/``: a terminal behind the local WebSocket service that web pages call.

The terminal talks PC/SC itself; the tester's card and PSAM stand in the slots of the virtual reader, as for
``library:``. How it is set up: docs/kinds/terminal-websocket.md.
"""

import re
from collections.abc import Mapping
from typing import Any

from onecard.errors import UserError
from onecard.spec.interface import InterfaceSpec
from onecard.spec.load import load_spec
from onecard.spec.terminal_library import library_spec
from onecard.spec.terminal_websocket import websocket_spec
from onecard.targets.base import (
    CardRemoved,
    Instrument,
    Message,
    SilentTarget,
    TargetAbsent,
    TargetOptions,
)
from onecard.targets.conversation import Conversation, other_exchange, required
from onecard.targets.keypad_file import KeypadFile
from onecard.targets.library_program import Fault
from onecard.targets.library_setup import DEFAULT_HOST, SlotPlace, keypad_of, slots_of
from onecard.targets.reader_watch import ReaderWatch
from onecard.targets.slot_bench import SlotBench
from onecard.targets.websocket_service import Unreached, WebSocketClient

PROFILE = "terminal-default"
DECLARED = "parameters.websocket"
SILENT_CALLS = 3
"""So many calls in a row without an answer are told as the function's fault; from then on the target is silent."""
_ADDRESS = re.compile(r"(ws://)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})(/[!-~]*)?")
_PORTS = range(1, 0x10000)


class WebSocketTarget:
    """A service before the tester's card and PSAM in the virtual reader."""

    def __init__(
        self,
        url: str,
        client: WebSocketClient,
        slots: Mapping[str, SlotPlace],
        host: str,
        own: Instrument,
        keypad: KeypadFile | None = None,
    ) -> None:
        self.description = f"ws:{url}"
        self._client = client
        self._slots = slots
        self._keypad = keypad
        self._instrument = own
        self._watch = ReaderWatch()
        self._bench = SlotBench(own, self._watch, slots, host=host, unplugs=False, declared=DECLARED)
        self._connected = False
        self._silent = 0

    def connect(self) -> None:
        """Find readers and service; raises TargetAbsent."""
        if self._connected:
            return
        for place in self._slots.values():
            self._watch.state(place.reader)
        if self._keypad is not None:
            self._keypad.connect()
        self._client.open()
        self._connected = True

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        A call that gives no result answers ``fault`` (kind, zh, en) in place of ``return`` and ``out``. Raises
        SilentTarget when the service is gone or keeps silent again and again, TargetError when the bench itself fails,
        CardRemoved when the readers have gone.
        """
        if request["do"] != "call":
            answer = other_exchange(self._bench, request)
            if request["do"] == "instrument" and self._keypad is not None:
                self._keypad.enter(request["settings"])
            return answer
        try:
            return self._called(request)
        except Unreached as gone:
            raise SilentTarget(zh=gone.text.zh, en=gone.text.en) from None
        except TargetAbsent as absent:
            # It was there when the run began.
            raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent

    def _called(self, request: Message) -> Message:
        self.connect()
        if self._bench.dirty:
            self._bench.lay_out(self._let_go)
        conversation = Conversation(self._instrument)
        with self._bench.traced(conversation):
            found = self._client.call(request["call"], request["args"], conversation.trace)
            self._bench.raise_own_fault()
        if isinstance(found, Fault):
            return {**self._fault(found), "trace": conversation.trace}
        self._silent = 0
        return {"return": found.code, "out": found.out, "trace": conversation.trace, "held": self._bench.held()}

    def close(self) -> None:
        """Close the connection, take the cards out; may be called again."""
        self._client.drop()
        self._bench.clear()
        self._watch.close()
        if self._keypad is not None:
            self._keypad.clear()
        self._connected = False

    def reader_name(self) -> str:
        """The service's address, and the slots."""
        return ", ".join((self.description, *(f"{slot}: {place.reader}" for slot, place in self._slots.items())))

    def _let_go(self) -> None:
        """A service that keeps a reader for its page is left by the page; its process is its own."""
        if self._bench.held():
            self._client.drop()

    def _fault(self, found: Fault) -> Message:
        if found.kind == "silent":
            # Silence may be that of the PC/SC service: then nothing is said of the terminal.
            for place in self._slots.values():
                self._watch.state(place.reader)
            self._silent += 1
            if self._silent > SILENT_CALLS:
                raise SilentTarget(zh=found.text.zh, en=found.text.en)
        return {"fault": {"kind": found.kind, "zh": found.text.zh, "en": found.text.en}}


def open_target(rest: str, options: TargetOptions) -> WebSocketTarget:
    """The target ``ws:ws://HOST:PORT/PATH`` or ``ws:HOST:PORT``; ``options.parameters``: ``websocket`` of the IXIT.

    Raises UserError.
    """
    found = _ADDRESS.fullmatch(rest)
    if found is None or int(found[3]) not in _PORTS:
        raise UserError(
            zh="ws: 需要服务的地址，如 ws:ws://127.0.0.1:8765/",
            en="ws: needs the address of a service, as in ws:ws://127.0.0.1:8765/",
        )
    url = rest if found[1] else f"ws://{rest}"
    data = load_spec().resolve_profile(options.profile or PROFILE)
    if not isinstance(data, InterfaceSpec):
        raise UserError(zh="ws: 只用于终端", en="ws: is for terminals")
    given: Mapping[str, Any] = options.parameters.get("websocket") or {}
    client = WebSocketClient(
        url,
        websocket_spec(data),
        library_spec(data),
        options.timeout,
        given.get("origin"),
        texts=given.get("numbers") == "text",
    )
    host = str(given.get("host", DEFAULT_HOST))
    own = required(options.instrument)
    return WebSocketTarget(url, client, slots_of(given), host, own, keypad_of(given, DECLARED))
