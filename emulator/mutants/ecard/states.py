"""Mistakes with the card's state: suspension, authorisation, release, end."""

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.register import CardRecord
from emulator.mutants.model import mutant
from onecard.spec.ecard import CardState, Use
from onecard.spec.text import Text


@mutant(
    "ecard/unknown-state-is-normal",
    breaks="ECARD-REPORT",
    because=Text("未识别的状态代码落入默认分支", "an unknown code of state falls into the default branch"),
)
class UnknownStateIsNormal(EcardBehaviour):
    """An unknown code is taken for normal."""

    def reported(self, code: str, normal: CardState) -> CardState | None:
        return normal


@mutant(
    "ecard/state-not-taken-over",
    breaks="ECARD-REPORT",
    because=Text("状态通知先入队列，批量处理", "reports are queued for the nightly batch"),
)
class StateNotTakenOver(EcardBehaviour):
    """A report is confirmed and forgotten."""

    def state_after(self, before: CardState, reported: CardState) -> CardState:
        return before


@mutant(
    "ecard/suspension-of-codes-only",
    breaks="ECARD-SUSPEND",
    because=Text("停用只加在生成动态码处", "the suspension was added where codes are made only"),
)
class SuspensionOfCodesOnly(EcardBehaviour):
    """A code given before the loss is verified after it."""

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if operation == "VERIFY" and right == "SUSPENDED" else right


@mutant(
    "ecard/suspension-of-verification-only",
    breaks="ECARD-SUSPEND",
    because=Text("停用只加在验码处", "the suspension was added where codes are verified only"),
)
class SuspensionOfVerificationOnly(EcardBehaviour):
    """A lost card's e-card gets codes."""

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if operation == "CODE" and right == "SUSPENDED" else right


@mutant(
    "ecard/sealed-not-suspended",
    breaks="ECARD-SUSPEND",
    because=Text("状态表漏列封存", "the table of states forgets the sealed one"),
)
class SealedNotSuspended(EcardBehaviour):
    """A sealed card's e-card works."""

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if record.state.id == "SEALED" else right


@mutant(
    "ecard/temporary-loss-ignored",
    breaks="ECARD-SUSPEND-TEMPORARY",
    because=Text("临时挂失只影响实体卡", "a temporary loss is thought to concern the physical card only"),
)
class TemporaryLossIgnored(EcardBehaviour):
    """A temporarily lost card's e-card works without authorisation."""

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if record.state.use is Use.AUTHORISED else right


@mutant(
    "ecard/authorisation-without-effect",
    breaks="ECARD-SUSPEND-TEMPORARY",
    because=Text(
        "授权写入渠道库，未写入签发库", "the authorisation goes to the channel's database, not to the service's"
    ),
)
class AuthorisationWithoutEffect(EcardBehaviour):
    """The authorisation is not kept."""

    def authorisation(self) -> bool:
        return False


@mutant(
    "ecard/authorisation-stays",
    breaks="ECARD-AUTHORISATION-ENDS",
    because=Text("解除挂失时未清除授权标志", "release does not clear the flag of the authorisation"),
)
class AuthorisationStays(EcardBehaviour):
    """An authorisation outlives the temporary loss."""

    def authorised_after(self, authorised: bool, reported: CardState) -> bool:
        return authorised


@mutant(
    "ecard/authorisation-in-advance",
    breaks="ECARD-AUTHORISATION-ENDS",
    because=Text("授权接口不看卡片状态", "the call for the authorisation does not look at the card's state"),
)
class AuthorisationInAdvance(EcardBehaviour):
    """A normal card's holder may authorise in advance."""

    def may_authorise(self, state: CardState, right: bool) -> bool:
        return right or state.use is Use.ALL

    def authorised_after(self, authorised: bool, reported: CardState) -> bool:
        return authorised


@mutant(
    "ecard/authorisation-opens-lost",
    breaks="ECARD-AUTHORISATION-LOST",
    because=Text("挂失与临时挂失共用一个标志", "loss and temporary loss share one flag"),
)
class AuthorisationOpensLost(EcardBehaviour):
    """The holder may authorise use of a lost card's e-card."""

    def may_authorise(self, state: CardState, right: bool) -> bool:
        return right or state.id == "LOST"

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if record.state.id == "LOST" and record.authorised else right


@mutant(
    "ecard/suspension-sticks",
    breaks="ECARD-RELEASE",
    because=Text("停用标志只置位，解除挂失时不复位", "the flag of the suspension is set and never taken back"),
)
class SuspensionSticks(EcardBehaviour):
    """Once reported lost, an e-card stays suspended."""

    def __init__(self) -> None:
        self._lost = False

    def authorised_after(self, authorised: bool, reported: CardState) -> bool:
        self._lost = self._lost or (reported.use is Use.NONE and not reported.final)
        return super().authorised_after(authorised, reported)

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return "SUSPENDED" if self._lost and right is None else right


@mutant(
    "ecard/report-revives",
    breaks="ECARD-DEREGISTER",
    because=Text("状态通知直接覆盖状态字段", "a report simply overwrites the state"),
)
class ReportRevives(EcardBehaviour):
    """A cancelled card can be made normal again."""

    def may_leave(self, state: CardState, right: bool) -> bool:
        return True


@mutant(
    "ecard/code-outlives-the-end",
    breaks="ECARD-DEREGISTER",
    because=Text("注销只删除签发渠道的关联", "cancelling removes the link to the channel only"),
)
class CodeOutlivesTheEnd(EcardBehaviour):
    """A code given before the end is verified after it."""

    def use_refused(self, operation: str, record: CardRecord, right: str | None) -> str | None:
        return None if operation == "VERIFY" and right == "ENDED" else right
