"""Mistakes about forms of command that the rules do not use."""

from emulator.card.behaviour import CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "card/channel-ignored",
    breaks="CARD-CHANNEL",
    because=Text("CLA 的低两位未参与判断", "the low bits of CLA are not looked at"),
)
class ChannelIgnored(CardBehaviour):
    """A command on another logical channel is carried out on the basic one."""

    def accepts_class(self, cla: int) -> bool:
        return cla in (0x01, 0x02, 0x03)


@mutant(
    "card/channel-status-6881",
    breaks="CARD-CHANNEL",
    because=Text("按 ISO/IEC 7816-4 的另一状态字实现", "another status word of ISO/IEC 7816-4 was chosen"),
)
class ChannelStatus(CardBehaviour):
    """Another logical channel is answered 6881."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return b"\x68\x81" if command[:1] in (b"\x01", b"\x02", b"\x03") else right


@mutant(
    "card/chaining-ignored",
    breaks="CARD-CHAINING",
    because=Text("CLA 的第 5 位未参与判断", "bit 5 of CLA is not looked at"),
)
class ChainingIgnored(CardBehaviour):
    """A part of a chain is carried out as a whole command."""

    def accepts_class(self, cla: int) -> bool:
        return cla == 0x10


@mutant(
    "card/chaining-acknowledged",
    breaks="CARD-CHAINING",
    because=Text("链中命令先应答 9000 再拼接", "a part of a chain is acknowledged and kept"),
)
class ChainingAcknowledged(CardBehaviour):
    """A part of a chain is answered 9000."""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        return b"\x90\x00" if command[:1] == b"\x10" else right


@mutant(
    "card/extended-length-accepted",
    breaks="CARD-EXTENDED-LENGTH",
    because=Text("沿用支持扩展长度的平台代码", "the code is that of a platform with extended lengths"),
)
class ExtendedLengthAccepted(CardBehaviour):
    """A three-byte length is taken as the short one that it means."""

    def mend(self, command: str, apdu: bytes) -> bytes | None:
        return apdu[:4] + apdu[6:] if apdu[4:5] == b"\x00" and len(apdu) > 6 else None


@mutant(
    "card/extended-length-cut",
    breaks="CARD-EXTENDED-LENGTH",
    because=Text("多余字节被忽略", "bytes behind the short form are ignored"),
)
class ExtendedLengthCut(CardBehaviour):
    """The bytes behind the first length byte are ignored."""

    def mend(self, command: str, apdu: bytes) -> bytes | None:
        return apdu[:5] if command in ("READ-RECORD", "GET-CHALLENGE") else None
