"""Mistakes of the security state: rights that outlive their cause or do not last as long as they must."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import SecurityState
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "card/rights-lost-on-selecting-file",
    breaks="CARD-SECURITY-STAYS",
    because=Text("任何 SELECT 都清除安全状态", "any SELECT clears the security state"),
    profiles=("card-3.0",),
)
class RightsLostOnSelectingFile(CardBehaviour):
    """Selecting an EF ends the key authentication."""

    def security_after_file(self, state: SecurityState) -> SecurityState:
        return state.without_keys()


@mutant(
    "card/rights-survive-selection",
    breaks="CARD-SECURITY-SELECT",
    because=Text("安全状态为全卡全局变量", "the security state is global to the card"),
)
class RightsSurviveSelection(CardBehaviour):
    """Selecting another application keeps the key authentication."""

    def rights_after_select(self, state: SecurityState) -> SecurityState:
        return state


@mutant(
    "card/rights-survive-warm-reset",
    breaks="CARD-SECURITY-RESET",
    because=Text("热复位不初始化 RAM", "a warm reset does not initialise the RAM"),
)
class RightsSurviveWarmReset(CardBehaviour):
    """A warm reset keeps the key authentication."""

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        return before.with_challenge(None)


@mutant(
    "card/rights-survive-power-off",
    breaks="CARD-SECURITY-RESET",
    because=Text("安全状态存放在非易失存储中", "the security state lies in non-volatile memory"),
)
class RightsSurvivePowerOff(CardBehaviour):
    """Power-off keeps the key authentication."""

    def security_after_power_off(self, before: SecurityState) -> SecurityState:
        return before.with_challenge(None)


@mutant(
    "card/challenge-survives-reset",
    breaks="CARD-SECURITY-RESET",
    because=Text("随机数缓冲区不随复位清除", "the challenge buffer is not cleared by a reset"),
)
class ChallengeSurvivesReset(CardBehaviour):
    """A challenge taken before a warm reset serves after it."""

    def security_after_reset(self, before: SecurityState) -> SecurityState:
        return SecurityState(challenge=before.challenge)
