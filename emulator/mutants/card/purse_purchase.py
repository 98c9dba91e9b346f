"""Mistakes in medical purchases: MAC, TAC, funds, the books, the payment year and the log."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from emulator.card.behaviour import CardBehaviour
from emulator.crypto import xor
from emulator.mutants.model import mutant
from onecard.spec.card_purse import PURCHASE
from onecard.spec.text import Text

W = TypeVar("W")


@mutant(
    "card/purse-purchase-session-of-first-bytes",
    breaks="CARD-PURSE-DEBIT",
    because=Text(
        "过程密钥取终端交易序号的前两字节", "the session key takes the first two bytes of the terminal's serial number"
    ),
)
class PursePurchaseSessionOfFirstBytes(CardBehaviour):
    """The session key of a purchase takes zeros, which the serial number begins with, for its last bytes."""

    def purse_inputs(self, transaction: str, gives: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return (*right[:-1], "=0000") if gives == "session" and transaction == PURCHASE else right


@mutant(
    "card/purse-purchase-answer-of-pboc",
    breaks="CARD-PURSE-INITIALIZE-PURCHASE",
    because=Text("沿用 PBOC 电子钱包的 15 字节应答", "the 15-byte answer of the PBOC purse was kept"),
)
class PursePurchaseAnswerOfPboc(CardBehaviour):
    """The sums and the year are missing, as in the answer of a PBOC purse."""

    def purse_initialised(self, transaction: str, right: bytes) -> bytes:
        return right[:4] + right[14:] if transaction == PURCHASE else right


@mutant(
    "card/purse-sums-exchanged",
    breaks="CARD-PURSE-INITIALIZE-PURCHASE",
    because=Text("自付与统筹累计的次序写反", "the sums of own payments and of the fund are exchanged"),
)
class PurseSumsExchanged(CardBehaviour):
    """The answer names the pooled sum first."""

    def purse_initialised(self, transaction: str, right: bytes) -> bytes:
        return right[:4] + right[8:12] + right[4:8] + right[12:] if transaction == PURCHASE else right


@mutant(
    "card/purse-debit-not-written",
    breaks="CARD-PURSE-DEBIT",
    because=Text("余额写入缓存而未提交", "the balance is written to a cache and never committed"),
)
class PurseDebitNotWritten(CardBehaviour):
    """A purchase answers 9000 and costs nothing."""

    def purse_balance_after(self, transaction: str, before: int, right: int) -> int:
        return before if transaction == PURCHASE else right


@mutant(
    "card/purse-mac2-wrong",
    breaks="CARD-PURSE-DEBIT",
    because=Text("MAC2 由同一缓冲区返回", "MAC2 is returned from the buffer of MAC1"),
)
class PurseMac2Wrong(CardBehaviour):
    """MAC2 of a purchase is another value."""

    def purse_mac(self, transaction: str, gives: str, right: bytes) -> bytes:
        return xor(right, b"\xff\xff\xff\xff") if gives == "mac2" else right


@mutant(
    "card/purse-purchase-counter-stays",
    breaks="CARD-PURSE-DEBIT",
    because=Text("脱机计数器未递增", "the off-line counter does not go on"),
)
class PursePurchaseCounterStays(CardBehaviour):
    """The off-line counter stands still."""

    def purse_serial_after(self, transaction: str, before: int) -> int:
        return before if transaction == PURCHASE else before + 1


@mutant(
    "card/purse-purchase-tac-wrong",
    breaks="CARD-PURSE-PURCHASE-TAC",
    because=Text("TAC 以过程密钥计算", "the TAC is computed with the session key"),
)
class PursePurchaseTacWrong(CardBehaviour):
    """The TAC of a purchase is another value."""

    def purse_tac(self, transaction: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return xor(right, b"\x80\x00\x00\x00") if transaction == PURCHASE else right


@mutant(
    "card/purse-purchase-mac-unchecked",
    breaks="CARD-PURSE-PURCHASE-MAC",
    because=Text("MAC1 未比较", "MAC1 is not compared"),
)
class PursePurchaseMacUnchecked(CardBehaviour):
    """Any MAC1 debits."""

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return transaction == PURCHASE or computed == given


@mutant(
    "card/purse-purchase-zero-mac-accepted",
    breaks="CARD-PURSE-PURCHASE-MAC",
    because=Text("全零 MAC 被当作“免校验”", "a MAC of zeros was taken for 'no check'"),
)
class PursePurchaseZeroMac(CardBehaviour):
    """A MAC1 of zeros is accepted."""

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return computed == given or (transaction == PURCHASE and not any(given))


@mutant(
    "card/purse-purchase-written-though-refused",
    breaks="CARD-PURSE-PURCHASE-MAC",
    because=Text("先记账再比较 MAC1", "the books are written before MAC1 is compared"),
)
class PursePurchaseWrittenThoughRefused(CardBehaviour):
    """9302 is answered and the books have changed."""

    def purse_kept_after_refusal(self, writes: Sequence[W]) -> Sequence[W]:
        return writes


@mutant(
    "card/purse-funds-unchecked",
    breaks="CARD-PURSE-FUNDS",
    because=Text("余额只在扣款时检查", "the balance is looked at when it is debited only"),
)
class PurseFundsUnchecked(CardBehaviour):
    """A purchase for more than the balance is initialised."""

    def purse_covers(self, balance: int, account: int) -> bool:
        return True


@mutant(
    "card/purse-funds-off-by-one",
    breaks="CARD-PURSE-FUNDS",
    because=Text("比较多放过一分", "the comparison lets one fen too much pass"),
)
class PurseFundsOffByOne(CardBehaviour):
    """One fen more than the balance is covered."""

    def purse_covers(self, balance: int, account: int) -> bool:
        return account <= balance + 1


@mutant(
    "card/purse-whole-balance-refused",
    breaks="CARD-PURSE-DEBIT",
    because=Text("比较用小于而非小于等于", "less was written for less or equal"),
)
class PurseWholeBalanceRefused(CardBehaviour):
    """A purchase of exactly the balance is refused."""

    def purse_covers(self, balance: int, account: int) -> bool:
        return account < balance


@mutant(
    "card/purse-year-from-next-day",
    breaks="CARD-PURSE-YEAR",
    because=Text("比较用大于而非大于等于", "greater was written for greater or equal"),
)
class PurseYearFromNextDay(CardBehaviour):
    """The starting day itself still belongs to the old year."""

    def purse_year_begins(self, difference: int, length: int) -> bool:
        return difference > length


@mutant(
    "card/purse-year-never-ends",
    breaks="CARD-PURSE-YEAR",
    because=Text("未实现年度结转", "the payment year was left out"),
)
class PurseYearNeverEnds(CardBehaviour):
    """The sums add up for ever."""

    def purse_year_begins(self, difference: int, length: int) -> bool:
        return False


@mutant(
    "card/purse-sums-replaced",
    breaks="CARD-PURSE-YEAR",
    because=Text("每次消费都重新累计", "every purchase starts the sums anew"),
)
class PurseSumsReplaced(CardBehaviour):
    """The sums are those of the last purchase."""

    def purse_sum_after(self, before: int, amount: int, new_year: bool) -> int:
        return amount


@mutant(
    "card/purse-new-year-keeps-sums",
    breaks="CARD-PURSE-YEAR",
    because=Text("新年度只改年份，累计未清零", "a new year changes the year and leaves the sums"),
)
class PurseNewYearKeepsSums(CardBehaviour):
    """The payment year changes and the sums go on."""

    def purse_sum_after(self, before: int, amount: int, new_year: bool) -> int:
        return before + amount


@mutant(
    "card/purse-no-log",
    breaks="CARD-PURSE-LOG",
    because=Text("交易明细由终端写入", "the log was left to the terminal"),
)
class PurseNoLog(CardBehaviour):
    """No record is written."""

    def purse_log_record(self, right: bytes) -> bytes:
        return b""


@mutant(
    "card/purse-log-appended-last",
    breaks="CARD-PURSE-LOG",
    because=Text("循环文件按写入次序编号", "the cyclic file is numbered in the order of writing"),
)
class PurseLogAppendedLast(CardBehaviour):
    """The newest record is the last one."""

    def purse_log(self, record: bytes, old: tuple[bytes, ...], capacity: int) -> tuple[bytes, ...]:
        return (*old, record)[-capacity:]


@mutant(
    "card/purse-log-overwrites-newest",
    breaks="CARD-PURSE-LOG",
    because=Text("总写第一条记录", "the first record is always overwritten"),
)
class PurseLogOverwritesNewest(CardBehaviour):
    """The record before is lost."""

    def purse_log(self, record: bytes, old: tuple[bytes, ...], capacity: int) -> tuple[bytes, ...]:
        return (record, *old[1:])


@mutant(
    "card/purse-log-of-ten",
    breaks="CARD-PURSE-LOG-DEPTH",
    because=Text("按银行应用的习惯只保留 10 条明细", "ten records are kept, as bank applications do"),
)
class PurseLogOfTen(CardBehaviour):
    """The log holds the last ten transactions."""

    def purse_log(self, record: bytes, old: tuple[bytes, ...], capacity: int) -> tuple[bytes, ...]:
        return (record, *old)[:10]


@mutant(
    "card/purse-log-little-endian-amounts",
    breaks="CARD-PURSE-LOG",
    because=Text("金额以主机字节序写入", "amounts are written in the machine's byte order"),
)
class PurseLogLittleEndian(CardBehaviour):
    """The amounts of the log are reversed."""

    def purse_log_record(self, right: bytes) -> bytes:
        return right[:16] + b"".join(right[at : at + 4][::-1] for at in range(16, len(right), 4))
