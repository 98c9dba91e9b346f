"""Mistakes of CHANGE PIN and PIN CHANGE/UNBLOCK."""

from emulator.card.behaviour import PIN, CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.text import Text

CHANGE, UNBLOCK = "CHANGE-PIN", "PIN-CHANGE-UNBLOCK"


@mutant(
    "card/change-pin-not-stored",
    breaks="CARD-CHANGE-PIN",
    because=Text("新密码只写入缓存", "the new PIN stays in a cache"),
)
class ChangePinNotStored(CardBehaviour):
    """9000 is answered and the PIN is the old one."""

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return old if command == CHANGE and old and new else new


@mutant(
    "card/change-pin-cut-to-six-digits",
    breaks="CARD-CHANGE-PIN",
    because=Text("密码缓冲区只有 3 字节", "the buffer of the PIN has three bytes"),
)
class ChangePinCut(CardBehaviour):
    """A longer new PIN is cut."""

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return new[:3] if command == CHANGE and new else new


@mutant(
    "card/change-pin-any-old",
    breaks="CARD-CHANGE-PIN-WRONG",
    because=Text("密码已校验时不再比较旧密码", "the old PIN is not compared once one was verified"),
)
class ChangePinAnyOld(CardBehaviour):
    """Any old PIN opens."""

    def old_pin_matches(self, stored: bytes | None, given: bytes) -> bool:
        return True


@mutant(
    "card/change-pin-empty-old-opens",
    breaks="CARD-CHANGE-PIN-WRONG",
    because=Text("旧密码为空时按长度 0 比较，恒相等", "an empty old PIN is compared over no bytes, which always agree"),
)
class ChangePinEmptyOldOpens(CardBehaviour):
    """An empty old PIN, or a prefix of the right one, opens."""

    def old_pin_matches(self, stored: bytes | None, given: bytes) -> bool:
        return (stored or b"")[: len(given)] == given


@mutant(
    "card/change-pin-failures-uncounted",
    breaks="CARD-CHANGE-PIN-WRONG",
    because=Text("只有 VERIFY 计数", "only VERIFY counts failures"),
)
class ChangePinFailuresUncounted(CardBehaviour):
    """A wrong old PIN takes no try."""

    def __init__(self) -> None:
        self._changing = False

    def parts_of_change(self, data: bytes, right: tuple[bytes, bytes] | None) -> tuple[bytes, bytes] | None:
        self._changing = True
        return right

    def counted(self, name: str, right: bool) -> bool:
        changing, self._changing = self._changing, False
        return right and not changing


@mutant(
    "card/change-pin-stored-though-refused",
    breaks="CARD-CHANGE-PIN-WRONG",
    because=Text("先写新密码后比较旧密码", "the new PIN is written before the old one is compared"),
)
class ChangePinStoredThoughRefused(CardBehaviour):
    """63Cx is answered and the PIN has changed."""

    def pin_after_refusal(self, command: str, condition: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return new if command == CHANGE and condition == "failed" else old


@mutant(
    "card/change-pin-keeps-tries",
    breaks="CARD-CHANGE-PIN-COUNTER",
    because=Text("成功分支未恢复计数", "the branch of success leaves the counter"),
)
class ChangePinKeepsTries(CardBehaviour):
    """A right change gives no try back."""

    def tries_after_maintenance(self, command: str, tries: int, limit: int) -> int:
        return tries if command == CHANGE else limit


@mutant(
    "card/change-pin-any-new",
    breaks="CARD-CHANGE-PIN-SHORT",
    because=Text("不检查新密码的位数", "the digits of the new PIN are not counted"),
)
class ChangePinAnyNew(CardBehaviour):
    """A new PIN of two digits is taken."""

    def accepts_new_pin(self, command: str, pin: bytes, right: bool) -> bool:
        return right or command == CHANGE


@mutant(
    "card/change-pin-without-separator",
    breaks="CARD-CHANGE-PIN-FORM",
    because=Text(
        "按旧密码长度切分，不找分隔符", "the data are cut at the old PIN's length, no separator is looked for"
    ),
)
class ChangePinWithoutSeparator(CardBehaviour):
    """Data without FF are cut in the middle."""

    def parts_of_change(self, data: bytes, right: tuple[bytes, bytes] | None) -> tuple[bytes, bytes] | None:
        half = len(data) // 2
        return right or (data[:half], data[half:])


@mutant(
    "card/change-pin-longer-lengths",
    breaks="CARD-CHANGE-PIN-LENGTH",
    because=Text("不检查 Lc 上限", "Lc has no upper bound"),
)
class ChangePinLongerLengths(CardBehaviour):
    """More than 17 bytes are looked at."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == CHANGE and length > 17)


@mutant(
    "card/change-pin-any-parameters",
    breaks="CARD-CHANGE-PIN-PARAMETERS",
    because=Text("不检查 P1 P2", "P1 and P2 are not looked at"),
)
class ChangePinAnyParameters(CardBehaviour):
    """Every P1 and P2 change the PIN."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == CHANGE


@mutant(
    "card/change-pin-never-removes",
    breaks="CARD-CHANGE-PIN-EMPTY",
    because=Text("空的新密码被当作不修改", "an empty new PIN is taken for no change"),
)
class ChangePinNeverRemoves(CardBehaviour):
    """An empty new PIN leaves the old one."""

    def pin_stored(self, command: str, old: bytes | None, new: bytes | None) -> bytes | None:
        return old if command == CHANGE and not new else new


@mutant(
    "card/change-pin-though-blocked",
    breaks="CARD-CHANGE-PIN-BLOCKED",
    because=Text("CHANGE PIN 不检查锁定，成功即恢复", "CHANGE PIN does not ask whether the PIN is blocked"),
)
class ChangePinThoughBlocked(CardBehaviour):
    """The right old PIN opens a blocked PIN."""

    def blocked(self, name: str, tries: int) -> bool:
        return super().blocked(name, tries) and name != PIN

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return max(super().tries_before_comparison(name, tries), 0)


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
