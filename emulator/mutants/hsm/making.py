"""Mistakes of secured commands (service 03) and of purchases (service 04)."""

from collections.abc import Mapping

from emulator.hsm.behaviour import HsmBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "hsm/message-without-mac",
    breaks="HSM-PIN-RELOAD",
    because=Text("应答缺少 MAC", "the answer lacks the MAC"),
)
class MessageWithoutMac(HsmBehaviour):
    """Only header and enciphered data are answered."""

    def message(self, header: bytes, enciphered: bytes, mac: bytes) -> bytes:
        return header + (enciphered or mac)


@mutant(
    "hsm/message-mac-without-header",
    breaks="HSM-PIN-RELOAD",
    because=Text("MAC 只覆盖密文", "the MAC covers the enciphered data only"),
)
class MessageMacWithoutHeader(HsmBehaviour):
    """The header is left out of what the MAC covers, where there are data."""

    def covered(self, header: bytes, enciphered: bytes) -> bytes:
        return enciphered or header


@mutant(
    "hsm/message-mac-over-length-of-data",
    breaks="HSM-PIN-RELOAD",
    because=Text("MAC 中的 Lc 未计入 MAC 长度", "Lc under the MAC does not count the MAC"),
)
class MessageMacOverLengthOfData(HsmBehaviour):
    """The length under the MAC is that of the enciphered data."""

    def covered(self, header: bytes, enciphered: bytes) -> bytes:
        return header[:-1] + bytes((len(enciphered),)) + enciphered if enciphered else header


@mutant(
    "hsm/pin-not-enciphered",
    breaks="HSM-PIN-RELOAD",
    because=Text("新 PIN 以明文放入报文", "the new PIN stands in the command as it is"),
)
class PinNotEnciphered(HsmBehaviour):
    """Length, PIN and padding are not enciphered."""

    def enciphered(self, plain: bytes, right: bytes) -> bytes:
        return (bytes((len(plain),)) + plain + b"\x80").ljust(len(right), b"\x00")[: len(right)]


@mutant(
    "hsm/pin-filled",
    breaks="HSM-PIN-RELOAD",
    because=Text("PIN 先补 F 到 8 字节再加密", "the PIN is filled with F to eight bytes before it is enciphered"),
)
class PinFilled(HsmBehaviour):
    """The PIN becomes a fixed block."""

    def plain(self, right: bytes) -> bytes:
        return right.ljust(7, b"\xff")


@mutant(
    "hsm/message-under-unblock-key",
    breaks="HSM-PIN-RELOAD",
    because=Text("安全报文误用 PUK", "secured commands are made with PUK"),
)
class MessageUnderUnblockKey(HsmBehaviour):
    """PUK where STK is right."""

    def key_of_part(self, part: str, right: str) -> str:
        return "PUK" if part == "HSM/SERVICE-03/MESSAGE" else right


@mutant(
    "hsm/unblock-enciphers-nothing",
    breaks="HSM-PIN-UNBLOCK",
    because=Text("解锁时仍加密空明文", "an unblocking has an enciphered empty plain text"),
)
class UnblockEnciphersNothing(HsmBehaviour):
    """Without a plain text a block of padding is sent."""

    def enciphered(self, plain: bytes, right: bytes) -> bytes:
        return right if plain else b"\x00\x80" + bytes(6)


@mutant(
    "hsm/unblock-mac-over-nothing",
    breaks="HSM-PIN-UNBLOCK",
    because=Text("解锁的 MAC 未含 Lc", "the MAC of an unblocking lacks Lc"),
)
class UnblockMacOverNothing(HsmBehaviour):
    """Four bytes of header are under the MAC where there are no data."""

    def covered(self, header: bytes, enciphered: bytes) -> bytes:
        return header + enciphered if enciphered else header[:-1]


@mutant(
    "hsm/any-header",
    breaks="HSM-MESSAGE-HEADER",
    because=Text("对任意命令头计算 MAC", "a MAC is made for any header"),
)
class AnyHeader(HsmBehaviour):
    """Whoever may reload a PIN may block cards."""

    def accepts_header(self, header: bytes, right: bool) -> bool:
        return True


@mutant(
    "hsm/header-by-instruction",
    breaks="HSM-MESSAGE-HEADER",
    because=Text("只核对命令头的 CLA 与 INS", "only CLA and INS of the header are checked"),
)
class HeaderByInstruction(HsmBehaviour):
    """Any header of the command that reloads and unblocks is taken."""

    def accepts_header(self, header: bytes, right: bool) -> bool:
        return right or header[:2] == b"\x84\x24"


@mutant(
    "hsm/keys-of-any-use",
    breaks="HSM-KEY-USE",
    because=Text("密钥未按用途区分", "keys are not kept apart by their use"),
)
class KeysOfAnyUse(HsmBehaviour):
    """Any address serves any service."""

    def key_serves(self, use: str, right: bool) -> bool:
        return True


@mutant(
    "hsm/message-key-authenticates",
    breaks="HSM-KEY-USE",
    because=Text("服务 02 接受任意地址", "service 02 takes every address"),
)
class MessageKeyAuthenticates(HsmBehaviour):
    """Authentication data are given under keys of messages and purchases."""

    def key_serves(self, use: str, right: bool) -> bool:
        return right or use == "authentication"


@mutant(
    "hsm/session-by-terminal-number",
    breaks="HSM-PURCHASE",
    because=Text("过程密钥取终端机编号末两字节", "the session key ends in the last bytes of the terminal number"),
)
class SessionByTerminalNumber(HsmBehaviour):
    """The terminal number where the sequence is right."""

    def inputs(self, gives: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return right[:-2] + fields["terminal"][-2:] if gives == "session" else right


@mutant(
    "hsm/mac1-without-type",
    breaks="HSM-PURCHASE",
    because=Text("MAC1 缺少交易类型", "MAC1 lacks the type of the transaction"),
)
class Mac1WithoutType(HsmBehaviour):
    """The type is left out."""

    def inputs(self, gives: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return right[:12] + right[13:] if gives == "mac1" else right


@mutant(
    "hsm/mac2-is-mac1",
    breaks="HSM-PURCHASE",
    because=Text("MAC2 与 MAC1 输入相同", "MAC2 is computed from MAC1's inputs"),
)
class Mac2IsMac1(HsmBehaviour):
    """MAC2 covers the terminal, too."""

    def inputs(self, gives: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return right + fields["type"] + fields["terminal"] + fields["time"] if gives == "mac2" else right


@mutant(
    "hsm/mac-without-session-key",
    breaks="HSM-PURCHASE",
    because=Text("直接以 DPK 计算 MAC", "the MACs are computed under DPK's left half or DPK itself"),
)
class MacWithoutSessionKey(HsmBehaviour):
    """No session key is made."""

    def mac_key(self, gives: str, card_key: bytes, session: bytes) -> bytes:
        return card_key[: len(session)]


@mutant(
    "hsm/sequence-counted",
    breaks="HSM-PURCHASE",
    because=Text("应答中的终端交易序号加一", "the terminal sequence is counted on in the answer"),
)
class SequenceCounted(HsmBehaviour):
    """The answer holds the next sequence."""

    def echo(self, part: str, right: str) -> str:
        return f"{(int(right, 16) + 1) & 0xFFFFFFFF:08X}" if part == "HSM/SERVICE-04/SAME-SERIAL" else right


@mutant(
    "hsm/tac-under-purchase-key",
    breaks="HSM-PURCHASE-TAC",
    because=Text("TAC 误用 DPK", "the TAC is computed under DPK"),
)
class TacUnderPurchaseKey(HsmBehaviour):
    """DPK where DTK is right."""

    def key_of_part(self, part: str, right: str) -> str:
        return "DPK" if part == "HSM/SERVICE-04/TAC" else right


@mutant(
    "hsm/tac-over-short-sequence",
    breaks="HSM-PURCHASE-TAC",
    because=Text("TAC 只含终端交易序号末两字节", "the TAC covers the last two bytes of the terminal sequence"),
)
class TacOverShortSequence(HsmBehaviour):
    """The sequence is cut as in the session key."""

    def inputs(self, gives: str, fields: Mapping[str, bytes], right: bytes) -> bytes:
        return right[:-11] + right[-9:] if gives == "tac" else right


@mutant(
    "hsm/amounts-exchanged",
    breaks="HSM-PURCHASE-AMOUNTS",
    because=Text("自付与统筹颠倒", "own and pooled payment are exchanged"),
)
class AmountsExchanged(HsmBehaviour):
    """The pooled payment stands first."""

    def amounts(self, right: Mapping[str, bytes]) -> Mapping[str, bytes]:
        return {**right, "self-paid": right["pooled"], "pooled": right["self-paid"]}


@mutant(
    "hsm/amounts-from-the-left",
    breaks="HSM-PURCHASE-AMOUNTS",
    because=Text("两项金额按账户、自付读取", "two amounts are read as account and own payment"),
)
class AmountsFromTheLeft(HsmBehaviour):
    """What is missing is the last amount in place of the first."""

    def amounts(self, right: Mapping[str, bytes]) -> Mapping[str, bytes]:
        if any(right["account"]):
            return right
        return {"account": right["self-paid"], "self-paid": right["pooled"], "pooled": bytes(4)}
