"""``onecard emulate terminal --http``: the reference terminal by protocol 1 over HTTP, for target ``http:``.

The terminal asks while a function runs; over HTTP each question is the answer to a request. So a call runs in a thread
of its own, which waits for the tester's next request. A new call ends one that was left unfinished.
"""

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from queue import SimpleQueue
from typing import TextIO

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from emulator.service import ServiceError, new_app
from onecard.emulate.runner import EventLog, run_until_stopped
from onecard.emulate.service import cannot_listen
from onecard.spec.text import Language, Text
from onecard.targets.base import ExchangeTarget, Instrument, Message, TargetOptions
from onecard.targets.serving import HttpServer
from onecard.targets.terminal_protocol import PROTOCOL, BrokenProtocol, message_of

HOST = "127.0.0.1"
LARGEST = 65536
"""Bytes of a request. Basis: profile; no answer of card or PSAM needs a tenth of it."""


class _Left(Exception):
    """The tester has begun another call, or the server ends."""


class _Call:
    """A function under way: what it says, and what it is answered."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.thread: threading.Thread | None = None
        self._said: SimpleQueue[Message | Exception] = SimpleQueue()
        self._answers: SimpleQueue[Message | None] = SimpleQueue()

    def ask(self, question: Message) -> Message:
        """The tester's answer; raises _Left where there will be none."""
        self._said.put({"id": self.number, **question})
        answer = self._answers.get()
        if answer is None:
            raise _Left
        return answer

    def run(self, terminal: ExchangeTarget, request: Message) -> None:
        """Carry the function out, in its own thread."""
        try:
            found = terminal.exchange({"do": "call", "call": request["call"], "args": request["args"]})
            self._said.put({"id": self.number, "return": found["return"], "out": found["out"]})
        except _Left:
            return
        except Exception as error:  # noqa: BLE001 - told to who asked; the next call begins anew
            self._said.put(error)

    def answered(self, answer: Message) -> None:
        """The tester's answer to the last question."""
        self._answers.put(answer)

    def says(self) -> Message:
        """The next thing that the function says; raises what went wrong in it."""
        said = self._said.get()
        if isinstance(said, Exception):
            raise said
        return said

    def leave(self) -> None:
        """End it where it waits."""
        self._answers.put(None)
        if self.thread is not None:
            self.thread.join()


class TerminalDesk:
    """Messages of the tester in, messages of the terminal out; one call at a time.

    ``opened`` makes the terminal, whose instrument this is: it hands on what the terminal asks.
    """

    def __init__(self, name: str, opened: Callable[[Instrument], ExchangeTarget]) -> None:
        self.name = name
        self._turn = threading.Lock()
        self._call: _Call | None = None
        self._terminal = opened(self)

    def configure(self, settings: Message) -> Message:
        """The tester sets its card itself."""
        raise ValueError(f"the tester does not take settings from the terminal: {settings}")

    def answer(self, ask: Message) -> Message:
        """Asked by the terminal during a call."""
        if self._call is None:
            raise _Left
        return self._call.ask(ask)

    def heard(self, body: bytes) -> Message:
        """What the terminal says to a message; raises ServiceError for one that is none, or comes out of turn."""
        try:
            message = message_of(body, "call" if b'"call"' in body else "answer")
        except BrokenProtocol as broken:
            raise ServiceError(400, "bad-message", broken.text.zh, broken.text.en) from None
        with self._turn:
            call = self._begun(message) if "call" in message else self._going_on(message)
            try:
                said = call.says()
            except Exception as error:
                self._call = None
                told = type(error).__name__
                raise ServiceError(500, "failed", f"终端出错：{told}", f"the terminal failed: {told}") from error
            if "return" in said:
                self._call = None
            return said

    def close(self) -> None:
        """End the call under way."""
        with self._turn:
            self._leave()

    def _begun(self, message: Message) -> _Call:
        self._leave()
        call = self._call = _Call(message["id"])
        call.thread = threading.Thread(
            target=call.run, args=(self._terminal, message), name=f"call {call.number}", daemon=True
        )
        call.thread.start()
        return call

    def _going_on(self, message: Message) -> _Call:
        call = self._call
        if call is None or call.number != message["id"]:
            raise ServiceError(
                409, "no-such-call", f"没有进行中的调用 {message['id']}", f"there is no call {message['id']} under way"
            )
        call.answered(message["answer"])
        return call

    def _leave(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            call.leave()


def app_of(desk: TerminalDesk) -> FastAPI:
    """The interface: a greeting, and one message a request."""
    app = new_app("terminal")

    @app.get("/")
    async def greet() -> JSONResponse:
        return JSONResponse({"protocol": PROTOCOL, "name": desk.name})

    @app.post("/")
    async def hear(request: Request) -> JSONResponse:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > LARGEST:
                raise ServiceError(413, "too-large", f"请求超过 {LARGEST} 字节", f"more than {LARGEST} bytes")
        return JSONResponse(await run_in_threadpool(desk.heard, bytes(body)))

    return app


def emulate_terminal_http(
    profile: str,
    port: int,
    language: Language,
    *,
    declare: Callable[[str], None] = lambda _url: None,
    out: TextIO | None = None,
    stop: threading.Event | None = None,
) -> int:
    """Serve on the loopback interface until Ctrl-C; returns 0. ``declare`` is told the URL before the first call.

    Raises UserError for a port that is taken, and for an unknown profile.
    """
    log = EventLog(out if out is not None else sys.stderr, language)
    make = import_module("onecard.reference.terminal").open_target
    desk = TerminalDesk(f"OneCard reference {profile}", lambda tester: make(profile, TargetOptions(instrument=tester)))
    try:
        server = HttpServer(app_of(desk), host=HOST, port=port)
    except (OSError, OverflowError) as error:
        raise cannot_listen(HOST, port, error) from error
    declare(server.url)
    log.say(
        Text(
            zh=f"{profile} 在 {server.url} 上监听。按 Ctrl-C 结束",
            en=f"{profile} is listening on {server.url}. Ctrl-C ends this command",
        )
    )
    try:
        run_until_stopped([server], stop=stop)
    finally:
        desk.close()
    return 0
