"""Mistakes of reading a request and of refusing it."""

from collections.abc import Mapping, Sequence
from string import hexdigits

from emulator.hsm.behaviour import HsmBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text


@mutant(
    "hsm/pin-key-address-missing",
    breaks="HSM-KEY-ADDRESS",
    because=Text("密钥地址表缺 0090", "the table of key addresses lacks 0090"),
)
class PinKeyAddressMissing(HsmBehaviour):
    """PUK is not found."""

    def key(self, address: str, right: str | None) -> str | None:
        return None if address == "0090" else right


@mutant(
    "hsm/read-key-elsewhere",
    breaks="HSM-READ-KEY-ADDRESS",
    because=Text("RKSSSE 配置在其它地址", "RKSSSE lies at another address"),
)
class ReadKeyElsewhere(HsmBehaviour):
    """RKSSSE is not found."""

    def key(self, address: str, right: str | None) -> str | None:
        return None if right == "RKSSSE" else right


@mutant(
    "hsm/any-region",
    breaks="HSM-REGION",
    because=Text("未核对行政区划", "the region is not checked"),
)
class AnyRegion(HsmBehaviour):
    """Cards of elsewhere are answered with local keys."""

    def serves(self, region: str, right: bool) -> bool:
        return True


@mutant(
    "hsm/extra-fields-ignored",
    breaks="HSM-FIELD-COUNT",
    because=Text("多余字段被忽略", "fields too many are ignored"),
)
class ExtraFieldsIgnored(HsmBehaviour):
    """What follows the last field is not looked at."""

    def fields(self, given: Sequence[str], expected: int, ended: bool) -> Sequence[str] | None:
        return given[:expected] if ended and len(given) >= expected else None


@mutant(
    "hsm/end-not-needed",
    breaks="HSM-FIELD-COUNT",
    because=Text("末尾分隔符可省", "the last separator may be left out"),
)
class EndNotNeeded(HsmBehaviour):
    """A string that was cut at its end is taken."""

    def fields(self, given: Sequence[str], expected: int, ended: bool) -> Sequence[str] | None:
        return given if len(given) == expected else None


@mutant(
    "hsm/fields-mended",
    breaks="HSM-FIELD-FORM",
    because=Text("短字段补零、长字段截断", "short fields are filled with zeros, long ones cut"),
)
class FieldsMended(HsmBehaviour):
    """A field of any form is worked on."""

    def accepts_field(self, role: str, value: str, right: bool) -> bool:
        return True

    def mended(self, role: str, value: str, length: int) -> str:
        kept = "".join(character if character in hexdigits else "0" for character in value)
        return kept.ljust(length, "0")[:length].upper()


@mutant(
    "hsm/half-pair-as-zeros",
    breaks="HSM-EXTERNAL-PAIR",
    because=Text("缺少的一项被当作零", "the missing one of the pair is taken for zeros"),
)
class HalfPairAsZeros(HsmBehaviour):
    """Half an external pair is computed with zeros."""

    def accepts_optional(self, given: int, of: int) -> bool:
        return True

    def accepts_field(self, role: str, value: str, right: bool) -> bool:
        return right or (role.startswith("external") and value == "")

    def mended(self, role: str, value: str, length: int) -> str:
        return value.ljust(length, "0").upper()


@mutant(
    "hsm/default-algorithm",
    breaks="HSM-ALGORITHM-UNKNOWN",
    because=Text("未知算法按缺省算法计算", "an unknown algorithm is computed by the default one"),
)
class DefaultAlgorithm(HsmBehaviour):
    """Unknown algorithms are taken for 3DES."""

    def algorithm(self, identifier: str, right: str | None) -> str | None:
        return right or "card-2.0"


@mutant(
    "hsm/default-key",
    breaks="HSM-KEY-UNKNOWN",
    because=Text("未知地址取缺省密钥", "a default key is taken for an unknown address"),
)
class DefaultKey(HsmBehaviour):
    """Unknown addresses are taken for UKSSSE."""

    def key(self, address: str, right: str | None) -> str | None:
        return right or "UKSSSE"


@mutant(
    "hsm/service-number-as-integer",
    breaks="HSM-SERVICE-UNKNOWN",
    because=Text("服务号按整数解析", "the service number is parsed as an integer"),
)
class ServiceNumberAsInteger(HsmBehaviour):
    """1 and 001 are taken for 01."""

    def service(self, number: str, known: Sequence[str]) -> str | None:
        return super().service(number.lstrip("0").zfill(2), known)


@mutant(
    "hsm/no-limit",
    breaks="HSM-TOO-LONG",
    because=Text("未限制字符串长度", "the length of the string is not limited"),
)
class NoLimit(HsmBehaviour):
    """Strings of any length are read."""

    def accepts_length(self, length: int, limit: int) -> bool:
        return True


@mutant(
    "hsm/limit-inclusive",
    breaks="HSM-TOO-LONG",
    because=Text("边界比较差一", "the comparison with the limit is off by one"),
)
class LimitInclusive(HsmBehaviour):
    """512 bytes are read."""

    def accepts_length(self, length: int, limit: int) -> bool:
        return length <= limit


@mutant(
    "hsm/upper-case-only",
    breaks="HSM-CASE",
    because=Text("只接受大写十六进制", "only upper-case hexadecimal is taken"),
)
class UpperCaseOnly(HsmBehaviour):
    """Lower case is refused."""

    def accepts_field(self, role: str, value: str, right: bool) -> bool:
        return right and value == value.upper()


@mutant(
    "hsm/credential-id-only",
    breaks="HSM-CREDENTIAL",
    because=Text("只核对调用方标识", "only the caller's id is looked at"),
)
class CredentialIdOnly(HsmBehaviour):
    """Any key serves."""

    def authorised(self, given: tuple[str, str], right: bool) -> bool:
        return right or given[0] != ""


@mutant(
    "hsm/credential-optional",
    breaks="HSM-CREDENTIAL",
    because=Text("没有凭据的请求按内网放行", "a request without a credential is taken for one from inside"),
)
class CredentialOptional(HsmBehaviour):
    """No credential at all serves."""

    def authorised(self, given: tuple[str, str], right: bool) -> bool:
        return right or given == ("", "")


@mutant(
    "hsm/errors-with-200",
    breaks="HSM-TRANSPORT",
    because=Text("错误也以 200 应答", "errors are answered 200 too"),
)
class ErrorsWith200(HsmBehaviour):
    """The HTTP status never tells of an error."""

    def refusal(self, status: int, body: Mapping[str, object], request: str) -> tuple[int, Mapping[str, object]]:
        return 200, body


@mutant(
    "hsm/any-json-value",
    breaks="HSM-TRANSPORT",
    because=Text("未检查请求成员的类型", "the type of the request's member is not checked"),
)
class AnyJsonValue(HsmBehaviour):
    """A list or a number is taken for the string."""

    def reads_request(self, body: Mapping[str, object] | None, member: str) -> str | None:
        return None if body is None else str(body.get(member, ""))
