"""Mistakes of first-level issue."""

from collections.abc import Mapping
from typing import Any

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.register import CardRecord, Ecard
from emulator.mutants.model import mutant
from onecard.spec.ecard import CardState, Field, Operation, Use
from onecard.spec.text import Text


@mutant(
    "ecard/issue-without-sign-number",
    breaks="ECARD-ISSUE",
    because=Text("签发号只写入日志，未返回", "the number of issue goes to the log only"),
)
class WithoutSignNumber(EcardBehaviour):
    """The answer lacks signNo."""

    def answer(self, operation: Operation, record: CardRecord | None, right: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in right.items() if key != "signNo"}


@mutant(
    "ecard/issue-answers-200",
    breaks="ECARD-ISSUE",
    because=Text("新建与已有未区分", "made anew and found are not told apart"),
)
class IssueAnswersOk(EcardBehaviour):
    """A first issue answers as a repeated one does."""

    def status(self, operation: Operation, right: int) -> int:
        return operation.repeated


@mutant(
    "ecard/issue-makes-another",
    breaks="ECARD-ISSUE-ONE",
    because=Text("按渠道而非按卡查找已有电子卡", "an e-card is looked for by channel, not by card"),
)
class MakesAnother(EcardBehaviour):
    """Every issue makes a new e-card."""

    def existing(self, right: Ecard | None) -> Ecard | None:
        return None


@mutant(
    "ecard/proof-not-compared",
    breaks="ECARD-ISSUE-PROOF",
    because=Text("联调时关闭了内部鉴别校验", "the check was switched off during integration and stayed off"),
)
class ProofNotCompared(EcardBehaviour):
    """Any authentication data will do."""

    def proof_holds(self, given: bytes, expected: bytes, right: bool) -> bool:
        return True


@mutant(
    "ecard/half-the-proof",
    breaks="ECARD-ISSUE-PROOF",
    because=Text("只比较前四字节", "only the first four bytes are compared, as of a MAC"),
)
class HalfTheProof(EcardBehaviour):
    """Four bytes of the authentication data count."""

    def proof_holds(self, given: bytes, expected: bytes, right: bool) -> bool:
        return given[:4] == expected[:4]


@mutant(
    "ecard/proof-replayed",
    breaks="ECARD-ISSUE-PROOF-ONCE",
    because=Text("服务不记录已用的随机数", "random values that were used are not remembered"),
)
class ProofReplayed(EcardBehaviour):
    """An internal authentication serves again."""

    def proof_used(self, right: bool) -> bool:
        return False


@mutant(
    "ecard/name-not-compared",
    breaks="ECARD-ISSUE-RECORD",
    because=Text("姓名字符集不一致，遂取消比对", "names came in several character sets, so they are not compared"),
)
class NameNotCompared(EcardBehaviour):
    """The holder's name may be another."""

    def differs(self, field: Field, right: bool) -> bool:
        return right and field.key != "aac003"


@mutant(
    "ecard/only-the-number-compared",
    breaks="ECARD-ISSUE-RECORD",
    because=Text("只比对社会保障号码", "only the social security number is compared"),
)
class OnlyTheNumber(EcardBehaviour):
    """All data but the number may be others."""

    def differs(self, field: Field, right: bool) -> bool:
        return right and field.key == "aac002"


@mutant(
    "ecard/issue-from-temporarily-lost",
    breaks="ECARD-ISSUE-STATE",
    because=Text("仅拒绝挂失与注销", "only lost and cancelled cards are refused"),
)
class IssueFromTemporarilyLost(EcardBehaviour):
    """A temporarily lost card gets an e-card."""

    def state_lets_issue(self, state: CardState, right: bool) -> bool:
        return right or state.use is Use.AUTHORISED


@mutant(
    "ecard/issue-from-cancelled",
    breaks="ECARD-ISSUE-STATE",
    because=Text("注销卡片被当作待补换而放行", "a cancelled card is taken for one to be replaced"),
)
class IssueFromCancelled(EcardBehaviour):
    """A cancelled card gets an e-card."""

    def state_lets_issue(self, state: CardState, right: bool) -> bool:
        return right or state.final


@mutant(
    "ecard/issue-registers-unknown",
    breaks="ECARD-ISSUE-CARD",
    because=Text(
        "持卡库同步滞后，遂以请求内容补建记录",
        "the register of cards lags behind, so the request is taken for the record",
    ),
)
class RegistersUnknown(EcardBehaviour):
    """An unknown card is entered as the request describes it."""

    def unknown_card(self, given: Mapping[str, str]) -> CardRecord | None:
        blank = dict.fromkeys(("aab301", "aac002", "aac003", "aaz500", "aaz507"), "") | {"algorithm": "sm4"}
        state = CardState("NORMAL", "1", issue=True, use=Use.ALL, final=False)
        return CardRecord({**blank, **given}, state)
