"""Freedoms of the read-write terminal."""

from collections.abc import Mapping

from emulator.terminal.behaviour import Addressed, TerminalBehaviour
from emulator.terminal.writing_behaviour import Values
from onecard.prove.freedoms.model import Freedom
from onecard.spec.text import Text


class _OtherCodes(TerminalBehaviour):
    """Of codes that may tell the same, the last; the codes of 63Cx the other way round."""

    _OTHERS: Mapping[str, int] = {
        "NO-ENVIRONMENT": -1,
        "INTERNAL-BY-ENCRYPTOR": -25,
        "REMOVED": -4,
        "KEY-INPUT": -42,
        "ORDER": -27013,
        "SAM-KEY": -24,
        "RECORD": -27267,
        "READER": -11,
        "ADDRESS": -14,
        "AUTH-TYPE": -23,
        "PIN-CHARACTERS": -41,
        "SAM-PUK": -24,
        "SAM-STK": -24,
        "SAM-UKSSSE": -24,
        "WRITE-DATA": -42,
        "ATR": -11,
        "PAY-INFO": -14,
        "SAM-DPK": -27272,
        "MAC2": -21,
    }

    def outcome_code(self, outcome: str, right: int) -> int:
        return self._OTHERS.get(outcome, right)

    def status_code(self, sw: int, right: int) -> int:
        return {0x63C2: -0x63C0, 0x63C0: -0x63C2}.get(sw, right)


class _PinByStatus(TerminalBehaviour):
    """A refused PIN is told by minus the card's status word."""

    def pin_refusal(self, sw: int, right: str) -> str | None:
        return None


class _TwelveDigits(TerminalBehaviour):
    """A keypad of 4 to 12 digits, as the draft has it."""

    def pin_length_fits(self, digits: str, right: bool) -> bool:
        return 4 <= len(digits) <= 12


class _MasterFileRoot(TerminalBehaviour):
    """SSSE is 3F00 in file addresses, and by no other name."""

    def address(self, text: str, right: Addressed | None) -> Addressed | None:
        return None if right is None or any(not name.startswith("3F00") for name, _ in right) else right


class _LowerCaseRequest(TerminalBehaviour):
    """The request to the encryptor is written in lower-case hexadecimal."""

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value.lower() for name, value in right.items()}


class _DeviceNumberBehind(TerminalBehaviour):
    """The request to the encryptor ends with the device's number, as in some libraries."""

    def request_text(self, right: str) -> str:
        return f"{right}DEVICE-1|"


class _AmountsOfThree(TerminalBehaviour):
    """The amounts of step 1 of a purchase have 24 digits: the account's too."""

    def debit_request(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "amounts": right["account"] + right["self-paid"] + right["pooled"]}


class _OneFile(TerminalBehaviour):
    """A write acts on one file, as a program has it: an address of several is refused."""

    def write_data(self, text: str, right: Values | None) -> Values | None:
        return None if right is None or len(right) > 1 else right


class _ServesFreely(TerminalBehaviour):
    """Where no key is needed step 1 gives a request with empty fields; the address of UKSSSE is the other one."""

    def asks_without_key(self) -> bool:
        return True

    def item_request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {**right, "key-address": right["key-address"].replace("0094", "0096")}


class _GbkOnly(TerminalBehaviour):
    """A card whose name is not GBK is refused."""

    _NAME = 0x09

    def record_value(self, tag: int, record: bytes, whole: bool) -> bytes | None:
        value = super().record_value(tag, record, whole)
        if value is None or tag != self._NAME:
            return value
        try:
            value.rstrip(b"\x00\xff").decode("gbk")
        except UnicodeDecodeError:
            return None
        return value


FREEDOMS = (
    Freedom(
        "terminal/other-codes",
        Text("多义返回码取另一值", "where two return codes tell the same, the other"),
        behaviour=_OtherCodes,
    ),
    Freedom(
        "terminal/lower-case-request",
        Text("向加密机的请求用小写十六进制", "requests to the encryptor in lower-case hexadecimal"),
        behaviour=_LowerCaseRequest,
    ),
    Freedom(
        "terminal/device-number-behind",
        Text("向加密机的请求末尾有终端设备号", "requests to the encryptor end with the device's number"),
        behaviour=_DeviceNumberBehind,
    ),
    Freedom(
        "terminal/master-file-root",
        Text("文件地址以 3F00 开头", "file addresses begin with 3F00"),
        behaviour=_MasterFileRoot,
    ),
    Freedom(
        "terminal/pin-by-status",
        Text("密码错误时返回状态字的负值", "a wrong PIN is told by the card's status word"),
        behaviour=_PinByStatus,
    ),
    Freedom(
        "terminal/twelve-digits", Text("密码最多 12 位", "a PIN has twelve digits at most"), behaviour=_TwelveDigits
    ),
    Freedom(
        "terminal/amounts-of-three",
        Text("消费第一步的金额为 24 位", "amounts of 24 digits in step 1 of a purchase"),
        behaviour=_AmountsOfThree,
    ),
    Freedom(
        "terminal/no-debit",
        Text("不提供消费函数", "the functions of purchases are not offered"),
        {"terminal.debit": False},
    ),
    Freedom(
        "terminal/no-pin", Text("不提供密码函数", "the functions of the PIN are not offered"), {"terminal.pin": False}
    ),
    Freedom(
        "terminal/one-file-a-write",
        Text("写卡只接受一个文件", "an address of several files is not written"),
        behaviour=_OneFile,
    ),
    Freedom(
        "terminal/steps-without-key",
        Text("无需密钥时第一步仍返回 0", "step 1 returns 0 where no key is needed"),
        behaviour=_ServesFreely,
    ),
    Freedom(
        "terminal/gbk-only",
        Text("拒绝姓名不是 GBK 的卡", "cards whose name is not GBK are refused"),
        behaviour=_GbkOnly,
    ),
    Freedom("terminal/no-writing", Text("不提供 iWriteCard", "iWriteCard is not offered"), {"terminal.writing": False}),
    Freedom("terminal/no-files", Text("不提供 iReadCard", "iReadCard is not offered"), {"terminal.files": False}),
    Freedom("terminal/no-validity", Text("不检查有效性", "validity is not checked"), {"terminal.validity": False}),
    Freedom(
        "terminal/contact-only", Text("不支持非接触寻卡", "no contactless search"), {"terminal.contactless": False}
    ),
    Freedom("terminal/psam-only", Text("仅支持 PSAM 方式", "functions by PSAM only"), {"terminal.encryptor": False}),
    Freedom(
        "terminal/encryptor-only", Text("仅支持加密机方式", "functions by encryptor only"), {"terminal.sam": False}
    ),
)
