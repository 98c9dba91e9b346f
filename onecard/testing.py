"""The face of the harness for suites."""

from onecard.harness.apdu import Apdu
from onecard.harness.card import CardUnderTest, Response
from onecard.harness.case import destructive, for_each, verifies
from onecard.harness.expect import check, expect
from onecard.harness.verdict import Inconclusive, PreambleFailed

__all__ = [
    "Apdu",
    "CardUnderTest",
    "Inconclusive",
    "PreambleFailed",
    "Response",
    "check",
    "destructive",
    "expect",
    "for_each",
    "verifies",
]
