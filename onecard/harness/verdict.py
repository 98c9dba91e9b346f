"""Verdicts and what leads to them."""

from dataclasses import dataclass
from enum import StrEnum

from onecard.spec.text import Text


class Verdict(StrEnum):
    """Verdict of a case or a requirement."""

    PASS = "pass"
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"
    NOT_APPLICABLE = "not-applicable"
    NOT_RUN = "not-run"


SEALED = "sealed"
"""Stands in the evidence for a text that may show sealed data."""


def failure_text(what: str, expected: str, received: str) -> Text:
    """Why a case failed."""
    return Text(zh=f"{what}：期望 {expected}，收到 {received}", en=f"{what}: expected {expected}, received {received}")


def writable(text: str) -> str:
    """A text as evidence can hold it: a lone surrogate (JSON may escape one) stands as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of an answer with what is required.

    ``of``: number of the judged exchange's event, None for a fact that no single exchange shows. ``requirement``: None
    for a preamble step. ``judges``: ``sw`` or ``data``, the part of the answer that was compared. ``secret``: expected
    and received may show data of the answer, and are sealed where the answer (or, with ``across``, any answer of the
    case) holds sealed data: then ``open_expected`` and ``open_received`` stand in their place, which tell of nobody.
    """

    of: int | None
    requirement: str | None
    what: str
    expected: str
    received: str
    ok: bool
    judges: str = "sw"
    judged: bytes = b""
    secret: bool = False
    across: bool = False
    open_expected: str = SEALED
    open_received: str = SEALED

    def __post_init__(self) -> None:
        for name in ("what", "expected", "received"):
            object.__setattr__(self, name, writable(getattr(self, name)))


class CheckFailed(Exception):
    """A check did not hold: the case fails."""

    def __init__(self, check: Check) -> None:
        super().__init__(f"{check.what}: expected {check.expected}, received {check.received}")
        self.check = check


class Inconclusive(Exception):
    """The case could not decide, for a reason that does not lie in the tested statement."""

    def __init__(self, *, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh=zh, en=en)


class PreambleFailed(Inconclusive):
    """A step before the tested one did not work; a case of its own judges that step."""


class Interrupted(Exception):
    """Ctrl-C: raised between two exchanges, so that none is cut in half."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended. ``failed`` is the check that failed; ``why`` explains every verdict but pass."""

    verdict: Verdict
    why: Text | None = None
    failed: Check | None = None
