"""Mistakes of a PSAM's transport application: how the terminal sequence counts, and when MAC2 completes a purchase."""

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Purchase
from onecard.spec.text import Text


@mutant(
    "psam/transport-sequence-forgotten",
    breaks="PSAM-TRANSPORT-SEQUENCE",
    because=Text("序号只在内存中计数", "the sequence counts in volatile memory"),
)
class SequenceForgotten(PsamBehaviour):
    """A reset puts the sequence back."""

    def transport_sequence_after_reset(self, stored: int) -> int:
        return stored - stored % 0x100


@mutant(
    "psam/transport-sequence-stays",
    breaks="PSAM-TRANSPORT-SEQUENCE",
    because=Text("序号在确认后才加一，确认却未写入", "the sequence should count with the completion and never does"),
)
class SequenceStays(PsamBehaviour):
    """Each initialisation answers the same number."""

    def transport_sequence(self, stored: int, following: int) -> tuple[int, int]:
        return following, stored


@mutant(
    "psam/transport-mac2-covers-type",
    breaks="PSAM-TRANSPORT-CREDIT",
    because=Text("MAC2 的输入含交易类型", "MAC2 covers the type too"),
)
class Mac2CoversType(PsamBehaviour):
    """MAC2 is made of amount and type."""

    def transport_inputs(self, gives: str, right: bytes) -> bytes:
        return right + b"\x06" if gives == "mac2" else right


@mutant(
    "psam/transport-mac2-uncompared",
    breaks="PSAM-TRANSPORT-MAC2",
    because=Text("未比较 MAC2", "MAC2 is not compared"),
)
class Mac2Uncompared(PsamBehaviour):
    """Any MAC2 completes a purchase."""

    def accepts_transport_mac2(self, given: bytes, right: bytes) -> bool:
        return True


@mutant(
    "psam/transport-mac2-short",
    breaks="PSAM-TRANSPORT-MAC2",
    because=Text("只比较了 MAC2 的前三字节", "the first three bytes of MAC2 alone are compared"),
)
class Mac2Short(PsamBehaviour):
    """The last byte of MAC2 may be any."""

    def accepts_transport_mac2(self, given: bytes, right: bytes) -> bool:
        return given[:3] == right[:3]


@mutant(
    "psam/transport-credit-of-nothing",
    breaks="PSAM-TRANSPORT-ORDER",
    because=Text(
        "未检查是否有消费初始化，MAC2 缓冲区初始为零", "MAC2's place holds zeros at first, and nobody looks further"
    ),
)
class CreditOfNothing(PsamBehaviour):
    """Without an initialisation zeros are accepted."""

    def transport_to_complete(self, purchase: Purchase | None) -> Purchase | None:
        return purchase or Purchase(bytes(4))


@mutant(
    "psam/transport-completed-twice",
    breaks="PSAM-TRANSPORT-ONCE",
    because=Text("确认后未清除 MAC2", "MAC2 is not cleared after the completion"),
)
class CompletedTwice(PsamBehaviour):
    """A completed purchase can be completed again."""

    def transport_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        return purchase if accepted else None


@mutant(
    "psam/transport-mac2-tried-again",
    breaks="PSAM-TRANSPORT-ONCE",
    because=Text("MAC2 错误后可再试", "after a wrong MAC2 there is another try"),
)
class TriedAgain(PsamBehaviour):
    """A wrong MAC2 leaves the purchase."""

    def transport_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        return None if accepted else purchase


class _Selects(PsamBehaviour):
    def breaks_transport(self, command: str) -> bool:
        return command != "PSAM/SELECT" and super().breaks_transport(command)


@mutant(
    "psam/transport-outlives-selection",
    breaks="PSAM-TRANSPORT-ENDS",
    because=Text("选择 DF 未清除交易", "selecting a DF does not end the purchase"),
)
class OutlivesSelection(_Selects):
    """The purchase is there after another DF was selected and this one again."""


@mutant(
    "psam/transport-outlives-reset",
    breaks="PSAM-TRANSPORT-ENDS",
    because=Text("热复位未清除内存", "a warm reset does not clear the memory"),
)
class OutlivesReset(_Selects):
    """The purchase is there after a warm reset."""

    def transport_after_reset(self, before: Purchase | None) -> Purchase | None:
        return before


@mutant(
    "psam/transport-first-stays",
    breaks="PSAM-TRANSPORT-ENDS",
    because=Text("新的初始化未覆盖 MAC2", "a new initialisation does not replace MAC2"),
)
class FirstStays(PsamBehaviour):
    """The purchase that was initialised first is the one that is completed."""

    def transport_after_init(self, before: Purchase | None, made: Purchase | None) -> Purchase | None:
        return before or made
