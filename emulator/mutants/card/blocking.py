"""Mistakes of APPLICATION BLOCK and CARD BLOCK."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.text import Text

APPLICATION, CARD, SELECT = "APPLICATION-BLOCK", "CARD-BLOCK", "SELECT"


@mutant(
    "card/application-block-does-nothing",
    breaks="CARD-APPLICATION-BLOCK",
    because=Text("锁定标志未写入", "the flag is never written"),
)
class ApplicationBlockDoesNothing(CardBehaviour):
    """9000 is answered and the application works on."""

    def blocks(self, command: str) -> bool:
        return command != APPLICATION


@mutant(
    "card/application-block-until-power-off",
    breaks="CARD-APPLICATION-BLOCK",
    because=Text("锁定标志只在 RAM 中", "the flag is kept in RAM"),
)
class ApplicationBlockUntilPowerOff(CardBehaviour):
    """The application is back after the supply was off."""

    def blocks_after_power_off(self, blocked: tuple[str, ...]) -> tuple[str, ...]:
        return ()


@mutant(
    "card/application-block-selectable",
    breaks="CARD-APPLICATION-BLOCK",
    because=Text("SELECT 不检查锁定", "SELECT does not look whether the application is blocked"),
)
class ApplicationBlockSelectable(CardBehaviour):
    """SELECT of a blocked application answers 9000."""

    def application_stopped(self, command: str, right: bool) -> bool:
        return right and command != SELECT


@mutant(
    "card/application-block-commands-go-on",
    breaks="CARD-APPLICATION-BLOCK",
    because=Text("只有 SELECT 检查锁定", "only SELECT looks whether the application is blocked"),
)
class ApplicationBlockCommandsGoOn(CardBehaviour):
    """The current application answers on until it is selected again."""

    def application_stopped(self, command: str, right: bool) -> bool:
        return right and command == SELECT


@mutant(
    "card/application-block-of-the-environment",
    breaks="CARD-APPLICATION-BLOCK",
    because=Text("锁定了整个环境而不是当前应用", "the whole environment is blocked in place of the application"),
)
class ApplicationBlockOfTheEnvironment(CardBehaviour):
    """Blocking one application blocks SSSE."""

    def scope_of_block(self, right: tuple[str, ...]) -> tuple[str, ...]:
        return ("SSSE",)


@mutant(
    "card/application-block-without-right",
    breaks="CARD-APPLICATION-BLOCK-REFUSED",
    because=Text("以为 MAC 足以证明发卡机构", "the MAC is thought to prove the issuer"),
)
class ApplicationBlockWithoutRight(CardBehaviour):
    """BK need not be authenticated."""

    def right_shown(self, command: str, right: bool) -> bool:
        return right or command == APPLICATION


@mutant(
    "card/application-block-any-mac",
    breaks="CARD-APPLICATION-BLOCK-REFUSED",
    because=Text("锁定命令不校验 MAC", "the MAC of the command is not compared"),
)
class ApplicationBlockAnyMac(CardBehaviour):
    """Any MAC blocks."""

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return computed == given or command == APPLICATION


@mutant(
    "card/application-block-any-parameters",
    breaks="CARD-APPLICATION-BLOCK-PARAMETERS",
    because=Text("不检查 P1 P2", "P1 and P2 are not looked at"),
)
class ApplicationBlockAnyParameters(CardBehaviour):
    """Undefined parameters go on to the next check."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == APPLICATION


@mutant(
    "card/card-block-does-nothing",
    breaks="CARD-BLOCK-CARD",
    because=Text("锁定标志未写入", "the flag is never written"),
)
class CardBlockDoesNothing(CardBehaviour):
    """9000 is answered and the card works on."""

    def blocks(self, command: str) -> bool:
        return command != CARD


@mutant(
    "card/card-block-until-power-off",
    breaks="CARD-BLOCK-CARD",
    because=Text("锁定标志只在 RAM 中", "the flag is kept in RAM"),
)
class CardBlockUntilPowerOff(CardBehaviour):
    """The card is back after the supply was off."""

    def card_blocked_after_power_off(self, blocked: bool) -> bool:
        return False


@mutant(
    "card/card-block-selects",
    breaks="CARD-BLOCK-CARD",
    because=Text("SELECT 在锁定检查之前处理", "SELECT is handled before the check"),
)
class CardBlockSelects(CardBehaviour):
    """A blocked card still selects."""

    def card_stopped(self, command: str, right: bool) -> bool:
        return right and command != SELECT


@mutant(
    "card/card-block-without-right",
    breaks="CARD-BLOCK-REFUSED",
    because=Text("以为 MAC 足以证明发卡机构", "the MAC is thought to prove the issuer"),
)
class CardBlockWithoutRight(CardBehaviour):
    """BK need not be authenticated."""

    def right_shown(self, command: str, right: bool) -> bool:
        return right or command == CARD


@mutant(
    "card/card-block-any-mac",
    breaks="CARD-BLOCK-REFUSED",
    because=Text("锁定命令不校验 MAC", "the MAC of the command is not compared"),
)
class CardBlockAnyMac(CardBehaviour):
    """Any MAC blocks."""

    def accepts_mac(self, command: str, computed: bytes, given: bytes) -> bool:
        return computed == given or command == CARD


@mutant(
    "card/card-block-without-challenge",
    breaks="CARD-BLOCK-REFUSED",
    because=Text("无随机数时以全 0 代替", "without a challenge zeros are taken"),
)
class CardBlockWithoutChallenge(CardBehaviour):
    """No challenge counts as one of zeros."""

    def challenge_for_mac(self, state: SecurityState) -> bytes | None:
        return state.challenge or bytes(8)


@mutant(
    "card/card-block-any-parameters",
    breaks="CARD-BLOCK-PARAMETERS",
    because=Text("不检查 P1 P2", "P1 and P2 are not looked at"),
)
class CardBlockAnyParameters(CardBehaviour):
    """Undefined parameters go on to the next check."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == CARD


@mutant(
    "card/block-key-counted",
    breaks="CARD-BLOCK-KEY-KEPT",
    because=Text("BK 与其它密钥一样计数", "BK is counted as the other keys are"),
)
class BlockKeyCounted(CardBehaviour):
    """Failing authentications lock BK."""

    def counted(self, name: str, right: bool) -> bool:
        return right or name == "BK"
