"""The loop between a connected socket and a card session: the hot path of every emulated card."""

import socket
from contextlib import suppress

from emulator.transport.framing import Deframer
from emulator.transport.session import CardSession

RECEIVE_SIZE = 0x10001
_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)


def serve(connection: socket.socket, session: CardSession) -> None:
    """Answer the reader until either side ends the connection; the card is without power afterwards.

    A delayed ACK costs up to 40 ms an exchange, and Linux falls back to delayed ACKs by itself: quick-ack is set
    anew after each receive.
    """
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    deframer = Deframer()
    try:
        while True:
            data = connection.recv(RECEIVE_SIZE)
            if not data:
                return
            if _QUICK_ACK is not None:
                connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
            for message in deframer.feed(data):
                answer = session.answer(message)
                if answer is not None:
                    connection.sendall(answer)
    except OSError:
        return  # reset by the peer, or closed by our own stop(): both are the end of this connection
    finally:
        session.power_off()


def end(connection: socket.socket) -> None:
    """Close ``connection``, waking a thread that waits in it; never raises."""
    with suppress(OSError):  # not connected any more
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
