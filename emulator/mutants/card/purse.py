"""Mistakes of the medical purse: computations, bookkeeping, refusals."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from emulator.card.behaviour import CardBehaviour
from emulator.card.purse.image import Proof
from emulator.crypto import xor
from emulator.mutants.model import mutant
from onecard.spec.card_purse import LOAD, PURCHASE
from onecard.spec.text import Text

W = TypeVar("W")


@mutant(
    "card/purse-load-mac1-reversed",
    breaks="CARD-PURSE-INITIALIZE-LOAD",
    because=Text("MAC 的四字节次序颠倒", "the four bytes of the MAC stand in reverse order"),
)
class PurseLoadMac1Reversed(CardBehaviour):
    """MAC1 of a load comes little-endian."""

    def purse_mac(self, transaction: str, gives: str, right: bytes) -> bytes:
        return right[::-1] if gives == "mac1" else right


@mutant(
    "card/purse-load-mac1-without-type",
    breaks="CARD-PURSE-INITIALIZE-LOAD",
    because=Text("MAC1 的输入漏了交易类型", "the type of transaction was left out of the inputs of MAC1"),
)
class PurseLoadMac1WithoutType(CardBehaviour):
    """MAC1 is computed over balance, amount and terminal."""

    def purse_inputs(self, transaction: str, gives: str, right: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in right if name != "type") if gives == "mac1" and transaction == LOAD else right


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
    "card/purse-random-kept",
    breaks="CARD-PURSE-RANDOM",
    because=Text("随机数只在上电后更新一次", "the random value is renewed at power-on only"),
)
class PurseRandomKept(CardBehaviour):
    """The second initialisation gives the random value of the first."""

    def purse_random(self, fresh: bytes, last: bytes) -> bytes:
        return last or fresh


@mutant(
    "card/purse-random-constant",
    breaks="CARD-PURSE-RANDOM",
    because=Text("调试用的固定随机数未去除", "the fixed random value of a debug build is still there"),
)
class PurseRandomConstant(CardBehaviour):
    """Every initialisation gives the same random value."""

    def purse_random(self, fresh: bytes, last: bytes) -> bytes:
        return bytes(len(fresh))


@mutant(
    "card/purse-credit-not-written",
    breaks="CARD-PURSE-CREDIT",
    because=Text("余额写入缓存而未提交", "the balance is written to a cache and never committed"),
)
class PurseCreditNotWritten(CardBehaviour):
    """A load answers 9000 and the balance is the old one."""

    def purse_balance_after(self, transaction: str, before: int, right: int) -> int:
        return before if transaction == LOAD else right


@mutant(
    "card/purse-credit-sixteen-bits",
    breaks="CARD-PURSE-CREDIT",
    because=Text("余额以 16 位相加", "the balance is added in 16 bits"),
)
class PurseCreditSixteenBits(CardBehaviour):
    """The carry out of the lower half of the balance is lost."""

    def purse_balance_after(self, transaction: str, before: int, right: int) -> int:
        return before & ~0xFFFF | right & 0xFFFF if transaction == LOAD else right


@mutant(
    "card/purse-load-counter-stays",
    breaks="CARD-PURSE-CREDIT",
    because=Text("联机计数器未递增", "the on-line counter does not go on"),
)
class PurseLoadCounterStays(CardBehaviour):
    """The counter stands still, so that a load's session key depends on the random value alone."""

    def purse_serial_after(self, transaction: str, before: int) -> int:
        return before if transaction == LOAD else before + 1


@mutant(
    "card/purse-load-tac-wrong",
    breaks="CARD-PURSE-LOAD-TAC",
    because=Text("TAC 密钥的左右两半未异或", "the halves of the TAC key were not exclusive-ored"),
)
class PurseLoadTacWrong(CardBehaviour):
    """A TAC that no rule gives."""

    def purse_tac(self, transaction: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return xor(right, b"\x00\x00\x00\x01") if transaction == LOAD else right


@mutant(
    "card/purse-load-mac-unchecked",
    breaks="CARD-PURSE-LOAD-MAC",
    because=Text("发卡测试时关闭了 MAC2 校验", "the check of MAC2 was switched off for tests at issue"),
)
class PurseLoadMacUnchecked(CardBehaviour):
    """Any MAC2 loads money."""

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return transaction == LOAD or computed == given


@mutant(
    "card/purse-load-mac-three-bytes",
    breaks="CARD-PURSE-LOAD-MAC",
    because=Text("比较长度少一字节", "the comparison is one byte short"),
)
class PurseLoadMacThreeBytes(CardBehaviour):
    """The last byte of MAC2 is not compared."""

    def purse_accepts_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return computed[:3] == given[:3] if transaction == LOAD else computed == given


@mutant(
    "card/purse-load-written-though-refused",
    breaks="CARD-PURSE-LOAD-MAC",
    because=Text("先写余额再比较 MAC2", "the balance is written before MAC2 is compared"),
)
class PurseLoadWrittenThoughRefused(CardBehaviour):
    """9302 is answered and the money is on the card."""

    def purse_kept_after_refusal(self, writes: Sequence[W]) -> Sequence[W]:
        return writes


@mutant(
    "card/purse-overflow",
    breaks="CARD-PURSE-LOAD-LIMIT",
    because=Text("余额溢出未检查", "nobody looked for an overflow of the balance"),
)
class PurseOverflow(CardBehaviour):
    """The greatest amount makes the balance small."""

    def purse_takes(self, balance: int, amount: int, limit: int) -> bool:
        return True


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
    "card/purse-unknown-index-is-first",
    breaks="CARD-PURSE-INDEX",
    because=Text("未知索引取缺省密钥", "an unknown index takes the default key"),
)
class PurseUnknownIndexIsFirst(CardBehaviour):
    """Every index is known."""

    def purse_version(self, index: int, versions: Sequence[int], right: int | None) -> int | None:
        return versions[0] if right is None else right


@mutant(
    "card/purse-one-version-only",
    breaks="CARD-PURSE-KEY-VERSION",
    because=Text("只装载了一组密钥，索引被忽略", "one group of keys was loaded, and the index is ignored"),
    profiles=("card-2.0", "card-3.0"),
)
class PurseOneVersionOnly(CardBehaviour):
    """All indexes use version 01."""

    def purse_version(self, index: int, versions: Sequence[int], right: int | None) -> int | None:
        return None if right is None else versions[0]


@mutant(
    "card/purse-version-not-shown",
    breaks="CARD-PURSE-KEY-VERSION",
    because=Text("应答中的密钥版本写死为 01", "the key version of the answer is always 01"),
    profiles=("card-2.0", "card-3.0"),
)
class PurseVersionNotShown(CardBehaviour):
    """The answer names version 01 whichever is used."""

    def purse_version_shown(self, version: int) -> int:
        return 1


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
    "card/purse-log-little-endian-amounts",
    breaks="CARD-PURSE-LOG",
    because=Text("金额以主机字节序写入", "amounts are written in the machine's byte order"),
)
class PurseLogLittleEndian(CardBehaviour):
    """The amounts of the log are reversed."""

    def purse_log_record(self, right: bytes) -> bytes:
        return right[:16] + b"".join(right[at : at + 4][::-1] for at in range(16, len(right), 4))


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


_MEDICAL = frozenset(
    (
        *("INITIALIZE-FOR-LOAD", "INITIALIZE-FOR-PURCHASE", "CREDIT-FOR-LOAD", "DEBIT-FOR-PURCHASE", "GET-BALANCE"),
        *("GET-TRANSACTION-PROOF", "UPDATE-STARTING-DAY", "GET-STARTING-DAY"),
    )
)
