"""Mistakes of GET CHALLENGE and of the challenge's life."""

from collections.abc import Callable

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "card/challenge-survives-use",
    breaks="CARD-CHALLENGE-ONCE",
    because=Text("随机数只在 SELECT 时清除", "the challenge buffer is cleared on SELECT only"),
)
class ChallengeSurvivesUse(CardBehaviour):
    """The challenge can be used again."""

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state


@mutant(
    "card/challenge-survives-failure",
    breaks="CARD-CHALLENGE-ONCE",
    because=Text("只在鉴别成功后清除随机数", "the challenge is cleared only after a good authentication"),
)
class ChallengeSurvivesFailure(CardBehaviour):
    """After a failure the same challenge serves again."""

    def __init__(self) -> None:
        self._used: bytes | None = None

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        self._used = state.challenge
        return super().consume_challenge(state)

    def security_after_failed_authentication(self, state: SecurityState, key: str) -> SecurityState:
        return super().security_after_failed_authentication(state, key).with_challenge(self._used)


@mutant(
    "card/challenge-survives-success",
    breaks="CARD-CHALLENGE-ONCE",
    because=Text("只在鉴别失败后清除随机数", "the challenge is cleared only after a failed authentication"),
)
class ChallengeSurvivesSuccess(CardBehaviour):
    """After a success the same challenge serves again."""

    def __init__(self) -> None:
        self._used: bytes | None = None

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        self._used = state.challenge
        return super().consume_challenge(state)

    def security_after_authentication(self, state: SecurityState, key: str) -> SecurityState:
        return super().security_after_authentication(state, key).with_challenge(self._used)


@mutant(
    "card/challenge-zeroed-after-use",
    breaks="CARD-CHALLENGE-ONCE",
    because=Text(
        "用后清零缓冲区，但“有随机数”标志仍在",
        "the buffer is zeroed after use and the flag that it holds one stays set",
    ),
)
class ChallengeZeroedAfterUse(CardBehaviour):
    """After use a challenge of zeros serves."""

    def consume_challenge(self, state: SecurityState) -> SecurityState:
        return state.with_challenge(bytes(8))


@mutant(
    "card/challenge-not-required",
    breaks="CARD-CHALLENGE-REQUIRED",
    because=Text(
        "未记录是否取过随机数，缓冲区初值为零", "whether one was taken is not kept, and the buffer begins as zeros"
    ),
)
class ChallengeNotRequired(CardBehaviour):
    """Without a challenge one of zeros serves."""

    def challenge_to_use(self, state: SecurityState) -> bytes | None:
        return state.challenge or bytes(8)


@mutant(
    "card/challenge-constant",
    breaks="CARD-CHALLENGE-FRESH",
    because=Text("调试用的固定随机数未移除", "a fixed value for debugging was left in"),
)
class ChallengeConstant(CardBehaviour):
    """Every challenge is the same."""

    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        return bytes(range(0x11, 0x11 + length))


@mutant(
    "card/challenge-anew-after-reset",
    breaks="CARD-CHALLENGE-FRESH",
    because=Text("伪随机数发生器每次复位以同一种子初始化", "the generator is seeded with the same value at each reset"),
)
class ChallengeAnewAfterReset(CardBehaviour):
    """The sequence of challenges begins anew at each reset."""

    def __init__(self) -> None:
        self._count = 0

    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        self._count += 1
        return bytes((self._count * 37 + place * 11) & 0xFF for place in range(length))

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        self._count = 0
        return super().security_after_reset(before)


@mutant(
    "card/challenge-anew-after-power-on",
    breaks="CARD-CHALLENGE-FRESH",
    because=Text("伪随机数状态不掉电保存", "the generator's state is not kept without supply"),
)
class ChallengeAnewAfterPowerOn(ChallengeAnewAfterReset):
    """The sequence of challenges begins anew at each power-on."""

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        return SecurityState()

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        self._count = 0
        return super().security_after_power_off(before)


@mutant(
    "card/challenge-said-twice",
    breaks="CARD-CHALLENGE-FRESH",
    because=Text("16 字节随机数由 8 字节重复而成", "a challenge of 16 bytes is one of 8 said twice"),
)
class ChallengeSaidTwice(CardBehaviour):
    """Both halves of a long challenge are equal."""

    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        return random(8) * 2 if length == 16 else random(length)


@mutant(
    "card/challenge-of-any-length",
    breaks="CARD-CHALLENGE-LENGTH",
    because=Text("按 Le 返回任意长度", "as many bytes as Le asks are given"),
)
class ChallengeOfAnyLength(CardBehaviour):
    """Le is not restricted."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command == "GET-CHALLENGE"


@mutant(
    "card/challenge-always-eight",
    breaks="CARD-CHALLENGE-LENGTH",
    because=Text("只实现了 8 字节随机数", "only challenges of eight bytes were implemented"),
)
class ChallengeAlwaysEight(CardBehaviour):
    """Whatever Le says, eight bytes are given."""

    def challenge_bytes(self, length: int, random: Callable[[int], bytes]) -> bytes:
        return random(8)


@mutant(
    "card/challenge-of-sixteen-refused",
    breaks="CARD-CHALLENGE-LENGTH",
    because=Text("只支持 04 与 08", "only 04 and 08 are supported, as on older cards"),
)
class ChallengeOfSixteenRefused(CardBehaviour):
    """Le 10 answers 6700."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right and not (command == "GET-CHALLENGE" and length == 16)


@mutant(
    "card/challenge-survives-selection",
    breaks="CARD-CHALLENGE-CONTEXT",
    because=Text("随机数为全卡全局变量", "the challenge is global to the card"),
)
class ChallengeSurvivesSelection(CardBehaviour):
    """A challenge of one application serves in another."""

    def challenge_after_select(self, state: SecurityState) -> SecurityState:
        return state
