"""Mistakes of T=0, GET RESPONSE, dispatch and lengths."""

from emulator.card.behaviour import CardBehaviour
from emulator.mutants.model import mutant
from onecard.spec.text import Text

_AUTHENTICATIONS = ("INTERNAL-AUTHENTICATE", "EXTERNAL-AUTHENTICATE")
_GET_RESPONSE = 0xC0


@mutant(
    "card/authentication-data-not-announced",
    breaks="CARD-T0-MORE-DATA",
    because=Text(
        "内部鉴别按 APDU 级实现，未考虑 T=0", "INTERNAL AUTHENTICATE was written at APDU level, without T=0 in mind"
    ),
)
class AuthenticationDataNotAnnounced(CardBehaviour):
    """INTERNAL AUTHENTICATE gives its data at once (where SELECT does so too, the reader is taken to hide T=0)."""

    def announces(self, command: str) -> bool:
        return command != "INTERNAL-AUTHENTICATE"


@mutant(
    "card/announced-length-without-header",
    breaks="CARD-T0-MORE-DATA",
    because=Text("61xx 报告的是模板内长度", "61xx reports the length within the template"),
)
class AnnouncedLengthWithoutHeader(CardBehaviour):
    """61xx is two short."""

    def announced_length(self, command: str, actual: int) -> int:
        return actual - 2


@mutant(
    "card/announced-length-zero",
    breaks="CARD-T0-MORE-DATA",
    because=Text(
        "鉴别结果固定以 6100 应答，由终端自行询问", "the result is announced by 6100 and the terminal left to ask"
    ),
)
class AnnouncedLengthZero(CardBehaviour):
    """61xx of INTERNAL AUTHENTICATE is always 6100."""

    def announced_length(self, command: str, actual: int) -> int:
        return 0 if command == "INTERNAL-AUTHENTICATE" else actual


@mutant(
    "card/short-le-truncates",
    breaks="CARD-T0-WRONG-LE",
    because=Text("Le 小于实际长度时截断", "a smaller Le is taken as a wish for a part"),
)
class ShortLeTruncates(CardBehaviour):
    """READ RECORD with a small Le gives the first bytes."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right or (command == "READ-RECORD" and 0 < expected < actual)


@mutant(
    "card/le-zero-means-all",
    breaks="CARD-T0-WRONG-LE",
    because=Text("Le 为 00 按 APDU 级理解为“全部”", "Le 00 is read as 'everything', as at APDU level"),
)
class LeZeroMeansAll(CardBehaviour):
    """READ RECORD with Le 00 gives the record."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right or (command == "READ-RECORD" and expected == 0)


@mutant(
    "card/long-le-gives-what-there-is",
    breaks="CARD-T0-WRONG-LE",
    because=Text("Le 过大时按实际长度返回", "a larger Le is answered with what there is"),
)
class LongLeGivesWhatThereIs(CardBehaviour):
    """READ RECORD with a large Le gives the record."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right or (command == "READ-RECORD" and expected > actual)


@mutant(
    "card/6cxx-without-header",
    breaks="CARD-T0-WRONG-LE",
    because=Text(
        "6Cxx 报告的是值的长度，未计标签与长度字节", "6Cxx reports the length of the value without tag and length"
    ),
)
class WrongLengthWithoutHeader(CardBehaviour):
    """6Cxx is two short."""

    def reported_length(self, command: str, expected: int, actual: int) -> int:
        return actual - 2


@mutant(
    "card/6cxx-says-what-was-asked",
    breaks="CARD-T0-WRONG-LE",
    because=Text("6Cxx 回填了请求的 Le", "6Cxx is filled with the Le of the command"),
)
class WrongLengthEchoed(CardBehaviour):
    """6Cxx names the Le that was wrong."""

    def reported_length(self, command: str, expected: int, actual: int) -> int:
        return expected


@mutant(
    "card/data-fetched-twice",
    breaks="CARD-GET-RESPONSE-NONE",
    because=Text("取走后未清除发送缓冲区的长度", "the length of the send buffer is not cleared after it was fetched"),
)
class DataFetchedTwice(CardBehaviour):
    """A second GET RESPONSE gives the same data again."""

    def __init__(self) -> None:
        self._last = b""

    def answer(self, command: bytes, right: bytes) -> bytes | None:
        if command[1:2] != bytes((_GET_RESPONSE,)):
            self._last = b""
        elif len(right) > 2:
            self._last = right
        elif right == b"\x6f\x00" and self._last:
            return self._last
        return right


@mutant(
    "card/data-waits-through-reset",
    breaks="CARD-GET-RESPONSE-NONE",
    because=Text("复位未清 RAM 中的响应缓冲区", "the response buffer in RAM is not cleared by a reset"),
)
class DataWaitsThroughReset(CardBehaviour):
    """GET RESPONSE after a reset gives the data of before."""

    def waiting_after_reset(self, waiting: bytes) -> bytes:
        return waiting


@mutant(
    "card/get-response-wrong-le-loses-data",
    breaks="CARD-GET-RESPONSE-LE",
    because=Text("返回 6Cxx 前已清除缓冲区", "the buffer is cleared before 6Cxx is answered"),
)
class WrongLeLosesData(CardBehaviour):
    """After 6Cxx nothing waits any more."""

    def waiting_after_wrong_length(self, waiting: bytes) -> bytes:
        return b""


@mutant(
    "card/get-response-le-zero-gives-all",
    breaks="CARD-GET-RESPONSE-LE",
    because=Text("Le 为 00 按“全部”处理", "Le 00 is read as 'everything'"),
)
class GetResponseLeZeroGivesAll(CardBehaviour):
    """GET RESPONSE with Le 00 gives the data."""

    def accepts_expected_length(self, command: str, expected: int, actual: int, right: bool) -> bool:
        return right or (command == "GET-RESPONSE" and expected == 0)


@mutant(
    "card/stale-data-always",
    breaks="CARD-GET-RESPONSE-STALE",
    because=Text("只有 GET RESPONSE 清除缓冲区", "only GET RESPONSE itself clears the buffer"),
)
class StaleDataAlways(CardBehaviour):
    """Waiting data outlives every other command."""

    def drops_waiting(self, command: str) -> bool:
        return False


@mutant(
    "card/stale-data-after-reading",
    breaks="CARD-GET-RESPONSE-STALE",
    because=Text(
        "情形2命令不使用该缓冲区，因而未清除", "case-2 commands do not use the buffer, so they do not clear it"
    ),
)
class StaleDataAfterReading(CardBehaviour):
    """Waiting data outlives READ RECORD and GET CHALLENGE."""

    def drops_waiting(self, command: str) -> bool:
        return super().drops_waiting(command) and command not in ("READ-RECORD", "GET-CHALLENGE")


@mutant(
    "card/class-ignored",
    breaks="CARD-CLA",
    because=Text("只按 INS 分派命令", "commands are dispatched by INS alone"),
)
class ClassIgnored(CardBehaviour):
    """Any class is taken for 00."""

    def accepts_class(self, cla: int) -> bool:
        return True


@mutant(
    "card/authentication-length-ignored",
    breaks="CARD-LENGTH",
    because=Text(
        "使用接收缓冲区的固定偏移，不检查 Lc", "fixed offsets of the receive buffer are used and Lc is not looked at"
    ),
)
class AuthenticationLengthIgnored(CardBehaviour):
    """The authentications take any Lc."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or command in _AUTHENTICATIONS


@mutant(
    "card/longer-authentication-accepted",
    breaks="CARD-LENGTH",
    because=Text("仅检查 Lc 下限", "only the lower bound of Lc is checked"),
)
class LongerAuthenticationAccepted(CardBehaviour):
    """INTERNAL AUTHENTICATE takes more than its data."""

    def accepts_length(self, command: str, length: int, right: bool) -> bool:
        return right or (command == "INTERNAL-AUTHENTICATE" and length > 17)


@mutant(
    "card/challenge-parameters-ignored",
    breaks="CARD-PARAMETERS",
    because=Text("GET CHALLENGE 不检查 P1、P2", "GET CHALLENGE does not look at P1 and P2"),
)
class ChallengeParametersIgnored(CardBehaviour):
    """GET CHALLENGE takes any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == "GET-CHALLENGE"


@mutant(
    "card/authentication-p1-ignored",
    breaks="CARD-PARAMETERS",
    because=Text("鉴别命令只看 P2 中的密钥标识", "the authentications look at the key id in P2 only"),
)
class AuthenticationP1Ignored(CardBehaviour):
    """Both authentications take any P1."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command in _AUTHENTICATIONS


@mutant(
    "card/verify-parameters-ignored",
    breaks="CARD-PARAMETERS",
    because=Text("卡内只有一个密码，P2 未检查", "there is but one PIN, so P2 is not looked at"),
)
class VerifyParametersIgnored(CardBehaviour):
    """VERIFY takes any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == "VERIFY"


@mutant(
    "card/get-response-parameters-ignored",
    breaks="CARD-PARAMETERS",
    because=Text(
        "GET RESPONSE 由传输层处理，不看 P1、P2", "GET RESPONSE is done by the transport layer, which ignores P1 and P2"
    ),
)
class GetResponseParametersIgnored(CardBehaviour):
    """GET RESPONSE takes any P1 and P2."""

    def accepts_parameters(self, command: str, p1: int, p2: int, right: bool) -> bool:
        return right or command == "GET-RESPONSE"
