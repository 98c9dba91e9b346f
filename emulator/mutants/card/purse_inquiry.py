"""Mistakes in what the medical purse tells and who may change it: balances, proofs, starting day, parameters."""

from collections.abc import Mapping

from emulator.card.behaviour import CardBehaviour
from emulator.card.purse.image import Proof
from emulator.mutants.model import mutant
from onecard.spec.card_purse import LOAD
from onecard.spec.text import Text

_MEDICAL = frozenset(
    (
        *("INITIALIZE-FOR-LOAD", "INITIALIZE-FOR-PURCHASE", "CREDIT-FOR-LOAD", "DEBIT-FOR-PURCHASE", "GET-BALANCE"),
        *("GET-TRANSACTION-PROOF", "UPDATE-STARTING-DAY", "GET-STARTING-DAY"),
    )
)


@mutant(
    "card/purse-year-not-told",
    breaks="CARD-PURSE-BALANCE",
    because=Text("三种余额共用四字节应答", "one answer of four bytes serves all three balances"),
)
class PurseYearNotTold(CardBehaviour):
    """GET BALANCE leaves the payment year out."""

    def purse_balance_read(self, p2: int, right: bytes) -> bytes:
        return right[:4]


@mutant(
    "card/purse-balance-free",
    breaks="CARD-PURSE-BALANCE-PIN",
    because=Text("余额按基本信息处理，可自由读取", "the balance was taken for basic data and is read freely"),
)
class PurseBalanceFree(CardBehaviour):
    """Balances are told without the PIN."""

    def purse_balance_readable(self, pin_set: bool, pin_verified: bool) -> bool:
        return True


@mutant(
    "card/purse-proof-of-any-serial",
    breaks="CARD-PURSE-PROOF-NONE",
    because=Text("不比较交易序号", "the serial is not compared"),
)
class PurseProofOfAnySerial(CardBehaviour):
    """The last proof is given whatever the serial."""

    def purse_proof(self, proofs: Mapping[str, Proof], transaction: str, serial: bytes) -> Proof | None:
        return proofs.get(transaction)


@mutant(
    "card/purse-proof-of-nothing",
    breaks="CARD-PURSE-PROOF-NONE",
    because=Text("无认证时返回全零而非 9406", "zeros are returned in place of 9406"),
)
class PurseProofOfNothing(CardBehaviour):
    """A proof of zeros is given where there is none."""

    def purse_proof(self, proofs: Mapping[str, Proof], transaction: str, serial: bytes) -> Proof | None:
        return super().purse_proof(proofs, transaction, serial) or Proof(serial, bytes(4), bytes(4))


@mutant(
    "card/purse-proof-kept-for-loads-only",
    breaks="CARD-PURSE-PROOF",
    because=Text("只为划入保存认证", "proofs are kept for loads only"),
)
class PurseProofForLoadsOnly(CardBehaviour):
    """A purchase cannot be proved."""

    def purse_proof(self, proofs: Mapping[str, Proof], transaction: str, serial: bytes) -> Proof | None:
        return super().purse_proof(proofs, transaction, serial) if transaction == LOAD else None


@mutant(
    "card/purse-proof-without-tac",
    breaks="CARD-PURSE-PROOF",
    because=Text("保存认证时 TAC 尚未计算", "the proof is kept before the TAC is computed"),
)
class PurseProofWithoutTac(CardBehaviour):
    """The TAC of the proof is zero."""

    def purse_proof_kept(self, right: Proof) -> Proof:
        return Proof(right.serial, right.mac, bytes(4))


@mutant(
    "card/starting-day-free",
    breaks="CARD-PURSE-STARTING-DAY-REFUSED",
    because=Text("个人化后未收回权限", "the right of the personalisation phase was never withdrawn"),
)
class StartingDayFree(CardBehaviour):
    """The starting day is updated without DSK."""

    def purse_day_updatable(self, granted: bool) -> bool:
        return True


@mutant(
    "card/starting-day-not-written",
    breaks="CARD-PURSE-STARTING-DAY",
    because=Text("起始日固定为 0101", "the starting day is fixed"),
)
class StartingDayNotWritten(CardBehaviour):
    """9000 is answered and the day is the old one."""

    def purse_day_stored(self, given: bytes, old: bytes) -> bytes:
        return old


@mutant(
    "card/purse-parameters-unchecked",
    breaks="CARD-PURSE-PARAMETERS",
    because=Text("医疗命令不检查 P1、P2", "the medical commands do not look at P1 and P2"),
)
class PurseParametersUnchecked(CardBehaviour):
    """Any P1 and P2 are taken."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command in _MEDICAL


@mutant(
    "card/purse-length-unchecked",
    breaks="CARD-PURSE-LENGTH",
    because=Text("只按偏移取数，不检查 Lc", "fields are taken by offset, and Lc is not looked at"),
)
class PurseLengthUnchecked(CardBehaviour):
    """Any Lc is taken."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command in _MEDICAL
