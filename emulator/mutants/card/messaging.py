"""Mistakes of secure messaging."""

from dataclasses import replace

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import data_mutant, mutant
from onecard.spec.card import CardSpec, FileSpec
from onecard.spec.card_messaging import ENCIPHERMENT, MAC
from onecard.spec.text import Text

UPDATES = ("SECURE-UPDATE-RECORD", "SECURE-UPDATE-BINARY")
MESSAGING = "messaging"


def otherwise(spec: CardSpec, rule: str, name: str, value: object) -> CardSpec:
    """The data with another value in one rule of secure messaging."""
    rules = spec.table(MESSAGING)
    return replace(spec, tables={**spec.tables, MESSAGING: {**rules, rule: {**rules[rule], name: value}}})


@mutant(
    "card/mac-not-compared",
    breaks="CARD-SECURE-MAC",
    because=Text("只检查 MAC 的长度", "only the length of the MAC is checked"),
)
class MacNotCompared(CardBehaviour):
    """Any four bytes are a MAC."""

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/mac-three-bytes-compared",
    breaks="CARD-SECURE-MAC",
    because=Text("比较循环少一次", "the loop of the comparison ends one early"),
)
class MacThreeBytesCompared(CardBehaviour):
    """The last byte of the MAC is not looked at."""

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return computed[:3] == given[:3]


@data_mutant(
    "card/mac-folded-otherwise",
    breaks="CARD-SECURE-MAC",
    because=Text("两种分组长度用了同一种取法", "one way of folding is used for both block sizes"),
)
def mac_folded_otherwise(spec: CardSpec) -> CardSpec:
    """8-byte blocks are folded word by word, of 16-byte ones the left word is taken."""
    other = "leftmost" if spec.table(MESSAGING)[MAC]["word-fold"] == "xor-words" else "xor-words"
    return otherwise(spec, MAC, "word-fold", other)


@mutant(
    "card/mac-of-the-unblock-key",
    breaks="CARD-SECURE-MAC",
    because=Text("以 PUK 而不是 STK 计算 MAC", "the MAC is made with PUK in place of STK"),
)
class MacOfTheUnblockKey(CardBehaviour):
    """PUK secures the commands."""

    def maintenance_key(self, right: str) -> str:
        return "PUK"


@mutant(
    "card/mac-without-header",
    breaks="CARD-SECURE-BOUND",
    because=Text("与医疗交易相同，MAC 不含命令头", "as in medical transactions the MAC leaves out the header"),
)
class MacWithoutHeader(CardBehaviour):
    """A MAC over the data alone is the right one."""

    def mac_input(self, command: str, right: bytes) -> bytes:
        return right[5:]


@mutant(
    "card/mac-of-any-challenge",
    breaks="CARD-SECURE-BOUND",
    because=Text("新随机数未覆盖旧随机数", "a new challenge does not replace the old one"),
)
class MacOfAnyChallenge(CardBehaviour):
    """The first challenge after a command is the one that counts."""

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        return state if state.challenge is not None else state.with_challenge(challenge)


@data_mutant(
    "card/encipherment-without-length",
    breaks="CARD-ENCIPHER-BLOCKS",
    because=Text("明文前不加 LD", "no LD stands before the plain text"),
)
def encipherment_without_length(spec: CardSpec) -> CardSpec:
    """The PIN alone is enciphered."""
    return otherwise(spec, ENCIPHERMENT, "counted", False)


@data_mutant(
    "card/encipherment-always-filled",
    breaks="CARD-ENCIPHER-BLOCKS",
    because=Text("恰满分组时仍要求补 80", "a whole block is expected to be filled too"),
    profiles=("card-1.0", "card-2.0"),
)
def encipherment_always_filled(spec: CardSpec) -> CardSpec:
    """LD and seven bytes are expected to be two blocks."""
    return otherwise(spec, ENCIPHERMENT, "fill", "always")


@mutant(
    "card/secure-update-not-written",
    breaks="CARD-SECURE-UPDATE",
    because=Text("校验 MAC 后未转到修改命令", "after the MAC nothing is passed on to the update"),
)
class SecureUpdateNotWritten(CardBehaviour):
    """9000 is answered and nothing has changed."""

    def writes_secured(self, command: str) -> bool:
        return False


@mutant(
    "card/secure-update-key-of-environment",
    breaks="CARD-SECURE-UPDATE-KEY",
    because=Text("各应用共用 SSSE 的维护密钥", "all applications share the maintenance key of SSSE"),
)
class SecureUpdateKeyOfEnvironment(CardBehaviour):
    """The maintenance keys of the applications are never used."""

    def maintenance_key(self, right: str) -> str:
        return "STK"


@mutant(
    "card/secure-update-any-mac",
    breaks="CARD-SECURE-UPDATE-REFUSED",
    because=Text("CLA 04 只是被剥去 MAC", "with CLA 04 the MAC is only cut off"),
)
class SecureUpdateAnyMac(CardBehaviour):
    """The MAC of an update is not compared."""

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return computed == given or command in UPDATES


@mutant(
    "card/secure-update-without-right",
    breaks="CARD-SECURE-UPDATE-REFUSED",
    because=Text("以 MAC 代替更新权限", "the MAC stands in for the update right"),
)
class SecureUpdateWithoutRight(CardBehaviour):
    """An update with a right MAC needs no key."""

    def __init__(self) -> None:
        self._secured = False

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        self._secured = command in UPDATES and computed == given
        return computed == given

    def may_update(self, file: FileSpec, state: SecurityState) -> bool:
        secured, self._secured = self._secured, False
        return secured or super().may_update(file, state)


@mutant(
    "card/mac-initial-value-not-cleared",
    breaks="CARD-SECURE-MAC",
    because=Text("初始值未清零，留有上次运算的值", "the initial value holds what the computation before left"),
)
class MacInitialValueNotCleared(CardBehaviour):
    """The chaining of the MAC begins with another value than zeros."""

    def mac_input(self, command: str, right: bytes) -> bytes:
        # What stands in the first block beside the data is the initial value.
        return bytes(octet ^ 0x5A for octet in right[:8]) + right[8:]


@mutant(
    "card/deciphered-stripped-too-far",
    breaks="CARD-ENCIPHER-BLOCKS",
    because=Text("未用 LD，从末尾剥去 00 与 80", "LD is not used: zeros and 80 are stripped from the end"),
)
class DecipheredStrippedTooFar(CardBehaviour):
    """A PIN that ends in digits like those of the filler is cut short."""

    def deciphered(self, right: bytes | None) -> bytes | None:
        return None if right is None else right.rstrip(b"\x00").removesuffix(b"\x80")
