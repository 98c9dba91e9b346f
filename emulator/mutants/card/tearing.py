"""Mistakes of anti-tear: what a cut supply leaves half done."""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from emulator.card.behaviour import PIN, CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text

W = TypeVar("W")


class _Unprotected(CardBehaviour):
    def journals(self, writes: int) -> bool:
        return False


@mutant(
    "card/tear-load-without-journal",
    breaks="CARD-TEAR-LOAD",
    because=Text(
        "交易数据逐项写入，无备份区", "the data of a transaction are written one by one, without a backup area"
    ),
)
class TearLoadWithoutJournal(_Unprotected):
    """A cut within a load leaves balance, log and counter of different times."""


@mutant(
    "card/tear-purchase-without-journal",
    breaks="CARD-TEAR-PURCHASE",
    because=Text(
        "交易数据逐项写入，无备份区", "the data of a transaction are written one by one, without a backup area"
    ),
)
class TearPurchaseWithoutJournal(_Unprotected):
    """A cut within a purchase leaves balance, log and counter of different times."""


@mutant(
    "card/tear-journal-not-recovered",
    breaks="CARD-TEAR-LOAD",
    because=Text("上电时不检查备份区", "the backup area is not looked at when the supply comes back"),
)
class TearJournalNotRecovered(CardBehaviour):
    """A journal found at power-on is thrown away, whole or not."""

    def recovers(self, *, whole: bool) -> bool:
        return False


@mutant(
    "card/tear-unfinished-journal-recovered",
    breaks="CARD-TEAR-PURCHASE",
    because=Text("备份区没有完整标志", "the backup area has no mark that says it is whole"),
)
class TearUnfinishedJournalRecovered(CardBehaviour):
    """A journal found at power-on is carried out, whole or not."""

    def recovers(self, *, whole: bool) -> bool:
        return True


@mutant(
    "card/tear-log-outside",
    breaks="CARD-TEAR-LOAD",
    because=Text("交易明细在备份区之外写入", "the log is written outside the backup area"),
)
class TearLogOutside(CardBehaviour):
    """The log is a change of its own, made last."""

    def purse_writes(self, writes: Sequence[W]) -> Iterable[Sequence[W]]:
        return [*writes[:1], *writes[2:]], writes[1:2]


@mutant(
    "card/tear-counter-first",
    breaks="CARD-TEAR-PURCHASE",
    because=Text("计数器先于其它数据单独写入", "the counter is written first, by itself"),
)
class TearCounterFirst(CardBehaviour):
    """The counter is a change of its own, made first."""

    def purse_writes(self, writes: Sequence[W]) -> Iterable[Sequence[W]]:
        return writes[-1:], writes[:-1]


class _ByPages(_Unprotected):
    def pages(self, old: Any, new: Any) -> Sequence[Any]:
        if not isinstance(old, bytes) or not isinstance(new, bytes):
            return (new,)
        return new[:-1] + old[len(new) - 1 :], new


@mutant(
    "card/tear-update-by-pages",
    breaks="CARD-TEAR-UPDATE",
    because=Text("记录跨页写入而无保护", "a record across two pages is written without protection"),
)
class TearUpdateByPages(_ByPages):
    """A cut within UPDATE RECORD leaves a part of the new record."""


@mutant(
    "card/tear-binary-by-pages",
    breaks="CARD-TEAR-BINARY",
    because=Text("透明文件按页写入而无保护", "a transparent file is written page by page without protection"),
    profiles=("card-2.0", "card-3.0"),
)
class TearBinaryByPages(_ByPages):
    """A cut within UPDATE BINARY leaves a part of the new bytes."""


@mutant(
    "card/tear-pin-by-bytes",
    breaks="CARD-TEAR-PIN",
    because=Text("密码逐字节写入", "the PIN is written byte by byte"),
)
class TearPinByBytes(_ByPages):
    """A cut within CHANGE PIN leaves a PIN that is neither the old one nor the new one."""


@mutant(
    "card/tear-starting-day-by-bytes",
    breaks="CARD-TEAR-STARTING-DAY",
    because=Text("起始日逐字节写入", "the starting day is written byte by byte"),
)
class TearStartingDayByBytes(_ByPages):
    """A cut within UPDATE STARTING DAY leaves the month of one day and the day of another."""


@mutant(
    "card/tear-pin-compared-before-counting",
    breaks="CARD-TEAR-TRIES",
    because=Text("先比较密码，错误时才减次数", "the PIN is compared first and the counter taken down on failure only"),
)
class PinComparedBeforeCounting(CardBehaviour):
    """Whoever cuts the supply in time has as many tries as he likes."""

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return tries if name == PIN else super().tries_before_comparison(name, tries)

    def tries_after_failure(self, name: str, tries: int) -> int:
        return max(tries - 1, 0) if name == PIN else super().tries_after_failure(name, tries)
