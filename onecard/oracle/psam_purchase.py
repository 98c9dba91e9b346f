"""A medical purchase between card and PSAM, seen from the terminal: commands to the PSAM, and what it must answer.

Independent of the reference PSAM. Inputs of the computations are lists of the PSAM's own data; the rules of session key
and MAC are those of ``onecard.oracle.session``.
"""

from collections.abc import Mapping, Sequence

from onecard.oracle import purse
from onecard.oracle import session as computation
from onecard.oracle.psam import PsamTerminal
from onecard.spec.psam_command import PsamCommand

Fields = Mapping[str, bytes]


class PurchaseSide:
    """The terminal's side of purchases in one environment. ``fields``: those of the initialisation, by name.

    The computations need ``terminal`` (6 bytes) and ``terminal-serial`` (as the PSAM answered it) besides.
    """

    def __init__(self, side: PsamTerminal) -> None:
        self.side = side
        self.purchase = side.spec.purchase

    def data(self, fields: Fields, factors: Sequence[bytes]) -> bytes:
        """Data of INIT SAM FOR PURCHASE; ``factors`` highest level first."""
        ordered = tuple(reversed(factors)) if self.side.spec.diversification.order == "lowest-first" else factors
        return b"".join(fields[name] for name, _ in self.purchase.fields) + b"".join(ordered)

    def init(self, data: bytes, *, p1: int | None = None, p2: int = 0) -> bytes:
        """INIT SAM FOR PURCHASE; ``p1`` in place of the right one."""
        return _apdu(self.side.spec.command("INIT-PURCHASE"), data, p1, p2)

    def credit(self, mac2: bytes, *, p1: int | None = None, p2: int = 0) -> bytes:
        """CREDIT SAM FOR PURCHASE; ``p1`` in place of the right one."""
        return _apdu(self.side.spec.command("CREDIT-PURCHASE"), mac2, p1, p2)

    def mac1(self, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        """MAC1, 4 bytes, below a 16-byte root of the purchase key. Raises UnknownInput."""
        return self._mac("mac1", root, factors, fields)

    def mac2(self, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        """The card's MAC2, 4 bytes. Raises UnknownInput."""
        return self._mac("mac2", root, factors, fields)

    def _mac(self, gives: str, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        rules, inputs = self.side.rules, self.purchase.inputs
        key = computation.diversify(rules, root, factors)
        session = purse.session_key(rules, key, inputs["session"], fields)
        return purse.mac(rules, session, inputs[gives], fields)


def _apdu(command: PsamCommand, data: bytes, p1: int | None, p2: int) -> bytes:
    return bytes((command.cla, command.ins, command.p1 if p1 is None else p1, p2, len(data))) + data
