"""What the issuer's desk sends to a PSAM: proofs of its own keys, updates, and keys enciphered and closed by a MAC.

Independent of the reference PSAM. Source: 2011 draft, part 9 (key loading) and part 5 (authentication as on the card).
"""

from dataclasses import dataclass, field

from onecard.oracle.blocks import BLOCK_SIZE, Algorithm, cbc_last_block, ecb_encrypt, encrypt_block, pad_marked, xor
from onecard.oracle.psam import PsamTerminal
from onecard.oracle.session import authentication_data, encipher, fold_mac, session_key
from onecard.spec.psam_command import PsamCommand
from onecard.spec.psam_loading import ALGORITHM, NUMBER, RESERVED, USAGE, KeyAlgorithm, KeyFile


@dataclass(frozen=True, slots=True)
class NewKey:
    """A root key for a key file: usage byte, id, algorithm byte and value (8 bytes of DES, otherwise 16)."""

    usage: int
    number: int
    code: int
    value: bytes = field(repr=False)


class PsamDeskSide:
    """The issuer's side of one environment of a PSAM."""

    def __init__(self, side: PsamTerminal) -> None:
        self.side = side
        self.loading = side.spec.loading
        self._code = Algorithm(side.algorithm.code)

    # --- own keys and updates ---

    def proof(self, own: bytes, challenge: bytes, original: bytes) -> bytes:
        """The 8 bytes that prove an own key over a challenge of the PSAM and ``original`` (8 bytes)."""
        return authentication_data(self.side.rules, session_key(self.side.rules, own, challenge), original)

    def external_authentication(self, number: int, data: bytes) -> bytes:
        """EXTERNAL AUTHENTICATE of an own key; ``data``: proof ‖ original data."""
        return _apdu(self.side.spec.command("EXTERNAL-AUTHENTICATE"), 0, number, data)

    def update_binary(self, offset: int, data: bytes) -> bytes:
        """UPDATE BINARY of the current file."""
        return _apdu(self.side.spec.command("UPDATE-BINARY"), offset >> 8, offset & 0xFF, data)

    def initialize_environment(self, data: bytes) -> bytes:
        """INITIALIZE ENVIRONMENT; ``data``: the first byte of a card's identification code."""
        return _apdu(self.side.spec.command("INITIALIZE-ENVIRONMENT"), 0, 0, data)

    # --- key loading ---

    def algorithms(self) -> tuple[KeyAlgorithm, ...]:
        """The algorithms that a key in this environment may have."""
        return tuple(each for each in self.loading.algorithms if each.algorithm == self._code)

    def plain(self, does: str, key: NewKey) -> bytes:
        """The data of CREATE KEY or CHANGE KEY before they are enciphered."""
        fields = {USAGE: key.usage, NUMBER: key.number, ALGORITHM: key.code, RESERVED: 0}
        form = self.loading.form(does)
        return b"".join(fields[name].to_bytes(length, "big") for name, length in form.fields) + key.value

    def enciphered(self, own: bytes, plain: bytes) -> bytes:
        """LD and ``plain``, filled where they are no whole blocks, in ECB mode under the full own key."""
        return encipher(self.side.rules, own, plain)

    def block_by_block(self, own: bytes, blocks: bytes) -> bytes:
        """Whole blocks enciphered as they are, for data that are wrong inside."""
        return ecb_encrypt(self._code, own, blocks)

    def header(self, does: str, file: KeyFile, size: int) -> bytes:
        """The header with Lc for so many enciphered bytes."""
        command, form = self.side.spec.command("LOAD-KEY"), self.loading.form(does)
        lc = (size + self.loading.mac_length) & 0xFF
        return bytes((command.cla, command.ins, form.p1, file.fid & 0xFF, lc))

    def closed(self, own: bytes, header: bytes, enciphered: bytes, challenge: bytes) -> bytes:
        """The whole command: ``header`` with Lc, enciphered data, MAC."""
        return header + enciphered + self.mac(own, header + enciphered, self.side.block(challenge))

    def command(self, does: str, file: KeyFile, key: NewKey, own: bytes, challenge: bytes) -> bytes:
        """CREATE KEY or CHANGE KEY as it must be."""
        enciphered = self.enciphered(own, self.plain(does, key))
        return self.closed(own, self.header(does, file, len(enciphered)), enciphered, challenge)

    def mac(self, own: bytes, data: bytes, initial: bytes) -> bytes:
        """The MAC of key loading under a full key of 16 bytes: with 8-byte blocks its left half chains, and the whole
        key enciphers the last block.
        """
        block = BLOCK_SIZE[self._code]
        padded = pad_marked(self._code, data, self.loading.marker)
        chaining = own[:block] if block < len(own) else own
        head, tail = padded[:-block], padded[-block:]
        before = cbc_last_block(self._code, chaining, initial, head) if head else initial
        last = encrypt_block(self._code, own, xor(before, tail))
        return fold_mac(self.side.rules, last)[: self.loading.mac_length]


def _apdu(command: PsamCommand, p1: int, p2: int, data: bytes) -> bytes:
    return bytes((command.cla, command.ins, p1, p2, len(data))) + data
