"""``onecard emulate terminal --driver``: the terminal process that the shared library forwards its calls to.

One call a connection, one line each way, ASCII; what the lines hold stands in onecard/driver/sscard_driver.c. Calls of
several threads and programs are served one after the other. Neither arguments nor results are ever logged.
"""

import hmac
import secrets
import select
import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from emulator.terminal.terminal import ReferenceTerminal
from onecard.driver.source import LONGEST_ANSWER
from onecard.errors import UserError
from onecard.evidence.files import write_secret
from onecard.spec.terminal_library import NUMBER, LibrarySpec, Signature

HOST, VERSION, LINK_FILE = "127.0.0.1", "1", "SSCardDriver.link"
_LONGEST_LINE = 8 * 2 * 65536 + 1024
_LINE_LIMIT = 10.0
_POLL = 0.5
_TOKEN_BYTES = 24
_BACKLOG = 64


class Slots(Protocol):
    """What must be given back in the end."""

    def close(self) -> None:
        """Release readers and helper processes."""


class _NoCall(Exception):
    """A line that is no call of ours."""


class DriverService:
    """Listens on the loopback interface; ``link`` is what a caller must know: port and token.

    ``log`` hears one line a call: function, return code, milliseconds. Raises UserError where the port is taken.
    """

    def __init__(
        self,
        terminal: ReferenceTerminal,
        slots: Slots,
        library: LibrarySpec,
        log: Callable[[str], None],
        *,
        port: int = 0,
        token: str | None = None,
    ) -> None:
        self._terminal = terminal
        self._slots = slots
        self._library = library
        self._log = log
        self._token = token or secrets.token_urlsafe(_TOKEN_BYTES)
        self._turn = threading.Lock()
        self._stopping = threading.Event()
        try:
            self._listener = socket.create_server((HOST, port), backlog=_BACKLOG)
        except (OSError, OverflowError) as error:
            raise UserError(
                zh=f"不能在 {HOST}:{port} 上监听（{error}）", en=f"cannot listen on {HOST}:{port} ({error})"
            ) from None
        self._listener.settimeout(_POLL)
        self.link = f"{self._listener.getsockname()[1]} {self._token}"

    def run(self) -> None:
        """Serve until ``stop``; the readers are given back in the end."""
        try:
            while not self._stopping.is_set():
                try:
                    connection, _ = self._listener.accept()
                except TimeoutError:
                    continue
                except OSError:
                    break
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
        finally:
            self._listener.close()
            with self._turn:
                self._slots.close()

    def stop(self) -> None:
        """End; may come from any thread."""
        self._stopping.set()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                signature, arguments = self._call_of(_line_of(connection))
            except (_NoCall, OSError):
                # Whoever does not know the token learns nothing, not even why.
                return
            answer = self._answer(connection, signature, arguments)
            if answer is not None:
                with suppress(OSError):  # the caller's time limit was over before
                    connection.sendall(answer)

    def _answer(
        self, connection: socket.socket, signature: Signature, arguments: Mapping[str, Any] | None
    ) -> bytes | None:
        refused = self._library.refused
        if arguments is None:
            return self._said(refused.code, refused.name.zh)
        with self._turn:
            if self._stopping.is_set() or _gone(connection):
                # The caller waited too long for its turn: a card must not be used for nobody.
                return None
            begun = time.monotonic()
            try:
                code, out = self._terminal.call(signature.call, arguments)
            except Exception as error:  # noqa: BLE001 - whatever it is, the terminal goes on, and no argument is logged
                broken = self._library.broken
                self._log(f"{signature.call}: {type(error).__name__}")
                return self._said(broken.code, broken.name.zh)
        self._log(f"{signature.call}: {code}, {(time.monotonic() - begun) * 1000:.0f} ms")
        return self._said(code, out)

    def _said(self, code: int, out: str) -> bytes:
        octets = out.encode(self._library.coding, errors="replace")[:LONGEST_ANSWER]
        return f"= {code} {octets.hex().upper()}\n".encode("ascii")

    def _call_of(self, line: bytes) -> tuple[Signature, Mapping[str, Any] | None]:
        """Function and arguments by name, None for arguments that it does not have; raises _NoCall."""
        try:
            version, token, name, *given = line.decode("ascii").split(" ")
        except (UnicodeDecodeError, ValueError):
            raise _NoCall from None
        signature = self._library.signatures.get(name)
        known = hmac.compare_digest(token.encode("ascii"), self._token.encode("ascii"))
        if version != VERSION or not known or signature is None:
            raise _NoCall
        inputs = signature.inputs
        if len(given) != len(inputs):
            return signature, None
        try:
            return signature, {
                one.name: _value(one.type, text, self._library.coding) for one, text in zip(inputs, given, strict=True)
            }
        except ValueError:
            return signature, None


def write_link(link: str, where: Path) -> Path:
    """Write the line that the library reads: to a file, or to SSCardDriver.link in a folder; readable by us only."""
    path = where / LINK_FILE if where.is_dir() else where
    write_secret(path, f"{link}\n".encode("ascii"), overwrite=True)
    return path


def _value(kind: str, text: str, coding: str) -> int | str:
    mark, _, rest = text.partition(":")
    if mark != ("i" if kind == NUMBER else "s"):
        raise ValueError(text)
    return int(rest) if kind == NUMBER else bytes.fromhex(rest).decode(coding)


def _line_of(connection: socket.socket) -> bytes:
    deadline, line = time.monotonic() + _LINE_LIMIT, bytearray()
    while True:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        found = connection.recv(0x10000)
        line += found
        end = line.find(b"\n")
        if end >= 0:
            connection.settimeout(_LINE_LIMIT)
            return bytes(line[:end])
        if not found or len(line) > _LONGEST_LINE or time.monotonic() > deadline:
            raise _NoCall


def _gone(connection: socket.socket) -> bool:
    """Whether the caller closed its end: it sends nothing after its line."""
    readable, _, _ = select.select([connection], [], [], 0)
    return bool(readable)
