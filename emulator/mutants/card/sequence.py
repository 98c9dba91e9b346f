"""Mistakes that show only in what went before: no single command is wrong in itself."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.state import Position, SecurityState
from emulator.mutants.model import mutant
from onecard.spec.card import Mode
from onecard.spec.text import Text


@mutant(
    "card/challenge-command-loses-rights",
    breaks="CARD-SEQUENCE",
    because=Text("取随机数时重置了安全状态", "taking a challenge resets the security state"),
)
class ChallengeCommandLosesRights(CardBehaviour):
    """GET CHALLENGE ends every key authentication."""

    def security_after_challenge(self, state: SecurityState, challenge: bytes) -> SecurityState:
        return state.without_keys().with_challenge(challenge)


@mutant(
    "card/pointer-lost-after-reading",
    breaks="CARD-READ-IDENTIFIER",
    because=Text("记录指针未保存", "the record pointer is not kept"),
)
class PointerLostAfterReading(CardBehaviour):
    """ "Next" after a read by identifier begins anew."""

    def pointer_after_record(self, mode: Mode, before: int | None, found: int) -> int | None:
        return None


@mutant(
    "card/selection-by-name-keeps-file",
    breaks="CARD-SEQUENCE",
    because=Text("重新选择环境时当前文件未清除", "selecting the environment anew does not clear the current file"),
)
class SelectionByNameKeepsFile(CardBehaviour):
    """An EF stays current when its application is selected again."""

    def position_after_select(self, before: Position, selected: Position) -> Position:
        same = selected.file is None and selected.application == before.application
        return before if same else selected
