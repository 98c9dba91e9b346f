"""Mistakes of INIT SAM FOR PURCHASE: its key, its MAC1, what it refuses; and of level files and key files."""

from collections.abc import Mapping

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from onecard.spec.text import Text

_INIT = "PSAM/INIT-PURCHASE"
_LEVEL_FILES = frozenset(("PSAM/EF001A", "PSAM/EF001B", "PSAM/EF001C"))
_TYPE, _TERMINAL, _TIME = 12, 13, 19
"""Where these stand in the input of MAC1."""


@mutant(
    "psam/one-level-file",
    breaks="PSAM-FILE-LEVELS",
    because=Text("只建了所用级别的文件", "only the file of the level in use was created"),
)
class OneLevelFile(PsamBehaviour):
    """Files 001A and 001B are not there."""

    def file_found(self, file: str, here: bool) -> bool:
        return here and file not in ("PSAM/EF001A", "PSAM/EF001B")


@mutant(
    "psam/level-file-short-dates",
    breaks="PSAM-FILE-LEVELS",
    because=Text("日期以三字节 YYMMDD 写入", "the days were written as yymmdd, three bytes each"),
)
class ShortDates(PsamBehaviour):
    """The files of the levels have eight bytes."""

    def content(self, file: str, right: bytes) -> bytes:
        return right[:2] + right[3:6] + right[7:] if file in _LEVEL_FILES else right


@mutant(
    "psam/level-file-open",
    breaks="PSAM-LEVEL-UPDATE",
    because=Text("级别信息文件建成了可自由修改", "the files of the levels were created as free for update"),
)
class LevelFileOpen(PsamBehaviour):
    """Files of the levels are updated without a key."""

    def may_update(self, file: str, right: bool) -> bool:
        return right or file in _LEVEL_FILES


@mutant(
    "psam/level-index-from-zero",
    breaks="PSAM-LEVEL-DATA",
    because=Text("密钥索引从 00 起编号", "the index of the key is counted from 00"),
)
class IndexFromZero(PsamBehaviour):
    """The index of the purchase key is 00."""

    def content(self, file: str, right: bytes) -> bytes:
        return b"\x00" + right[1:] if file in _LEVEL_FILES else right


@mutant(
    "psam/level-days-binary",
    breaks="PSAM-LEVEL-DAYS",
    because=Text("日期以二进制整数写入", "the days were written as binary numbers"),
)
class DaysBinary(PsamBehaviour):
    """First and last day are binary numbers."""

    def content(self, file: str, right: bytes) -> bytes:
        if file not in _LEVEL_FILES:
            return right
        days = (int(right[at : at + 4].hex()).to_bytes(4, "big") for at in (2, 6))
        return right[:2] + b"".join(days)


@mutant(
    "psam/level-days-exchanged",
    breaks="PSAM-LEVEL-DAYS",
    because=Text("启用与截止日期颠倒", "first and last day were exchanged"),
)
class DaysExchanged(PsamBehaviour):
    """The last day stands before the first."""

    def content(self, file: str, right: bytes) -> bytes:
        return right[:2] + right[6:10] + right[2:6] if file in _LEVEL_FILES else right


@mutant(
    "psam/key-file-readable",
    breaks="PSAM-KEY-FILES-CLOSED",
    because=Text("密钥文件建成了可读的透明文件", "the key files were created as transparent files that can be read"),
)
class KeyFileReadable(PsamBehaviour):
    """READ BINARY gives what lies in a key file."""

    def closed_content(self, file: str) -> bytes | None:
        return bytes.fromhex("22010000000000000123456789ABCDEFFEDCBA9876543210")


@mutant(
    "psam/purchase-mac1-without-terminal",
    breaks="PSAM-PURCHASE-INIT",
    because=Text("MAC1 漏了终端机编号", "the terminal number was left out of MAC1"),
)
class Mac1WithoutTerminal(PsamBehaviour):
    """MAC1 does not cover the terminal number."""

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        return right[:_TERMINAL] + right[_TIME:] if gives == "mac1" else right


@mutant(
    "psam/purchase-type-binary",
    breaks="PSAM-PURCHASE-INIT",
    because=Text("交易类型以二进制 02 代替字符 32", "the type goes in as binary 02 in place of the digit 32"),
)
class TypeBinary(PsamBehaviour):
    """MAC1 covers 02 for the type."""

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        return right[:_TYPE] + bytes((right[_TYPE] & 0x0F,)) + right[_TERMINAL:] if gives == "mac1" else right


@mutant(
    "psam/purchase-session-left-bytes",
    breaks="PSAM-PURCHASE-INIT",
    because=Text(
        "过程密钥未取终端交易序号的最后两字节", "the session key is made without the end of the terminal sequence"
    ),
)
class SessionWithoutSequence(PsamBehaviour):
    """Zeros stand for the last two bytes of the terminal sequence."""

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        return right[:-2] + bytes(2) if gives == "session" else right


@mutant(
    "psam/purchase-session-padded",
    breaks="PSAM-PURCHASE-SM4",
    because=Text("SM4 下过程因子以 80 填充", "with SM4 the session factor is filled with 80 00 and not with 00"),
    profiles=("psam-sm4",),
)
class SessionPadded(PsamBehaviour):
    """The 8 bytes of the session factor are filled with 80 00 ... to 16."""

    def purchase_inputs(self, gives: str, block: int, right: bytes) -> bytes:
        return right + b"\x80" if (gives, block) == ("session", 16) else right


@mutant(
    "psam/purchase-first-version-only",
    breaks="PSAM-PURCHASE-VERSIONS",
    because=Text("未使用命令中的密钥版本", "the version in the command is not used"),
)
class FirstVersion(PsamBehaviour):
    """Every known version means 01."""

    def purchase_key_found(self, version: int, in_application: bool, roots: Mapping[int, bytes]) -> bytes | None:
        return roots.get(1) if in_application and version in roots else None


@mutant(
    "psam/purchase-default-version",
    breaks="PSAM-PURCHASE-VERSION-UNKNOWN",
    because=Text("未知版本取缺省版本", "a version that is not known means the default one"),
)
class DefaultVersion(PsamBehaviour):
    """An unknown version is taken for 01."""

    def purchase_key_found(self, version: int, in_application: bool, roots: Mapping[int, bytes]) -> bytes | None:
        return roots.get(version, roots.get(1)) if in_application else None


@mutant(
    "psam/purchase-key-word-of-card",
    breaks="PSAM-PURCHASE-VERSION-UNKNOWN",
    because=Text("沿用卡片的 9403", "the card's word 9403 was taken over"),
)
class CardsWordForKey(PsamBehaviour):
    """9403 for an unknown version."""

    def status(self, command: str, condition: str, right: int) -> int:
        return 0x9403 if (command, condition) == (_INIT, "key") else right


@mutant(
    "psam/purchase-levels-unchecked",
    breaks="PSAM-PURCHASE-LEVELS",
    because=Text("未核对因子个数", "the factors are not counted"),
)
class PurchaseLevelsUnchecked(PsamBehaviour):
    """Any number of factors is applied."""

    def accepts_purchase_levels(self, given: int, expected: int) -> bool:
        return True


@mutant(
    "psam/purchase-undiversified",
    breaks="PSAM-PURCHASE-LEVELS",
    because=Text("没有因子时直接使用根密钥", "without factors the root key itself is used"),
)
class Undiversified(PsamBehaviour):
    """No factor is taken as well."""

    def accepts_purchase_levels(self, given: int, expected: int) -> bool:
        return given in (0, expected)


@mutant(
    "psam/purchase-algorithm-unchecked",
    breaks="PSAM-PURCHASE-ALGORITHM",
    because=Text("未检查算法标识", "the algorithm identifier is not looked at"),
)
class IdentifierUnchecked(PsamBehaviour):
    """Any identifier is taken."""

    def accepts_identifier(self, given: int, expected: int) -> bool:
        return True


@mutant(
    "psam/purchase-length-unchecked",
    breaks="PSAM-PURCHASE-LENGTH",
    because=Text("多余的字节被忽略", "bytes too many are ignored"),
)
class PurchaseLengthUnchecked(PsamBehaviour):
    """Data that are no whole factors are taken."""

    def accepts_purchase_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == _INIT and length > 28)


@mutant(
    "psam/purchase-parameters-unchecked",
    breaks="PSAM-PURCHASE-PARAMETERS",
    because=Text("未检查 P1、P2", "P1 and P2 are not checked"),
)
class PurchaseParametersUnchecked(PsamBehaviour):
    """INIT SAM FOR PURCHASE takes any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == _INIT


@mutant(
    "psam/purchase-everywhere",
    breaks="PSAM-PURCHASE-APPLICATION",
    because=Text("消费密钥在全卡可用", "the purchase key serves in the whole PSAM"),
)
class PurchaseEverywhere(PsamBehaviour):
    """A purchase is initialised outside the application."""

    def purchase_key_found(self, version: int, in_application: bool, roots: Mapping[int, bytes]) -> bytes | None:
        return roots.get(version)


@mutant(
    "psam/purchase-key-delivered",
    breaks="PSAM-PURCHASE-KEY-ALONE",
    because=Text(
        "消费密钥与其它密钥同样处理，未看类型", "the purchase key is treated as any other, its type is not looked at"
    ),
)
class PurchaseKeyDelivered(PsamBehaviour):
    """DELIVERY SESSION KEY and CIPHER DATA take the purchase key."""

    def delivers_purchase_key(self, usage: int) -> bool:
        return usage & 0x1F == 2

    def allows(self, usage: int, does: str, right: bool) -> bool:
        return right or usage & 0x1F == 2
