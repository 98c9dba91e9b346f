"""A terminal's WebSocket service: called as a page calls it, within a time limit, and what may go wrong with it."""

import json
import logging
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.protocol import State
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from onecard.spec.terminal_library import NUMBER, LibrarySpec
from onecard.spec.terminal_websocket import WebSocketSpec
from onecard.spec.text import Text
from onecard.targets.base import Message, TargetAbsent
from onecard.targets.library_program import Fault, Returned

OPEN_LIMIT = 5.0
"""Seconds in which the service must accept a connection; nothing of a card is involved."""
LARGEST = 0x100000
"""Bytes of an answer; more is not read."""
_CLOSE_LIMIT = 1.0
_TOO_BIG = 1009  # RFC 6455, 7.4.1
_CODE = re.compile(r"-?[0-9]{1,9}")

_quiet = logging.getLogger("onecard.websocket")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class Unreached(TargetAbsent):
    """Nobody listens there, or whoever does takes no WebSocket connection."""


class WebSocketClient:
    """One connection to the service, opened when it is needed.

    ``limit``: seconds of one call; ``origin``: what a page would send, None for none; ``texts``: numbers go as texts.
    """

    def __init__(
        self, url: str, messages: WebSocketSpec, library: LibrarySpec, limit: float, origin: str | None, *, texts: bool
    ) -> None:
        self._url = url
        self._messages = messages
        self._library = library
        self._limit = limit
        self._origin = None if origin is None else Origin(origin)
        self._texts = texts
        self._connection: ClientConnection | None = None
        self._closing = ExitStack()

    def open(self) -> None:
        """Connect, where no connection is open; raises Unreached."""
        if self._connection is not None and self._connection.state is State.OPEN:
            return
        self.drop()
        try:
            opening = connect(
                self._url,
                origin=self._origin,
                compression=None,
                user_agent_header=None,
                # The service is meant, not what the environment names for the web.
                proxy=None,
                open_timeout=OPEN_LIMIT,
                ping_interval=None,
                close_timeout=_CLOSE_LIMIT,
                max_size=LARGEST,
                logger=_quiet,
            )
            self._connection = self._closing.enter_context(opening)
        except (OSError, EOFError, WebSocketException) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise Unreached(
                zh=f"WebSocket 服务 {self._url} 连接不上（{reason}）",
                en=f"the WebSocket service {self._url} cannot be reached ({reason})",
            ) from None

    def call(self, name: str, arguments: Mapping[str, Any], trace: Sequence[Message]) -> Returned | Fault:
        """Call a function; after a Fault the connection is closed. ``trace``: what the terminal asked since then.

        Raises Unreached, or ValueError for a function or an argument that the interface does not have (a mistake of
        the case).
        """
        message = self._request(name, arguments)
        old = self._connection
        self.open()
        found = self._asked(name, message)
        if isinstance(found, Fault) and found.kind == "ended" and self._connection is old and not trace:
            # A service may close after each answer: what was said then was not heard by anyone.
            self.drop()
            self.open()
            found = self._asked(name, message)
        if isinstance(found, Fault):
            self.drop()
        return found

    def drop(self) -> None:
        """Close the connection; may be called again."""
        self._connection = None
        self._closing.close()

    # --- messages ---

    def _request(self, name: str, arguments: Mapping[str, Any]) -> str:
        signature = self._library.signatures.get(name)
        if signature is None or {one.name for one in signature.inputs} != set(arguments):
            raise ValueError(f"the interface has no {name}({', '.join(arguments)})")
        given = {
            one.name: int(arguments[one.name]) if one.type == NUMBER and not self._texts else str(arguments[one.name])
            for one in signature.inputs
        }
        return json.dumps({self._messages.function: name, **given}, ensure_ascii=False)

    def _asked(self, name: str, message: str) -> Returned | Fault:
        connection = self._connection
        if connection is None:
            raise ValueError("no connection is open")
        deadline = time.monotonic() + self._limit
        try:
            connection.send(message)
            answer = connection.recv(timeout=max(0.0, deadline - time.monotonic()))
        except TimeoutError:
            return _silent(self._limit)
        except ConnectionClosed as closed:
            return _ended(closed)
        return self._judged(name, answer)

    def _judged(self, name: str, answer: str | bytes) -> Returned | Fault:
        data = self._messages
        if isinstance(answer, bytes):
            return _nonsense("是二进制消息", "is a binary message")
        try:
            found = json.loads(answer)
        except (ValueError, RecursionError):
            return _nonsense("不是 JSON", "is no JSON")
        if not isinstance(found, dict):
            return _nonsense("不是 JSON 对象", "is no JSON object")
        # Published pages name some functions otherwise; a service made for them may answer so.
        names = {name, *(one.sent for one in data.calls if one.meant == name)}
        if found.get(data.answered) not in names:
            return _nonsense(
                f"的 {data.answered} 不是所调用的函数", f"has another {data.answered} than the function called"
            )
        code, out = self._code(found.get(data.result)), found.get(data.out)
        if code is None:
            said = f"neither {data.success} nor a return code"
            return _nonsense(f"的 {data.result} 既非 {data.success} 也非返回码", f"has in {data.result} {said}")
        if not isinstance(out, str) or not _encodable(out):
            return _nonsense(f"的 {data.out} 不是文本", f"has in {data.out} no text")
        return Returned(code, out)

    def _code(self, said: object) -> int | None:
        """The return code: 0 for success; None for what is no result. Texts are told, JSON numbers taken too."""
        if isinstance(said, bool) or not isinstance(said, int | str):
            return None
        text = str(said)
        if text == self._messages.success:
            return 0
        return int(text) if _CODE.fullmatch(text) and int(text) else None


def _encodable(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        text.encode("utf-8")
        return True
    return False


def _silent(limit: float) -> Fault:
    return Fault(
        "silent",
        Text(
            zh=f"WebSocket 服务在 {limit:g} 秒内没有应答，连接已关闭",
            en=f"the WebSocket service did not answer within {limit:g} s and the connection was closed",
        ),
    )


def _ended(closed: ConnectionClosed) -> Fault:
    if closed.sent is not None and closed.sent.code == _TOO_BIG and not closed.rcvd_then_sent:
        return _nonsense(f"超过 {LARGEST} 字节", f"is longer than {LARGEST} bytes")
    code = closed.rcvd.code if closed.rcvd is not None else None
    return Fault(
        "ended",
        Text(
            zh="WebSocket 服务在调用中关闭了连接" + (f"（代码 {code}）" if code is not None else "，没有关闭帧"),
            en="the WebSocket service closed the connection during the call"
            + (f" (code {code})" if code is not None else ", without a close frame"),
        ),
    )


def _nonsense(zh: str, en: str) -> Fault:
    return Fault("nonsense", Text(zh=f"WebSocket 服务的应答{zh}", en=f"the answer of the WebSocket service {en}"))
