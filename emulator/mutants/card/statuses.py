"""Refusals with the wrong status word: the right decision, told wrongly."""

from emulator.card.behaviour import CardBehaviour
from emulator.card.variant import VariantSpec
from emulator.mutants.model import Mutant
from onecard.spec.card import CardSpec
from onecard.spec.text import Text


class WrongStatus(CardBehaviour):
    """One refusal of one command has another status word."""

    def __init__(self, command: str, condition: str, status: int) -> None:
        self._refusal = (command, condition)
        self._status = status

    def status(self, command: str, condition: str, right: int) -> int:
        return self._status if (command, condition) == self._refusal else right


_LUMPED = Text("出错分支合并，只返回一个通用状态字", "the error branches were merged into one general status word")
_ISO = Text("按 ISO/IEC 7816-4 的另一状态字实现", "another status word of ISO/IEC 7816-4 was chosen")
_BANK = Text("沿用金融卡的状态字", "the status word of a banking card was kept")
_BINARY = ("card-2.0", "card-3.0", "card-3.0-anhui")
_SUCCESS = Text("出错分支未设置状态字，保留了 9000", "the error branch sets no status word and 9000 remains")


def _wrong(name: str, breaks: str, command: str, condition: str, status: int, because: Text, *profiles: str) -> Mutant:
    def variant(spec: CardSpec) -> VariantSpec:
        return VariantSpec(behaviour=WrongStatus(command, condition, status))

    return Mutant(f"card/status-{name}-{status:04x}", breaks, because, variant, profiles)


MUTANTS = (
    _wrong("class", "CARD-CLA", "GENERAL", "class", 0x6D00, _LUMPED),
    _wrong("class", "CARD-CLA", "GENERAL", "class", 0x6F00, _LUMPED),
    _wrong("malformed", "CARD-MALFORMED", "GENERAL", "malformed", 0x9000, _SUCCESS),
    _wrong("instruction", "CARD-INS", "GENERAL", "instruction", 0x6E00, _LUMPED),
    _wrong("instruction", "CARD-INS", "GENERAL", "instruction", 0x9000, _SUCCESS),
    _wrong("select-not-found", "CARD-SELECT-NOT-FOUND", "SELECT", "not-found", 0x6A83, _LUMPED),
    _wrong("select-parameters", "CARD-SELECT-PARAMETERS", "SELECT", "parameters", 0x6B00, _ISO),
    _wrong("select-length", "CARD-SELECT-LENGTH", "SELECT", "length", 0x6A87, _ISO),
    _wrong("select-next-not-found", "CARD-SELECT-NEXT", "SELECT", "not-found", 0x9000, _SUCCESS),
    _wrong("read-not-found", "CARD-READ-NOT-FOUND", "READ-RECORD", "record-not-found", 0x6A82, _LUMPED),
    _wrong("read-not-found", "CARD-READ-NOT-FOUND", "READ-RECORD", "record-not-found", 0x9000, _SUCCESS),
    _wrong("read-parameters", "CARD-READ-PARAMETERS", "READ-RECORD", "parameters", 0x6A81, _ISO),
    _wrong("read-sfi", "CARD-READ-SFI", "READ-RECORD", "file-not-found", 0x6A83, _LUMPED),
    _wrong("read-no-current", "CARD-READ-NO-CURRENT", "READ-RECORD", "no-current-ef", 0x6A82, _LUMPED),
    _wrong("read-security", "CARD-EF06-READ", "READ-RECORD", "security", 0x6985, _BANK, "card-3.0"),
    _wrong("read-security", "CARD-EF06-READ", "READ-RECORD", "security", 0x9000, _SUCCESS, "card-3.0"),
    _wrong("update-security", "CARD-UPDATE-REFUSED", "UPDATE-RECORD", "security", 0x6985, _BANK),
    _wrong("update-security", "CARD-UPDATE-REFUSED", "UPDATE-RECORD", "security", 0x9000, _SUCCESS),
    _wrong("verify-not-set", "CARD-VERIFY-NOT-SET", "VERIFY", "not-set", 0x9000, _SUCCESS),
    _wrong("verify-not-set", "CARD-VERIFY-NOT-SET", "VERIFY", "not-set", 0x63C0, _LUMPED),
    _wrong("update-tlv", "CARD-UPDATE-TLV", "UPDATE-RECORD", "tlv", 0x6A80, _ISO),
    _wrong("update-parameters", "CARD-UPDATE-PARAMETERS", "UPDATE-RECORD", "parameters", 0x6B00, _ISO),
    _wrong("update-no-current", "CARD-UPDATE-OTHERS", "UPDATE-RECORD", "no-current-ef", 0x6A82, _LUMPED),
    _wrong("update-sfi", "CARD-UPDATE-OTHERS", "UPDATE-RECORD", "file-not-found", 0x6A83, _LUMPED),
    _wrong("update-length", "CARD-UPDATE-OTHERS", "UPDATE-RECORD", "length", 0x6A80, _ISO),
    _wrong("update-not-found", "CARD-UPDATE-OTHERS", "UPDATE-RECORD", "record-not-found", 0x6A82, _LUMPED),
    _wrong("update-no-room", "CARD-APPEND", "UPDATE-RECORD", "no-room", 0x6A83, _LUMPED),
    _wrong("update-no-room", "CARD-APPEND", "UPDATE-RECORD", "no-room", 0x9000, _SUCCESS),
    _wrong("read-refused", "CARD-READ-REFUSED", "READ-RECORD", "security", 0x6985, _BANK),
    _wrong("cyclic-refused", "CARD-CYCLIC-REFUSED", "UPDATE-RECORD", "security", 0x6985, _BANK),
    _wrong("cyclic-not-found", "CARD-CYCLIC-READ", "READ-RECORD", "record-not-found", 0x6A82, _LUMPED),
    _wrong("bytes-as-record", "CARD-STRUCTURE", "READ-RECORD", "structure", 0x6A82, _LUMPED, *_BINARY),
    _wrong("bytes-written-as-record", "CARD-STRUCTURE", "UPDATE-RECORD", "structure", 0x6A82, _LUMPED, *_BINARY),
    _wrong("record-as-bytes", "CARD-STRUCTURE", "READ-BINARY", "structure", 0x6A82, _LUMPED),
    _wrong("record-written-as-bytes", "CARD-STRUCTURE", "UPDATE-BINARY", "structure", 0x9000, _SUCCESS),
    _wrong("binary-offset", "CARD-READ-BINARY-BEYOND", "READ-BINARY", "offset", 0x6A86, _ISO),
    _wrong("binary-sfi", "CARD-READ-BINARY-SFI", "READ-BINARY", "file-not-found", 0x6A83, _LUMPED),
    _wrong("binary-parameters", "CARD-READ-BINARY-PARAMETERS", "READ-BINARY", "parameters", 0x6B00, _ISO),
    _wrong("binary-no-current", "CARD-READ-BINARY-NO-CURRENT", "READ-BINARY", "no-current-ef", 0x6A82, _LUMPED),
    _wrong("binary-security", "CARD-READ-BINARY-REFUSED", "READ-BINARY", "security", 0x6985, _BANK),
    _wrong("binary-update-security", "CARD-UPDATE-BINARY-REFUSED", "UPDATE-BINARY", "security", 0x6985, _BANK),
    _wrong("binary-update-offset", "CARD-UPDATE-BINARY-BEYOND", "UPDATE-BINARY", "offset", 0x6A84, _ISO),
    _wrong("binary-update-sfi", "CARD-UPDATE-BINARY", "UPDATE-BINARY", "file-not-found", 0x6A83, _LUMPED),
    _wrong("binary-update-length", "CARD-UPDATE-BINARY-OTHERS", "UPDATE-BINARY", "length", 0x6A80, _ISO),
    _wrong("binary-update-parameters", "CARD-UPDATE-BINARY-OTHERS", "UPDATE-BINARY", "parameters", 0x6B00, _ISO),
    _wrong("binary-update-no-current", "CARD-UPDATE-BINARY-OTHERS", "UPDATE-BINARY", "no-current-ef", 0x6A82, _LUMPED),
    _wrong("nothing-waits", "CARD-GET-RESPONSE-NONE", "GET-RESPONSE", "nothing", 0x6985, _ISO),
    _wrong("stale", "CARD-GET-RESPONSE-STALE", "GET-RESPONSE", "nothing", 0x9000, _SUCCESS),
    _wrong("challenge-length", "CARD-CHALLENGE-LENGTH", "GET-CHALLENGE", "length", 0x6C08, _ISO),
    _wrong("challenge-parameters", "CARD-PARAMETERS", "GET-CHALLENGE", "parameters", 0x6B00, _ISO),
    _wrong("internal-parameters", "CARD-PARAMETERS", "INTERNAL-AUTHENTICATE", "parameters", 0x6B00, _ISO),
    _wrong("external-parameters", "CARD-PARAMETERS", "EXTERNAL-AUTHENTICATE", "parameters", 0x6B00, _ISO),
    _wrong("verify-parameters", "CARD-PARAMETERS", "VERIFY", "parameters", 0x6B00, _ISO),
    _wrong("get-response-parameters", "CARD-PARAMETERS", "GET-RESPONSE", "parameters", 0x6B00, _ISO),
    _wrong("internal-length", "CARD-LENGTH", "INTERNAL-AUTHENTICATE", "length", 0x6A80, _ISO),
    _wrong("external-length", "CARD-LENGTH", "EXTERNAL-AUTHENTICATE", "length", 0x6A80, _ISO),
    _wrong("internal-key", "CARD-KEY-UNKNOWN", "INTERNAL-AUTHENTICATE", "key", 0x9403, _BANK),
    _wrong("external-key", "CARD-KEY-UNKNOWN", "EXTERNAL-AUTHENTICATE", "key", 0x9403, _BANK),
    _wrong("no-challenge", "CARD-CHALLENGE-REQUIRED", "EXTERNAL-AUTHENTICATE", "no-challenge", 0x6985, _BANK),
    _wrong("used-challenge", "CARD-CHALLENGE-ONCE", "EXTERNAL-AUTHENTICATE", "no-challenge", 0x9000, _SUCCESS),
    _wrong("lost-challenge", "CARD-CHALLENGE-CONTEXT", "EXTERNAL-AUTHENTICATE", "no-challenge", 0x6982, _LUMPED),
    _wrong("wrong-authentication", "CARD-EXTERNAL-AUTH-WRONG", "EXTERNAL-AUTHENTICATE", "failed", 0x6982, _LUMPED),
    _wrong("wrong-authentication", "CARD-EXTERNAL-AUTH-WRONG", "EXTERNAL-AUTHENTICATE", "failed", 0x9000, _SUCCESS),
    _wrong("key-tries", "CARD-EXTERNAL-AUTH-COUNTER", "EXTERNAL-AUTHENTICATE", "failed", 0x63C0, _LUMPED),
    _wrong("key-blocked", "CARD-EXTERNAL-AUTH-BLOCKED", "EXTERNAL-AUTHENTICATE", "blocked", 0x6982, _LUMPED),
    _wrong("pin-query", "CARD-PIN-QUERY", "VERIFY", "query.set", 0x6700, _LUMPED),
    _wrong("pin-query", "CARD-PIN-QUERY", "VERIFY", "query.set", 0x9000, _SUCCESS),
    _wrong("pin-wrong", "CARD-PIN-WRONG", "VERIFY", "failed", 0x6300, _ISO),
    _wrong("pin-prefix", "CARD-PIN-WHOLE", "VERIFY", "failed", 0x9000, _SUCCESS),
    _wrong("pin-length", "CARD-PIN-LENGTH", "VERIFY", "length", 0x6A80, _ISO),
    _wrong("pin-blocked", "CARD-PIN-BLOCKED", "VERIFY", "blocked", 0x6982, _LUMPED),
)
"""Wrong status words, one for each refusal that a requirement fixes."""
