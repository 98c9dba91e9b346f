"""A small run and the request for its certificate."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from onecard.certificate import CertificateRequest
from onecard.evidence import Writer, file_digest, sm3_name

NOW: Final = datetime(2026, 11, 22, 8, 0, 0, tzinfo=UTC)


def request_for(bundle: Path, final: str, **changes: Any) -> CertificateRequest:
    values: dict[str, Any] = {
        "issued": NOW,
        "valid_until": NOW + timedelta(days=365),
        "tool": "0.1.0",
        "verdict": "pass",
        "scope": "full",
        "synthetic": True,
        "runs": ({"kind": "card", "profile": "card-3.0", "target": "reference:", "cases": {"pass": 1, "fail": 0}},),
        "basis": {"field": 1},
        "exclusions": {"laboratory": 2},
        "digests": {
            "bundle": file_digest(bundle),
            "final": final,
            "specs": sm3_name(b"specs"),
            "suites": sm3_name(b"suites"),
            "vectors": sm3_name(b"vectors"),
            "ics": sm3_name(b"ics"),
        },
    }
    return CertificateRequest(**{**values, **changes})


def write_bundle(folder: Path, *, complete: bool = True, verdict: str = "pass", **header: Any) -> str:
    """A small bundle; returns the footer's final digest."""
    digests = {name: sm3_name(name.encode()) for name in ("specs", "suites", "vectors")}
    writer = Writer.create(
        folder / "run.bundle",
        {"digests": digests, "runs": [{"run": 1, "ics": sm3_name(b"ics")}], "synthetic": True, **header},
    )
    writer.append("apdu", {"c": "0084000008", "r": "01020304050607089000"}, "card/basic/test_challenge")
    writer.append("verdict", {"verdict": "pass"}, "card/basic/test_challenge")
    return writer.close_with_footer({"pass": 1, "verdict": verdict}, complete=complete).final
