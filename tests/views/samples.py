"""A bundle as the harness writes it: two runs on a device, one of every outcome, with sealed values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from onecard.evidence import Bundle, JsonObject, NullSealer, Sealer, Sealing, Writer, mask_exchange, read
from tests.evidence.samples import Clock

HOLDER_CASE = "card/safety/test_holder_file_needs_rkssse[08]"
NUMBER = b"34010019900307" + b"8616"  # synthetic: region of Hefei, a made-up person
RECORD = b"\x08\x12" + NUMBER
SSSE = bytes.fromhex("00A404000F7378312E73682EC9E7BBE1B1A3D5CF")
FCI = bytes.fromhex("6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C038601039000")
ATR = "3B6D00000053570000010203040506070809"[:36]

ITEMS: JsonObject = {
    "card.generation": "3.0",
    "card.algorithm": "sm4",
    "card.ssse_is_mf": True,
    "card.algorithm_identifier": True,
    "card.directory_sfi": 30,
    "card.partial_name_selection": False,
    "card.select_ef_by_p1_00": True,
    "card.pin": True,
    "card.pin_try_limit": 3,
    "card.key_try_limit": 3,
    "card.key_versions": 3,
    "card.citizen": True,
    "card.df05": True,
    "card.df06": False,
    "card.df07": True,
    "card.fingerprint_file": True,
    "card.photo_file": True,
    "card.reserved_files": True,
    "card.secure_update": False,
    "card.medical_offline": True,
    "card.financial": True,
    "card.certificate": True,
    "card.transport": False,
    "card.contactless": True,
    "card.db34t4047": False,
}
PLANNED = [
    HOLDER_CASE,
    "card/select/test_ssse",
    "card/select/test_failed_select_keeps_state",
    "card/pin/test_wrong_pin",
    "card/pin/test_silent",
    "card/pin/test_never_reached",
]


def header(**changes: Any) -> JsonObject:
    """Line 1."""
    return {
        "tool": {"name": "onecard-conformance", "version": "0.1.0"},
        "started": "2026-03-04T05:06:07Z",
        "nonce": "AB" * 16,
        "challenge": None,
        "synthetic": False,
        "independent": True,
        "digests": {"specs": "sm3:" + "1" * 64, "suites": "sm3:" + "2" * 64, "vectors": "sm3:" + "3" * 64},
        "scope": "full",
        "overlays": [],
        "runs": [{"run": 1, "kind": "card", "profile": "card-3.0", "ics": "sm3:" + "4" * 64}],
        **changes,
    }


def run_body(number: int = 1, vendor: str = "某卡厂 <script>alert(1)</script>", **changes: Any) -> JsonObject:
    """The event that opens a run."""
    return {
        "run": number,
        "kind": "card",
        "profile": "card-3.0",
        "target": "pcsc:0",
        "reader": "Virtual PCD 00 00",
        "scope": "non-destructive",
        "key_source": "card-keys",
        "ics": {"profile": "card-3.0", "device": {"vendor": vendor, "model": "S1"}, "claims": [], "items": ITEMS},
        "plan": {
            "cases": PLANNED,
            "out_of_scope": ["card/blocking/test_pin_blocks"],
            "not_applicable": [{"case": "card/holder/test_free", "expression": 'card.generation < "3.0"'}],
            "inapplicable": [{"requirement": "CARD-EF06-READ-FREE", "expression": 'card.generation < "3.0"'}],
            "excluded": [{"requirement": "CARD-ATR-TIMING", "reason": "laboratory"}],
        },
        **changes,
    }


END: JsonObject = {
    "run": 1,
    "verdict": "fail",
    "requirements": [
        {"id": "CARD-EF06-READ", "verdict": "fail", "cases": [HOLDER_CASE], "decides": True},
        {"id": "CARD-SELECT-NAME", "verdict": "pass", "cases": ["card/select/test_ssse"], "decides": True},
        {
            "id": "CARD-SELECT-FAILED-KEEPS",
            "verdict": "fail",
            "cases": ["card/select/test_failed_select_keeps_state"],
            "decides": False,
        },
        {"id": "CARD-PIN-WRONG", "verdict": "inconclusive", "cases": ["card/pin/test_wrong_pin"], "decides": True},
        {"id": "CARD-PIN-VERIFY", "verdict": "error", "cases": ["card/pin/test_silent"], "decides": True},
        {"id": "CARD-PIN-QUERY", "verdict": "not-run", "cases": ["card/pin/test_never_reached"], "decides": True},
    ],
}


class Recorder:
    """Writes the events of cases."""

    def __init__(self, path: Path, head: JsonObject | None = None, sealing: Sealing | None = None) -> None:
        self.path = path
        self.writer = Writer.create(path, head if head is not None else header(), clock=Clock())
        self.sealing: Sealing = sealing if sealing is not None else Sealer(bytes(range(32)))
        self.case = ""

    def begin(self, case: str, *requirements: str, title: str = "A case.") -> int:
        self.case = case
        body = {"case": case, "requirements": list(requirements), "title": title, "sample": "A"}
        return self.writer.append("begin", body, case)

    def reset(self) -> int:
        return self.writer.append("reset", {"kind": "warm", "atr": ATR, "ms": 12.5}, self.case)

    def apdu(self, command: bytes, response: bytes) -> int:
        body = mask_exchange(self.sealing, command, response, frozenset())
        return self.writer.append("apdu", {**body, "ms": 21.4}, self.case)

    def check(self, of: int, requirement: str, what: str, expected: str, received: str, ok: bool) -> int:
        body = {"of": of, "requirement": requirement, "what": what, "expected": expected, "received": received}
        return self.writer.append("check", {**body, "judges": "sw", "digest": "sm3:" + "5" * 64, "ok": ok}, self.case)

    def end(self, verdict: str, why: str | None = None, failed: JsonObject | None = None) -> int:
        told = {"zh": why, "en": why} if why is not None else None
        return self.writer.append(
            "end", {"case": self.case, "verdict": verdict, "why": told, "failed": failed}, self.case
        )

    def holder(self) -> None:
        """A third-generation card that gives the holder's number away."""
        self.begin(HOLDER_CASE, "CARD-EF06-READ", title="Before RKSSSE is authenticated EF06 answers 6982.")
        self.reset()
        self.apdu(SSSE, FCI)
        self.apdu(bytes.fromhex("00A4020002EF06"), bytes.fromhex("9000"))
        n = self.apdu(bytes.fromhex("00B2080014"), RECORD + b"\x90\x00")
        self.check(n, "CARD-EF06-READ", "refusal", "6982", "20 bytes, 9000", False)
        self.end("fail", "refusal: expected 6982", {"requirement": "CARD-EF06-READ", "of": n})

    def passing(self) -> None:
        self.begin("card/select/test_ssse", "CARD-SELECT-NAME")
        n = self.apdu(SSSE, FCI)
        self.check(n, "CARD-SELECT-NAME", "status", "9000", "30 bytes, 9000", True)
        self.end("pass")

    def differing(self) -> None:
        self.begin("card/select/test_failed_select_keeps_state", "CARD-SELECT-FAILED-KEEPS")
        self.apdu(bytes.fromhex("00A4020002EF99"), bytes.fromhex("6A82"))
        n = self.apdu(bytes.fromhex("00B2010412"), bytes.fromhex("6986"))
        self.check(n, "CARD-SELECT-FAILED-KEEPS", "status", "9000", "6986", False)
        self.end("fail", "status: expected 9000, received 6986", {"requirement": "CARD-SELECT-FAILED-KEEPS", "of": n})

    def undecided(self) -> None:
        self.begin("card/pin/test_wrong_pin", "CARD-PIN-WRONG")
        self.writer.append("secret", {"name": "PIN", "value": None}, self.case)
        self.end("inconclusive", "the IXIT names no PIN\x07")

    def silent(self) -> None:
        self.begin("card/pin/test_silent", "CARD-PIN-VERIFY")
        masked = mask_exchange(self.sealing, bytes.fromhex("0020000003123456"), b"", frozenset())
        body = {"c": masked["c"], "sealed": masked["sealed"], "error": "silent", "ms": 5000.0}
        self.writer.append("apdu", body, self.case)
        self.writer.append("note", {"zh": "未能恢复", "en": "not restored (PIN)"}, self.case)
        self.end("error", "no answer within 5 s")

    def everything(self) -> None:
        """One run with every outcome."""
        self.writer.append("run", run_body())
        self.begin("setup", title="Which card is this?")
        self.reset()
        self.end("pass")
        self.writer.append("identity", {"run": 1, "atr": ATR, "identification": None, "raw_t0": True, "sample": "A"})
        self.holder()
        self.passing()
        self.differing()
        self.undecided()
        self.silent()
        self.writer.append("endrun", END)

    def close(self, *, complete: bool = True) -> Bundle:
        self.writer.close_with_footer({}, complete=complete)
        return read(self.path)


def whole_bundle(path: Path) -> Bundle:
    """The bundle with every outcome."""
    recorder = Recorder(path)
    recorder.everything()
    return recorder.close()


def passing_bundle(path: Path, record: Callable[[Recorder], None] | None = None) -> Bundle:
    """A synthetic run that passed; ``record`` may add to it."""
    recorder = Recorder(path, header(synthetic=True), NullSealer())
    body = run_body(target="reference:card-3.0", scope="full")
    body["plan"] = {"cases": ["card/select/test_ssse"]}
    recorder.writer.append("run", body)
    recorder.passing()
    if record is not None:
        record(recorder)
    recorder.writer.append("endrun", {"run": 1, "verdict": "pass", "requirements": [END["requirements"][1]]})
    return recorder.close()
