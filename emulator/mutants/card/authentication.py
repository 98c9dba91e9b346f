"""Mistakes of INTERNAL and EXTERNAL AUTHENTICATE, of keys and their counters."""

from collections.abc import Sequence
from dataclasses import replace

from emulator.card.behaviour import PIN, CardBehaviour
from emulator.card.image import CardImage
from emulator.card.state import SecurityState
from emulator.mutants.model import data_mutant, image_mutant, mutant
from onecard.spec.card import CardSpec, Factor
from onecard.spec.text import Text

_SEVERAL_VERSIONS = ("card-2.0", "card-3.0")
_SEVERAL_KEYS = ("card-3.0",)


@mutant(
    "card/session-key-without-random",
    breaks="CARD-INTERNAL-AUTH",
    because=Text("过程密钥未使用随机数", "the session key does not depend on the random value"),
)
class SessionKeyWithoutRandom(CardBehaviour):
    """The random value counts as zeros."""

    def session_random(self, random: bytes) -> bytes:
        return bytes(len(random))


@mutant(
    "card/session-key-is-card-key",
    breaks="CARD-INTERNAL-AUTH",
    because=Text("直接以卡片密钥计算鉴别数据", "the card's key itself is used"),
)
class SessionKeyIsCardKey(CardBehaviour):
    """No session key is made."""

    def session_key(self, key: bytes, random: bytes, right: bytes) -> bytes:
        return key[: len(right)]


@data_mutant(
    "card/authentication-data-left-half",
    breaks="CARD-INTERNAL-AUTH",
    because=Text("16 字节结果取左半而非两半异或", "the left half is taken where the two halves must be XORed"),
    profiles=("card-3.0",),
)
def authentication_data_left_half(spec: CardSpec) -> CardSpec:
    """A block of 16 bytes is cut instead of folded."""
    return replace(spec, authentication_data=replace(spec.authentication_data, fold="left-half"))


@mutant(
    "card/authentication-data-byte-order",
    breaks="CARD-INTERNAL-AUTH",
    because=Text("按小端字序输出分组", "the block is given out in little-endian order"),
)
class AuthenticationDataByteOrder(CardBehaviour):
    """The authentication data come backwards."""

    def authentication_data(self, session: bytes, original: bytes, right: bytes) -> bytes:
        return right[::-1]


@mutant(
    "card/authentication-always-fails",
    breaks="CARD-EXTERNAL-AUTH",
    because=Text("个人化时写入了另一组密钥", "another set of keys was personalised"),
)
class AuthenticationAlwaysFails(CardBehaviour):
    """Right authentication data are refused."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return False


@mutant(
    "card/long-challenge-cut",
    breaks="CARD-EXTERNAL-AUTH",
    because=Text("随机数缓冲区只有 8 字节", "the challenge buffer holds eight bytes"),
    profiles=("card-3.0",),
)
class LongChallengeCut(CardBehaviour):
    """Of a challenge of 16 bytes the first eight count."""

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        return state.with_challenge(challenge[:8])


@mutant(
    "card/short-challenge-left-padded",
    breaks="CARD-EXTERNAL-AUTH",
    because=Text("4 字节随机数在左侧补零", "a challenge of four bytes is padded on the left"),
)
class ShortChallengeLeftPadded(CardBehaviour):
    """Padding stands before a short challenge."""

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        return state.with_challenge(challenge.rjust(8, b"\x00"))


@mutant(
    "card/authentication-unchecked",
    breaks="CARD-EXTERNAL-AUTH-WRONG",
    because=Text("比较结果未被使用", "the result of the comparison is not used"),
)
class AuthenticationUnchecked(CardBehaviour):
    """Any authentication data are accepted."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return True


@mutant(
    "card/authentication-compares-four-bytes",
    breaks="CARD-EXTERNAL-AUTH-WRONG",
    because=Text("按 4 字节 MAC 的习惯只比较前四字节", "four bytes are compared, as of a MAC"),
)
class AuthenticationComparesFourBytes(CardBehaviour):
    """The last four bytes are not looked at."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return computed[:4] == given[:4]


@mutant(
    "card/authentication-compares-seven-bytes",
    breaks="CARD-EXTERNAL-AUTH-WRONG",
    because=Text("比较循环少一次", "the comparing loop ends one too early"),
)
class AuthenticationComparesSevenBytes(CardBehaviour):
    """The last byte is not looked at."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return computed[:-1] == given[:-1]


@mutant(
    "card/authentication-skips-first-byte",
    breaks="CARD-EXTERNAL-AUTH-WRONG",
    because=Text("比较循环从 1 开始", "the comparing loop begins at 1"),
)
class AuthenticationSkipsFirstByte(CardBehaviour):
    """The first byte is not looked at."""

    def accept_authentication(self, computed: bytes, given: bytes) -> bool:
        return computed[1:] == given[1:]


@mutant(
    "card/failed-authentication-grants",
    breaks="CARD-EXTERNAL-AUTH-WRONG",
    because=Text("比较之前已置位安全状态", "the right is granted before the comparison"),
)
class FailedAuthenticationGrants(CardBehaviour):
    """63Cx is answered and the right granted."""

    def security_after_failed_authentication(self, state: SecurityState, key: str) -> SecurityState:
        return state.with_key(key)


@mutant(
    "card/key-failures-uncounted",
    breaks="CARD-EXTERNAL-AUTH-COUNTER",
    because=Text("未实现密钥计数器", "keys have no counter"),
)
class KeyFailuresUncounted(CardBehaviour):
    """A key can be tried for ever."""

    def counted(self, name: str, right: bool) -> bool:
        return right and name == PIN


@mutant(
    "card/key-tries-not-restored",
    breaks="CARD-EXTERNAL-AUTH-COUNTER",
    because=Text("鉴别成功后未恢复计数器", "a success does not restore the counter"),
)
class KeyTriesNotRestored(CardBehaviour):
    """After a failure and a success one try stays lost."""

    def tries_after_success(self, name: str, tries: int, limit: int) -> int:
        return limit if name == PIN else min(tries + 1, limit)


@mutant(
    "card/key-failure-counts-twice",
    breaks="CARD-EXTERNAL-AUTH-COUNTER",
    because=Text("比较前后各减一次", "the counter is taken down before and after the comparison"),
)
class KeyFailureCountsTwice(CardBehaviour):
    """A failure takes two tries."""

    def tries_after_failure(self, name: str, tries: int) -> int:
        return tries if name == PIN else max(tries - 1, 0)


@mutant(
    "card/blocked-key-accepts",
    breaks="CARD-EXTERNAL-AUTH-BLOCKED",
    because=Text("计数器为 0 时仍比较并恢复", "right data restore a counter that stands at zero"),
)
class BlockedKeyAccepts(CardBehaviour):
    """A blocked key answers to right data."""

    def blocked(self, name: str, tries: int) -> bool:
        return super().blocked(name, tries) and name == PIN

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return max(super().tries_before_comparison(name, tries), 0)


@mutant(
    "card/blocked-key-revived-by-power-off",
    breaks="CARD-EXTERNAL-AUTH-BLOCKED",
    because=Text("锁定标志只在 RAM 中", "that the key is blocked is kept in RAM only"),
)
class BlockedKeyRevived(CardBehaviour):
    """A blocked key takes right data again after the supply was off."""

    def __init__(self) -> None:
        self._met = self._revived = False

    def blocked(self, name: str, tries: int) -> bool:
        self._met = self._met or tries <= 0
        return tries <= 0 and (name == PIN or not self._revived)

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        self._revived = self._revived or self._met
        return super().security_after_power_off(before)

    def tries_before_comparison(self, name: str, tries: int) -> int:
        return max(super().tries_before_comparison(name, tries), 0)


@mutant(
    "card/key-blocks-one-early",
    breaks="CARD-EXTERNAL-AUTH-COUNTER",
    because=Text("剩余 1 次即判为锁定", "the last try is not given"),
)
class KeyBlocksOneEarly(CardBehaviour):
    """A key with one try left is blocked."""

    def blocked(self, name: str, tries: int) -> bool:
        return tries <= (0 if name == PIN else 1)


@mutant(
    "card/authentication-grants-all",
    breaks="CARD-EXTERNAL-AUTH-BOUND",
    because=Text("安全状态不区分密钥", "the security state does not tell keys apart"),
    profiles=_SEVERAL_KEYS,
)
class AuthenticationGrantsAll(CardBehaviour):
    """One key grants the rights of all."""

    def security_after_authentication(self, state: SecurityState, key: str) -> SecurityState:
        return state.with_key("UKSSSE").with_key("RKSSSE")


@mutant(
    "card/key-id-ignored",
    breaks="CARD-EXTERNAL-AUTH",
    because=Text("总使用第一个外部鉴别密钥", "the first external authentication key is always used"),
    profiles=_SEVERAL_KEYS,
)
class KeyIdIgnored(CardBehaviour):
    """P2 does not choose the key, but grants the right."""

    def __init__(self) -> None:
        self._named: str | None = None

    def key_found(self, candidates: Sequence[str], wanted: int, right: str | None) -> str | None:
        self._named = right
        return candidates[0] if right is not None else None

    def security_after_authentication(self, state: SecurityState, key: str) -> SecurityState:
        return state.with_key(self._named or key)


@mutant(
    "card/unknown-key-is-first",
    breaks="CARD-KEY-UNKNOWN",
    because=Text("找不到密钥标识时使用第一个密钥", "where the key id is not found the first key is used"),
)
class UnknownKeyIsFirst(CardBehaviour):
    """An unknown key id means the first key."""

    def key_found(self, candidates: Sequence[str], wanted: int, right: str | None) -> str | None:
        return right or (candidates[0] if candidates else None)


@mutant(
    "card/unknown-version-is-first",
    breaks="CARD-KEY-UNKNOWN",
    because=Text("版本越界时使用默认版本", "a version beyond the last means the default one"),
)
class UnknownVersionIsFirst(CardBehaviour):
    """An unknown key version means the first."""

    def key_of_version(self, versions: Sequence[int], wanted: int) -> int | None:
        return wanted if wanted in versions else versions[0]


@mutant(
    "card/version-ignored",
    breaks="CARD-KEY-VERSION",
    because=Text("第 17 字节被忽略，只用一组密钥", "the 17th byte is ignored and one group of keys used"),
    profiles=_SEVERAL_VERSIONS,
)
class VersionIgnored(CardBehaviour):
    """The first version serves for all."""

    def key_version(self, stated: int | None, default: int) -> int:
        return default


@mutant(
    "card/versions-one-off",
    breaks="CARD-KEY-VERSION",
    because=Text("版本号按从 0 开始的下标使用", "the version is used as an index from 0"),
    profiles=_SEVERAL_VERSIONS,
)
class VersionsOneOff(CardBehaviour):
    """Version 1 means the second group."""

    def key_version(self, stated: int | None, default: int) -> int:
        return default if stated is None else stated % 3 + 1


@image_mutant(
    "card/versions-hold-one-key",
    breaks="CARD-KEY-VERSION",
    because=Text("三组密钥写入了同一值", "the three groups were personalised with the same keys"),
    profiles=_SEVERAL_VERSIONS,
)
def versions_hold_one_key(image: CardImage) -> None:
    """Every version of a key is version 1."""
    for versions in image.keys.values():
        for version in versions:
            versions[version] = versions[1]


def _with_level(spec: CardSpec, number: int, factor: Factor) -> CardSpec:
    levels = list(spec.diversification.levels)
    levels[number - 1] = factor
    return replace(spec, diversification=replace(spec.diversification, levels=tuple(levels)))


@data_mutant(
    "card/card-factor-from-first-byte",
    breaks="CARD-DIVERSIFICATION",
    because=Text("卡片因子取历史字节前 8 字节", "the card's factor is taken from the first historical byte on"),
)
def card_factor_from_first_byte(spec: CardSpec) -> CardSpec:
    """Level 3 uses historical bytes 1 to 8 instead of 6 to 13."""
    return _with_level(spec, 3, replace(spec.diversification.levels[2], start=0))


@data_mutant(
    "card/city-factor-of-four-digits",
    breaks="CARD-DIVERSIFICATION",
    because=Text("市级因子只取地区代码前四位", "the city's factor has four digits of the region"),
)
def city_factor_of_four_digits(spec: CardSpec) -> CardSpec:
    """Level 2 uses four digits of the region."""
    return _with_level(spec, 2, replace(spec.diversification.levels[1], length=4, suffix=b"sx"))
