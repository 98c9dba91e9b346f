"""Mistakes of flows, repeated calls and answers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from emulator.mutants.model import mutant
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.messages import Call, Step
from onecard.spec.text import Text


@mutant(
    "platform/flow-of-any-card",
    breaks="PLATFORM-ADMIT-FLOW",
    because=Text("认证结果未与卡号绑定", "the authentication is not bound to the card"),
)
class FlowOfAnyCard(PlatformBehaviour):
    """Authenticating one card opens another."""

    def same_flow(self, done: Step, wanted: Step) -> bool:
        return replace(done, card_no=wanted.card_no) == wanted


@mutant(
    "platform/flow-of-any-institution",
    breaks="PLATFORM-ADMIT-FLOW",
    because=Text("流程号全平台共用，未与机构绑定", "flow numbers are shared and not bound to the institution"),
)
class FlowOfAnyInstitution(PlatformBehaviour):
    """Who knows the number goes on."""

    def same_flow(self, done: Step, wanted: Step) -> bool:
        return replace(done, institution=wanted.institution) == wanted


@mutant(
    "platform/flow-of-any-item",
    breaks="PLATFORM-ADMIT-FLOW",
    because=Text("认证一次，各事项通用", "one authentication serves for all items"),
)
class FlowOfAnyItem(PlatformBehaviour):
    """A flow changes its item."""

    def same_flow(self, done: Step, wanted: Step) -> bool:
        return replace(done, item=wanted.item) == wanted


@mutant(
    "platform/sequence-answers-anything",
    breaks="PLATFORM-SEQUENCE",
    because=Text("按流水号去重，不比较内容", "repeated calls are told by their number, the content is not compared"),
)
class SequenceAnswersAnything(PlatformBehaviour):
    """Another call with the same number gets the old answer."""

    def repeats(self, kept: str, given: str) -> bool:
        return True


@mutant(
    "platform/sequence-overwritten",
    breaks="PLATFORM-SEQUENCE",
    because=Text("流水表缺少唯一约束", "the table of sequence numbers has no unique constraint"),
)
class SequenceOverwritten(PlatformBehaviour):
    """Another call with the same number is carried out."""

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        return right and not (control == "flow" and call.flow == call.sequence)


@mutant(
    "platform/repeat-carried-out",
    breaks="PLATFORM-IDEMPOTENT",
    because=Text("重试请求未识别为同一笔", "a retried request is not known as the same"),
)
class RepeatCarriedOut(PlatformBehaviour):
    """The same call is done again."""

    def answers_repeat_from_store(self) -> bool:
        return False


@mutant(
    "platform/repeat-refused",
    breaks="PLATFORM-IDEMPOTENT",
    because=Text("重复流水号一律拒绝", "a repeated number is refused whatever it carries"),
)
class RepeatRefused(PlatformBehaviour):
    """The caller who lost the answer never gets it."""

    def repeats(self, kept: str, given: str) -> bool:
        return False


@mutant(
    "platform/answer-lacks-code",
    breaks="PLATFORM-ANSWER-FORM",
    because=Text("空值字段不参与序列化", "fields are dropped by a serialiser setting"),
)
class AnswerLacksCode(PlatformBehaviour):
    """Cards are shown without the code of their state."""

    def shaped(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in body.items() if key != "stateCode"}


@mutant(
    "platform/answer-log-numbers-as-text",
    breaks="PLATFORM-ANSWER-FORM",
    because=Text("长整型按字符串输出", "long integers are written as text"),
)
class AnswerLogNumbersAsText(PlatformBehaviour):
    """The numbers of the log are strings."""

    def shaped(self, operation: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        if "log" not in body:
            return body
        return {**body, "log": [{**entry, "n": str(entry["n"])} for entry in body["log"]]}
