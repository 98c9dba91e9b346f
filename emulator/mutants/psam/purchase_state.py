"""Mistakes of the terminal sequence and of CREDIT SAM FOR PURCHASE."""

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Purchase
from onecard.spec.text import Text

_CREDIT = "PSAM/CREDIT-PURCHASE"


@mutant(
    "psam/sequence-counts-with-credit",
    breaks="PSAM-PURCHASE-SEQUENCE",
    because=Text("只在消费确认后加一", "it counts with the completion only"),
)
class CountsWithCredit(PsamBehaviour):
    """The sequence goes up when a purchase is completed."""

    def sequence(self, stored: int, following: int) -> tuple[int, int]:
        return stored, stored

    def sequence_after_credit(self, stored: int, step: int) -> int:
        return stored + step


@mutant(
    "psam/sequence-counts-twice",
    breaks="PSAM-PURCHASE-SEQUENCE",
    because=Text("初始化与确认各加一", "it counts with the initialisation and with the completion"),
)
class CountsTwice(PsamBehaviour):
    """The sequence goes up by two for a completed purchase."""

    def sequence_after_credit(self, stored: int, step: int) -> int:
        return stored + step


@mutant(
    "psam/sequence-in-memory",
    breaks="PSAM-PURCHASE-SEQUENCE",
    because=Text("序号只在内存中，复位后复原", "the sequence lives in memory and falls back with a reset"),
)
class SequenceInMemory(PsamBehaviour):
    """A reset sets the sequence to 1."""

    def sequence_after_reset(self, stored: int) -> int:
        return 1


@mutant(
    "psam/sequence-file-not-written",
    breaks="PSAM-PURCHASE-SEQUENCE",
    because=Text(
        "序号存于别处，0019 文件为个人化时的值", "the sequence is kept elsewhere and file 0019 as it was personalised"
    ),
)
class FileNotWritten(PsamBehaviour):
    """File 0019 always reads the same."""

    def content(self, file: str, right: bytes) -> bytes:
        return bytes(len(right)) if file == "PSAM/EF0019" else right


@mutant(
    "psam/purchase-mac2-with-type",
    breaks="PSAM-PURCHASE-CREDIT",
    because=Text("MAC2 的输入多取了交易类型", "the type was taken into MAC2 too"),
)
class Mac2WithType(PsamBehaviour):
    """MAC2 is expected over the type too."""

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        return right + b"\x32" if gives == "mac2" else right


@mutant(
    "psam/purchase-mac2-unchecked",
    breaks="PSAM-PURCHASE-MAC2",
    because=Text("未比较 MAC2", "MAC2 is not compared"),
)
class Mac2Unchecked(PsamBehaviour):
    """Every MAC2 is accepted."""

    def accepts_mac2(self, given: bytes, right: bytes) -> bool:
        return True


@mutant(
    "psam/purchase-mac2-first-byte",
    breaks="PSAM-PURCHASE-MAC2",
    because=Text("只比较了前三字节", "three bytes only are compared"),
)
class Mac2FirstBytes(PsamBehaviour):
    """The last byte of MAC2 is not compared."""

    def accepts_mac2(self, given: bytes, right: bytes) -> bool:
        return given[:3] == right[:3]


@mutant(
    "psam/purchase-mac2-length-unchecked",
    breaks="PSAM-PURCHASE-LENGTH",
    because=Text("只取前四字节", "four bytes are taken, however many there are"),
)
class Mac2LengthUnchecked(PsamBehaviour):
    """Bytes behind MAC2 are ignored."""

    def accepts_purchase_length(self, command: str, length: int, right: bool) -> bool:
        return right or command == _CREDIT

    def accepts_mac2(self, given: bytes, right: bytes) -> bool:
        return super().accepts_mac2(given[: len(right)], right)


@mutant(
    "psam/credit-parameters-unchecked",
    breaks="PSAM-PURCHASE-PARAMETERS",
    because=Text("消费确认未检查 P1、P2", "the completion does not check P1 and P2"),
)
class CreditParametersUnchecked(PsamBehaviour):
    """CREDIT SAM FOR PURCHASE takes any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == _CREDIT


@mutant(
    "psam/credit-without-init",
    breaks="PSAM-PURCHASE-ORDER",
    because=Text("MAC2 缓冲区初值为零，未检查状态", "the buffer of MAC2 holds zeros, and no state is kept"),
)
class CreditWithoutInit(PsamBehaviour):
    """Without an initialisation a MAC2 of zeros is accepted."""

    def purchase_to_complete(self, purchase: Purchase | None) -> Purchase | None:
        return purchase or Purchase(bytes(4))


@mutant(
    "psam/credit-again",
    breaks="PSAM-PURCHASE-ONCE",
    because=Text("确认成功后未清除 MAC2", "MAC2 is not cleared after a completion"),
)
class CreditAgain(PsamBehaviour):
    """A purchase is completed as often as asked."""

    def purchase_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        return purchase if accepted else None


@mutant(
    "psam/mac2-guessable",
    breaks="PSAM-PURCHASE-ONCE",
    because=Text("MAC2 错误后交易仍有效", "after a wrong MAC2 the purchase stays"),
)
class Mac2Guessable(PsamBehaviour):
    """MAC2 can be tried again and again."""

    def purchase_after_credit(self, purchase: Purchase | None, accepted: bool) -> Purchase | None:
        return None if accepted else purchase


@mutant(
    "psam/purchase-survives-reset",
    breaks="PSAM-PURCHASE-ENDS",
    because=Text("热复位只重发复位应答", "a warm reset sends the answer to reset and nothing else"),
)
class PurchaseSurvivesReset(PsamBehaviour):
    """A warm reset, and the selections after it, keep the purchase."""

    def purchase_after_reset(self, before: Purchase | None) -> Purchase | None:
        return before

    def breaks_purchase(self, command: str) -> bool:
        return False


@mutant(
    "psam/purchase-survives-select",
    breaks="PSAM-PURCHASE-ENDS",
    because=Text("选择其它 DF 不清除交易状态", "the selection of another DF does not clear the purchase"),
)
class PurchaseSurvivesSelect(PsamBehaviour):
    """No command but the completion ends a purchase."""

    def breaks_purchase(self, command: str) -> bool:
        return False


@mutant(
    "psam/first-purchase-stays",
    breaks="PSAM-PURCHASE-ENDS",
    because=Text("新的初始化未覆盖前一次的 MAC2", "a new initialisation does not overwrite the MAC2 of the one before"),
)
class FirstPurchaseStays(PsamBehaviour):
    """The purchase that was initialised first is the one that is completed."""

    def purchase_after_init(self, before: Purchase | None, made: Purchase | None) -> Purchase | None:
        return before or made
