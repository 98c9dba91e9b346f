"""Commands to one slot over T=0: status bytes handled, refusals turned into return codes."""

from collections.abc import Callable

from emulator.terminal.access import Access
from emulator.terminal.failure import Failure
from emulator.terminal.transmission_behaviour import TransmissionBehaviour
from onecard.spec.card import CardSpec, Command

MOST_PARTS = 16


class Channel:
    """One slot, by its name. ``code``: the return code of a status word."""

    def __init__(
        self, access: Access, slot: str, card: CardSpec, code: Callable[[int], int], behaviour: TransmissionBehaviour
    ) -> None:
        self._access = access
        self.slot = slot
        self._card = card
        self._code = code
        self._behaviour = behaviour

    def send(self, apdu: bytes) -> tuple[bytes, int]:
        """Data and status word; 6Cxx is repeated once with that Le, data announced by 61xx are fetched."""
        t0, fetch = self._card.t0, self._card.command("GET-RESPONSE")
        data, sw = self._once(apdu)
        if sw >> 8 == t0.wrong_le and len(apdu) == 5 and self._behaviour.repeats_with_le():
            data, sw = self._once(apdu[:4] + bytes([sw & 0xFF]))
        for _ in range(MOST_PARTS):
            if sw >> 8 != t0.more_data or not self._behaviour.fetches(len(data)):
                break
            more, sw = self._once(bytes((fetch.cla, fetch.ins, 0, 0, sw & 0xFF)))
            data += more
        return data, sw

    def must(self, apdu: bytes) -> bytes:
        """The data of a command that must succeed; raises Failure with the code of its status word."""
        data, sw = self.send(apdu)
        if not self.is_ok(sw) and self._behaviour.refusal_ends(self.slot, apdu[1], sw):
            raise Failure(self._code(sw))
        return data

    def is_ok(self, sw: int) -> bool:
        """Status 9000."""
        return self._card.general.ok.matches(sw)

    def select_name(self, name: bytes) -> tuple[bytes, int]:
        """SELECT a DF by name."""
        command = self._card.command("SELECT")
        return self.send(_case(command, _method(command, "name"), 0, name))

    def select_file(self, fid: int, kinds: frozenset[str] | None = None) -> None:
        """SELECT by file identifier, with the method that finds just ``kinds``; raises Failure."""
        command = self._card.command("SELECT")
        self.must(_case(command, _method(command, "fid", kinds), 0, fid.to_bytes(2, "big")))

    def challenge(self, length: int) -> bytes:
        """A challenge of ``length`` bytes; raises Failure."""
        command = self._card.command("GET-CHALLENGE")
        return self.must(bytes((command.cla, command.ins, 0, 0, length)))

    def command(self, identifier: str, p1: int, p2: int, data: bytes) -> tuple[bytes, int]:
        """A command of the card's data that carries ``data``."""
        return self.send(_case(self._card.command(identifier), p1, p2, data))

    def _once(self, apdu: bytes) -> tuple[bytes, int]:
        answer = self._access.transmit(self.slot, apdu)
        return answer[:-2], int.from_bytes(answer[-2:], "big")


def _case(command: Command, p1: int, p2: int, data: bytes) -> bytes:
    return bytes((command.cla, command.ins, p1, p2, len(data))) + data


def _method(command: Command, by: str, kinds: frozenset[str] | None = None) -> int:
    found = (m.p1 for m in command.methods if m.by == by and (kinds is None or m.finds == kinds))
    return next(found, 0)
