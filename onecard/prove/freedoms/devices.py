"""Freedoms of PSAM, encryptor and terminal."""

from collections.abc import Mapping

from emulator.hsm.behaviour import HsmBehaviour
from emulator.psam.behaviour import PsamBehaviour
from emulator.terminal.behaviour import TerminalBehaviour
from onecard.prove.freedoms.model import Freedom
from onecard.spec.text import Text


class _WholeBlockMac(PsamBehaviour):
    """The MAC stands at the beginning of a whole block."""

    def mac(self, key: bytes, data: bytes, right: bytes) -> bytes:
        return right.ljust(len(key), b"\x5a")


class _SingleTail(HsmBehaviour):
    """Without the external part the answer ends in one separator."""

    def response(self, right: str) -> str:
        return right.replace("||", "|")


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
    }

    def outcome_code(self, outcome: str, right: int) -> int:
        return self._OTHERS.get(outcome, right)

    def status_code(self, sw: int, right: int) -> int:
        return {0x63C2: -0x63C0, 0x63C0: -0x63C2}.get(sw, right)


class _LowerCaseRequest(TerminalBehaviour):
    """The request to the encryptor is written in lower-case hexadecimal."""

    def request_values(self, right: Mapping[str, str]) -> Mapping[str, str]:
        return {name: value.lower() for name, value in right.items()}


FREEDOMS = (
    Freedom(
        "psam/whole-block-mac", Text("鉴别数据位于整块之首", "the MAC begins a whole block"), behaviour=_WholeBlockMac
    ),
    Freedom("psam/no-read-key", Text("未装载 RKSSSE", "RKSSSE is not loaded"), {"psam.read_key": False}),
    Freedom("hsm/single-tail", Text("应答以单个分隔符结尾", "answers end in one separator"), behaviour=_SingleTail),
    Freedom("hsm/city", Text("持有市级密钥", "it holds the keys of a city"), {"hsm.level": "city"}),
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
    Freedom("terminal/no-validity", Text("不检查有效性", "validity is not checked"), {"terminal.validity": False}),
    Freedom(
        "terminal/contact-only", Text("不支持非接触寻卡", "no contactless search"), {"terminal.contactless": False}
    ),
    Freedom("terminal/psam-only", Text("仅支持 PSAM 方式", "functions by PSAM only"), {"terminal.encryptor": False}),
    Freedom(
        "terminal/encryptor-only", Text("仅支持加密机方式", "functions by encryptor only"), {"terminal.sam": False}
    ),
)
