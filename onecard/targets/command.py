"""``command:COMMAND LINE``: a terminal as a program that speaks protocol 1, JSON lines on its standard streams.

The protocol stands in docs/kinds/terminal-command.md and reports/schema/command.schema.json: the tester calls, the
terminal asks for whatever it needs of card, PSAM and clock, and returns. A program that dies, hangs or talks nonsense
is ended and started again for the next call.
"""

import json
import os
import shlex
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator

from onecard.errors import UserError
from onecard.spec.location import data_root
from onecard.targets.base import (
    CardRemoved,
    Instrument,
    Message,
    SilentTarget,
    TargetAbsent,
    TargetError,
    TargetOptions,
)
from onecard.targets.conversation import Conversation, other_exchange, required
from onecard.targets.line_program import LineProgram, LineTooLong, ProgramEnded, ProgramSilent

PROTOCOL = 1
SCHEMA = "command.schema.json"
_SHOWN = 120


class BrokenProtocol(TargetError):
    """The program said something that the protocol does not have."""


@lru_cache(maxsize=1)
def message_schema() -> Mapping[str, Any]:
    """The JSON Schema of all messages."""
    text = (data_root("reports") / "schema" / SCHEMA).read_text(encoding="utf-8")
    schema: Mapping[str, Any] = json.loads(text)
    return schema


@lru_cache(maxsize=16)
def _validator(name: str) -> Draft202012Validator:
    schema = message_schema()
    return Draft202012Validator({"$schema": schema["$schema"], "$defs": schema["$defs"], "$ref": f"#/$defs/{name}"})


def _form_of(message: object, form: str) -> str:
    # The one form that is meant, so that the complaint names what is wrong with it.
    if form != "said" or not isinstance(message, dict):
        return form
    named = next((name for name in ("return", "transmit") if name in message), None)
    asked = message.get("ask")
    return named or (asked if asked in ("power-on", "clock", "pin") else form)


class CommandTarget:
    """A terminal program. ``timeout``: longest wait for one line, in seconds."""

    def __init__(self, description: str, command: list[str], timeout: float, instrument: Instrument) -> None:
        self.description = description
        self._command = command
        self._timeout = timeout
        self._instrument = instrument
        self._program: LineProgram | None = None
        self._name = ""
        self._count = 0

    def connect(self) -> None:
        """Start the program and hear its greeting; raises TargetAbsent when it cannot, or speaks another protocol."""
        if self._program is None:
            self._start()

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        Raises SilentTarget when the program hangs, CardRemoved when it ends, TargetError when it breaks the protocol.
        """
        if request["do"] != "call":
            return other_exchange(self._instrument, request)
        self.connect()
        conversation = Conversation(self._instrument)
        self._count += 1
        try:
            self._say({"id": self._count, "call": request["call"], "args": request["args"]})
            while True:
                said = self._said("said")
                if "return" in said:
                    return {"return": said["return"], "out": said["out"], "trace": conversation.trace}
                question = {name: value for name, value in said.items() if name != "id"}
                self._say({"id": self._count, "answer": conversation.ask(question)})
        except TargetError:
            # What the program is doing now nobody knows: the next call gets a new one.
            self._drop()
            raise

    def close(self) -> None:
        """End the program; may be called again."""
        program, self._program = self._program, None
        if program is not None:
            program.finish()

    def reader_name(self) -> str:
        """The name by which the program greeted."""
        return self._name or "a program that was not started"

    # --- the program ---

    def _start(self) -> None:
        try:
            self._program = LineProgram(self._command)
        except OSError as error:
            raise TargetAbsent(
                zh=f"无法启动终端程序“{self._command[0]}”：{error.strerror or error}",
                en=f"the terminal program {self._command[0]!r} cannot be started: {error.strerror or error}",
            ) from None
        try:
            greeting = self._said("greeting", own=False)
        except TargetError as error:
            self._drop()
            raise TargetAbsent(
                zh=f"终端程序未按协议问候：{error.text.zh}", en=f"the terminal program did not greet: {error.text.en}"
            ) from None
        if greeting["protocol"] != PROTOCOL:
            self._drop()
            raise TargetAbsent(
                zh=f"终端程序使用协议 {greeting['protocol']}，本工具使用协议 {PROTOCOL}",
                en=f"the terminal program speaks protocol {greeting['protocol']}, this tool {PROTOCOL}",
            )
        self._name = str(greeting["name"])

    def _drop(self) -> int:
        program, self._program = self._program, None
        return program.kill() if program is not None else 0

    def _running(self) -> LineProgram:
        if self._program is None:
            raise CardRemoved(zh="终端程序未运行", en="the terminal program is not running")
        return self._program

    def _say(self, message: Message) -> None:
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        try:
            self._running().tell(text.encode("utf-8"))
        except ProgramEnded:
            raise self._ended() from None

    def _said(self, form: str, own: bool = True) -> Message:
        """The next message, of a form of the schema; ``own``: it must carry the id of the call."""
        try:
            line = self._running().hear(self._timeout)
        except ProgramSilent:
            words = self._last_words()
            raise SilentTarget(
                zh=f"终端程序在 {self._timeout:g} 秒内没有应答，已终止{words}",
                en=f"the terminal program did not answer within {self._timeout:g} s and was ended{words}",
            ) from None
        except ProgramEnded:
            raise self._ended() from None
        except LineTooLong:
            raise BrokenProtocol(
                zh="终端程序输出了超过 1 MiB 的一行", en="the terminal program wrote a line of more than 1 MiB"
            ) from None
        return self._message(line, form, own)

    def _message(self, line: bytes, form: str, own: bool) -> Message:
        try:
            message = json.loads(line.decode("utf-8"))
            problem = next(_validator(_form_of(message, form)).iter_errors(message), None)
            fault = "" if problem is None else problem.message
        except (ValueError, RecursionError) as error:
            message, fault = {}, str(error)
        if not fault and own and message["id"] != self._count:
            fault = f"id {message['id']} where the call has id {self._count}"
        if fault:
            shown = line[:_SHOWN].decode("utf-8", errors="replace")
            words = self._last_words()
            raise BrokenProtocol(
                zh=f"终端程序输出不合协议：{shown!r}（{fault[:_SHOWN]}）{words}",
                en=f"the terminal program broke the protocol: {shown!r} ({fault[:_SHOWN]}){words}",
            )
        found: Message = message
        return found

    def _ended(self) -> CardRemoved:
        program = self._running()
        exit_code = program.kill()
        words = self._last_words()
        return CardRemoved(
            zh=f"终端程序已结束，退出码 {exit_code}{words}",
            en=f"the terminal program ended with exit code {exit_code}{words}",
        )

    def _last_words(self) -> str:
        words = self._program.last_words() if self._program is not None else ""
        return f"; stderr: {words}" if words else ""


def open_target(rest: str, options: TargetOptions) -> CommandTarget:
    """The target ``command:COMMAND LINE``: words as in a shell, run without one. Raises UserError for an empty line."""
    try:
        command = shlex.split(rest, posix=os.name == "posix")
    except ValueError as error:
        raise UserError(
            zh=f"command: 命令行无法解析：{error}", en=f"command: cannot read the command line: {error}"
        ) from None
    if not command:
        raise UserError(
            zh="command: 需要命令行，如 command:node terminal.mjs",
            en="command: needs a command line, as in command:node terminal.mjs",
        )
    return CommandTarget(f"command:{rest}", command, options.timeout, required(options.instrument))
