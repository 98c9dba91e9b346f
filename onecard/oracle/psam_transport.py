"""The transport application of a PSAM, seen from the terminal: commands to it, and what it must answer.

Independent of the reference PSAM. Inputs of the computations are lists of the PSAM's own data; keys of 16 bytes, always
3DES.
"""

from collections.abc import Mapping, Sequence

from onecard.oracle import purse
from onecard.oracle import session as computation
from onecard.oracle.blocks import Algorithm, cbc_last_block, encrypt_block, xor
from onecard.oracle.psam import PsamTerminal
from onecard.spec.psam import PsamSpec
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_transport import PsamTransport

Fields = Mapping[str, bytes]
BLOCK = 8
MAC = 4


class PsamTransportSide:
    """The terminal's side. ``fields``: those of the initialisation by name; ``factors``: highest level first.

    The computations of a purchase need ``terminal`` (6 bytes) and ``terminal-sequence`` (as it was answered) besides.
    """

    def __init__(self, spec: PsamSpec, data: PsamTransport) -> None:
        self.side = PsamTerminal(spec, spec.master.algorithm)
        self.data = data
        self._spec = spec

    # --- commands ---

    def deliver(self, usage: int, version: int, octets: bytes) -> bytes:
        """80 1A with the factors as :meth:`factors` puts them."""
        command = self._spec.command("TRANSPORT-DELIVER")
        return bytes((command.cla, command.ins, usage, version, len(octets))) + octets

    def factors(self, factors: Sequence[bytes]) -> bytes:
        """The factors in the order of the commands."""
        lowest_first = self._spec.diversification.order == "lowest-first"
        return b"".join(reversed(factors) if lowest_first else factors)

    def cipher(self, octets: bytes, *, p1: int | None = None, p2: int = 0) -> bytes:
        """80 FA: initial value and whole blocks; ``p1`` in place of the right one."""
        return _apdu(self._spec.command("TRANSPORT-CIPHER"), octets, p1, p2)

    def terms(self, fields: Fields, factors: Sequence[bytes]) -> bytes:
        """Data of 80 70."""
        return b"".join(fields[name] for name, _ in self.data.fields) + self.factors(factors)

    def init(self, octets: bytes, *, p1: int | None = None, p2: int = 0) -> bytes:
        """80 70; ``p1`` in place of the right one."""
        return _apdu(self._spec.command("TRANSPORT-INIT"), octets, p1, p2)

    def credit(self, mac2: bytes, *, p1: int | None = None, p2: int = 0) -> bytes:
        """80 72; ``p1`` in place of the right one."""
        return _apdu(self._spec.command("TRANSPORT-CREDIT"), mac2, p1, p2)

    # --- expected values ---

    def card_key(self, root: bytes, factors: Sequence[bytes]) -> bytes:
        """The card's key, 16 bytes, below a root."""
        return computation.diversify(self.side.rules, root, factors)

    def mac(self, key: bytes, octets: bytes, final_cipher: str | None = None) -> bytes:
        """The MAC, 4 bytes, of whole blocks, the first of which is the initial value: single DES under the left half of
        ``key``, the last block by the rule of the data or by ``final_cipher`` (3des or des).
        """
        initial, inner, last = octets[:BLOCK], octets[BLOCK:-BLOCK], octets[-BLOCK:]
        left = key[:BLOCK]
        chained = cbc_last_block(Algorithm.TDES, left, initial, inner)
        final = key if (final_cipher or self.data.final_cipher) == "3des" else left
        return encrypt_block(Algorithm.TDES, final, xor(chained, last))[:MAC]

    def mac1(self, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        """MAC1, 4 bytes. Raises UnknownInput."""
        return self._of_purchase("mac1", root, factors, fields)

    def mac2(self, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        """The card's MAC2, 4 bytes. Raises UnknownInput."""
        return self._of_purchase("mac2", root, factors, fields)

    def _of_purchase(self, gives: str, root: bytes, factors: Sequence[bytes], fields: Fields) -> bytes:
        rules, inputs = self.side.rules, self.data.inputs
        session = purse.session_key(rules, self.card_key(root, factors), inputs["session"], fields)
        return purse.mac(rules, session, inputs[gives], fields)


def _apdu(command: PsamCommand, octets: bytes, p1: int | None, p2: int) -> bytes:
    return bytes((command.cla, command.ins, command.p1 if p1 is None else p1, p2, len(octets))) + octets
