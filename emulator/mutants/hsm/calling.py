"""Mistakes about callers: rights, channels, rates; and about frames over TCP."""

from collections.abc import Mapping

from emulator.hsm.behaviour import HsmBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "hsm/any-service-for-anyone",
    breaks="HSM-AUTHORISED",
    because=Text("有凭据即可使用全部服务", "whoever has a credential may use every service"),
)
class AnyServiceForAnyone(HsmBehaviour):
    """Services are not granted one by one."""

    def grants(self, right_to: str, granted: bool) -> bool:
        return granted or right_to == "service"


@mutant(
    "hsm/any-key-for-anyone",
    breaks="HSM-AUTHORISED",
    because=Text("只按服务授权，未按密钥地址", "services are granted, keys are not looked at"),
)
class AnyKeyForAnyone(HsmBehaviour):
    """Whoever may use a service may name any key to it."""

    def grants(self, right_to: str, granted: bool) -> bool:
        return granted or right_to == "address"


@mutant(
    "hsm/any-region-for-anyone",
    breaks="HSM-AUTHORISED",
    because=Text("未核对机构所属地区", "the institution's regions are not looked at"),
    profiles=("hsm-default",),
)
class AnyRegionForAnyone(HsmBehaviour):
    """An institution of one city asks about cards of another."""

    def grants(self, right_to: str, granted: bool) -> bool:
        return granted or right_to == "region"


@mutant(
    "hsm/refusal-with-answer",
    breaks="HSM-AUTHORISED",
    because=Text("先计算后核对权限，结果随拒绝一并返回", "rights are checked after computing, and the result goes out"),
)
class RefusalWithAnswer(HsmBehaviour):
    """The refusal of a missing right carries a response."""

    def refusal(self, status: int, body: Mapping[str, object], request: str) -> tuple[int, Mapping[str, object]]:
        return (status, {**body, "response": request}) if body.get("code") == "forbidden" else (status, body)


@mutant(
    "hsm/channel-not-checked",
    breaks="HSM-CHANNEL",
    because=Text("渠道只用于统计", "channels are there for statistics only"),
)
class ChannelNotChecked(HsmBehaviour):
    """Any channel serves, and none as well."""

    def accepts_channel(self, named: str, known: bool) -> bool:
        return True


@mutant(
    "hsm/channel-optional",
    breaks="HSM-CHANNEL",
    because=Text("未指明渠道时放行", "without a channel the request is let through"),
)
class ChannelOptional(HsmBehaviour):
    """Who names no channel has all rights of the institution."""

    def accepts_channel(self, named: str, known: bool) -> bool:
        return known or named == ""


@mutant(
    "hsm/channel-does-not-narrow",
    breaks="HSM-CHANNEL",
    because=Text("只核对机构的权限", "only the institution's rights are checked"),
)
class ChannelDoesNotNarrow(HsmBehaviour):
    """A self-service machine may do what the counter may."""

    def narrows(self, granted: bool) -> bool:
        return True


@mutant(
    "hsm/no-rate",
    breaks="HSM-RATE",
    because=Text("配置了限额而未执行", "a limit is configured and never applied"),
)
class NoRate(HsmBehaviour):
    """There is no limit."""

    def within_rate(self, served: int, limit: int) -> bool:
        return True


@mutant(
    "hsm/rate-off-by-one",
    breaks="HSM-RATE",
    because=Text("边界比较差一", "the comparison with the limit is off by one"),
)
class RateOffByOne(HsmBehaviour):
    """The last request within the limit is refused."""

    def within_rate(self, served: int, limit: int) -> bool:
        return served < limit - 1


@mutant(
    "hsm/no-retry-after",
    breaks="HSM-RATE",
    because=Text("拒绝时未说明何时重试", "the refusal does not say when to come again"),
)
class NoRetryAfter(HsmBehaviour):
    """Retry-After is missing."""

    def retry_after(self, seconds: int) -> int | None:
        return None


@mutant(
    "hsm/retry-after-in-milliseconds",
    breaks="HSM-RATE",
    because=Text("Retry-After 以毫秒给出", "Retry-After is given in milliseconds"),
)
class RetryAfterInMilliseconds(HsmBehaviour):
    """A client would wait a day."""

    def retry_after(self, seconds: int) -> int | None:
        return seconds * 1000


@mutant(
    "hsm/retry-after-constant",
    breaks="HSM-RATE",
    because=Text("Retry-After 固定为 1 秒", "Retry-After is always one second"),
)
class RetryAfterConstant(HsmBehaviour):
    """Who comes again when told is refused again."""

    def retry_after(self, seconds: int) -> int | None:
        return 1


@mutant(
    "hsm/frame-by-packet",
    breaks="HSM-FRAME",
    because=Text("把一次接收当作一帧", "what one receive gives is taken for a frame"),
)
class FrameByPacket(HsmBehaviour):
    """A frame that arrives in pieces is read too early."""

    def waits_for_rest(self) -> bool:
        return False


@mutant(
    "hsm/one-frame-a-connection",
    breaks="HSM-FRAME",
    because=Text("每个连接只应答一次", "a connection is answered once"),
)
class OneFrameAConnection(HsmBehaviour):
    """Further frames on a connection are lost."""

    def serves_another(self, served: int) -> bool:
        return False


@mutant(
    "hsm/any-frame",
    breaks="HSM-FRAME",
    because=Text("未限制帧长", "the length of a frame is not limited"),
)
class AnyFrame(HsmBehaviour):
    """Memory is kept for whatever length is announced."""

    def accepts_frame(self, length: int, longest: int) -> bool:
        return True
