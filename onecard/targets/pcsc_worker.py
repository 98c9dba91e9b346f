"""The process that talks to PC/SC for ``pcsc:``. Run as a script; imports nothing of ours.

Why a process: SCardTransmit never returns when a card behind the virtual reader stays silent, and cannot be
interrupted. The tester kills this process instead.

One request a line on stdin, one answer a line on stdout, ASCII:

    open JSON-STRING      -> =JSON {"reader", "protocol"}   connect to a reader (index, part of a name, or empty)
    on | reset            -> =HEX                            cold or warm reset; the ATR
    shut                  -> =                               let go of the card and the reader; `open` may follow
    state JSON-STRING     -> =JSON {"present", "in_use"}     of a reader, without touching its card
    HEX                   -> =HEX                            command; response
    anything that failed  -> !JSON {"kind", "code", "detail"}

Return codes: PC/SC part 3 as published with pcsc-lite and Windows.
"""

import json
import signal
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO

NO_SERVICE, NO_READERS, NO_SUCH_READER, AMBIGUOUS = "no-service", "no-readers", "no-such-reader", "ambiguous"
NO_LIBRARY, IN_USE, NO_CARD, REMOVED, MUTE, REFUSED = "no-library", "in-use", "no-card", "removed", "mute", "refused"

PROTO_MISMATCH = 0x8010000F
REMOVED_CARD = 0x80100069
KINDS = {
    0x8010000B: IN_USE,  # SCARD_E_SHARING_VIOLATION
    0x8010000C: NO_CARD,  # SCARD_E_NO_SMARTCARD
    0x80100009: NO_SUCH_READER,  # SCARD_E_UNKNOWN_READER
    0x80100017: REMOVED,  # SCARD_E_READER_UNAVAILABLE: the reader itself was unplugged
    0x8010001D: NO_SERVICE,  # SCARD_E_NO_SERVICE
    0x8010001E: NO_SERVICE,  # SCARD_E_SERVICE_STOPPED
    0x8010002E: NO_READERS,  # SCARD_E_NO_READERS_AVAILABLE
    0x80100066: MUTE,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: MUTE,  # SCARD_W_UNPOWERED_CARD
    REMOVED_CARD: REMOVED,
}
# After a card is pulled the first exchange "succeeds" with no bytes and the next fails with this code, both before
# the service has noticed; it looks at the slot every 0.4 s.
NOT_TRANSACTED = 0x80100016
PRESENCE_WAIT = 1.5


class Failed(Exception):
    """A request failed: ``kind`` is one of the words above, ``code`` the PC/SC return code or 0."""

    def __init__(self, kind: str, code: int = 0, detail: str = "") -> None:
        super().__init__(kind)
        self.kind, self.code, self.detail = kind, code, detail


def select_reader(selector: str, names: Sequence[str]) -> str:
    """The reader that ``selector`` means: an index, a whole name, a part of one name, or empty for the only one."""
    if not names:
        raise Failed(NO_READERS)
    listing = "; ".join(f"{index}: {name}" for index, name in enumerate(names))
    if selector.isascii() and selector.isdigit():
        if int(selector) < len(names):
            return names[int(selector)]
        raise Failed(NO_SUCH_READER, detail=listing)
    if selector in names:
        return selector
    matches = [name for name in names if selector.casefold() in name.casefold()]
    if not matches:
        raise Failed(NO_SUCH_READER, detail=listing)
    if len(matches) > 1:
        raise Failed(AMBIGUOUS, detail=listing)
    return matches[0]


class PcscCard:
    """One exclusive connection, on the plain PC/SC calls: their return codes tell more than pyscard's classes do."""

    def __init__(self, scard: Any) -> None:
        self._scard = scard
        self._context: Any = None
        self._card: Any = None
        self._reader = ""
        self._protocol = 0
        self._watching: Any = None

    def state(self, selector: str) -> dict[str, bool]:
        """Whether a card is in the reader, and whether any program is connected to it."""
        scard = self._scard
        if self._watching is None:
            self._watching = self._checked(*_pair(scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)))
        reader = select_reader(selector, self._checked(*_pair(scard.SCardListReaders(self._watching, []))))
        states = self._checked(
            *_pair(scard.SCardGetStatusChange(self._watching, 0, [(reader, scard.SCARD_STATE_UNAWARE)]))
        )
        found = states[0][1]
        used = scard.SCARD_STATE_INUSE | scard.SCARD_STATE_EXCLUSIVE
        return {"present": bool(found & scard.SCARD_STATE_PRESENT), "in_use": bool(found & used)}

    def open(self, selector: str) -> dict[str, str]:
        """Connect to the reader and its card; T=0 where the card offers it."""
        scard = self._scard
        self.close()
        self._context = self._checked(*_pair(scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)))
        names = self._checked(*_pair(scard.SCardListReaders(self._context, [])))
        self._reader = select_reader(selector, names)
        self._connect()
        return {"reader": self._reader, "protocol": "T=0" if self._protocol == scard.SCARD_PROTOCOL_T0 else "T=1"}

    def power_on(self) -> bytes:
        """Cold reset without letting go of the reader, so that no other program gets in between."""
        try:
            return self._reconnect(self._scard.SCARD_UNPOWER_CARD)
        except Failed as failure:
            if failure.kind not in (REMOVED, NO_CARD):
                raise
        # The card was exchanged: this connection stays dead, a new one may find the new card.
        self._scard.SCardDisconnect(self._card, self._scard.SCARD_UNPOWER_CARD)
        self._connect()
        return self._reconnect(self._scard.SCARD_UNPOWER_CARD)

    def reset(self) -> bytes:
        """Warm reset; returns the ATR."""
        return self._reconnect(self._scard.SCARD_RESET_CARD)

    def transmit(self, command: bytes) -> bytes:
        """Send one command. On failure the response buffer holds garbage and is not looked at."""
        scard = self._scard
        pci = scard.SCARD_PCI_T0 if self._protocol == scard.SCARD_PROTOCOL_T0 else scard.SCARD_PCI_T1
        code, response = scard.SCardTransmit(self._card, pci, list(command))
        code &= 0xFFFFFFFF
        if code == 0 and len(response) >= 2:
            return bytes(response)
        if code in (0, NOT_TRANSACTED):
            if self._gone():
                raise Failed(REMOVED, code)
            raise Failed(REFUSED, code, "no answer" if code == 0 and not response else self._words(code))
        raise self._failure(code, REFUSED)

    def close(self) -> None:
        """Leave the card without power, so that no rights stay open for the next program."""
        card, context = self._card, self._context
        self._card = self._context = None
        if card is not None:
            self._scard.SCardDisconnect(card, self._scard.SCARD_UNPOWER_CARD)
        if context is not None:
            self._scard.SCardReleaseContext(context)

    def _connect(self) -> None:
        scard = self._scard
        reader, exclusive = self._reader, scard.SCARD_SHARE_EXCLUSIVE
        code, card, protocol = scard.SCardConnect(self._context, reader, exclusive, scard.SCARD_PROTOCOL_T0)
        if code & 0xFFFFFFFF == PROTO_MISMATCH:
            either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
            code, card, protocol = scard.SCardConnect(self._context, reader, exclusive, either)
        if code & 0xFFFFFFFF == REMOVED_CARD:
            raise Failed(NO_CARD, REMOVED_CARD)
        self._card, self._protocol = self._checked(code, card), protocol

    def _reconnect(self, initialisation: int) -> bytes:
        scard = self._scard
        code, protocol = scard.SCardReconnect(self._card, scard.SCARD_SHARE_EXCLUSIVE, self._protocol, initialisation)
        self._protocol = self._checked(code, protocol)
        code, _name, _state, _protocol, atr = scard.SCardStatus(self._card)
        return bytes(self._checked(code, atr))

    def _gone(self) -> bool:
        """Whether the slot is or becomes empty within the time that the service needs to notice."""
        scard = self._scard
        deadline = time.monotonic() + PRESENCE_WAIT
        while True:
            code, states = scard.SCardGetStatusChange(self._context, 0, [(self._reader, scard.SCARD_STATE_UNAWARE)])
            if code != 0 or states[0][1] & (scard.SCARD_STATE_EMPTY | scard.SCARD_STATE_UNAVAILABLE):
                return True
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)

    def _checked(self, code: int, value: Any) -> Any:
        if code & 0xFFFFFFFF:
            raise self._failure(code & 0xFFFFFFFF, REFUSED)
        return value

    def _failure(self, code: int, otherwise: str) -> Failed:
        return Failed(KINDS.get(code, otherwise), code, self._words(code))

    def _words(self, code: int) -> str:
        return str(self._scard.SCardGetErrorMessage(code - 0x1_0000_0000 if code & 0x8000_0000 else code))


def _pair(result: Sequence[Any]) -> tuple[int, Any]:
    return int(result[0]), result[1] if len(result) > 1 else None


def _shut(card: PcscCard) -> bytes:
    card.close()
    return b""


def serve(card: PcscCard, requests: BinaryIO, answers: BinaryIO, arm: Callable[[bool], None]) -> None:
    """Answer requests until they end; ``arm`` starts (True) or stops (False) the last-resort alarm."""
    named: dict[bytes, Callable[[bytes], bytes]] = {
        b"open": lambda rest: json.dumps(card.open(json.loads(rest))).encode("ascii"),
        b"state": lambda rest: json.dumps(card.state(json.loads(rest))).encode("ascii"),
        b"on": lambda _: card.power_on().hex().encode("ascii"),
        b"reset": lambda _: card.reset().hex().encode("ascii"),
        b"shut": lambda _: _shut(card),
    }
    for line in requests:
        word, _, rest = line.strip().partition(b" ")
        action = named.get(word)
        arm(True)
        try:
            if action is None:
                answer = b"=" + card.transmit(bytes.fromhex(word.decode("ascii"))).hex().encode("ascii")
            else:
                answer = b"=" + action(rest)
        except Failed as failure:
            answer = b"!" + json.dumps({"kind": failure.kind, "code": failure.code, "detail": failure.detail}).encode(
                "ascii"
            )
        finally:
            arm(False)
        answers.write(answer + b"\n")
        answers.flush()


def main(arguments: Sequence[str]) -> int:
    """Greet, serve, close. ``arguments``: after how many seconds one request ends this process, whatever happens."""
    # Ctrl-C is the tester's business, who still restores what the run changed.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit = float(arguments[0])

    def arm(on: bool) -> None:
        # When the tester itself was killed nobody else ends a call that hangs. SIGALRM's default action does.
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, limit if on else 0)

    answers = sys.stdout.buffer
    try:
        from smartcard import scard
    except ImportError as error:
        failure = {"kind": NO_LIBRARY, "code": 0, "detail": str(error)}
        answers.write(b"!" + json.dumps(failure).encode("ascii") + b"\n")
        answers.flush()
        return 0
    answers.write(b"=ready\n")
    answers.flush()
    card = PcscCard(scard)
    try:
        serve(card, sys.stdin.buffer, answers, arm)
    finally:
        arm(True)
        card.close()
        arm(False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
