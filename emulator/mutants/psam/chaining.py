"""Mistakes of computations in parts."""

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Chain, Session
from onecard.spec.psam_command import CipherMode
from onecard.spec.text import Text


@mutant(
    "psam/part-of-encipherment-lost",
    breaks="PSAM-CHAIN-ENCIPHER",
    because=Text("只有最后部分输出密文", "the last part alone gives its cipher text"),
)
class PartLost(PsamBehaviour):
    """Parts that are not the last give nothing."""

    def part_enciphered(self, right: bytes) -> bytes:
        return b""


@mutant(
    "psam/parts-are-uses",
    breaks="PSAM-CHAIN-ENCIPHER",
    because=Text("每一部分都算作一次使用", "each part is counted as a use of the session key"),
)
class PartsAreUses(PsamBehaviour):
    """The session key ends with the first part."""

    def counts_parts(self) -> bool:
        return True


@mutant(
    "psam/chain-begins-with-zeros",
    breaks="PSAM-CHAIN-MAC",
    because=Text("后续部分从零开始", "a later part begins with zeros"),
)
class ChainOfZeros(PsamBehaviour):
    """The result of the first part is forgotten."""

    def chain_state(self, right: bytes, initial: bytes) -> bytes:
        return bytes(len(right))


@mutant(
    "psam/chain-begins-again",
    breaks="PSAM-CHAIN-MAC",
    because=Text("后续部分又用初始值", "a later part begins with the initial value again"),
)
class ChainBeginsAgain(PsamBehaviour):
    """Every part begins with the initial value of the first."""

    def chain_state(self, right: bytes, initial: bytes) -> bytes:
        return initial


@mutant(
    "psam/chain-four-bytes",
    breaks="PSAM-CHAIN-MAC",
    because=Text("只保留鉴别码的四字节作中间结果", "the four bytes of a MAC alone are kept between parts"),
)
class ChainFourBytes(PsamBehaviour):
    """The intermediate value is cut to the length of a MAC."""

    def chain_state(self, right: bytes, initial: bytes) -> bytes:
        return right[:4] + bytes(len(right) - 4)


@mutant(
    "psam/parts-without-limit",
    breaks="PSAM-CHAIN-LIMIT",
    because=Text("计算中途未检查长度", "the length is not looked at in the middle of a computation"),
)
class PartsWithoutLimit(PsamBehaviour):
    """Whole blocks beyond the longest data are taken."""

    def accepts_cipher_length(self, length: int, block: int, limit: int, right: bool) -> bool:
        return right or (length > limit and length % block == 0)


@mutant(
    "psam/any-order-of-parts",
    breaks="PSAM-CHAIN-ORDER",
    because=Text("未记录计算进行到哪一步", "nobody keeps where a computation stands"),
)
class AnyOrder(PsamBehaviour):
    """Any part comes at any time."""

    def accepts_part(self, chain: Chain | None, mode: CipherMode, right: bool) -> bool:
        return True


@mutant(
    "psam/new-computation-within",
    breaks="PSAM-CHAIN-ORDER",
    because=Text("首部分总被当作新的计算", "a first part always begins a computation anew"),
)
class NewWithin(PsamBehaviour):
    """A computation in the middle of another is begun and the other forgotten."""

    def accepts_part(self, chain: Chain | None, mode: CipherMode, right: bool) -> bool:
        return right or mode.begins


@mutant(
    "psam/chain-outlives-command",
    breaks="PSAM-CHAIN-BROKEN",
    because=Text("其它命令不影响进行中的计算", "other commands leave a computation as it stands"),
)
class OutlivesCommand(PsamBehaviour):
    """Another command does not break a computation."""

    def breaks_chain(self, command: str) -> bool:
        return False


@mutant(
    "psam/chain-outlives-refusal",
    breaks="PSAM-CHAIN-BROKEN",
    because=Text("被拒绝的部分可以重来", "a refused part may be sent again"),
)
class OutlivesRefusal(PsamBehaviour):
    """A refused part does not end a computation."""

    def session_after_refusal(self, session: Session | None) -> Session | None:
        return session


@mutant(
    "psam/intermediate-value-given",
    breaks="PSAM-CHAIN-SILENT",
    because=Text("每一部分都返回当前分组", "each part returns the block as it stands"),
)
class IntermediateGiven(PsamBehaviour):
    """The intermediate value comes out."""

    def part_of_mac(self, state: bytes) -> bytes:
        return state
