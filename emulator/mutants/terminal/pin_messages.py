"""Mistakes with the secured commands that reload and unblock a PIN."""

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.text import Text


@mutant(
    "terminal/unblock-key-not-proved",
    breaks="TERMINAL-UNBLOCK-PIN",
    because=Text("未先以 PUK 完成外部认证", "PUK is not authenticated first"),
)
class UnblockKeyNotProved(TerminalBehaviour):
    """The MAC alone should do."""

    def proves_unblock_key(self) -> bool:
        return False


@mutant(
    "terminal/message-of-constant-challenge",
    breaks="TERMINAL-RELOAD-PIN",
    because=Text("过程密钥以全零随机数产生", "the session key is made of zeros"),
)
class MessageOfConstantChallenge(TerminalBehaviour):
    """The card's challenge is not used."""

    def message_challenge(self, fresh: bytes) -> bytes:
        return bytes(len(fresh))


@mutant(
    "terminal/reload-without-length",
    breaks="TERMINAL-RELOAD-PIN",
    because=Text("加密数据缺少长度字节", "the length does not stand before the PIN"),
)
class ReloadWithoutLength(TerminalBehaviour):
    """PIN and padding alone are enciphered."""

    def reload_block(self, pin: bytes, right: bytes) -> bytes:
        return (pin + b"\x80").ljust(len(right), b"\x00")


@mutant(
    "terminal/reload-filled-with-zeros",
    breaks="TERMINAL-RELOAD-PIN",
    because=Text("以 00 补足，没有 80", "the block is filled with 00, without 80"),
)
class ReloadFilledWithZeros(TerminalBehaviour):
    """The marker of the padding is missing."""

    def reload_block(self, pin: bytes, right: bytes) -> bytes:
        return right[: 1 + len(pin)].ljust(len(right), b"\x00")


@mutant(
    "terminal/mac-without-marker",
    breaks="TERMINAL-UNBLOCK-PIN",
    because=Text("MAC 数据以 00 补足", "the data of the MAC are filled with 00"),
)
class MacWithoutMarker(TerminalBehaviour):
    """80 is missing behind the header."""

    def message_mac_input(self, right: bytes) -> bytes:
        at = right.rindex(b"\x80")
        return right[:at] + b"\x00" + right[at + 1 :]


@mutant(
    "terminal/unblock-reloads",
    breaks="TERMINAL-UNBLOCK-PIN",
    because=Text("解锁误用 P2=01", "P2 01 is sent to unblock"),
)
class UnblockReloads(TerminalBehaviour):
    """P2 of a reload, without a PIN."""

    def unblocks_by(self, right: int) -> int:
        return right ^ 0x01


@mutant(
    "terminal/pin-of-another-card",
    breaks="TERMINAL-PIN-CARD-INFO",
    because=Text("重置与解锁不比较 pCardInfo", "reload and unblock do not compare pCardInfo"),
)
class PinOfAnotherCard(TerminalBehaviour):
    """Whatever card lies there is served."""

    def belongs_to_card(self, function: str, right: bool) -> bool:
        return True


@mutant(
    "terminal/unblocks-another-card",
    breaks="TERMINAL-PIN-CARD-INFO",
    because=Text("只有重置比较 pCardInfo", "pCardInfo is compared for a reload alone"),
)
class UnblocksAnotherCard(TerminalBehaviour):
    """Whatever card lies there is unblocked."""

    def belongs_to_card(self, function: str, right: bool) -> bool:
        return right or function == "UNBLOCK-PIN"


@mutant(
    "terminal/message-without-key",
    breaks="TERMINAL-PIN-SAM-KEYS",
    because=Text("PSAM 卡拒绝后仍发送命令", "the command is sent although the PSAM refused"),
)
class MessageWithoutKey(TerminalBehaviour):
    """Zeros stand for what the PSAM did not compute."""

    def sends_without_mac(self) -> bool:
        return True


@mutant(
    "terminal/unblock-not-sent",
    breaks="TERMINAL-UNBLOCK-RESTORES",
    because=Text("返回成功而未发送解锁命令", "success is returned and nothing was sent"),
)
class UnblockNotSent(TerminalBehaviour):
    """The PIN stays locked."""

    def sends_unblock(self) -> bool:
        return False


@mutant(
    "terminal/refused-message-not-noticed",
    breaks="TERMINAL-PIN-REFUSED",
    because=Text("未检查重置或解锁命令的应答", "the answer to the command that resets or unblocks is not looked at"),
)
class RefusedMessageNotNoticed(TerminalBehaviour):
    """A PIN that the card did not take is told as set."""

    def looks_at_message_answer(self) -> bool:
        return False
