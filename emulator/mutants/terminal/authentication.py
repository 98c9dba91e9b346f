"""Mistakes with the PSAM and with the authentications that it serves."""

from collections.abc import Sequence

from emulator.mutants.model import mutant
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.spec.terminal import Generation
from onecard.spec.text import Text


@mutant(
    "terminal/card-not-compared",
    breaks="TERMINAL-INTERNAL-AUTH",
    because=Text("内部认证的比较结果未被使用", "the result of the comparison is not used"),
)
class CardNotCompared(TerminalBehaviour):
    """Every card counts as genuine."""

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return True


@mutant(
    "terminal/card-compared-as-text",
    breaks="TERMINAL-INTERNAL-AUTH",
    because=Text("以 strncmp 比较二进制数据并弄错长度", "binary data are compared by length alone"),
)
class CardComparedByLength(TerminalBehaviour):
    """Any eight bytes are right."""

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return len(expected) == len(given)


@mutant(
    "terminal/card-not-compared-by-lower-psam",
    breaks="TERMINAL-INTERNAL-AUTH",
    because=Text(
        "只有全国 PSAM 卡时才比较，省市 PSAM 卡未测试", "tried with a national PSAM alone: others are not compared"
    ),
)
class CardNotComparedByLowerPsam(TerminalBehaviour):
    """Where a usage of fewer levels was found every card counts as genuine."""

    def __init__(self) -> None:
        self._lower = False

    def random(self, right: bytes) -> bytes:
        self._lower = False
        return right

    def tries_next_usage(self, sw: int, right: bool) -> bool:
        self._lower = right
        return right

    def card_is_genuine(self, expected: bytes, given: bytes) -> bool:
        return self._lower or expected == given


@mutant(
    "terminal/constant-factors",
    breaks="TERMINAL-INTERNAL-FRESH",
    because=Text("以常量 01 至 08 代替随机数", "the constant 01 to 08 stands in for a random value"),
)
class ConstantFactors(TerminalBehaviour):
    """Process factor and original data never change."""

    def random(self, right: bytes) -> bytes:
        return bytes(range(1, 9))


@mutant(
    "terminal/third-generation-unopened",
    breaks="TERMINAL-EXTERNAL-AUTH",
    because=Text("按二代卡流程读取三代卡", "a third-generation card is read as one of the second"),
)
class ThirdGenerationUnopened(TerminalBehaviour):
    """RKSSSE is never proved."""

    def authenticates(self, generation: Generation) -> str | None:
        return None


@mutant(
    "terminal/every-card-opened",
    breaks="TERMINAL-EXTERNAL-AUTH",
    because=Text("所有卡都按三代卡外部认证", "every card is authenticated as one of the third generation"),
)
class EveryCardOpened(TerminalBehaviour):
    """RKSSSE is asked for whatever the generation."""

    def authenticates(self, generation: Generation) -> str | None:
        return "RKSSSE"


@mutant(
    "terminal/first-environment-only",
    breaks="TERMINAL-SAM-ENVIRONMENT",
    because=Text("PSAM 卡环境名写死为 sx1", "the name of the PSAM's environment is fixed to sx1"),
)
class FirstEnvironmentOnly(TerminalBehaviour):
    """The 3DES environment serves for every card."""

    def environment(self, right: bytes) -> bytes:
        return right.replace(b"sx3", b"sx1")


@mutant(
    "terminal/factors-highest-first",
    breaks="TERMINAL-SAM-FACTORS",
    because=Text("按分散次序（省、市、卡）排列因子", "the factors stand in the order of diversification"),
)
class FactorsHighestFirst(TerminalBehaviour):
    """Province first, card last."""

    def factors(self, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return right[::-1]


@mutant(
    "terminal/factors-of-home-province",
    breaks="TERMINAL-SAM-FACTORS",
    because=Text("地区因子取本地配置而非卡片", "the region's factors come from the settings, not from the card"),
)
class FactorsOfHome(TerminalBehaviour):
    """City and province are those of the terminal's own region."""

    def factors(self, right: tuple[bytes, ...]) -> tuple[bytes, ...]:
        return (right[0], b"340100sx", b"340000sh")[: len(right)]


@mutant(
    "terminal/one-usage-only",
    breaks="TERMINAL-SAM-LEVELS",
    because=Text("只按国家级密钥开发和测试", "made and tested with national keys only"),
)
class OneUsageOnly(TerminalBehaviour):
    """Usage 67 or none."""

    def tries_next_usage(self, sw: int, right: bool) -> bool:
        return False


@mutant(
    "terminal/no-psam-is-no-card",
    breaks="TERMINAL-SAM-ABSENT",
    because=Text("两个卡座共用同一错误码", "both slots share an error code"),
)
class NoPsamIsNoCard(TerminalBehaviour):
    """A missing PSAM is told as a missing card."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -2 if outcome == "SAM-ABSENT" else right


@mutant(
    "terminal/no-sm4-is-not-found",
    breaks="TERMINAL-SAM-ALGORITHM",
    because=Text("直接返回 PSAM 卡选择失败的状态字", "the status word of the PSAM's selection is returned as it is"),
)
class NoSm4IsNotFound(TerminalBehaviour):
    """A PSAM without SM4 gives -27266."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -27266 if outcome == "SAM-ALGORITHM" else right


@mutant(
    "terminal/no-read-key-is-unknown-key",
    breaks="TERMINAL-SAM-RKSSSE",
    because=Text("直接返回 PSAM 卡的状态字 6A88", "the PSAM's status word 6A88 is returned as it is"),
)
class NoReadKeyIsUnknownKey(TerminalBehaviour):
    """A PSAM without RKSSSE gives -27272."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -27272 if outcome == "SAM-RKSSSE" else right


@mutant(
    "terminal/no-irk-is-illegal-card",
    breaks="TERMINAL-SAM-KEY",
    because=Text("无法认证即视为非法卡", "what cannot be authenticated counts as an illegal card"),
)
class NoIrkIsIllegalCard(TerminalBehaviour):
    """A PSAM without IRK gives -21."""

    def outcome_code(self, outcome: str, right: int) -> int:
        return -21 if outcome == "SAM-KEY" else right


@mutant(
    "terminal/validity-before-authentication",
    breaks="TERMINAL-VALIDITY-ORDER",
    because=Text("先做便宜的检查", "the cheap checks come first"),
)
class ValidityFirst(TerminalBehaviour):
    """The card's own statements are looked at before it has proved anything."""

    def validity_order(self, right: Sequence[str]) -> Sequence[str]:
        return tuple(right)[::-1]
