"""Mistakes with purchases by PSAM, and with the records of purchases."""

from collections.abc import Mapping, Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/fen-by-floating-point",
    breaks="TERMINAL-DEBIT",
    because=Text("以浮点数换算金额并截断", "amounts are converted by floating point and cut"),
)
class FenByFloatingPoint(TerminalBehaviour):
    """0.29 yuan becomes 28 fen."""

    def fen(self, text: str, right: int | None) -> int | None:
        return None if right is None else int(float(text) * 100)


@mutant(
    "terminal/two-decimals-only",
    breaks="TERMINAL-DEBIT",
    because=Text("只接受两位小数的金额", "amounts with two decimals alone are taken"),
)
class TwoDecimalsOnly(TerminalBehaviour):
    """0.1 and 12 are refused."""

    def fen(self, text: str, right: int | None) -> int | None:
        return right if text[-3:-2] == "." else None


@mutant(
    "terminal/amounts-exchanged",
    breaks="TERMINAL-DEBIT",
    because=Text("自付与统筹金额颠倒", "own and pooled payment are exchanged"),
)
class AmountsExchanged(TerminalBehaviour):
    """The pool pays what the holder should."""

    def purchase_amounts(self, right: Mapping[str, int]) -> Mapping[str, int]:
        return {**right, "self-paid": right["pooled"], "pooled": right["self-paid"]}


@mutant(
    "terminal/own-payment-from-the-account",
    breaks="TERMINAL-DEBIT-ACCOUNT",
    because=Text("自付金额另从个人账户扣除", "the own payment is taken from the account too"),
)
class OwnPaymentFromTheAccount(TerminalBehaviour):
    """The account pays what the caller did not name."""

    def purchase_amounts(self, right: Mapping[str, int]) -> Mapping[str, int]:
        return {**right, "account": right["self-paid"]}


@mutant(
    "terminal/purchase-sent-again",
    breaks="TERMINAL-DEBIT-ONCE",
    because=Text("消费命令发送两次", "the purchase is sent twice"),
)
class PurchaseSentAgain(TerminalBehaviour):
    """A repeated command, as after a bad contact."""

    def further_purchases(self, taken: bool) -> int:
        return 1

    def looks_at_purchase_answer(self, command: str) -> bool:
        return False


@mutant(
    "terminal/mac2-not-checked",
    breaks="TERMINAL-DEBIT-MAC2",
    because=Text("MAC2 不交 PSAM 卡核对", "the PSAM never gets MAC2"),
)
class Mac2NotChecked(TerminalBehaviour):
    """Any answer of the card counts as paid."""

    def credits_sam(self) -> bool:
        return False


@mutant(
    "terminal/credit-answer-not-looked-at",
    breaks="TERMINAL-DEBIT-MAC2",
    because=Text("未检查 CREDIT SAM 的应答", "the PSAM's answer to MAC2 is not looked at"),
)
class CreditAnswerNotLookedAt(TerminalBehaviour):
    """The PSAM refuses, and the terminal says that it was paid."""

    def looks_at_credit_answer(self) -> bool:
        return False


@mutant(
    "terminal/debit-result-without-tac",
    breaks="TERMINAL-DEBIT-TAC",
    because=Text("结果中没有 TAC", "the result has no TAC"),
)
class DebitResultWithoutTac(TerminalBehaviour):
    """Nothing can be cleared."""

    def debit_result(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "tac": ""}


@mutant(
    "terminal/mac2-told-as-tac",
    breaks="TERMINAL-DEBIT-TAC",
    because=Text("以 MAC2 作为 TAC 给出", "MAC2 is told as the TAC"),
)
class Mac2ToldAsTac(TerminalBehaviour):
    """The two halves of the card's answer are exchanged."""

    def debit_result(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "tac": right["mac2"]}


@mutant(
    "terminal/purchase-without-pin",
    breaks="TERMINAL-DEBIT-PIN",
    because=Text("消费前不校验密码", "no PIN is asked for before a purchase"),
)
class PurchaseWithoutPin(TerminalBehaviour):
    """Whoever has the card can pay."""

    def asks_trade_pin(self, right: bool) -> bool:
        return False


@mutant(
    "terminal/pin-of-a-card-without",
    breaks="TERMINAL-DEBIT-PIN",
    because=Text("卡片未设密码时仍要求输入", "a PIN is demanded of a card that has none"),
)
class PinOfACardWithout(TerminalBehaviour):
    """The query is not looked at."""

    def asks_trade_pin(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/wrong-pin-buys",
    breaks="TERMINAL-DEBIT-PIN",
    because=Text("密码错误后仍继续消费", "the purchase goes on after a wrong PIN"),
)
class WrongPinBuys(TerminalBehaviour):
    """The answer to VERIFY is not looked at."""

    def looks_at_trade_pin(self) -> bool:
        return False


@mutant(
    "terminal/initial-pin-buys",
    breaks="TERMINAL-DEBIT-INITIAL-PIN",
    because=Text("初始密码可以交易", "the initial PIN can trade"),
)
class InitialPinBuys(TerminalBehaviour):
    """It is not compared."""

    def may_trade(self, pin: str, initial: str) -> bool:
        return True


@mutant(
    "terminal/forged-card-pays",
    breaks="TERMINAL-DEBIT-AUTH",
    because=Text("消费前不认证卡片", "the card is not authenticated before a purchase"),
)
class ForgedCardPays(TerminalBehaviour):
    """A forged card learns the PIN."""

    def authenticates_before_debit(self) -> bool:
        return False


@mutant(
    "terminal/other-card-pays",
    breaks="TERMINAL-DEBIT-CARD-INFO",
    because=Text("消费时未比较卡信息", "pCardInfo is not compared before a purchase"),
)
class OtherCardPays(TerminalBehaviour):
    """After an exchange another holder pays."""

    def debit_info_fits(self, right: bool) -> bool:
        return True


@mutant(
    "terminal/malformed-amount-is-nothing",
    breaks="TERMINAL-DEBIT-PAY-INFO",
    because=Text("不能识别的金额按 0 处理", "an amount that is none counts as 0"),
)
class MalformedAmountIsNothing(TerminalBehaviour):
    """-6.78 and 6.7A cost nothing."""

    def fen(self, text: str, right: int | None) -> int | None:
        return right or 0


@mutant(
    "terminal/third-decimal-cut",
    breaks="TERMINAL-DEBIT-PAY-INFO",
    because=Text("多余的小数位被截断", "a third decimal is cut"),
)
class ThirdDecimalCut(TerminalBehaviour):
    """6.781 is taken for 6.78."""

    def fen(self, text: str, right: int | None) -> int | None:
        whole, _, part = text.partition(".")
        cut = whole.isdecimal() and part.isdecimal() and len(part) > 2
        return int(whole + part[:2]) if cut else right


@mutant(
    "terminal/pay-info-without-end",
    breaks="TERMINAL-DEBIT-PAY-INFO",
    because=Text("未检查 pPayInfo 的结束符", "that pPayInfo ends is not looked at"),
)
class PayInfoWithoutEnd(TerminalBehaviour):
    """What was cut on the way is taken."""

    def pay_fields(self, text: str, right: Mapping[str, str] | None) -> Mapping[str, str] | None:
        parts = text.split("|")
        if right is not None or len(parts) != 3:
            return right
        return {"self-paid": parts[0], "pooled": parts[1], "time": parts[2]}


@mutant(
    "terminal/pay-info-rest-ignored",
    breaks="TERMINAL-DEBIT-PAY-INFO",
    because=Text("pPayInfo 结束符之后的内容被忽略", "what stands behind the end of pPayInfo is ignored"),
)
class PayInfoRestIgnored(TerminalBehaviour):
    """The first three fields are taken, whatever follows."""

    def pay_fields(self, text: str, right: Mapping[str, str] | None) -> Mapping[str, str] | None:
        parts = text.split("|")
        if right is not None or len(parts) != 4:
            return right
        return {"self-paid": parts[0], "pooled": parts[1], "time": parts[2]}


@mutant(
    "terminal/purchase-without-mac1",
    breaks="TERMINAL-DEBIT-KEY",
    because=Text("PSAM 卡没有消费密钥时仍发送消费命令", "the card is sent a purchase though the PSAM has no key"),
)
class PurchaseWithoutMac1(TerminalBehaviour):
    """MAC1 is zeros."""

    def goes_on_without_key(self) -> bool:
        return True


@mutant(
    "terminal/refused-purchase-not-noticed",
    breaks="TERMINAL-DEBIT-REFUSED",
    because=Text("未检查消费命令的应答", "the answer to the purchase is not looked at"),
)
class RefusedPurchaseNotNoticed(TerminalBehaviour):
    """A card that refused counts as paid."""

    def looks_at_purchase_answer(self, command: str) -> bool:
        return False

    def looks_at_credit_answer(self) -> bool:
        return False

    def purchase_proved(self, mac2: bool, tac: bool) -> bool:
        return True


@mutant(
    "terminal/newest-record-only",
    breaks="TERMINAL-DEBIT-RECORDS",
    because=Text("只给出最新一条记录", "the newest record alone is told"),
)
class NewestRecordOnly(TerminalBehaviour):
    """Earlier purchases are missing."""

    def debit_records(self, right: Sequence[bytes]) -> Sequence[bytes]:
        return right[:1]


@mutant(
    "terminal/records-without-pin",
    breaks="TERMINAL-DEBIT-RECORDS",
    because=Text("读消费记录前不校验密码", "the log is read without the PIN"),
)
class RecordsWithoutPin(TerminalBehaviour):
    """The card refuses."""

    def asks_record_pin(self, right: bool) -> bool:
        return False


@mutant(
    "terminal/record-dates-only",
    breaks="TERMINAL-DEBIT-RECORDS",
    because=Text("记录中只有日期", "of the time the date alone is told"),
)
class RecordDatesOnly(TerminalBehaviour):
    """Two purchases of a day cannot be told apart."""

    def record_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "time": right["time"][:8]}


@mutant(
    "terminal/refused-log-is-empty",
    breaks="TERMINAL-DEBIT-RECORDS",
    because=Text("读明细被拒绝时当作没有更多记录", "a record that is refused is taken for the end of the log"),
)
class RefusedLogIsEmpty(TerminalBehaviour):
    """Whatever the card refuses by, there are no more records."""

    def ends_log(self, sw: int, right: bool) -> bool:
        return True
