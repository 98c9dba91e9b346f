"""``command:COMMAND LINE``: a terminal as a program that speaks protocol 1, JSON lines on its standard streams.

A program that dies, hangs or talks nonsense is ended and started again for the next call.
"""

import os
import shlex

from onecard.errors import UserError
from onecard.targets.base import (
    CardRemoved,
    Instrument,
    Message,
    SilentTarget,
    TargetAbsent,
    TargetError,
    TargetOptions,
)
from onecard.targets.conversation import other_exchange, required
from onecard.targets.line_program import LineProgram, LineTooLong, ProgramEnded, ProgramSilent
from onecard.targets.terminal_protocol import BrokenProtocol, called, greeted, message_of, octets_of


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
        self._count += 1
        try:
            return called(self._turn, self._count, request, self._instrument)
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
            greeting = self._said("greeting")
        except TargetError as error:
            self._drop()
            raise TargetAbsent(
                zh=f"终端程序未按协议问候：{error.text.zh}", en=f"the terminal program did not greet: {error.text.en}"
            ) from None
        try:
            self._name = greeted(greeting)
        except TargetAbsent:
            self._drop()
            raise

    def _drop(self) -> int:
        program, self._program = self._program, None
        return program.kill() if program is not None else 0

    def _running(self) -> LineProgram:
        if self._program is None:
            raise CardRemoved(zh="终端程序未运行", en="the terminal program is not running")
        return self._program

    def _turn(self, message: Message) -> Message:
        try:
            self._running().tell(octets_of(message))
        except ProgramEnded:
            raise self._ended() from None
        return self._said("said", self._count)

    def _said(self, form: str, number: int | None = None) -> Message:
        """The next message, of a form of the schema; ``number``: of the call whose id it must carry."""
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
        return message_of(line, form, number, self._last_words())

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
