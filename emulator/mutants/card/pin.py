"""Mistakes of VERIFY."""

from emulator.card.behaviour import PIN, CardBehaviour
from emulator.card.image import CardImage
from emulator.card.state import SecurityState
from emulator.mutants.model import image_mutant, mutant
from onecard.spec.text import Text


@mutant(
    "card/pin-query-takes-a-try",
    breaks="CARD-PIN-QUERY",
    because=Text("查询被当作空密码比较", "the query is compared as an empty PIN"),
)
class PinQueryTakesATry(CardBehaviour):
    """Asking for the counter takes it down."""

    def tries_after_query(self, tries: int) -> int:
        return max(tries - 1, 0)


@mutant(
    "card/pin-query-restores-tries",
    breaks="CARD-PIN-QUERY",
    because=Text(
        "查询分支落入成功分支，恢复了计数器",
        "the branch of the query falls through to that of success and restores the counter",
    ),
)
class PinQueryRestoresTries(CardBehaviour):
    """Asking for the counter fills it up."""

    def tries_after_query(self, tries: int) -> int:
        return 3


@mutant(
    "card/pin-padding-expected-zero",
    breaks="CARD-PIN-VERIFY",
    because=Text("密码以 00 补位写入", "the PIN was personalised padded with zeros"),
)
class PinPaddingExpectedZero(CardBehaviour):
    """Eight bytes padded with 00 are expected."""

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        return stored.ljust(8, b"\x00") == given


@mutant(
    "card/pin-failures-uncounted",
    breaks="CARD-PIN-WRONG",
    because=Text("密码错误不计数", "wrong PINs are not counted"),
)
class PinFailuresUncounted(CardBehaviour):
    """The PIN can be tried for ever."""

    def counted(self, name: str, right: bool) -> bool:
        return right and name != PIN


@mutant(
    "card/pin-tries-not-restored",
    breaks="CARD-PIN-WRONG",
    because=Text("正确密码后未恢复计数器", "the right PIN does not restore the counter"),
)
class PinTriesNotRestored(CardBehaviour):
    """After a wrong and a right PIN one try stays lost."""

    def tries_after_success(self, name: str, tries: int, limit: int) -> int:
        return min(tries + 1, limit) if name == PIN else limit


@mutant(
    "card/pin-unchecked",
    breaks="CARD-PIN-WRONG",
    because=Text("比较结果未被使用", "the result of the comparison is not used"),
)
class PinUnchecked(CardBehaviour):
    """Any PIN is right."""

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/pin-failure-counts-twice",
    breaks="CARD-PIN-WRONG",
    because=Text("比较前后各减一次", "the counter is taken down before and after the comparison"),
)
class PinFailureCountsTwice(CardBehaviour):
    """A wrong PIN takes two tries."""

    def tries_after_failure(self, name: str, tries: int) -> int:
        return max(tries - 1, 0) if name == PIN else tries


@mutant(
    "card/pin-prefix-accepted",
    breaks="CARD-PIN-WHOLE",
    because=Text("按收到的长度比较", "as many bytes as came are compared"),
)
class PinPrefixAccepted(CardBehaviour):
    """The beginning of the PIN is right."""

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        return stored.startswith(given)


@mutant(
    "card/pin-extension-accepted",
    breaks="CARD-PIN-WHOLE",
    because=Text("按存储的长度比较", "as many bytes as are stored are compared"),
)
class PinExtensionAccepted(CardBehaviour):
    """The PIN followed by further bytes is right."""

    def pin_matches(self, stored: bytes, given: bytes) -> bool:
        return given.startswith(stored)


@mutant(
    "card/pin-longer-lengths-accepted",
    breaks="CARD-PIN-LENGTH",
    because=Text(
        "不检查 Lc 上限，过长密码按错误密码计数", "Lc has no upper bound, and a PIN too long counts as a wrong one"
    ),
)
class PinLongerLengthsAccepted(CardBehaviour):
    """VERIFY takes more than eight bytes."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == "VERIFY" and length > 8)


@mutant(
    "card/pin-of-one-byte-compared",
    breaks="CARD-PIN-LENGTH",
    because=Text("不检查 Lc 下限", "Lc has no lower bound"),
)
class PinOfOneByteCompared(CardBehaviour):
    """VERIFY takes a single byte."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == "VERIFY" and length == 1)


@mutant(
    "card/blocked-pin-accepts",
    breaks="CARD-PIN-BLOCKED",
    because=Text("计数器为 0 时仍比较并恢复", "with no tries left the PIN is still compared and the counter restored"),
)
class BlockedPinAccepts(CardBehaviour):
    """The right PIN unblocks itself."""

    def blocked(self, name: str, tries: int) -> bool:
        return super().blocked(name, tries) and name != PIN

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return max(super().tries_before_comparison(name, tries), 0)


@mutant(
    "card/blocked-pin-revived-by-power-off",
    breaks="CARD-PIN-BLOCKED",
    because=Text("锁定标志只在 RAM 中", "that the PIN is blocked is kept in RAM only"),
)
class BlockedPinRevived(CardBehaviour):
    """A blocked PIN is right again after the supply was off."""

    def __init__(self) -> None:
        self._met = self._revived = False

    def blocked(self, name: str, tries: int) -> bool:
        self._met = self._met or tries <= 0
        return tries <= 0 and (name != PIN or not self._revived)

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        self._revived = self._revived or self._met
        return super().security_after_power_off(before)

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return max(super().tries_before_comparison(name, tries), 0)


@mutant(
    "card/pin-blocks-one-early",
    breaks="CARD-PIN-WRONG",
    because=Text("剩余 1 次即判为锁定", "the last try is not given"),
)
class PinBlocksOneEarly(CardBehaviour):
    """A PIN with one try left is blocked."""

    def blocked(self, name: str, tries: int) -> bool:
        return tries <= (1 if name == PIN else 0)


@image_mutant(
    "card/pin-limit-not-declared",
    breaks="CARD-PIN-LIMIT",
    because=Text("密码次数上限沿用芯片默认值", "the PIN's limit was left as the chip's default"),
)
def pin_limit_not_declared(image: CardImage) -> None:
    """The PIN has six tries."""
    image.pin_limit = image.pin_tries = 6


@image_mutant(
    "card/key-limit-not-declared",
    breaks="CARD-PIN-LIMIT",
    because=Text("密钥次数上限沿用芯片默认值", "the keys' limit was left as the chip's default"),
)
def key_limit_not_declared(image: CardImage) -> None:
    """The keys have fifteen tries."""
    image.key_limit = 15
    image.key_tries = dict.fromkeys(image.key_tries, 15)


@mutant(
    "card/pin-tries-reported-one-less",
    breaks="CARD-PIN-LIMIT",
    because=Text("查询报告“已用次数之后”的值", "the number reported is the one after the next failure"),
)
class PinTriesReportedOneLess(CardBehaviour):
    """63Cx says one less than is left."""

    def tries_reported(self, name: str, tries: int) -> int:
        return max(tries - 1, 0) if name == PIN else tries


@mutant(
    "card/pin-tries-kept-in-ram",
    breaks="CARD-PIN-WRONG",
    because=Text("剩余次数只在 RAM 中，上电时重新装载", "the tries are kept in RAM and loaded anew at power-on"),
)
class PinTriesKeptInRam(CardBehaviour):
    """A cold reset gives all tries of the PIN back."""

    def __init__(self) -> None:
        self._most, self._anew = 0, False

    def _now(self, tries: int) -> int:
        self._most = max(self._most, tries)
        tries, self._anew = self._most if self._anew else tries, False
        return tries

    def tries_after_query(self, tries: int) -> int:
        return self._now(tries)

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return super().tries_before_comparison(name, self._now(tries) if name == PIN else tries)

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        self._anew = True
        return super().security_after_power_off(before)
