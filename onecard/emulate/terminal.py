"""``onecard emulate terminal``: the reference terminal as a program that speaks protocol 1 of ``command:``."""

import json
from importlib import import_module
from typing import BinaryIO

from onecard.errors import UserError
from onecard.targets.base import ExchangeTarget, Message, TargetOptions

PROTOCOL = 1


class TesterGone(Exception):
    """The tester closed its end."""


class _Tester:
    """The tester at the other end of the streams: asked for card, PSAM and clock as the terminal's instrument."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source = source
        self._sink = sink
        self.call = 0

    def configure(self, settings: Message) -> Message:
        """The tester sets its card itself."""
        raise ValueError(f"the tester does not take settings from the terminal: {settings}")

    def answer(self, ask: Message) -> Message:
        """Ask during a call; raises TesterGone, or UserError for a line that is no answer to it."""
        self.say({"id": self.call, **ask})
        said = self.hear()
        answer = said.get("answer")
        if said.get("id") != self.call or not isinstance(answer, dict):
            raise _broken(said)
        return answer

    def say(self, message: Message) -> None:
        """One line."""
        self._sink.write(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n")
        self._sink.flush()

    def hear(self) -> Message:
        """The next line; raises TesterGone at the end, UserError where it is no JSON object."""
        line = self._source.readline()
        if not line:
            raise TesterGone
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            raise _broken(line) from None
        if not isinstance(message, dict):
            raise _broken(message)
        return message


def emulate_terminal(*, profile: str, source: BinaryIO, sink: BinaryIO) -> int:
    """Serve calls from ``source`` to ``sink`` until the tester closes it; returns the exit code 0.

    Raises UserError for a tester that breaks the protocol, and for an unknown profile.
    """
    tester = _Tester(source, sink)
    terminal: ExchangeTarget = import_module("onecard.reference.terminal").open_target(
        profile, TargetOptions(instrument=tester)
    )
    terminal.connect()
    tester.say({"protocol": PROTOCOL, "name": f"OneCard reference {profile}"})
    try:
        while True:
            call = tester.hear()
            if not isinstance(call.get("id"), int) or not isinstance(call.get("args"), dict) or "call" not in call:
                raise _broken(call)
            tester.call = call["id"]
            result = terminal.exchange({"do": "call", "call": call["call"], "args": call["args"]})
            tester.say({"id": tester.call, "return": result["return"], "out": result["out"]})
    except (TesterGone, BrokenPipeError):
        return 0


def _broken(line: object) -> UserError:
    shown = repr(line)[:120]
    return UserError(
        zh=f"测试端发来的不是协议 1 的消息：{shown}",
        en=f"the tester sent no message of protocol 1: {shown}",
        exit_code=3,
    )
