"""Servers that answer what no service should: bytes on a socket, whatever they are."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]


def answering(head: str, body: bytes = b"") -> Talk:
    """A server with one answer to everything."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(head.replace("\n", "\r\n").encode("latin-1") + b"\r\n\r\n" + body)

    return talk


def html(connection: socket.socket) -> None:
    answering("HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 27", b"<html><body>502</body></html>"[:27])(
        connection
    )


def hang(connection: socket.socket) -> None:
    with suppress(OSError):
        while connection.recv(4096):
            pass


def drip(connection: socket.socket) -> None:
    answering("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 100000")(connection)
    while True:
        connection.sendall(b" ")
        time.sleep(0.02)


def endless(connection: socket.socket) -> None:
    """200 MB of spaces."""
    size = 200 * 1024 * 1024
    answering(f"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: {size}")(connection)
    for _ in range(size // 65536):
        connection.sendall(b" " * 65536)


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


def cut(connection: socket.socket) -> None:
    answering("HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: 100", b'{"code":')(connection)


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n" * 3)


@contextmanager
def hostile(talk: Talk) -> Iterator[str]:
    """A listener that reads what it is sent and then does ``talk``, in a thread a connection; gives its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        # A tester that gives up resets the connection; one that only knocks sends nothing.
        with connection, suppress(OSError):
            if connection.recv(65536):
                talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
