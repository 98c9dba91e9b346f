"""Mistakes of PIN CHANGE/UNBLOCK, and of what a PIN is valid for."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.text import Text

UNBLOCK = "PIN-CHANGE-UNBLOCK"


@mutant(
    "card/unblock-restores-nothing",
    breaks="CARD-PIN-UNBLOCK",
    because=Text("解锁只清锁定标志，不恢复次数", "unblocking clears a flag and leaves the counter"),
)
class UnblockRestoresNothing(CardBehaviour):
    """A lost try stays lost."""

    def tries_after_maintenance(self, command: str, tries: int, limit: int) -> int:
        return max(tries, 1) if command == UNBLOCK else limit


@mutant(
    "card/unblock-sets-initial-pin",
    breaks="CARD-PIN-UNBLOCK-REVIVES",
    because=Text("解锁同时恢复初始密码", "unblocking brings back an initial PIN"),
)
class UnblockSetsInitialPin(CardBehaviour):
    """After unblocking the PIN is another one."""

    def pin_after_unblock(self, old: bytes | None) -> bytes | None:
        return bytes.fromhex("000000")


@mutant(
    "card/unblock-without-right",
    breaks="CARD-PIN-UNBLOCK-RIGHT",
    because=Text("以为 MAC 足以证明发卡机构", "the MAC is thought to prove the issuer"),
)
class UnblockWithoutRight(CardBehaviour):
    """PUK need not be authenticated."""

    def right_shown(self, command: str, right: bool) -> bool:
        return right or command == UNBLOCK


@mutant(
    "card/unblock-right-survives-selection",
    breaks="CARD-PIN-UNBLOCK-RIGHT",
    because=Text("PUK 的状态不随应用清除", "the state of PUK is not cleared with the application"),
)
class UnblockRightSurvives(CardBehaviour):
    """PUK stays authenticated after another application was selected."""

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        kept = super().rights_after_select(state)
        return kept.with_key("PUK") if "PUK" in state.keys else kept


@mutant(
    "card/unblock-without-challenge",
    breaks="CARD-PIN-UNBLOCK-CHALLENGE",
    because=Text("无随机数时以全 0 代替", "without a challenge zeros are taken"),
)
class UnblockWithoutChallenge(CardBehaviour):
    """No challenge counts as one of zeros."""

    def challenge_for_mac(self, state: SecurityState) -> bytes | None:
        return state.challenge or bytes(8)


@mutant(
    "card/unblock-challenge-kept",
    breaks="CARD-PIN-UNBLOCK-CHALLENGE",
    because=Text("命令后未清除随机数", "the challenge is not cleared after the command"),
)
class UnblockChallengeKept(CardBehaviour):
    """A challenge serves for many commands."""

    def security_after_mac(self, state: SecurityState) -> SecurityState:
        return state


@mutant(
    "card/unblock-any-parameters",
    breaks="CARD-PIN-UNBLOCK-PARAMETERS",
    because=Text("P2 只看最低位，P1 不看", "only the lowest bit of P2 is looked at"),
)
class UnblockAnyParameters(CardBehaviour):
    """Undefined parameters go on to the next check."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == UNBLOCK


@mutant(
    "card/unblock-key-never-locks",
    breaks="CARD-PIN-UNBLOCK-LOCKS",
    because=Text("PUK 未设重试计数", "PUK was loaded without a counter"),
)
class UnblockKeyNeverLocks(CardBehaviour):
    """PUK may be tried for ever."""

    def counted(self, name: str, right: bool) -> bool:
        return right and name != "PUK"


@mutant(
    "card/reload-not-stored",
    breaks="CARD-PIN-RELOAD",
    because=Text("重装分支只解锁", "the branch of reloading only unblocks"),
)
class ReloadNotStored(CardBehaviour):
    """9000 is answered and the PIN is the old one."""

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return old if command == UNBLOCK and old and new else new


@mutant(
    "card/reload-keeps-tries",
    breaks="CARD-PIN-RELOAD",
    because=Text("重装后未恢复次数", "the counter stays as it was"),
)
class ReloadKeepsTries(CardBehaviour):
    """A new PIN has the tries that the old one had left."""

    def __init__(self) -> None:
        self._new = False

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        self._new = command == UNBLOCK
        return new

    def tries_after_maintenance(self, command: str, tries: int, limit: int) -> int:
        kept, self._new = self._new, False
        return max(tries, 1) if kept else limit


@mutant(
    "card/reload-of-nothing-refused",
    breaks="CARD-PIN-RELOAD-EMPTY",
    because=Text("长度为零的密码按位数不足拒绝", "a PIN of length zero is refused as too short"),
)
class ReloadOfNothingRefused(CardBehaviour):
    """A PIN cannot be removed by the issuer."""

    def accepts_new_pin(self, command: str, pin: bytes, right: bool) -> bool:
        return right and (bool(pin) or command != UNBLOCK)


@mutant(
    "card/reload-stored-though-refused",
    breaks="CARD-PIN-RELOAD-REFUSED",
    because=Text("先解密写入后校验 MAC", "the PIN is deciphered and written before the MAC is checked"),
)
class ReloadStoredThoughRefused(CardBehaviour):
    """6988 is answered and the PIN has changed."""

    def pin_after_refusal(self, command: str, condition: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return new if command == UNBLOCK and condition == "mac" and new else old


@mutant(
    "card/reload-any-pin",
    breaks="CARD-PIN-RELOAD-REFUSED",
    because=Text("重装不检查密码内容", "the content of a PIN loaded is not checked"),
)
class ReloadAnyPin(CardBehaviour):
    """Whatever deciphers is a PIN."""

    def accepts_new_pin(self, command: str, pin: bytes, right: bool) -> bool:
        return right or (command == UNBLOCK and bool(pin))


@mutant(
    "card/pin-state-survives-reset",
    breaks="CARD-PIN-RESET",
    because=Text("热复位未清除密码校验状态", "a warm reset leaves the state of the PIN"),
)
class PinStateSurvivesReset(CardBehaviour):
    """The PIN stays verified after a warm reset."""

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        return super().security_after_reset(before).with_pin(before.pin)


@mutant(
    "card/pin-of-each-application",
    breaks="CARD-PIN-SHARED",
    because=Text("每个应用各有密码文件", "each application has a PIN file of its own"),
)
class PinOfEachApplication(CardBehaviour):
    """What is changed in SSSE is not changed in the applications below."""

    def __init__(self) -> None:
        self._first: bytes | None = None
        self._below = False

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        self._first = self._first or old
        return new

    def security_after_select(self, state: SecurityState, before: str, after: str) -> SecurityState:
        self._below = after.startswith("DF")
        return super().security_after_select(state, before, after)

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        return given == (self._first if self._below and self._first else stored)
