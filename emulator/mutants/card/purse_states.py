"""Mistakes of the medical purse's states."""

from emulator.card.behaviour import CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.card_purse import IDLE
from onecard.spec.text import Text

_INQUIRIES = frozenset(("GET-BALANCE", "GET-TRANSACTION-PROOF"))
_COMPLETIONS = frozenset(("CREDIT-FOR-LOAD", "DEBIT-FOR-PURCHASE"))


@mutant(
    "card/purse-state-unchecked",
    breaks="CARD-PURSE-STATE",
    because=Text("未实现状态机，只比较 MAC", "there is no state machine, only the MAC is compared"),
)
class PurseStateUnchecked(CardBehaviour):
    """A completion is taken in every state once something was initialised."""

    def purse_allows(self, state: str, command: str, right: bool) -> bool:
        return right or state != IDLE


@mutant(
    "card/purse-second-initialisation-refused",
    breaks="CARD-PURSE-STATE",
    because=Text("交易未完成时不允许重新初始化", "an initialisation is refused while a transaction is open"),
)
class PurseSecondInitialisationRefused(CardBehaviour):
    """INITIALIZE is allowed in the idle state only."""

    def purse_allows(self, state: str, command: str, right: bool) -> bool:
        return right and (state == IDLE or not command.startswith("INITIALIZE"))


@mutant(
    "card/purse-state-kept-after-failure",
    breaks="CARD-PURSE-STATE-FAILED",
    because=Text("失败路径未复位状态", "the failure paths leave the state as it is"),
)
class PurseStateKeptAfterFailure(CardBehaviour):
    """After a wrong MAC another one may be tried."""

    def purse_state_after_failure(self, before: str) -> str:
        return before


@mutant(
    "card/purse-state-survives-reset",
    breaks="CARD-PURSE-STATE-ENDS",
    because=Text("交易状态存于非易失存储", "the state is kept in persistent memory"),
)
class PurseStateSurvivesReset(CardBehaviour):
    """A transaction begun goes on after a reset."""

    def purse_state_after_reset(self, before: str) -> str:
        return before

    def purse_state_after_select(self, before: str) -> str:
        return before


@mutant(
    "card/purse-state-survives-selection",
    breaks="CARD-PURSE-STATE-ENDS",
    because=Text("选择应用只清除安全状态", "a selection clears the security state only"),
)
class PurseStateSurvivesSelection(CardBehaviour):
    """A transaction begun goes on after another application was selected."""

    def purse_state_after_select(self, before: str) -> str:
        return before


@mutant(
    "card/purse-completed-twice",
    breaks="CARD-PURSE-STATE-ENDS",
    because=Text("完成后未回到空闲", "the state does not return to idle after success"),
)
class PurseCompletedTwice(CardBehaviour):
    """The same completion is carried out again."""

    def purse_state_after(self, command: str, before: str, right: str) -> str:
        return before if command in _COMPLETIONS else right


@mutant(
    "card/purse-inquiry-ends-transaction",
    breaks="CARD-PURSE-STATE-KEPT",
    because=Text("除初始化外的命令一律回到空闲", "every command but an initialisation leads to idle"),
)
class PurseInquiryEndsTransaction(CardBehaviour):
    """GET BALANCE and GET TRANSACTION PROOF end the transaction."""

    def purse_state_after(self, command: str, before: str, right: str) -> str:
        return IDLE if command in _INQUIRIES else right
