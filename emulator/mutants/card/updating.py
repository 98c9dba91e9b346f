"""Mistakes of UPDATE RECORD."""

from collections.abc import Sequence

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import FileSpec, Mode
from onecard.spec.text import Text


@mutant(
    "card/update-free",
    breaks="CARD-UPDATE-REFUSED",
    because=Text("个人化后未切换更新权限", "the rule of the personalisation phase stayed in force"),
)
class UpdateFree(CardBehaviour):
    """Records are updated without authentication."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return True


@mutant(
    "card/update-written-though-refused",
    breaks="CARD-UPDATE-REFUSED",
    because=Text("先写入后检查权限", "the record is written before the access rule is checked"),
)
class UpdateWrittenThoughRefused(CardBehaviour):
    """6982 is answered and the record has changed."""

    def record_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        return new if condition == "security" else old


@mutant(
    "card/update-after-reading-key",
    breaks="CARD-UPDATE-REFUSED",
    because=Text("安全状态只有一位，不区分密钥", "the security state is one bit and knows no keys"),
    profiles=("card-3.0",),
)
class UpdateAfterReadingKey(CardBehaviour):
    """Any authenticated key opens for writing."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return bool(state.keys)


@mutant(
    "card/update-after-pin",
    breaks="CARD-UPDATE-REFUSED",
    because=Text("更新权限误设为“密码或密钥”", "the update rule was set to 'PIN or key'"),
)
class UpdateAfterPin(CardBehaviour):
    """The PIN opens for writing."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return super().may_update(file, state) or state.pin


@mutant(
    "card/update-always-refused",
    breaks="CARD-UPDATE-RECORD",
    because=Text("文件在发卡后被误锁定", "the files were locked at issue by mistake"),
)
class UpdateAlwaysRefused(CardBehaviour):
    """UKSSSE does not open for writing."""

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        return False


@mutant(
    "card/update-not-written",
    breaks="CARD-UPDATE-RECORD",
    because=Text("写入缓存但未提交到非易失存储", "the write stays in a cache and never reaches the memory"),
)
class UpdateNotWritten(CardBehaviour):
    """9000 is answered and the record is the old one."""

    def record_stored(self, old: bytes | None, new: bytes) -> bytes:
        return new if old is None else old


@mutant(
    "card/update-half-written",
    breaks="CARD-UPDATE-RECORD",
    because=Text("按页写入时遗漏末字节", "the last byte is lost where the memory is written by pages"),
)
class UpdateHalfWritten(CardBehaviour):
    """The last byte of the record stays the old one."""

    def record_stored(self, old: bytes | None, new: bytes) -> bytes:
        return new if old is None else new[:-1] + old[-1:]


@mutant(
    "card/update-by-identifier-hits-first",
    breaks="CARD-UPDATE-RECORD",
    because=Text("按标识更新时总写第一条记录", "an update by identifier always writes the first record"),
)
class UpdateByIdentifierHitsFirst(CardBehaviour):
    """UPDATE RECORD by identifier finds record 1; reading is right."""

    def locate_record(self, identifiers: Sequence[int], mode: Mode, p1: int, pointer: int | None) -> int | None:
        found = super().locate_record(identifiers, mode, p1, pointer)
        return 0 if found is not None and mode.id.startswith("UPDATE-RECORD/") and mode.by == "identifier" else found


@mutant(
    "card/update-tlv-unchecked",
    breaks="CARD-UPDATE-TLV",
    because=Text("不检查记录内部的 TLV", "the TLV within the record is not looked at"),
)
class UpdateTlvUnchecked(CardBehaviour):
    """Whatever fits is written."""

    def tlv_agrees(self, record: bytes) -> bool:
        return True

    def has_room(self, used: int, capacity: int) -> bool:
        return True


@mutant(
    "card/update-shorter-tlv-accepted",
    breaks="CARD-UPDATE-TLV",
    because=Text("只拒绝超出数据域的 TLV", "only a TLV that goes beyond the data is refused"),
)
class UpdateShorterTlvAccepted(CardBehaviour):
    """A TLV shorter than the data is written."""

    def tlv_agrees(self, record: bytes) -> bool:
        return len(record) >= 2 and record[1] + 2 <= len(record)

    def has_room(self, used: int, capacity: int) -> bool:
        return True


@mutant(
    "card/update-tlv-written-though-refused",
    breaks="CARD-UPDATE-TLV",
    because=Text("写入后才比较长度", "the lengths are compared after the record was written"),
)
class UpdateTlvWrittenThoughRefused(CardBehaviour):
    """6A85 is answered and the record has changed."""

    def record_after_refusal(self, condition: str, old: bytes, new: bytes) -> bytes:
        return new.ljust(2, b"\x00") if condition == "tlv" else old


@mutant(
    "card/undefined-update-mode-taken",
    breaks="CARD-UPDATE-PARAMETERS",
    because=Text("分支缺省即按记录号更新", "the default branch updates by number"),
)
class UndefinedUpdateModeTaken(CardBehaviour):
    """Modes 5 to 7 of UPDATE RECORD update by number."""

    def undefined_mode(self, mode: int, modes: Sequence[Mode]) -> Mode | None:
        return next((found for found in modes if found.id == "UPDATE-RECORD/MODE-4"), None)
