"""``http:`` and ``https:`` for a terminal: protocol 1, one message a request, for terminals on another machine.

``GET BASE/`` greets; ``POST BASE/`` with a message of the tester gives the terminal's next one. The protocol is this
project's own (docs/kinds/terminal-command.md): no standard has one for this.
"""

from collections.abc import Callable
from dataclasses import replace

from onecard.targets.base import CardRemoved, Message, Target, TargetAbsent, TargetError, TargetOptions
from onecard.targets.conversation import other_exchange, required
from onecard.targets.http import HttpTarget
from onecard.targets.http import open_secure_target as open_secure
from onecard.targets.http import open_target as open_plain
from onecard.targets.terminal_protocol import BrokenProtocol, called, greeted, message_of, octets_of

TERMINAL = "terminal"
_OK = 200
_SHOWN = 120
_JSON = {"content-type": "application/json"}


class HttpTerminal:
    """A terminal behind ``service``; each of its questions is the answer to a request."""

    def __init__(self, service: HttpTarget, options: TargetOptions) -> None:
        self.description = service.description
        self._service = service
        self._instrument = required(options.instrument)
        self._name: str | None = None
        self._count = 0

    def connect(self) -> None:
        """Hear the greeting; raises TargetAbsent where nobody listens, greets, or speaks this protocol."""
        if self._name is not None:
            return
        self._service.connect()
        try:
            greeting = self._said({"method": "GET"}, "greeting")
        except TargetError as error:
            raise TargetAbsent(
                zh=f"{self.description} 未按协议问候：{error.text.zh}",
                en=f"{self.description} did not greet: {error.text.en}",
            ) from None
        self._name = greeted(greeting)

    def exchange(self, request: Message) -> Message:
        """``call`` (call, args), ``instrument`` (settings) or ``receive``.

        Raises SilentTarget where no answer comes in time, CardRemoved where the connection is refused or cut,
        TargetError for an answer that the protocol does not have. The next call begins anew.
        """
        if request["do"] != "call":
            return other_exchange(self._instrument, request)
        try:
            self.connect()
        except TargetAbsent as absent:
            # It was there when the run began.
            raise CardRemoved(zh=absent.text.zh, en=absent.text.en) from absent
        self._count += 1
        return called(self._turn, self._count, request, self._instrument)

    def close(self) -> None:
        """Nothing stays open; may be called again."""
        self._name = None
        self._service.close()

    def reader_name(self) -> str:
        """The name by which the terminal greeted, and where."""
        return f"{self._name or 'a terminal that did not greet'}, {self._service.reader_name()}"

    def _turn(self, message: Message) -> Message:
        body = octets_of(message).decode("utf-8")
        return self._said({"method": "POST", "headers": _JSON, "body": body}, "said", self._count)

    def _said(self, request: Message, form: str, number: int | None = None) -> Message:
        answer = self._service.exchange({"do": "http", "path": "/", **request})
        body = str(answer.get("body", answer.get("body_hex", "")))
        if answer["status"] != _OK or answer.get("truncated") or "body" not in answer:
            what = "a body that is too large or no UTF-8" if answer["status"] == _OK else "an error"
            raise BrokenProtocol(
                zh=f"终端以状态 {answer['status']} 应答而不是协议消息：{body[:_SHOWN]!r}",
                en=f"the terminal answered status {answer['status']}, {what}, and no message: {body[:_SHOWN]!r}",
            )
        return message_of(body.encode("utf-8"), form, number)


def open_target(rest: str, options: TargetOptions) -> Target:
    """The target ``http://HOST[:PORT][/BASE]``: a terminal by protocol 1, any other kind by its own interface."""
    return _open(open_plain, rest, options)


def open_secure_target(rest: str, options: TargetOptions) -> Target:
    """The target ``https://HOST[:PORT][/BASE]``."""
    return _open(open_secure, rest, options)


def _open(opened: Callable[[str, TargetOptions], HttpTarget], rest: str, options: TargetOptions) -> Target:
    if options.kind != TERMINAL:
        return opened(rest, options)
    # Card and PSAM answer here; the service only carries the messages.
    return HttpTerminal(opened(rest, replace(options, instrument=None)), options)
