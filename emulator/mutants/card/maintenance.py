"""Mistakes of CHANGE PIN."""

from emulator.card.behaviour import PIN, CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text

CHANGE = "CHANGE-PIN"
LONGEST = 8


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
    "card/change-pin-as-long-as-it-comes",
    breaks="CARD-CHANGE-PIN-LONG",
    because=Text("只按命令总长度检查新密码", "only the length of the command is checked, not that of the new PIN"),
)
class ChangePinAsLongAsItComes(CardBehaviour):
    """A new PIN of nine bytes is taken, which VERIFY refuses for its length."""

    def accepts_new_pin(self, command: str, pin: bytes, right: bool) -> bool:
        return right or (command == CHANGE and len(pin) > LONGEST)


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
