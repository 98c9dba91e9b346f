"""Expectations: each comparison is recorded, and the first that does not hold ends the case."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from onecard.harness.verdict import Check, Inconclusive
from onecard.spec.build import status_of

if TYPE_CHECKING:
    from onecard.harness.card import CardUnderTest, Response


class Expectation:
    """What is expected of one answer. Methods chain; a failure names ``requirement``."""

    def __init__(self, response: "Response", requirement: str | None) -> None:
        self._response = response
        self._requirement = requirement or response.card.default_requirement

    def _check(self, ok: bool, what: str, expected: str, received: str, judges: str, secret: bool = False) -> Self:
        response = self._response
        check = Check(
            of=response.event,
            requirement=self._requirement,
            what=what,
            expected=expected,
            received=received,
            ok=ok,
            judges=judges,
            judged=response.data + response.sw.to_bytes(2, "big"),
            secret=secret,
        )
        response.card.record(check)
        return self

    def ok(self) -> Self:
        """Status 9000."""
        status = self._response.card.spec.general.ok
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


def expect(response: "Response", requirement: str | None = None) -> Expectation:
    """Begin an expectation about an answer."""
    return Expectation(response, requirement)


def check(
    card: "CardUnderTest", ok: bool, *, what: str, expected: str, received: str, requirement: str | None = None
) -> None:
    """A fact that no single answer shows (an ATR, a comparison of two answers)."""
    card.record(
        Check(
            card.last_event,
            requirement or card.default_requirement,
            what,
            expected,
            received,
            ok,
            "data",
            # The whole of the last answer: a fact that looks at a part of it must not leave the rest unjudged.
            card.last_answer + received.encode(),
            secret=True,
            across=True,
        )
    )
