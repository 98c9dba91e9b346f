"""Mistakes in what is refused of a message: form, fields, application, time, repetition."""

from emulator.mutants.model import mutant
from emulator.partner.behaviour import PartnerBehaviour
from onecard.spec.partner import Field
from onecard.spec.text import Text


@mutant(
    "partner/last-of-two-keys",
    breaks="PARTNER-FORM",
    because=Text("解析器对重复键取最后一个", "the parser takes the last of two equal keys"),
)
class LastOfTwoKeys(PartnerBehaviour):
    """The default of most parsers."""

    def refuses_twice(self, key: str) -> bool:
        return key != "appId"


@mutant(
    "partner/body-of-any-length",
    breaks="PARTNER-FORM",
    because=Text("报文长度不限", "bodies of any length are read"),
)
class BodyOfAnyLength(PartnerBehaviour):
    """No limit was set in the server."""

    def body_fits(self, length: int, right: bool) -> bool:
        return True


@mutant(
    "partner/body-one-byte-short",
    breaks="PARTNER-FORM",
    because=Text("长度上限少算一字节", "the limit is off by one"),
)
class BodyOneByteShort(PartnerBehaviour):
    """Less-than in place of at-most."""

    def body_fits(self, length: int, right: bool) -> bool:
        return right and length != 16384


@mutant(
    "partner/enc-type-ignored",
    breaks="PARTNER-FIELDS",
    because=Text("不看 encType，一律按 SM4 处理", "encType is not looked at: everything counts as SM4"),
)
class EncTypeIgnored(PartnerBehaviour):
    """There was only ever one value."""

    def field_fits(self, field: Field, value: str | None, right: bool) -> bool:
        return right or field.id == "PARTNER/FIELD/ENC-TYPE"


@mutant(
    "partner/message-id-of-any-form",
    breaks="PARTNER-FIELDS",
    because=Text("报文编号只查有无", "the message id is only looked for"),
)
class MessageIdOfAnyForm(PartnerBehaviour):
    """Its form is not checked."""

    def field_fits(self, field: Field, value: str | None, right: bool) -> bool:
        return right or (field.id == "PARTNER/FIELD/MSG-ID" and bool(value))


@mutant(
    "partner/any-transaction",
    breaks="PARTNER-FIELDS",
    because=Text("交易类型与接口不符也受理", "the kind of transaction is not compared with the operation"),
)
class AnyTransaction(PartnerBehaviour):
    """The path alone decides."""

    def transaction_fits(self, given: str, expected: str) -> bool:
        return True


@mutant(
    "partner/any-application",
    breaks="PARTNER-APPLICATION",
    because=Text("只有一个应用，未比较应用编号", "with one application nobody compares its id"),
)
class AnyApplication(PartnerBehaviour):
    """The signature is held to be enough."""

    def knows_application(self, app_id: str, right: bool) -> bool:
        return True


@mutant(
    "partner/timestamp-not-checked",
    breaks="PARTNER-TIMESTAMP",
    because=Text("未检查时间戳", "the time stamp is not checked"),
)
class TimestampNotChecked(PartnerBehaviour):
    """Clocks differ, so the check was taken out."""

    def timestamp_fits(self, age: int, right: bool) -> bool:
        return True


@mutant(
    "partner/future-taken",
    breaks="PARTNER-TIMESTAMP",
    because=Text("只检查过去一侧", "only the past is checked"),
)
class FutureTaken(PartnerBehaviour):
    """``now - timestamp > window`` alone."""

    def timestamp_fits(self, age: int, right: bool) -> bool:
        return right or age < 0


@mutant(
    "partner/window-open-at-its-end",
    breaks="PARTNER-TIMESTAMP-EDGE",
    because=Text("时间窗用了小于而非不大于", "less-than where at-most is meant"),
)
class WindowOpenAtItsEnd(PartnerBehaviour):
    """The last second is refused."""

    def timestamp_fits(self, age: int, right: bool) -> bool:
        return right and abs(age) != 300_000


@mutant(
    "partner/zone-ignored",
    breaks="PARTNER-TIMESTAMP",
    because=Text("时区按 UTC 也接受", "time stamps eight hours off, of a server in UTC, are taken as well"),
)
class ZoneIgnored(PartnerBehaviour):
    """A workaround for a server whose zone is not set."""

    def timestamp_fits(self, age: int, right: bool) -> bool:
        return right or abs(abs(age) - 8 * 3_600_000) < 60_000


@mutant(
    "partner/replay-taken",
    breaks="PARTNER-REPLAY",
    because=Text("未记录已用的报文编号", "used message ids are not kept"),
)
class ReplayTaken(PartnerBehaviour):
    """The time window is held to be enough."""

    def is_replay(self, msg_id: str, right: bool) -> bool:
        return False


@mutant(
    "partner/message-id-kept-too-early",
    breaks="PARTNER-REFUSED-HARMLESS",
    because=Text("验签前就登记报文编号", "the message id is kept before the message is verified"),
)
class MessageIdKeptTooEarly(PartnerBehaviour):
    """A filter against replay stands in front of everything else."""

    def keeps_before_checks(self) -> bool:
        return True
