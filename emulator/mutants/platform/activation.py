"""Mistakes of one-stop activation."""

from collections.abc import Mapping, Sequence
from typing import Any

from emulator.mutants.model import mutant
from emulator.platform.behaviour import PlatformBehaviour
from onecard.spec.text import Text


@mutant(
    "platform/transport-not-asked",
    breaks="PLATFORM-ACTIVATION",
    because=Text("交通方异步办理，未发出即记为成功", "transport is to be done later, and is logged as done"),
)
class TransportNotAsked(PlatformBehaviour):
    """The transport operator hears of nothing."""

    def asks(self, party: str, action: str) -> bool:
        return (party, action) != ("transport", "activate")


@mutant(
    "platform/card-left-not-enabled",
    breaks="PLATFORM-ACTIVATION",
    because=Text("激活成功后未更新卡状态", "the card's state is not updated after success"),
)
class CardLeftNotEnabled(PlatformBehaviour):
    """All three agree and the card stays as it was."""

    def card_event(self, action: str, event: str | None) -> str | None:
        return None


@mutant(
    "platform/normal-card-activated-again",
    breaks="PLATFORM-ACTIVATION",
    because=Text("激活前未检查卡状态", "the card's state is not looked at before"),
)
class NormalCardActivatedAgain(PlatformBehaviour):
    """A normal card can be activated."""

    def may_start(self, earlier: Sequence[str], right: bool) -> bool:
        return True

    def next_state(self, state: str, event: str, right: str | None) -> str | None:
        return "normal" if event == "enable" else right


@mutant(
    "platform/bank-refusal-not-undone",
    breaks="PLATFORM-ACTIVATION-COMPENSATED",
    because=Text("银行失败只记日志，不撤销社保启用", "the bank's refusal is logged, and social security stays enabled"),
)
class BankRefusalNotUndone(PlatformBehaviour):
    """Half an activation remains."""

    def next(self, state: str, result: str, right: str) -> str:
        return "failed" if (state, result) == ("activating-bank", "failed") else right


@mutant(
    "platform/undoing-only-logged",
    breaks="PLATFORM-ACTIVATION-COMPENSATED",
    because=Text("补偿只改本地状态，未通知各方", "compensation changes the platform's own records and tells no party"),
)
class UndoingOnlyLogged(PlatformBehaviour):
    """The parties keep the card active."""

    def asks(self, party: str, action: str) -> bool:
        return action != "undo"


@mutant(
    "platform/card-left-enabled",
    breaks="PLATFORM-ACTIVATION-COMPENSATED",
    because=Text("撤销了各方，卡状态未恢复", "the parties are undone, the card's state is not"),
)
class CardLeftEnabled(PlatformBehaviour):
    """The card stays normal after a failed activation."""

    def card_event(self, action: str, event: str | None) -> str | None:
        return event if action == "activate" else None


@mutant(
    "platform/lost-answer-taken-for-refusal",
    breaks="PLATFORM-ACTIVATION-LOST-ANSWER",
    because=Text("超时按失败处理，不撤销该步", "a timeout counts as a refusal, and its step is not undone"),
)
class LostAnswerTakenForRefusal(PlatformBehaviour):
    """The bank account stays active."""

    def result(self, party: str, action: str, right: str) -> str:
        return "failed" if right == "lost" and action == "activate" else right


@mutant(
    "platform/lost-answer-taken-for-success",
    breaks="PLATFORM-ACTIVATION-LOST-ANSWER",
    because=Text("发出即视为成功", "what was sent counts as done"),
)
class LostAnswerTakenForSuccess(PlatformBehaviour):
    """The activation goes on without knowing."""

    def result(self, party: str, action: str, right: str) -> str:
        return "ok" if right == "lost" and action == "activate" else right


@mutant(
    "platform/failed-undoing-forgotten",
    breaks="PLATFORM-ACTIVATION-RESUME",
    because=Text("补偿失败不重试，直接结束", "a failed compensation is not tried again, the activation ends"),
)
class FailedUndoingForgotten(PlatformBehaviour):
    """What could not be undone stays for ever."""

    def next(self, state: str, result: str, right: str) -> str:
        return "compensated" if state.startswith("undoing") and result != "ok" else right


@mutant(
    "platform/resumption-does-nothing",
    breaks="PLATFORM-ACTIVATION-RESUME",
    because=Text("恢复接口只返回当前状态", "resuming answers the state and does nothing"),
)
class ResumptionDoesNothing(PlatformBehaviour):
    """A waiting activation waits for ever."""

    def resumes(self, state: str) -> bool:
        return False


@mutant(
    "platform/one-activation-a-card",
    breaks="PLATFORM-ACTIVATION-RETRY",
    because=Text("激活表以卡号为主键", "the card number is the primary key of activations"),
)
class OneActivationACard(PlatformBehaviour):
    """A failed activation bars all others."""

    def may_start(self, earlier: Sequence[str], right: bool) -> bool:
        return right and not earlier


@mutant(
    "platform/undoing-not-logged",
    breaks="PLATFORM-ACTIVATION-LOG",
    because=Text("补偿步骤不写日志", "steps of compensation are not logged"),
)
class UndoingNotLogged(PlatformBehaviour):
    """The log ends where the undoing begins."""

    def log(self, entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        return [entry for entry in entries if entry["action"] != "undo"]


@mutant(
    "platform/log-newest-first",
    breaks="PLATFORM-ACTIVATION-LOG",
    because=Text("日志按时间倒序查询", "the log is queried newest first"),
)
class LogNewestFirst(PlatformBehaviour):
    """The log tells its end first."""

    def log(self, entries: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        return list(reversed(entries))
