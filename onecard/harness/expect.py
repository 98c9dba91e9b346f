"""Expectations: each comparison is recorded, and the first that does not hold ends the case."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, Self, overload

from onecard.harness.messages import CallResult, Octets, Reply
from onecard.harness.verdict import SEALED, Check, Inconclusive, writable
from onecard.spec.build import status_of

if TYPE_CHECKING:
    from onecard.harness.apdu_subject import Response
    from onecard.harness.subject import Subject


class _Answer(Protocol):
    """What any expectation needs of an answer."""

    @property
    def subject(self) -> "Subject": ...

    @property
    def event(self) -> int: ...

    @property
    def judged(self) -> bytes: ...


class _Expected:
    """What is expected of one answer. Methods chain; a failure names ``requirement``."""

    def __init__(self, answer: _Answer, requirement: str | None) -> None:
        self._answer = answer
        self._requirement = requirement or answer.subject.default_requirement

    def _check(
        self,
        ok: bool,
        what: str,
        expected: str,
        received: str,
        judges: str,
        secret: bool = False,
        told: tuple[str, str] = (SEALED, SEALED),
    ) -> Self:
        """``told``: what stands for expected and received where the answer is sealed."""
        answer = self._answer
        check = Check(
            of=answer.event,
            requirement=self._requirement,
            what=what,
            expected=expected,
            received=received,
            ok=ok,
            judges=judges,
            judged=answer.judged,
            secret=secret,
            open_expected=told[0],
            open_received=told[1],
        )
        answer.subject.record(check)
        return self


class Expectation(_Expected):
    """What is expected of an answer to a command APDU."""

    def __init__(self, response: "Response", requirement: str | None) -> None:
        super().__init__(response, requirement)
        self._response = response

    def ok(self) -> Self:
        """Status 9000."""
        status = self._response.subject.success
        return self._check(status.matches(self._response.sw), "status", status.text, self._response.shown(), "sw")

    def sw(self, *patterns: str) -> Self:
        """One of the status words; ``x`` stands for any digit."""
        ok = any(status_of(pattern).matches(self._response.sw) for pattern in patterns)
        return self._check(ok, "status", " or ".join(patterns), self._response.shown(), "sw")

    def refused_with(self, *patterns: str) -> Self:
        """One of the status words, and no data."""
        ok = any(status_of(pattern).matches(self._response.sw) for pattern in patterns) and not self._response.data
        return self._check(ok, "refusal", " or ".join(patterns), self._response.shown(), "data")

    def refused(self) -> Self:
        """An error status of the card's choice, and no data."""
        first = self._response.sw >> 8
        ok = first not in (0x90, 0x61, 0x62) and not self._response.data
        return self._check(ok, "refusal", "an error status without data", self._response.shown(), "data")

    def tries_left(self, count: int) -> Self:
        """63Cn with exactly ``count`` tries left."""
        return self._check(
            self._response.sw == 0x63C0 | count, "tries left", f"63C{count:X}", self._response.shown(), "sw"
        )

    def length(self, count: int) -> Self:
        """Exactly ``count`` bytes of data."""
        found = len(self._response.data)
        return self._check(found == count, "length", f"{count} bytes", f"{found} bytes", "data")

    def data(self, expected: bytes, what: str = "data") -> Self:
        """Exactly these bytes."""
        found = self._response.data
        return self._check(found == expected, what, expected.hex().upper(), found.hex().upper(), "data", secret=True)

    def starts_with(self, expected: bytes, what: str = "first bytes") -> Self:
        """Data that begin with these bytes."""
        found = self._response.data[: len(expected)]
        return self._check(found == expected, what, expected.hex().upper(), found.hex().upper(), "data")

    def conforms(self, function: Callable[[bytes], object], what: str) -> Self:
        """Data that a parser of the oracle accepts; its explanation becomes what was received."""
        try:
            function(self._response.data)
        except Inconclusive:
            raise
        except ValueError as error:
            shown = f"{self._response.data.hex().upper()}: {error}"
            return self._check(False, what, what, shown, "data", secret=True)
        return self._check(True, what, what, "conforms", "data")


class ReplyExpectation(_Expected):
    """What is expected of a service's answer."""

    def __init__(self, reply: Reply, requirement: str | None) -> None:
        super().__init__(reply, requirement)
        self._reply = reply

    def status(self, *statuses: int) -> Self:
        """One of the HTTP statuses."""
        expected = " or ".join(str(status) for status in statuses)
        return self._check(
            self._reply.status in statuses,
            "status",
            expected,
            self._reply.shown(),
            "sw",
            secret=True,
            told=self._told(expected),
        )

    def json(self) -> Self:
        """A complete JSON object that says so of itself."""
        declared = self._reply.headers.get("content-type", "").partition(";")[0].strip().lower()
        ok = declared == "application/json" and isinstance(self._reply.json, dict)
        return self._check(
            ok,
            "form",
            "an application/json object",
            self._reply.shown(),
            "data",
            secret=True,
            told=self._told("an application/json object"),
        )

    def field(self, path: str, expected: object) -> Self:
        """Exactly this value at a dotted path (a number is not its text, true is not 1)."""
        found = self._reply.find(path)
        ok = found == expected and type(found) is type(expected)
        return self._check(ok, path, f"{path} = {expected!r}", self._at(path, found), "data", secret=True)

    def has(self, path: str) -> Self:
        """Some value at a dotted path."""
        found = self._reply.find(path)
        return self._check(found is not None, path, f"{path} is present", self._at(path, found), "data", secret=True)

    def lacks(self, path: str) -> Self:
        """Nothing at a dotted path."""
        found = self._reply.find(path)
        return self._check(found is None, path, f"{path} is absent", self._at(path, found), "data", secret=True)

    def matches(self, path: str, function: Callable[[Any], object], what: str) -> Self:
        """A value that a parser of the oracle accepts (it raises ValueError with the reason otherwise)."""
        found = self._reply.find(path)
        try:
            function(found)
        except (ValueError, TypeError, KeyError) as error:
            return self._check(False, what, what, f"{self._at(path, found)}: {error}", "data", secret=True)
        return self._check(True, what, what, "conforms", "data")

    def without(self, text: str, what: str) -> Self:
        """A body in which ``text`` does not occur, nor in the values that the escapes of its JSON stand for."""
        ok = text not in self._reply.text and text not in json.dumps(self._reply.json, ensure_ascii=False)
        return self._check(ok, what, f"{what} does not occur", self._reply.shown(), "data", secret=True)

    def refused(self, *statuses: int, code: str | None = None) -> Self:
        """One of the statuses (any from 400 to 499 when none is given), as a JSON error that names a code."""
        allowed = statuses or range(400, 500)
        ok = self._reply.status in allowed and isinstance(self._reply.find("code"), str)
        ok = ok and (code is None or self._reply.find("code") == code)
        expected = f"refused with {' or '.join(map(str, statuses)) or '4xx'}, code {code or 'of its choice'}"
        return self._check(ok, "refusal", expected, self._reply.shown(), "data", secret=True, told=self._told(expected))

    def _told(self, expected: str) -> tuple[str, str]:
        return expected, self._reply.brief()

    def _at(self, path: str, found: object) -> str:
        return f"{path} = {found!r} in {self._reply.shown()}"


class CallExpectation(_Expected):
    """What is expected of a function's result."""

    def __init__(self, result: CallResult, requirement: str | None) -> None:
        super().__init__(result, requirement)
        self._result = result

    def returns(self, *values: int) -> Self:
        """One of the return values."""
        expected = " or ".join(str(value) for value in values)
        return self._check(
            self._result.value in values,
            "return value",
            expected,
            self._result.shown(),
            "sw",
            secret=True,
            told=(expected, str(self._result.value)),
        )

    def fails(self) -> Self:
        """Some error code (below 0)."""
        return self._check(
            self._result.value < 0,
            "return value",
            "below 0",
            self._result.shown(),
            "sw",
            secret=True,
            told=("below 0", str(self._result.value)),
        )

    def out(self, expected: str, what: str = "output") -> Self:
        """Exactly this output."""
        return self._check(self._result.out == expected, what, expected, self._result.out, "data", secret=True)

    def conforms(self, function: Callable[[CallResult], object], what: str) -> Self:
        """A result that a judge of the oracle accepts (it raises ValueError with the reason otherwise)."""
        try:
            function(self._result)
        except (ValueError, KeyError, IndexError) as error:
            return self._check(False, what, what, f"{self._result.shown()}: {error}", "data", secret=True)
        return self._check(True, what, what, "conforms", "data")


class OctetsExpectation(_Expected):
    """What is expected of the bytes of a connection."""

    def __init__(self, octets: Octets, requirement: str | None) -> None:
        super().__init__(octets, requirement)
        self._octets = octets

    def conforms(self, function: Callable[[bytes], object], what: str) -> Self:
        """Bytes that a judge of the oracle accepts (it raises ValueError with the reason otherwise)."""
        try:
            function(self._octets.data)
        except (ValueError, KeyError) as error:
            return self._check(False, what, what, f"{self._octets.shown()}: {error}", "data", secret=True)
        return self._check(True, what, what, "conforms", "data")


@overload
def expect(answer: "Response", requirement: str | None = None) -> Expectation: ...
@overload
def expect(answer: Reply, requirement: str | None = None) -> ReplyExpectation: ...
@overload
def expect(answer: CallResult, requirement: str | None = None) -> CallExpectation: ...
@overload
def expect(answer: Octets, requirement: str | None = None) -> OctetsExpectation: ...
def expect(
    answer: "Response | Reply | CallResult | Octets", requirement: str | None = None
) -> Expectation | ReplyExpectation | CallExpectation | OctetsExpectation:
    """Begin an expectation about an answer."""
    if isinstance(answer, Octets):
        return OctetsExpectation(answer, requirement)
    if isinstance(answer, Reply):
        return ReplyExpectation(answer, requirement)
    if isinstance(answer, CallResult):
        return CallExpectation(answer, requirement)
    return Expectation(answer, requirement)


def check(
    subject: "Subject", ok: bool, *, what: str, expected: str, received: str, requirement: str | None = None
) -> None:
    """A fact that no single answer shows (an ATR, a comparison of two answers)."""
    subject.record(
        Check(
            subject.last_event,
            requirement or subject.default_requirement,
            what,
            expected,
            received,
            ok,
            "data",
            # The whole of the last answer: a fact that looks at a part of it must not leave the rest unjudged.
            subject.last_answer + writable(received).encode(),
            secret=True,
            across=True,
        )
    )
