"""Mistakes of the transport purse: balance, purchase, load, log, proof, states."""

from collections.abc import Sequence

from emulator.card.behaviour import CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text

LOAD, PURCHASE, COMPOUND = "TRANSPORT-LOAD", "TRANSPORT-PURCHASE", "TRANSPORT-COMPOUND"


@mutant(
    "card/transport-balance-in-yuan",
    breaks="CARD-TRANSPORT-BALANCE",
    because=Text("余额以元而非分返回", "the balance is told in yuan instead of fen"),
)
class BalanceInYuan(CardBehaviour):
    """GET BALANCE tells another amount than the initialisation."""

    def balance_answer(self, query: str, right: bytes) -> bytes:
        return (int.from_bytes(right, "big") // 100).to_bytes(len(right), "big")


@mutant(
    "card/transport-balance-too-long",
    breaks="CARD-TRANSPORT-BALANCE",
    because=Text("余额后附带透支限额", "the overdraft limit follows the balance"),
)
class BalanceTooLong(CardBehaviour):
    """GET BALANCE answers 7 bytes."""

    def balance_answer(self, query: str, right: bytes) -> bytes:
        return right + bytes(3)


@mutant(
    "card/transport-balance-of-debt",
    breaks="CARD-TRANSPORT-BALANCE",
    because=Text("余额取了已透支金额", "the overdrawn amount is told as the balance"),
)
class BalanceOfDebt(CardBehaviour):
    """GET BALANCE and the initialisation agree on what is overdrawn, and purchases go on beyond it."""

    def balance_shown(self, reading: str, balance: int, overdraft: int, right: int) -> int:
        return max(-balance, 0)


@mutant(
    "card/transport-balance-parts-alike",
    breaks="CARD-TRANSPORT-BALANCE-PARTS",
    because=Text("读余额忽略 P1", "GET BALANCE does not look at P1"),
)
class BalancePartsAlike(CardBehaviour):
    """The overdrawn amount is told as the balance."""

    def balance_shown(self, reading: str, balance: int, overdraft: int, right: int) -> int:
        return max(balance, 0)


@mutant(
    "card/transport-random-fixed",
    breaks="CARD-TRANSPORT-INITIALIZE",
    because=Text("随机数未更新", "the random value is not drawn anew"),
)
class RandomFixed(CardBehaviour):
    """Each initialisation tells the same random value."""

    def transaction_random(self, transaction: str, random: bytes) -> bytes:
        return bytes.fromhex("11223344")


@mutant(
    "card/transport-algorithm-byte-unset",
    breaks="CARD-TRANSPORT-INITIALIZE",
    because=Text("应答中的算法标识未赋值", "the algorithm byte of the answer is never set"),
)
class AlgorithmByteUnset(CardBehaviour):
    """Where the algorithm stands, the answer to INITIALIZE FOR PURCHASE has whatever the buffer held."""

    def initialised(self, transaction: str, right: bytes) -> bytes:
        return right if transaction == LOAD else right[:10] + right[-1:] + right[11:]


@mutant(
    "card/transport-answer-without-overdraft",
    breaks="CARD-TRANSPORT-INITIALIZE",
    because=Text("沿用旧电子钱包的应答格式", "the answer has the form of older purses"),
)
class AnswerWithoutOverdraft(CardBehaviour):
    """The answer to INITIALIZE FOR PURCHASE lacks the overdraft limit."""

    def initialised(self, transaction: str, right: bytes) -> bytes:
        return right if transaction == LOAD else right[:6] + right[9:]


@mutant(
    "card/transport-index-ignored",
    breaks="CARD-TRANSPORT-INITIALIZE-REFUSED",
    because=Text("密钥索引未检查", "the key index is not looked at"),
)
class IndexIgnored(CardBehaviour):
    """An unknown key index is taken for the only one."""

    def knows_index(self, wanted: int, index: int) -> bool:
        return True


@mutant(
    "card/transport-unaffordable-begun",
    breaks="CARD-TRANSPORT-INITIALIZE-REFUSED",
    because=Text("余额只在扣款时检查", "the balance is compared at DEBIT only"),
)
class UnaffordableBegun(CardBehaviour):
    """A purchase beyond balance and overdraft limit is initialised."""

    def affordable(self, balance: int, overdraft: int, amount: int) -> bool:
        return True


@mutant(
    "card/transport-overdraft-ignored",
    breaks="CARD-TRANSPORT-OVERDRAFT",
    because=Text("透支限额未计入", "the overdraft limit is not counted"),
)
class OverdraftIgnored(CardBehaviour):
    """What the overdraft limit allows is refused."""

    def affordable(self, balance: int, overdraft: int, amount: int) -> bool:
        return amount <= balance


@mutant(
    "card/transport-overdraft-by-one",
    breaks="CARD-TRANSPORT-OVERDRAFT",
    because=Text("限额比较差一", "the limit is compared off by one"),
)
class OverdraftByOne(CardBehaviour):
    """A fen more than balance and overdraft limit is paid."""

    def affordable(self, balance: int, overdraft: int, amount: int) -> bool:
        return amount <= balance + overdraft + 1


@mutant(
    "card/transport-debit-not-booked",
    breaks="CARD-TRANSPORT-PURCHASE",
    because=Text("余额更新未提交", "the new balance is not committed"),
)
class DebitNotBooked(CardBehaviour):
    """A purchase leaves the balance as it was."""

    def balance_after(self, transaction: str, before: int, amount: int, right: int) -> int:
        return right if transaction == LOAD else before


@mutant(
    "card/transport-sequence-stays",
    breaks="CARD-TRANSPORT-PURCHASE",
    because=Text("脱机序号未递增", "the off-line sequence number does not move"),
)
class SequenceStays(CardBehaviour):
    """Two purchases have one sequence number."""

    def sequence_after(self, transaction: str, before: int) -> int:
        return before + 1 if transaction == LOAD else before


@mutant(
    "card/transport-tac-and-mac2-exchanged",
    breaks="CARD-TRANSPORT-PURCHASE",
    because=Text("应答中 TAC 与 MAC2 次序颠倒", "TAC and MAC2 stand in the wrong order"),
)
class TacAndMacExchanged(CardBehaviour):
    """DEBIT answers MAC2 first."""

    def transaction_answer(self, transaction: str, mac2: bytes, tac: bytes, right: bytes) -> bytes:
        return tac if transaction == LOAD else mac2 + tac


@mutant(
    "card/transport-session-of-single-des",
    breaks="CARD-TRANSPORT-PURCHASE",
    because=Text("过程密钥误用单 DES", "the session key is made by single DES"),
)
class SessionSpoilt(CardBehaviour):
    """The session key of purchases is another one."""

    def transport_session(self, transaction: str, right: bytes) -> bytes:
        return right if transaction == LOAD else right[::-1]


@mutant(
    "card/transport-mac1-unchecked",
    breaks="CARD-TRANSPORT-PURCHASE-MAC",
    because=Text("调试时关闭了 MAC1 校验", "the check of MAC1 was left off after debugging"),
)
class Mac1Unchecked(CardBehaviour):
    """Any MAC1 pays."""

    def accepts_purse_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return transaction != LOAD or computed == given


@mutant(
    "card/transport-mac1-half-compared",
    breaks="CARD-TRANSPORT-PURCHASE-MAC",
    because=Text("只比较 MAC1 的后半", "only half of MAC1 is compared"),
)
class Mac1HalfCompared(CardBehaviour):
    """MAC1 with a wrong first byte pays."""

    def accepts_purse_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return computed[2:] == given[2:] if transaction != LOAD else computed == given


@mutant(
    "card/transport-second-try-of-mac1",
    breaks="CARD-TRANSPORT-PURCHASE-MAC",
    because=Text("MAC1 错误后交易未结束", "the transaction goes on after a wrong MAC1"),
)
class SecondTryOfMac1(CardBehaviour):
    """After a wrong MAC1 the right one still pays."""

    def transaction_after_refusal(self, transaction: str) -> str | None:
        return transaction if transaction in (PURCHASE, COMPOUND) else None


@mutant(
    "card/transport-mac2-unchecked",
    breaks="CARD-TRANSPORT-LOAD-MAC",
    because=Text("圈存未校验主机 MAC2", "the host's MAC2 is not judged"),
)
class Mac2Unchecked(CardBehaviour):
    """Anybody loads the purse."""

    def accepts_purse_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return transaction == LOAD or computed == given


@mutant(
    "card/transport-load-mac1-spoilt",
    breaks="CARD-TRANSPORT-LOAD-INITIALIZE",
    because=Text("MAC1 未计入终端编号", "MAC1 leaves out the terminal"),
)
class LoadMac1Spoilt(CardBehaviour):
    """MAC1 of a load is another one."""

    def initialised(self, transaction: str, right: bytes) -> bytes:
        return right[:-4] + right[:-5:-1] if transaction == LOAD else right


@mutant(
    "card/transport-tac-over-old-balance",
    breaks="CARD-TRANSPORT-LOAD",
    because=Text("TAC 取圈存前余额", "the TAC is made over the balance before loading"),
)
class TacOverOldBalance(CardBehaviour):
    """The TAC of a load is that of the old balance."""

    def tac_balance(self, before: int, after: int) -> int:
        return before


@mutant(
    "card/transport-load-twice",
    breaks="CARD-TRANSPORT-LOAD",
    because=Text("圈存金额重复累加", "the amount is added twice"),
)
class LoadTwice(CardBehaviour):
    """A load counts double."""

    def balance_after(self, transaction: str, before: int, amount: int, right: int) -> int:
        return right + amount if transaction == LOAD else right


@mutant(
    "card/transport-no-log",
    breaks="CARD-TRANSPORT-LOG",
    because=Text("复合消费未写明细", "compound purchases are not logged"),
)
class NoLog(CardBehaviour):
    """A compound purchase leaves no record."""

    def transaction_logged(self, transaction: str, record: bytes) -> bytes | None:
        return None if transaction == COMPOUND else record


@mutant(
    "card/transport-log-without-time",
    breaks="CARD-TRANSPORT-LOG",
    because=Text("明细时间未填写", "the time of the record is left empty"),
)
class LogWithoutTime(CardBehaviour):
    """Log records end in zeros."""

    def transaction_logged(self, transaction: str, record: bytes) -> bytes | None:
        return record[:-3] + bytes(3)


@mutant(
    "card/transport-proof-of-any",
    breaks="CARD-TRANSPORT-PROOF",
    because=Text("未比较交易序号", "the sequence number is not compared"),
)
class ProofOfAny(CardBehaviour):
    """The proof of the last transaction is given for any number."""

    def proof_matches(self, proof: bytes, wanted: bytes) -> bool:
        return proof[:1] == wanted[:1]


@mutant(
    "card/transport-proof-tac-first",
    breaks="CARD-TRANSPORT-PROOF",
    because=Text("认证应答次序颠倒", "MAC and TAC stand in the wrong order"),
)
class ProofTacFirst(CardBehaviour):
    """TAC and MAC are exchanged."""

    def proof_given(self, right: bytes) -> bytes:
        return right[4:] + right[:4]


@mutant(
    "card/transport-debit-after-load-initialisation",
    breaks="CARD-TRANSPORT-STATE",
    because=Text("状态机只记录“已初始化”", "the state says 'initialised' and not of what"),
)
class DebitOfAnything(CardBehaviour):
    """DEBIT and CREDIT take any initialised transaction, with the keys of their own kind of MAC."""

    def transaction_open(self, wanted: Sequence[str], transaction: str | None) -> str | None:
        return transaction

    def accepts_purse_mac(self, transaction: str, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/transport-transaction-survives-selection",
    breaks="CARD-TRANSPORT-STATE",
    because=Text("交易状态不随选择应用清除", "the state of the transaction is not cleared by SELECT"),
)
class SurvivesSelection(CardBehaviour):
    """After leaving the application and coming back the DEBIT still pays."""

    def transaction_after_selection(self, transaction: str | None) -> str | None:
        return transaction

    def ends_transaction(self, command: str, right: bool) -> bool:
        return False


@mutant(
    "card/transport-cache-written-at-once",
    breaks="CARD-TRANSPORT-COMPOUND-CACHE",
    because=Text("缓存命令直接写文件", "the cache command writes to the file"),
)
class CacheWrittenAtOnce(CardBehaviour):
    """File 1A changes before the DEBIT."""

    def cache_written_at_once(self) -> bool:
        return True


@mutant(
    "card/transport-cache-stays",
    breaks="CARD-TRANSPORT-COMPOUND-CACHE",
    because=Text("放弃的交易未清空缓存", "the cache of an abandoned transaction is not emptied"),
)
class CacheStays(CardBehaviour):
    """The next transaction writes what the last one had cached."""

    def caches_of_new_transaction(self, before: Sequence[bytes]) -> int:
        return len(before)


@mutant(
    "card/transport-cache-in-any-state",
    breaks="CARD-TRANSPORT-COMPOUND-CACHE",
    because=Text("缓存命令未检查交易类型", "the cache command does not ask for a compound purchase"),
)
class CacheInAnyState(CardBehaviour):
    """A simple purchase takes cached records."""

    def transaction_open(self, wanted: Sequence[str], transaction: str | None) -> str | None:
        return transaction if wanted == (COMPOUND,) else super().transaction_open(wanted, transaction)


@mutant(
    "card/transport-first-cache-only",
    breaks="CARD-TRANSPORT-COMPOUND",
    because=Text("只提交第一条缓存", "only the first cached record is committed"),
)
class FirstCacheOnly(CardBehaviour):
    """Of two cached records one is written."""

    def caches_committed(self, caches: Sequence[bytes]) -> int:
        return min(1, len(caches))


@mutant(
    "card/transport-first-record-always",
    breaks="CARD-TRANSPORT-COMPOUND",
    because=Text("未按复合标识查找记录", "the record is not looked for by its identifier"),
)
class FirstRecordAlways(CardBehaviour):
    """Cached records always go to the first record of file 1A."""

    def finds_cached_record(self, identifier: int, asked: int) -> bool:
        return True


@mutant(
    "card/transport-written-one-by-one",
    breaks="CARD-TRANSPORT-TEAR",
    because=Text("各数据逐项写入，无事务保护", "the values are written one by one, without a journal"),
)
class WrittenOneByOne(CardBehaviour):
    """A cut in the middle of DEBIT leaves the money paid and the record old."""

    def journals(self, writes: int) -> bool:
        return False
