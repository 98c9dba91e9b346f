"""Mistakes with callers, requests and refusals."""

from collections.abc import Mapping

from emulator.ecard.behaviour import EcardBehaviour
from emulator.ecard.register import Ecard
from emulator.mutants.model import mutant
from onecard.spec.ecard import Field, Operation, Refusal
from onecard.spec.text import Text


@mutant(
    "ecard/no-key-is-a-channel",
    breaks="ECARD-CALLER",
    because=Text(
        "网关已鉴权，服务对缺少凭据的调用放行", "the gateway checks callers, so the service lets those without a key in"
    ),
)
class NoKeyIsAChannel(EcardBehaviour):
    """Without a key one is taken for a channel."""

    def role(self, key: str | None, credentials: Mapping[str, str], right: str | None) -> str | None:
        return next(iter(credentials)) if key is None else right


@mutant(
    "ecard/key-compared-by-its-length",
    breaks="ECARD-CALLER",
    because=Text("只比较凭据的公共前缀", "keys are compared over the shorter one's length"),
)
class KeyPrefix(EcardBehaviour):
    """The beginning of a key will do."""

    def role(self, key: str | None, credentials: Mapping[str, str], right: str | None) -> str | None:
        found = (role for role, known in credentials.items() if key and known.startswith(key))
        return next(found, right)


@mutant(
    "ecard/any-role",
    breaks="ECARD-ROLE",
    because=Text("凭据有效即放行，未配置接口权限", "a valid key opens every call: no rights are set up"),
)
class AnyRole(EcardBehaviour):
    """Every role may call everything."""

    def role_may(self, role: str, operation: Operation, right: bool) -> bool:
        return True


@mutant(
    "ecard/verifier-reports",
    breaks="ECARD-ROLE",
    because=Text("内部接口沿用同一组权限", "the internal call shares the rights of the public one"),
)
class VerifierReports(EcardBehaviour):
    """A verifier may report a card's state."""

    def role_may(self, role: str, operation: Operation, right: bool) -> bool:
        return right or (role == "verifier" and operation.id == "REPORT")


@mutant(
    "ecard/form-not-checked",
    breaks="ECARD-REQUEST",
    because=Text("只检查字段是否为文本", "that a field is text is all that is checked"),
)
class FormNotChecked(EcardBehaviour):
    """How the holder authorised may be anything."""

    def field_holds(self, field: Field, value: object, right: bool) -> bool:
        return isinstance(value, str) if field.key == "sceneType" else right


@mutant(
    "ecard/missing-field-is-empty",
    breaks="ECARD-REQUEST",
    because=Text("缺少的字段以默认值代替", "a missing field is replaced by a default"),
)
class MissingField(EcardBehaviour):
    """A missing state counts as the code 1."""

    def default(self, field: Field) -> str | None:
        return "1" if field.key == "aaz502" else None


@mutant(
    "ecard/echo",
    breaks="ECARD-ERROR-BODY",
    because=Text("把收到的内容拼入错误信息，便于排查", "what was received is put into the message, to ease debugging"),
)
class Echo(EcardBehaviour):
    """The message repeats what was sent."""

    def message(self, refusal: Refusal, given: Mapping[str, str], right: Text) -> Text:
        shown = ", ".join(given.values())
        return Text(f"{right.zh}：{shown}", f"{right.en}: {shown}")


@mutant(
    "ecard/unknown-number-made-up",
    breaks="ECARD-UNKNOWN",
    because=Text(
        "查询不到时返回空对象而非错误", "a look-up that finds nothing gives an empty object instead of an error"
    ),
)
class UnknownNumberMadeUp(EcardBehaviour):
    """An unknown number gives an e-card of nobody."""

    def unknown_ecard(self, essc_no: str) -> Ecard | None:
        return Ecard("0" * 32, "0" * 32, "")
