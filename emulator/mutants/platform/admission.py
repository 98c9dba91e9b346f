"""Mistakes of credentials, form and the six controls."""

from collections.abc import Sequence

from emulator.mutants.model import mutant
from emulator.platform.behaviour import PlatformBehaviour
from emulator.platform.messages import Call
from onecard.spec.platform import Refusal
from onecard.spec.text import Text


@mutant(
    "platform/key-unchecked",
    breaks="PLATFORM-CREDENTIAL",
    because=Text("只按机构编号识别，密钥留待网关校验", "the institution is known by its id, keys are for the gateway"),
)
class KeyUnchecked(PlatformBehaviour):
    """Any key of a known institution is right."""

    def key_matches(self, right: str | None, given: str) -> bool:
        return right is not None


@mutant(
    "platform/key-prefix-accepted",
    breaks="PLATFORM-CREDENTIAL",
    because=Text("按收到的长度比较密钥", "as many characters as came are compared"),
)
class KeyPrefixAccepted(PlatformBehaviour):
    """The beginning of the key is right."""

    def key_matches(self, right: str | None, given: str) -> bool:
        return right is not None and right.startswith(given)


@mutant(
    "platform/key-case-ignored",
    breaks="PLATFORM-CREDENTIAL",
    because=Text("数据库排序规则不区分大小写", "the collation of the database ignores case"),
)
class KeyCaseIgnored(PlatformBehaviour):
    """Keys are compared without case."""

    def key_matches(self, right: str | None, given: str) -> bool:
        return right is not None and right.lower() == given.lower()


@mutant(
    "platform/request-unchecked",
    breaks="PLATFORM-REQUEST-FORM",
    because=Text("接口文档只作说明，未用于校验", "the interface document explains, and validates nothing"),
)
class RequestUnchecked(PlatformBehaviour):
    """Malformed requests go on; those that lack something end in an exception."""

    def accepts(self, problem: str | None) -> bool:
        return True


@mutant(
    "platform/extra-fields-ignored",
    breaks="PLATFORM-REQUEST-FORM",
    because=Text("反序列化时忽略未知字段", "unknown fields are dropped when the request is read"),
)
class ExtraFieldsIgnored(PlatformBehaviour):
    """A problem of the outer object or of the call as a whole is let pass when nothing is missing."""

    def accepts(self, problem: str | None) -> bool:
        return problem in (None, "holder")


class _Admits(PlatformBehaviour):
    """One control never refuses."""

    control = ""

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        return right and control != self.control


@mutant(
    "platform/suspension-ignored",
    breaks="PLATFORM-ADMIT-INSTITUTION",
    because=Text("暂停标志只在管理后台生效", "the suspension takes effect in the back office only"),
)
class SuspensionIgnored(_Admits):
    """A suspended institution goes on."""

    control = "institution"


@mutant(
    "platform/channel-unchecked",
    breaks="PLATFORM-ADMIT-CHANNEL",
    because=Text("渠道号仅用于统计", "the channel serves for statistics only"),
)
class ChannelUnchecked(_Admits):
    """Any channel will do."""

    control = "channel"


@mutant(
    "platform/card-state-unchecked",
    breaks="PLATFORM-ADMIT-CARD",
    because=Text("办理前未检查卡状态", "the card's state is not looked at"),
)
class CardStateUnchecked(_Admits):
    """A lost or cancelled card is as good as any."""

    control = "card"


@mutant(
    "platform/item-unchecked",
    breaks="PLATFORM-ADMIT-ITEM",
    because=Text("接口权限按地址授予，未细到事项", "permissions are granted by address, not by item"),
)
class ItemUnchecked(_Admits):
    """Any item will do."""

    control = "item"


@mutant(
    "platform/event-of-any-item",
    breaks="PLATFORM-ADMIT-ITEM",
    because=Text("只检查事项，未检查事件是否属于它", "the item is looked at, but not whether the event is one of its"),
)
class EventOfAnyItem(PlatformBehaviour):
    """A temporary-loss flow may report a formal loss."""

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        return right and not (control == "item" and call.event is not None)


@mutant(
    "platform/scene-unchecked",
    breaks="PLATFORM-ADMIT-SCENE",
    because=Text("场景由调用方自报，平台未核对", "the scene is what the caller says, and nobody compares"),
)
class SceneUnchecked(_Admits):
    """Any scene will do."""

    control = "scene"


@mutant(
    "platform/flow-unchecked",
    breaks="PLATFORM-ADMIT-FLOW",
    because=Text("流程由前端控制，后端不校验", "the front end keeps the flow, the back end does not look"),
)
class FlowUnchecked(_Admits):
    """A later step goes without the earlier ones."""

    control = "flow"


@mutant(
    "platform/self-service-refused",
    breaks="PLATFORM-ADMIT",
    because=Text("准入表漏配自助渠道", "the admission table lacks the self-service channel"),
)
class SelfServiceRefused(PlatformBehaviour):
    """Channel 2 is refused to all."""

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        return right or (control == "channel" and call.channel == "2")


@mutant(
    "platform/web-page-refused",
    breaks="PLATFORM-ADMIT",
    because=Text("新场景未加入准入表", "a scene that came later is not in the admission table"),
)
class WebPageRefused(PlatformBehaviour):
    """Cards cannot be queried from a web page."""

    def refuses(self, control: str, call: Call, right: bool) -> bool:
        return right or (control == "scene" and call.item == "card-query" and call.scene == "web-page")


@mutant(
    "platform/controls-backwards",
    breaks="PLATFORM-ADMIT-ORDER",
    because=Text("拦截器按注册的相反次序执行", "interceptors run in the reverse order of their registration"),
)
class ControlsBackwards(PlatformBehaviour):
    """The last control goes first."""

    def order(self, controls: Sequence[Refusal]) -> Sequence[Refusal]:
        return tuple(reversed(controls))


@mutant(
    "platform/card-before-channel",
    breaks="PLATFORM-ADMIT-ORDER",
    because=Text("先查卡，再查渠道", "the card is looked up before the channel is compared"),
)
class CardBeforeChannel(PlatformBehaviour):
    """Second and third control are exchanged."""

    def order(self, controls: Sequence[Refusal]) -> Sequence[Refusal]:
        return (controls[0], controls[2], controls[1], *controls[3:])


@mutant(
    "platform/refused-sequence-kept",
    breaks="PLATFORM-ADMIT-NO-EFFECT",
    because=Text("流水先登记，后准入", "the sequence number is stored before the controls are asked"),
)
class RefusedSequenceKept(PlatformBehaviour):
    """A refused call uses up its number."""

    def keeps_sequence_of_refused(self) -> bool:
        return True
