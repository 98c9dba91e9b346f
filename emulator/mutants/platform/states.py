"""Mistakes of card states."""

from emulator.mutants.model import mutant
from emulator.platform.behaviour import PlatformBehaviour
from onecard.spec.text import Text


@mutant(
    "platform/codes-of-the-other-set",
    breaks="PLATFORM-STATE-CODES",
    because=Text("临时挂失沿用了另一套代码", "the temporary loss has the code of the other set"),
)
class CodesOfTheOtherSet(PlatformBehaviour):
    """A temporary loss is shown as B."""

    def shown_code(self, state: str, code: str) -> str:
        return "B" if state == "temporarily-lost" else code


@mutant(
    "platform/loss-shown-as-cancelled",
    breaks="PLATFORM-STATE-CODES",
    because=Text("代码表错位一行", "the table of codes is shifted by a row"),
)
class LossShownAsCancelled(PlatformBehaviour):
    """A lost card has the code of a cancelled one."""

    def shown_code(self, state: str, code: str) -> str:
        return "9" if state == "lost" else code


@mutant(
    "platform/event-not-stored",
    breaks="PLATFORM-STATE-LEGAL",
    because=Text("事务未提交即应答", "the answer goes out and the transaction is never committed"),
)
class EventNotStored(PlatformBehaviour):
    """An accepted report of loss leaves the card normal."""

    def event_done(self, event: str) -> bool:
        return event != "report-loss"


@mutant(
    "platform/released-loss-not-enabled",
    breaks="PLATFORM-STATE-LEGAL",
    because=Text("解挂复用了补卡流程，卡须重新启用", "releasing takes the path of a replacement card"),
)
class ReleasedLossNotEnabled(PlatformBehaviour):
    """A released card is not normal again."""

    def next_state(self, state: str, event: str, right: str | None) -> str | None:
        return "not-enabled" if event == "release-loss" and right is not None else right


@mutant(
    "platform/repeated-report-accepted",
    breaks="PLATFORM-STATE-ILLEGAL",
    because=Text("事件未与当前状态核对", "the event is not compared with the present state"),
)
class RepeatedReportAccepted(PlatformBehaviour):
    """Events from a state that does not have them change nothing and are accepted."""

    def next_state(self, state: str, event: str, right: str | None) -> str | None:
        return right or state


@mutant(
    "platform/lost-becomes-temporary",
    breaks="PLATFORM-STATE-ILLEGAL",
    because=Text("解除临时挂失不检查挂失的种类", "releasing a temporary loss does not look at the kind of loss"),
)
class LostBecomesTemporary(PlatformBehaviour):
    """A formal loss is released while the card is only temporarily lost."""

    def next_state(self, state: str, event: str, right: str | None) -> str | None:
        return "normal" if event == "release-loss" else right


@mutant(
    "platform/temporary-loss-never-ends",
    breaks="PLATFORM-TEMPORARY-LOSS-EXPIRES",
    because=Text("自动解挂任务未部署", "the job that ends temporary losses was never deployed"),
)
class TemporaryLossNeverEnds(PlatformBehaviour):
    """It takes the holder to release it."""

    def expired(self, now: int, until: int) -> bool:
        return False


@mutant(
    "platform/temporary-loss-ends-a-day-early",
    breaks="PLATFORM-TEMPORARY-LOSS-EXPIRES",
    because=Text("挂失当天算作一整天", "the day of the report counts as a whole day"),
)
class TemporaryLossEndsEarly(PlatformBehaviour):
    """It ends a day before its time."""

    def expired(self, now: int, until: int) -> bool:
        return now >= until - 86400
