"""Mistakes of CIPHER DATA and of the session key's life."""

from emulator.mutants.model import mutant
from emulator.psam.behaviour import PsamBehaviour
from emulator.psam.state import Session
from onecard.spec.text import Text


@mutant(
    "psam/folds-itself",
    breaks="PSAM-SM4-PROOF",
    because=Text("PSAM 自行异或两半", "the PSAM folds the block itself"),
    profiles=("psam-sm4",),
)
class FoldsItself(PsamBehaviour):
    """8 bytes come where the terminal expects 16."""

    def enciphered(self, key: bytes, data: bytes, right: bytes) -> bytes:
        if len(right) != 16 or len(key) != 16:
            return right
        return bytes(left ^ other for left, other in zip(right[:8], right[8:], strict=True))


@mutant(
    "psam/first-block-only",
    breaks="PSAM-CIPHER-BLOCKS",
    because=Text("只返回第一个分组", "only the first block is given"),
)
class FirstBlockOnly(PsamBehaviour):
    """What follows the first block is lost."""

    def enciphered(self, key: bytes, data: bytes, right: bytes) -> bytes:
        return right[: len(key)]


@mutant(
    "psam/mac-byte-order",
    breaks="PSAM-CIPHER-MAC",
    because=Text("鉴别码按小端字序输出", "the MAC is given out in little-endian order"),
)
class MacByteOrder(PsamBehaviour):
    """The MAC comes backwards."""

    def mac(self, key: bytes, data: bytes, right: bytes) -> bytes:
        return right[::-1]


@mutant(
    "psam/mac-with-any-key",
    breaks="PSAM-CIPHER-USAGE",
    because=Text("未检查密钥类型", "the type of the key is not checked"),
)
class MacWithAnyKey(PsamBehaviour):
    """An encipherment key makes MACs."""

    def allows(self, usage: int, does: str, right: bool) -> bool:
        return True


@mutant(
    "psam/pads-itself",
    breaks="PSAM-CIPHER-WHOLE",
    because=Text("不足一组时自行补零", "a part of a block is filled with zeros"),
)
class PadsItself(PsamBehaviour):
    """Data that are not whole blocks are taken."""

    def accepts_cipher_length(self, length: int, block: int, limit: int, right: bool) -> bool:
        return 0 < length <= limit


@mutant(
    "psam/no-limit",
    breaks="PSAM-CIPHER-LIMIT",
    because=Text("未限制数据长度", "the length of the data is not limited"),
)
class NoLimit(PsamBehaviour):
    """More than the longest data is taken."""

    def accepts_cipher_length(self, length: int, block: int, limit: int, right: bool) -> bool:
        return right or (length > limit and length % block == 0)


@mutant(
    "psam/key-of-zeros",
    breaks="PSAM-CIPHER-REQUIRED",
    because=Text("未检查是否已交付密钥", "nobody looks whether a key was delivered"),
)
class KeyOfZeros(PsamBehaviour):
    """A key of zeros is used."""

    def session_to_use(self, session: Session | None) -> Session | None:
        return session or Session(bytes(16), 0x48, 1)


@mutant(
    "psam/session-key-stays",
    breaks="PSAM-SESSION-ONCE",
    because=Text("计算后未清除过程密钥", "the session key is not cleared after use"),
)
class SessionKeyStays(PsamBehaviour):
    """One session key serves for ever."""

    def session_after_use(self, session: Session) -> Session | None:
        return session


@mutant(
    "psam/session-survives-reset",
    breaks="PSAM-SESSION-ENDS",
    because=Text("热复位未清除过程密钥", "a warm reset does not clear the session key"),
)
class SessionSurvivesReset(PsamBehaviour):
    """The session key outlives a warm reset."""

    def session_after_reset(self, before: Session | None) -> Session | None:
        return before


@mutant(
    "psam/session-survives-selection",
    breaks="PSAM-SESSION-ENDS",
    because=Text("选择其它 DF 未清除过程密钥", "selecting another DF does not clear the session key"),
)
class SessionSurvivesSelection(PsamBehaviour):
    """The session key outlives a selection."""

    def session_after_select(self, session: Session | None, same: bool) -> Session | None:
        return session


@mutant(
    "psam/session-survives-failure",
    breaks="PSAM-SESSION-ENDS",
    because=Text("交付失败后仍用旧密钥", "after a failed delivery the older key is used on"),
)
class SessionSurvivesFailure(PsamBehaviour):
    """The session key outlives a failed delivery."""

    def session_after_failed_delivery(self, before: Session | None) -> Session | None:
        return before
