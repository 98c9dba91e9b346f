"""Mistakes in loading the medical purse: keys, random values, MAC, TAC, balance and counter."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from emulator.card.behaviour import CardBehaviour
from emulator.crypto import xor
from emulator.mutants.model import mutant
from onecard.spec.card_purse import LOAD
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
