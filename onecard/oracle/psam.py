"""What a terminal sends to a PSAM, and what it computes of the answers, by the specification's data.

Independent of the reference PSAM. The computations are those of ``onecard.oracle.session``, with the PSAM's own data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial, reduce
from types import MappingProxyType
from typing import Final

from onecard.oracle.blocks import BLOCK_SIZE, Algorithm, cbc_last_block, ecb_encrypt, encrypt_block, split_blocks, xor
from onecard.oracle.errors import ComputationError
from onecard.oracle.session import DRAFT_RULES, Rules, SecondHalf, diversify, fold_mac, session_key
from onecard.spec.card_messaging import MacRule
from onecard.spec.psam import PsamKey, PsamSpec
from onecard.spec.psam_command import PsamCommand

PROOF_LENGTH: Final = 8
_MAC_RULES: Final[Mapping[str, MacRule]] = MappingProxyType(
    {"leftmost": DRAFT_RULES[Algorithm.TDES].mac, "words": DRAFT_RULES[Algorithm.SM4].mac}
)


class NotWhole(ComputationError):
    """An answer of the PSAM that is not the one block from which a proof is made."""


class PsamTerminal:
    """The terminal's side of one environment of a PSAM: commands out, expected values.

    ``algorithm``: code of the environment's algorithm (3des, sm4). Raises SpecError for one that the PSAM lacks.
    """

    def __init__(self, spec: PsamSpec, algorithm: str) -> None:
        self.spec = spec
        self.environment = spec.environment(algorithm)
        self.algorithm = spec.algorithms[algorithm]

    @cached_property
    def rules(self) -> Rules:
        """The computation rules of the environment."""
        return replace(
            DRAFT_RULES[Algorithm(self.algorithm.code)],
            second_half=SecondHalf(self.spec.diversification.second_half),
            mac=_MAC_RULES[self.algorithm.mac_fold],
        )

    # --- commands; case 4 goes without Le (T=0) ---

    def select_name(self, name: bytes) -> bytes:
        """SELECT by DF name."""
        command = self.spec.command("SELECT")
        return _apdu(command, command.method("name").p1, 0, name)

    def select_fid(self, fid: int | None) -> bytes:
        """SELECT by file identifier; None sends no data and means the master file."""
        command = self.spec.command("SELECT")
        return _apdu(command, command.method("fid").p1, 0, b"" if fid is None else fid.to_bytes(2, "big"))

    def select_environment(self) -> bytes:
        """SELECT the environment."""
        return self.select_name(self.environment.aid)

    def select_application(self) -> bytes:
        """SELECT the application of the current environment by its file identifier."""
        return self.select_fid(self.spec.application.fid)

    def read_binary(self, offset: int, le: int) -> bytes:
        """READ BINARY of ``le`` bytes."""
        command = self.spec.command("READ-BINARY")
        return bytes((command.cla, command.ins, offset >> 8, offset & 0xFF, le))

    def get_challenge(self, le: int) -> bytes:
        """GET CHALLENGE of ``le`` bytes."""
        command = self.spec.command("GET-CHALLENGE")
        return bytes((command.cla, command.ins, 0, 0, le))

    def delivery(self, key: PsamKey, factors: Sequence[bytes], random: bytes) -> bytes:
        """DELIVERY SESSION KEY; ``factors`` highest level first; ``random`` is filled with 00 to a block."""
        return self.delivery_of(key.usage, key.number, self.delivery_data(factors, random))

    def delivery_of(self, usage: int, number: int, data: bytes) -> bytes:
        """DELIVERY SESSION KEY with data as they are."""
        return _apdu(self.spec.command("DELIVERY-SESSION-KEY"), usage, number, data)

    def delivery_data(self, factors: Sequence[bytes], random: bytes) -> bytes:
        """The factors in the order of the command, then the session factor of one block."""
        ordered = tuple(reversed(factors)) if self.spec.diversification.order == "lowest-first" else tuple(factors)
        return b"".join(ordered) + self.block(random)

    def encipher(self, data: bytes) -> bytes:
        """CIPHER DATA that enciphers whole blocks."""
        return self.cipher("encipher", data)

    def cipher(self, does: str, data: bytes, *, first: bool = True, last: bool = True) -> bytes:
        """CIPHER DATA that does ``encipher`` or ``mac`` over the whole data, or over the first or last part of it."""
        command = self.spec.command("CIPHER-DATA")
        return _apdu(command, command.mode(does, first=first, last=last).p1, 0, data)

    def cipher_in_parts(self, does: str, parts: Sequence[bytes]) -> tuple[bytes, ...]:
        """The commands of one computation over two parts or more."""
        end = len(parts) - 1
        return tuple(self.cipher(does, part, first=not at, last=at == end) for at, part in enumerate(parts))

    def block(self, data: bytes) -> bytes:
        """``data`` filled with 00 to one block."""
        return data.ljust(self.algorithm.block, b"\x00")

    # --- expected values ---

    def session(self, root: bytes, factors: Sequence[bytes], random: bytes) -> bytes:
        """The session key below a root key; ``factors`` highest level first. A root of 8 bytes is one of DES: each of
        its children is one block.
        """
        if len(root) == BLOCK_SIZE[Algorithm.TDES]:
            child = reduce(partial(encrypt_block, Algorithm.TDES), factors, root)
        else:
            child = diversify(self.rules, root, factors)
        return session_key(self.rules, child, random)

    def enciphered(self, session: bytes, data: bytes) -> bytes:
        """Whole blocks enciphered one by one."""
        return ecb_encrypt(Algorithm(self.algorithm.code), session, data)

    def mac(self, session: bytes, data: bytes) -> bytes:
        """The MAC of whole blocks, the first of which is the initial value."""
        algorithm = Algorithm(self.algorithm.code)
        initial, *rest = split_blocks(algorithm, data)
        return fold_mac(self.rules, cbc_last_block(algorithm, session, initial, b"".join(rest)))

    def proof(self, answer: bytes) -> bytes:
        """The 8 bytes that a terminal sends to the card, of the PSAM's answer to one block: a 16-byte one is folded.

        Raises NotWhole for an answer of another length.
        """
        if len(answer) != self.algorithm.block:
            raise NotWhole(
                zh=f"PSAM 应返回 {self.algorithm.block} 字节，实为 {len(answer)} 字节",
                en=f"the PSAM must answer {self.algorithm.block} bytes, not {len(answer)}",
            )
        return answer if len(answer) == PROOF_LENGTH else xor(answer[:PROOF_LENGTH], answer[PROOF_LENGTH:])


def _apdu(command: PsamCommand, p1: int, p2: int, data: bytes) -> bytes:
    return bytes((command.cla, command.ins, p1, p2, len(data))) + data
